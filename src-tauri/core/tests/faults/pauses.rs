//! Uploads that wait and go on: after a pause, after trouble, after a new sign-in.

use crate::desk::{Desk, LARGE, done, needs_you, noise};
use crate::line::{begun, code_of, is_done, is_held, shows, taken_twice};
use satchel_core::Code;
use satchel_core::transfers::{Limits, OnConflict, Patience, State, TransferId};
use satchel_practice::{Fault, Hold, Operation, Rule};
use std::time::Duration;

const SIZE: usize = 4 * LARGE;

/// Paused with two parts at the store and the others on their way.
async fn paused(desk: &Desk) -> TransferId {
    let hold = Hold::new();
    let rule = desk.rule(Rule::new(Fault::Hold(hold.clone())).on(Operation::UploadPart).after(2).always());
    let id = desk.begin(desk.file("live.bin", &noise(SIZE)), "live.bin", OnConflict::Ask).await;
    hold.reached(1).await;
    let requests = desk.store.practice.requests();
    requests
        .wait_until(|all| all.iter().filter(|one| one.operation == Operation::UploadPart && one.finished).count() >= 2)
        .await;
    desk.transfers.pause(Some(vec![id])).await;
    shows(desk, id, |seen| matches!(seen.state, State::Paused)).await;
    desk.store.practice.faults().remove(rule);
    hold.release();
    assert_eq!(desk.store.practice.unfinished_uploads().await.unwrap().len(), 1, "what was sent is kept");
    id
}

#[tokio::test]
async fn f01_what_was_paused_goes_on_with_the_parts_that_are_there() {
    let desk = Desk::new().await;
    let id = paused(&desk).await;
    let there = desk.store.practice.unfinished_uploads().await.unwrap()[0].part_numbers.len();
    desk.store.forget_requests();
    desk.transfers.resume(Some(vec![id])).await;
    shows(&desk, id, is_done).await;
    desk.assert_holds("live.bin", &noise(SIZE)).await;
    let all = SIZE.div_ceil(8 << 20);
    assert_eq!(begun(&desk), 0);
    assert!(desk.count(Operation::UploadPart) <= all - there, "{there} of {all} parts were there");
    desk.assert_no_leftovers().await;
}

#[tokio::test]
async fn f08_what_the_store_swept_during_a_pause_starts_anew_without_a_word() {
    let desk = Desk::new().await;
    let id = paused(&desk).await;
    let unfinished = desk.store.practice.unfinished_uploads().await.unwrap().remove(0);
    desk.store.practice.forget_upload(&unfinished).await.unwrap();
    desk.transfers.resume(Some(vec![id])).await;
    let transfer = shows(&desk, id, is_done).await;
    assert_eq!(done(&transfer).name, "live.bin");
    desk.assert_holds("live.bin", &noise(SIZE)).await;
    assert_eq!(begun(&desk), 2);
    desk.assert_no_leftovers().await;
}

#[tokio::test]
async fn f09_a_file_that_changed_during_a_pause_is_never_mixed_with_what_was_sent() {
    let desk = Desk::new().await;
    let id = paused(&desk).await;
    let mut bytes = noise(SIZE);
    bytes.reverse();
    desk.file("live.bin", &bytes);
    desk.transfers.resume(Some(vec![id])).await;
    shows(&desk, id, is_done).await;
    desk.assert_holds("live.bin", &bytes).await;
    assert_eq!(begun(&desk), 2);
    desk.assert_no_leftovers().await;
}

#[tokio::test]
async fn f20_trouble_without_end_is_given_to_the_person_and_its_parts_are_kept() {
    let patience = Patience { trouble: Duration::from_secs(2), ..Patience::default().scaled(10) };
    let desk = Desk::with(Limits { patience, ..Limits::default() }).await;
    let trouble = Rule::new(Fault::refuse(500, "InternalError")).on(Operation::UploadPart).key("stuck.bin").part(3);
    let rule = desk.rule(trouble.always());
    let bytes = noise(SIZE);
    let stuck = desk.begin(desk.file("stuck", &bytes), "stuck.bin", OnConflict::Ask).await;
    let others = ["one", "two"].map(|name| desk.item(desk.file(name, b"hello"), name, OnConflict::Ask));
    let others = desk.transfers.upload(others.into()).await;
    for id in others {
        shows(&desk, id, is_done).await;
    }
    let transfer = shows(&desk, stuck, |seen| matches!(seen.state, State::NeedsYou(..))).await;
    assert_eq!(code_of(&transfer), Code::StorageTrouble);
    assert_eq!(desk.content("stuck.bin").await, None);
    let tries = desk.store.practice.faults().struck(rule);
    assert!((3..=40).contains(&tries), "{tries} tries in two seconds of patience");
    assert_eq!(desk.store.practice.unfinished_uploads().await.unwrap().len(), 1, "its parts are kept");
    desk.store.practice.faults().remove(rule);
    desk.transfers.retry(&[stuck]).await;
    shows(&desk, stuck, is_done).await;
    desk.assert_holds("stuck.bin", &bytes).await;
    assert_eq!(begun(&desk), 1);
    desk.assert_no_leftovers().await;
}

#[tokio::test]
async fn f24_a_sign_in_that_ends_is_asked_for_once_and_the_same_uploads_go_on() {
    for code in ["ExpiredToken", "ExpiredTokenException"] {
        let desk = Desk::new().await;
        let rule = desk.rule(Rule::new(Fault::refuse(400, code)).on(Operation::UploadPart).after(3).always());
        let bytes = noise(SIZE);
        let items = ["one.bin", "two.bin"].map(|name| desk.item(desk.file(name, &bytes), name, OnConflict::Ask));
        let ids = desk.transfers.upload(items.into()).await;
        for id in &ids {
            let told = |seen: &_| is_held(seen) || matches!(seen.state, State::NeedsYou(..) | State::Paused);
            let waits = shows(&desk, *id, told).await;
            assert_eq!(code_of(&waits), Code::SignInEnded, "{code}");
        }
        assert_eq!(desk.store.practice.unfinished_uploads().await.unwrap().len(), 2, "both are kept");
        let refused = desk.store.practice.requests().of(Operation::UploadPart);
        let refused = refused.iter().filter(|part| part.status == 400).count();
        assert!(refused <= 16, "{refused} tries with keys that have ended");

        desk.store.practice.faults().remove(rule);
        desk.transfers.resume(None).await;
        desk.transfers.retry(&ids).await;
        for (id, name) in ids.iter().zip(["one.bin", "two.bin"]) {
            shows(&desk, *id, is_done).await;
            desk.assert_holds(name, &bytes).await;
        }
        assert_eq!(begun(&desk), 2, "the same uploads went on");
        assert_eq!(taken_twice(&desk), 0, "nothing that was taken went again");
        desk.assert_no_leftovers().await;
    }
}

#[tokio::test]
async fn f32_a_file_that_is_gone_when_it_goes_on_is_missed_and_leaves_nothing() {
    let desk = Desk::new().await;
    let id = paused(&desk).await;
    std::fs::remove_file(desk.path("live.bin")).unwrap();
    desk.transfers.resume(Some(vec![id])).await;
    let transfer = shows(&desk, id, |seen| matches!(seen.state, State::NeedsYou(..))).await;
    assert_eq!(needs_you(&transfer).0, Code::FileMissing);
    desk.transfers.shut_down().await;
    desk.assert_no_leftovers().await;
}

#[tokio::test]
async fn f40_a_cancel_of_what_is_paused_leaves_nothing() {
    let desk = Desk::new().await;
    let id = paused(&desk).await;
    desk.transfers.cancel(&[id]).await;
    shows(&desk, id, |seen| matches!(seen.state, State::Stopped)).await;
    desk.transfers.shut_down().await;
    desk.assert_no_leftovers().await;
    assert_eq!(desk.content("live.bin").await, None);
}
