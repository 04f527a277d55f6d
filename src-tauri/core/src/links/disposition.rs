//! Download or open, and under which name: RFC 6266 with RFC 5987, since stores refuse anything but Latin-1 in a header.

use crate::files::TypeGroup;
use crate::names;
use crate::transfers::by_name_alone;
use std::fmt::Write;

/// What the recipient's browser does with the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Disposition {
    /// Saves it under its own name.
    #[default]
    Download,
    /// Shows it, if it can and if the type can't run script.
    Open,
}

/// Whether a file may be shown inside a browser. Types that can run script never are.
pub fn may_open_in_browser(name: &str) -> bool {
    let extension = name.rsplit_once('.').map(|(_, extension)| extension.to_ascii_lowercase());
    let shows = matches!(
        extension.as_deref(),
        Some(
            "pdf"
                | "jpg"
                | "jpeg"
                | "png"
                | "gif"
                | "webp"
                | "avif"
                | "bmp"
                | "mp4"
                | "webm"
                | "mov"
                | "m4v"
                | "mp3"
                | "m4a"
                | "wav"
                | "ogg"
                | "flac"
                | "txt"
                | "csv"
                | "log"
                | "md"
        )
    );
    shows && TypeGroup::of(name) != TypeGroup::Program
}

/// What a header value that was made here wished.
pub(super) fn of_header(header: &str) -> Disposition {
    if header.starts_with("inline") { Disposition::Open } else { Disposition::Download }
}

/// The header value for a file name.
pub(super) fn header(disposition: Disposition, name: &str) -> String {
    let kind = match disposition {
        Disposition::Open if may_open_in_browser(name) => "inline",
        _ => "attachment",
    };
    let name = safe_name(name);
    let ascii: String = name
        .chars()
        .map(|letter| {
            if letter.is_ascii_graphic() && !matches!(letter, '"' | '\\' | '%' | ';') || letter == ' ' {
                letter
            } else {
                '_'
            }
        })
        .collect();
    if ascii == name {
        return format!("{kind}; filename=\"{ascii}\"");
    }
    format!("{kind}; filename=\"{ascii}\"; filename*=UTF-8''{}", encoded(&name))
}

/// The type to force. One that could run script inside the company's address becomes a mere file; one that is to be
/// opened is what its name says, whatever the store was told. Text keeps the store's own, which knows its encoding.
pub(super) fn forced_type(disposition: Disposition, name: &str) -> Option<&'static str> {
    let opened =
        || (disposition == Disposition::Open && may_open_in_browser(name)).then(|| by_name_alone(name)).flatten();
    harmless_type(name).or_else(opened)
}

fn harmless_type(name: &str) -> Option<&'static str> {
    let extension = name.rsplit_once('.').map(|(_, extension)| extension.to_ascii_lowercase())?;
    let runs_script = matches!(
        extension.as_str(),
        "html"
            | "htm"
            | "xhtml"
            | "svg"
            | "svgz"
            | "xml"
            | "xsl"
            | "xslt"
            | "mht"
            | "mhtml"
            | "js"
            | "mjs"
            | "swf"
            | "hta"
    );
    runs_script.then_some("application/octet-stream")
}

/// The last part of the name without what could break a header or turn text around.
pub(super) fn safe_name(name: &str) -> String {
    let name: String = names::last_segment(name)
        .chars()
        .map(|letter| if names::is_drawn_otherwise(letter) { '_' } else { letter })
        .collect();
    let trimmed = name.trim();
    if trimmed.is_empty() || trimmed == "." || trimmed == ".." { "file".to_owned() } else { trimmed.to_owned() }
}

/// RFC 5987 `ext-value` characters; everything else as UTF-8 bytes.
fn encoded(name: &str) -> String {
    let mut out = String::with_capacity(name.len() * 3);
    for byte in name.bytes() {
        match byte {
            b'a'..=b'z'
            | b'A'..=b'Z'
            | b'0'..=b'9'
            | b'!'
            | b'#'
            | b'$'
            | b'&'
            | b'+'
            | b'-'
            | b'.'
            | b'^'
            | b'_'
            | b'`'
            | b'|'
            | b'~' => {
                out.push(char::from(byte));
            }
            byte => {
                let written = write!(out, "%{byte:02X}");
                debug_assert!(written.is_ok(), "writing to a string");
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_in_any_script_arrives_and_breaks_no_header() {
        assert_eq!(header(Disposition::Download, "a/offer.pdf"), "attachment; filename=\"offer.pdf\"");
        assert_eq!(
            header(Disposition::Download, "Müller \"x\"; 日本.pdf"),
            "attachment; filename=\"M_ller _x__ __.pdf\"; filename*=UTF-8''M%C3%BCller%20%22x%22%3B%20%E6%97%A5%E6%9C%AC.pdf"
        );
        for name in ["a\r\nSet-Cookie: x.pdf", "\u{202E}fdp.exe", "..", "🙂.pdf"] {
            let header = header(Disposition::Download, name);
            assert!(header.is_ascii() && !header.contains(['\r', '\n']), "{header}");
        }
    }

    #[test]
    fn what_can_run_script_is_never_shown_inside_a_browser() {
        for name in ["a.html", "a.svg", "a.xml", "a.js", "a.exe", "a"] {
            assert!(header(Disposition::Open, name).starts_with("attachment"), "{name}");
        }
        assert!(header(Disposition::Open, "a.pdf").starts_with("inline"));
        assert_eq!(forced_type(Disposition::Download, "a.SVG"), Some("application/octet-stream"));
        assert_eq!(forced_type(Disposition::Download, "a.pdf"), None);
    }

    #[test]
    fn what_is_to_be_opened_is_what_its_name_says() {
        assert_eq!(forced_type(Disposition::Open, "a.pdf"), Some("application/pdf"));
        assert_eq!(forced_type(Disposition::Open, "a.txt"), None);
        assert_eq!(forced_type(Disposition::Open, "a.html"), Some("application/octet-stream"));
    }
}
