//! Links on the page: what they open and when they end. The link itself stays here and goes to the clipboard.

use super::files::TypeGroup;
use super::mirror;
use serde::{Deserialize, Serialize};
use specta::Type;
use specta_typescript::Number;

/// The file a link is for.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, Type)]
#[serde(tag = "kind", rename_all = "camelCase")]
pub enum LinkTarget {
    Row {
        listing: u32,
        #[specta(type = Number)]
        row: u64,
    },
    Transfer {
        #[specta(type = Number)]
        id: u64,
    },
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
}

mirror! {
    /// Why a link ends when it does.
    EndBecause of satchel_core::links::EndsBecause: Chosen SignIn Place Unknown
}

/// A tested link is on the clipboard.
#[derive(Debug, Clone, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct LinkCopied {
    pub name: String,
    pub ends_at: String,
    pub ends_because: EndBecause,
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
}
