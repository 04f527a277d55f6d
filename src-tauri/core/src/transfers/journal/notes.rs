//! What jobs note on their way: unfinished uploads and their parts, partial files and their stretches.

use super::convert::{number, path, path_bytes, size};
use super::{Journal, Living, Stale};
use crate::error::Result;
use crate::transfers::TransferId;
use crate::transfers::checksum::{Crc, Md5Sum};
use crate::transfers::kept::{Kept, KeptPart, KeptPartial, KeptStretch, KeptUpload};
use rusqlite::{Connection, OptionalExtension, params};
use std::path::Path;

impl Journal {
    pub(crate) async fn note_name(&self, id: TransferId, name: &str) -> Result<()> {
        let name = name.to_owned();
        self.ledger
            .with(move |connection| {
                let sql = "UPDATE transfers SET trying_name = ?1 WHERE id = ?2";
                connection.execute(sql, params![name, number(id.0)]).map(drop)
            })
            .await
    }

    /// An upload that was noted before for the same transfer is remembered as one that has to be taken back.
    pub(crate) async fn note_upload(&self, id: TransferId, upload: KeptUpload) -> Result<()> {
        let runner = std::sync::Arc::clone(&self.runner);
        self.ledger
            .with(move |connection| {
                let id = number(id.0);
                let work = connection.transaction()?;
                work.execute("UPDATE unfinished_uploads SET transfer = NULL WHERE transfer = ?1", params![id])?;
                work.execute(
                    "INSERT INTO unfinished_uploads (transfer, runner, place, key, upload, part_bytes, source, checksums)
                     SELECT id, ?2, place, ?3, ?4, ?5, ?6, ?7 FROM transfers WHERE id = ?1",
                    params![
                        id,
                        &*runner,
                        upload.key,
                        upload.upload,
                        number(upload.part_bytes),
                        upload.source,
                        upload.checksums
                    ],
                )?;
                work.commit()
            })
            .await
    }

    pub(crate) async fn note_part(&self, id: TransferId, part: KeptPart) -> Result<()> {
        self.ledger
            .with(move |connection| {
                let sql = "INSERT OR REPLACE INTO sent_parts (upload, part, bytes, etag, crc, md5, proven)
                           SELECT number, ?2, ?3, ?4, ?5, ?6, ?7 FROM unfinished_uploads WHERE transfer = ?1";
                let md5 = part.md5.map(|sum| sum.bytes().to_vec());
                connection
                    .prepare_cached(sql)?
                    .execute(params![
                        number(id.0),
                        part.number,
                        number(part.crc.length),
                        part.etag,
                        part.crc.value.cast_signed(),
                        md5,
                        part.proven
                    ])
                    .map(drop)
            })
            .await
    }

    pub(crate) async fn forget_upload(&self, upload: &str) -> Result<()> {
        let upload = upload.to_owned();
        self.ledger
            .with(move |connection| {
                connection.execute("DELETE FROM unfinished_uploads WHERE upload = ?1", params![upload]).map(drop)
            })
            .await
    }

    pub(crate) async fn note_partial(&self, id: TransferId, at: &Path, etag: Option<&str>, bytes: u64) -> Result<()> {
        let (at, etag) = (path_bytes(&super::lasting_path(at)), etag.map(str::to_owned));
        self.ledger
            .with(move |connection| {
                let id = number(id.0);
                let work = connection.transaction()?;
                work.execute("DELETE FROM saved_stretches WHERE transfer = ?1", params![id])?;
                let sql = "INSERT OR REPLACE INTO partial_files (transfer, path, etag, size)
                           SELECT id, ?2, ?3, ?4 FROM transfers WHERE id = ?1";
                work.execute(sql, params![id, at, etag, number(bytes)])?;
                work.commit()
            })
            .await
    }

    pub(crate) async fn note_stretch(&self, id: TransferId, stretch: KeptStretch) -> Result<()> {
        self.ledger
            .with(move |connection| {
                let sql = "INSERT OR REPLACE INTO saved_stretches (transfer, start, ends, crc)
                           SELECT transfer, ?2, ?3, ?4 FROM partial_files WHERE transfer = ?1";
                let values =
                    params![number(id.0), number(stretch.start), number(stretch.end), stretch.crc.cast_signed()];
                connection.prepare_cached(sql)?.execute(values).map(drop)
            })
            .await
    }

    pub(crate) async fn forget_partial(&self, id: TransferId) -> Result<()> {
        self.ledger
            .with(move |connection| {
                connection.execute("DELETE FROM saved_stretches WHERE transfer = ?1", params![number(id.0)])?;
                connection.execute("DELETE FROM partial_files WHERE transfer = ?1", params![number(id.0)]).map(drop)
            })
            .await
    }
}

pub(super) fn kept(connection: &Connection, id: TransferId) -> rusqlite::Result<Kept> {
    let sql = "SELECT token, trying_name FROM transfers WHERE id = ?1";
    let row = connection.query_row(sql, params![number(id.0)], |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
    let (token, trying_name) = row.unwrap_or_default();
    let (upload, partial) = (kept_upload(connection, id)?, kept_partial(connection, id)?);
    Ok(Kept { token, trying_name, may_be_stored: true, upload, partial })
}

fn kept_upload(connection: &Connection, id: TransferId) -> rusqlite::Result<Option<KeptUpload>> {
    let sql = "SELECT number, key, upload, part_bytes, source, checksums FROM unfinished_uploads WHERE transfer = ?1";
    let found = connection.query_row(sql, params![number(id.0)], |row| {
        let upload = KeptUpload {
            key: row.get(1)?,
            upload: row.get(2)?,
            part_bytes: size(row.get(3)?),
            source: row.get(4)?,
            checksums: row.get(5)?,
            parts: Vec::new(),
        };
        Ok((row.get::<_, i64>(0)?, upload))
    });
    let Some((row, mut upload)) = found.optional()? else { return Ok(None) };
    let sql = "SELECT part, bytes, etag, crc, md5, proven FROM sent_parts WHERE upload = ?1 ORDER BY part";
    let mut query = connection.prepare_cached(sql)?;
    let parts = query.query_map(params![row], |row| {
        let crc: i64 = row.get(3)?;
        let md5: Option<Vec<u8>> = row.get(4)?;
        Ok(KeptPart {
            number: row.get(0)?,
            etag: row.get(2)?,
            crc: Crc { value: crc.cast_unsigned(), length: size(row.get(1)?) },
            md5: md5.and_then(|bytes| bytes.try_into().ok()).map(Md5Sum::from_bytes),
            proven: row.get(5)?,
        })
    })?;
    upload.parts = parts.collect::<rusqlite::Result<_>>()?;
    Ok(Some(upload))
}

fn kept_partial(connection: &Connection, id: TransferId) -> rusqlite::Result<Option<KeptPartial>> {
    let sql = "SELECT path, etag, size FROM partial_files WHERE transfer = ?1";
    let found = connection.query_row(sql, params![number(id.0)], |row| {
        Ok(KeptPartial { path: path(row.get(0)?), etag: row.get(1)?, size: size(row.get(2)?), stretches: Vec::new() })
    });
    let Some(mut partial) = found.optional()? else { return Ok(None) };
    let sql = "SELECT start, ends, crc FROM saved_stretches WHERE transfer = ?1 ORDER BY start";
    let mut query = connection.prepare_cached(sql)?;
    let stretches = query.query_map(params![number(id.0)], |row| {
        let crc: i64 = row.get(2)?;
        Ok(KeptStretch { start: size(row.get(0)?), end: size(row.get(1)?), crc: crc.cast_unsigned() })
    })?;
    partial.stretches = stretches.collect::<rusqlite::Result<_>>()?;
    Ok(Some(partial))
}

pub(super) fn stale(connection: &Connection, living: &mut Living) -> rusqlite::Result<Vec<Stale>> {
    let sql = "SELECT p.definition, u.key, u.upload, u.runner FROM unfinished_uploads u
               JOIN transfer_places p ON p.number = u.place LEFT JOIN transfers t ON t.id = u.transfer
               WHERE t.id IS NULL OR t.state IN ('done', 'stopped', 'skipped')";
    let mut query = connection.prepare(sql)?;
    let rows = query.query_map([], |row| {
        let definition: String = row.get(0)?;
        Ok((definition, row.get(1)?, row.get(2)?, row.get::<_, Option<String>>(3)?))
    })?;
    let mut stale = Vec::new();
    for row in rows {
        let (definition, key, upload, runner) = row?;
        if let Ok(place) = serde_json::from_str(&definition)
            && !living.has(runner.as_deref())
        {
            stale.push(Stale { place, key, upload });
        }
    }
    Ok(stale)
}
