//! Files in the index: finding them, putting them in place under a condition, deleting them.

use rusqlite::{Connection, OptionalExtension as _, Row, Transaction, params};
use uuid::Uuid;

use crate::store::StoreError;
use crate::store::buckets::{self, BucketRow, Versioning};
use crate::store::checksums::Checksums;
use crate::store::details::Details;

pub const NULL_VERSION: &str = "null";

/// One version of a file, or a delete marker.
#[derive(Debug, Clone)]
pub struct ObjectRow {
    pub id: i64,
    pub version: String,
    pub is_latest: bool,
    pub is_marker: bool,
    pub size: u64,
    pub etag: String,
    pub modified: i64,
    pub details: Details,
    /// The bucket has or had versions, so version ids are shown.
    pub shows_version: bool,
}

/// A run of an object's bytes. Without a body it is that many zeros.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Piece {
    pub body: Option<String>,
    pub size: u64,
    pub checksums: Checksums,
}

#[derive(Debug)]
pub struct NewObject {
    pub size: u64,
    pub etag: String,
    pub modified: i64,
    /// Name of the checksum's algorithm, for listings.
    pub algorithm: &'static str,
    pub details: Details,
    pub pieces: Vec<Piece>,
}

/// What a write demands of the file that is there.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Condition {
    pub must_be_new: bool,
    /// The ETag it must have; `*` for any.
    pub must_match: Option<String>,
}

#[derive(Debug)]
pub struct Placed {
    pub version: Option<String>,
    pub orphans: Vec<String>,
}

#[derive(Debug, Default)]
pub struct Deleted {
    pub version: Option<String>,
    pub is_marker: bool,
    pub orphans: Vec<String>,
}

const COLUMNS: &str = "id, version, latest, marker, size, etag, modified, details";

fn read(row: &Row<'_>, bucket: &BucketRow) -> Result<ObjectRow, StoreError> {
    let details: String = row.get(7)?;
    let size: i64 = row.get(4)?;
    Ok(ObjectRow {
        id: row.get(0)?,
        version: row.get(1)?,
        is_latest: row.get(2)?,
        is_marker: row.get(3)?,
        size: size.unsigned_abs(),
        etag: row.get(5)?,
        modified: row.get(6)?,
        details: serde_json::from_str(&details)?,
        shows_version: bucket.versioning != Versioning::Never,
    })
}

/// The latest version, delete markers included.
pub fn latest(connection: &Connection, bucket: &BucketRow, key: &str) -> Result<Option<ObjectRow>, StoreError> {
    let mut statement = connection.prepare_cached(&format!(
        "SELECT {COLUMNS} FROM objects WHERE bucket = ?1 AND key = ?2 ORDER BY id DESC LIMIT 1"
    ))?;
    let mut rows = statement.query(params![bucket.id, key.as_bytes()])?;
    rows.next()?.map(|row| read(row, bucket)).transpose()
}

pub fn version(
    connection: &Connection,
    bucket: &BucketRow,
    key: &str,
    version: &str,
) -> Result<Option<ObjectRow>, StoreError> {
    let mut statement = connection
        .prepare_cached(&format!("SELECT {COLUMNS} FROM objects WHERE bucket = ?1 AND key = ?2 AND version = ?3"))?;
    let mut rows = statement.query(params![bucket.id, key.as_bytes(), version])?;
    rows.next()?.map(|row| read(row, bucket)).transpose()
}

pub fn pieces(connection: &Connection, object: i64) -> Result<Vec<Piece>, StoreError> {
    let mut statement =
        connection.prepare_cached("SELECT body, size, checksums FROM pieces WHERE object = ?1 ORDER BY number")?;
    let mut rows = statement.query([object])?;
    let mut pieces = Vec::new();
    while let Some(row) = rows.next()? {
        let (size, checksums): (i64, String) = (row.get(1)?, row.get(2)?);
        pieces.push(Piece {
            body: row.get(0)?,
            size: size.unsigned_abs(),
            checksums: serde_json::from_str(&checksums)?,
        });
    }
    Ok(pieces)
}

pub fn check(current: Option<&ObjectRow>, condition: &Condition) -> Result<(), StoreError> {
    let present = current.filter(|row| !row.is_marker);
    if condition.must_be_new && present.is_some() {
        return Err(StoreError::precondition_failed());
    }
    match (&condition.must_match, present) {
        (None, _) => Ok(()),
        (Some(_), None) => Err(StoreError::no_such_key()),
        (Some(wanted), Some(row)) if wanted == "*" || *wanted == row.etag => Ok(()),
        (Some(_), Some(_)) => Err(StoreError::precondition_failed()),
    }
}

/// Puts a file in place. What it replaces stays as a version where the bucket keeps versions.
pub fn place(
    transaction: &Transaction<'_>,
    bucket: &BucketRow,
    key: &str,
    new: &NewObject,
    condition: &Condition,
) -> Result<Placed, StoreError> {
    if *condition != Condition::default() {
        check(latest(transaction, bucket, key)?.as_ref(), condition)?;
    }
    let (version, orphans) = make_room(transaction, bucket, key)?;
    insert(transaction, bucket, key, &version, false, new)?;
    Ok(Placed { version: (bucket.versioning != Versioning::Never).then_some(version), orphans })
}

fn make_room(
    transaction: &Transaction<'_>,
    bucket: &BucketRow,
    key: &str,
) -> Result<(String, Vec<String>), StoreError> {
    let mut orphans = Vec::new();
    let version = if bucket.versioning == Versioning::Enabled {
        Uuid::new_v4().simple().to_string()
    } else {
        let old: Option<i64> = transaction
            .prepare_cached("SELECT id FROM objects WHERE bucket = ?1 AND key = ?2 AND version = 'null'")?
            .query_row(params![bucket.id, key.as_bytes()], |row| row.get(0))
            .optional()?;
        if let Some(id) = old {
            orphans = forget(transaction, id)?;
        }
        NULL_VERSION.to_owned()
    };
    if bucket.versioning != Versioning::Never {
        transaction
            .prepare_cached("UPDATE objects SET latest = 0 WHERE bucket = ?1 AND key = ?2 AND latest = 1")?
            .execute(params![bucket.id, key.as_bytes()])?;
    }
    Ok((version, orphans))
}

fn insert(
    transaction: &Transaction<'_>,
    bucket: &BucketRow,
    key: &str,
    version: &str,
    is_marker: bool,
    new: &NewObject,
) -> Result<(), StoreError> {
    transaction
        .prepare_cached(
            "INSERT INTO objects (bucket, key, version, latest, marker, size, etag, modified, algorithm, details)
             VALUES (?1, ?2, ?3, 1, ?4, ?5, ?6, ?7, ?8, ?9)",
        )?
        .execute(params![
            bucket.id,
            key.as_bytes(),
            version,
            is_marker,
            i64::try_from(new.size).unwrap_or(i64::MAX),
            new.etag,
            new.modified,
            new.algorithm,
            serde_json::to_string(&new.details)?,
        ])?;
    let object = transaction.last_insert_rowid();
    for (number, piece) in new.pieces.iter().enumerate() {
        transaction
            .prepare_cached("INSERT INTO pieces (object, number, body, size, checksums) VALUES (?1, ?2, ?3, ?4, ?5)")?
            .execute(params![
                object,
                i64::try_from(number).unwrap_or(i64::MAX),
                piece.body,
                i64::try_from(piece.size).unwrap_or(i64::MAX),
                serde_json::to_string(&piece.checksums)?,
            ])?;
    }
    Ok(())
}

/// Takes one row away and says which bodies nothing refers to any more.
fn forget(transaction: &Transaction<'_>, id: i64) -> Result<Vec<String>, StoreError> {
    let bodies = pieces(transaction, id)?.into_iter().filter_map(|piece| piece.body).collect();
    transaction.prepare_cached("DELETE FROM pieces WHERE object = ?1")?.execute([id])?;
    transaction.prepare_cached("DELETE FROM objects WHERE id = ?1")?.execute([id])?;
    Ok(bodies)
}

/// Deletes a file or one of its versions. Deleting what is not there is no error.
pub fn delete(
    transaction: &Transaction<'_>,
    bucket: &BucketRow,
    key: &str,
    version_id: Option<&str>,
    must_match: Option<&str>,
    now: i64,
) -> Result<Deleted, StoreError> {
    let target = match version_id {
        Some(id) => version(transaction, bucket, key, id)?,
        None => latest(transaction, bucket, key)?,
    };
    if let Some(wanted) = must_match {
        let condition = Condition { must_be_new: false, must_match: Some(wanted.to_owned()) };
        check(target.as_ref(), &condition)?;
    }
    if version_id.is_none() && bucket.versioning != Versioning::Never {
        let (version, orphans) = make_room(transaction, bucket, key)?;
        let marker = NewObject {
            size: 0,
            etag: String::new(),
            modified: now,
            algorithm: "",
            details: Details::default(),
            pieces: Vec::new(),
        };
        insert(transaction, bucket, key, &version, true, &marker)?;
        return Ok(Deleted { version: Some(version), is_marker: true, orphans });
    }
    let Some(row) = target else {
        return Ok(Deleted { version: version_id.map(str::to_owned), ..Deleted::default() });
    };
    let orphans = forget(transaction, row.id)?;
    if row.is_latest {
        transaction
            .prepare_cached(
                "UPDATE objects SET latest = 1 WHERE id =
                 (SELECT id FROM objects WHERE bucket = ?1 AND key = ?2 ORDER BY id DESC LIMIT 1)",
            )?
            .execute(params![bucket.id, key.as_bytes()])?;
    }
    Ok(Deleted { version: version_id.map(str::to_owned), is_marker: row.is_marker, orphans })
}

pub fn set_details(connection: &Connection, object: i64, details: &Details) -> Result<(), StoreError> {
    connection
        .prepare_cached("UPDATE objects SET details = ?2 WHERE id = ?1")?
        .execute(params![object, serde_json::to_string(details)?])?;
    Ok(())
}

/// The bucket and one version of a file in it, as a reader wants them: with delete markers refused.
pub fn wanted(
    connection: &Connection,
    bucket: &str,
    key: &str,
    version_id: Option<&str>,
) -> Result<ObjectRow, StoreError> {
    let bucket = buckets::find(connection, bucket)?;
    match version_id {
        None => latest(connection, &bucket, key)?.ok_or_else(StoreError::no_such_key),
        Some(id) => version(connection, &bucket, key, id)?.ok_or_else(|| {
            StoreError::refuse(s3s::S3ErrorCode::NoSuchVersion, "The specified version does not exist.")
        }),
    }
}
