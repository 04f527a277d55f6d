//! What another version of the program has written down, or the same one with other settings: it goes on, never mixed.

use crate::desk::{Desk, LARGE, MIB, done, noise};
use crate::line::{begun, is_done, shows};
use satchel_core::ledger::Ledger;
use satchel_core::transfers::{Journal, Limits, OnConflict, TransferId, Transfers};
use satchel_practice::{Fault, Hold, Operation, Rule};
use std::path::Path;

const SIZE: usize = 2 * LARGE;
const OTHER_PART: usize = 5 * MIB;

fn one_by_one() -> Limits {
    Limits { parts_per_file: 1, ..Limits::default() }
}

/// The program starts, and what is left goes on until it stands before the gate after so many parts, or is done.
async fn started(desk: &mut Desk, state: &Path) {
    let ledger = Ledger::open(state).await.unwrap();
    desk.transfers = Transfers::start_with(one_by_one(), Journal::open(&ledger).await);
}

async fn restored(desk: &Desk) -> Vec<TransferId> {
    let storage = desk.storage.clone();
    desk.transfers.restore(|_| true, |_| std::future::ready(Ok(storage.clone()))).await.unwrap()
}

fn gate_after(desk: &Desk, passes: u64) -> Hold {
    let hold = Hold::new();
    desk.rule(Rule::new(Fault::Hold(hold.clone())).on(Operation::UploadPart).after(passes).always());
    hold
}

/// The program ends at the gate.
async fn ended(desk: &Desk, hold: &Hold) {
    hold.reached(1).await;
    desk.transfers.shut_down().await;
    desk.store.practice.faults().clear();
    hold.release();
}

/// Begun, and ended after two parts of eight MiB.
async fn left_behind(state: &Path) -> (Desk, TransferId) {
    let mut desk = Desk::new().await;
    started(&mut desk, state).await;
    let hold = gate_after(&desk, 2);
    let id = desk.begin(desk.file("a", &noise(SIZE)), "a.bin", OnConflict::Ask).await;
    ended(&desk, &hold).await;
    desk.store.forget_requests();
    (desk, id)
}

fn rewritten(state: &Path, sql: &str) {
    let connection = rusqlite::Connection::open(state.join("ledger.sqlite")).unwrap();
    connection.execute_batch(sql).unwrap();
}

fn lengths(desk: &Desk) -> Vec<usize> {
    let parts = desk.store.practice.requests().of(Operation::UploadPart);
    let taken = parts.iter().filter(|part| part.finished && part.status == 200);
    taken.map(|part| part.header("content-length").unwrap().parse().unwrap()).collect()
}

#[tokio::test]
async fn f09_an_upload_goes_on_with_the_part_size_that_it_was_begun_with() {
    let state = tempfile::tempdir().unwrap();
    let (mut desk, id) = left_behind(state.path()).await;
    // As if another setting had begun it: what is there does not fit, and nothing of it may be used.
    rewritten(state.path(), &format!("UPDATE unfinished_uploads SET part_bytes = {OTHER_PART}"));
    started(&mut desk, state.path()).await;
    let hold = gate_after(&desk, 3);
    assert_eq!(restored(&desk).await, [id]);
    ended(&desk, &hold).await;
    assert_eq!(lengths(&desk), [OTHER_PART; 3]);
    desk.store.forget_requests();
    // Now three parts of that size are there: the next start uses them, and sends the rest in the same size.
    started(&mut desk, state.path()).await;
    restored(&desk).await;
    shows(&desk, id, is_done).await;
    desk.assert_holds("a.bin", &noise(SIZE)).await;
    assert_eq!(begun(&desk), 0, "the same upload");
    let lengths = lengths(&desk);
    assert_eq!(lengths.iter().sum::<usize>(), SIZE - 3 * OTHER_PART, "nothing that was there went again");
    assert!(lengths.iter().all(|length| *length <= OTHER_PART), "{lengths:?}");
    desk.transfers.shut_down().await;
    desk.assert_no_leftovers().await;
}

#[tokio::test]
async fn f09_what_an_older_and_a_newer_version_wrote_down_goes_on() {
    const NO_GROUPS: &str = "ALTER TABLE transfers DROP COLUMN in_group; DROP TABLE transfer_groups;";
    const OLD_LINKS: &str = "DROP TABLE links; CREATE TABLE links (
            id TEXT PRIMARY KEY, place TEXT NOT NULL, name TEXT NOT NULL,
            made_at INTEGER NOT NULL, ends_at INTEGER NOT NULL, ends_because TEXT NOT NULL
        ) STRICT;";
    let before_groups = format!("{NO_GROUPS} PRAGMA user_version = 4;");
    let before_wishes = format!("{NO_GROUPS} {OLD_LINKS} DROP TABLE wishes; PRAGMA user_version = 2;");
    for (version, sql) in [
        ("before folders came together", before_groups.as_str()),
        ("before there were wishes", before_wishes.as_str()),
        ("newer", "ALTER TABLE transfers ADD COLUMN mood TEXT NOT NULL DEFAULT 'good'; PRAGMA user_version = 99;"),
    ] {
        let state = tempfile::tempdir().unwrap();
        let (mut desk, id) = left_behind(state.path()).await;
        rewritten(state.path(), sql);
        started(&mut desk, state.path()).await;
        assert_eq!(restored(&desk).await, [id], "{version}");
        done(&desk.settled(id).await);
        desk.assert_holds("a.bin", &noise(SIZE)).await;
        assert_eq!(begun(&desk), 0, "{version}: the same upload");
        assert_eq!(lengths(&desk).iter().sum::<usize>(), SIZE - 16 * MIB, "{version}: only what was missing");
        desk.transfers.shut_down().await;
        desk.assert_no_leftovers().await;
    }
}

#[tokio::test]
async fn f09_rows_that_only_a_newer_version_understands_are_left_to_it() {
    let state = tempfile::tempdir().unwrap();
    let (mut desk, id) = left_behind(state.path()).await;
    rewritten(state.path(), "UPDATE transfers SET state = 'dreaming'");
    started(&mut desk, state.path()).await;
    assert_eq!(restored(&desk).await, []);
    let other = desk.begin(desk.file("b", b"hello"), "b.txt", OnConflict::Ask).await;
    done(&desk.settled(other).await);
    desk.transfers.sweep(|_| std::future::ready(Ok(desk.storage.clone()))).await;
    desk.transfers.shut_down().await;
    assert_eq!(desk.store.practice.unfinished_uploads().await.unwrap().len(), 1, "nor is it taken back");
    rewritten(state.path(), "UPDATE transfers SET state = 'waiting' WHERE state = 'dreaming'");
    started(&mut desk, state.path()).await;
    assert!(restored(&desk).await.contains(&id));
    done(&desk.settled(id).await);
    desk.assert_holds("a.bin", &noise(SIZE)).await;
    assert_eq!(begun(&desk), 0, "the same upload");
}
