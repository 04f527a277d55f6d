//! Names: from a local file to a key, from a key to a local file, and how a name is drawn.
//!
//! A key is exact UTF-8 and stays as it is. A local name is made safe before anything is written under it.

use crate::error::{Code, Error, Operation, Result};
use std::ffi::OsStr;
use unicode_normalization::UnicodeNormalization;

/// The longest key that S3 keeps, in bytes of UTF-8.
pub const LONGEST_KEY_BYTES: usize = 1024;

/// The name under which a local file is stored: its own, NFC.
///
/// # Errors
/// `NameRefused` when the name isn't UTF-8, so that it could not come back as it was.
pub fn stored_name(local: &OsStr) -> Result<String> {
    match local.to_str() {
        Some(name) => Ok(name.nfc().collect()),
        None => Err(Error::new(Code::NameRefused, Operation::Upload)
            .with("file", local.to_string_lossy().into_owned())
            .with("why", "characters that no other computer can read")),
    }
}

/// Refuses a key that no store keeps, before a byte is sent.
///
/// # Errors
/// `NameRefused` when it is empty, has a NUL or is longer than 1,024 bytes.
pub fn check_key(key: &str) -> Result<()> {
    let why = if key.is_empty() {
        "it is empty"
    } else if key.len() > LONGEST_KEY_BYTES {
        "it is too long"
    } else if key.contains('\0') {
        "it has an invisible character"
    } else {
        return Ok(());
    };
    Err(Error::new(Code::NameRefused, Operation::Upload).with("file", last_segment(key)).with("why", why))
}

/// The folder that a name is in, with its slash; empty for the place itself.
pub fn parent(name: &str) -> &str {
    let inner = name.strip_suffix('/').unwrap_or(name);
    inner.rfind('/').and_then(|slash| name.get(..=slash)).unwrap_or_default()
}

/// The part of a key that people call its name.
pub fn last_segment(key: &str) -> &str {
    let trimmed = key.strip_suffix('/').unwrap_or(key);
    trimmed.rsplit('/').next().unwrap_or(trimmed)
}

/// Whether browsers and URL parsers would turn this key into another one.
pub fn has_dot_segments(key: &str) -> bool {
    key.split('/').any(|segment| segment == "." || segment == "..")
}

/// `report.pdf` and 2 give `report (2).pdf`.
pub fn numbered(name: &str, number: u32) -> String {
    let (folder, file) = match name.rsplit_once('/') {
        Some((folder, file)) => (Some(folder), file),
        None => (None, name),
    };
    let numbered = match file.rsplit_once('.') {
        Some((stem, extension)) if !stem.is_empty() => format!("{stem} ({number}).{extension}"),
        _ => format!("{file} ({number})"),
    };
    match folder {
        Some(folder) => format!("{folder}/{numbered}"),
        None => numbered,
    }
}

/// A name that can be written into a folder of this computer, stays in it, is visible as what it is, and comes out the same
/// when it goes through here again.
///
/// # Errors
/// `NameRefused` when nothing safe is left of it.
pub fn local_name(key: &str) -> Result<String> {
    let name = last_segment(key);
    let safe: String = name
        .chars()
        .map(|letter| match letter {
            ':' | '*' | '?' | '"' | '<' | '>' | '|' if cfg!(windows) => '_',
            '/' | '\\' => '_',
            // A joiner makes one emoji of several and can't turn text around.
            '\u{200D}' => letter,
            letter if letter.is_control() || is_direction_mark(letter) => '_',
            letter => letter,
        })
        .collect();
    let mut safe = safe.trim_end_matches(is_lost_at_the_end).to_owned();
    if is_reserved_on_windows(&safe) {
        safe.insert(0, '_');
    }
    let safe = shortened(&safe).trim_end_matches(is_lost_at_the_end).to_owned();
    if safe.trim().is_empty() || safe == "." || safe == ".." {
        return Err(Error::new(Code::NameRefused, Operation::Save)
            .with("file", name)
            .with("why", "your computer can’t keep it"));
    }
    Ok(safe)
}

/// What two local names have in common that some disks take for one: `A.txt` and `a.txt`.
pub fn folded(local_name: &str) -> String {
    local_name.nfc().flat_map(char::to_lowercase).nfc().collect()
}

/// Windows drops them without a word; elsewhere they are a part of the name.
fn is_lost_at_the_end(letter: char) -> bool {
    cfg!(windows) && matches!(letter, '.' | ' ')
}

/// Most file systems keep 255 bytes; the extension is worth more than the middle.
fn shortened(name: &str) -> String {
    const LONGEST_LOCAL_NAME_BYTES: usize = 240;
    if name.len() <= LONGEST_LOCAL_NAME_BYTES {
        return name.to_owned();
    }
    let extension = name.rsplit_once('.').map(|(_, extension)| extension).filter(|extension| extension.len() <= 16);
    let room = LONGEST_LOCAL_NAME_BYTES - extension.map_or(0, |extension| extension.len() + 1);
    let mut end = room;
    while !name.is_char_boundary(end) {
        end -= 1;
    }
    let stem = name.get(..end).unwrap_or_default();
    match extension {
        Some(extension) => format!("{stem}.{extension}"),
        None => stem.to_owned(),
    }
}

fn is_reserved_on_windows(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or(name).trim_end().to_ascii_uppercase();
    let numbered = |device: &str| {
        stem.strip_prefix(device).is_some_and(|rest| {
            matches!(rest, "¹" | "²" | "³") || (rest.len() == 1 && rest.bytes().all(|letter| letter.is_ascii_digit()))
        })
    };
    matches!(stem.as_str(), "CON" | "PRN" | "AUX" | "NUL" | "CONIN$" | "CONOUT$") || numbered("COM") || numbered("LPT")
}

fn is_direction_mark(letter: char) -> bool {
    matches!(letter, '\u{061C}' | '\u{180E}' | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{2069}' | '\u{FEFF}')
}

/// The name as it is drawn: control and direction characters become symbols, so that nothing can lie.
pub fn display(name: &str) -> String {
    name.chars().map(drawn).collect()
}

/// Whether a character is never drawn as itself.
pub(crate) fn is_drawn_otherwise(letter: char) -> bool {
    drawn(letter) != letter
}

fn drawn(letter: char) -> char {
    match letter {
        '\u{0000}'..='\u{001F}' => char::from_u32(0x2400 + u32::from(letter)).unwrap_or('�'),
        '\u{007F}' => '␡',
        letter if letter.is_control() => '�',
        // A joiner makes one emoji of several and can't turn text around.
        '\u{200D}' => letter,
        letter if is_direction_mark(letter) => '⍰',
        letter => letter,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_goes_before_the_extension() {
        assert_eq!(numbered("report.pdf", 2), "report (2).pdf");
        assert_eq!(numbered("a.b/report", 3), "a.b/report (3)");
        assert_eq!(numbered(".profile", 2), ".profile (2)");
    }

    #[test]
    fn a_local_name_never_leaves_its_folder() {
        for key in ["../../x", "/etc/x", "a/../../x", "..\\..\\x", "x/..", "a\0b", "x\u{202E}fdp.exe"] {
            match local_name(key) {
                Ok(name) => {
                    assert!(!name.contains(['/', '\\', '\0', '\u{202E}']), "{key:?} became {name:?}");
                    assert_ne!(name, "..");
                }
                Err(error) => assert_eq!(error.code(), Code::NameRefused),
            }
        }
        for (key, local) in [
            ("con.txt", "_con.txt"),
            ("COM¹", "_COM¹"),
            ("aux .tar.gz", "_aux .tar.gz"),
            ("console", "console"),
            ("x. . ", if cfg!(windows) { "x" } else { "x. . " }),
            ("a/b/.hidden", ".hidden"),
            ("👨\u{200D}👩.png", "👨\u{200D}👩.png"),
            ("two\u{2028}lines", "two_lines"),
        ] {
            assert_eq!(local_name(key).unwrap(), local);
        }
        for key in ["", ".", "..", "a/..", "a/ "] {
            assert_eq!(local_name(key).unwrap_err().code(), Code::NameRefused, "{key:?}");
        }
    }

    #[test]
    fn a_local_name_is_short_enough_and_stays_what_it_is() {
        for key in [
            "ü".repeat(400),
            format!("{}. .{}", "x".repeat(239), "y".repeat(99)),
            format!("{}.pdf", "日".repeat(300)),
            format!("con.{}", "z".repeat(300)),
        ] {
            let once = local_name(&key).unwrap();
            assert!(once.len() <= 240, "{once:?}");
            assert_eq!(local_name(&once).unwrap(), once);
        }
        assert_eq!(local_name("con").and_then(|once| local_name(&once)).unwrap(), "_con");
    }

    #[test]
    fn names_that_some_disks_take_for_one_are_the_same_when_folded() {
        assert_eq!(folded("Ünder.TXT"), folded("u\u{308}NDER.txt"));
        assert_ne!(folded("a.txt"), folded("b.txt"));
    }

    #[test]
    fn names_that_lie_are_drawn_as_what_they_are() {
        assert_eq!(display("rep\u{202E}fdp.exe"), "rep⍰fdp.exe");
        assert_eq!(display("a\nb"), "a␊b");
        assert_eq!(display("日本 🙂 ü"), "日本 🙂 ü");
    }

    #[test]
    fn a_name_in_two_code_points_is_stored_as_one() {
        assert_eq!(stored_name(OsStr::new("u\u{308}.txt")).unwrap(), "ü.txt");
    }
}
