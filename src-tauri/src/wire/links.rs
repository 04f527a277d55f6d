//! Links on the page: making them, what they open and when they end. The link itself stays here and goes to the clipboard.

use super::files::TypeGroup;
use super::mirror;
use serde::{Deserialize, Serialize};
use specta::Type;
use specta_typescript::Number;

/// What a link is for.
#[derive(Debug, Clone, Serialize, Deserialize, Type)]
#[serde(tag = "kind", rename_all = "camelCase")]
pub enum LinkTarget {
    Row {
        listing: u32,
        #[specta(type = Number)]
        row: u64,
    },
    /// Several files or folders, or one folder: one page, one link.
    Rows {
        listing: u32,
        #[specta(type = Vec<Number>)]
        rows: Vec<u64>,
    },
    Transfer {
        #[specta(type = Number)]
        id: u64,
    },
    /// What an earlier link was for.
    Link { id: String },
}

/// When it is to end.
#[derive(Debug, Clone, Deserialize, Type)]
#[serde(tag = "kind", rename_all = "camelCase")]
pub enum LinkEndChoice {
    Default,
    At { at: String },
}

#[derive(Debug, Clone, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct CopyLink {
    pub target: LinkTarget,
    pub end: LinkEndChoice,
    /// Open in the browser instead of downloading.
    pub open: bool,
    /// Share a private copy, so that the link can be stopped.
    pub stoppable: bool,
    /// For the person's own list; empty: none.
    pub note: String,
    /// Name, size and end beside the link on the clipboard.
    pub with_text: bool,
    /// The sheet starts with these choices the next time.
    pub remember: bool,
}

mirror! {
    /// Why a link ends when it does.
    EndBecause of satchel_core::links::EndsBecause: Chosen SignIn Place Unknown
}

/// A tested link is on the clipboard.
#[derive(Debug, Clone, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct LinkCopied {
    pub id: String,
    pub name: String,
    /// How many files it opens.
    pub files: u32,
    pub ends_at: String,
    pub ends_because: EndBecause,
    pub stoppable: bool,
    /// Longer than some mail programs leave in one piece.
    pub long_for_mail: bool,
    pub target: LinkTarget,
}

#[derive(Debug, Clone, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct GetShareOptions {
    pub target: LinkTarget,
}

mirror! {
    /// What keeps links from lasting longer.
    LatestBecause of satchel_core::links::LatestBecause: SevenDays SignIn Place
}

mirror! {
    /// What an end is called.
    EndKind of crate::ends::Kind: TodayEvening Tomorrow Friday NextWeek ThreeDays Week
}

/// One end to choose from.
#[derive(Debug, Clone, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct EndChoice {
    pub at: String,
    pub kind: EndKind,
    /// Whether such a link would really work that long.
    pub allowed: bool,
}

/// What the Share sheet offers for a file.
#[derive(Debug, Clone, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct ShareOptions {
    pub name: String,
    #[specta(type = Number)]
    pub size_bytes: u64,
    pub type_label: String,
    pub type_group: TypeGroup,
    pub choices: Vec<EndChoice>,
    /// The index of the choice to start with.
    pub preferred: u32,
    pub latest: String,
    pub latest_because: LatestBecause,
    /// False for types that can run script: they are only ever downloaded.
    pub may_open: bool,
    pub practice: bool,
    /// How many files the page will list; 1: no page, 0: known once it is made.
    pub files: u32,
    /// False where the place wants that each link can be stopped.
    pub may_choose_stoppable: bool,
    /// What the sheet starts with.
    pub stoppable: bool,
    pub open: bool,
}

/// The private copy that a link needs is being made.
#[derive(Debug, Clone, Copy, Serialize, Type, tauri_specta::Event)]
#[serde(rename_all = "camelCase")]
pub struct LinkProgress {
    #[specta(type = Number)]
    pub bytes: u64,
    #[specta(type = Number)]
    pub of_bytes: u64,
}

#[derive(Debug, Clone, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct UndoLink {
    pub id: String,
}

/// A link was taken back. False: it works until its end.
#[derive(Debug, Clone, Copy, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct LinkUndone {
    pub stopped: bool,
}
