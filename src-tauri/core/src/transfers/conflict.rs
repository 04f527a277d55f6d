//! Names that are already used: who has them, and which one is free.

use super::request::{self, Object, Seen, timestamp};
use crate::error::{Code, Operation, Result};
use crate::names::numbered;
use aws_sdk_s3::types::EncodingType;
use jiff::Timestamp;
use std::collections::HashSet;

/// What has a name.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct There {
    pub(crate) bytes: u64,
    pub(crate) changed_at: Option<Timestamp>,
}

/// Who has a name that the store would not give us.
#[derive(Debug, Clone)]
pub(crate) enum Holder {
    /// This very upload, whose answer was lost on the way. Whether all of it arrived is another question.
    Ours(Seen),
    /// Somebody else; unknown if we may not look.
    Other(Option<There>),
    /// Nobody any more.
    Nobody,
}

/// Asks a list whether the name is used; needs no right to read files. An account that may not list is asked by HEAD.
///
/// # Errors
/// What the list said, when neither is allowed.
pub(crate) async fn look(object: &Object) -> Result<Option<There>> {
    let denied = match first_with_prefix(object).await {
        Ok(found) => return Ok(found),
        Err(error) if error.code() == Code::ListDenied => error,
        Err(error) => return Err(error),
    };
    match request::head(object).await {
        Ok(seen) => Ok(Some(There { bytes: seen.bytes, changed_at: seen.changed_at })),
        Err(error) if error.code() == Code::FileGone => Ok(None),
        Err(error) if error.code() == Code::ReadDenied => Err(denied),
        Err(error) => Err(error),
    }
}

/// Finds out who has the name after the store said that it is used. Where we may not look it is somebody else.
///
/// # Errors
/// What kept us from looking, if it is not a right: it may be ours, and must not be sent again under another name.
pub(crate) async fn holder(object: &Object, token: &str) -> Result<Holder> {
    match request::head(object).await {
        Ok(seen) if seen.token.as_deref() == Some(token) => Ok(Holder::Ours(seen)),
        Ok(seen) => Ok(Holder::Other(Some(There { bytes: seen.bytes, changed_at: seen.changed_at }))),
        Err(error) if error.code() == Code::FileGone => Ok(Holder::Nobody),
        Err(error) if error.code() == Code::ReadDenied => {
            Ok(Holder::Other(first_with_prefix(object).await.ok().flatten()))
        }
        Err(error) => Err(error),
    }
}

/// The next numbered name that nobody has, as far as it can be seen. `tried` are known to be used.
pub(crate) async fn free_name(object: &Object, name: &str, tried: &HashSet<String>) -> String {
    let second = numbered(name, 2);
    let stem = second.rfind("2)").and_then(|end| second.get(..end)).unwrap_or(&second);
    let used = used_names(object, stem).await.unwrap_or_default();
    let mut number = 2;
    loop {
        let candidate = numbered(name, number);
        let taken = tried.contains(&candidate) || used.contains(&object.storage.place().key(&candidate));
        if !taken || number == u32::MAX {
            return candidate;
        }
        number += 1;
    }
}

async fn first_with_prefix(object: &Object) -> Result<Option<There>> {
    let output = list(object, &object.key, 1).await?;
    // The shortest key with this start is the key itself, if it is there.
    let first = output.contents().first().filter(|entry| entry.key().is_some_and(|key| is_key(key, &object.key)));
    Ok(first.map(|entry| There {
        bytes: entry.size().and_then(|size| u64::try_from(size).ok()).unwrap_or_default(),
        changed_at: entry.last_modified().and_then(timestamp),
    }))
}

async fn used_names(object: &Object, stem: &str) -> Result<HashSet<String>> {
    let output = list(object, &object.storage.place().key(stem), 1000).await?;
    let keys = output.contents().iter().filter_map(|entry| entry.key());
    // Some stores write the names plainly though they were asked not to.
    Ok(keys.flat_map(|key| [key.to_owned(), decoded(key)]).collect())
}

async fn list(
    object: &Object,
    prefix: &str,
    most: i32,
) -> Result<aws_sdk_s3::operation::list_objects_v2::ListObjectsV2Output> {
    object
        .storage
        .call(Operation::List, |client| {
            client
                .list_objects_v2()
                .bucket(object.storage.bucket())
                .prefix(prefix)
                .max_keys(most)
                .encoding_type(EncodingType::Url)
                .send()
        })
        .await
}

fn is_key(listed: &str, key: &str) -> bool {
    listed == key || decoded(listed) == key
}

/// A name as lists write it when XML could not hold it.
fn decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        let escaped = match first {
            b'%' => after
                .get(..2)
                .and_then(|hex| std::str::from_utf8(hex).ok())
                .and_then(|hex| u8::from_str_radix(hex, 16).ok()),
            _ => None,
        };
        rest = match escaped {
            Some(byte) => {
                bytes.push(byte);
                after.get(2..).unwrap_or_default()
            }
            None => {
                bytes.push(if first == b'+' { b' ' } else { first });
                after
            }
        };
    }
    String::from_utf8(bytes).unwrap_or_else(|_| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_in_lists_are_read_however_the_store_writes_them() {
        assert_eq!(decoded("a+b%2Bc%0A%C3%BC"), "a b+c\nü");
        assert!(is_key("100% sure.txt", "100% sure.txt"));
        assert!(is_key("a+b.txt", "a b.txt"));
        assert!(!is_key("a.txt.bak", "a.txt"));
    }
}
