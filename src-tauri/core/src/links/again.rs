//! A link that was made before: copied again, renewed, stopped.

use super::history::{self, LinkState, Shared};
use super::record::{Record, Stopped};
use super::{Course, EndChoice, EndsBecause, Known, Link, LinkRequest, PrivateFolder, SignedUrl, Stoppable};
use super::{disposition, making, page, stoppable, test};
use crate::error::{Code, Error, Operation, Result};
use crate::ledger::Ledger;
use crate::names;
use crate::storage::Storage;
use jiff::Timestamp;

/// A link that was signed again: the same address, letter for letter.
#[derive(Debug, Clone)]
pub struct Again {
    pub url: SignedUrl,
    pub ends_at: Timestamp,
    pub ends_because: EndsBecause,
}

/// Signs a link again, identical to the first time, and tests it.
///
/// # Errors
/// `LinkOver` when it has ended or was stopped, `LinkKeysGone` when the keys that signed it are gone: then a new link is
/// needed. And what the test says: `FileGone` and all others of [`super::make_link`].
///
/// # Cancellation
/// Changes nothing.
pub async fn copy_again(storage: &Storage, shared: &Shared) -> Result<Again> {
    let named = |error: Error| storage.named(error).with("file", names::last_segment(&shared.name));
    if shared.state(Timestamp::now()) != LinkState::Working {
        return Err(named(Error::new(Code::LinkOver, Operation::Link)));
    }
    let gone = || named(Error::new(Code::LinkKeysGone, Operation::Link));
    let recipe = shared.recipe.as_ref().ok_or_else(gone)?;
    let private = PrivateFolder::of(storage.place(), &recipe.key_name).is_some();
    let keys = storage.link_keys(private).await?;
    if shared.fingerprint.as_deref() != Some(keys.fingerprint().as_str()) {
        return Err(gone());
    }
    let signer = storage.signer().get(storage, &keys, recipe.signed_from).await?;
    let url = signer.sign(&storage.place().key(&recipe.key_name), recipe);
    test::test(storage, &recipe.key_name, &url).await.map_err(named)?;
    Ok(Again { url, ends_at: shared.ends_at, ends_because: shared.ends_because })
}

/// Of the keys that would sign now: links that others signed can't be copied again. Nothing is asked of the store.
///
/// # Errors
/// What the keys say when they can't be had.
///
/// # Cancellation
/// Changes nothing.
pub async fn fingerprints(storage: &Storage) -> Result<[String; 2]> {
    Ok([storage.link_keys(true).await?.fingerprint(), storage.link_keys(false).await?.fingerprint()])
}

/// Makes a new link to the same file or files. The old one stays as it is.
///
/// # Errors
/// As [`super::make_link_on`] and [`super::make_page`].
///
/// # Cancellation
/// As those.
pub async fn renew(storage: &Storage, shared: &Shared, end: EndChoice, course: &Course) -> Result<Link> {
    let opens = shared.recipe.as_ref().map(|recipe| recipe.key_name.clone());
    let copy = opens.filter(|name| PrivateFolder::of(storage.place(), name).is_some());
    if shared.files > 1 {
        let gone = || Error::new(Code::FileGone, Operation::Link).with("file", shared.name.clone());
        let folder = copy.and_then(|name| PrivateFolder::of(storage.place(), &name)).ok_or_else(gone)?;
        let files = page::files_of_page(storage, &folder).await?;
        let request = page::PageRequest {
            title: shared.name.clone(),
            files,
            from: None,
            end,
            exact: false,
            note: shared.note.clone(),
            folder: None,
        };
        return page::make_page(storage, &request, course).await;
    }
    let opened = shared.recipe.as_ref().and_then(|recipe| recipe.disposition.as_deref());
    let request = LinkRequest {
        end,
        disposition: disposition::of_header(opened.unwrap_or_default()),
        stoppable: if shared.stoppable { Stoppable::IfAllowed } else { Stoppable::No },
        note: shared.note.clone(),
        ..LinkRequest::new(shared.name.clone())
    };
    match making::make_another(storage, &request, course).await {
        // What was shared is gone where it was; what the link opens may still be there.
        Err(error) if error.code() == Code::FileGone && copy.is_some() => {
            let copy = copy.unwrap_or_default();
            let known = shared.size_bytes.map(|size_bytes| Known { size_bytes, etag: shared.etag.clone() });
            let request = LinkRequest { name: copy, known, ..request };
            let link = making::make_another(storage, &request, course).await?;
            Ok(Link { name: shared.name.clone(), ..link })
        }
        made => made,
    }
}

/// Ends a link now: deletes what it opens, proves that it no longer works, and notes it here and in the share folder's log.
///
/// # Errors
/// `NotStoppable` for a link to the file itself, `DeleteDenied`, `StopUnproven`, and what the connection says.
///
/// # Cancellation
/// It may be stopped or not; stopping again settles it.
pub async fn stop(storage: &Storage, ledger: &Ledger, shared: &Shared) -> Result<()> {
    let opens = shared.recipe.as_ref().map(|recipe| recipe.key_name.clone()).unwrap_or_default();
    let record = Record {
        id: shared.id.clone(),
        who: String::new(),
        name: shared.name.clone(),
        made_at: shared.made_at,
        ends_at: shared.ends_at,
        stoppable: shared.stoppable,
        files: shared.files,
        opens,
        stopped: None,
    };
    let at = end_it(storage, &record).await?;
    if shared.recorded {
        note(storage, &record, at).await;
    }
    history::note_stopped(ledger, &shared.id, at).await
}

/// Ends a link that somebody else made, by its record.
///
/// # Errors
/// As [`stop`].
///
/// # Cancellation
/// As [`stop`].
pub async fn stop_recorded(storage: &Storage, ledger: &Ledger, record: &Record) -> Result<()> {
    let at = end_it(storage, record).await?;
    note(storage, record, at).await;
    // It may be one of ours.
    history::note_stopped(ledger, &record.id, at).await
}

async fn end_it(storage: &Storage, record: &Record) -> Result<Timestamp> {
    let named = |error: Error| storage.named(error).with("file", names::last_segment(&record.name));
    // What is deleted is only ever in a private folder, whatever a record says.
    if PrivateFolder::of(storage.place(), &record.opens).is_none() {
        return Err(named(Error::new(Code::NotStoppable, Operation::Delete)));
    }
    stoppable::stop(storage, &record.opens, record.files > 1).await.map_err(named)?;
    Ok(Timestamp::now())
}

async fn note(storage: &Storage, record: &Record, at: Timestamp) {
    let who = super::who(storage).await.unwrap_or_default();
    if let Err(error) = record.write_stopped(storage, &Stopped { at, who }).await {
        // The link is stopped, and that is what counts.
        tracing::warn!(%error, "that a link was stopped could not be recorded in the share folder");
    }
}
