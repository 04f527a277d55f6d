//! A folder of this computer, in which single names are made, looked at and renamed, for systems that open no folders.
//!
//! Below the folder that the person chose no link is followed as far as can be seen beforehand; making one there takes
//! special rights on these systems.

use crate::transfers::conflict::There;
use jiff::Timestamp;
use std::fs::{File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

#[derive(Debug)]
pub(crate) struct Folder(PathBuf);

impl Folder {
    /// The folder that was chosen, and from there the one below it. What is not there is made if `make` says so.
    ///
    /// # Errors
    /// `NotFound`; `NotADirectory` when a file or a link has the name of a folder below.
    pub(crate) fn open(root: &Path, below: &str, make: bool) -> io::Result<Self> {
        if make {
            std::fs::create_dir_all(root)?;
        }
        let mut folder = root.to_owned();
        if !std::fs::metadata(&folder)?.is_dir() {
            return Err(io::ErrorKind::NotADirectory.into());
        }
        for segment in below.split('/').filter(|_| !below.is_empty()) {
            super::single(segment)?;
            folder.push(segment);
            match if make { std::fs::create_dir(&folder) } else { Ok(()) } {
                Err(cause) if cause.kind() != io::ErrorKind::AlreadyExists => return Err(cause),
                _ => {}
            }
            if !std::fs::symlink_metadata(&folder)?.is_dir() {
                return Err(io::ErrorKind::NotADirectory.into());
            }
        }
        Ok(Folder(folder))
    }

    /// What has a name, be it a link that leads nowhere.
    pub(crate) fn look(&self, name: &str) -> io::Result<Option<There>> {
        match std::fs::symlink_metadata(self.path(name)?) {
            Ok(metadata) => {
                let changed_at = metadata.modified().ok().and_then(|time| Timestamp::try_from(time).ok());
                Ok(Some(There { bytes: metadata.len(), changed_at }))
            }
            Err(cause) if cause.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(cause) => Err(cause),
        }
    }

    /// Makes an empty file. The number means nothing here.
    pub(crate) fn create(&self, name: &str) -> io::Result<(File, u32)> {
        let file = OpenOptions::new().read(true).write(true).create_new(true).open(self.path(name)?)?;
        Ok((file, 0))
    }

    /// Opens an ordinary file. `None` if it is anything else. The number means nothing here.
    pub(crate) fn reopen(&self, name: &str, _: &str) -> io::Result<Option<(File, u32)>> {
        let path = self.path(name)?;
        if !std::fs::symlink_metadata(&path).is_ok_and(|metadata| metadata.is_file()) {
            return Ok(None);
        }
        OpenOptions::new().read(true).write(true).open(path).map(|file| Some((file, 0)))
    }

    /// Opens an ordinary file to be read. `None` if it is anything else.
    pub(crate) fn read(&self, name: &str) -> io::Result<Option<File>> {
        let path = self.path(name)?;
        if !std::fs::symlink_metadata(&path).is_ok_and(|metadata| metadata.is_file()) {
            return Ok(None);
        }
        File::open(path).map(Some)
    }

    /// A rename that never replaces: false if somebody has the name.
    pub(crate) fn keeping(&self, from: &str, to: &str) -> io::Result<bool> {
        let (from, to) = (self.path(from)?, self.path(to)?);
        let moved = match std::fs::hard_link(&from, &to) {
            Ok(()) => std::fs::remove_file(from),
            Err(cause) if cause.kind() == io::ErrorKind::AlreadyExists => Err(cause),
            // No second names on this disk: take the name with an empty file of our own, then put the whole one there.
            Err(_) => OpenOptions::new().write(true).create_new(true).open(&to).and_then(|_| {
                std::fs::rename(from, &to).inspect_err(|_| {
                    // An empty file under the name would be taken for the real one.
                    let _ = std::fs::remove_file(&to);
                })
            }),
        };
        match moved {
            Ok(()) => Ok(true),
            Err(cause) if cause.kind() == io::ErrorKind::AlreadyExists => Ok(false),
            Err(cause) => Err(cause),
        }
    }

    /// Puts a file in the place of another.
    pub(crate) fn replacing(&self, from: &str, to: &str) -> io::Result<()> {
        std::fs::rename(self.path(from)?, self.path(to)?)
    }

    pub(crate) fn remove(&self, name: &str) -> io::Result<()> {
        std::fs::remove_file(self.path(name)?)
    }

    fn path(&self, name: &str) -> io::Result<PathBuf> {
        super::single(name)?;
        Ok(self.0.join(name))
    }
}

/// Nothing is executable by its rights here.
pub(crate) fn set_mode(_: &File, _: u32) -> io::Result<()> {
    Ok(())
}
