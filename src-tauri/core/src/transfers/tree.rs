//! A stored folder as local folders and files: told page by page while the first of them are already being saved.
//!
//! Two names that a disk may take for one never become one: the later gets a number, the same one every time.

use super::{Download, Group, OnConflict};
use crate::error::Result;
use crate::files::Pages;
use crate::names::{self, folded, last_segment, local_name, numbered};
use crate::storage::Storage;
use std::collections::HashMap;
use std::collections::hash_map::{DefaultHasher, Entry};
use std::hash::{Hash, Hasher};
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

/// Stands for a name of which nothing safe is left.
const NAMELESS: &str = "_";

/// A stored file, or a folder that has nothing in it, and where below the chosen folder it is saved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileBelow {
    /// Full name below the place; of an empty folder with `/` at its end.
    pub name: String,
    pub size_bytes: u64,
    /// Where in the chosen folder it comes: local folders and local name, with `/` between them.
    pub below: String,
}

/// The files of a stored folder, in the order of their names.
pub struct FilesBelow {
    storage: Storage,
    pages: Pages,
    /// The full name of the folder; empty or with `/` at its end.
    folder: String,
    tree: LocalTree,
    /// The mark of a folder that came last: nothing in it has come yet.
    mark: Option<FileBelow>,
    group: OnceLock<Arc<Group>>,
}

/// Everything in a stored folder, however deep. It comes under the folder's own name; of a whole place only the content
/// does.
pub fn files_below(storage: &Storage, folder: &str) -> FilesBelow {
    let pages = Pages::new(storage, folder, true).with_marks();
    FilesBelow {
        storage: storage.clone(),
        pages,
        folder: folder.to_owned(),
        tree: LocalTree::default(),
        mark: None,
        group: OnceLock::new(),
    }
}

impl FilesBelow {
    /// Keeps clear of files that are saved in the same folder of this computer: a folder that has the name of one of them
    /// comes next to it, with a number.
    #[must_use]
    pub fn beside<'n>(mut self, names: impl IntoIterator<Item = &'n str>) -> Self {
        for name in names {
            self.tree.free("", last_segment(name));
        }
        self
    }

    /// The files and empty folders of the next page; `None` after the last. After an error the same page is asked for again.
    ///
    /// # Errors
    /// As `Pages::next`.
    ///
    /// # Cancellation
    /// Nothing is lost: the next call asks for the same page.
    pub async fn next(&mut self) -> Option<Result<Vec<FileBelow>>> {
        let page = match self.pages.next().await {
            Some(Ok(page)) => page,
            Some(Err(error)) => return Some(Err(error)),
            None => return self.mark.take().map(|mark| Ok(vec![mark])),
        };
        let mut found = Vec::with_capacity(page.files.len());
        for file in page.files {
            // What is in a folder comes right after its mark: a folder that something is in needs none.
            found.extend(self.mark.take().filter(|mark| !file.name.starts_with(&mark.name)));
            let Some(below) = self.below(&file.name) else { continue };
            let file = FileBelow { size_bytes: file.size_bytes.unwrap_or_default(), name: file.name, below };
            if file.name.ends_with('/') {
                self.mark = Some(file);
            } else {
                found.push(file);
            }
        }
        Some(Ok(found))
    }

    /// Where a stored name comes on this computer.
    fn below(&mut self, name: &str) -> Option<String> {
        let relative = name.strip_prefix(&self.folder)?;
        let whole = match last_segment(&self.folder) {
            "" => relative.to_owned(),
            own_name => format!("{own_name}/{relative}"),
        };
        Some(match whole.strip_suffix('/') {
            Some(folder) => self.tree.folder(folder),
            None => self.tree.add(&whole),
        })
    }

    /// What saving one of its files in a local folder means.
    pub fn download(&self, file: FileBelow, folder: PathBuf, on_conflict: OnConflict) -> Download {
        let group = self.group_of(&file, &folder);
        let FileBelow { name, size_bytes, below } = file;
        Download { storage: self.storage.clone(), name, size_bytes, folder, below: Some(below), on_conflict, group }
    }

    /// All that is in the folder comes as one thing. The content of a whole place does not, nor a folder with nothing in it.
    fn group_of(&self, file: &FileBelow, into: &Path) -> Option<Arc<Group>> {
        let (own_folder, _) = file.below.split_once('/')?;
        let is_whole = last_segment(&self.folder).is_empty();
        (!is_whole).then(|| Arc::clone(self.group.get_or_init(|| Group::begin(&self.folder, &into.join(own_folder)))))
    }
}

impl std::fmt::Debug for FilesBelow {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("FilesBelow").field("folder", &names::display(&self.folder)).finish_non_exhaustive()
    }
}

/// The local names that were given, so that none is given twice.
#[derive(Debug, Default)]
struct LocalTree {
    /// From a stored folder, without `/` at its end, to the local one.
    folders: HashMap<String, String>,
    /// The next number for a name that is used, by a hash: a million names are many, and two that share one by chance get a
    /// number too much, no more.
    taken: HashMap<u64, u32>,
}

impl LocalTree {
    /// Where a stored file comes.
    fn add(&mut self, name: &str) -> String {
        match name.rsplit_once('/') {
            Some((folder, file)) => {
                let below = self.folder(folder);
                let name = self.free(&below, file);
                format!("{below}/{name}")
            }
            None => self.free("", name),
        }
    }

    fn folder(&mut self, folder: &str) -> String {
        if let Some(known) = self.folders.get(folder) {
            return known.clone();
        }
        let (mut local, mut start) = (String::new(), 0);
        for end in folder.match_indices('/').map(|(end, _)| end).chain([folder.len()]) {
            let (stored, segment) = (folder.get(..end).unwrap_or_default(), folder.get(start..end).unwrap_or_default());
            local = match self.folders.get(stored) {
                Some(known) => known.clone(),
                None => {
                    let name = self.free(&local, segment);
                    let made = if local.is_empty() { name } else { format!("{local}/{name}") };
                    self.folders.insert(stored.to_owned(), made.clone());
                    made
                }
            };
            start = end + 1;
        }
        local
    }

    /// A name in a local folder that nobody has been given.
    fn free(&mut self, folder: &str, stored: &str) -> String {
        let wanted = local_name(stored).unwrap_or_else(|_| NAMELESS.to_owned());
        let first = place(folder, &wanted);
        let mut number = match self.taken.entry(first) {
            Entry::Occupied(taken) => *taken.get(),
            Entry::Vacant(free) => {
                free.insert(2);
                return wanted;
            }
        };
        loop {
            let name = numbered(&wanted, number);
            number += 1;
            if let Entry::Vacant(free) = self.taken.entry(place(folder, &name)) {
                free.insert(2);
                self.taken.insert(first, number);
                return name;
            }
        }
    }
}

fn place(folder: &str, name: &str) -> u64 {
    // The same numbers in every process: a folder that goes on after a break gives the same names.
    let mut hasher = DefaultHasher::new();
    (folded(folder), folded(name)).hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree(names: &[&str]) -> Vec<String> {
        let mut tree = LocalTree::default();
        names.iter().map(|name| tree.add(name)).collect()
    }

    #[test]
    fn a_folder_keeps_its_shape() {
        let names = ["a", "b/c", "b/d/e", "b/d/f"];
        assert_eq!(tree(&names), names);
    }

    #[test]
    fn names_that_a_disk_takes_for_one_get_numbers() {
        assert_eq!(tree(&["A.txt", "a.TXT", "a.txt"]), ["A.txt", "a (2).TXT", "a (3).txt"]);
        assert_eq!(tree(&["Dir/x", "dir/x", "dir/y"]), ["Dir/x", "dir (2)/x", "dir (2)/y"]);
        assert_eq!(tree(&["a", "a/b", "a/c"]), ["a", "a (2)/b", "a (2)/c"]);
        assert_eq!(tree(&["x (2)", "x", "X"]), ["x (2)", "x", "X (3)"]);
        assert_eq!(tree(&["one\ntwo", "one_two"]), ["one_two", "one_two (2)"]);
        assert_eq!(tree(&["u\u{308}", "\u{fc}"]), ["u\u{308}", "\u{fc} (2)"]);
    }

    #[test]
    fn nothing_leads_out_of_the_folder_and_nothing_is_left_out() {
        let names = ["../x", "a/../x", "/x", "//x", "a//b", "./y", "..", "..\\..\\z", "CON/aux"];
        let expected =
            ["_/x", "a/_/x", "_ (2)/x", "_ (2)/_/x", "a/_ (2)/b", "_ (3)/y", "_ (4)", ".._.._z", "_CON/_aux"];
        assert_eq!(tree(&names), expected);
    }

    #[test]
    fn many_names_that_become_one_do_not_take_long() {
        let mut tree = LocalTree::default();
        let names: std::collections::HashSet<_> = (0..20_000).map(|_| tree.add("\n")).collect();
        assert_eq!(names.len(), 20_000);
    }
}
