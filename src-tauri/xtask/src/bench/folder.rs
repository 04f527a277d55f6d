//! A folder of our own, gone when we are. In memory where there is room, so that the disk decides nothing.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::process::{capture, program};

const IN_MEMORY: &str = "/dev/shm";
/// Followed by the number of the process that works there.
const NAME: &str = "satchel-bench-";
/// What other programs keep there, and what a store may need besides its files.
const SPARE_BYTES: u64 = 1024 * 1024 * 1024;

pub struct Folder(PathBuf);

impl Folder {
    /// In memory, or below `otherwise` on the disk.
    pub fn create(otherwise: &Path, room_bytes: u64) -> Result<Self> {
        let memory = Path::new(IN_MEMORY);
        [memory, otherwise].into_iter().for_each(sweep);
        let fits = free_bytes(memory).is_ok_and(|free| free > room_bytes + SPARE_BYTES);
        Self::create_in(if fits { memory } else { otherwise }, &format!("{NAME}{}", std::process::id()))
    }

    pub fn create_in(parent: &Path, name: &str) -> Result<Self> {
        let path = parent.join(name);
        fs::create_dir(&path).with_context(|| format!("{}", path.display()))?;
        Ok(Self(path))
    }

    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // What cannot be removed now is removed before the next run.
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Removes what a run left that was killed: it would hold memory until the machine is restarted.
fn sweep(parent: &Path) {
    for entry in fs::read_dir(parent).into_iter().flatten().flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let owner = name.strip_prefix(NAME).and_then(|number| number.parse::<u32>().ok());
        if owner.is_some_and(|owner| !Path::new("/proc").join(owner.to_string()).exists()) {
            // Somebody else's is theirs to remove.
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}

/// The smaller of what the file system has left and, as its files are memory, of what memory has left.
fn free_bytes(folder: &Path) -> Result<u64> {
    let answer = capture(program("df").args(["--block-size=1", "--output=avail"]).arg(folder))?;
    let free = answer.lines().last().unwrap_or_default().trim().parse().context("`df` said no number")?;
    Ok(available_memory().map_or(free, |memory| memory.min(free)))
}

fn available_memory() -> Option<u64> {
    let known = fs::read_to_string("/proc/meminfo").ok()?;
    let line = known.lines().find_map(|line| line.strip_prefix("MemAvailable:"))?;
    let kib: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kib * 1024)
}
