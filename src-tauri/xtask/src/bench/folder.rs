//! A folder of our own, gone when we are. In memory where there is room, so that the disk decides nothing.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::process::{capture, program};

const IN_MEMORY: &str = "/dev/shm";
/// What other programs keep there, and what a store may need besides its files.
const SPARE_BYTES: u64 = 1024 * 1024 * 1024;

pub struct Folder(PathBuf);

impl Folder {
    /// In memory, or below `otherwise` on the disk.
    pub fn create(otherwise: &Path, room_bytes: u64) -> Result<Self> {
        let memory = Path::new(IN_MEMORY);
        let fits = free_bytes(memory).is_ok_and(|free| free > room_bytes + SPARE_BYTES);
        let name = format!("satchel-bench-{}", std::process::id());
        Self::create_in(if fits { memory } else { otherwise }, &name)
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
        // What cannot be removed now lies in a folder that is named after this tool.
        let _ = fs::remove_dir_all(&self.0);
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
