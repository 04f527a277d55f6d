//! The person's own list of links: what each opens, its times, its note. Never the address, from which anybody could read the file.

use super::sign::Recipe;
use super::{EndsBecause, Link};
use crate::error::{Code, Error, Operation, Result};
use crate::ledger::Ledger;
use crate::place::PlaceId;
use jiff::Timestamp;
use rusqlite::{Row, params};
use std::time::Duration;

/// What became of a link.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LinkState {
    Working,
    Ended,
    Stopped,
}

/// One link of the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shared {
    pub id: String,
    pub place: PlaceId,
    /// The full name below the place that was asked for; of several files, the title of their page.
    pub name: String,
    pub made_at: Timestamp,
    pub ends_at: Timestamp,
    pub ends_because: EndsBecause,
    pub stoppable: bool,
    pub recorded: bool,
    /// More than one: a page of them.
    pub files: u32,
    /// As the file was when it was shared.
    pub size_bytes: Option<u64>,
    pub etag: Option<String>,
    pub note: Option<String>,
    pub stopped_at: Option<Timestamp>,
    /// None of links that were made by a version that did not keep it.
    pub recipe: Option<Recipe>,
    pub fingerprint: Option<String>,
}

impl Shared {
    pub fn state(&self, now: Timestamp) -> LinkState {
        match self.stopped_at {
            Some(_) => LinkState::Stopped,
            None if self.ends_at > now => LinkState::Working,
            None => LinkState::Ended,
        }
    }
}

const COLUMNS: &str = "id, place, name, made_at, ends_at, ends_because, stoppable, recorded, files, size, etag, note, \
                       stopped_at, opens, signed_from, lasts, disposition, content_type, fingerprint";

fn shared(row: &Row<'_>) -> rusqlite::Result<Shared> {
    let time = |second: i64| Timestamp::from_second(second).unwrap_or(Timestamp::UNIX_EPOCH);
    let opens: Option<String> = row.get("opens")?;
    let signed_from: Option<i64> = row.get("signed_from")?;
    let lasts = row.get::<_, Option<i64>>("lasts")?.and_then(|lasts| u64::try_from(lasts).ok());
    let recipe = match (opens, signed_from, lasts) {
        (Some(key_name), Some(signed_from), Some(lasts)) => Some(Recipe {
            key_name,
            signed_from: time(signed_from),
            lasts: Duration::from_secs(lasts),
            disposition: row.get("disposition")?,
            content_type: row.get("content_type")?,
        }),
        _ => None,
    };
    let because: String = row.get("ends_because")?;
    Ok(Shared {
        id: row.get("id")?,
        place: PlaceId::from_text(row.get::<_, String>("place")?),
        name: row.get("name")?,
        made_at: time(row.get("made_at")?),
        ends_at: time(row.get("ends_at")?),
        ends_because: serde_json::from_value(because.into()).unwrap_or(EndsBecause::Unknown),
        stoppable: row.get("stoppable")?,
        recorded: row.get("recorded")?,
        files: row.get("files")?,
        size_bytes: row.get::<_, Option<i64>>("size")?.and_then(|size| u64::try_from(size).ok()),
        etag: row.get("etag")?,
        note: row.get("note")?,
        stopped_at: row.get::<_, Option<i64>>("stopped_at")?.map(time),
        recipe,
        fingerprint: row.get("fingerprint")?,
    })
}

/// Remembers a link that is handed over.
///
/// # Errors
/// `LedgerUnreadable`, `DiskFull`.
pub async fn remember(ledger: &Ledger, place: &PlaceId, link: &Link) -> Result<()> {
    let (place, link) = (place.as_str().to_owned(), link.clone());
    let because = serde_json::to_value(link.ends_because)
        .ok()
        .and_then(|value| value.as_str().map(str::to_owned))
        .unwrap_or_default();
    ledger
        .with(move |connection| {
            let sql = format!(
                "INSERT INTO links ({COLUMNS}) \
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, NULL, ?13, ?14, ?15, ?16, ?17, ?18)"
            );
            let recipe = &link.recipe;
            connection
                .execute(
                    &sql,
                    params![
                        link.id,
                        place,
                        link.name,
                        link.made_at.as_second(),
                        link.ends_at.as_second(),
                        because,
                        link.stoppable,
                        link.recorded,
                        link.files,
                        link.known.as_ref().and_then(|known| i64::try_from(known.size_bytes).ok()),
                        link.known.as_ref().and_then(|known| known.etag.clone()),
                        link.note,
                        recipe.key_name,
                        recipe.signed_from.as_second(),
                        i64::try_from(recipe.lasts.as_secs()).unwrap_or(i64::MAX),
                        recipe.disposition,
                        recipe.content_type,
                        link.fingerprint,
                    ],
                )
                .map(drop)
        })
        .await
}

/// All links that were made on this computer for a place, the newest first.
///
/// # Errors
/// `LedgerUnreadable`.
pub async fn history(ledger: &Ledger, place: &PlaceId) -> Result<Vec<Shared>> {
    let place = place.as_str().to_owned();
    ledger
        .with(move |connection| {
            let sql = format!("SELECT {COLUMNS} FROM links WHERE place = ?1 ORDER BY made_at DESC, rowid DESC");
            connection.prepare_cached(&sql)?.query_map(params![place], shared)?.collect()
        })
        .await
}

/// One link, by its id or by as much of its beginning as only one has.
///
/// # Errors
/// `LinkUnknown`, `LedgerUnreadable`.
pub async fn find(ledger: &Ledger, id: &str) -> Result<Shared> {
    let wanted = id.to_owned();
    let found: Vec<Shared> = ledger
        .with(move |connection| {
            let sql = format!("SELECT {COLUMNS} FROM links WHERE substr(id, 1, length(?1)) = ?1 LIMIT 2");
            connection.prepare_cached(&sql)?.query_map(params![wanted], shared)?.collect()
        })
        .await?;
    match <[Shared; 1]>::try_from(found) {
        Ok([one]) if !id.is_empty() => Ok(one),
        _ => Err(Error::new(Code::LinkUnknown, Operation::Link).with("file", id)),
    }
}

/// Notes that a link was stopped.
///
/// # Errors
/// `LedgerUnreadable`, `DiskFull`.
pub(super) async fn note_stopped(ledger: &Ledger, id: &str, at: Timestamp) -> Result<()> {
    let id = id.to_owned();
    ledger
        .with(move |connection| {
            let sql = "UPDATE links SET stopped_at = ?2 WHERE id = ?1 AND stopped_at IS NULL";
            connection.execute(sql, params![id, at.as_second()]).map(drop)
        })
        .await
}

/// Changes the note of a link. Empty is none.
///
/// # Errors
/// `LedgerUnreadable`, `DiskFull`.
pub async fn set_note(ledger: &Ledger, id: &str, note: &str) -> Result<()> {
    let (id, note) = (id.to_owned(), Some(note.trim().to_owned()).filter(|note| !note.is_empty()));
    ledger
        .with(move |connection| {
            connection.execute("UPDATE links SET note = ?2 WHERE id = ?1", params![id, note]).map(drop)
        })
        .await
}

/// The person's links that still work, of all places, the newest first.
///
/// # Errors
/// `LedgerUnreadable`.
pub async fn working(ledger: &Ledger) -> Result<Vec<Shared>> {
    let now = Timestamp::now().as_second();
    ledger
        .with(move |connection| {
            let sql = format!(
                "SELECT {COLUMNS} FROM links WHERE ends_at > ?1 AND stopped_at IS NULL ORDER BY made_at DESC, rowid DESC"
            );
            connection.prepare_cached(&sql)?.query_map(params![now], shared)?.collect()
        })
        .await
}

/// Takes a link off the list. What it opens stays as it is.
///
/// # Errors
/// `LedgerUnreadable`, `DiskFull`.
pub async fn forget(ledger: &Ledger, id: &str) -> Result<()> {
    let id = id.to_owned();
    ledger.with(move |connection| connection.execute("DELETE FROM links WHERE id = ?1", params![id]).map(drop)).await
}
