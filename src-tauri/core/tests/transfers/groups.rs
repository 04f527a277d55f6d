//! What came with one folder stays together: through the walk, the queue, a restart, and until all of it is over.

use crate::desk::{Desk, done};
use satchel_core::ledger::Ledger;
use satchel_core::transfers::{
    Found, Group, Journal, Limits, OnConflict, State, Transfer, TransferId, Transfers, Upload, files_below, walk,
};
use satchel_practice::{Fault, Hold, Operation, Rule};
use std::path::PathBuf;
use std::sync::Arc;

/// What a walk finds, each with the name of its group.
async fn found(paths: Vec<PathBuf>, to_folder: &str) -> (Vec<(String, Option<String>)>, Vec<Upload>, Desk) {
    let desk = Desk::new().await;
    let mut walked = walk(paths, to_folder);
    let (mut told, mut uploads) = (Vec::new(), Vec::new());
    while let Some(batch) = walked.next().await {
        for one in batch {
            let group = one.group().map(|group| group.name.clone());
            let name = match &one {
                Found::File { name, .. } | Found::EmptyFolder { name, .. } | Found::Clash { name, .. } => name.clone(),
                Found::Problem { path, .. } => path.file_name().unwrap().to_string_lossy().into_owned(),
            };
            told.push((name, group));
            uploads.extend(Upload::of(one, &desk.storage, OnConflict::Ask));
        }
    }
    (told, uploads, desk)
}

fn groups(uploads: &[Upload]) -> Vec<Arc<Group>> {
    let mut all: Vec<Arc<Group>> = uploads.iter().filter_map(|upload| upload.group.clone()).collect();
    all.dedup_by_key(|group| group.id);
    all
}

#[tokio::test]
async fn everything_below_a_folder_that_was_given_has_its_group_and_a_single_file_has_none() {
    let root = Desk::new().await;
    for name in ["photos/a", "photos/deep/b", "scans/c", "single"] {
        root.file(name, b"x");
    }
    std::fs::create_dir_all(root.path("photos/bare")).unwrap();
    std::fs::create_dir(root.path("alone")).unwrap();
    let given = ["photos", "single", "scans", "alone"].map(|name| root.path(name)).to_vec();
    let (told, uploads, _desk) = found(given, "press").await;
    let in_group = |name: &str, group: Option<&str>| (name.to_owned(), group.map(str::to_owned));
    let photos = Some("press/photos/");
    let expected = [
        in_group("press/photos/a", photos),
        in_group("press/photos/bare/", photos),
        in_group("press/photos/deep/b", photos),
        in_group("press/single", None),
        in_group("press/scans/c", Some("press/scans/")),
        in_group("press/alone/", None),
    ];
    assert_eq!(told, expected);
    let groups = groups(&uploads);
    let paths: Vec<_> = groups.iter().map(|group| group.path.clone()).collect();
    assert_eq!(paths, [root.path("photos"), root.path("scans")]);
    // The same folder once more is another gesture.
    let (_, again, _desk) = found(vec![root.path("photos")], "press").await;
    assert_ne!(self::groups(&again)[0].id, groups[0].id);
}

#[cfg(unix)]
#[tokio::test]
async fn what_is_left_out_of_a_folder_is_in_its_group_and_a_folder_that_is_left_out_is_not() {
    let root = Desk::new().await;
    root.file("photos/a", b"x");
    std::os::unix::fs::symlink("nowhere", root.path("photos/lost")).unwrap();
    let (told, ..) = found(vec![root.path("photos"), root.path("gone")], "").await;
    let photos = Some("photos/".to_owned());
    let expected =
        [("gone".to_owned(), None), ("photos/a".to_owned(), photos.clone()), ("lost".to_owned(), photos.clone())];
    assert_eq!(told, expected);
}

#[tokio::test]
async fn a_folder_that_comes_down_is_one_group_and_a_whole_place_is_none() {
    let desk = Desk::new().await;
    for name in ["in/a", "in/deep/b"] {
        desk.store.put(name, b"x").await;
    }
    let mut below = files_below(&desk.storage, "in/");
    let files = below.next().await.unwrap().unwrap();
    let items = files.into_iter().map(|file| below.download(file, desk.path("down"), OnConflict::Ask));
    let ids = desk.transfers.download(items.collect()).await;
    let saved = desk.transfers.settled(&ids).await;
    for transfer in &saved {
        done(transfer);
    }
    let groups: Vec<_> = saved.iter().map(|transfer| transfer.group.clone().unwrap()).collect();
    assert_eq!(groups[0], groups[1]);
    assert_eq!((groups[0].name.as_str(), &groups[0].path), ("in/", &desk.path("down/in")));
    let mut whole = files_below(&desk.storage, "");
    let files = whole.next().await.unwrap().unwrap();
    assert!(files.into_iter().all(|file| whole.download(file, desk.path("down"), OnConflict::Ask).group.is_none()));
}

fn shown(desk: &Desk) -> Vec<Arc<Transfer>> {
    desk.transfers.watch().borrow().transfers.clone()
}

/// A folder of three files, of which one is stored and two wait for the store, written down in a ledger.
async fn half_a_folder(ledger: &Ledger) -> (Desk, Hold, Vec<TransferId>) {
    let mut desk = Desk::new().await;
    let limits = Limits { small_files: 1, ..Limits::default() };
    desk.transfers = Transfers::start_with(limits, Journal::open(ledger).await);
    for name in ["photos/a", "photos/b", "photos/c"] {
        desk.file(name, b"x");
    }
    let hold = Hold::new();
    let mut walked = walk(vec![desk.path("photos")], "press");
    let mut uploads = Vec::new();
    while let Some(batch) = walked.next().await {
        uploads.extend(batch.into_iter().map(|one| Upload::of(one, &desk.storage, OnConflict::Ask).unwrap()));
    }
    let rest = uploads.split_off(1);
    let mut ids = desk.transfers.upload(uploads).await;
    desk.settled(ids[0]).await;
    desk.rule(Rule::new(Fault::Hold(hold.clone())).on(Operation::PutObject));
    ids.extend(desk.transfers.upload(rest).await);
    hold.reached(1).await;
    (desk, hold, ids)
}

#[tokio::test]
async fn a_folder_is_still_one_after_a_restart() {
    let state = tempfile::tempdir().unwrap();
    let ledger = Ledger::open(state.path()).await.unwrap();
    let (mut desk, hold, ids) = half_a_folder(&ledger).await;
    let before = shown(&desk).iter().find(|transfer| transfer.id == ids[0]).unwrap().group.clone();
    assert!(before.is_some());
    desk.transfers.shut_down().await;

    desk.transfers = Transfers::start_with(Limits::default(), Journal::open(&ledger).await);
    let storage = desk.storage.clone();
    let found = desk.transfers.restore(|_| true, |_| std::future::ready(Ok(storage.clone()))).await.unwrap();
    hold.release();
    let after: Vec<_> =
        shown(&desk).iter().filter(|one| found.contains(&one.id)).map(|one| one.group.clone()).collect();
    assert_eq!(after, [before.clone(), before.clone(), before], "what is done too");
    for transfer in &desk.transfers.settled(&found).await {
        done(transfer);
    }
    desk.transfers.clear().await;
    assert!(shown(&desk).is_empty());
}

#[tokio::test]
async fn what_is_done_of_a_folder_is_not_cleared_before_the_rest_is() {
    let state = tempfile::tempdir().unwrap();
    let ledger = Ledger::open(state.path()).await.unwrap();
    let (desk, hold, ids) = half_a_folder(&ledger).await;
    let single = desk.file("single", b"x");
    desk.transfers.clear().await;
    let states: Vec<_> = shown(&desk).iter().map(|one| matches!(one.state, State::Done)).collect();
    assert_eq!(states.iter().filter(|is_done| **is_done).count(), 1, "{states:?}");
    hold.release();
    desk.transfers.settled(&ids).await;
    desk.upload(single, "single", OnConflict::Ask).await;
    desk.transfers.clear().await;
    assert!(shown(&desk).is_empty());
}
