//! How things are written in the ledger, and read again. What can't be read is said to be missing, never guessed.

use super::{Noted, Wish};
use crate::error::Error;
use crate::transfers::{Direction, OnConflict};
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::Arc;

macro_rules! words {
    ($write:ident, $read:ident, $kind:ty, $($word:literal = $member:path),*) => {
        pub(super) fn $write(value: $kind) -> &'static str {
            match value { $($member => $word,)* }
        }

        pub(super) fn $read(word: &str) -> Option<$kind> {
            match word { $($word => Some($member),)* _ => None }
        }
    };
}

words!(direction_word, direction, Direction, "up" = Direction::Upload, "down" = Direction::Download);
words!(
    state_word,
    state,
    Noted,
    "waiting" = Noted::Waiting,
    "paused" = Noted::Paused,
    "needsYou" = Noted::NeedsYou,
    "done" = Noted::Done,
    "stopped" = Noted::Stopped,
    "skipped" = Noted::Skipped
);
words!(wish_word, wish, Wish, "pause" = Wish::Pause, "cancel" = Wish::Cancel, "resume" = Wish::Resume);
words!(
    conflict_word,
    conflict,
    OnConflict,
    "ask" = OnConflict::Ask,
    "keepBoth" = OnConflict::KeepBoth,
    "replace" = OnConflict::Replace,
    "skip" = OnConflict::Skip,
    "fail" = OnConflict::Fail
);

/// SQLite counts with a sign; no size comes near the difference.
pub(super) fn number(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

pub(super) fn size(value: i64) -> u64 {
    u64::try_from(value).unwrap_or_default()
}

pub(super) fn reason_text(error: &Error) -> Option<String> {
    serde_json::to_string(&error.remember()).ok()
}

pub(super) fn reason(text: &str) -> Option<Arc<Error>> {
    serde_json::from_str(text).ok().map(|remembered| Arc::new(Error::recall(remembered)))
}

#[cfg(unix)]
pub(super) fn path_bytes(path: &Path) -> Vec<u8> {
    use std::os::unix::ffi::OsStrExt;
    path.as_os_str().as_bytes().to_vec()
}

#[cfg(unix)]
pub(super) fn path(bytes: Vec<u8>) -> PathBuf {
    use std::os::unix::ffi::OsStringExt;
    PathBuf::from(OsString::from_vec(bytes))
}

#[cfg(windows)]
pub(super) fn path_bytes(path: &Path) -> Vec<u8> {
    use std::os::windows::ffi::OsStrExt;
    path.as_os_str().encode_wide().flat_map(u16::to_le_bytes).collect()
}

#[cfg(windows)]
pub(super) fn path(bytes: Vec<u8>) -> PathBuf {
    use std::os::windows::ffi::OsStringExt;
    let wide: Vec<u16> = bytes.chunks_exact(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]])).collect();
    PathBuf::from(OsString::from_wide(&wide))
}
