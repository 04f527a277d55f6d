//! Transfers on the page: what moves, what waits, what needs the person.

use super::files::TypeGroup;
use super::problems::Problem;
use serde::{Deserialize, Serialize};
use specta::Type;
use specta_typescript::Number;

#[derive(Debug, Clone, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct ChooseFilesToUpload {
    pub listing: u32,
}

#[derive(Debug, Clone, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct PasteFiles {
    pub listing: u32,
}

#[derive(Debug, Clone, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct CancelTransfers {
    /// Empty: all that run.
    #[specta(type = Vec<Number>)]
    pub ids: Vec<u64>,
}

#[derive(Debug, Clone, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct RetryTransfers {
    #[specta(type = Vec<Number>)]
    pub ids: Vec<u64>,
}

/// What to do with a name that is taken.
#[derive(Debug, Clone, Copy, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub enum ConflictChoice {
    KeepBoth,
    Replace,
    Skip,
}

#[derive(Debug, Clone, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct DecideConflicts {
    #[specta(type = Vec<Number>)]
    pub ids: Vec<u64>,
    pub choice: ConflictChoice,
}

/// The 200 transfers that matter most, and all of them in one line.
#[derive(Debug, Clone, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct Transfers {
    #[specta(type = Number)]
    pub revision: u64,
    pub line: TransferLine,
    pub items: Vec<Transfer>,
}

/// Something moved.
#[derive(Debug, Clone, Serialize, Type, tauri_specta::Event)]
pub struct TransfersChanged(pub Transfers);

/// All transfers in one line.
#[derive(Debug, Clone, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct TransferLine {
    pub total: u32,
    pub finished: u32,
    pub waiting: u32,
    pub running: u32,
    pub needs_you: u32,
    pub stopped: u32,
    #[specta(type = Number)]
    pub done_bytes: u64,
    #[specta(type = Number)]
    pub total_bytes: u64,
    #[specta(type = Option<Number>)]
    pub bytes_per_second: Option<u64>,
    #[specta(type = Option<Number>)]
    pub seconds_left: Option<u64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub enum TransferState {
    Waiting,
    Uploading,
    Checking,
    Uploaded,
    Stopped,
    NeedsYou,
    Skipped,
}

/// One transfer.
#[derive(Debug, Clone, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct Transfer {
    #[specta(type = Number)]
    pub id: u64,
    pub name: String,
    pub folder: String,
    pub type_label: String,
    pub type_group: TypeGroup,
    #[specta(type = Number)]
    pub size_bytes: u64,
    #[specta(type = Number)]
    pub done_bytes: u64,
    pub state: TransferState,
    pub problem: Option<Problem>,
    pub conflict: Option<Conflict>,
    pub can_copy_link: bool,
}

/// A name that is taken, with both files.
#[derive(Debug, Clone, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct Conflict {
    pub name: String,
    pub folder: String,
    #[specta(type = Number)]
    pub there_bytes: u64,
    pub there_changed_at: Option<String>,
    #[specta(type = Number)]
    pub yours_bytes: u64,
    pub yours_changed_at: Option<String>,
    pub keep_both_name: String,
}

/// Files hover over the window.
#[derive(Debug, Clone, Serialize, Type, tauri_specta::Event)]
#[serde(rename_all = "camelCase")]
pub struct DropHovered {
    pub count: u32,
    /// Null when it would take too long to find out.
    #[specta(type = Option<Number>)]
    pub total_bytes: Option<u64>,
    pub folder: String,
    pub allowed: bool,
}

/// They left without being dropped.
#[derive(Debug, Clone, Serialize, Type, tauri_specta::Event)]
pub struct DropLeft {}

/// They were dropped; so many uploads began.
#[derive(Debug, Clone, Serialize, Type, tauri_specta::Event)]
#[serde(rename_all = "camelCase")]
pub struct DropLanded {
    pub count: u32,
}
