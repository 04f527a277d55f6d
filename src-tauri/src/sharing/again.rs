//! What is done with a link that was made: copied again, renewed, taken back, mailed, shown as a picture.

use super::{Sharing, copied, target};
use crate::handover::{self, Handover};
use crate::messages;
use crate::problems::Trouble;
use crate::shared_links::Earlier;
use crate::support;
use crate::wire::files::drawn;
use crate::wire::links::{LinkCopied, LinkTarget, LinkUndone};
use crate::wire::shared_links::LinkQr;
use crate::wire::time;
use jiff::ZonedDateTime;
use satchel_core::links::{self, Again, EndChoice, Qr, Shared};
use satchel_core::storage::Storage;
use satchel_core::{Code, Error, Operation, Result};

impl Sharing {
    /// Signs a link once more, tests it and puts it on the clipboard.
    ///
    /// # Errors
    /// `LinkUnknown`, `LinkOver`, `LinkKeysGone`, what the test says; a clipboard that takes nothing.
    pub async fn copy_again(&self, id: &str, with_text: bool) -> Result<LinkCopied, Trouble> {
        let (_, shared, again) = self.signed_again(id).await?;
        self.clipboard.put_link(Handover::of_again(&shared, &again, with_text)).await?;
        Ok(LinkCopied {
            id: shared.id.clone(),
            name: handover::label(&shared.name, shared.files),
            files: shared.files,
            ends_at: time(again.ends_at),
            ends_because: again.ends_because.into(),
            stoppable: shared.stoppable,
            long_for_mail: handover::is_long_for_mail(&again.url),
            target: LinkTarget::Link { id: shared.id.clone() },
        })
    }

    async fn signed_again(&self, id: &str) -> Result<(Storage, Box<Shared>, Again)> {
        let (storage, earlier) = self.links.find(id).await?;
        match earlier {
            Earlier::Mine(shared) => {
                let again = links::copy_again(&storage, &shared).await?;
                Ok((storage, shared, again))
            }
            // Other keys signed it.
            Earlier::Theirs(record) => Err(Error::new(Code::LinkKeysGone, Operation::Link)
                .with("file", handover::label(&record.name, record.files))),
        }
    }

    /// Makes a new link to the same, with the place's end, and puts it on the clipboard. The old one stays as it is.
    ///
    /// # Errors
    /// As [`Sharing::copy_link`], and `LinkUnknown`.
    pub async fn renew(&self, id: &str) -> Result<LinkCopied, Trouble> {
        let target::Target { storage, what } = self.find(&LinkTarget::Link { id: id.to_owned() }).await?;
        let target::What::Earlier(shared) = what else { return Err(unknown(id).into()) };
        let (storage, shared) = (&storage, &shared);
        let make = |course| async move { links::renew(storage, shared, EndChoice::Default, &course).await };
        let link = self.making.run(make).await?;
        self.hand_out(storage, &link, false).await?;
        Ok(copied(&link, LinkTarget::Link { id: link.id.clone() }))
    }

    /// Takes a link back that was just made: off the clipboard, stopped if it can be, and off the list.
    ///
    /// # Errors
    /// `LinkUnknown`, and what keeps it from being stopped: it stays on the list then.
    pub async fn undo(&self, id: &str) -> Result<LinkUndone> {
        self.clipboard.take_back(id).await;
        let (_, earlier) = self.links.find(id).await?;
        let Earlier::Mine(shared) = earlier else { return Err(unknown(id)) };
        if shared.stoppable {
            self.links.stop(id).await?;
        }
        self.links.forget(&shared).await?;
        Ok(LinkUndone { stopped: shared.stoppable })
    }

    /// Puts a link on the clipboard and opens a mail that says where to paste it. The link itself is in no argument.
    ///
    /// # Errors
    /// As [`Sharing::copy_again`], and no mail program.
    pub async fn email(&self, id: &str) -> Result<(), Trouble> {
        let (_, shared, again) = self.signed_again(id).await?;
        self.clipboard.put_link(Handover::of_again(&shared, &again, false)).await?;
        let end = links::until(again.ends_at, &ZonedDateTime::now());
        let name = handover::label(&shared.name, shared.files);
        let values = [("file", name.as_str()), ("end", end.as_str()), ("paste", PASTE)];
        support::mail(
            &messages::filled("shell.mail.link_subject", &values),
            &messages::filled("shell.mail.link_body", &values),
        )
    }

    /// A link as a picture that phones read.
    ///
    /// # Errors
    /// `LinkTooLongForQr`, and as [`Sharing::copy_again`].
    pub async fn qr(&self, id: &str) -> Result<LinkQr> {
        let (_, code) = self.code(id).await?;
        Ok(LinkQr { size: drawn(code.width()), path: code.svg_path() })
    }

    /// The same as a PNG, and a name for its file.
    ///
    /// # Errors
    /// As [`Sharing::qr`].
    pub async fn qr_png(&self, id: &str) -> Result<(String, Vec<u8>)> {
        /// Large enough for a poster.
        const PIXELS_A_MODULE: u32 = 12;
        let (name, code) = self.code(id).await?;
        Ok((format!("{name}.png"), code.png(PIXELS_A_MODULE)?))
    }

    async fn code(&self, id: &str) -> Result<(String, Qr)> {
        let (storage, shared, Again { url, .. }) = self.signed_again(id).await?;
        let name = handover::label(&shared.name, shared.files);
        let named = |error: Error| error.with("file", name.clone()).with("place", storage.place().name.clone());
        let code = Qr::of(&url).map_err(named)?;
        Ok((name, code))
    }
}

fn unknown(id: &str) -> Error {
    Error::new(Code::LinkUnknown, Operation::Link).with("file", id)
}

/// How this desktop pastes.
const PASTE: &str = if cfg!(target_os = "macos") { "⌘V" } else { "Ctrl+V" };
