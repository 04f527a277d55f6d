//! One folder as it will be in the place: the names of one local folder, or of several that get the same name there.

use crate::error::Result;
use crate::names::stored_name;
use std::cmp::Ordering;
use std::collections::HashMap;
use std::ffi::{OsStr, OsString};
use std::fs::FileType;
use std::iter::Peekable;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::vec::IntoIter;

/// What a name is, as the folder says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Folder,
    Shortcut,
    Other,
}

/// A local folder.
#[derive(Debug, Clone)]
pub(super) struct Local {
    pub(super) path: PathBuf,
    /// Where the folder that was given really is. `None` for the folder around what was given.
    pub(super) root: Option<Arc<Path>>,
}

/// A name in a local folder. A folder of a million has a million of these, so they are small.
#[derive(Debug)]
pub(super) struct Item {
    pub(super) name: Box<OsStr>,
    /// The name that it gets, if that is another one.
    stored: Option<Box<str>>,
    /// Which of the level's folders it is in.
    local: u32,
    pub(super) kind: Kind,
}

/// What is left of one folder of the place.
#[derive(Debug)]
pub(super) struct Level {
    /// Its full name below the place: empty, or with `/` at its end.
    pub(super) name: String,
    folders: Vec<Local>,
    items: Peekable<IntoIter<Item>>,
}

impl Kind {
    pub(super) fn of(kind: FileType) -> Self {
        match kind {
            kind if kind.is_dir() => Kind::Folder,
            kind if kind.is_symlink() => Kind::Shortcut,
            _ => Kind::Other,
        }
    }
}

impl Item {
    /// # Errors
    /// `NameRefused` when the name could not come back as it was.
    pub(super) fn new(name: OsString, local: usize, kind: Kind) -> Result<Self> {
        let stored = stored_name(&name)?;
        let stored = (name.to_str() != Some(stored.as_str())).then(|| stored.into_boxed_str());
        Ok(Item { name: name.into_boxed_os_str(), stored, local: u32::try_from(local).unwrap_or(u32::MAX), kind })
    }

    /// The name that it gets.
    pub(super) fn stored(&self) -> &str {
        self.stored.as_deref().or(self.name.to_str()).unwrap_or_default()
    }

    /// By name; of those that meet on one, the one that is written so already comes first.
    pub(super) fn in_order(&self, other: &Item) -> Ordering {
        let rank = |item: &Item| (item.stored.is_some(), item.local);
        self.stored().cmp(other.stored()).then_with(|| rank(self).cmp(&rank(other))).then(self.name.cmp(&other.name))
    }
}

impl Level {
    /// `items` with one name must be neighbours.
    pub(super) fn new(name: String, folders: Vec<Local>, items: Vec<Item>) -> Self {
        Level { name, folders, items: items.into_iter().peekable() }
    }

    /// All that get the next name.
    pub(super) fn next(&mut self) -> Option<Vec<Item>> {
        let first = self.items.next()?;
        let mut same = Vec::new();
        while let Some(next) = self.items.next_if(|next| next.stored() == first.stored()) {
            same.push(next);
        }
        same.insert(0, first);
        Some(same)
    }

    /// Where an item is.
    pub(super) fn local(&self, item: &Item) -> Option<&Local> {
        self.folders.get(item.local as usize)
    }
}

/// Makes neighbours of those that get one name, and leaves the order otherwise as it was.
pub(super) fn neighbours(items: &mut [Item]) {
    let mut places = HashMap::new();
    for item in items.iter() {
        let next = places.len();
        places.entry(item.stored().to_owned()).or_insert(next);
    }
    items.sort_by_key(|item| places.get(item.stored()).copied());
}
