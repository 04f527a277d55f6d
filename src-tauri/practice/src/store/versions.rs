//! Listing all versions and delete markers, newest first within a key.

use rusqlite::{Connection, OptionalExtension as _, params};

use crate::store::StoreError;
use crate::store::listing::{After, behind, folder_of, start_of, text};

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum VersionLine {
    Version { key: String, version: String, is_latest: bool, is_marker: bool, size: u64, etag: String, modified: i64 },
    Folder(String),
}

#[derive(Debug, Clone)]
pub struct AskVersions {
    pub bucket: i64,
    pub prefix: String,
    pub delimiter: Option<String>,
    pub after: After,
    /// With `After::Key`: go on behind this version of the key instead of behind the key.
    pub after_version: Option<String>,
    pub limit: usize,
}

#[derive(Debug, Default)]
pub struct VersionPage {
    pub lines: Vec<VersionLine>,
    pub is_truncated: bool,
}

pub fn list_versions(connection: &Connection, ask: &AskVersions) -> Result<VersionPage, StoreError> {
    let mut page = VersionPage::default();
    if ask.limit == 0 {
        return Ok(page);
    }
    let mut from = start_of(&ask.prefix, &ask.after);
    let mut older_than = i64::MAX;
    if let (After::Key(key), Some(version)) = (&ask.after, &ask.after_version) {
        let id: Option<i64> = connection
            .prepare_cached("SELECT id FROM objects WHERE bucket = ?1 AND key = ?2 AND version = ?3")?
            .query_row(params![ask.bucket, key.as_bytes(), version], |row| row.get(0))
            .optional()?;
        if let Some(id) = id {
            (from, older_than) = (key.clone().into_bytes(), id);
        }
    }
    let end = behind(ask.prefix.as_bytes());
    let mut statement = connection.prepare_cached(
        "SELECT key, version, latest, marker, size, etag, modified FROM objects INDEXED BY objects_by_version
         WHERE bucket = ?1 AND key >= ?2 AND key < ?3 AND (key > ?2 OR id < ?4) ORDER BY key, id DESC LIMIT ?5",
    )?;
    loop {
        let room = i64::try_from(ask.limit + 1 - page.lines.len()).unwrap_or(i64::MAX);
        let mut rows = statement.query(params![ask.bucket, from, end, older_than, room])?;
        let mut jump = None;
        while let Some(row) = rows.next()? {
            if page.lines.len() == ask.limit {
                page.is_truncated = true;
                return Ok(page);
            }
            let key = text(row.get(0)?);
            if let Some(folder) = folder_of(&key, &ask.prefix, ask.delimiter.as_deref()) {
                jump = Some(behind(folder.as_bytes()));
                page.lines.push(VersionLine::Folder(folder.to_owned()));
                break;
            }
            let size: i64 = row.get(4)?;
            page.lines.push(VersionLine::Version {
                key,
                version: row.get(1)?,
                is_latest: row.get(2)?,
                is_marker: row.get(3)?,
                size: size.unsigned_abs(),
                etag: row.get(5)?,
                modified: row.get(6)?,
            });
        }
        match jump {
            Some(next) => (from, older_than) = (next, i64::MAX),
            None => return Ok(page),
        }
    }
}
