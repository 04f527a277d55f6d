//! The thread that looks: one folder's names in memory at a time, and a short queue to whoever sends.

use super::Found;
use super::level::{Item, Kind, Level, Local, neighbours};
use crate::error::{Error, Result};
use crate::names::check_key;
use crate::transfers::Group;
use crate::transfers::source::{not_ordinary, unreadable};
use std::collections::HashSet;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::mpsc;

/// Told at once.
const LARGEST_BATCH: usize = 500;
/// What was found is told after this time, however little it is.
const LONGEST_WAIT: Duration = Duration::from_millis(100);

/// Nobody listens any more.
pub(super) struct Unheard;

pub(super) struct Walker {
    out: mpsc::Sender<Vec<Found>>,
    batch: Vec<Found>,
    since: Instant,
    /// The folder that was given and is walked now.
    group: Option<Arc<Group>>,
}

impl Walker {
    pub(super) fn new(out: mpsc::Sender<Vec<Found>>) -> Self {
        Walker { out, batch: Vec::new(), since: Instant::now(), group: None }
    }

    /// Walks to the end, or until nobody listens.
    pub(super) fn run(mut self, paths: &[PathBuf], to_folder: String) {
        // Nobody is left who could be told that nobody listens.
        let _ = self.all(paths, to_folder);
    }

    fn all(&mut self, paths: &[PathBuf], to_folder: String) -> Result<(), Unheard> {
        // A list and not a call inside a call: folders can be deeper than a stack.
        let mut levels = vec![self.given(paths, to_folder)?];
        loop {
            let is_given = levels.len() == 1;
            let Some(level) = levels.last_mut() else { break };
            match level.next() {
                Some(items) => {
                    if is_given {
                        self.group = None;
                    }
                    let below = self.take(level, items, is_given)?;
                    levels.extend(below);
                }
                None => drop(levels.pop()),
            }
        }
        self.flush()
    }

    /// What was given directly, as if it were all in one folder.
    fn given(&mut self, paths: &[PathBuf], to_folder: String) -> Result<Level, Unheard> {
        let (mut folders, mut items) = (Vec::new(), Vec::new());
        let mut known = HashSet::new();
        for path in paths {
            let metadata = match std::fs::metadata(path) {
                Ok(metadata) => metadata,
                Err(cause) => {
                    self.problem(path.clone(), &to_folder, unreadable(path, cause))?;
                    continue;
                }
            };
            // What has no path of its own, such as a pipe of the shell, is known by the one that was given.
            let real = std::fs::canonicalize(path).unwrap_or_else(|_| path.clone());
            let name = if metadata.is_dir() { own_name(path) } else { path.file_name() };
            // The same thing twice is meant once.
            if !known.insert((real.clone(), name.map(OsStr::to_owned))) {
                continue;
            }
            let Some(name) = name else {
                let local = Local { path: path.clone(), root: Some(real.into()) };
                let mut listed = self.list(&local, folders.len(), &to_folder, &to_folder)?.unwrap_or_default();
                listed.sort_unstable_by(Item::in_order);
                items.append(&mut listed);
                folders.push(local);
                continue;
            };
            let kind = if metadata.is_dir() { Kind::Folder } else { Kind::Other };
            match Item::new(name.to_owned(), folders.len(), kind) {
                Ok(item) => items.push(item),
                Err(error) => self.problem(path.clone(), &to_folder, error)?,
            }
            folders.push(Local { path: path.parent().unwrap_or(Path::new("")).to_owned(), root: None });
        }
        neighbours(&mut items);
        Ok(Level::new(to_folder, folders, items))
    }

    /// Everything that gets one name: a file, what clashes with it, and the folder of that name.
    /// What `is_given` and a folder begins a group.
    fn take(&mut self, level: &Level, items: Vec<Item>, is_given: bool) -> Result<Option<Level>, Unheard> {
        let mut first: Option<PathBuf> = None;
        let mut folders = Vec::new();
        let name = items.first().map(|item| format!("{}{}", level.name, item.stored())).unwrap_or_default();
        for item in items {
            let Some(local) = level.local(&item) else { continue };
            let (path, root) = (local.path.join(&*item.name), local.root.clone());
            if item.kind == Kind::Folder {
                folders.push(Local { path, root });
                continue;
            }
            let bytes = size_of(&path, item.kind, root.as_deref()).and_then(|bytes| check_key(&name).map(|()| bytes));
            match (bytes, &first) {
                (Ok(bytes), None) => {
                    first = Some(path.clone());
                    self.tell(Found::File { path, name: name.clone(), bytes, group: self.group.clone() })?;
                }
                (Ok(bytes), Some(with)) => {
                    let (name, with) = (name.clone(), with.clone());
                    self.tell(Found::Clash { path, name, bytes, with, group: self.group.clone() })?;
                }
                (Err(error), _) => self.problem(path, &level.name, error)?,
            }
        }
        let Some(first) = folders.first() else { return Ok(None) };
        let name = format!("{name}/");
        if is_given {
            self.group = Some(Group::begin(&name, &first.path));
        }
        self.enter(name, folders).map(Some)
    }

    /// One folder of the place, be it of several local ones.
    fn enter(&mut self, name: String, found: Vec<Local>) -> Result<Level, Unheard> {
        let (mut folders, mut items) = (Vec::new(), Vec::new());
        let mut empty = true;
        let beside = parent(&name);
        for mut local in found {
            if let Err(error) = enterable(&mut local, &name) {
                self.problem(local.path, beside, error)?;
                empty = false;
                continue;
            }
            match self.list(&local, folders.len(), beside, &name)? {
                Some(mut listed) => {
                    empty &= listed.is_empty();
                    items.append(&mut listed);
                }
                None => empty = false,
            }
            folders.push(local);
        }
        if let Some(first) = folders.first().filter(|_| empty && !name.is_empty()) {
            let path = first.path.clone();
            // Given itself, it holds nothing that could be told together.
            let group = self.group.clone().filter(|group| group.name != name);
            self.tell(Found::EmptyFolder { path, name: name.clone(), group })?;
        }
        items.sort_unstable_by(Item::in_order);
        items.shrink_to_fit();
        Ok(Level::new(name, folders, items))
    }

    /// The names in a local folder, in the order of the disk. `None` when all of them had to be left out. The folder
    /// itself is in `beside` in the place, and what is in it comes `into`.
    fn list(&mut self, local: &Local, index: usize, beside: &str, into: &str) -> Result<Option<Vec<Item>>, Unheard> {
        let entries = match std::fs::read_dir(&local.path) {
            Ok(entries) => entries,
            Err(cause) => {
                self.problem(local.path.clone(), beside, unreadable(&local.path, cause))?;
                return Ok(None);
            }
        };
        let (mut items, mut whole) = (Vec::new(), true);
        for entry in entries {
            self.flush_if_due()?;
            let item = match entry.and_then(|entry| Ok((entry.file_type()?, entry.file_name()))) {
                Ok((kind, name)) => {
                    let path = || local.path.join(&name);
                    Item::new(name.clone(), index, Kind::of(kind)).map_err(|error| (path(), into, error))
                }
                Err(cause) => Err((local.path.clone(), beside, unreadable(&local.path, cause))),
            };
            match item {
                Ok(item) => items.push(item),
                Err((path, into, error)) => {
                    whole = false;
                    self.problem(path, into, error)?;
                }
            }
        }
        if whole || !items.is_empty() { Ok(Some(items)) } else { Ok(None) }
    }

    fn problem(&mut self, path: PathBuf, into: &str, error: Error) -> Result<(), Unheard> {
        // What is wrong with the whole folder that was given is nothing in it.
        let group = self.group.clone().filter(|group| into.starts_with(&group.name));
        self.tell(Found::Problem { path, into: into.to_owned(), error, group })
    }

    fn tell(&mut self, found: Found) -> Result<(), Unheard> {
        self.batch.push(found);
        if self.batch.len() >= LARGEST_BATCH { self.flush() } else { self.flush_if_due() }
    }

    fn flush_if_due(&mut self) -> Result<(), Unheard> {
        match self.batch.is_empty() || self.since.elapsed() < LONGEST_WAIT {
            true if self.out.is_closed() => Err(Unheard),
            true => Ok(()),
            false => self.flush(),
        }
    }

    fn flush(&mut self) -> Result<(), Unheard> {
        self.since = Instant::now();
        match std::mem::take(&mut self.batch) {
            batch if batch.is_empty() => Ok(()),
            batch => self.out.blocking_send(batch).map_err(|_| Unheard),
        }
    }
}

/// Of a folder's name with its slash, the folder it is in; nothing at the top.
fn parent(name: &str) -> &str {
    let own = name.strip_suffix('/').unwrap_or(name);
    own.rfind('/').and_then(|slash| own.get(..=slash)).unwrap_or_default()
}

/// Makes sure that what is in this folder can have a name, and that it is known where the folder ends.
fn enterable(local: &mut Local, name: &str) -> Result<()> {
    check_key(name)?;
    if local.root.is_none() {
        let root = std::fs::canonicalize(&local.path).map_err(|cause| unreadable(&local.path, cause))?;
        local.root = Some(Arc::from(root));
    }
    Ok(())
}

/// The size of an ordinary file. What was given directly, without a root, is followed wherever it leads.
fn size_of(path: &Path, kind: Kind, root: Option<&Path>) -> Result<u64> {
    let metadata = match (kind, root) {
        (_, None) => std::fs::metadata(path),
        (Kind::Shortcut, Some(root)) => {
            let leads_to = std::fs::canonicalize(path).map_err(|cause| not_ordinary(path).because(cause))?;
            // A folder behind a shortcut is told already, or is outside, or above: a loop.
            if !leads_to.starts_with(root) {
                return Err(not_ordinary(path));
            }
            std::fs::metadata(leads_to)
        }
        (_, Some(_)) => std::fs::symlink_metadata(path),
    };
    let metadata = metadata.map_err(|cause| unreadable(path, cause))?;
    if metadata.is_file() { Ok(metadata.len()) } else { Err(not_ordinary(path)) }
}

/// `None` for `photos/`, `.` and `/`, whose content goes without a folder around it.
fn own_name(folder: &Path) -> Option<&OsStr> {
    let written = folder.as_os_str().as_encoded_bytes();
    let ends_with_slash = written.last().is_some_and(|last| *last == b'/' || (cfg!(windows) && *last == b'\\'));
    let ends_with_dot = written.ends_with(b"/.");
    if ends_with_slash || ends_with_dot { None } else { folder.file_name() }
}
