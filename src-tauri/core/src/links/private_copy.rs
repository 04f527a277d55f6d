//! Private copies in the share folder: `<share folder>/<128 random bits>/<name>`.

use crate::error::{Operation, Result};
use crate::names;
use crate::place::Place;
use crate::storage::Storage;

/// The full name below the place for a file that is uploaded in order to be shared.
pub fn private_copy_name(place: &Place, file_name: &str) -> String {
    let random = uuid::Uuid::new_v4().simple().to_string();
    let more = uuid::Uuid::new_v4().simple().to_string();
    // A UUID fixes 6 of its 128 bits; two of them leave more than 128 to chance.
    let more = more.get(..8).unwrap_or_default();
    format!("{}{random}{more}/{}", place.share_folder, names::last_segment(file_name))
}

/// Copies a file on the server to a name that browsers leave alone.
///
/// # Errors
/// `FileGone`, `ReadDenied`, `UploadDenied` when the account may not copy, and what the connection says.
pub(super) async fn copy(storage: &Storage, name: &str) -> Result<String> {
    let place = storage.place();
    let copy_name = private_copy_name(place, safe_segment(name));
    let source = format!("{}/{}", storage.bucket(), percent_encoded(&place.key(name)));
    let key = place.key(&copy_name);
    let copied = storage.call(Operation::Copy, |client| {
        client.copy_object().bucket(storage.bucket()).key(&key).copy_source(&source).send()
    });
    copied.await?;
    Ok(copy_name)
}

fn safe_segment(name: &str) -> &str {
    match names::last_segment(name) {
        "." | ".." => "file",
        segment => segment,
    }
}

/// The copy source is a header, and a header is ASCII.
fn percent_encoded(key: &str) -> String {
    key.bytes()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => char::from(byte).to_string(),
            byte => format!("%{byte:02X}"),
        })
        .collect()
}
