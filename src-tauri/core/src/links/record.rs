//! What is remembered of a link: file, times, reason. Never the address, from which anybody could read the file.

use super::Link;
use crate::error::Result;
use crate::ledger::Ledger;
use crate::place::PlaceId;
use jiff::Timestamp;
use rusqlite::params;
use std::collections::HashMap;

/// The working links of one file, for its row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LinkMark {
    /// The end of the one that works longest.
    pub ends_at: Timestamp,
    pub count: u32,
}

/// Remembers a link that was handed over.
///
/// # Errors
/// `LedgerUnreadable`, `DiskFull`.
pub async fn remember(ledger: &Ledger, place: &PlaceId, link: &Link) -> Result<()> {
    let row = (
        link.id.clone(),
        place.as_str().to_owned(),
        link.name.clone(),
        link.made_at.as_second(),
        link.ends_at.as_second(),
    );
    let because = serde_json::to_value(link.ends_because)
        .ok()
        .and_then(|value| value.as_str().map(str::to_owned))
        .unwrap_or_default();
    ledger
        .with(move |connection| {
            let sql =
                "INSERT INTO links (id, place, name, made_at, ends_at, ends_because) VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
            connection.execute(sql, params![row.0, row.1, row.2, row.3, row.4, because]).map(drop)
        })
        .await
}

/// The links of a place that still work, by file name.
///
/// # Errors
/// `LedgerUnreadable`.
pub async fn working(ledger: &Ledger, place: &PlaceId) -> Result<HashMap<String, LinkMark>> {
    let place = place.as_str().to_owned();
    let now = Timestamp::now().as_second();
    let rows: Vec<(String, i64, u32)> = ledger
        .with(move |connection| {
            let sql = "SELECT name, MAX(ends_at), COUNT(*) FROM links WHERE place = ?1 AND ends_at > ?2 GROUP BY name";
            let mut query = connection.prepare_cached(sql)?;
            query.query_map(params![place, now], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?.collect()
        })
        .await?;
    let marks = rows
        .into_iter()
        .filter_map(|(name, end, count)| Some((name, LinkMark { ends_at: Timestamp::from_second(end).ok()?, count })));
    Ok(marks.collect())
}
