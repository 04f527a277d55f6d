//! Files as people have them: names that have broken other programs, and contents that differ in every byte.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::desktop::Desktop;

/// Spaces, umlauts, what has a meaning in addresses, other scripts, an emoji.
pub const HARD_NAMES: [&str; 6] = [
    "Übersicht März #1.pdf",
    "100%20 of it & more?.txt",
    "a+b=c;d,e'f.csv",
    "日本語の書類.docx",
    "Party 🙂 photos.jpg",
    " leading space and (brackets) [1].txt",
];

/// Bytes that look like nothing, the same for the same seed.
pub fn content(seed: &str, size: usize) -> Vec<u8> {
    let mut state = seed
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
    let mut bytes = Vec::with_capacity(size + 8);
    while bytes.len() < size {
        // xorshift: quick, and no two parts of a file are alike.
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        bytes.extend_from_slice(&state.to_le_bytes());
    }
    bytes.truncate(size);
    bytes
}

impl Desktop {
    /// A file in the person's documents, its content made from its name.
    pub fn file(&self, name: &str, size: usize) -> Result<PathBuf> {
        self.file_with(name, &content(name, size))
    }

    pub fn file_with(&self, name: &str, content: &[u8]) -> Result<PathBuf> {
        let path = self.documents().join(name);
        fs::write(&path, content).with_context(|| format!("the file {}", path.display()))?;
        Ok(path)
    }
}

/// Borrowed, as most of the harness takes them.
pub fn borrowed(files: &[PathBuf]) -> Vec<&Path> {
    files.iter().map(PathBuf::as_path).collect()
}
