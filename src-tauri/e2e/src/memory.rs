//! What the app's processes hold in memory, as the kernel counts it.

use std::fs;

use anyhow::{Context, Result};

/// One process: what of it lies in memory.
#[derive(Clone, Copy, Debug)]
pub struct Memory {
    pub now_bytes: u64,
    /// The most so far.
    pub most_bytes: u64,
}

impl Memory {
    pub fn of(process: u32) -> Result<Self> {
        let status = fs::read_to_string(format!("/proc/{process}/status")).context("the process runs no more")?;
        Ok(Self { now_bytes: bytes(&status, "VmRSS:")?, most_bytes: bytes(&status, "VmHWM:")? })
    }
}

fn bytes(status: &str, name: &str) -> Result<u64> {
    let line =
        status.lines().find_map(|line| line.strip_prefix(name)).with_context(|| format!("{name} is not said"))?;
    let kibibytes = line.trim().split(' ').next().unwrap_or_default();
    Ok(1024 * kibibytes.parse::<u64>().with_context(|| format!("{name} {line}"))?)
}
