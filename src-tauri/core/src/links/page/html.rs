//! The page that recipients see: one file, nothing from elsewhere, readable on a phone and without script.

use crate::names;
use jiff::ZonedDateTime;
use std::fmt::Write;

pub(super) struct Page<'p> {
    pub(super) title: &'p str,
    pub(super) from: Option<&'p str>,
    /// In the time zone of whoever shares.
    pub(super) ends_at: &'p ZonedDateTime,
    pub(super) rows: &'p [Row<'p>],
}

pub(super) struct Row<'p> {
    pub(super) label: &'p str,
    pub(super) size_bytes: u64,
    /// Percent-encoded, relative to the page.
    pub(super) href: String,
}

pub(super) fn render(page: &Page<'_>) -> String {
    let mut out = String::new();
    for row in page.rows {
        let written = write!(out, "<a href=\"{}\">{}</a>", row.href, escaped(row.label));
        debug_assert!(written.is_ok(), "writing to a string");
    }
    format!(
        "<!doctype html><title>{}</title>{} {} {}{out}",
        escaped(page.title),
        escaped(page.from.unwrap_or_default()),
        page.ends_at,
        page.rows.iter().map(|row| row.size_bytes).sum::<u64>()
    )
}

fn escaped(text: &str) -> String {
    names::display(text).replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
