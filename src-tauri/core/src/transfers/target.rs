//! The local side of a download: a hidden partial file that becomes the real one in a single step, whole or not at all.
//!
//! Follows no link below the folder that was chosen, never replaces unasked, never makes anything executable.

#[cfg(unix)]
mod folder;
#[cfg(not(unix))]
#[path = "target/folder_by_path.rs"]
mod folder;
mod writer;

use super::conflict::There;
use super::kept::{KeptPartial, Note};
use super::memo::Memo;
use super::source::{blocking, file_name};
use super::{Direction, Download, Record};
use crate::error::{Code, Error, Operation, Result};
use crate::names;
use folder::{Folder, set_mode};
use std::fs::File;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

pub(crate) use writer::Writer;

/// Numbered names that are tried before we give up on keeping both.
const MOST_NAMES: u32 = 1000;

/// Where a download is going.
#[derive(Debug, Clone)]
pub(crate) struct Spot {
    /// The folder that the person chose.
    root: PathBuf,
    /// The folder in it; empty, or names with `/` between them.
    below: String,
    /// The name that the file gets if nobody has it.
    name: String,
}

/// A file that is not whole yet. Goes with its last owner unless it was given its name or is worth keeping.
#[derive(Debug)]
pub(crate) struct Partial {
    folder: Arc<Folder>,
    spot: Spot,
    hidden: String,
    file: Arc<File>,
    /// What the person's own settings make of an ordinary file.
    mode: u32,
    worth_keeping: Arc<AtomicBool>,
    memo: Option<Arc<Memo>>,
    placed: bool,
}

/// A hidden file that a try may have left which was ended before it noted anything.
#[derive(Debug)]
pub(crate) struct Stray {
    spot: Spot,
    hidden: String,
}

impl Stray {
    /// Of a download that was tried before. Nothing of a name that could never be tried.
    pub(crate) fn of(download: &Download, tag: &str) -> Option<Self> {
        Some(Stray { spot: Spot::of(download).ok()?, hidden: hidden_name(tag) })
    }

    /// The same, by what is written down.
    pub(crate) fn of_record(record: &Record) -> Option<Self> {
        let below = Some(record.below.as_str()).filter(|below| !below.is_empty());
        let spot = Spot::at(record.path.clone(), &record.name, below).ok()?;
        (record.direction == Direction::Download).then(|| Stray { spot, hidden: hidden_name(&record.token) })
    }
}

/// Removes these, if they are there.
pub(crate) async fn sweep(strays: Vec<Stray>) {
    let swept = blocking(Operation::Save, move || {
        for Stray { spot, hidden } in strays {
            // Most of them were never made.
            let _ = Folder::open(&spot.root, &spot.below, false).and_then(|folder| folder.remove(&hidden));
        }
        Ok(())
    });
    if let Err(cause) = swept.await {
        tracing::debug!(%cause, "hidden files may be left");
    }
}

/// Where a download is going, as long as nobody has that name.
///
/// # Errors
/// `NameRefused` when nothing safe is left of the name.
pub(crate) fn path_of(download: &Download) -> Result<PathBuf> {
    Spot::of(download).map(|spot| spot.path(&spot.name))
}

impl Spot {
    /// # Errors
    /// `NameRefused` when nothing safe is left of the name, or it would lead out of the folder.
    pub(crate) fn of(download: &Download) -> Result<Self> {
        Spot::at(download.folder.clone(), &download.name, download.below.as_deref())
    }

    fn at(root: PathBuf, name: &str, below: Option<&str>) -> Result<Self> {
        let Some(below) = below else {
            return Ok(Spot { root, below: String::new(), name: names::local_name(name)? });
        };
        for segment in below.split('/') {
            if names::local_name(segment)? != segment {
                let refused = Error::new(Code::NameRefused, Operation::Save).with("file", segment);
                return Err(refused.with("why", "your computer can’t keep it"));
            }
        }
        let (below, name) = below.rsplit_once('/').unwrap_or(("", below));
        Ok(Spot { root, below: below.to_owned(), name: name.to_owned() })
    }

    fn path(&self, name: &str) -> PathBuf {
        let mut path = self.root.clone();
        path.extend(self.below.split('/').filter(|segment| !segment.is_empty()));
        path.join(name)
    }

    fn numbered(&self, number: u32) -> String {
        if number < 2 { self.name.clone() } else { names::numbered(&self.name, number) }
    }

    fn failed(&self, cause: io::Error) -> Error {
        Error::writing(&self.path(&self.name), cause)
    }

    /// Works in the folder if it is there.
    async fn within<T: Default + Send + 'static>(
        &self,
        work: impl FnOnce(&Spot, &Folder) -> io::Result<T> + Send + 'static,
    ) -> Result<T> {
        let spot = self.clone();
        blocking(Operation::Save, move || match Folder::open(&spot.root, &spot.below, false) {
            Ok(folder) => work(&spot, &folder).map_err(|cause| spot.failed(cause)),
            Err(cause) if cause.kind() == io::ErrorKind::NotFound => Ok(T::default()),
            Err(cause) => Err(spot.failed(cause)),
        })
        .await
    }

    /// Makes the folder that it is, with all above it. One that is there is as good.
    ///
    /// # Errors
    /// `FolderUnwritable`, also when a file has its name; `DiskFull`.
    pub(crate) async fn make_folder(&self) -> Result<PathBuf> {
        let spot = self.clone();
        blocking(Operation::Save, move || {
            let below = [spot.below.as_str(), spot.name.as_str()].join("/");
            match Folder::open(&spot.root, below.trim_start_matches('/'), true) {
                Ok(_) => Ok(spot.path(&spot.name)),
                Err(cause) => Err(spot.failed(cause)),
            }
        })
        .await
    }

    /// What has the name, be it a link that leads nowhere.
    ///
    /// # Errors
    /// `FolderUnwritable`.
    pub(crate) async fn look(&self) -> Result<Option<There>> {
        self.within(|spot, folder| folder.look(&spot.name)).await
    }

    /// The numbered name that *Keep both* would use.
    ///
    /// # Errors
    /// `FolderUnwritable`.
    pub(crate) async fn free_name(&self) -> Result<String> {
        let free = self.within(|spot, folder| {
            for number in 2..MOST_NAMES {
                if folder.look(&spot.numbered(number))?.is_none() {
                    return Ok(Some(spot.numbered(number)));
                }
            }
            Ok(None)
        });
        Ok(free.await?.unwrap_or_else(|| self.numbered(MOST_NAMES)))
    }

    /// The files of exactly this size that have the name, or a numbered one before the first that is free.
    ///
    /// # Errors
    /// `FolderUnwritable`.
    pub(crate) async fn alike(&self, bytes: u64) -> Result<Vec<(PathBuf, Writer)>> {
        self.within(move |spot, folder| {
            let mut alike = Vec::new();
            for number in 1..MOST_NAMES {
                let name = spot.numbered(number);
                let Some(there) = folder.look(&name)? else { break };
                if there.bytes == bytes
                    && let Some(file) = folder.read(&name)?
                {
                    let path = spot.path(&name);
                    alike.push((path.clone(), Writer::new(path, &Arc::new(file))));
                }
            }
            Ok(alike)
        })
        .await
    }

    /// Makes the folder if needed, and an empty hidden file in it that only this person can read. `tag` is the transfer's
    /// own: what an earlier try of it left under that name goes.
    ///
    /// # Errors
    /// `FolderUnwritable`, `DiskFull`.
    pub(crate) async fn begin(&self, tag: &str) -> Result<Partial> {
        let (spot, hidden) = (self.clone(), hidden_name(tag));
        blocking(Operation::Save, move || {
            let made = Folder::open(&spot.root, &spot.below, true).and_then(|folder| {
                let made = match folder.create(&hidden) {
                    Err(cause) if cause.kind() == io::ErrorKind::AlreadyExists => {
                        folder.remove(&hidden).and_then(|()| folder.create(&hidden))
                    }
                    made => made,
                };
                made.map(|(file, mode)| (folder, file, mode))
            });
            let (folder, file, mode) = made.map_err(|cause| spot.failed(cause))?;
            Ok(Partial::new(folder, spot, hidden, file, mode, false))
        })
        .await
    }

    /// Opens the hidden file of an earlier try. `None` when it is gone, somewhere else, or not ours.
    ///
    /// # Errors
    /// `FolderUnwritable`.
    pub(crate) async fn go_on(&self, kept: &KeptPartial) -> Result<Option<Partial>> {
        let hidden = file_name(&kept.path);
        let same = std::path::absolute(self.path(&hidden)).is_ok_and(|path| path == kept.path);
        if !same || !is_hidden_name(&hidden) {
            return Ok(None);
        }
        let spot = self.clone();
        blocking(Operation::Save, move || {
            let reopened = Folder::open(&spot.root, &spot.below, false).and_then(|folder| {
                let reopened = folder.reopen(&hidden, &hidden_name(&uuid::Uuid::new_v4().simple().to_string()))?;
                Ok(reopened.map(|(file, mode)| (folder, file, mode)))
            });
            match reopened {
                Ok(None) => Ok(None),
                Ok(Some((folder, file, mode))) => Ok(Some(Partial::new(folder, spot, hidden, file, mode, true))),
                Err(cause) if cause.kind() == io::ErrorKind::NotFound => Ok(None),
                Err(cause) => Err(spot.failed(cause)),
            }
        })
        .await
    }
}

impl Partial {
    fn new(folder: Folder, spot: Spot, hidden: String, file: File, mode: u32, worth_keeping: bool) -> Self {
        let worth_keeping = Arc::new(AtomicBool::new(worth_keeping));
        let (folder, file) = (Arc::new(folder), Arc::new(file));
        Partial { folder, spot, hidden, file, mode, worth_keeping, memo: None, placed: false }
    }

    /// Somebody who writes to the same file.
    pub(crate) fn writer(&self) -> Writer {
        Writer::new(self.spot.path(&self.spot.name), &self.file)
    }

    /// Somebody who notes what was written, from which moment on the file outlives its owner.
    pub(crate) fn memo(&mut self, note: &Note, etag: Option<String>, size: u64) -> Arc<Memo> {
        let memo = Arc::new(Memo::new(note, self.spot.path(&self.hidden), etag, size, &self.worth_keeping));
        self.memo = Some(Arc::clone(&memo));
        memo
    }

    /// Leaves the file for the next try, if anything of it was worth noting.
    pub(crate) async fn keep(self) {
        if let Some(memo) = &self.memo {
            memo.save().await;
        }
    }

    /// Nobody goes on with it: it has its name, or goes.
    pub(crate) async fn end(self, note: &Note) {
        let noted = self.worth_keeping.swap(false, Ordering::Relaxed);
        drop(self);
        if noted {
            note.partial_ended().await;
        }
    }

    /// Gives the file its name, or the next numbered one. `None` if somebody has it and `replace` was not asked for.
    ///
    /// # Errors
    /// `FolderUnwritable`, `DiskFull`.
    ///
    /// # Cancellation
    /// Dropped early the file has its name, or stays or goes as if this had not been called.
    pub(crate) async fn place(&mut self, replace: bool, numbers: bool) -> Result<Option<PathBuf>> {
        let (folder, spot, hidden) = (Arc::clone(&self.folder), self.spot.clone(), self.hidden.clone());
        let (mode, file) = (self.mode, Arc::clone(&self.file));
        let placed = blocking(Operation::Save, move || {
            let place = || -> io::Result<Option<PathBuf>> {
                set_mode(&file, mode)?;
                if replace {
                    // The old file must not go before the new one is on the disk.
                    file.sync_data()?;
                    folder.replacing(&hidden, &spot.name)?;
                    return Ok(Some(spot.path(&spot.name)));
                }
                for number in 1..if numbers { MOST_NAMES } else { 2 } {
                    let name = spot.numbered(number);
                    if folder.keeping(&hidden, &name)? {
                        return Ok(Some(spot.path(&name)));
                    }
                }
                Ok(None)
            };
            place().map_err(|cause| spot.failed(cause))
        });
        let path = placed.await?;
        self.placed = path.is_some();
        Ok(path)
    }
}

impl Drop for Partial {
    fn drop(&mut self) {
        if !self.placed && !self.worth_keeping.load(Ordering::Relaxed) {
            // Nobody can be told here, and nothing but a hidden file would be left.
            let _ = self.folder.remove(&self.hidden);
        }
    }
}

fn hidden_name(tag: &str) -> String {
    format!(".satchel-{tag}.part")
}

fn is_hidden_name(name: &str) -> bool {
    name.starts_with(".satchel-") && name.ends_with(".part")
}

/// One name, which stays in its folder.
fn single(name: &str) -> io::Result<()> {
    let leads_away = name.is_empty() || name == "." || name == ".." || name.contains(['/', '\0']);
    if leads_away || (cfg!(windows) && name.contains(['\\', ':'])) {
        return Err(io::ErrorKind::InvalidInput.into());
    }
    Ok(())
}
