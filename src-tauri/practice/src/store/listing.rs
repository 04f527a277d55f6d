//! Listing by ranges of the index: a folder costs one step, however much lies in it.

use rusqlite::{Connection, params};

use crate::store::StoreError;

/// One line of a listing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Line {
    File { key: String, size: u64, etag: String, modified: i64, algorithm: String },
    Folder(String),
}

/// Where a listing goes on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum After {
    Start,
    Key(String),
    /// Past everything that starts with this.
    Folder(String),
}

#[derive(Debug, Clone)]
pub struct Ask {
    pub bucket: i64,
    pub prefix: String,
    pub delimiter: Option<String>,
    pub after: After,
    pub limit: usize,
}

#[derive(Debug, Default)]
pub struct Page {
    pub lines: Vec<Line>,
    pub is_truncated: bool,
}

/// The first key that sorts behind all keys starting with this. UTF-8 has no 0xFF, so adding one is safe.
pub fn behind(prefix: &[u8]) -> Vec<u8> {
    let mut bound = prefix.to_vec();
    match bound.last_mut() {
        Some(last) => *last += 1,
        None => bound.push(0xff),
    }
    bound
}

/// The folder a key is shown as, if it is.
pub fn folder_of<'a>(key: &'a str, prefix: &str, delimiter: Option<&str>) -> Option<&'a str> {
    let delimiter = delimiter?;
    let place = key.get(prefix.len()..)?.find(delimiter)?;
    key.get(..prefix.len() + place + delimiter.len())
}

pub fn start_of(prefix: &str, after: &After) -> Vec<u8> {
    let from = match after {
        After::Start => Vec::new(),
        After::Key(key) => {
            let mut next = key.clone().into_bytes();
            next.push(0);
            next
        }
        After::Folder(folder) => behind(folder.as_bytes()),
    };
    from.max(prefix.as_bytes().to_vec())
}

pub fn list(connection: &Connection, ask: &Ask) -> Result<Page, StoreError> {
    let mut page = Page::default();
    if ask.limit == 0 {
        return Ok(page);
    }
    let mut from = start_of(&ask.prefix, &ask.after);
    let end = behind(ask.prefix.as_bytes());
    let mut statement = connection.prepare_cached(
        "SELECT key, size, etag, modified, algorithm FROM objects INDEXED BY objects_now
         WHERE bucket = ?1 AND latest = 1 AND marker = 0 AND key >= ?2 AND key < ?3 ORDER BY key LIMIT ?4",
    )?;
    loop {
        let room = ask.limit + 1 - page.lines.len();
        let mut rows = statement.query(params![ask.bucket, from, end, i64::try_from(room).unwrap_or(i64::MAX)])?;
        let mut jump = None;
        while let Some(row) = rows.next()? {
            if page.lines.len() == ask.limit {
                page.is_truncated = true;
                return Ok(page);
            }
            let key = text(row.get(0)?);
            if let Some(folder) = folder_of(&key, &ask.prefix, ask.delimiter.as_deref()) {
                jump = Some(behind(folder.as_bytes()));
                page.lines.push(Line::Folder(folder.to_owned()));
                break;
            }
            let size: i64 = row.get(1)?;
            page.lines.push(Line::File {
                key,
                size: size.unsigned_abs(),
                etag: row.get(2)?,
                modified: row.get(3)?,
                algorithm: row.get(4)?,
            });
        }
        match jump {
            Some(next) => from = next,
            None => return Ok(page),
        }
    }
}

/// Keys come from requests that were UTF-8, so nothing is lost here.
pub fn text(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
}
