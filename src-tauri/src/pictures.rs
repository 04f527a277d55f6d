//! Pictures that the person saves on this computer, where they choose.

use crate::choose;
use satchel_core::{Code, Error, Operation, Result, names};
use tauri::AppHandle;

/// Asks where to and saves it there. False when the person thought better of it. What was there before, the person was
/// asked about by the chooser; it is replaced whole or not at all.
///
/// # Errors
/// `FolderUnwritable`, `DiskFull`.
pub async fn save(app: &AppHandle, name: &str, png: Vec<u8>) -> Result<bool> {
    let name = names::local_name(name).unwrap_or_else(|_| "link.png".to_owned());
    let Some(path) = choose::where_to_save(app, &name).await else { return Ok(false) };
    let unwritable = |cause: std::io::Error| {
        let folder = path.parent().unwrap_or(&path).to_string_lossy().into_owned();
        let code =
            if cause.kind() == std::io::ErrorKind::StorageFull { Code::DiskFull } else { Code::FolderUnwritable };
        Error::new(code, Operation::Save).with("folder", folder).because(cause)
    };
    let part = path.with_extension("png.part");
    tokio::fs::write(&part, png).await.map_err(unwritable)?;
    tokio::fs::rename(&part, &path).await.map_err(unwritable)?;
    Ok(true)
}
