//! Files of a place into this computer's folder for downloads, and back to them with the desktop's file manager.

use crate::listings::Open;
use crate::problems::Trouble;
use crate::uploads::Uploads;
use satchel_core::files::EntryKind;
use satchel_core::transfers::{Download, OnConflict, files_below};
use satchel_core::{Code, Error, Operation, Result};
use std::path::PathBuf;
use tauri::{AppHandle, Manager};

/// Begins to save these rows, folders with all that is in them. Says how many files.
///
/// # Errors
/// `FolderUnwritable` where the computer has no folder for downloads; what a list of a folder says that can't be read to its
/// end. What was begun goes on.
pub async fn start(app: &AppHandle, open: &Open, rows: &[u64], uploads: &Uploads) -> Result<usize> {
    let folder = app.path().download_dir().or_else(|_| app.path().home_dir());
    let folder = folder.map_err(|cause| {
        Error::new(Code::FolderUnwritable, Operation::Save).with("folder", "Downloads").because(cause)
    })?;
    let storage = open.listing.storage();
    let entries = rows.iter().filter_map(|row| open.listing.entry(*row));
    let (files, folders): (Vec<_>, Vec<_>) = entries.partition(|entry| entry.kind() == EntryKind::File);
    let items = files.iter().map(|entry| Download {
        storage: storage.clone(),
        name: entry.name.clone(),
        size_bytes: entry.size_bytes.unwrap_or_default(),
        folder: folder.clone(),
        below: None,
        on_conflict: OnConflict::Ask,
        group: None,
    });
    uploads.download(items.collect()).await;
    let mut count = files.len();
    for entry in folders {
        let mut below = files_below(storage, &entry.name).beside(files.iter().map(|file| file.name.as_str()));
        while let Some(page) = below.next().await {
            let items = page?.into_iter().map(|file| below.download(file, folder.clone(), OnConflict::Ask));
            let items: Vec<Download> = items.collect();
            let more = items.len();
            if !uploads.download(items).await {
                break;
            }
            count += more;
        }
    }
    Ok(count)
}

/// Shows a file in its folder.
///
/// # Errors
/// `FileMissing` when it is no longer there; `NoProgram` when the desktop has nothing that shows folders.
pub async fn show(path: Option<PathBuf>) -> Result<(), Trouble> {
    let missing = |path: &PathBuf| {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        Error::new(Code::FileMissing, Operation::Read).with("file", name)
    };
    let path = path.ok_or_else(|| Error::new(Code::FileMissing, Operation::Read))?;
    if !path.exists() {
        return Err(missing(&path).into());
    }
    let done = tauri::async_runtime::spawn_blocking(move || tauri_plugin_opener::reveal_item_in_dir(path)).await;
    match done {
        Ok(Ok(())) => Ok(()),
        Ok(Err(cause)) => Err(Trouble::NoProgram(cause.to_string())),
        Err(cause) => Err(Trouble::NoProgram(cause.to_string())),
    }
}
