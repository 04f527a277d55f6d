//! The ledger: what has to outlive the process, in SQLite. Places without their secrets, settings, links without their URLs.
//!
//! A ledger that can't be read is put aside, never deleted, and a new one is begun.

mod migrations;

use crate::error::{Code, Error, Operation, Result};
use migrations::MIGRATIONS;
use rusqlite::{Connection, OptionalExtension, params};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

const FILE_NAME: &str = "ledger.sqlite";

/// An open ledger. Cheap to clone.
#[derive(Clone)]
pub struct Ledger {
    connection: Arc<Mutex<Connection>>,
    state_dir: PathBuf,
}

impl std::fmt::Debug for Ledger {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Ledger").finish_non_exhaustive()
    }
}

impl Ledger {
    /// `SATCHEL_STATE_DIR`, else the platform's data folder. `None` on a computer without a home.
    pub fn state_dir_by_default() -> Option<PathBuf> {
        let named = std::env::var_os("SATCHEL_STATE_DIR").filter(|path| !path.is_empty()).map(PathBuf::from);
        named.or_else(|| {
            directories::ProjectDirs::from("org", "Satchel", "satchel").map(|dirs| dirs.data_dir().to_path_buf())
        })
    }

    /// Opens the ledger in a folder and brings it up to date.
    ///
    /// # Errors
    /// `LedgerUnreadable` when the folder can't be written.
    pub async fn open(state_dir: &Path) -> Result<Self> {
        let state_dir = state_dir.to_path_buf();
        let opened = tokio::task::spawn_blocking(move || {
            create_private_dir(&state_dir).map_err(|cause| unreadable(&state_dir, cause))?;
            let path = state_dir.join(FILE_NAME);
            let connection = open_or_put_aside(&path)?;
            Ok(Ledger { connection: Arc::new(Mutex::new(connection)), state_dir })
        });
        opened.await.unwrap_or_else(|cause| Err(Error::new(Code::LedgerUnreadable, Operation::Save).because(cause)))
    }

    /// A ledger that goes with its last handle: for a computer where nothing can be written.
    ///
    /// # Errors
    /// `LedgerUnreadable` when there is no memory for it.
    pub(crate) fn in_memory() -> Result<Self> {
        let mut connection = Connection::open_in_memory().map_err(|cause| unreadable(Path::new(""), cause))?;
        migrate(&mut connection).map_err(|cause| unreadable(Path::new(""), cause))?;
        Ok(Ledger { connection: Arc::new(Mutex::new(connection)), state_dir: PathBuf::new() })
    }

    /// Whether it outlives this process.
    pub(crate) fn lasts(&self) -> bool {
        !self.state_dir.as_os_str().is_empty()
    }

    /// The folder that this ledger is in.
    pub fn state_dir(&self) -> &Path {
        &self.state_dir
    }

    /// Reads one setting.
    ///
    /// # Errors
    /// `LedgerUnreadable`.
    pub async fn setting(&self, name: &str) -> Result<Option<String>> {
        let name = name.to_owned();
        self.with(move |connection| {
            connection
                .query_row("SELECT value FROM settings WHERE name = ?1", params![name], |row| row.get(0))
                .optional()
        })
        .await
    }

    /// Writes one setting.
    ///
    /// # Errors
    /// `LedgerUnreadable`, `DiskFull`.
    pub async fn set_setting(&self, name: &str, value: &str) -> Result<()> {
        let (name, value) = (name.to_owned(), value.to_owned());
        self.with(move |connection| {
            let sql = "INSERT INTO settings (name, value) VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET value = excluded.value";
            connection.execute(sql, params![name, value]).map(drop)
        })
        .await
    }

    /// Runs one piece of work on the connection, off the async threads.
    pub(crate) async fn with<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T> {
        let connection = Arc::clone(&self.connection);
        let path = self.state_dir.join(FILE_NAME);
        let done =
            tokio::task::spawn_blocking(move || work(&mut connection.lock().unwrap_or_else(PoisonError::into_inner)));
        match done.await {
            Ok(Ok(value)) => Ok(value),
            Ok(Err(cause)) => Err(trouble(&path, cause)),
            Err(cause) => Err(Error::new(Code::LedgerUnreadable, Operation::Save).because(cause)),
        }
    }
}

fn unreadable(path: &Path, cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Error {
    Error::new(Code::LedgerUnreadable, Operation::Save).with("file", path.to_string_lossy().into_owned()).because(cause)
}

fn trouble(path: &Path, cause: rusqlite::Error) -> Error {
    match cause.sqlite_error_code() {
        Some(rusqlite::ErrorCode::DiskFull) => Error::new(Code::DiskFull, Operation::Save).because(cause),
        _ => unreadable(path, cause),
    }
}

fn open_or_put_aside(path: &Path) -> Result<Connection> {
    match open(path) {
        Err(cause) if is_torn(&cause) => {}
        opened => return opened.map_err(|cause| trouble(path, cause)),
    }
    tracing::warn!("the ledger could not be read; it is kept aside and a new one begins");
    let aside = path.with_extension(format!("damaged-{}", jiff::Timestamp::now().as_millisecond()));
    // The log first: beside a new ledger it would be taken for that one's.
    for companion in ["-wal", "-shm", ""] {
        let from = beside(path, companion);
        if from.exists() {
            std::fs::rename(&from, beside(&aside, companion)).map_err(|cause| unreadable(&from, cause))?;
        }
    }
    open(path).map_err(|cause| trouble(path, cause))
}

/// Whether the file itself is what can't be read. A full disk, a lock or a missing right says nothing about it.
fn is_torn(cause: &rusqlite::Error) -> bool {
    use rusqlite::ErrorCode::{DatabaseCorrupt, NotADatabase};
    matches!(cause.sqlite_error_code(), Some(NotADatabase | DatabaseCorrupt))
}

/// The file that SQLite keeps beside another, by the end of its name.
fn beside(path: &Path, end: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(end);
    name.into()
}

fn open(path: &Path) -> rusqlite::Result<Connection> {
    create_private_file(path);
    let mut connection = Connection::open(path)?;
    connection.busy_timeout(std::time::Duration::from_secs(5))?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "NORMAL")?;
    connection.pragma_update(None, "foreign_keys", true)?;
    migrate(&mut connection)?;
    let sound: String = connection.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
    if sound == "ok" { Ok(connection) } else { Err(corrupt()) }
}

fn migrate(connection: &mut Connection) -> rusqlite::Result<()> {
    let transaction = connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
    let taken: u32 = transaction.pragma_query_value(None, "user_version", |row| row.get(0))?;
    for (step, sql) in (1u32..).zip(MIGRATIONS).filter(|(step, _)| *step > taken) {
        transaction.execute_batch(sql)?;
        transaction.pragma_update(None, "user_version", step)?;
    }
    transaction.commit()
}

fn corrupt() -> rusqlite::Error {
    rusqlite::Error::SqliteFailure(rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_CORRUPT), None)
}

/// SQLite gives its companions the rights of the main file, so this is enough for all of them.
fn create_private_file(path: &Path) {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    if let Err(cause) = options.open(path)
        && cause.kind() != std::io::ErrorKind::AlreadyExists
    {
        tracing::debug!(%cause, "the ledger's file is left to SQLite");
    }
}

fn create_private_dir(path: &Path) -> std::io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::DirBuilderExt;
        builder.mode(0o700);
    }
    builder.create(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_torn_ledger_is_kept_aside_and_a_new_one_begins() {
        let dir = tempfile::tempdir().unwrap();
        for torn in [
            &b"not a database at all, but long enough to be read as one ................................"[..],
            &[0; 8192],
        ] {
            std::fs::write(dir.path().join(FILE_NAME), torn).unwrap();
            let ledger = Ledger::open(dir.path()).await.unwrap();
            ledger.set_setting("a", "b").await.unwrap();
            assert_eq!(ledger.setting("a").await.unwrap().as_deref(), Some("b"));
        }
        let kept = std::fs::read_dir(dir.path())
            .unwrap()
            .filter(|entry| entry.as_ref().unwrap().file_name().to_string_lossy().contains("damaged"));
        assert!(kept.count() >= 2);
    }

    #[cfg(unix)]
    #[tokio::test]
    async fn the_ledger_is_only_for_its_owner() {
        use std::os::unix::fs::PermissionsExt;
        let dir = tempfile::tempdir().unwrap();
        let state = dir.path().join("state");
        let ledger = Ledger::open(&state).await.unwrap();
        ledger.set_setting("a", "b").await.unwrap();
        let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&state), 0o700);
        for entry in std::fs::read_dir(&state).unwrap() {
            assert_eq!(mode(&entry.unwrap().path()), 0o600);
        }
    }
}
