//! What was uploaded in order to be shared and has no link yet: into which private folder it goes and what has arrived
//! there, so that the same files shared again go on. In the ledger, and never longer than the folder is kept.

use super::PrivateFolder;
use crate::error::{Code, Error, Operation, Result};
use crate::ledger::Ledger;
use crate::place::Place;
use crate::storage::Storage;
use jiff::{SignedDuration, Timestamp};
use rusqlite::params;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

const SETTING: &str = "sharing:";
/// What is kept for less is not begun to be filled any more.
const ENOUGH: SignedDuration = SignedDuration::from_hours(1);

/// A local file as it was when it was looked at: another time or size is another file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct LocalFile {
    bytes: u64,
    changed: u128,
}

impl LocalFile {
    /// # Errors
    /// What the disk says.
    pub async fn look(path: &Path) -> std::io::Result<Self> {
        let found = tokio::fs::metadata(path).await?;
        let changed = found.modified().ok().and_then(|time| time.duration_since(SystemTime::UNIX_EPOCH).ok());
        Ok(LocalFile { bytes: found.len(), changed: changed.unwrap_or_default().as_nanos() })
    }

    pub fn size_bytes(&self) -> u64 {
        self.bytes
    }
}

/// Files that are uploaded in order to be shared together.
#[derive(Debug, Clone)]
pub struct Unfinished {
    setting: String,
    pub folder: PrivateFolder,
    arrived: BTreeMap<String, LocalFile>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Kept {
    folder: String,
    ends_at: Timestamp,
    arrived: BTreeMap<String, LocalFile>,
}

impl Unfinished {
    /// A new private folder for links that last so long.
    pub fn new(storage: &Storage, paths: &[PathBuf], lasts: Duration) -> Self {
        let folder = PrivateFolder::for_upload(storage, lasts);
        Unfinished { setting: setting(storage.place(), paths), folder, arrived: BTreeMap::new() }
    }

    /// What an earlier call began with the same paths.
    ///
    /// # Errors
    /// `LedgerUnreadable`.
    pub async fn find(ledger: &Ledger, storage: &Storage, paths: &[PathBuf]) -> Result<Option<Self>> {
        let setting = setting(storage.place(), paths);
        let text = ledger.setting(&setting).await?;
        let Some(kept) = text.and_then(|text| serde_json::from_str::<Kept>(&text).ok()) else { return Ok(None) };
        let is_kept = kept.ends_at.duration_since(storage.clock().store_now()) > ENOUGH;
        // What is written into a private folder is only ever written into one, whatever the ledger says.
        let folder = PrivateFolder::of(storage.place(), &kept.folder).filter(|_| is_kept);
        Ok(folder.map(|folder| Unfinished { setting, folder, arrived: kept.arrived }))
    }

    /// Whether this file is there already, as it is now.
    pub fn has(&self, name: &str, file: &LocalFile) -> bool {
        self.arrived.get(name) == Some(file)
    }

    /// Notes that a file is there, as it was before it was sent.
    pub fn arrived(&mut self, name: &str, file: LocalFile) {
        self.arrived.insert(name.to_owned(), file);
    }

    /// Writes it down, and forgets others whose folders are not kept any more.
    ///
    /// # Errors
    /// `LedgerUnreadable`, `DiskFull`.
    pub async fn keep(&self, ledger: &Ledger) -> Result<()> {
        let kept =
            Kept { folder: self.folder.name.clone(), ends_at: self.folder.ends_at, arrived: self.arrived.clone() };
        let text = serde_json::to_string(&kept)
            .map_err(|cause| Error::new(Code::LedgerUnreadable, Operation::Save).because(cause))?;
        forget_over(ledger).await?;
        ledger.set_setting(&self.setting, &text).await
    }

    /// There is a link now, and sharing the same files again makes another.
    ///
    /// # Errors
    /// `LedgerUnreadable`, `DiskFull`.
    pub async fn forget(&self, ledger: &Ledger) -> Result<()> {
        let setting = self.setting.clone();
        ledger
            .with(move |connection| {
                connection.execute("DELETE FROM settings WHERE name = ?1", params![setting]).map(drop)
            })
            .await
    }
}

async fn forget_over(ledger: &Ledger) -> Result<()> {
    let now = Timestamp::now();
    let over = move |text: &str| serde_json::from_str::<Kept>(text).map_or(true, |kept| kept.ends_at < now);
    ledger
        .with(move |connection| {
            let sql = "SELECT name, value FROM settings WHERE substr(name, 1, length(?1)) = ?1";
            let all: Vec<(String, String)> = connection
                .prepare_cached(sql)?
                .query_map(params![SETTING], |row| Ok((row.get(0)?, row.get(1)?)))?
                .collect::<rusqlite::Result<_>>()?;
            for (name, _) in all.iter().filter(|(_, text)| over(text)) {
                connection.execute("DELETE FROM settings WHERE name = ?1", params![name])?;
            }
            Ok(())
        })
        .await
}

/// The same place and the same paths are the same share, wherever the call is made from.
fn setting(place: &Place, paths: &[PathBuf]) -> String {
    let mut hash = Sha256::new();
    hash.update(place.id.as_str());
    for path in paths {
        let whole = std::path::absolute(path).unwrap_or_else(|_| path.clone());
        hash.update([0]);
        hash.update(whole.as_os_str().as_encoded_bytes());
        // `folder` is shared under its name, `folder/` is not.
        hash.update([u8::from(path.as_os_str().as_encoded_bytes().ends_with(b"/"))]);
    }
    let hash: String = hash.finalize().iter().take(16).map(|byte| format!("{byte:02x}")).collect();
    format!("{SETTING}{hash}")
}
