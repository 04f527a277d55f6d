//! The page that recipients see: one file that asks for nothing from elsewhere, readable on a phone, by a screen reader, on
//! paper and without script. Names are text everywhere, and the end is never said later than it is.

use crate::files::{TypeGroup, type_label};
use crate::links::disposition::safe_name;
use crate::links::text::{end_in_full, size_text};
use crate::names;
use data_encoding::BASE64;
use jiff::ZonedDateTime;
use sha2::{Digest, Sha256};
use std::fmt::{self, Display, Formatter, Write};
use std::sync::LazyLock;

#[cfg(test)]
mod tests;

/// What a row takes beside its names and its address.
const ROW_BYTES: usize = 160;

pub(super) struct Page<'p> {
    pub(super) title: &'p str,
    pub(super) from: Option<&'p str>,
    /// In the time zone of whoever shares.
    pub(super) ends_at: &'p ZonedDateTime,
    pub(super) rows: &'p [Row<'p>],
}

pub(super) struct Row<'p> {
    /// With `/` between folders.
    pub(super) label: &'p str,
    pub(super) size_bytes: u64,
    /// Percent-encoded, relative to the page.
    pub(super) href: String,
}

/// What is the same in every page.
struct Fixed {
    style: String,
    script: String,
    /// Allows these two and nothing else: what a name might smuggle in could neither run nor ask for anything.
    policy: String,
}

static FIXED: LazyLock<Fixed> = LazyLock::new(|| {
    let style = squeezed(include_str!("html/page.css"));
    let script = squeezed(include_str!("html/page.js"));
    let policy = format!(
        "default-src 'none'; style-src '{}'; script-src '{}'; base-uri 'none'; form-action 'none'",
        fingerprint(&style),
        fingerprint(&script)
    );
    Fixed { style, script, policy }
});

/// Without indents and comments, which no recipient reads.
fn squeezed(source: &str) -> String {
    let lines = source.lines().map(str::trim);
    let mut out = String::with_capacity(source.len());
    for line in lines.filter(|line| !line.is_empty() && !line.starts_with("//") && !line.starts_with("/*")) {
        out.push_str(line);
        out.push('\n');
    }
    out
}

fn fingerprint(source: &str) -> String {
    format!("sha256-{}", BASE64.encode(&Sha256::digest(source.as_bytes())))
}

pub(super) fn render(page: &Page<'_>) -> String {
    let rows = page.rows.iter().map(|row| row.href.len() + 2 * row.label.len() + ROW_BYTES).sum::<usize>();
    let mut out = String::with_capacity(FIXED.style.len() + FIXED.script.len() + 2048 + rows);
    let written = write_page(&mut out, page);
    debug_assert!(written.is_ok(), "writing to a string");
    out
}

fn write_page(out: &mut String, page: &Page<'_>) -> fmt::Result {
    let Fixed { style, script, policy } = &*FIXED;
    let title = if page.title.trim().is_empty() { "Files" } else { page.title };
    write!(
        out,
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"{policy}\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"robots\" content=\"noindex, nofollow\">\n\
         <meta name=\"referrer\" content=\"no-referrer\">\n\
         <meta name=\"format-detection\" content=\"telephone=no\">\n\
         <title>{title}</title>\n<style>{style}</style>\n</head>\n<body>\n<main>\n<header>\n",
        title = Text(title)
    )?;
    match page.from.filter(|from| !from.trim().is_empty()) {
        Some(from) => writeln!(out, "<p class=\"from\"><bdi>{}</bdi> shared with you</p>", Text(from))?,
        None => writeln!(out, "<p class=\"from\">Shared with you</p>")?,
    }
    writeln!(out, "<h1 dir=\"auto\">{}</h1>", Text(title))?;
    let total = page.rows.iter().fold(0_u64, |total, row| total.saturating_add(row.size_bytes));
    writeln!(
        out,
        "<p>{} · {} · <span id=\"until\">available until</span> \
         <time id=\"end\" datetime=\"{}\">{}</time> <span id=\"left\"></span></p>",
        Files(page.rows.len()),
        size_text(total),
        page.ends_at.strftime("%Y-%m-%dT%H:%M:%S%:z"),
        Text(&end_in_full(page.ends_at))
    )?;
    out.push_str(
        "<button id=\"all\" type=\"button\" hidden><svg viewBox=\"0 0 24 24\" aria-hidden=\"true\">\
         <path d=\"M12 3v12m-5-5 5 5 5-5M4 15v4a2 2 0 0 0 2 2h12a2 2 0 0 0 2-2v-4\"/></svg>\
         <span id=\"label\">Download all</span></button>\n\
         <p id=\"count\" aria-hidden=\"true\"></p>\n<p id=\"news\" role=\"status\"></p>\n</header>\n",
    );
    write_rows(out, page)?;
    write!(out, "</main>\n<script>{script}</script>\n</body>\n</html>\n")
}

/// Each folder once, with the rows beside no folder first; otherwise they stay in the order that they came in.
fn write_rows(out: &mut String, page: &Page<'_>) -> fmt::Result {
    let mut rows: Vec<(&str, &Row<'_>)> = page.rows.iter().map(|row| (names::parent(row.label), row)).collect();
    rows.sort_by_key(|(folder, _)| *folder);
    let shared_folder = title_folder(page);
    let mut folder = None;
    for (of_row, row) in rows {
        if folder != Some(of_row) {
            if folder.is_some() {
                out.push_str("</ul>\n");
            }
            write_heading(out, of_row.get(shared_folder..).unwrap_or_default())?;
            // Safari takes a list without bullets for none. A name that was translated could not be found again.
            out.push_str("<ul role=\"list\" translate=\"no\">\n");
            folder = Some(of_row);
        }
        write_row(out, row)?;
    }
    if folder.is_some() {
        out.push_str("</ul>\n");
    }
    Ok(())
}

/// The length of the one folder that was shared, when the title names it already.
fn title_folder(page: &Page<'_>) -> usize {
    let is_below = |row: &Row<'_>| row.label.strip_prefix(page.title).is_some_and(|rest| rest.starts_with('/'));
    if page.rows.iter().all(is_below) { page.title.len() + 1 } else { 0 }
}

fn write_heading(out: &mut String, folder: &str) -> fmt::Result {
    let folder = folder.trim_matches('/');
    if folder.trim().is_empty() {
        return Ok(());
    }
    out.push_str("<h2>");
    for (depth, name) in folder.split('/').enumerate() {
        write!(out, "{}<bdi>{}</bdi>", if depth == 0 { "" } else { " / " }, Text(name))?;
    }
    out.push_str("</h2>\n");
    Ok(())
}

/// As short as it can be, since a page has a thousand of them: the size is bare text, the badge is drawn by its attribute.
fn write_row(out: &mut String, row: &Row<'_>) -> fmt::Result {
    let name = names::last_segment(row.label);
    let group = TypeGroup::of(name);
    // What would lead elsewhere, `//host` and `javascript:`, starts from here too.
    let here = if row.href.starts_with('/') || row.href.contains(':') { "./" } else { "" };
    write!(out, "<li><a href=\"{here}{}\" download=\"{}\">", Address(&row.href), Text(&safe_name(name)))?;
    match type_label(name) {
        label if label.is_empty() => write!(out, "<i class={}></i>", class(group))?,
        label => write!(out, "<i class={} data-is={label}></i>", class(group))?,
    }
    write!(out, "<bdi>{}</bdi>", Text(name))?;
    match group {
        TypeGroup::Program => write!(out, "<span><em>Program</em>{}</span>", size_text(row.size_bytes))?,
        _ => write!(out, "{}", size_text(row.size_bytes))?,
    }
    out.push_str("<b>Download</b></a>\n");
    Ok(())
}

fn class(group: TypeGroup) -> char {
    match group {
        TypeGroup::Pdf => 'p',
        TypeGroup::Document => 'd',
        TypeGroup::Sheet => 's',
        TypeGroup::Slides => 'l',
        TypeGroup::Image => 'm',
        TypeGroup::Video => 'v',
        TypeGroup::Audio => 'u',
        TypeGroup::Archive => 'z',
        TypeGroup::Program => 'x',
        TypeGroup::Text | TypeGroup::Folder | TypeGroup::Other => 'o',
    }
}

/// Text that stays text, in an element and between quotes, and that can't lie about its direction.
struct Text<'t>(&'t str);

impl Display for Text<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        for letter in self.0.chars() {
            match letter {
                '&' => f.write_str("&amp;")?,
                '<' => f.write_str("&lt;")?,
                '>' => f.write_str("&gt;")?,
                '"' => f.write_str("&quot;")?,
                '\'' => f.write_str("&#39;")?,
                letter if names::is_drawn_otherwise(letter) => {
                    f.write_str(&names::display(letter.encode_utf8(&mut [0; 4])))?
                }
                letter => f.write_char(letter)?,
            }
        }
        Ok(())
    }
}

/// An address between quotes. No character reference begins like the parameters of a signature, `X-` and `x-`, so that their
/// `&` may stay what it is: a twentieth of the page.
struct Address<'a>(&'a str);

impl Display for Address<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        for (at, part) in self.0.split('&').enumerate() {
            if at > 0 {
                f.write_str(if part.starts_with("X-") || part.starts_with("x-") { "&" } else { "&amp;" })?;
            }
            write!(f, "{}", Text(part))?;
        }
        Ok(())
    }
}

struct Files(usize);

impl Display for Files {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self.0 {
            1 => f.write_str("1 file"),
            count if count < 1000 => write!(f, "{count} files"),
            count => write!(f, "{},{:03} files", count / 1000, count % 1000),
        }
    }
}
