//! Who is alive: every process that has transfers holds a lock on a file of its own, for as long as it lives.
//!
//! The system lets go of the lock when the process ends, however it ends, and keeps it while the computer sleeps.

use std::fs::{File, OpenOptions, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

const FOLDER: &str = "running";

/// The proof that this process lives. Goes with it.
#[derive(Debug)]
pub(crate) struct Lease {
    name: String,
    path: PathBuf,
    _locked: File,
}

impl Lease {
    /// Takes a new one in the folder of the ledger.
    ///
    /// # Errors
    /// When the folder can't be written, or its disk knows no locks.
    pub(crate) fn take(state_dir: &Path) -> io::Result<Self> {
        let folder = state_dir.join(FOLDER);
        std::fs::create_dir_all(&folder)?;
        let name = uuid::Uuid::new_v4().to_string();
        let path = folder.join(&name);
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        {
            use std::os::unix::fs::OpenOptionsExt;
            options.mode(0o600);
        }
        let file = options.open(&path)?;
        file.lock()?;
        Ok(Lease { name, path, _locked: file })
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        // A file that stays is found without its lock, and means the same.
        let _ = std::fs::remove_file(&self.path);
    }
}

/// Whether somebody holds this lease. What is left of one that nobody holds is removed.
pub(crate) fn is_held(state_dir: &Path, name: &str) -> bool {
    // A name comes from the ledger: nothing but a lease is ever looked at.
    if uuid::Uuid::parse_str(name).is_err() {
        return false;
    }
    let path = state_dir.join(FOLDER).join(name);
    let Ok(file) = OpenOptions::new().read(true).write(true).open(&path) else { return false };
    // Two that look at one moment do not take each other for its holder.
    match file.try_lock_shared() {
        Ok(()) => {
            // Somebody else may have removed it just before.
            let _ = std::fs::remove_file(&path);
            false
        }
        Err(TryLockError::WouldBlock) => true,
        // A disk without locks: better resumed by hand than twice.
        Err(TryLockError::Error(_)) => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lease_is_held_until_its_process_lets_go() {
        let dir = tempfile::tempdir().unwrap();
        let lease = Lease::take(dir.path()).unwrap();
        let name = lease.name().to_owned();
        assert!(is_held(dir.path(), &name));
        drop(lease);
        assert!(!is_held(dir.path(), &name));
        assert!(!is_held(dir.path(), "../ledger.sqlite"));
    }
}
