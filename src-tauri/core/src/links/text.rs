//! A link in words, in English, for notifications, mail and the terminal. The window has its own, in the person's language.

use super::SignedUrl;
use crate::names;
use jiff::{Timestamp, ZonedDateTime};
use std::fmt::{self, Write};
use zeroize::Zeroizing;

/// What is told of a link beside the link.
#[derive(Debug, Clone, Copy)]
pub struct Told<'t> {
    /// The file's name, or the title of a page.
    pub name: &'t str,
    /// More than one: a page of them.
    pub files: u32,
    /// Of all of them together, as far as it is known.
    pub size_bytes: Option<u64>,
    pub ends_at: Timestamp,
}

impl Told<'_> {
    /// What the link is called: by its file, or by the title of its page.
    fn label(&self) -> String {
        names::display(if self.files > 1 { self.name } else { names::last_segment(self.name) })
    }
}

/// A link together with what its reader wants to know. Wiped when dropped.
#[derive(Clone)]
pub struct Handover {
    pub plain: Zeroizing<String>,
    /// The name is an anchor, so that no mail program breaks the address.
    pub html: Zeroizing<String>,
}

impl fmt::Debug for Handover {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Handover { .. }")
    }
}

/// *Copy with text*: name, size, end with its time zone, link. `now` says which time zone.
pub fn handover(told: &Told<'_>, url: &SignedUrl, now: &ZonedDateTime) -> Handover {
    let name = told.label();
    let facts: Vec<String> =
        [(told.files > 1).then(|| format!("{} files", told.files)), told.size_bytes.map(size_text)]
            .into_iter()
            .flatten()
            .collect();
    let facts = if facts.is_empty() { String::new() } else { format!(" ({})", facts.join(", ")) };
    let until = format!("Works until {}", end_in_full(&told.ends_at.to_zoned_datetime(now.time_zone().clone())));
    let plain = format!("{name}{facts}\n{until}\n{}\n", url.reveal());
    let html = format!("<p><a href=\"{}\">{}</a>{facts}<br>{until}</p>", escaped(url.reveal()), escaped(&name));
    Handover { plain: Zeroizing::new(plain), html: Zeroizing::new(html) }
}

/// The link alone: its name is the anchor, so that it pastes as a name where that is possible.
pub fn link_alone(told: &Told<'_>, url: &SignedUrl) -> Handover {
    let html = format!("<a href=\"{}\">{}</a>", escaped(url.reveal()), escaped(&told.label()));
    Handover { plain: Zeroizing::new(url.reveal().to_owned()), html: Zeroizing::new(html) }
}

/// Text that stays text, in an element and between quotes.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + text.len() / 8);
    for letter in text.chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            letter => out.push(letter),
        }
    }
    out
}

/// "Mon 30 Nov 2026, 09:30 (CET, UTC+01:00)", for readers who are elsewhere. Seconds are cut, so that it never says more
/// than is true.
pub(super) fn end_in_full(end: &ZonedDateTime) -> String {
    let offset = if end.offset().seconds() == 0 { String::new() } else { end.strftime("%:z").to_string() };
    let short = end.strftime("%Z").to_string();
    let time = end.strftime("%a %-d %b %Y, %H:%M");
    // Zones without a name of their own are called by their number.
    if short == "UTC" || !short.chars().all(|letter| letter.is_ascii_alphabetic()) {
        format!("{time} (UTC{offset})")
    } else {
        format!("{time} ({short}, UTC{offset})")
    }
}

/// A size as the window writes it in English: "41 KB", "2.4 MB".
pub(super) fn size_text(bytes: u64) -> String {
    if bytes < 1000 {
        return format!("{bytes} byte{}", if bytes == 1 { "" } else { "s" });
    }
    let bytes = u128::from(bytes);
    let mut scale = 1;
    let mut text = String::new();
    for (unit, tenths_below) in [("KB", 0), ("MB", 10), ("GB", 100), ("TB", 100)] {
        scale *= 1000;
        let with_tenth = bytes < tenths_below * scale;
        let tenths = if with_tenth { (bytes * 10 + scale / 2) / scale } else { (bytes + scale / 2) / scale * 10 };
        text.clear();
        let written = match (tenths / 10, tenths % 10) {
            (whole, 0) => write!(text, "{whole} {unit}"),
            (whole, tenth) => write!(text, "{whole}.{tenth} {unit}"),
        };
        debug_assert!(written.is_ok(), "writing to a string");
        if tenths < 10_000 {
            break;
        }
    }
    text
}

/// "today, 18:00", "tomorrow, 14:05", "Fri 27 Nov, 17:00". Minutes are cut, so that it never says more than is true.
pub fn until(end: Timestamp, now: &ZonedDateTime) -> String {
    let end = end.to_zoned_datetime(now.time_zone().clone());
    let time = if end.timestamp().as_second() - now.timestamp().as_second() < 120 {
        end.strftime("%H:%M:%S").to_string()
    } else {
        end.strftime("%H:%M").to_string()
    };
    let day = end.date();
    if day == now.date() {
        return format!("today, {time}");
    }
    if now.date().tomorrow().is_ok_and(|tomorrow| tomorrow == day) {
        return format!("tomorrow, {time}");
    }
    format!("{}, {time}", end.strftime("%a %-d %b"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_end_is_said_as_people_say_it() {
        let now: ZonedDateTime = "2026-11-23T12:00:00+01:00[Europe/Berlin]".parse().unwrap();
        let said = |end: &str| until(end.parse().unwrap(), &now);
        assert_eq!(said("2026-11-23T17:00:59Z"), "today, 18:00");
        assert_eq!(said("2026-11-24T13:05:00Z"), "tomorrow, 14:05");
        assert_eq!(said("2026-11-27T16:00:00Z"), "Fri 27 Nov, 17:00");
        assert_eq!(said("2026-11-23T11:00:02Z"), "today, 12:00:02");
    }

    #[test]
    fn summer_time_does_not_move_an_end() {
        let now: ZonedDateTime = "2026-10-23T12:00:00+02:00[Europe/Berlin]".parse().unwrap();
        assert_eq!(until("2026-10-25T16:00:00Z".parse().unwrap(), &now), "Sun 25 Oct, 17:00");
    }

    fn berlin() -> ZonedDateTime {
        "2026-11-23T12:00:00+01:00[Europe/Berlin]".parse().unwrap()
    }

    fn told(name: &str) -> Told<'_> {
        let ends_at = "2026-11-27T16:00:59Z".parse().unwrap();
        Told { name, files: 1, size_bytes: Some(2_400_000), ends_at }
    }

    #[test]
    fn a_link_is_handed_over_with_its_name_size_and_end_in_its_time_zone() {
        let url = SignedUrl("https://acme.example/a?x=1&y=2".to_owned());
        let said = handover(&told("press/Offer.pdf"), &url, &berlin());
        assert_eq!(
            said.plain.as_str(),
            "Offer.pdf (2.4 MB)\nWorks until Fri 27 Nov 2026, 17:00 (CET, UTC+01:00)\nhttps://acme.example/a?x=1&y=2\n"
        );
        assert_eq!(
            said.html.as_str(),
            "<p><a href=\"https://acme.example/a?x=1&amp;y=2\">Offer.pdf</a> (2.4 MB)<br>\
             Works until Fri 27 Nov 2026, 17:00 (CET, UTC+01:00)</p>"
        );
        let page = Told { files: 3, size_bytes: Some(999), ..told("Photos") };
        assert!(handover(&page, &url, &berlin()).plain.starts_with("Photos (3 files, 999 bytes)\n"));
        let alone = link_alone(&told("press/<b>.pdf"), &url);
        assert_eq!(alone.plain.as_str(), url.reveal());
        assert_eq!(alone.html.as_str(), "<a href=\"https://acme.example/a?x=1&amp;y=2\">&lt;b&gt;.pdf</a>");
        let unknown = Told { size_bytes: None, ..told("a") };
        assert!(handover(&unknown, &url, &berlin()).plain.starts_with("a\nWorks until"));
        assert_eq!(format!("{said:?}"), "Handover { .. }");
    }

    #[test]
    fn a_hostile_name_stays_text_in_both_flavours() {
        let url = SignedUrl("https://acme.example/a".to_owned());
        let said = handover(&told("\"><script>&'\nhttps://evil.example\u{202E}"), &url, &berlin());
        assert!(!said.html.contains("<script") && !said.html.contains("\u{202E}"), "{}", said.html.as_str());
        assert_eq!(said.html.matches('"').count(), 2, "{}", said.html.as_str());
        assert_eq!(said.plain.lines().count(), 3, "{}", said.plain.as_str());
    }

    #[test]
    fn a_size_is_written_as_in_the_window() {
        for (bytes, text) in [
            (0, "0 bytes"),
            (1, "1 byte"),
            (999, "999 bytes"),
            (1_000, "1 KB"),
            (41_499, "41 KB"),
            (999_499, "999 KB"),
            (999_500, "1 MB"),
            (2_400_000, "2.4 MB"),
            (9_149_999, "9.1 MB"),
            (9_960_000, "10 MB"),
            (288_500_000, "289 MB"),
            (999_600_000, "1 GB"),
            (1_500_000_000, "1.5 GB"),
            (99_940_000_000, "99.9 GB"),
            (2_000_000_000_000, "2 TB"),
            (u64::MAX, "18446744 TB"),
        ] {
            assert_eq!(size_text(bytes), text);
        }
    }
}
