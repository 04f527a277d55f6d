//! From a file, or several, to a tested link on the clipboard. The link goes nowhere else: not to the page, not to the log.

mod again;
mod making;
mod sheet;
mod target;

use crate::clipboard::{Clipboard, Untouched};
use crate::ends;
use crate::handover::{self, Handover};
use crate::listings::Listings;
use crate::practice::Practice;
use crate::problems::Trouble;
use crate::shared_links::SharedLinks;
use crate::uploads::Uploads;
use crate::wire::files::{TypeGroup, drawn};
use crate::wire::links::{CopyLink, EndChoice, LinkCopied, LinkEndChoice, LinkTarget, ShareOptions};
use crate::wire::time;
use jiff::ZonedDateTime;
use making::Making;
use satchel_core::ledger::Ledger;
use satchel_core::links::{self, Copied, Disposition, Link, LinkRequest, PageRequest, Stoppable};
use satchel_core::storage::Storage;
use satchel_core::{Code, Error, Operation, Result, files, names};
use sheet::Sheet;
use target::{Target, What};
use tokio::sync::watch;

pub use target::several;

/// Makes links. Cheap to clone.
#[derive(Clone)]
pub struct Sharing {
    practice: Practice,
    listings: Listings,
    uploads: Uploads,
    links: SharedLinks,
    clipboard: Clipboard,
    ledger: Ledger,
    making: Making,
}

/// What a quick upload shares.
pub enum Uploaded {
    File(Box<LinkRequest>),
    Page(PageRequest),
}

/// A link that works and is on the list.
pub struct HandedOver {
    pub link: Link,
    /// Whether it is on the clipboard too.
    pub copied: bool,
}

impl Sharing {
    pub fn new(
        practice: Practice,
        listings: Listings,
        uploads: Uploads,
        links: SharedLinks,
        clipboard: Clipboard,
        ledger: Ledger,
    ) -> Self {
        Sharing { practice, listings, uploads, links, clipboard, ledger, making: Making::default() }
    }

    /// Makes a link, tests it, and only then touches the clipboard.
    ///
    /// # Errors
    /// Whatever keeps the link from working; the clipboard is as it was then. A clipboard that takes nothing: the link is on
    /// the list then.
    ///
    /// # Cancellation
    /// Dropped early, the clipboard has the old content or a link that works.
    pub async fn copy_link(&self, request: &CopyLink) -> Result<LinkCopied, Trouble> {
        let Target { storage, what } = self.find(&request.target).await?;
        let end = chosen(&request.end)?;
        let link = self.make(&storage, what, request, end.clone()).await?;
        self.hand_out(&storage, &link, request.with_text).await?;
        if request.remember
            && let Err(error) = Sheet::remember(&self.ledger, &storage, request.open, request.stoppable, &end).await
        {
            tracing::warn!(%error, "the sheet will not start with this choice");
        }
        Ok(copied(&link, request.target.clone()))
    }

    async fn make(&self, storage: &Storage, what: What, request: &CopyLink, end: links::EndChoice) -> Result<Link> {
        let note = Some(request.note.trim().to_owned()).filter(|note| !note.is_empty());
        match what {
            What::File { name, known } => {
                let wished = LinkRequest {
                    known,
                    end,
                    disposition: disposition(&name, request.open),
                    stoppable: if request.stoppable { Stoppable::IfAllowed } else { Stoppable::No },
                    note,
                    ..LinkRequest::new(name)
                };
                let wished = &wished;
                self.making.run(|course| async move { links::make_link_on(storage, wished, &course).await }).await
            }
            What::Rows(entries) => {
                let (title, files) = target::page_of(storage, &entries).await?;
                let wished = PageRequest { title, files, from: None, end, exact: false, note, folder: None };
                let wished = &wished;
                self.making.run(|course| async move { links::make_page(storage, wished, &course).await }).await
            }
            What::Earlier(mut shared) => {
                shared.note = note;
                shared.stoppable = request.stoppable;
                if let Some(recipe) = &mut shared.recipe {
                    recipe.disposition = match disposition(&shared.name, request.open) {
                        Disposition::Open => Some("inline".to_owned()),
                        Disposition::Download => None,
                    };
                }
                let shared = &shared;
                self.making.run(|course| async move { links::renew(storage, shared, end, &course).await }).await
            }
        }
    }

    /// Gives a link to the clipboard and to the list. It is on the list also if the clipboard does not take it: it works.
    async fn hand_out(&self, storage: &Storage, link: &Link, with_text: bool) -> Result<(), Trouble> {
        let put = self.clipboard.put_link(Handover::of(link, with_text)).await;
        self.remember(storage, link).await;
        put
    }

    /// Makes a tested link and puts it on the clipboard; if `untouched` is given, only if nothing else was copied meanwhile.
    ///
    /// # Errors
    /// As [`Sharing::copy_link`].
    pub async fn hand_over(
        &self,
        storage: &Storage,
        uploaded: &Uploaded,
        untouched: Option<Untouched>,
    ) -> Result<HandedOver, Trouble> {
        let link = match uploaded {
            Uploaded::File(wished) => links::make_link(storage, wished).await?,
            Uploaded::Page(wished) => links::make_page(storage, wished, &links::Course::default()).await?,
        };
        let Some(untouched) = untouched else {
            self.hand_out(storage, &link, false).await?;
            return Ok(HandedOver { link, copied: true });
        };
        let put = self.clipboard.put_link_if(Handover::of(&link, false), untouched).await;
        self.remember(storage, &link).await;
        Ok(HandedOver { link, copied: put? })
    }

    async fn remember(&self, storage: &Storage, link: &Link) {
        if let Err(error) = self.links.add(storage, link).await {
            // The person has the link and it works: that the list will not show it is no reason to say it did not.
            tracing::warn!(%error, "a link was copied but can't be remembered");
        }
    }

    /// Stops the private copies that are being made; the links that need them are not made.
    pub fn cancel_making(&self) {
        self.making.stop();
    }

    /// How far private copies are.
    pub fn watch_making(&self) -> watch::Receiver<Copied> {
        self.making.watch()
    }

    /// What the Share sheet offers for a file, or for several.
    ///
    /// # Errors
    /// `FileGone`, and what the keys say when they can't be had.
    pub async fn options(&self, target: &LinkTarget) -> Result<ShareOptions> {
        let Target { storage, what } = self.find(target).await?;
        let place = storage.place();
        let last = Sheet::last(&self.ledger).await;
        let latest = links::latest_end(&storage, true).await?;
        let now = ZonedDateTime::now();
        let offered = ends::choices(&now, latest.at, place.link_time());
        let may_open = what.file().is_some_and(|name| links::may_open_in_browser(names::last_segment(name)));
        let (type_label, type_group) = badge(what.file(), what.files());
        Ok(ShareOptions {
            name: what.label(),
            size_bytes: what.size_bytes(),
            type_label,
            type_group,
            choices: offered.choices.iter().map(EndChoice::from).collect(),
            preferred: drawn(last.preferred(&now, &offered)),
            latest: time(latest.at),
            latest_because: latest.because.into(),
            may_open,
            practice: place.is_practice(),
            files: what.files(),
            may_choose_stoppable: what.file().is_some() && !place.links_must_be_stoppable,
            stoppable: last.stoppable || what.file().is_none() || place.links_must_be_stoppable,
            open: last.open && may_open,
        })
    }
}

/// What a link that is on the clipboard looks like on the page.
fn copied(link: &Link, target: LinkTarget) -> LinkCopied {
    LinkCopied {
        id: link.id.clone(),
        name: handover::label(&link.name, link.files),
        files: link.files,
        ends_at: time(link.ends_at),
        ends_because: link.ends_because.into(),
        stoppable: link.stoppable,
        long_for_mail: handover::is_long_for_mail(&link.url),
        target,
    }
}

/// The badge of a file, or of a page: how many files it lists.
pub fn badge(file: Option<&str>, files: u32) -> (String, TypeGroup) {
    match file {
        Some(name) => {
            let label = names::last_segment(name);
            (files::type_label(label), files::TypeGroup::of(label).into())
        }
        None if files == 0 => (String::new(), TypeGroup::Folder),
        None => (files.to_string(), TypeGroup::Other),
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

    #[test]
    fn the_badge_of_several_files_says_how_many() {
        assert_eq!(badge(Some("a/b.pdf"), 1), ("PDF".to_owned(), TypeGroup::Pdf));
        assert_eq!(badge(None, 3), ("3".to_owned(), TypeGroup::Other));
        assert_eq!(badge(None, 0).1, TypeGroup::Folder);
    }
}
