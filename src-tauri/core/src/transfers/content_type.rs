//! What kind of file this is: by its name, else by its first bytes. Text says UTF-8 only where it is.

/// So much of a file is looked at.
pub(crate) const SAMPLE_BYTES: usize = 8 * 1024;
const UNKNOWN: &str = "application/octet-stream";

/// The `Content-Type` of a file.
pub(crate) fn content_type(name: &str, start: &[u8]) -> String {
    let sample = start.get(..SAMPLE_BYTES).unwrap_or(start);
    let by_name = mime_guess::from_path(crate::names::last_segment(name)).first_raw();
    let by_content = || infer::get(sample).map(|kind| kind.mime_type());
    let kind = by_name.or_else(by_content).unwrap_or(UNKNOWN);
    if is_text(kind) && is_utf8_start(sample) { format!("{kind}; charset=utf-8") } else { kind.to_owned() }
}

/// The `Content-Type` if the name alone says it, so that the file need not be looked into.
pub(crate) fn by_name_alone(name: &str) -> Option<&'static str> {
    mime_guess::from_path(crate::names::last_segment(name)).first_raw().filter(|kind| !is_text(kind))
}

fn is_text(kind: &str) -> bool {
    let others = ["application/javascript", "application/json", "application/xml", "application/x-javascript"];
    kind.starts_with("text/") || others.contains(&kind)
}

/// Whether these bytes are UTF-8 as far as they go. A letter that is cut at the end is no objection.
fn is_utf8_start(bytes: &[u8]) -> bool {
    match std::str::from_utf8(bytes) {
        Ok(_) => true,
        Err(error) => error.error_len().is_none() && bytes.len() == SAMPLE_BYTES,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_decides_before_the_content() {
        assert_eq!(content_type("a/Offer.PDF", b"\x89PNG\r\n\x1a\n"), "application/pdf");
        assert_eq!(content_type("photo.jpeg", b""), "image/jpeg");
        assert_eq!(by_name_alone("photo.jpeg"), Some("image/jpeg"));
        assert_eq!((by_name_alone("a.txt"), by_name_alone("README")), (None, None));
    }

    #[test]
    fn a_name_that_says_nothing_leaves_it_to_the_content() {
        assert_eq!(content_type("scan", b"%PDF-1.7\n"), "application/pdf");
        assert_eq!(content_type("picture.v2", b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR"), "image/png");
        assert_eq!(content_type("noise", &[0, 1, 2, 3]), UNKNOWN);
        assert_eq!(content_type("empty", b""), UNKNOWN);
    }

    #[test]
    fn text_says_utf_8_only_where_it_is() {
        assert_eq!(content_type("a.txt", "Grüße 日本 🙂".as_bytes()), "text/plain; charset=utf-8");
        assert_eq!(content_type("a.txt", b"Gr\xfc\xdfe"), "text/plain");
        let cut = "ü".repeat(SAMPLE_BYTES);
        assert_eq!(content_type("a.html", cut.get(..).map(str::as_bytes).unwrap()), "text/html; charset=utf-8");
        let mut odd = b"x".to_vec();
        odd.extend_from_slice(cut.as_bytes());
        assert_eq!(content_type("a.csv", &odd), "text/csv; charset=utf-8");
    }
}
