//! Folders and rows on the page. It holds numbers that were given out here, and asks for a window of rows at a time.

use super::problems::Problem;
use super::{mirror, time};
use crate::marks::Mark;
use satchel_core::files::{Entry, EntryKind};
use satchel_core::names;
use serde::{Deserialize, Serialize};
use specta::Type;
use specta_typescript::Number;

/// The most rows that go over at once.
pub(crate) const MOST_ROWS: u32 = 500;

mirror! {
    /// What the rows are sorted by.
    SortBy of satchel_core::files::SortBy: Name Size Changed
}

mirror! {
    /// The group that gives a badge its colour.
    TypeGroup of satchel_core::files::TypeGroup: Pdf Document Sheet Slides Image Video Audio Archive Text Program Other Folder
}

/// Which folder to open: by numbers, never by name.
#[derive(Debug, Clone, Deserialize, Type)]
#[serde(tag = "kind", rename_all = "camelCase")]
pub enum FolderTarget {
    Root,
    Row {
        listing: u32,
        #[specta(type = Number)]
        row: u64,
    },
    Crumb {
        listing: u32,
        index: u32,
    },
}

#[derive(Debug, Clone, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct OpenFolder {
    pub place: String,
    pub target: FolderTarget,
}

#[derive(Debug, Clone, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct GetRows {
    pub listing: u32,
    pub from: u32,
    pub count: u32,
}

/// Which open folder takes what is dropped on the window; null where no folder is shown.
#[derive(Debug, Clone, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct TakeDrops {
    pub listing: Option<u32>,
}

#[derive(Debug, Clone, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct SearchFolder {
    pub listing: u32,
    pub text: String,
}

#[derive(Debug, Clone, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct SortFolder {
    pub listing: u32,
    pub by: SortBy,
    pub descending: bool,
}

#[derive(Debug, Clone, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct RefreshFolder {
    pub listing: u32,
}

/// A folder that is open.
#[derive(Debug, Clone, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct Listing {
    pub id: u32,
    /// Grows with every change of rows; a window of rows with another revision is stale.
    #[specta(type = Number)]
    pub revision: u64,
    pub place: String,
    /// From the place's name to this folder's.
    pub crumbs: Vec<String>,
    /// Rows after the search.
    pub count: u32,
    pub total: u32,
    pub complete: bool,
    pub loading: bool,
    pub search_text: String,
    pub sort_by: SortBy,
    pub descending: bool,
    pub problem: Option<Problem>,
}

/// More of a folder is known.
#[derive(Debug, Clone, Serialize, Type, tauri_specta::Event)]
pub struct ListingChanged(pub Listing);

/// A window of rows.
#[derive(Debug, Clone, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct Rows {
    #[specta(type = Number)]
    pub revision: u64,
    pub from: u32,
    pub rows: Vec<Row>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub enum RowKind {
    Folder,
    File,
}

/// One row, ready to be drawn.
#[derive(Debug, Clone, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct Row {
    #[specta(type = Number)]
    pub id: u64,
    pub kind: RowKind,
    /// Control and direction characters are drawn as symbols.
    pub name: String,
    pub type_label: String,
    pub type_group: TypeGroup,
    #[specta(type = Option<Number>)]
    pub size_bytes: Option<u64>,
    pub changed_at: Option<String>,
    pub link_ends_at: Option<String>,
    pub link_count: u32,
    pub program: bool,
}

impl Row {
    pub(crate) fn of(entry: &Entry, mark: Option<Mark>) -> Self {
        Row {
            id: entry.id,
            kind: match entry.kind() {
                EntryKind::Folder => RowKind::Folder,
                EntryKind::File => RowKind::File,
            },
            name: names::display(entry.label()),
            type_label: entry.type_label(),
            type_group: entry.type_group().into(),
            size_bytes: entry.size_bytes,
            changed_at: entry.changed_at.map(time),
            link_ends_at: mark.map(|mark| time(mark.ends_at)),
            link_count: mark.map_or(0, |mark| mark.count),
            program: entry.is_program(),
        }
    }
}

/// A number that is drawn and never computed with: the page has no use for more than four billion rows.
pub(crate) fn drawn(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}
