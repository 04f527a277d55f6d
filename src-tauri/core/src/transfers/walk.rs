//! From what was dropped to a list of files with their names. Ends always: loops are seen, pipes are not opened.
//!
//! A shortcut that was given directly is followed to its file; inside a folder only to what is in the same folder.

use super::source::{blocking, not_ordinary, unreadable};
use crate::error::{Error, Operation, Result};
use crate::names::{check_key, stored_name};
use std::ffi::OsStr;
use std::path::{Component, Path, PathBuf};
use walkdir::{DirEntry, WalkDir};

/// What there is to upload, and what can't be.
#[derive(Debug, Default)]
pub struct Walk {
    /// Local path, and full name below the place.
    pub files: Vec<(PathBuf, String)>,
    pub total_bytes: u64,
    /// One for everything that is left out.
    pub problems: Vec<(PathBuf, Error)>,
}

/// Lists what uploading these paths into a folder of the place means. A folder comes under its own name; written with
/// a slash at its end only its content does.
///
/// # Cancellation
/// Changes nothing. The listing goes on to its end in the background.
pub async fn walk(paths: Vec<PathBuf>, to_folder: &str) -> Walk {
    // A name is kept as it is: a slash at its start belongs to it.
    let to_folder = match to_folder {
        "" => String::new(),
        folder if folder.ends_with('/') => folder.to_owned(),
        folder => format!("{folder}/"),
    };
    let walked = blocking(Operation::Upload, move || {
        let mut walk = Walk::default();
        for path in &paths {
            if let Err(error) = walk.take(path, &to_folder) {
                walk.problems.push((path.clone(), error));
            }
        }
        Ok(walk)
    });
    walked.await.unwrap_or_else(|error| Walk { problems: vec![(PathBuf::new(), error)], ..Walk::default() })
}

impl Walk {
    fn take(&mut self, path: &Path, to_folder: &str) -> Result<()> {
        let metadata = std::fs::metadata(path).map_err(|cause| unreadable(path, cause))?;
        if metadata.is_dir() {
            self.take_folder(path, to_folder);
            return Ok(());
        }
        let name = format!("{to_folder}{}", stored_name(path.file_name().unwrap_or_default())?);
        self.add(path.to_owned(), metadata.is_file(), metadata.len(), name)
    }

    fn add(&mut self, path: PathBuf, ordinary: bool, bytes: u64, name: String) -> Result<()> {
        if !ordinary {
            return Err(not_ordinary(&path));
        }
        check_key(&name)?;
        self.total_bytes += bytes;
        self.files.push((path, name));
        Ok(())
    }

    fn take_folder(&mut self, root: &Path, to_folder: &str) {
        let to_folder = match own_name(root) {
            None => Ok(to_folder.to_owned()),
            Some(name) => stored_name(name).map(|name| format!("{to_folder}{name}/")),
        };
        let (to_folder, real_root) = match (to_folder, std::fs::canonicalize(root)) {
            (Ok(to_folder), Ok(real_root)) => (to_folder, real_root),
            (Err(error), _) => return self.problems.push((root.to_owned(), error)),
            (_, Err(cause)) => return self.problems.push((root.to_owned(), unreadable(root, cause))),
        };
        for entry in WalkDir::new(root).min_depth(1).follow_links(false).sort_by_file_name() {
            match entry {
                Ok(entry) => {
                    if let Err(error) = self.take_entry(&entry, root, &real_root, &to_folder) {
                        self.problems.push((entry.into_path(), error));
                    }
                }
                Err(cause) => {
                    let path = cause.path().unwrap_or(root).to_owned();
                    let error = match cause.into_io_error() {
                        Some(cause) => unreadable(&path, cause),
                        None => not_ordinary(&path),
                    };
                    self.problems.push((path, error));
                }
            }
        }
    }

    fn take_entry(&mut self, entry: &DirEntry, root: &Path, real_root: &Path, to_folder: &str) -> Result<()> {
        let path = entry.path();
        let kind = entry.file_type();
        if kind.is_dir() {
            return Ok(());
        }
        let metadata = if kind.is_symlink() {
            let leads_to = std::fs::canonicalize(path).map_err(|cause| leads_nowhere(path, cause))?;
            // A folder behind a shortcut is in the list already, or outside, or above: a loop.
            if !leads_to.starts_with(real_root) || !leads_to.is_file() {
                return Err(not_ordinary(path));
            }
            std::fs::metadata(path)
        } else {
            std::fs::symlink_metadata(path)
        };
        let metadata = metadata.map_err(|cause| unreadable(path, cause))?;
        let name = relative_name(path.strip_prefix(root).unwrap_or(path))?;
        self.add(path.to_owned(), metadata.is_file(), metadata.len(), format!("{to_folder}{name}"))
    }
}

fn leads_nowhere(path: &Path, cause: std::io::Error) -> Error {
    not_ordinary(path).because(cause)
}

/// `None` for `photos/`, `.` and `/`, whose content goes without a folder around it.
fn own_name(folder: &Path) -> Option<&OsStr> {
    let written = folder.as_os_str().as_encoded_bytes();
    let ends_with_slash = written.last().is_some_and(|last| *last == b'/' || (cfg!(windows) && *last == b'\\'));
    let ends_with_dot = written.ends_with(b"/.");
    if ends_with_slash || ends_with_dot { None } else { folder.file_name() }
}

fn relative_name(path: &Path) -> Result<String> {
    let segments: Result<Vec<String>> = path
        .components()
        .map(|component| match component {
            Component::Normal(segment) => stored_name(segment),
            _ => Err(not_ordinary(path)),
        })
        .collect();
    Ok(segments?.join("/"))
}
