//! From a file to a tested link on the clipboard. The link goes nowhere else: not to the page, not to the log.

use crate::clipboard::{Clipboard, Untouched};
use crate::ends;
use crate::listings::Listings;
use crate::marks::Marks;
use crate::practice::Practice;
use crate::problems::Trouble;
use crate::uploads::Uploads;
use crate::wire::files::{TypeGroup, drawn};
use crate::wire::links::{CopyLink, EndChoice, LinkCopied, LinkEndChoice, LinkTarget, ShareOptions};
use crate::wire::time;
use jiff::ZonedDateTime;
use satchel_core::links::{self, Disposition, Link, LinkRequest};
use satchel_core::storage::Storage;
use satchel_core::{Code, Error, Operation, Result, files, names};

/// Makes links. Cheap to clone.
#[derive(Clone)]
pub struct Sharing {
    practice: Practice,
    listings: Listings,
    uploads: Uploads,
    marks: Marks,
    clipboard: Clipboard,
}

/// A file that a link can be made for.
struct Target {
    storage: Storage,
    /// The full name below the place.
    name: String,
    size_bytes: u64,
}

impl Sharing {
    pub fn new(practice: Practice, listings: Listings, uploads: Uploads, marks: Marks, clipboard: Clipboard) -> Self {
        Sharing { practice, listings, uploads, marks, clipboard }
    }

    async fn find(&self, target: LinkTarget) -> Result<Target> {
        match target {
            LinkTarget::Row { listing, row } => {
                let (open, entry) = self.listings.find_file(listing, row)?;
                let storage = open.listing.storage().clone();
                Ok(Target { storage, name: entry.name.clone(), size_bytes: entry.size_bytes.unwrap_or_default() })
            }
            LinkTarget::Transfer { id } => {
                let gone = || Error::new(Code::FileGone, Operation::Link);
                let (place, transfer) = self.uploads.find_stored(id).ok_or_else(gone)?;
                let place = self.practice.places().find(place.as_str()).await?;
                let storage = self.practice.storage(&place).await?;
                Ok(Target { storage, name: transfer.name.clone(), size_bytes: transfer.size_bytes })
            }
        }
    }

    /// Makes a link, tests it, and only then touches the clipboard.
    ///
    /// # Errors
    /// Whatever keeps the link from working; the clipboard is as it was then.
    ///
    /// # Cancellation
    /// Dropped early, the clipboard has the old content or a link that works.
    pub async fn copy_link(&self, request: &CopyLink) -> Result<LinkCopied, Trouble> {
        let target = self.find(request.target).await?;
        let wished = LinkRequest {
            end: chosen(&request.end)?,
            disposition: disposition(&target.name, request.open),
            ..LinkRequest::new(target.name)
        };
        let link = links::make_link(&target.storage, &wished).await?;
        self.clipboard.put_link(link.url.clone()).await?;
        self.remember(&target.storage, &link).await;
        Ok(LinkCopied {
            name: names::display(names::last_segment(&link.name)),
            ends_at: time(link.ends_at),
            ends_because: link.ends_because.into(),
            target: request.target,
        })
    }

    /// Makes a tested link and puts it on the clipboard, unless something else was copied there meanwhile: then there is none.
    ///
    /// # Errors
    /// As [`Sharing::copy_link`].
    pub async fn hand_over(
        &self,
        storage: &Storage,
        wished: &LinkRequest,
        untouched: Untouched,
    ) -> Result<Option<Link>, Trouble> {
        let link = links::make_link(storage, wished).await?;
        if !self.clipboard.put_link_if(link.url.clone(), untouched).await? {
            return Ok(None);
        }
        self.remember(storage, &link).await;
        Ok(Some(link))
    }

    async fn remember(&self, storage: &Storage, link: &Link) {
        if let Err(error) = self.marks.remember(&storage.place().id, link).await {
            // The person has the link and it works: that the list will not show it is no reason to say it did not.
            tracing::warn!(%error, "a link was copied but can't be remembered");
        }
    }

    /// What the Share sheet offers for a file.
    ///
    /// # Errors
    /// `FileGone`, and what the keys say when they can't be had.
    pub async fn options(&self, target: LinkTarget) -> Result<ShareOptions> {
        let Target { storage, name, size_bytes } = self.find(target).await?;
        let latest = links::latest_end(&storage, true).await?;
        let offered = ends::choices(&ZonedDateTime::now(), latest.at, storage.place().link_time());
        let label = names::last_segment(&name);
        Ok(ShareOptions {
            name: names::display(label),
            size_bytes,
            type_label: files::type_label(label),
            type_group: TypeGroup::from(files::TypeGroup::of(label)),
            choices: offered.choices.iter().map(EndChoice::from).collect(),
            preferred: drawn(offered.preferred),
            latest: time(latest.at),
            latest_because: latest.because.into(),
            may_open: links::may_open_in_browser(label),
            practice: storage.place().is_practice(),
        })
    }
}

impl From<&ends::Choice> for EndChoice {
    fn from(choice: &ends::Choice) -> Self {
        EndChoice { at: time(choice.at), kind: choice.kind.into(), allowed: choice.allowed }
    }
}

fn chosen(end: &LinkEndChoice) -> Result<links::EndChoice> {
    let refused = || Error::new(Code::LinkEndRefused, Operation::Link).with("allowed", "7 days");
    match end {
        LinkEndChoice::Default => Ok(links::EndChoice::Default),
        LinkEndChoice::At { at } => Ok(links::EndChoice::At(at.parse().map_err(|_| refused())?)),
    }
}

/// Types that can run script are only ever downloaded, whatever the page says.
fn disposition(name: &str, open: bool) -> Disposition {
    if open && links::may_open_in_browser(names::last_segment(name)) {
        Disposition::Open
    } else {
        Disposition::Download
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_end_that_is_no_time_is_refused_in_plain_words() {
        let refused = chosen(&LinkEndChoice::At { at: "soon".to_owned() }).unwrap_err();
        assert_eq!(refused.code(), Code::LinkEndRefused);
        assert!(chosen(&LinkEndChoice::At { at: "2026-11-27T16:00:00Z".to_owned() }).is_ok());
    }

    #[test]
    fn a_page_is_downloaded_even_if_it_was_to_be_opened() {
        assert!(matches!(disposition("a/evil.html", true), Disposition::Download));
        assert!(matches!(disposition("a/b.pdf", true), Disposition::Open));
        assert!(matches!(disposition("a/b.pdf", false), Disposition::Download));
    }
}
