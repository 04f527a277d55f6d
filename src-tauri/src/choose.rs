//! The system's file chooser. What a person chooses is the only way in for a path, beside drop and paste.

use crate::{messages, windows};
use std::path::PathBuf;
use tauri::{AppHandle, Manager};
use tauri_plugin_dialog::{DialogExt, FileDialogBuilder, FilePath};
use tokio::sync::oneshot;

fn chooser(app: &AppHandle, title: &str) -> FileDialogBuilder<tauri::Wry> {
    let chooser = app.dialog().file().set_title(messages::text(title));
    // Some desktops begin with an empty list of recent files, where nobody finds anything.
    match std::env::home_dir() {
        Some(home) => chooser.set_directory(home),
        None => chooser,
    }
}

/// Any number of files; none when the person thought better of it.
pub async fn files(app: &AppHandle) -> Vec<PathBuf> {
    let (reply, answer) = oneshot::channel();
    let chooser = chooser(app, "shell.dialog.choose_files.title");
    let chooser = match app.get_webview_window(windows::MAIN) {
        Some(window) => chooser.set_parent(&window),
        None => chooser,
    };
    chooser.pick_files(move |chosen| drop(reply.send(chosen)));
    answer.await.ok().flatten().unwrap_or_default().into_iter().filter_map(path).collect()
}

/// Files for a quick upload. Stands by itself: the window may not be there.
pub async fn files_to_share(app: &AppHandle) -> Vec<PathBuf> {
    let (reply, answer) = oneshot::channel();
    chooser(app, "shell.tray.quick_upload").pick_files(move |chosen| drop(reply.send(chosen)));
    answer.await.ok().flatten().unwrap_or_default().into_iter().filter_map(path).collect()
}

/// Where to save a picture; none when the person thought better of it.
pub async fn where_to_save(app: &AppHandle, file_name: &str) -> Option<PathBuf> {
    let (reply, answer) = oneshot::channel();
    let chooser = chooser(app, "shell.dialog.save_qr.title").set_file_name(file_name);
    let chooser = match app.get_webview_window(windows::MAIN) {
        Some(window) => chooser.set_parent(&window),
        None => chooser,
    };
    chooser.save_file(move |chosen| drop(reply.send(chosen)));
    answer.await.ok().flatten().and_then(path)
}

fn path(chosen: FilePath) -> Option<PathBuf> {
    chosen.into_path().ok()
}
