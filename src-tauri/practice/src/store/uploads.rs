//! Multipart uploads in the index: beginning, parts, listing, abandoning.

use rusqlite::{Connection, Row, Transaction, params};
use uuid::Uuid;

use crate::store::StoreError;
use crate::store::buckets;
use crate::store::checksums::{Algorithm, Checksums, Kind};
use crate::store::details::Details;
use crate::store::listing::{behind, text};

#[derive(Debug, Clone)]
pub struct UploadRow {
    pub number: i64,
    pub id: String,
    pub key: String,
    pub initiated: i64,
    pub algorithm: Option<Algorithm>,
    pub kind: Option<Kind>,
    pub details: Details,
}

#[derive(Debug, Clone)]
pub struct PartRow {
    pub number: u32,
    pub body: String,
    pub size: u64,
    pub etag: String,
    pub modified: i64,
    pub checksums: Checksums,
}

const COLUMNS: &str = "number, id, key, initiated, algorithm, kind, details";

fn read(row: &Row<'_>) -> Result<UploadRow, StoreError> {
    let (algorithm, kind): (Option<String>, Option<String>) = (row.get(4)?, row.get(5)?);
    let details: String = row.get(6)?;
    Ok(UploadRow {
        number: row.get(0)?,
        id: row.get(1)?,
        key: text(row.get(2)?),
        initiated: row.get(3)?,
        algorithm: algorithm.as_deref().and_then(Algorithm::of_name),
        kind: match kind.as_deref() {
            Some("FULL_OBJECT") => Some(Kind::FullObject),
            Some(_) => Some(Kind::Composite),
            None => None,
        },
        details: serde_json::from_str(&details)?,
    })
}

impl Kind {
    pub fn name(self) -> &'static str {
        match self {
            Self::FullObject => "FULL_OBJECT",
            Self::Composite => "COMPOSITE",
        }
    }
}

pub fn create(
    connection: &Connection,
    bucket: &str,
    key: &str,
    checksum: Option<(Algorithm, Kind)>,
    details: &Details,
    now: i64,
) -> Result<String, StoreError> {
    let bucket = buckets::find(connection, bucket)?;
    let id = format!("{}{}", Uuid::new_v4().simple(), Uuid::new_v4().simple());
    connection
        .prepare_cached(
            "INSERT INTO uploads (id, bucket, key, initiated, algorithm, kind, details) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        )?
        .execute(params![
            id,
            bucket.id,
            key.as_bytes(),
            now,
            checksum.map(|(algorithm, _)| algorithm.name()),
            checksum.map(|(_, kind)| kind.name()),
            serde_json::to_string(details)?,
        ])?;
    Ok(id)
}

pub fn find(connection: &Connection, bucket: &str, key: &str, id: &str) -> Result<UploadRow, StoreError> {
    let bucket = buckets::find(connection, bucket)?;
    let mut statement = connection
        .prepare_cached(&format!("SELECT {COLUMNS} FROM uploads WHERE id = ?1 AND bucket = ?2 AND key = ?3"))?;
    let mut rows = statement.query(params![id, bucket.id, key.as_bytes()])?;
    rows.next()?.map(read).transpose()?.ok_or_else(StoreError::no_such_upload)
}

/// Puts a part in place and says which body it replaces.
pub fn put_part(
    connection: &mut Connection,
    bucket: &str,
    key: &str,
    id: &str,
    part: &PartRow,
) -> Result<Vec<String>, StoreError> {
    let transaction = connection.transaction()?;
    find(&transaction, bucket, key, id)?;
    let replaced: Vec<String> = {
        let mut statement = transaction.prepare_cached("SELECT body FROM parts WHERE upload = ?1 AND number = ?2")?;
        statement.query_map(params![id, part.number], |row| row.get(0))?.collect::<Result<_, _>>()?
    };
    transaction
        .prepare_cached(
            "INSERT OR REPLACE INTO parts (upload, number, body, size, etag, modified, checksums)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        )?
        .execute(params![
            id,
            part.number,
            part.body,
            i64::try_from(part.size).unwrap_or(i64::MAX),
            part.etag,
            part.modified,
            serde_json::to_string(&part.checksums)?,
        ])?;
    transaction.commit()?;
    Ok(replaced)
}

pub fn parts(connection: &Connection, id: &str, after: u32, limit: usize) -> Result<Vec<PartRow>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT number, body, size, etag, modified, checksums FROM parts WHERE upload = ?1 AND number > ?2
         ORDER BY number LIMIT ?3",
    )?;
    let mut rows = statement.query(params![id, after, i64::try_from(limit).unwrap_or(i64::MAX)])?;
    let mut parts = Vec::new();
    while let Some(row) = rows.next()? {
        let (size, checksums): (i64, String) = (row.get(2)?, row.get(5)?);
        parts.push(PartRow {
            number: row.get(0)?,
            body: row.get(1)?,
            size: size.unsigned_abs(),
            etag: row.get(3)?,
            modified: row.get(4)?,
            checksums: serde_json::from_str(&checksums)?,
        });
    }
    Ok(parts)
}

/// Ends an upload without taking its bodies: the caller knows which of them live on.
pub fn forget(transaction: &Transaction<'_>, id: &str) -> Result<(), StoreError> {
    transaction.prepare_cached("DELETE FROM parts WHERE upload = ?1")?.execute([id])?;
    transaction.prepare_cached("DELETE FROM uploads WHERE id = ?1")?.execute([id])?;
    Ok(())
}

pub fn abort(connection: &mut Connection, bucket: &str, key: &str, id: &str) -> Result<Vec<String>, StoreError> {
    let transaction = connection.transaction()?;
    find(&transaction, bucket, key, id)?;
    let bodies = parts(&transaction, id, 0, usize::MAX)?.into_iter().map(|part| part.body).collect();
    forget(&transaction, id)?;
    transaction.commit()?;
    Ok(bodies)
}

/// Uploads of a bucket by key and age, behind a key and, within it, behind an upload.
pub fn list(
    connection: &Connection,
    bucket: i64,
    prefix: &str,
    after_key: &str,
    after_upload: Option<&str>,
) -> Result<Vec<UploadRow>, StoreError> {
    let end = behind(prefix.as_bytes());
    let mut statement = connection.prepare_cached(&format!(
        "SELECT {COLUMNS} FROM uploads WHERE bucket = ?1 AND key >= ?2 AND key < ?3 ORDER BY key, number"
    ))?;
    let from = after_key.max(prefix);
    let mut rows = statement.query(params![bucket, from.as_bytes(), end])?;
    let mut uploads: Vec<UploadRow> = Vec::new();
    while let Some(row) = rows.next()? {
        uploads.push(read(row)?);
    }
    if after_key.is_empty() {
        return Ok(uploads);
    }
    let marker = after_upload
        .and_then(|id| uploads.iter().find(|upload| upload.key == after_key && upload.id == id))
        .map(|upload| upload.number);
    uploads.retain(|upload| upload.key.as_str() > after_key || marker.is_some_and(|number| upload.number > number));
    Ok(uploads)
}
