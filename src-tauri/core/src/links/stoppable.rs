//! Private copies in the share folder, `<share folder><end>-<128 random bits>/<name>`, and how one is stopped.
//!
//! The end is part of the name, by the store's clock: so any computer can tell what has ended, and nothing else is swept.

use super::sign::Recipe;
use super::{Course, SignedUrl, copy};
use crate::error::{Code, Error, Operation, Result, s3};
use crate::files::Pages;
use crate::ledger::Ledger;
use crate::names;
use crate::place::Place;
use crate::storage::Storage;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use std::time::Duration;

/// How an end is written in a name: it sorts, and has no letter that any store changes.
const END: &str = "%Y%m%dT%H%M%SZ";
const END_LETTERS: usize = 16;
const RANDOM_LETTERS: usize = 32;
/// How often a link that was stopped is tried before it is said that it still works, and how long between.
const LOOKS: u32 = 4;
const BETWEEN_LOOKS: Duration = Duration::from_millis(400);
/// What is kept of a file after its end: a download that began in time may still go on.
const SWEPT_AFTER: SignedDuration = SignedDuration::from_mins(15);

/// A folder of the share folder that nobody can guess. All that is in it ends together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PrivateFolder {
    /// The full name below the place, with `/` at its end.
    pub name: String,
    /// By the store's clock. Nothing in it is needed afterwards.
    pub ends_at: Timestamp,
}

impl PrivateFolder {
    /// A new one. Nothing is asked of the store: a folder is there when something is in it.
    pub fn new(place: &Place, ends_at: Timestamp) -> Self {
        // A UUID fixes 6 of its 128 bits, others than another one that is turned by half.
        let random = uuid::Uuid::new_v4().as_u128() ^ uuid::Uuid::new_v4().as_u128().rotate_left(64);
        let end = ends_at.strftime(END);
        PrivateFolder { name: format!("{}{end}-{random:032x}/", place.share_folder), ends_at }
    }

    /// For files that are uploaded in order to be shared: they have to be there first, and the link is made afterwards.
    pub fn for_upload(storage: &Storage, lasts: Duration) -> Self {
        /// So long may an upload take without the private copy being in the way of its own link.
        const SLACK: SignedDuration = SignedDuration::from_hours(24);
        let lasts = SignedDuration::try_from(lasts).unwrap_or(SLACK);
        let end = storage.clock().store_now().saturating_add(lasts).and_then(|end| end.checked_add(SLACK));
        PrivateFolder::new(storage.place(), end.unwrap_or(Timestamp::MAX))
    }

    /// The folder that a name below the place is in. `None` if it is in none.
    pub fn of(place: &Place, name: &str) -> Option<Self> {
        let rest = name.strip_prefix(place.share_folder.as_str())?;
        let folder = rest.split_once('/').map(|(folder, _)| folder)?;
        let (end, random) = folder.split_at_checked(END_LETTERS)?;
        let random = random.strip_prefix('-')?;
        if random.len() != RANDOM_LETTERS || !random.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return None;
        }
        let ends_at = DateTime::strptime(END, end).ok()?.to_zoned_datetime(TimeZone::UTC).ok()?.timestamp();
        Some(PrivateFolder { name: format!("{}{folder}/", place.share_folder), ends_at })
    }

    /// The full name below the place for a file in it.
    pub fn holds(&self, file_name: &str) -> String {
        let label = match names::last_segment(file_name) {
            "." | ".." | "" => "file",
            label => label,
        };
        format!("{}{label}", self.name)
    }

    /// The full name below the place for one of several files, with the folders that it was shared with.
    pub fn holds_numbered(&self, number: usize, label: &str) -> String {
        let segments: Vec<&str> =
            label.split('/').map(|segment| if matches!(segment, "" | "." | "..") { "_" } else { segment }).collect();
        format!("{}{number}/{}", self.name, segments.join("/"))
    }

    fn is_over(&self, now: Timestamp) -> bool {
        self.ends_at.saturating_add(SWEPT_AFTER).is_ok_and(|end| end < now)
    }
}

/// What a name below the place is called in a list: of a file that was uploaded in order to be shared, its own name alone.
pub fn shown_name<'n>(place: &Place, name: &'n str) -> &'n str {
    if PrivateFolder::of(place, name).is_some() { names::last_segment(name) } else { name }
}

/// Copies a file on the server to where a link can be stopped.
///
/// # Errors
/// `CopyDenied` when the account may not copy, `FileGone`, `ReadDenied`, and what the connection says.
///
/// # Cancellation
/// The copy may be there, or of a very large one unfinished pieces; `course.stop` takes those back.
pub(super) async fn copy(
    storage: &Storage,
    name: &str,
    size_bytes: u64,
    copy_name: &str,
    course: &Course,
) -> Result<()> {
    copy::copy(storage, name, copy_name, size_bytes, course).await.map_err(|error| match error.code() {
        Code::UploadDenied => Error::new(Code::CopyDenied, Operation::Copy).because(error),
        _ => error,
    })
}

/// A name that is too long only because of the private folder loses its beginning: the link says what the file is called.
pub(super) fn fitting(place: &Place, mut name: String) -> String {
    let over = place.key(&name).len().saturating_sub(names::LONGEST_KEY_BYTES);
    let label = name.len() - names::last_segment(&name).len();
    let letters = name.char_indices().map(|(at, _)| at).skip_while(|at| *at < label + over);
    if over > 0
        && let Some(rest) = letters.into_iter().next()
    {
        name.replace_range(label..rest, "");
    }
    name
}

/// Deletes private copies and proves that the link no longer works: by fetching one like it.
///
/// # Errors
/// `DeleteDenied`, `StopUnproven` when the store still hands out the file, and what the connection says.
///
/// # Cancellation
/// The copies may be gone or not; stopping again settles it.
pub(super) async fn stop(storage: &Storage, key_name: &str, whole_folder: bool) -> Result<()> {
    // What the link itself opens first: after that a half-stopped page opens nothing.
    delete(storage, key_name).await?;
    prove_stopped(storage, key_name).await?;
    if whole_folder && let Some(folder) = PrivateFolder::of(storage.place(), key_name) {
        empty(storage, &folder).await?;
    }
    Ok(())
}

/// Deletes what is in the private folders of links that have ended, by the store's clock. Says how many files it deleted.
///
/// # Errors
/// `ListDenied`, `DeleteDenied`, and what the connection says: some may be swept by then.
///
/// # Cancellation
/// Some may be swept by then. The next call goes on.
pub async fn sweep(storage: &Storage) -> Result<u64> {
    let mut pages = Pages::of_share_folder(storage, false);
    let mut over = Vec::new();
    while let Some(page) = pages.next().await {
        // The answer that has just come in told the store's time.
        let now = storage.clock().store_now();
        let folders = page?.folders.into_iter().filter_map(|name| PrivateFolder::of(storage.place(), &name));
        over.extend(folders.filter(|folder| folder.is_over(now)));
    }
    let mut deleted = 0;
    for folder in &over {
        deleted += empty(storage, folder).await?;
    }
    Ok(deleted)
}

/// The same for programs that come and go: four times a day, and nobody is made to wait for it long. Nothing that anybody
/// asked for hangs on it: what can't be swept now is swept another time.
///
/// # Cancellation
/// Some may be swept by then.
pub async fn sweep_when_due(storage: &Storage, ledger: &Ledger) {
    const PATIENCE: Duration = Duration::from_secs(5);
    if !matches!(is_due(storage, ledger).await, Ok(true)) {
        return;
    }
    match tokio::time::timeout(PATIENCE, sweep(storage)).await {
        Ok(Ok(_)) | Err(_) => {}
        Ok(Err(error)) => tracing::debug!(%error, "what has ended could not be swept"),
    }
}

async fn is_due(storage: &Storage, ledger: &Ledger) -> Result<bool> {
    const EVERY: SignedDuration = SignedDuration::from_hours(6);
    let setting = format!("swept:{}", storage.place().id);
    let now = Timestamp::now();
    let last = ledger.setting(&setting).await?.and_then(|text| text.parse::<Timestamp>().ok());
    let is_due = last.is_none_or(|last| now.duration_since(last).abs() >= EVERY);
    if is_due {
        // Noted first: what can't be done is not tried with every link.
        ledger.set_setting(&setting, &now.to_string()).await?;
    }
    Ok(is_due)
}

async fn empty(storage: &Storage, folder: &PrivateFolder) -> Result<u64> {
    let mut deleted = 0;
    let mut pages = Pages::in_share_folder(storage, &folder.name);
    while let Some(page) = pages.next().await {
        for file in page?.files {
            delete(storage, &file.name).await?;
            deleted += 1;
        }
    }
    Ok(deleted)
}

/// Deletes one private copy, in a place with versions for good.
async fn delete(storage: &Storage, name: &str) -> Result<()> {
    let key = storage.place().key(name);
    let bucket = storage.bucket();
    let deleted = storage
        .call(Operation::Delete, |client| client.delete_object().bucket(bucket).key(&key).send())
        .await
        .map_err(|error| error.with("file", names::last_segment(name)))?;
    if deleted.delete_marker() != Some(true) {
        return Ok(());
    }
    // A mark hides the copy, which ends the link; that the copy goes too is better, and not everybody may do it.
    let versions =
        storage.call(Operation::List, |client| client.list_object_versions().bucket(bucket).prefix(&key).send()).await;
    let Ok(versions) = versions else { return Ok(()) };
    let of_copies = versions.versions().iter().map(|version| (version.key(), version.version_id()));
    let of_marks = versions.delete_markers().iter().map(|mark| (mark.key(), mark.version_id()));
    for (found, version) in of_copies.chain(of_marks) {
        if found != Some(key.as_str()) {
            continue;
        }
        let gone = storage.call(Operation::Delete, |client| {
            client.delete_object().bucket(bucket).key(&key).set_version_id(version.map(str::to_owned)).send()
        });
        if gone.await.is_err() {
            return Ok(());
        }
    }
    Ok(())
}

/// Fetches a fresh link to what was deleted, as somebody without keys would.
async fn prove_stopped(storage: &Storage, key_name: &str) -> Result<()> {
    for look in 1..=LOOKS {
        let url = fresh(storage, key_name).await?;
        let answer = storage.connection().fetch_first_byte(url.reveal()).await?;
        if !(200..300).contains(&answer.status) && answer.status != 416 {
            let error = s3::from_plain_answer(answer.status, &answer.headers, &answer.body, Operation::Link);
            // Without the right to list a store answers "not allowed" in place of "not there".
            return match error.code() {
                Code::FileGone | Code::LinkRefused => Ok(()),
                _ => Err(error),
            };
        }
        if look < LOOKS {
            tokio::time::sleep(BETWEEN_LOOKS).await;
        }
    }
    Err(Error::new(Code::StopUnproven, Operation::Link).with("file", names::last_segment(key_name)))
}

async fn fresh(storage: &Storage, key_name: &str) -> Result<SignedUrl> {
    let keys = storage.link_keys(true).await?;
    let recipe = Recipe {
        key_name: key_name.to_owned(),
        signed_from: storage.clock().store_now(),
        lasts: Duration::from_secs(60),
        disposition: None,
        content_type: None,
    };
    let signer = storage.signer().get(storage, &keys, recipe.signed_from).await?;
    Ok(signer.sign(&storage.place().key(key_name), &recipe))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::place::KeySource;

    fn place() -> Place {
        Place::new("", "acme", "team", KeySource::PasswordStore).unwrap()
    }

    #[test]
    fn a_private_folder_says_when_it_ends_and_nobody_guesses_the_rest() {
        let end: Timestamp = "2026-11-27T16:00:00Z".parse().unwrap();
        let (one, other) = (PrivateFolder::new(&place(), end), PrivateFolder::new(&place(), end));
        assert!(one.name.starts_with(".s/20261127T160000Z-") && one.name.len() == 3 + 16 + 1 + 32 + 1, "{}", one.name);
        assert_ne!(one.name, other.name);
        assert_eq!(PrivateFolder::of(&place(), &one.holds("a/b.pdf")), Some(one.clone()));
        assert!(one.holds("a/..").ends_with("/file") && one.holds("a/b.pdf").ends_with("/b.pdf"));
    }

    #[test]
    fn a_name_without_room_in_a_folder_keeps_its_type() {
        let folder = PrivateFolder::new(&place(), "2026-11-27T16:00:00Z".parse().unwrap());
        let long = "x".repeat(1_020);
        assert!(fitting(&place(), folder.holds("a/b.pdf")).ends_with("/b.pdf"));
        let fits = fitting(&place(), folder.holds(&format!("{long}.txt")));
        assert!(fits.ends_with("x.txt") && place().key(&fits).len() == names::LONGEST_KEY_BYTES, "{fits}");
    }

    #[test]
    fn what_is_no_private_folder_is_never_swept() {
        let random = "0".repeat(32);
        for name in [
            "a/20261127T160000Z-/x".to_owned(),
            ".s/log/x".to_owned(),
            ".s/20261127T160000Z-123/x".to_owned(),
            format!(".s/20261327T160000Z-{random}/x"),
            format!("20261127T160000Z-{random}/x"),
            format!(".s/20261127T160000Z-{random}"),
        ] {
            assert_eq!(PrivateFolder::of(&place(), &name), None, "{name}");
        }
    }

    #[test]
    fn a_folder_is_over_a_quarter_of_an_hour_after_its_end() {
        let folder = PrivateFolder::new(&place(), "2026-11-27T16:00:00Z".parse().unwrap());
        assert!(!folder.is_over("2026-11-27T16:15:00Z".parse().unwrap()));
        assert!(folder.is_over("2026-11-27T16:15:01Z".parse().unwrap()));
    }
}
