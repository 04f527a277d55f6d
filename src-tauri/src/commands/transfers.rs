//! Commands about transfers. Paths come from a person's gesture, here in Rust; the page can name none.

use crate::choose;
use crate::clipboard::Clipboard;
use crate::downloads;
use crate::listings::Listings;
use crate::problems::Problems;
use crate::uploads::Uploads;
use crate::wire::files::drawn;
use crate::wire::problems::Answer;
use crate::wire::transfers::{
    CancelTransfers, ChooseFilesToUpload, Connection, DecideConflicts, DownloadRows, GetTransferRows, OpenTransfer,
    PasteFiles, PauseTransfers, PutOffConflicts, ResumeTransfers, RetryTransfers, SettleCause, ShowTransfer,
    TransferRows, Transfers,
};
use tauri::{AppHandle, State};

/// Opens the system's file chooser and uploads what is chosen. Zero: the person thought better of it.
#[tauri::command]
#[specta::specta]
pub async fn choose_files_to_upload(
    req: ChooseFilesToUpload,
    app: AppHandle,
    listings: State<'_, Listings>,
    uploads: State<'_, Uploads>,
    problems: State<'_, Problems>,
) -> Answer<u32> {
    let open = problems.answer(listings.find(req.listing))?;
    let paths = choose::files(&app).await;
    Ok(drawn(uploads.start(open.listing.storage(), open.listing.folder(), paths).await))
}

/// Uploads the files that are on the clipboard. Zero: there are none.
#[tauri::command]
#[specta::specta]
pub async fn paste_files(
    req: PasteFiles,
    clipboard: State<'_, Clipboard>,
    listings: State<'_, Listings>,
    uploads: State<'_, Uploads>,
    problems: State<'_, Problems>,
) -> Answer<u32> {
    let open = problems.answer(listings.find(req.listing))?;
    let paths = clipboard.files().await;
    Ok(drawn(uploads.start(open.listing.storage(), open.listing.folder(), paths).await))
}

/// All transfers as they are now.
#[tauri::command]
#[specta::specta]
pub async fn get_transfers(uploads: State<'_, Uploads>) -> Answer<Transfers> {
    Ok(uploads.draw())
}

/// A window of the transfers that a filter leaves.
#[tauri::command]
#[specta::specta]
pub async fn get_transfer_rows(req: GetTransferRows, uploads: State<'_, Uploads>) -> Answer<TransferRows> {
    Ok(uploads.rows(&req))
}

/// Shows the files of a folder that is one row, or shows them no more.
#[tauri::command]
#[specta::specta]
pub async fn open_transfer(req: OpenTransfer, uploads: State<'_, Uploads>) -> Answer<Transfers> {
    uploads.open_folder(req.id, req.open);
    Ok(uploads.draw())
}

/// Lets transfers rest until they are resumed.
#[tauri::command]
#[specta::specta]
pub async fn pause_transfers(req: PauseTransfers, uploads: State<'_, Uploads>) -> Answer<()> {
    uploads.pause(&req.ids).await;
    Ok(())
}

/// Lets transfers go on that were paused.
#[tauri::command]
#[specta::specta]
pub async fn resume_transfers(req: ResumeTransfers, uploads: State<'_, Uploads>) -> Answer<()> {
    uploads.resume(&req.ids).await;
    Ok(())
}

/// Looks at once whether what is held can be reached; answers when it can, or after a while.
#[tauri::command]
#[specta::specta]
pub async fn try_held_now(uploads: State<'_, Uploads>) -> Answer<()> {
    uploads.try_held_now().await;
    Ok(())
}

/// Shows the file of a transfer in its folder of this computer.
#[tauri::command]
#[specta::specta]
pub async fn show_transfer(
    req: ShowTransfer,
    uploads: State<'_, Uploads>,
    problems: State<'_, Problems>,
) -> Answer<()> {
    problems.answer(downloads::show(uploads.local_path(req.id)).await)
}

/// Saves files of a folder in this computer's folder for downloads. Says how many.
#[tauri::command]
#[specta::specta]
pub async fn download_rows(
    req: DownloadRows,
    app: AppHandle,
    listings: State<'_, Listings>,
    uploads: State<'_, Uploads>,
    problems: State<'_, Problems>,
) -> Answer<u32> {
    let open = problems.answer(listings.find(req.listing))?;
    problems.answer(downloads::start(&app, &open, &req.rows, &uploads).await).map(drawn)
}

/// Whether everything that moves can get through.
#[tauri::command]
#[specta::specta]
pub async fn get_connection(uploads: State<'_, Uploads>) -> Answer<Connection> {
    Ok(uploads.connection())
}

/// Stops transfers.
#[tauri::command]
#[specta::specta]
pub async fn cancel_transfers(req: CancelTransfers, uploads: State<'_, Uploads>) -> Answer<()> {
    uploads.cancel(&req.ids).await;
    Ok(())
}

/// Tries again what was stopped or needs the person.
#[tauri::command]
#[specta::specta]
pub async fn retry_transfers(req: RetryTransfers, uploads: State<'_, Uploads>) -> Answer<()> {
    uploads.retry(&req.ids).await;
    Ok(())
}

/// Does one thing about all transfers that need the person for the same reason.
#[tauri::command]
#[specta::specta]
pub async fn settle_cause(req: SettleCause, uploads: State<'_, Uploads>) -> Answer<()> {
    uploads.settle_cause(&req).await;
    Ok(())
}

/// Answers the question about names that are taken.
#[tauri::command]
#[specta::specta]
pub async fn decide_conflicts(req: DecideConflicts, uploads: State<'_, Uploads>) -> Answer<()> {
    uploads.decide(&req.which, req.choice).await;
    Ok(())
}

/// Leaves names that are taken for later.
#[tauri::command]
#[specta::specta]
pub async fn put_off_conflicts(req: PutOffConflicts, uploads: State<'_, Uploads>) -> Answer<()> {
    uploads.put_off(req.through);
    Ok(())
}

/// Forgets what is over.
#[tauri::command]
#[specta::specta]
pub async fn clear_transfers(uploads: State<'_, Uploads>) -> Answer<()> {
    uploads.clear().await;
    Ok(())
}
