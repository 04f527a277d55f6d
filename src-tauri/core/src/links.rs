//! Links: the true end, the signature, the test before it is handed over. A link is never stored.

mod disposition;
mod end;
mod private_copy;
mod record;
mod sign;
mod test;
mod text;

use crate::error::{Code, Error, Operation, Result};
use crate::names;
use crate::storage::Storage;
use jiff::Timestamp;
use std::fmt;
use zeroize::{Zeroize, ZeroizeOnDrop};

pub use disposition::{Disposition, may_open_in_browser};
pub use end::{EndChoice, EndsBecause, LatestBecause, LatestEnd, latest_end, parse_when};
pub use private_copy::private_copy_name;
pub use record::{LinkMark, remember, working};
pub use text::until;

/// A pre-signed address: whoever has it can read the file. Masked when printed, wiped when dropped, never parsed as a
/// URL, which would turn `a/../b` into `b`.
#[derive(Clone, PartialEq, Eq, Zeroize, ZeroizeOnDrop)]
pub struct SignedUrl(String);

impl SignedUrl {
    /// The one way out: for the clipboard, the terminal that asked, and the test.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for SignedUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}?<signed>", self.0.split('?').next().unwrap_or_default())
    }
}

impl fmt::Debug for SignedUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// What is wished for.
#[derive(Debug, Clone)]
pub struct LinkRequest {
    /// The full name below the place.
    pub name: String,
    pub end: EndChoice,
    pub disposition: Disposition,
    /// Fetch the first byte without keys before the link is given.
    pub test: bool,
    /// Refuse instead of ending earlier than wished.
    pub exact: bool,
}

/// A link that was made.
#[derive(Debug, Clone)]
pub struct Link {
    pub id: String,
    /// The full name below the place that was asked for.
    pub name: String,
    pub url: SignedUrl,
    pub made_at: Timestamp,
    /// Never later than the true end.
    pub ends_at: Timestamp,
    pub ends_because: EndsBecause,
    /// Deleting the private copy ends the link and touches no file of anybody.
    pub stoppable: bool,
    pub tested: bool,
    /// The full name below the place that the link opens: the file itself or a private copy.
    pub key_name: String,
}

/// Makes a link and, if wished, tries it as somebody without keys would.
///
/// The keys are resolved once: what was measured is what signs. Signed with the store's time.
///
/// # Errors
/// `LinkEndRefused` for ends that can't be kept, `FileGone`, `ReadDenied`, `LinkRefused`, keys and connection.
///
/// # Cancellation
/// Nothing is left behind, except, for a name that browsers would change, a private copy in the share folder.
pub async fn make_link(storage: &Storage, request: &LinkRequest) -> Result<Link> {
    let file = names::last_segment(&request.name).to_owned();
    make(storage, request).await.map_err(|error| storage.named(error).with("file", file))
}

async fn make(storage: &Storage, request: &LinkRequest) -> Result<Link> {
    if request.name.is_empty() || request.name.ends_with('/') {
        return Err(Error::new(Code::FileGone, Operation::Link));
    }
    names::check_key(&storage.place().key(&request.name))?;
    let key_name = if names::has_dot_segments(&storage.place().key(&request.name)) {
        private_copy::copy(storage, &request.name).await?
    } else {
        request.name.clone()
    };
    let stoppable = storage.place().is_in_share_folder(&key_name);
    let clock = storage.clock().get();
    match sign_and_test(storage, request, &key_name).await {
        Err(error)
            if error.code() == Code::WrongAddress
                && error.region_hint().is_some_and(|region| storage.move_to_region(region)) =>
        {
            sign_and_test(storage, request, &key_name).await
        }
        // The first answer taught us the store's clock; signed with ours the link was over or had not begun.
        Err(error)
            if matches!(error.code(), Code::ClockWrong | Code::LinkRefused) && storage.clock().get() != clock =>
        {
            sign_and_test(storage, request, &key_name).await
        }
        result => result,
    }
    .map(|(url, end)| Link {
        id: uuid::Uuid::new_v4().simple().to_string(),
        name: request.name.clone(),
        url,
        made_at: end.from,
        ends_at: end.at,
        ends_because: end.because,
        stoppable,
        tested: request.test,
        key_name,
    })
}

async fn sign_and_test(storage: &Storage, request: &LinkRequest, key_name: &str) -> Result<(SignedUrl, end::End)> {
    let keys = storage.keys_now().await?;
    let end = end::resolve(storage, &keys, &request.end, request.exact)?;
    let url = sign::sign(storage, &keys, key_name, &request.name, request.disposition, &end).await?;
    if request.test {
        test::test(storage, key_name, &url).await?;
    }
    Ok((url, end))
}
