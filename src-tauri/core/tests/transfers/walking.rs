//! Folders of this computer, told while they are walked: everything once, in order, and nothing that hangs.

use crate::desk::Desk;
use satchel_core::Code;
use satchel_core::transfers::{Found, OnConflict, Upload, walk};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// What was found, in words that can be compared.
async fn told(paths: Vec<PathBuf>, root: &Path) -> Vec<String> {
    let mut walked = walk(paths, "");
    let mut told = Vec::new();
    let below = |path: &Path| path.strip_prefix(root).unwrap().to_string_lossy().into_owned();
    while let Some(batch) = walked.next().await {
        assert!(!batch.is_empty());
        told.extend(batch.into_iter().map(|found| match found {
            Found::File { path, name, bytes, .. } => format!("{} as {name}, {bytes}", below(&path)),
            Found::EmptyFolder { name, .. } => format!("empty {name}"),
            Found::Clash { path, name, bytes, with, .. } => {
                format!("{} as {name} like {}, {bytes}", below(&path), below(&with))
            }
            Found::Problem { path, error, .. } => format!("{}: {:?}", below(&path), error.code()),
        }));
    }
    told
}

#[tokio::test]
async fn a_folder_is_told_in_order_and_an_empty_one_is_kept() {
    let desk = Desk::new().await;
    for name in ["top/b/2", "top/b/1", "top/a", "top/c/deep/x"] {
        desk.file(name, b"x");
    }
    std::fs::create_dir_all(desk.path("top/bare/nothing")).unwrap();
    std::fs::create_dir(desk.path("alone")).unwrap();
    let root = desk.folder.path();
    let found = told(vec![desk.path("top"), desk.path("alone"), desk.path("alone/")], root).await;
    let expected = [
        "top/a as top/a, 1",
        "top/b/1 as top/b/1, 1",
        "top/b/2 as top/b/2, 1",
        "empty top/bare/nothing/",
        "top/c/deep/x as top/c/deep/x, 1",
        "empty alone/",
    ];
    assert_eq!(found, expected);
    // The same thing twice is meant once, however it was written.
    let twice = told(vec![desk.path("top/a"), desk.path("top/b/../a"), desk.path("top/a")], root).await;
    assert_eq!(twice, ["top/a as a, 1"]);
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn two_local_names_that_meet_on_one_are_asked_about_and_nothing_is_told_twice() {
    const ONE: &str = "\u{fc}";
    const TWO: &str = "u\u{308}";
    let desk = Desk::new().await;
    desk.file(&format!("top/{TWO}.txt"), b"22");
    desk.file(&format!("top/{ONE}.txt"), b"1");
    desk.file(&format!("top/{TWO}/same"), b"22");
    desk.file(&format!("top/{ONE}/same"), b"1");
    desk.file(&format!("top/{TWO}/other"), b"22");
    std::fs::create_dir(desk.path(&format!("top/{ONE}/empty"))).unwrap();
    std::fs::create_dir(desk.path(&format!("top/{TWO}/empty"))).unwrap();
    let found = told(vec![desk.path("top")], desk.folder.path()).await;
    let expected = [
        format!("empty top/{ONE}/empty/"),
        format!("top/{TWO}/other as top/{ONE}/other, 2"),
        format!("top/{ONE}/same as top/{ONE}/same, 1"),
        format!("top/{TWO}/same as top/{ONE}/same like top/{ONE}/same, 2"),
        format!("top/{ONE}.txt as top/{ONE}.txt, 1"),
        format!("top/{TWO}.txt as top/{ONE}.txt like top/{ONE}.txt, 2"),
    ];
    assert_eq!(found, expected);
}

#[tokio::test]
async fn things_of_one_name_from_different_folders_meet_too() {
    let desk = Desk::new().await;
    for name in ["here/photos/1", "here/a.txt", "there/photos/1", "there/photos/2", "there/a.txt", "content/a.txt"] {
        desk.file(name, b"x");
    }
    let paths = ["here/photos", "here/a.txt", "there/photos", "there/a.txt", "content/"];
    let found = told(paths.map(|name| desk.path(name)).to_vec(), desk.folder.path()).await;
    let expected = [
        "here/photos/1 as photos/1, 1",
        "there/photos/1 as photos/1 like here/photos/1, 1",
        "there/photos/2 as photos/2, 1",
        "here/a.txt as a.txt, 1",
        "there/a.txt as a.txt like here/a.txt, 1",
        "content/a.txt as a.txt like here/a.txt, 1",
    ];
    assert_eq!(found, expected);
    let whole = walk(paths.map(|name| desk.path(name)).to_vec(), "").await;
    assert_eq!(whole.files.len(), 3);
    assert_eq!(whole.problems.iter().map(|(_, error)| error.code()).collect::<Vec<_>>(), [Code::NameTaken; 3]);
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn loops_and_links_that_lead_out_end_in_a_line_each() {
    use std::os::unix::fs::symlink;
    let desk = Desk::new().await;
    let root = desk.path("top");
    desk.file("outside/secret", b"secret");
    desk.file("top/a/b/fine", b"x");
    for (to, name) in
        [("..", "a/b/loop"), ("../..", "a/b/top"), ("self", "self"), ("gone", "gone-to"), ("../outside", "out")]
    {
        symlink(to, root.join(name)).unwrap();
    }
    symlink(desk.path("outside/secret"), root.join("leak")).unwrap();
    symlink("a/b/fine", root.join("within")).unwrap();
    rustix::fs::mkfifoat(rustix::fs::CWD, root.join("pipe"), rustix::fs::Mode::RWXU).unwrap();
    let _socket = std::os::unix::net::UnixListener::bind(root.join("socket")).unwrap();
    let found = tokio::time::timeout(Duration::from_secs(2), told(vec![root.clone()], &root)).await.unwrap();
    let expected = [
        "a/b/fine as top/a/b/fine, 1",
        "a/b/loop: NotOrdinary",
        "a/b/top: NotOrdinary",
        "gone-to: NotOrdinary",
        "leak: NotOrdinary",
        "out: NotOrdinary",
        "pipe: NotOrdinary",
        "self: NotOrdinary",
        "socket: NotOrdinary",
        "within as top/within, 1",
    ];
    assert_eq!(found, expected);
    // Given directly a shortcut is what it leads to, a device is not a file.
    let given = [root.join("leak"), root.join("pipe"), root.join("self")].to_vec();
    assert_eq!(told(given, &root).await, ["self: NotOrdinary", "leak as leak, 6", "pipe: NotOrdinary"]);
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn names_that_could_not_come_back_are_refused_by_name() {
    use std::os::unix::ffi::OsStrExt;
    let desk = Desk::new().await;
    desk.file("top/fine", b"x");
    desk.file("top/two\nlines", b"x");
    let odd = |bytes: &[u8]| desk.path("top").join(std::ffi::OsStr::from_bytes(bytes));
    std::fs::write(odd(b"bad\xff.txt"), b"x").unwrap();
    std::fs::create_dir(odd(b"folder\xff")).unwrap();
    std::fs::write(odd(b"folder\xff").join("below"), b"x").unwrap();
    let long = vec!["d".repeat(250); 4].join("/");
    desk.file(&format!("top/{long}/{}", "f".repeat(20)), b"x");
    desk.file(&format!("top/{long}/{}", "f".repeat(21)), b"x");
    let mut walked = walk(vec![desk.path("top/")], "");
    let (mut names, mut refused) = (Vec::new(), Vec::new());
    while let Some(batch) = walked.next().await {
        for found in batch {
            match found {
                Found::File { name, .. } => names.push(name),
                Found::Problem { error, .. } => {
                    assert_eq!(error.code(), Code::NameRefused);
                    refused.push(error.values().get("file").cloned().unwrap());
                }
                other => panic!("{other:?}"),
            }
        }
    }
    names.sort();
    refused.sort();
    let longest = format!("{long}/{}", "f".repeat(20));
    assert_eq!(names, [longest.clone(), "fine".to_owned(), "two\nlines".to_owned()]);
    assert_eq!(refused, ["bad\u{fffd}.txt".to_owned(), "f".repeat(21), "folder\u{fffd}".to_owned()]);
    // Below a folder of the place the name is longer.
    let below = walk(vec![desk.path("top/")], "ten bytes").await;
    assert!(!below.files.iter().any(|(_, name)| name.ends_with(&longest)), "{:?}", below.files);
}

#[tokio::test]
async fn a_large_folder_comes_in_batches_and_waits_for_whoever_sends() {
    const FILES: usize = 6_000;
    let desk = Desk::new().await;
    std::fs::create_dir(desk.path("many")).unwrap();
    for number in 0..FILES {
        std::fs::File::create(desk.path(&format!("many/{number:05}"))).unwrap();
    }
    let mut walked = walk(vec![desk.path("many")], "");
    let mut names = Vec::new();
    let first = walked.next().await.unwrap();
    // What is told later is looked for later: a file that goes meanwhile is not in it.
    std::fs::remove_file(desk.path(&format!("many/{:05}", FILES - 1))).unwrap();
    let mut batches = vec![first];
    while let Some(batch) = walked.next().await {
        batches.push(batch);
    }
    assert!(batches.len() >= FILES / 500 && batches.iter().all(|batch| batch.len() <= 500));
    let mut missing = Vec::new();
    for found in batches.into_iter().flatten() {
        match found {
            Found::File { name, .. } => names.push(name),
            Found::Problem { error, .. } => missing.push(error.code()),
            other => panic!("{other:?}"),
        }
    }
    assert!(names.is_sorted());
    assert_eq!(names.len(), FILES - 1);
    assert_eq!(missing, [Code::FileMissing]);
}

#[test]
fn a_walk_that_nobody_waits_for_ends() {
    let runtime = || tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let folder = tempfile::tempdir().unwrap();
    for number in 0..4_000 {
        std::fs::File::create(folder.path().join(format!("{number:05}"))).unwrap();
    }
    let own = runtime();
    let first = own.block_on(async { walk(vec![folder.path().to_owned()], "").next().await });
    assert_eq!(first.unwrap().len(), 500);
    let since = Instant::now();
    own.shutdown_timeout(Duration::from_secs(20));
    assert!(since.elapsed() < Duration::from_secs(10), "{:?}", since.elapsed());
}

#[tokio::test]
async fn a_second_file_for_a_name_never_replaces_the_first() {
    let desk = Desk::new().await;
    let clash = || Found::Clash { path: "b/x".into(), name: "x".to_owned(), bytes: 1, with: "a/x".into(), group: None };
    let (path, error) = Upload::of(clash(), &desk.storage, OnConflict::Replace).unwrap_err();
    assert_eq!((path, error.code()), (PathBuf::from("b/x"), Code::NameTaken));
    for asks in [OnConflict::Ask, OnConflict::KeepBoth, OnConflict::Skip, OnConflict::Fail] {
        assert_eq!(Upload::of(clash(), &desk.storage, asks).unwrap().on_conflict, asks);
    }
}
