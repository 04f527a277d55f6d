//! What the next start shows of transfers that were begun: at once what is safe, and less only if less is there.

use crate::desk::{Desk, LARGE, MIB, done, noise};
use satchel_core::ledger::Ledger;
use satchel_core::transfers::{
    Answer, Journal, Limits, Noted, OnConflict, State, Transfer, TransferId, Transfers, Wish,
};
use satchel_practice::{Fault, Hold, Operation, Rule};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tempfile::TempDir;

fn one_by_one() -> Limits {
    Limits { parts_per_file: 1, ..Limits::default() }
}

async fn start(desk: &mut Desk, ledger: &Ledger) {
    desk.transfers = Transfers::start_with(one_by_one(), Journal::open(ledger).await);
}

/// A desk whose transfers are written down in a ledger of its own.
async fn begin() -> (TempDir, Ledger, Desk) {
    let state = tempfile::tempdir().unwrap();
    let ledger = Ledger::open(state.path()).await.unwrap();
    let mut desk = Desk::new().await;
    start(&mut desk, &ledger).await;
    (state, ledger, desk)
}

async fn restore(desk: &Desk) -> Vec<TransferId> {
    let storage = desk.storage.clone();
    desk.transfers.restore(|_| true, |_| std::future::ready(Ok(storage.clone()))).await.unwrap()
}

fn shown(desk: &Desk, id: TransferId) -> Arc<Transfer> {
    let picture = desk.transfers.watch().borrow().clone();
    picture.transfers.iter().find(|transfer| transfer.id == id).cloned().unwrap()
}

/// The next start, with a store that does not answer for a while, and then does.
async fn nothing_is_taken_back(desk: &mut Desk, ledger: &Ledger, id: TransferId, first: Operation, safe: u64) {
    let hold = Hold::new();
    desk.rule(Rule::new(Fault::Hold(hold.clone())).on(first));
    start(desk, ledger).await;
    assert_eq!(restore(desk).await, [id]);
    let transfer = shown(desk, id);
    assert_eq!((transfer.done_bytes, transfer.size_bytes), (safe, LARGE as u64), "at once");
    desk.transfers.resume(None).await;
    hold.reached(1).await;
    // Whatever it is told makes it publish a new picture.
    desk.transfers.resume(Some(Vec::new())).await;
    let transfer = shown(desk, id);
    assert!(matches!(transfer.state, State::Moving), "{:?}", transfer.state);
    assert_eq!(transfer.done_bytes, safe, "while the store is being asked");
    let mut pictures = desk.transfers.watch();
    hold.release();
    let end = async {
        loop {
            let transfer = shown(desk, id);
            assert!(transfer.done_bytes >= safe, "{} of {safe} bytes that are safe", transfer.done_bytes);
            if transfer.state.is_settled() {
                return done(&transfer).path.clone();
            }
            pictures.changed().await.unwrap();
        }
    };
    end.await;
}

#[tokio::test]
async fn an_upload_that_goes_on_shows_at_once_what_is_safe_and_takes_nothing_back() {
    let (_state, ledger, mut desk) = begin().await;
    let (id, hold) = one_part_sent(&desk).await;
    desk.transfers.shut_down().await;
    hold.release();
    nothing_is_taken_back(&mut desk, &ledger, id, Operation::ListParts, 8 * MIB as u64).await;
    desk.assert_holds("a.bin", &noise(LARGE)).await;
    assert_eq!(desk.count(Operation::UploadPart), 4, "one of three, one in vain, the other two");
}

/// Begins an upload of three parts, one of which is there.
async fn one_part_sent(desk: &Desk) -> (TransferId, Hold) {
    let hold = Hold::new();
    desk.rule(Rule::new(Fault::Hold(hold.clone())).on(Operation::UploadPart).after(1));
    let id = desk.begin(desk.file("a", &noise(LARGE)), "a.bin", OnConflict::Ask).await;
    hold.reached(1).await;
    (id, hold)
}

#[tokio::test]
async fn a_download_that_goes_on_shows_at_once_what_is_safe_and_takes_nothing_back() {
    let (_state, ledger, mut desk) = begin().await;
    desk.store.put("a.bin", &noise(LARGE)).await;
    let hold = Hold::new();
    desk.rule(Rule::new(Fault::Hold(hold.clone())).on(Operation::GetObject).after(1));
    let id = desk.transfers.download(vec![desk.saving("a.bin", OnConflict::Ask)]).await[0];
    hold.reached(1).await;
    desk.transfers.shut_down().await;
    hold.release();
    nothing_is_taken_back(&mut desk, &ledger, id, Operation::HeadObject, 8 * MIB as u64).await;
    assert!(std::fs::read(desk.path("down/a.bin")).unwrap() == noise(LARGE));
}

#[tokio::test]
async fn of_an_upload_that_the_store_has_swept_nothing_is_shown_as_safe_once_that_is_known() {
    let (_state, ledger, mut desk) = begin().await;
    let (id, hold) = one_part_sent(&desk).await;
    desk.transfers.shut_down().await;
    hold.release();
    for unfinished in desk.store.practice.unfinished_uploads().await.unwrap() {
        desk.store.practice.forget_upload(&unfinished).await.unwrap();
    }
    let hold = Hold::new();
    desk.rule(Rule::new(Fault::StallRequest { after: 1000, hold: hold.clone() }).on(Operation::UploadPart));
    start(&mut desk, &ledger).await;
    restore(&desk).await;
    let mut pictures = desk.transfers.watch();
    pictures.wait_for(|picture| picture.transfers.iter().any(|one| one.done_bytes < 8 * MIB as u64)).await.unwrap();
    hold.release();
    done(&desk.settled(id).await);
    desk.assert_holds("a.bin", &noise(LARGE)).await;
}

/// As if the process had ended between the rename and the note of it.
fn forget_the_end(state: &Path, desk: &Desk, conflict: &str) {
    let ledger = rusqlite::Connection::open(state.join("ledger.sqlite")).unwrap();
    let folder = desk.path("down").into_os_string().into_encoded_bytes();
    let sql = "UPDATE transfers SET state = 'waiting', finished_at = NULL, runner = NULL, on_conflict = ?1, path = ?2";
    assert_eq!(ledger.execute(sql, rusqlite::params![conflict, folder]).unwrap(), 1);
}

#[tokio::test]
async fn a_download_that_was_saved_and_not_noted_is_neither_asked_about_nor_saved_twice() {
    for (conflict, on_conflict) in [("ask", OnConflict::Ask), ("keepBoth", OnConflict::KeepBoth)] {
        let (state, ledger, mut desk) = begin().await;
        desk.store.put("a.txt", b"the same").await;
        let first = desk.download("a.txt", on_conflict).await;
        desk.transfers.shut_down().await;
        forget_the_end(state.path(), &desk, conflict);
        start(&mut desk, &ledger).await;
        assert_eq!(restore(&desk).await, [first.id]);
        let again = desk.settled(first.id).await;
        assert_eq!(
            (done(&again).path.clone(), &done(&again).checksum),
            (done(&first).path.clone(), &done(&first).checksum)
        );
        assert_eq!(desk.saved(), ["a.txt"]);
    }
}

#[tokio::test]
async fn somebody_elses_file_of_the_same_size_is_asked_about_after_a_restart_too() {
    let (state, ledger, mut desk) = begin().await;
    desk.store.put("a.txt", b"the same").await;
    let first = desk.download("a.txt", OnConflict::Ask).await;
    desk.transfers.shut_down().await;
    std::fs::write(desk.path("down/a.txt"), b"my notes").unwrap();
    forget_the_end(state.path(), &desk, "ask");
    start(&mut desk, &ledger).await;
    restore(&desk).await;
    assert!(matches!(desk.settled(first.id).await.state, State::NeedsYou(_, Some(_))));
    assert_eq!(std::fs::read(desk.path("down/a.txt")).unwrap(), b"my notes");
}

#[tokio::test]
async fn a_wish_that_comes_while_a_place_is_being_opened_is_obeyed_and_not_before() {
    let (state, ledger, mut desk) = begin().await;
    let (id, hold) = one_part_sent(&desk).await;
    desk.transfers.shut_down().await;
    hold.release();
    start(&mut desk, &ledger).await;
    // Something else moves meanwhile: wishes are listened to.
    let other = Hold::new();
    desk.rule(Rule::new(Fault::Hold(other.clone())).on(Operation::PutObject));
    desk.begin(desk.file("b", b"hello"), "b.txt", OnConflict::Ask).await;
    other.reached(1).await;
    let somebody = Journal::open(&Ledger::open(state.path()).await.unwrap()).await;
    let (opened, place) = tokio::sync::watch::channel(false);
    let storage = desk.storage.clone();
    let restoring = desk.transfers.restore(
        |record| record.name == "a.bin",
        |_| {
            let (mut place, storage) = (place.clone(), storage.clone());
            async move {
                place.wait_for(|opened| *opened).await.unwrap();
                Ok(storage)
            }
        },
    );
    let wishing = async {
        while somebody.wish(Some(vec![id]), Wish::Pause).await.unwrap().is_empty() {
            tokio::task::yield_now().await;
        }
        let early = somebody.answers(vec![id], Duration::from_secs(1)).await.unwrap();
        assert_eq!(early, [(id, Answer::Silence)], "nothing has been done about it");
        opened.send(true).unwrap();
        somebody.answers(vec![id], Duration::from_secs(20)).await.unwrap()
    };
    let (restored, answers) = tokio::join!(restoring, wishing);
    assert_eq!((restored.unwrap(), answers), (vec![id], vec![(id, Answer::Stands(Noted::Paused))]));
    assert!(matches!(shown(&desk, id).state, State::Paused));
    other.release();
}
