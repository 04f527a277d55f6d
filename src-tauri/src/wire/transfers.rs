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

#[derive(Debug, Clone, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct PauseTransfers {
    /// Empty: all.
    #[specta(type = Vec<Number>)]
    pub ids: Vec<u64>,
}

#[derive(Debug, Clone, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct ResumeTransfers {
    /// Empty: all.
    #[specta(type = Vec<Number>)]
    pub ids: Vec<u64>,
}

#[derive(Debug, Clone, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct ShowTransfer {
    #[specta(type = Number)]
    pub id: u64,
}

#[derive(Debug, Clone, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct DownloadRows {
    pub listing: u32,
    /// The ids of rows; folders with everything in them.
    #[specta(type = Vec<Number>)]
    pub rows: Vec<u64>,
}

#[derive(Debug, Clone, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct OpenTransfer {
    /// Of a folder that is one row.
    #[specta(type = Number)]
    pub id: u64,
    /// Whether its files have rows of their own below it.
    pub open: bool,
}

/// Which transfers are drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub enum TransferFilter {
    All,
    Active,
    NeedsYou,
    Finished,
}

#[derive(Debug, Clone, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct GetTransferRows {
    pub filter: TransferFilter,
    pub from: u32,
    pub count: u32,
}

/// A window of the transfers that a filter leaves.
#[derive(Debug, Clone, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct TransferRows {
    #[specta(type = Number)]
    pub revision: u64,
    pub filter: TransferFilter,
    pub from: u32,
    pub total: u32,
    pub rows: Vec<Transfer>,
}

/// What to do with a name that is taken.
#[derive(Debug, Clone, Copy, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub enum ConflictChoice {
    KeepBoth,
    Replace,
    Skip,
    /// Not to be stored or saved at all.
    Cancel,
}

/// Which names that are taken an answer is for.
#[derive(Debug, Clone, Copy, Deserialize, Type)]
#[serde(tag = "kind", rename_all = "camelCase")]
pub enum NamesTaken {
    One {
        #[specta(type = Number)]
        id: u64,
    },
    /// All that the question with this number was about, however many, and no other.
    Question {
        #[specta(type = Number)]
        through: u64,
    },
}

#[derive(Debug, Clone, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct DecideConflicts {
    pub which: NamesTaken,
    pub choice: ConflictChoice,
}

#[derive(Debug, Clone, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct PutOffConflicts {
    /// All that the question with this number was about.
    #[specta(type = Number)]
    pub through: u64,
}

/// The one question about all names that are taken and were not put off.
#[derive(Debug, Clone, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct NameQuestion {
    /// Goes through all that it is about. Grows when more names are found taken.
    #[specta(type = Number)]
    pub through: u64,
    pub count: u32,
    /// Links to what is there in all of them, which would open the new files after *Replace*.
    pub working_links: u32,
    pub one_folder: bool,
    pub one_direction: bool,
    pub first: Transfer,
}

/// The transfers that matter most, up to 200 that need the person, and all of them in one line.
#[derive(Debug, Clone, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct Transfers {
    #[specta(type = Number)]
    pub revision: u64,
    pub line: TransferLine,
    /// Files: one in a folder counts like one by itself.
    pub counts: TransferCounts,
    /// Rows: a folder is one, and one more for each of its files while it is open.
    pub rows: TransferCounts,
    /// What is told once for many, the largest first. Their rows do not repeat it.
    pub causes: Vec<Cause>,
    pub question: Option<NameQuestion>,
    pub items: Vec<Transfer>,
}

/// Why many transfers need the person: all whose problem has this code and sentence.
#[derive(Debug, Clone, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct Cause {
    /// One of them.
    #[specta(type = Number)]
    pub first: u64,
    pub count: u32,
    pub problem: Problem,
}

/// What is done about all of them.
#[derive(Debug, Clone, Copy, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub enum CauseDeed {
    TryAgain,
    Cancel,
}

#[derive(Debug, Clone, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct SettleCause {
    /// One of those that have the cause.
    #[specta(type = Number)]
    pub first: u64,
    pub deed: CauseDeed,
}

/// How many a filter leaves.
#[derive(Debug, Clone, Copy, Default, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct TransferCounts {
    pub all: u32,
    pub active: u32,
    pub needs_you: u32,
    pub finished: u32,
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
    pub paused: u32,
    /// Goes on by itself as soon as the place can be reached.
    pub held: u32,
    /// Why.
    pub holdup: Option<Problem>,
    pub downloads: u32,
    /// One plain sentence, as the tray says it.
    pub sentence: String,
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
    Downloading,
    Checking,
    Uploaded,
    Downloaded,
    Paused,
    Held,
    Stopped,
    NeedsYou,
    Skipped,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub enum TransferDirection {
    Upload,
    Download,
}

/// A folder that came with everything in it is one row. This is what is in it.
#[derive(Debug, Clone, Copy, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct FolderFiles {
    /// Without what was left out.
    pub total: u32,
    pub finished: u32,
    pub needs_you: u32,
    /// So many of those wait for a decision about their names.
    pub names_taken: u32,
    /// They have rows of their own below it.
    pub is_open: bool,
    pub can_retry: bool,
    /// Some of them were paused.
    pub can_resume: bool,
}

/// One transfer, or one folder of them: ids stand for either.
#[derive(Debug, Clone, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct Transfer {
    #[specta(type = Number)]
    pub id: u64,
    pub direction: TransferDirection,
    pub name: String,
    /// Of an upload: where it goes in the place. Of a download: the folder of this computer.
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
    pub can_pause: bool,
    pub can_show_in_folder: bool,
    #[specta(type = Option<Number>)]
    pub bytes_per_second: Option<u64>,
    #[specta(type = Option<Number>)]
    pub seconds_left: Option<u64>,
    pub finished_at: Option<String>,
    /// Of a folder.
    pub files: Option<FolderFiles>,
    /// It came with a folder, in whose row it counts.
    pub in_folder: bool,
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
    /// Links to what is there, which would open the new file after *Replace*.
    pub working_links: u32,
}

/// Whether the place can be reached.
#[derive(Debug, Clone, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct Connection {
    pub online: bool,
    pub problem: Option<Problem>,
}

/// That has changed.
#[derive(Debug, Clone, Serialize, Type, tauri_specta::Event)]
pub struct ConnectionChanged(pub Connection);

/// Files hover over the window.
#[derive(Debug, Clone, Serialize, Type, tauri_specta::Event)]
#[serde(rename_all = "camelCase")]
pub struct DropHovered {
    /// Null until it is known, or when it would take too long to find out; the same for the size.
    pub count: Option<u32>,
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
