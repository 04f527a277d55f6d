//! `satchel ls`: a folder, page by page: a table for a person, names for a pipe, JSON for a program.

use super::Call;
use crate::arguments::{Ls, Sort};
use crate::exit::{Exit, Failure};
use crate::output::{Output, Tint};
use crate::place::{OpenPlace, folder_name};
use indicatif::DecimalBytes;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use satchel_core::files::{Entry, Page, Pages};
use satchel_core::names;
use serde::Serialize;
use std::cmp::Ordering;

#[derive(Serialize)]
struct Listing<'l> {
    folder: &'l str,
    folders: Vec<Folder<'l>>,
    files: Vec<File<'l>>,
    complete: bool,
}

#[derive(Serialize)]
struct Folder<'l> {
    name: &'l str,
}

#[derive(Serialize)]
struct File<'l> {
    name: &'l str,
    size: u64,
    changed: Option<Timestamp>,
    etag: Option<&'l str>,
}

impl<'l> File<'l> {
    fn of(entry: &'l Entry) -> Self {
        File {
            name: &entry.name,
            size: entry.size_bytes.unwrap_or_default(),
            changed: entry.changed_at,
            etag: entry.etag.as_deref(),
        }
    }
}

pub async fn run(call: &Call<'_>, arguments: Ls) -> Result<Exit, Failure> {
    let place = OpenPlace::open(&call.global, &call.rooms).await?;
    let folder = folder_name(&arguments.folder);
    let mut pages = Pages::new(&place.storage, &folder, arguments.recursive);
    let mut wanted = Wanted::new(&arguments);
    let output = call.output;
    // What is in the order of the storage goes out as it comes; what is not, and one JSON document, is collected first.
    let whole = arguments.sort.is_some() || (output.json && !arguments.recursive);
    let mut all = Page::default();
    while !wanted.is_enough()
        && !output.is_closed()
        && let Some(page) = pages.next().await
    {
        // Without an order there are as many as are wanted as soon as they were seen; with one, all have to be seen.
        let page = wanted.of(page?, arguments.sort.is_some());
        if whole {
            all.folders.extend(page.folders);
            all.files.extend(page.files);
        } else {
            print(output, &page)?;
            output.flush()?;
        }
    }
    if let Some(by) = arguments.sort {
        sort(&mut all, by, arguments.reverse);
        wanted.cut(&mut all);
    }
    if whole && output.json && !arguments.recursive {
        output.document(&Listing {
            folder: &folder,
            folders: all.folders.iter().map(|name| Folder { name }).collect(),
            files: all.files.iter().map(File::of).collect(),
            complete: !pages.has_more() && !wanted.left_some_out,
        })?;
    } else if whole {
        print(output, &all)?;
    }
    if output.stdout_is_terminal && !output.json && wanted.nothing_shown {
        output.say(if arguments.search.is_some() { "Nothing found." } else { "Nothing here yet." });
    }
    Ok(Exit::Done)
}

/// Which names are wanted, and how many of them still are.
struct Wanted {
    text: Option<String>,
    left: usize,
    left_some_out: bool,
    nothing_shown: bool,
}

impl Wanted {
    fn new(arguments: &Ls) -> Self {
        Wanted {
            text: arguments.search.as_deref().map(str::to_lowercase),
            left: arguments.limit.unwrap_or(usize::MAX),
            left_some_out: false,
            nothing_shown: true,
        }
    }

    fn is_enough(&self) -> bool {
        self.left == 0
    }

    /// What is wanted of a page. `all` leaves the counting to `cut`.
    fn of(&mut self, mut page: Page, all: bool) -> Page {
        if let Some(text) = &self.text {
            page.folders.retain(|name| names::last_segment(name).to_lowercase().contains(text));
            page.files.retain(|file| file.label().to_lowercase().contains(text));
        }
        if !all {
            self.cut(&mut page);
        }
        page
    }

    fn cut(&mut self, page: &mut Page) {
        let before = page.folders.len() + page.files.len();
        page.folders.truncate(self.left);
        self.left -= page.folders.len();
        page.files.truncate(self.left);
        self.left -= page.files.len();
        let after = page.folders.len() + page.files.len();
        self.left_some_out |= after < before;
        self.nothing_shown &= after == 0;
    }
}

fn sort(page: &mut Page, by: Sort, reverse: bool) {
    let turned = |order: Ordering| if reverse { order.reverse() } else { order };
    page.folders
        .sort_unstable_by(|left, right| if by == Sort::Name { turned(left.cmp(right)) } else { left.cmp(right) });
    page.files.sort_unstable_by(|left, right| {
        let order = match by {
            Sort::Name => left.name.cmp(&right.name),
            Sort::Size => left.size_bytes.cmp(&right.size_bytes),
            Sort::Changed => left.changed_at.cmp(&right.changed_at),
        };
        turned(order).then_with(|| left.name.cmp(&right.name))
    });
}

fn print(output: &Output, page: &Page) -> Result<(), Failure> {
    if output.json {
        return page.files.iter().try_for_each(|file| output.json_line(&File::of(file)));
    }
    if !output.is_for_a_person() {
        page.folders.iter().try_for_each(|name| output.name(name))?;
        return page.files.iter().try_for_each(|file| output.name(&file.name));
    }
    let zone = TimeZone::system();
    for name in &page.folders {
        output.line(row("", "", &output.tinted(Tint::Folder, &names::display(name))))?;
    }
    for file in &page.files {
        let size = file.size_bytes.map(|size| DecimalBytes(size).to_string()).unwrap_or_default();
        let changed =
            file.changed_at.map(|time| time.to_zoned_datetime(zone.clone()).strftime("%Y-%m-%d %H:%M").to_string());
        output.line(row(&size, &changed.unwrap_or_default(), &names::display(&file.name)))?;
    }
    Ok(())
}

/// The name comes last: it is the only column whose width nobody knows.
fn row(size: &str, changed: &str, name: &str) -> String {
    format!("{size:>10}  {changed:<16}  {name}")
}

#[cfg(test)]
mod tests {
    use super::row;

    #[test]
    fn columns_stand_below_each_other_whatever_the_name() {
        assert_eq!(row("1.20 MB", "2026-11-23 14:05", "日本.pdf"), "   1.20 MB  2026-11-23 14:05  日本.pdf");
        assert_eq!(row("", "", "press/"), "                              press/");
    }
}
