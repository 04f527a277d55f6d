//! Files on this computer that change, vanish, lead in circles, are no files, or can't be opened.

use crate::desk::{Desk, LARGE, done, needs_you, noise};
use crate::line::begun;
use satchel_core::Code;
use satchel_core::transfers::{OnConflict, Transfer, walk};
use satchel_practice::{Fault, Hold, Operation, Rule};
use std::io::Write as _;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

type Change = fn(&Path);

fn grow(path: &Path) {
    std::fs::File::options().append(true).open(path).unwrap().write_all(b"more").unwrap();
}

fn shrink(path: &Path) {
    std::fs::File::options().write(true).open(path).unwrap().set_len(LARGE as u64 - 4321).unwrap();
}

/// As long as before and with its old date: only what the system itself notes is different.
fn rewrite(path: &Path) {
    let before = std::fs::metadata(path).unwrap().modified().unwrap();
    let mut bytes = std::fs::read(path).unwrap();
    bytes.reverse();
    std::fs::write(path, bytes).unwrap();
    std::fs::File::options().append(true).open(path).unwrap().set_modified(before).unwrap();
}

/// Another file takes its place, as most programs save.
fn swap(path: &Path) {
    let aside = path.with_extension("new");
    std::fs::write(&aside, noise(LARGE + 1)).unwrap();
    std::fs::rename(aside, path).unwrap();
}

/// Does something to the file each time when its second part is about to go.
async fn while_it_goes(desk: &Desk, times: u64, change: Change) -> Arc<Transfer> {
    let path = desk.file("live.bin", &noise(LARGE));
    let holds: Vec<Hold> = (0..times).map(|_| Hold::new()).collect();
    for (turn, hold) in (0..).zip(&holds) {
        desk.rule(Rule::new(Fault::Hold(hold.clone())).on(Operation::UploadPart).part(2).after(turn));
    }
    let id = desk.begin(path.clone(), "live.bin", OnConflict::Ask).await;
    for hold in &holds {
        hold.reached(1).await;
        change(&path);
        hold.release();
    }
    desk.settled(id).await
}

#[tokio::test]
async fn f31_a_file_that_changes_while_it_goes_is_sent_as_it_is_then() {
    for change in [grow as Change, shrink, rewrite, swap] {
        let desk = Desk::new().await;
        let transfer = while_it_goes(&desk, 1, change).await;
        done(&transfer);
        let now = std::fs::read(desk.path("live.bin")).unwrap();
        desk.assert_holds("live.bin", &now).await;
        assert_eq!(begun(&desk), 2, "one automatic restart");
        desk.assert_no_leftovers().await;
    }
}

#[tokio::test]
async fn f31_a_file_that_goes_on_changing_is_never_stored_mixed() {
    for change in [grow as Change, rewrite, swap] {
        let desk = Desk::new().await;
        let transfer = while_it_goes(&desk, 2, change).await;
        assert_eq!(needs_you(&transfer).0, Code::FileChanging);
        assert_eq!(desk.content("live.bin").await, None);
        desk.assert_no_leftovers().await;
    }
}

#[tokio::test]
async fn f32_a_file_that_vanishes_is_missed_and_the_others_go_on() {
    let gone: [Change; 2] = [
        |path| std::fs::remove_file(path).unwrap(),
        |path| std::fs::rename(path, path.with_extension("away")).unwrap(),
    ];
    for change in gone {
        let desk = Desk::new().await;
        let hold = Hold::new();
        desk.rule(Rule::new(Fault::Hold(hold.clone())).on(Operation::UploadPart).part(2));
        let path = desk.file("live.bin", &noise(LARGE));
        let items = vec![
            desk.item(path.clone(), "live.bin", OnConflict::Ask),
            desk.item(desk.file("small", b"x"), "small", OnConflict::Ask),
            desk.item(desk.file("large", &noise(LARGE)), "large", OnConflict::Ask),
        ];
        let ids = desk.transfers.upload(items).await;
        hold.reached(1).await;
        change(&path);
        hold.release();
        let settled = desk.transfers.settled(&ids).await;
        assert_eq!(needs_you(&settled[0]).0, Code::FileMissing);
        done(&settled[1]);
        done(&settled[2]);
        assert_eq!(desk.content("live.bin").await, None);
        desk.assert_no_leftovers().await;
    }
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn f33_circles_end_soon_and_what_leads_out_is_not_followed() {
    use std::os::unix::fs::symlink;
    let desk = Desk::new().await;
    let root = desk.path("top");
    desk.file("outside/secret.txt", b"secret");
    desk.file("top/a/b/fine.txt", b"fine");
    symlink("..", root.join("a/b/loop")).unwrap();
    symlink(".", root.join("itself")).unwrap();
    symlink("ring-1", root.join("ring-2")).unwrap();
    symlink("ring-2", root.join("ring-1")).unwrap();
    symlink("nowhere", root.join("dangling")).unwrap();
    symlink(desk.path("outside"), root.join("out-folder")).unwrap();
    symlink(desk.path("outside/secret.txt"), root.join("out-file")).unwrap();
    let walked = tokio::time::timeout(Duration::from_secs(2), walk(vec![root], "")).await.unwrap();
    let names: Vec<&str> = walked.files.iter().map(|(_, name)| name.as_str()).collect();
    assert_eq!(names, ["top/a/b/fine.txt"]);
    let said = ["loop", "dangling", "itself", "out-file", "out-folder", "ring-1", "ring-2"];
    for name in said {
        let about = walked.problems.iter().filter(|(path, _)| path.ends_with(name)).collect::<Vec<_>>();
        assert_eq!(about.len(), 1, "{name} is said once: {:?}", walked.problems);
        assert_eq!(about[0].1.code(), Code::NotOrdinary, "{name}");
    }
    assert_eq!(walked.problems.len(), said.len());
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn f34_what_is_no_file_is_named_and_never_waited_for() {
    let desk = Desk::new().await;
    desk.file("top/fine.txt", b"fine");
    rustix::fs::mkfifoat(rustix::fs::CWD, desk.path("top/pipe"), rustix::fs::Mode::RWXU).unwrap();
    let _socket = std::os::unix::net::UnixListener::bind(desk.path("top/socket")).unwrap();
    let walked = tokio::time::timeout(Duration::from_secs(2), walk(vec![desk.path("top")], "")).await.unwrap();
    assert_eq!(walked.files.len(), 1);
    let mut named: Vec<_> = walked.problems.iter().map(|(path, error)| (path.clone(), error.code())).collect();
    named.sort();
    assert_eq!(named, ["pipe", "socket"].map(|name| (desk.path("top").join(name), Code::NotOrdinary)));
    // One that takes a file's place after the walk is not waited for either.
    for path in [desk.path("top/pipe"), desk.path("top/socket"), "/dev/zero".into()] {
        let upload = desk.upload(path.clone(), "x", OnConflict::Ask);
        let transfer = tokio::time::timeout(Duration::from_secs(5), upload).await.unwrap();
        assert_eq!(needs_you(&transfer).0, Code::NotOrdinary, "{}", path.display());
    }
    assert_eq!(desk.store.keys().await, Vec::<String>::new());
}
