//! The list of shared links on the page: windows of it, and what can be done with one link. By its id, never by its address.

use super::files::TypeGroup;
use super::mirror;
use super::problems::Problem;
use serde::{Deserialize, Serialize};
use specta::Type;
use specta_typescript::Number;

/// The most links that go over at once.
pub(crate) const MOST_LINKS: u32 = 500;

/// Which links are drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub enum LinkFilter {
    Working,
    Ended,
}

#[derive(Debug, Clone, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct GetLinks {
    /// Those of everybody in this place, not only the person's own.
    pub everybody: bool,
    pub state: LinkFilter,
    pub search: String,
    pub from: u32,
    pub count: u32,
}

mirror! {
    /// How far a link is.
    LinkState of satchel_core::links::LinkState: Working Ended Stopped
}

/// What became of the file since it was shared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub enum LinkFile {
    Same,
    Changed,
    Gone,
    Unknown,
}

/// One link that was made, by the person or by somebody else.
#[derive(Debug, Clone, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct SharedLink {
    pub id: String,
    pub name: String,
    pub folder: String,
    pub files: u32,
    pub type_label: String,
    pub type_group: TypeGroup,
    pub note: String,
    pub made_at: String,
    pub ends_at: String,
    pub state: LinkState,
    pub stopped_at: Option<String>,
    pub stoppable: bool,
    pub mine: bool,
    /// Empty when it is the person's own.
    pub who: String,
    /// Else only a new link can be made.
    pub can_copy_again: bool,
    #[specta(type = Number)]
    pub size_bytes: u64,
    pub file: LinkFile,
}

/// A window of links.
#[derive(Debug, Clone, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct LinkWindow {
    #[specta(type = Number)]
    pub revision: u64,
    pub from: u32,
    pub total: u32,
    pub working: u32,
    pub ended: u32,
    pub rows: Vec<SharedLink>,
    /// Not all of everybody's could be read.
    pub incomplete: bool,
    pub problem: Option<Problem>,
    pub can_see_everybody: bool,
}

/// The person's own links changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Type, tauri_specta::Event)]
#[serde(rename_all = "camelCase")]
pub struct LinksChanged {
    #[specta(type = Number)]
    pub revision: u64,
    pub working: u32,
}

#[derive(Debug, Clone, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct CopyLinkAgain {
    pub id: String,
    pub with_text: bool,
}

#[derive(Debug, Clone, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct RenewLink {
    pub id: String,
}

#[derive(Debug, Clone, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct StopLink {
    pub id: String,
}

/// A link is proven to open nothing any more.
#[derive(Debug, Clone, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct LinkStopped {
    pub name: String,
}

#[derive(Debug, Clone, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct SetLinkNote {
    pub id: String,
    /// Empty: none.
    pub note: String,
}

#[derive(Debug, Clone, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct EmailLink {
    pub id: String,
}

/// A mail with a place for the link is open in the mail program.
#[derive(Debug, Clone, Copy, Serialize, Type)]
pub struct EmailDraft {}

#[derive(Debug, Clone, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct GetLinkQr {
    pub id: String,
}

/// A picture that phones read: path data in a view box of `size` by `size`, with its quiet zone.
#[derive(Debug, Clone, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct LinkQr {
    pub size: u32,
    pub path: String,
}

#[derive(Debug, Clone, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct SaveLinkQr {
    pub id: String,
}
