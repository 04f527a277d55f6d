//! From what was dropped to files with their names, told while the rest is still being looked for.
//!
//! Ends always: loops are seen, pipes are not opened. A shortcut that was given directly is followed to its file; inside a
//! folder only to what is in the same folder. Two local files that would get one name are never both told as files.

mod level;
mod walker;

use super::{Group, OnConflict, Upload};
use crate::error::{Code, Error, Operation};
use crate::storage::Storage;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::Arc;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

/// Batches that wait for whoever sends before the walk waits.
const BATCHES: usize = 4;

/// What a walk comes across. `group` is the folder that was given and that it is in, however deep.
#[derive(Debug)]
pub enum Found {
    /// To be stored under this full name below the place.
    File { path: PathBuf, name: String, bytes: u64, group: Option<Arc<Group>> },
    /// A folder with nothing in it. Its name ends with `/`, and an empty file under that name keeps it.
    EmptyFolder { path: PathBuf, name: String, group: Option<Arc<Group>> },
    /// Another file for a name that `with` has been told for already: somebody has to choose.
    Clash { path: PathBuf, name: String, bytes: u64, with: PathBuf, group: Option<Arc<Group>> },
    /// Left out, and why. Walked again into the folder `into` of the place, it gets the name that it would have had.
    Problem { path: PathBuf, into: String, error: Error, group: Option<Arc<Group>> },
}

/// What has been found so far, a batch at a time. Awaited as a whole it is all of it at once.
///
/// # Cancellation
/// Dropped early it ends the walk, which changes nothing anyway.
#[derive(Debug)]
pub struct Walked {
    batches: mpsc::Receiver<Vec<Found>>,
    thread: Option<JoinHandle<()>>,
}

/// What there is to upload, and what can't be.
#[derive(Debug, Default)]
pub struct Walk {
    /// Local path, and full name below the place.
    pub files: Vec<(PathBuf, String)>,
    pub total_bytes: u64,
    /// One for everything that is left out.
    pub problems: Vec<(PathBuf, Error)>,
}

/// Looks for what uploading these paths into a folder of the place means. A folder comes under its own name; written with
/// a slash at its end only its content does. In a folder the order is that of the names. Must be called inside a tokio
/// runtime.
pub fn walk(paths: Vec<PathBuf>, to_folder: &str) -> Walked {
    // A name is kept as it is: a slash at its start belongs to it.
    let to_folder = match to_folder {
        "" => String::new(),
        folder if folder.ends_with('/') => folder.to_owned(),
        folder => format!("{folder}/"),
    };
    let (out, batches) = mpsc::channel(BATCHES);
    let thread = tokio::task::spawn_blocking(move || walker::Walker::new(out).run(&paths, to_folder));
    Walked { batches, thread: Some(thread) }
}

impl Walked {
    /// The next things that were found, 500 at most; `None` after the last.
    ///
    /// # Cancellation
    /// Nothing is lost.
    pub async fn next(&mut self) -> Option<Vec<Found>> {
        if let Some(batch) = self.batches.recv().await {
            return Some(batch);
        }
        let ended = self.thread.as_mut()?.await;
        self.thread = None;
        // A walk that broke off must not look like one that came to its end.
        let error = Error::new(Code::Unknown, Operation::Upload).because(ended.err()?);
        Some(vec![Found::Problem { path: PathBuf::new(), into: String::new(), error, group: None }])
    }
}

impl Found {
    /// The folder that it came with.
    pub fn group(&self) -> Option<&Arc<Group>> {
        match self {
            Found::File { group, .. }
            | Found::EmptyFolder { group, .. }
            | Found::Clash { group, .. }
            | Found::Problem { group, .. } => group.as_ref(),
        }
    }
}

impl Upload {
    /// What is to be done with what was found, or why nothing can be. Of two local files for one name the second is a
    /// question about a name that is taken, and left out where nobody is asked before something is replaced.
    ///
    /// # Errors
    /// The path, and why it is left out.
    pub fn of(found: Found, storage: &Storage, on_conflict: OnConflict) -> Result<Self, (PathBuf, Error)> {
        let (path, name, group) = match found {
            Found::Clash { path, name, with, .. } if on_conflict == OnConflict::Replace => {
                return Err((path, clash(&name, &with)));
            }
            Found::File { path, name, group, .. }
            | Found::Clash { path, name, group, .. }
            | Found::EmptyFolder { path, name, group } => (path, name, group),
            Found::Problem { path, error, .. } => return Err((path, error)),
        };
        Ok(Upload { storage: storage.clone(), path, name, on_conflict, group })
    }
}

impl IntoFuture for Walked {
    type Output = Walk;
    type IntoFuture = Pin<Box<dyn Future<Output = Walk> + Send>>;

    fn into_future(mut self) -> Self::IntoFuture {
        Box::pin(async move {
            let mut walk = Walk::default();
            while let Some(batch) = self.next().await {
                batch.into_iter().for_each(|found| walk.add(found));
            }
            walk
        })
    }
}

impl Walk {
    fn add(&mut self, found: Found) {
        match found {
            Found::File { path, name, bytes, .. } => {
                self.total_bytes += bytes;
                self.files.push((path, name));
            }
            Found::EmptyFolder { .. } => {}
            Found::Clash { path, name, with, .. } => self.problems.push((path, clash(&name, &with))),
            Found::Problem { path, error, .. } => self.problems.push((path, error)),
        }
    }
}

fn clash(name: &str, with: &Path) -> Error {
    let folder = with.parent().and_then(|folder| folder.file_name()).unwrap_or_default();
    Error::new(Code::NameTaken, Operation::Upload)
        .with("file", crate::names::last_segment(name))
        .with("folder", folder.to_string_lossy())
}
