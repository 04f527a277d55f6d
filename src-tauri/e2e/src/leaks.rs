//! Looks for a secret where it must not be: in every file of the desktop, in any form that a program might write it in, and in
//! what every process was started with. The password store's own encrypted file is left out.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};
use memchr::memmem;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use crate::desktop::Desktop;

/// A way to write a secret down, and the bytes that come of it.
type Form = (&'static str, Vec<u8>);

impl Desktop {
    /// Fails when the secret lies anywhere on this desktop in the open.
    pub fn expect_no_trace_of(&self, secret: &str) -> Result<()> {
        let forms = forms(secret);
        let mut found = Vec::new();
        for file in files_below(self.folder())? {
            if is_password_store(&file) {
                continue;
            }
            // Sockets are not on the list of files; one that went away meanwhile holds nothing.
            let Ok(content) = fs::read(&file) else { continue };
            found.extend(traces(&content, &forms).map(|form| format!("{} ({form})", file.display())));
        }
        found.extend(self.traces_in_processes(&forms)?);
        if !found.is_empty() {
            bail!("the secret lies in the open:\n{}", found.join("\n"));
        }
        Ok(())
    }

    fn traces_in_processes(&self, forms: &[Form]) -> Result<Vec<String>> {
        let mark = self.runtime().display().to_string();
        let mut found = Vec::new();
        for entry in fs::read_dir("/proc").context("/proc")?.flatten() {
            let read = |name: &str| fs::read(entry.path().join(name)).unwrap_or_default();
            let started_with = [read("environ"), read("cmdline")].concat();
            if memmem::find(&started_with, mark.as_bytes()).is_some() {
                found.extend(traces(&started_with, forms).map(|form| format!("{} ({form})", entry.path().display())));
            }
        }
        Ok(found)
    }
}

fn traces<'a>(content: &'a [u8], forms: &'a [Form]) -> impl Iterator<Item = &'static str> + 'a {
    forms.iter().filter(|(_, bytes)| memmem::find(content, bytes).is_some()).map(|(name, _)| *name)
}

fn is_password_store(file: &Path) -> bool {
    let in_its_folder = file.parent().is_some_and(|folder| folder.ends_with("keyrings"));
    in_its_folder && file.extension().is_some_and(|extension| extension == "keyring")
}

/// Every ordinary file; what is a link, a socket or a pipe is not followed.
pub fn files_below(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(folder) = folders.pop() {
        let Ok(entries) = fs::read_dir(&folder) else { continue };
        for entry in entries.flatten() {
            let Ok(kind) = entry.file_type() else { continue };
            if kind.is_dir() {
                folders.push(entry.path());
            } else if kind.is_file() {
                files.push(entry.path());
            }
        }
    }
    files.sort();
    Ok(files)
}

fn forms(secret: &str) -> Vec<Form> {
    let bytes = secret.as_bytes();
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    let spread: Vec<u8> = bytes.iter().flat_map(|byte| [*byte, 0]).collect();
    let mut forms: Vec<Form> = vec![
        ("as it is", bytes.to_vec()),
        ("hex", hex.to_uppercase().into_bytes()),
        // Little and big end first differ only in where the run of zeroes begins.
        ("UTF-16", spread.get(..spread.len() - 1).unwrap_or_default().to_vec()),
        ("in a URL", utf8_percent_encode(secret, NON_ALPHANUMERIC).to_string().into_bytes()),
        ("backwards", bytes.iter().rev().copied().collect()),
        ("hex", hex.into_bytes()),
    ];
    // Inside a longer text that is base64 as a whole, it begins at any of three places.
    for shift in 0..3 {
        forms.push(("base64", base64_core(bytes, shift, &STANDARD)));
        forms.push(("base64 for URLs", base64_core(bytes, shift, &URL_SAFE)));
    }
    forms
}

/// The characters that depend on the secret alone when `shift` other bytes come before it.
fn base64_core(secret: &[u8], shift: usize, alphabet: &impl Engine) -> Vec<u8> {
    let padded = [vec![0; shift], secret.to_vec()].concat();
    let text = alphabet.encode(&padded).into_bytes();
    let first = (shift * 8).div_ceil(6);
    let end = padded.len() * 8 / 6;
    text.get(first..end).unwrap_or_default().to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "q8+T/z0K4vWc1=xYb7";

    fn is_found_in(content: &[u8]) -> bool {
        traces(content, &forms(SECRET)).next().is_some()
    }

    #[test]
    fn every_way_of_writing_is_recognised() {
        assert!(is_found_in(format!("{{\"secret\":\"{SECRET}\"}}").as_bytes()));
        for shift in 0..5 {
            let longer = format!("{}{SECRET}\"}}", "x".repeat(shift));
            assert!(is_found_in(STANDARD.encode(&longer).as_bytes()), "base64 after {shift}");
            assert!(is_found_in(URL_SAFE.encode(&longer).as_bytes()), "base64 for URLs after {shift}");
        }
        let little: Vec<u8> = SECRET.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let big: Vec<u8> = SECRET.encode_utf16().flat_map(u16::to_be_bytes).collect();
        assert!(is_found_in(&little) && is_found_in(&big));
        assert!(is_found_in(b"secret=q8%2BT%2Fz0K4vWc1%3DxYb7&"));
    }

    #[test]
    fn what_merely_looks_alike_is_not() {
        assert!(!is_found_in(b"q8+T/z0K4vWc1=xYb"));
        assert!(!is_found_in(&STANDARD.encode("q8+T/z0K4vWc1=xXX7 and more").into_bytes()));
    }
}
