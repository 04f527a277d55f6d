//! Folders of the place into folders of this computer: all of it, and nothing beside it, whoever is in the way.

use crate::desk::{Desk, done, needs_you};
use satchel_core::Code;
use satchel_core::transfers::{Download, OnConflict, files_below};
use std::path::Path;

/// All files of a stored folder, as downloads.
async fn all(desk: &Desk, folder: &str, on_conflict: OnConflict) -> Vec<Download> {
    let mut files = files_below(&desk.storage, folder);
    let mut downloads = Vec::new();
    while let Some(page) = files.next().await {
        for file in page.unwrap() {
            assert_eq!(file.size_bytes, 1);
            downloads.push(files.download(file, desk.path("down"), on_conflict));
        }
    }
    downloads
}

/// What is in a folder, folders and hidden files too.
fn inside(root: &Path) -> Vec<String> {
    let mut folders = vec![root.to_owned()];
    let mut names = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let entry = entry.unwrap();
            if entry.file_type().unwrap().is_dir() {
                folders.push(entry.path());
            } else {
                names.push(entry.path().strip_prefix(root).unwrap().to_string_lossy().into_owned());
            }
        }
    }
    names.sort();
    names
}

#[tokio::test]
async fn a_folder_comes_with_everything_in_it_and_under_its_name() {
    let desk = Desk::new().await;
    for name in ["press/photos/a.jpg", "press/photos/sub/b.jpg", "press/photosynthesis", "press/photos/A.JPG", "top"] {
        desk.store.put(name, b"x").await;
    }
    let ids = desk.transfers.download(all(&desk, "press/photos/", OnConflict::Ask).await).await;
    for transfer in desk.transfers.settled(&ids).await {
        done(&transfer);
        assert_eq!(transfer.path.parent().map(|folder| folder.starts_with(desk.path("down/photos"))), Some(true));
    }
    assert_eq!(inside(&desk.path("down")), ["photos/A.JPG", "photos/a (2).jpg", "photos/sub/b.jpg"]);
}

/// The folders below this one that have nothing in them.
fn empty_folders(root: &Path) -> Vec<String> {
    let mut folders = vec![root.to_owned()];
    let mut empty = Vec::new();
    while let Some(folder) = folders.pop() {
        let inside: Vec<_> = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
        if inside.is_empty() {
            empty.push(folder.strip_prefix(root).unwrap().to_string_lossy().into_owned());
        }
        folders.extend(inside.into_iter().filter(|path| path.is_dir()));
    }
    empty.sort();
    empty
}

#[tokio::test]
async fn a_folder_that_has_nothing_in_it_is_there_afterwards_too() {
    let desk = Desk::new().await;
    for mark in ["press/", "press/empty/", "press/full/", "press/deep/er/", "press/EMPTY/", "alone/"] {
        desk.store.put(mark, b"").await;
    }
    desk.store.put("press/full/a.txt", b"x").await;
    for (folder, count) in [("press/", 4), ("alone/", 1)] {
        let mut files = files_below(&desk.storage, folder);
        let mut downloads = Vec::new();
        while let Some(page) = files.next().await {
            let page = page.unwrap().into_iter();
            downloads.extend(page.map(|file| files.download(file, desk.path("down"), OnConflict::Ask)));
        }
        assert_eq!(downloads.len(), count, "{downloads:?}");
        let ids = desk.transfers.download(downloads).await;
        for transfer in desk.transfers.settled(&ids).await {
            assert!(done(&transfer).path.exists(), "{transfer:?}");
        }
    }
    assert_eq!(inside(&desk.path("down")), ["press/full/a.txt"]);
    assert_eq!(empty_folders(&desk.path("down")), ["alone", "press/EMPTY", "press/deep/er", "press/empty (2)"]);
}

#[tokio::test]
async fn a_mark_at_the_end_of_a_page_is_not_mistaken_for_an_empty_folder() {
    let desk = Desk::new().await;
    // The first page ends with the mark, the second begins with what is in it.
    desk.store.put_many("top/", 999).await;
    desk.store.put("top/z/", b"").await;
    desk.store.put("top/z/a.txt", b"x").await;
    let mut files = files_below(&desk.storage, "top/");
    let mut names = Vec::new();
    while let Some(page) = files.next().await {
        names.extend(page.unwrap().into_iter().map(|file| file.name));
    }
    assert_eq!((names.len(), names.last().map(String::as_str)), (1000, Some("top/z/a.txt")));
    assert!(names.iter().all(|name| !name.ends_with('/')));
}

#[tokio::test]
async fn a_file_and_a_folder_of_one_name_are_saved_next_to_each_other() {
    let desk = Desk::new().await;
    for name in ["x", "x/inside", "X/inside", "y/inside"] {
        desk.store.put(name, b"x").await;
    }
    let mut downloads = vec![desk.saving("x", OnConflict::Ask)];
    for folder in ["x/", "y/"] {
        let mut files = files_below(&desk.storage, folder).beside(["x"]);
        while let Some(page) = files.next().await {
            let page = page.unwrap().into_iter();
            downloads.extend(page.map(|file| files.download(file, desk.path("down"), OnConflict::Ask)));
        }
    }
    let ids = desk.transfers.download(downloads).await;
    for transfer in desk.transfers.settled(&ids).await {
        done(&transfer);
    }
    assert_eq!(inside(&desk.path("down")), ["x", "x (2)/inside", "y/inside"]);
}

#[tokio::test]
async fn a_folder_of_many_pages_is_told_page_by_page() {
    let desk = Desk::new().await;
    desk.store.put_many("many/", 2_500).await;
    desk.store.forget_requests();
    let mut files = files_below(&desk.storage, "many/");
    let first = files.next().await.unwrap().unwrap();
    assert_eq!((first.len(), desk.store.requests().len()), (1000, 1));
    let mut names: Vec<String> = first.into_iter().map(|file| file.below).collect();
    while let Some(page) = files.next().await {
        names.extend(page.unwrap().into_iter().map(|file| file.below));
    }
    assert_eq!(names.len(), 2_500);
    assert!(names.is_sorted() && names.iter().all(|name| name.starts_with("many/")));
}

#[tokio::test]
async fn whatever_the_names_are_all_files_land_inside_the_folder() {
    let desk = Desk::new().await;
    let long = "n".repeat(300);
    let names = [
        "../../x",
        "/etc/x",
        "a/../../x",
        "..\\..\\x",
        "C:\\x",
        "CON",
        "a:b",
        "x.",
        "x ",
        "x",
        "//",
        "x/y",
        "../evil/z",
        &long,
        "..",
        "\u{202E}fdp.exe",
        "A/one",
        "a/ONE",
        ".ssh/authorized_keys",
    ];
    for name in names {
        desk.store.put(&format!("in/{name}"), b"x").await;
    }
    let downloads = all(&desk, "in/", OnConflict::Fail).await;
    let count = downloads.len();
    assert!(count >= names.len() - 1, "{count}");
    let ids = desk.transfers.download(downloads).await;
    for transfer in desk.transfers.settled(&ids).await {
        done(&transfer);
    }
    let saved = inside(desk.folder.path());
    assert_eq!(saved.len(), count, "{saved:?}");
    for name in saved {
        assert!(name.starts_with("down/in/") && !name.contains(['\\', '\u{202E}']), "{name:?}");
    }
}

#[tokio::test]
async fn a_folder_that_leads_away_is_refused_however_it_came_to_be_asked_for() {
    let desk = Desk::new().await;
    desk.store.put("a", b"x").await;
    for below in ["", "..", "../b", "a/../../b", "/etc/b", "a//b", "b/", "CON/b", "x\0", "\u{202E}b"] {
        let download = Download { below: Some(below.to_owned()), ..desk.saving("a", OnConflict::Ask) };
        let ids = desk.transfers.download(vec![download]).await;
        assert_eq!(needs_you(&desk.settled(ids[0]).await).0, Code::NameRefused, "{below:?}");
    }
    let download = Download { below: Some("deep/down/b".to_owned()), ..desk.saving("a", OnConflict::Ask) };
    let ids = desk.transfers.download(vec![download]).await;
    assert_eq!(done(&desk.settled(ids[0]).await).path, desk.path("down/deep/down/b"));
    assert_eq!(inside(desk.folder.path()), ["down/deep/down/b"]);
}

#[cfg(unix)]
#[tokio::test]
async fn a_planted_shortcut_to_a_folder_is_not_followed() {
    let desk = Desk::new().await;
    desk.store.put("in/sub/a", b"x").await;
    std::fs::create_dir_all(desk.path("evil")).unwrap();
    std::fs::create_dir_all(desk.path("down/in")).unwrap();
    std::os::unix::fs::symlink(desk.path("evil"), desk.path("down/in/sub")).unwrap();
    let ids = desk.transfers.download(all(&desk, "in/", OnConflict::Replace).await).await;
    assert_eq!(needs_you(&desk.settled(ids[0]).await).0, Code::FolderUnwritable);
    assert_eq!(inside(&desk.path("evil")), Vec::<String>::new());
    // The folder that the person chose may be one.
    std::os::unix::fs::symlink(desk.path("evil"), desk.path("chosen")).unwrap();
    let chosen = Download { folder: desk.path("chosen"), ..desk.saving("in/sub/a", OnConflict::Ask) };
    let ids = desk.transfers.download(vec![chosen]).await;
    done(&desk.settled(ids[0]).await);
    assert_eq!(inside(&desk.path("evil")), ["a"]);
}

/// Somebody changes folders for shortcuts, and files for shortcuts, as fast as they can, while we save.
#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn in_fifty_races_with_somebody_who_plants_shortcuts_nothing_is_saved_outside() {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicBool, Ordering};
    const RACES: usize = 50;
    let desk = Desk::new().await;
    for number in 0..RACES {
        desk.store.put(&format!("in/{number}/sub/a"), b"x").await;
    }
    let (down, evil) = (desk.path("down/in"), desk.path("evil"));
    std::fs::create_dir_all(&down).unwrap();
    std::fs::create_dir_all(evil.join("sub")).unwrap();
    std::fs::write(evil.join("target"), b"untouched").unwrap();
    let over = Arc::new(AtomicBool::new(false));
    let planter = std::thread::spawn({
        let (over, evil) = (Arc::clone(&over), evil.clone());
        move || {
            use std::os::unix::fs::symlink;
            let mut planted = 0_usize;
            while !over.load(Ordering::Relaxed) {
                for number in 0..RACES {
                    let (folder, aside) = (down.join(number.to_string()), down.join(format!("{number}.aside")));
                    // What is in the way goes aside, a shortcut comes in its place, and goes again.
                    let _ = std::fs::rename(&folder, &aside);
                    planted += usize::from(symlink(&evil, &folder).is_ok());
                    planted += usize::from(symlink(evil.join("target"), aside.join("sub/a")).is_ok());
                    let _ = std::fs::remove_file(aside.join("sub/a"));
                    let _ = std::fs::remove_file(&folder);
                    let _ = std::fs::rename(&aside, &folder);
                }
            }
            planted
        }
    });
    for on_conflict in [OnConflict::KeepBoth, OnConflict::Replace] {
        let ids = desk.transfers.download(all(&desk, "in/", on_conflict).await).await;
        for transfer in desk.transfers.settled(&ids).await {
            match &transfer.done {
                Some(_) => {}
                None => assert_eq!(needs_you(&transfer).0, Code::FolderUnwritable),
            }
        }
    }
    over.store(true, Ordering::Relaxed);
    assert!(planter.join().unwrap() >= RACES);
    assert_eq!(inside(&evil), ["target"]);
    assert_eq!(std::fs::read(evil.join("target")).unwrap(), b"untouched");
}
