//! A folder, page by page: one request each, up to 1,000 names.

use super::{Entry, timestamp};
use crate::error::{Code, Error, Operation, Result};
use crate::names;
use crate::storage::Storage;
use aws_sdk_s3::types::EncodingType;
use std::collections::HashSet;

/// What one request brought.
#[derive(Debug, Default)]
pub struct Page {
    /// Full names below the place, each with `/` at its end.
    pub folders: Vec<String>,
    pub files: Vec<Entry>,
}

/// The pages of one folder.
pub struct Pages {
    storage: Storage,
    prefix: String,
    recursive: bool,
    marks: bool,
    /// Shows what is never shown among the files.
    share_folder: bool,
    after: Option<String>,
    token: Option<String>,
    /// Where pages began. A store that comes back to one would never end.
    passed: HashSet<String>,
    ended: bool,
}

impl Pages {
    /// `folder` is empty or ends with `/`.
    pub fn new(storage: &Storage, folder: &str, recursive: bool) -> Self {
        let prefix = storage.place().key(folder);
        let (storage, passed) = (storage.clone(), HashSet::new());
        Pages {
            storage,
            prefix,
            recursive,
            marks: false,
            share_folder: false,
            after: None,
            token: None,
            passed,
            ended: false,
        }
    }

    /// What is in the share folder itself; `recursive` with everything below it.
    pub(crate) fn of_share_folder(storage: &Storage, recursive: bool) -> Self {
        let folder = storage.place().share_folder.clone();
        Pages { share_folder: true, ..Pages::new(storage, &folder, recursive) }
    }

    /// Everything in one folder of the share folder.
    pub(crate) fn in_share_folder(storage: &Storage, folder: &str) -> Self {
        Pages { share_folder: true, ..Pages::new(storage, folder, true) }
    }

    /// Only names that come after this full name below the place.
    #[must_use]
    pub(crate) fn after(mut self, name: &str) -> Self {
        self.after = Some(self.storage.place().key(name));
        self
    }

    /// Tells among the files also the marks of folders, objects of no bytes with `/` at the end of their names: without
    /// them nobody would know of a folder that has nothing in it.
    #[must_use]
    pub(crate) fn with_marks(mut self) -> Self {
        self.marks = true;
        self
    }

    /// Whether the store said that there is more.
    pub fn has_more(&self) -> bool {
        !self.ended
    }

    /// The next page. After an error the same page is asked for again.
    ///
    /// # Errors
    /// `ListDenied`, `PlaceNotFound` and what the connection says. A list that could not be read is never an empty one.
    ///
    /// # Cancellation
    /// Nothing is lost: the next call asks for the same page.
    pub async fn next(&mut self) -> Option<Result<Page>> {
        if self.ended {
            return None;
        }
        Some(self.read().await.map_err(|error| error.with("folder", self.folder_label())))
    }

    async fn read(&mut self) -> Result<Page> {
        let storage = &self.storage;
        let answer = storage.call(Operation::List, |client| {
            let request =
                client.list_objects_v2().bucket(storage.bucket()).prefix(&self.prefix).encoding_type(EncodingType::Url);
            let request = if self.recursive { request } else { request.delimiter("/") };
            request.set_start_after(self.after.clone()).set_continuation_token(self.token.clone()).send()
        });
        let answer = answer.await?;
        // A page of another kind than asked for is no listing: a web page that parses as nothing, for example.
        if answer.name().is_none()
            && answer.key_count().is_none()
            && answer.contents().is_empty()
            && answer.common_prefixes().is_empty()
        {
            return Err(storage.named(Error::new(Code::CaptivePortal, Operation::List)));
        }
        let encoded = answer.encoding_type() == Some(&EncodingType::Url);
        let next = answer.next_continuation_token().map(str::to_owned);
        let more = answer.is_truncated().unwrap_or(false);
        if more && next.as_ref().is_none_or(|next| self.passed.contains(next)) {
            return Err(storage.named(Error::new(Code::Unknown, Operation::List)));
        }
        let mut page = Page::default();
        for prefix in answer.common_prefixes() {
            let Some(name) = prefix.prefix().and_then(|key| self.name(key, encoded)) else { continue };
            if self.share_folder || !storage.place().is_in_share_folder(&name) {
                page.folders.push(name);
            }
        }
        for object in answer.contents() {
            let Some(name) = object.key().and_then(|key| self.name(key, encoded)) else { continue };
            let is_folder_mark = storage.place().key(&name) == self.prefix || (self.recursive && name.ends_with('/'));
            let is_wanted = self.marks && object.size() == Some(0) && !name.is_empty();
            let is_hidden = !self.share_folder && storage.place().is_in_share_folder(&name);
            if (is_folder_mark && !is_wanted) || is_hidden {
                continue;
            }
            let size = object.size().and_then(|size| u64::try_from(size).ok()).unwrap_or_default();
            page.files.push(Entry::file(
                name,
                size,
                object.last_modified().and_then(timestamp),
                object.e_tag().map(str::to_owned),
            ));
        }
        self.passed.extend(next.clone());
        self.token = next;
        self.ended = !more;
        Ok(page)
    }

    /// The name below the place of a key as it came. Keys outside the folder are none of ours.
    fn name(&self, key: &str, encoded: bool) -> Option<String> {
        let key = if encoded { decoded(key)? } else { key.to_owned() };
        if !key.starts_with(&self.prefix) {
            return None;
        }
        self.storage.place().name_of(&key).map(str::to_owned)
    }

    fn folder_label(&self) -> String {
        let place = self.storage.place();
        match place.name_of(&self.prefix) {
            Some(folder) if !folder.is_empty() => names::last_segment(folder).to_owned(),
            _ => place.name.clone(),
        }
    }
}

/// Listings come URL-encoded, because XML can't hold every character that a key can.
fn decoded(key: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(key.len());
    let mut rest = key.bytes();
    while let Some(byte) = rest.next() {
        match byte {
            b'%' => {
                let high = char::from(rest.next()?).to_digit(16)?;
                let low = char::from(rest.next()?).to_digit(16)?;
                bytes.push(u8::try_from(high * 16 + low).ok()?);
            }
            b'+' => bytes.push(b' '),
            byte => bytes.push(byte),
        }
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::decoded;

    #[test]
    fn encoded_keys_come_back_as_they_were() {
        assert_eq!(decoded("a+b%2Bc%25%0A%F0%9F%99%82").as_deref(), Some("a b+c%\n🙂"));
        assert_eq!(decoded("broken%"), None);
    }
}
