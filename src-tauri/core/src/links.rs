//! Links: the true end, the signature, the test before it is handed over, the record of it, and its stop. A link is never stored.

mod again;
mod copy;
mod disposition;
mod end;
mod history;
mod making;
mod page;
mod qr;
mod record;
mod sign;
mod stoppable;
mod test;
mod text;
mod unfinished;
mod who;

use crate::error::Result;
use crate::storage::Storage;
use jiff::Timestamp;
use std::fmt;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use zeroize::{Zeroize, ZeroizeOnDrop};

pub use again::{Again, copy_again, fingerprints, renew, stop, stop_recorded};
pub use disposition::{Disposition, may_open_in_browser};
pub use end::{EndChoice, EndsBecause, LatestBecause, LatestEnd, latest_end, parse_when};
pub use history::{LinkState, Shared, find, forget, history, remember, set_note, working};
pub use making::{make_link, make_link_on};
pub use page::{MOST_FILES, PageFile, PageRequest, files_of_folder, make_page};
pub use qr::Qr;
pub use record::{Record, Stopped, read as read_records};
pub(crate) use sign::LastSigner;
pub use sign::Recipe;
pub use stoppable::{PrivateFolder, shown_name, sweep, sweep_when_due};
pub use text::{Handover, Told, handover, link_alone, until};
pub use unfinished::{LocalFile, Unfinished};
pub(crate) use who::Identity;

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

/// Whether a link is to be one that can be stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Stoppable {
    /// It opens the file itself, and ends only by itself. Unless the place demands otherwise.
    No,
    /// It opens a private copy; where the account may not copy, the file itself.
    #[default]
    IfAllowed,
    /// It opens a private copy, or there is none.
    Must,
}

/// What is known of a file without asking for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    pub size_bytes: u64,
    pub etag: Option<String>,
}

/// What is wished for.
#[derive(Debug, Clone)]
pub struct LinkRequest {
    /// The full name below the place.
    pub name: String,
    pub known: Option<Known>,
    pub end: EndChoice,
    pub disposition: Disposition,
    pub stoppable: Stoppable,
    /// For the person's own list; it never leaves this computer.
    pub note: Option<String>,
    /// Fetch the first byte without keys before the link is given, and write the record. Without it nothing is asked of the
    /// network, unless the place demands it.
    pub test: bool,
    /// Refuse instead of ending earlier than wished.
    pub exact: bool,
}

impl LinkRequest {
    /// A tested link that can be stopped where that is possible, and ends when the place's links do.
    pub fn new(name: impl Into<String>) -> Self {
        LinkRequest {
            name: name.into(),
            known: None,
            end: EndChoice::Default,
            disposition: Disposition::Download,
            stoppable: Stoppable::IfAllowed,
            note: None,
            test: true,
            exact: false,
        }
    }
}

/// A link that was made.
#[derive(Debug, Clone)]
pub struct Link {
    pub id: String,
    /// The full name below the place that was asked for; of several files, the title of their page.
    pub name: String,
    pub url: SignedUrl,
    pub made_at: Timestamp,
    /// Never later than the true end.
    pub ends_at: Timestamp,
    pub ends_because: EndsBecause,
    /// Deleting what it opens ends the link and touches no file of anybody.
    pub stoppable: bool,
    pub tested: bool,
    /// Whether the share folder's log has it.
    pub recorded: bool,
    /// More than one: a page of them.
    pub files: u32,
    pub known: Option<Known>,
    pub note: Option<String>,
    /// What it says; with the same keys it gives the same address again.
    pub recipe: Recipe,
    /// Of the keys that signed it.
    pub fingerprint: String,
}

/// How making a link can be watched and stopped. Copies of very large files take their time.
#[derive(Debug, Clone)]
pub struct Course {
    pub stop: CancellationToken,
    copied: watch::Sender<Copied>,
}

/// How far the private copies are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Copied {
    pub bytes: u64,
    pub of_bytes: u64,
}

impl Course {
    pub fn new(stop: CancellationToken) -> Self {
        Course { stop, copied: watch::Sender::new(Copied::default()) }
    }

    pub fn watch(&self) -> watch::Receiver<Copied> {
        self.copied.subscribe()
    }

    fn copied(&self, bytes: u64, of_bytes: u64) {
        self.copied.send_replace(Copied { bytes, of_bytes });
    }
}

impl Default for Course {
    fn default() -> Self {
        Course::new(CancellationToken::new())
    }
}

/// Who the account of a place is, as its storage knows it.
///
/// # Errors
/// What the keys say when they can't be had.
pub async fn who(storage: &Storage) -> Result<String> {
    let keys = storage.keys_now().await?;
    Ok(storage.identity().who(storage, &keys).await)
}
