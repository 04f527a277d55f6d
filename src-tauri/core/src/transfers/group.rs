//! A folder that came with everything in it by one gesture: its files are one thing for whoever looks at them.

use super::journal::lasting_path;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use uuid::Uuid;

/// Names one gesture's folder, in every process.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct GroupId(pub(crate) Uuid);

/// The folder. Each of its transfers carries it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    pub id: GroupId,
    /// Its full name below the place, with `/` at its end.
    pub name: String,
    /// The folder of this computer.
    pub path: PathBuf,
    /// Files of it that are done and not remembered one by one any more.
    pub forgotten_files: usize,
    pub forgotten_bytes: u64,
}

impl Group {
    /// One that comes now: under this name below its place, from or into this folder.
    pub fn begin(name: &str, path: &Path) -> Arc<Self> {
        Arc::new(Group {
            id: GroupId(Uuid::new_v4()),
            name: name.to_owned(),
            path: lasting_path(path),
            forgotten_files: 0,
            forgotten_bytes: 0,
        })
    }
}
