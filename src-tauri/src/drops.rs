//! Files dragged over the window. Their paths stay here: the page hears how many and how large, and draws.

use crate::bridge::tell;
use crate::listings::Listings;
use crate::state::Tasks;
use crate::uploads::Uploads;
use crate::wire::files::drawn;
use crate::wire::transfers::{DropHovered, DropLanded, DropLeft};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};
use tauri::{AppHandle, DragDropEvent, Manager};

/// What may be looked at while the person still holds the files.
const MOST_ENTRIES: usize = 5_000;
const LONGEST_LOOK: Duration = Duration::from_millis(400);

/// Counts the drags, so that what was found out about one is never said about the next.
#[derive(Default)]
pub struct Drags(AtomicU64);

/// What happens with the dragged files.
pub fn on_event(app: &AppHandle, event: &DragDropEvent) {
    match event {
        DragDropEvent::Enter { paths, .. } => hover(app, paths.clone()),
        DragDropEvent::Leave => {
            next(app);
            tell(app, DropLeft {});
        }
        DragDropEvent::Drop { paths, .. } => land(app, paths.clone()),
        _ => {}
    }
}

fn next(app: &AppHandle) -> u64 {
    app.state::<Drags>().0.fetch_add(1, Ordering::SeqCst) + 1
}

fn hover(app: &AppHandle, paths: Vec<PathBuf>) {
    let drag = next(app);
    let folder = app.try_state::<Listings>().and_then(|listings| listings.shown()).map(|open| open.label());
    let hovered = DropHovered {
        // A folder is one path and any number of files: not said before it is known.
        count: None,
        total_bytes: None,
        allowed: folder.is_some() && !paths.is_empty(),
        folder: folder.unwrap_or_default(),
    };
    // At once, so that the window lights up; then again with the size.
    tell(app, hovered.clone());
    let app = app.clone();
    app.clone().state::<Tasks>().spawn(async move {
        let Ok(Some((count, total_bytes))) = tokio::task::spawn_blocking(move || measure(&paths)).await else { return };
        if app.state::<Drags>().0.load(Ordering::SeqCst) == drag {
            tell(&app, DropHovered { count: Some(drawn(count)), total_bytes: Some(total_bytes), ..hovered });
        }
    });
}

fn land(app: &AppHandle, paths: Vec<PathBuf>) {
    next(app);
    tell(app, DropLeft {});
    let shown = app.try_state::<Listings>().and_then(|listings| listings.shown());
    let (Some(open), Some(uploads)) = (shown, app.try_state::<Uploads>()) else { return };
    let (app, uploads) = (app.clone(), uploads.inner().clone());
    app.clone().state::<Tasks>().spawn(async move {
        let count = uploads.start(open.listing.storage(), open.listing.folder(), paths).await;
        tell(&app, DropLanded { count: drawn(count) });
    });
}

/// How many files and how many bytes; `None` when it would take too long to find out.
fn measure(paths: &[PathBuf]) -> Option<(usize, u64)> {
    let begun = Instant::now();
    let (mut files, mut bytes, mut seen) = (0, 0, 0);
    // With each path whether it was dragged itself.
    let mut waiting: Vec<(PathBuf, bool)> = paths.iter().map(|path| (path.clone(), true)).collect();
    while let Some((path, dragged_itself)) = waiting.pop() {
        seen += 1;
        if seen > MOST_ENTRIES || begun.elapsed() > LONGEST_LOOK {
            return None;
        }
        // A link inside a folder is not followed here; the walk that uploads decides about it.
        match metadata(&path, dragged_itself) {
            Some(found) if found.is_dir() => {
                let inside = std::fs::read_dir(&path).into_iter().flatten().flatten();
                waiting.extend(inside.map(|entry| (entry.path(), false)));
            }
            Some(found) if found.is_file() => {
                files += 1;
                bytes += found.len();
            }
            _ => {}
        }
    }
    Some((files, bytes))
}

fn metadata(path: &Path, follow: bool) -> Option<std::fs::Metadata> {
    if follow { std::fs::metadata(path).ok() } else { std::fs::symlink_metadata(path).ok() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_counts_with_the_files_in_it() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("inner")).unwrap();
        std::fs::write(folder.path().join("a.txt"), "12345").unwrap();
        std::fs::write(folder.path().join("inner/b.txt"), "123").unwrap();
        assert_eq!(measure(&[folder.path().to_path_buf()]), Some((2, 8)));
    }

    #[test]
    fn a_folder_too_large_to_count_is_not_counted() {
        let folder = tempfile::tempdir().unwrap();
        for number in 0..=MOST_ENTRIES {
            std::fs::write(folder.path().join(number.to_string()), "").unwrap();
        }
        assert_eq!(measure(&[folder.path().to_path_buf()]), None);
    }

    #[cfg(unix)]
    #[test]
    fn a_link_to_its_own_folder_ends() {
        let folder = tempfile::tempdir().unwrap();
        std::os::unix::fs::symlink(folder.path(), folder.path().join("loop")).unwrap();
        assert_eq!(measure(&[folder.path().to_path_buf()]), Some((0, 0)));
    }
}
