//! Tries a link before anybody gets it: the first byte, without keys, from the address exactly as it is.

use super::SignedUrl;
use crate::error::{Code, Error, Operation, Result, s3};
use crate::files;
use crate::storage::Storage;

/// # Errors
/// Why the link would not work: `FileGone`, `ReadDenied`, `LinkRefused`, `ClockWrong`, `Archived`, the connection.
pub(super) async fn test(storage: &Storage, key_name: &str, url: &SignedUrl) -> Result<()> {
    let answer = storage.connection().fetch_first_byte(url.reveal()).await?;
    if let Some(date) = answer.headers.get("date").and_then(|date| date.to_str().ok()) {
        storage.clock().learn(date);
    }
    let header = |name: &str| answer.headers.get(name).and_then(|value| value.to_str().ok());
    let empty_file =
        answer.status == 416 && header("content-range").is_some_and(|range| range.replace(' ', "") == "bytes*/0");
    // A web page in place of the file has no content-range; a store that ignores ranges still says which file it sent.
    let file = match answer.status {
        206 => header("content-range").is_some(),
        200 => header("etag").is_some(),
        _ => false,
    };
    if file || empty_file {
        return Ok(());
    }
    let error = s3::from_plain_answer(answer.status, &answer.headers, &answer.body, Operation::Link);
    match error.code() {
        Code::LinkRefused => Err(why_refused(storage, key_name, error).await),
        _ if (200..300).contains(&answer.status) => Err(Error::new(Code::CaptivePortal, Operation::Link)),
        _ => Err(error),
    }
}

/// A 403 without the right to list may hide that the file isn't there or that the account may not read it: ask with keys.
async fn why_refused(storage: &Storage, key_name: &str, refused: Error) -> Error {
    match files::stat(storage, key_name).await {
        Ok(_) => refused,
        Err(error) => error,
    }
}
