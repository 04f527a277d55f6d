//! Files on this computer that change, vanish, can't be read, or are no files.

use crate::desk::{Desk, LARGE, done, needs_you, noise};
use satchel_core::Code;
use satchel_core::transfers::{OnConflict, walk};
use satchel_practice::{Fault, Hold, Operation, Rule};
use std::path::Path;
use std::time::Duration;

fn names(walk: &satchel_core::transfers::Walk) -> Vec<&str> {
    walk.files.iter().map(|(_, name)| name.as_str()).collect()
}

fn problems(walk: &satchel_core::transfers::Walk, root: &Path) -> Vec<(String, Code)> {
    let mut all: Vec<(String, Code)> = walk
        .problems
        .iter()
        .map(|(path, error)| (path.strip_prefix(root).unwrap().to_string_lossy().into_owned(), error.code()))
        .collect();
    all.sort();
    all
}

/// Holds the first part back `times` times and does something to the file each time.
async fn while_it_is_read(
    desk: &Desk,
    times: u64,
    mut change: impl FnMut(u64),
) -> std::sync::Arc<satchel_core::transfers::Transfer> {
    let path = desk.path("live.bin");
    let holds: Vec<Hold> = (0..times).map(|_| Hold::new()).collect();
    for (index, hold) in holds.iter().enumerate() {
        desk.rule(Rule::new(Fault::Hold(hold.clone())).on(Operation::UploadPart).part(1).after(index as u64));
    }
    let id = desk.begin(path, "live.bin", OnConflict::Ask).await;
    for (index, hold) in holds.iter().enumerate() {
        hold.reached(1).await;
        change(index as u64);
        hold.release();
    }
    desk.settled(id).await
}

#[tokio::test]
async fn a_file_that_changes_once_is_sent_again_as_it_is_then() {
    let desk = Desk::new().await;
    let (old, new) = (noise(LARGE), noise(LARGE + 1)[1..].to_vec());
    let path = desk.file("live.bin", &old);
    let before = std::fs::metadata(&path).unwrap().modified().unwrap();
    let transfer = while_it_is_read(&desk, 1, |_| {
        std::fs::write(&path, &new).unwrap();
        // Whoever puts the date back is seen all the same.
        let file = std::fs::File::options().append(true).open(&path).unwrap();
        file.set_modified(before).unwrap();
    })
    .await;
    done(&transfer);
    desk.assert_holds("live.bin", &new).await;
    assert_eq!(desk.count(Operation::CreateMultipartUpload), 2);
    desk.assert_no_leftovers().await;
}

#[tokio::test]
async fn a_file_that_keeps_changing_is_never_stored_mixed() {
    let desk = Desk::new().await;
    let path = desk.file("live.bin", &noise(LARGE));
    let transfer = while_it_is_read(&desk, 2, |turn| {
        let mut file = std::fs::File::options().append(true).open(&path).unwrap();
        std::io::Write::write_all(&mut file, &[turn as u8]).unwrap();
    })
    .await;
    assert_eq!(needs_you(&transfer).0, Code::FileChanging);
    assert_eq!(desk.content("live.bin").await, None);
    desk.assert_no_leftovers().await;
}

#[tokio::test]
async fn a_file_that_vanishes_or_shrinks_while_it_is_read_is_not_stored() {
    let desk = Desk::new().await;
    let path = desk.file("live.bin", &noise(LARGE));
    let transfer = while_it_is_read(&desk, 1, |_| std::fs::remove_file(&path).unwrap()).await;
    assert_eq!(needs_you(&transfer).0, Code::FileMissing);
    desk.assert_no_leftovers().await;

    let desk = Desk::new().await;
    let path = desk.file("live.bin", &noise(LARGE));
    let transfer = while_it_is_read(&desk, 1, |_| {
        std::fs::File::options().write(true).open(&path).unwrap().set_len(17).unwrap();
    })
    .await;
    assert_eq!(done(&transfer).size_bytes, 17);
    desk.assert_holds("live.bin", &noise(LARGE)[..17]).await;
    desk.assert_no_leftovers().await;
}

#[tokio::test]
async fn a_file_that_is_not_there_is_missing_and_the_others_go_on() {
    let desk = Desk::new().await;
    let there = desk.file("there", b"x");
    let items = vec![
        desk.item(desk.path("gone"), "gone", OnConflict::Ask),
        desk.item(there.clone(), "there", OnConflict::Ask),
        desk.item(there.join("not-a-folder"), "below", OnConflict::Ask),
    ];
    let ids = desk.transfers.upload(items).await;
    let settled = desk.transfers.settled(&ids).await;
    assert_eq!(needs_you(&settled[0]).0, Code::FileMissing);
    done(&settled[1]);
    assert_eq!(needs_you(&settled[2]).0, Code::FileMissing);
}

#[tokio::test]
async fn a_sparse_file_and_a_shortcut_to_a_file_are_ordinary() {
    let desk = Desk::new().await;
    let path = desk.file("sparse", b"");
    std::fs::File::options().write(true).open(&path).unwrap().set_len(LARGE as u64).unwrap();
    done(&desk.upload(path, "sparse", OnConflict::Ask).await);
    desk.assert_holds("sparse", &vec![0; LARGE]).await;
    #[cfg(unix)]
    {
        let target = desk.file("target", b"through the shortcut");
        std::os::unix::fs::symlink(&target, desk.path("shortcut")).unwrap();
        done(&desk.upload(desk.path("shortcut"), "shortcut", OnConflict::Ask).await);
        desk.assert_holds("shortcut", b"through the shortcut").await;
    }
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn what_is_no_ordinary_file_is_said_without_waiting_for_it() {
    let desk = Desk::new().await;
    rustix::fs::mkfifoat(rustix::fs::CWD, desk.path("pipe"), rustix::fs::Mode::RWXU).unwrap();
    let _socket = std::os::unix::net::UnixListener::bind(desk.path("socket")).unwrap();
    std::os::unix::fs::symlink(desk.path("loop"), desk.path("loop")).unwrap();
    for path in
        [desk.path("pipe"), desk.path("socket"), desk.path("loop"), desk.folder.path().to_owned(), "/dev/zero".into()]
    {
        let upload = desk.upload(path.clone(), "x", OnConflict::Ask);
        let transfer = tokio::time::timeout(Duration::from_secs(5), upload).await.unwrap();
        assert_eq!(needs_you(&transfer).0, Code::NotOrdinary, "{}", path.display());
    }
    assert_eq!(desk.store.requests(), Vec::<&str>::new());
}

#[tokio::test]
async fn a_folder_comes_under_its_name_and_with_a_slash_without_it() {
    let desk = Desk::new().await;
    desk.file("photos/a.jpg", b"12");
    desk.file("photos/sub/b.jpg", b"345");
    desk.file("one.txt", b"6");
    let both = walk(vec![desk.path("photos"), desk.path("one.txt")], "press").await;
    assert_eq!(names(&both), ["press/photos/a.jpg", "press/photos/sub/b.jpg", "press/one.txt"]);
    assert_eq!((both.total_bytes, both.problems.len()), (6, 0));
    let content = walk(vec![desk.path("photos/")], "").await;
    assert_eq!(names(&content), ["a.jpg", "sub/b.jpg"]);
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn loops_pipes_and_shortcuts_that_lead_out_are_named_and_never_hang() {
    use std::os::unix::fs::symlink;
    let desk = Desk::new().await;
    let root = desk.path("top");
    desk.file("outside.txt", b"secret");
    desk.file("top/a/fine.txt", b"fine");
    symlink("..", root.join("a/up")).unwrap();
    symlink("loop", root.join("loop")).unwrap();
    symlink("nowhere", root.join("dangling")).unwrap();
    symlink(desk.path("outside.txt"), root.join("out")).unwrap();
    symlink("a/fine.txt", root.join("inside")).unwrap();
    rustix::fs::mkfifoat(rustix::fs::CWD, root.join("pipe"), rustix::fs::Mode::RWXU).unwrap();
    let walked = tokio::time::timeout(Duration::from_secs(2), walk(vec![root.clone()], "")).await.unwrap();
    assert_eq!(names(&walked), ["top/a/fine.txt", "top/inside"]);
    let skipped = ["a/up", "dangling", "loop", "out", "pipe"].map(|name| (name.to_owned(), Code::NotOrdinary));
    assert_eq!(problems(&walked, &root), skipped);
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn names_that_no_key_can_hold_are_problems_and_the_rest_goes() {
    use std::os::unix::ffi::OsStrExt;
    let desk = Desk::new().await;
    desk.file("top/ok.txt", b"ok");
    let odd = desk.path("top").join(std::ffi::OsStr::from_bytes(b"bad\xff.txt"));
    std::fs::write(odd, b"x").unwrap();
    let deep = vec!["d".repeat(250); 5].join("/");
    desk.file(&format!("top/{deep}/f"), b"x");
    let walked = walk(vec![desk.path("top")], "").await;
    assert_eq!(names(&walked), ["top/ok.txt"]);
    assert_eq!(walked.problems.iter().map(|(_, error)| error.code()).collect::<Vec<_>>(), [Code::NameRefused; 2]);
}

/// Root reads everything, so the threads of this runtime are somebody else.
#[cfg(target_os = "linux")]
fn runtime_of_nobody() -> tokio::runtime::Runtime {
    use std::os::unix::fs::MetadataExt;
    let nobody = || {
        let id = rustix::thread::Uid::from_raw(65_534);
        if std::fs::metadata("/proc/thread-self").unwrap().uid() == 0 {
            rustix::thread::set_thread_res_uid(id, id, id).unwrap();
        }
    };
    tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().on_thread_start(nobody).build().unwrap()
}

#[cfg(target_os = "linux")]
#[test]
fn of_three_files_the_unreadable_is_named_and_the_rest_is_sent() {
    use satchel_core::transfers::{Limits, Transfers};
    use std::os::unix::fs::PermissionsExt;
    let mode = |path: &Path, mode| std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
    let ours = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let mut desk = ours.block_on(Desk::new());
    mode(desk.folder.path(), 0o755);
    for name in ["top/1", "top/2", "top/closed/3", "top/locked"] {
        desk.file(name, b"x");
    }
    mode(&desk.path("top/locked"), 0);
    mode(&desk.path("top/closed"), 0);
    let nobody = runtime_of_nobody();
    nobody.block_on(async {
        desk.transfers = Transfers::start(Limits::default()).unwrap();
        let walked = walk(vec![desk.path("top")], "").await;
        assert_eq!(problems(&walked, &desk.path("top")), [("closed".to_owned(), Code::FileUnreadable)]);
        assert_eq!(names(&walked), ["top/1", "top/2", "top/locked"]);
        let items = walked.files.iter().map(|(path, name)| desk.item(path.clone(), name, OnConflict::Ask)).collect();
        let ids = desk.transfers.upload(items).await;
        let settled = desk.transfers.settled(&ids).await;
        done(&settled[0]);
        done(&settled[1]);
        assert_eq!(needs_you(&settled[2]).0, Code::FileUnreadable);
        let line = desk.transfers.watch().borrow().line.clone();
        assert_eq!(satchel_core::summary::sentence(&line), "2 of 3 uploaded, 1 needs you");
    });
    mode(&desk.path("top/closed"), 0o755);
}
