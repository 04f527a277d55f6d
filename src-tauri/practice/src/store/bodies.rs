//! Bodies in files named by id. A body is written under `incoming` and moved when it is whole; what lies
//! in `incoming` at the start belongs to nobody.

use std::fs::{File, OpenOptions};
use std::path::{Path, PathBuf};

use uuid::Uuid;

use crate::store::leases::{Lease, Leases};
use crate::store::{StoreError, private_folder};

#[derive(Debug, Clone)]
pub struct Bodies {
    root: PathBuf,
    incoming: PathBuf,
    leases: Leases,
}

/// A body that is being written. Unless it is kept, its file goes with it.
#[derive(Debug)]
pub struct Draft {
    pub name: String,
    path: PathBuf,
    kept: bool,
}

impl Bodies {
    pub fn open(folder: &Path) -> Result<Self, StoreError> {
        let root = folder.join("bodies");
        let incoming = folder.join("incoming");
        if incoming.exists() {
            std::fs::remove_dir_all(&incoming)?;
        }
        private_folder(&root)?;
        private_folder(&incoming)?;
        Ok(Self { root, incoming, leases: Leases::default() })
    }

    /// A new file to write a body into. Blocking.
    pub fn draft(&self) -> Result<(Draft, File), StoreError> {
        let name = Uuid::new_v4().simple().to_string();
        let path = self.incoming.join(&name);
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        {
            use std::os::unix::fs::OpenOptionsExt as _;
            options.mode(0o600);
        }
        let file = options.open(&path)?;
        Ok((Draft { name, path, kept: false }, file))
    }

    /// Moves a whole body to where readers look for it. Blocking.
    pub fn keep(&self, mut draft: Draft) -> Result<String, StoreError> {
        let place = self.path(&draft.name);
        self.shelve(&place)?;
        std::fs::rename(&draft.path, place)?;
        draft.kept = true;
        Ok(std::mem::take(&mut draft.name))
    }

    /// A second name for the same bytes. Blocking.
    pub fn duplicate(&self, name: &str) -> Result<String, StoreError> {
        let copy = Uuid::new_v4().simple().to_string();
        let place = self.path(&copy);
        self.shelve(&place)?;
        if std::fs::hard_link(self.path(name), &place).is_err() {
            std::fs::copy(self.path(name), place)?;
        }
        Ok(copy)
    }

    pub fn file(&self, name: &str) -> Result<File, StoreError> {
        Ok(File::open(self.path(name))?)
    }

    pub fn lease(&self, names: Vec<String>) -> Lease {
        self.leases.take(names)
    }

    /// Bodies that nothing refers to any more. Blocking.
    pub fn remove(&self, names: &[String]) {
        for name in names {
            let path = self.path(name);
            if self.leases.may_remove(name, path.clone()) {
                // What cannot be removed is found again by nobody and costs only its room.
                let _ = std::fs::remove_file(path);
            }
        }
    }

    /// Folders are made when they are first needed.
    fn shelve(&self, place: &Path) -> Result<(), StoreError> {
        match place.parent() {
            Some(shelf) if !shelf.exists() => private_folder(shelf),
            _ => Ok(()),
        }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.root.join(name.get(..2).unwrap_or("00")).join(name)
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        if !self.kept {
            let _ = std::fs::remove_file(&self.path);
        }
    }
}
