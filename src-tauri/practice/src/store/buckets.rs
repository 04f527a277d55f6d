//! Buckets in the index.

use rusqlite::{Connection, Row, params};
use s3s::S3ErrorCode;
use serde::{Deserialize, Serialize};

use crate::store::StoreError;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Versioning {
    Never,
    Enabled,
    Suspended,
}

#[derive(Debug, Clone)]
pub struct BucketRow {
    pub id: i64,
    pub name: String,
    pub created: i64,
    pub versioning: Versioning,
    pub cors: Vec<CorsRule>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CorsRule {
    pub id: Option<String>,
    pub origins: Vec<String>,
    pub methods: Vec<String>,
    pub headers: Vec<String>,
    pub exposed: Vec<String>,
    pub max_age_seconds: Option<i32>,
}

const COLUMNS: &str = "id, name, created, versioning, cors";

pub fn find(connection: &Connection, name: &str) -> Result<BucketRow, StoreError> {
    let mut statement = connection.prepare_cached(&format!("SELECT {COLUMNS} FROM buckets WHERE name = ?1"))?;
    let mut rows = statement.query([name])?;
    match rows.next()? {
        Some(row) => read(row),
        None => Err(StoreError::no_such_bucket()),
    }
}

pub fn all(connection: &Connection) -> Result<Vec<BucketRow>, StoreError> {
    let mut statement = connection.prepare_cached(&format!("SELECT {COLUMNS} FROM buckets ORDER BY name"))?;
    let mut rows = statement.query([])?;
    let mut buckets = Vec::new();
    while let Some(row) = rows.next()? {
        buckets.push(read(row)?);
    }
    Ok(buckets)
}

fn read(row: &Row<'_>) -> Result<BucketRow, StoreError> {
    let versioning: Option<String> = row.get(3)?;
    let cors: Option<String> = row.get(4)?;
    Ok(BucketRow {
        id: row.get(0)?,
        name: row.get(1)?,
        created: row.get(2)?,
        versioning: match versioning.as_deref() {
            Some("Enabled") => Versioning::Enabled,
            Some(_) => Versioning::Suspended,
            None => Versioning::Never,
        },
        cors: cors.map(|text| serde_json::from_str(&text)).transpose()?.unwrap_or_default(),
    })
}

pub fn create(connection: &Connection, name: &str, now: i64) -> Result<(), StoreError> {
    let made = connection
        .prepare_cached("INSERT OR IGNORE INTO buckets (name, created) VALUES (?1, ?2)")?
        .execute(params![name, now])?;
    if made == 0 {
        return Err(StoreError::refuse(
            S3ErrorCode::BucketAlreadyOwnedByYou,
            "Your previous request to create the named bucket succeeded and you already own it.",
        ));
    }
    Ok(())
}

/// Only an empty bucket can be deleted: no file, no version, no marker. Unfinished uploads go with it.
pub fn delete(connection: &mut Connection, name: &str) -> Result<Vec<String>, StoreError> {
    let transaction = connection.transaction()?;
    let bucket = find(&transaction, name)?;
    let used: i64 = transaction
        .prepare_cached("SELECT EXISTS (SELECT 1 FROM objects WHERE bucket = ?1)")?
        .query_row([bucket.id], |row| row.get(0))?;
    if used != 0 {
        return Err(StoreError::refuse(S3ErrorCode::BucketNotEmpty, "The bucket you tried to delete is not empty"));
    }
    let bodies = {
        let mut statement = transaction
            .prepare_cached("SELECT body FROM parts WHERE upload IN (SELECT id FROM uploads WHERE bucket = ?1)")?;
        statement.query_map([bucket.id], |row| row.get(0))?.collect::<Result<Vec<String>, _>>()?
    };
    transaction.execute("DELETE FROM parts WHERE upload IN (SELECT id FROM uploads WHERE bucket = ?1)", [bucket.id])?;
    transaction.execute("DELETE FROM uploads WHERE bucket = ?1", [bucket.id])?;
    transaction.execute("DELETE FROM buckets WHERE id = ?1", [bucket.id])?;
    transaction.commit()?;
    Ok(bodies)
}

pub fn set_versioning(connection: &Connection, name: &str, versioning: Versioning) -> Result<(), StoreError> {
    let bucket = find(connection, name)?;
    let text = match versioning {
        Versioning::Never => None,
        Versioning::Enabled => Some("Enabled"),
        Versioning::Suspended => Some("Suspended"),
    };
    connection.execute("UPDATE buckets SET versioning = ?2 WHERE id = ?1", params![bucket.id, text])?;
    Ok(())
}

pub fn set_cors(connection: &Connection, name: &str, rules: Option<&[CorsRule]>) -> Result<(), StoreError> {
    let bucket = find(connection, name)?;
    let text = rules.map(serde_json::to_string).transpose()?;
    connection.execute("UPDATE buckets SET cors = ?2 WHERE id = ?1", params![bucket.id, text])?;
    Ok(())
}
