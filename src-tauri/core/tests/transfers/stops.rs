//! Stopping at every stage: within a second, and nothing is left behind.

use crate::desk::{Desk, LARGE, done, noise};
use satchel_core::transfers::{Limits, OnConflict, Snapshot, State, Transfers};
use satchel_practice::{Fault, Hold, Operation, Rule};
use std::sync::Arc;
use std::time::{Duration, Instant};

const SOON: Duration = Duration::from_secs(1);

#[tokio::test]
async fn a_stop_at_every_stage_acts_within_a_second_and_leaves_nothing() {
    for operation in [
        Operation::ListObjectsV2,
        Operation::CreateMultipartUpload,
        Operation::UploadPart,
        Operation::CompleteMultipartUpload,
    ] {
        let desk = Desk::new().await;
        let hold = Hold::new();
        desk.fault(operation, Fault::Hold(hold.clone()));
        let id = desk.begin(desk.file("a", &noise(LARGE)), "a.bin", OnConflict::Ask).await;
        hold.reached(1).await;
        let since = Instant::now();
        desk.transfers.cancel(&[id]).await;
        let transfer = desk.settled(id).await;
        assert!(since.elapsed() < SOON, "{operation:?}: {:?}", since.elapsed());
        assert!(matches!(transfer.state, State::Stopped), "{operation:?}: {:?}", transfer.state);
        hold.release();
        desk.transfers.shut_down().await;
        assert_eq!(desk.content("a.bin").await, None, "{operation:?}");
        desk.assert_no_leftovers().await;
    }
}

#[tokio::test]
async fn an_upload_whose_begin_is_answered_after_the_stop_is_taken_back() {
    let desk = Desk::new().await;
    let hold = Hold::new();
    desk.fault(Operation::CreateMultipartUpload, Fault::HoldReply(hold.clone()));
    let id = desk.begin(desk.file("a", &noise(LARGE)), "a.bin", OnConflict::Ask).await;
    hold.reached(1).await;
    desk.transfers.cancel(&[id]).await;
    desk.settled(id).await;
    hold.release();
    desk.transfers.shut_down().await;
    desk.assert_no_leftovers().await;
}

#[tokio::test]
async fn a_stop_while_the_object_is_being_made_ends_in_the_truth() {
    let desk = Desk::new().await;
    let hold = Hold::new();
    desk.fault(Operation::CompleteMultipartUpload, Fault::HoldReply(hold.clone()));
    let bytes = noise(LARGE);
    let id = desk.begin(desk.file("a", &bytes), "a.bin", OnConflict::Ask).await;
    hold.reached(1).await;
    let since = Instant::now();
    desk.transfers.cancel(&[id]).await;
    let transfer = desk.settled(id).await;
    assert!(since.elapsed() < SOON, "{:?}", since.elapsed());
    done(&transfer);
    desk.assert_holds("a.bin", &bytes).await;
    hold.release();
}

#[tokio::test]
async fn a_small_upload_and_a_download_stop_too() {
    let desk = Desk::new().await;
    let hold = Hold::new();
    desk.store.put("down.bin", &noise(100_000)).await;
    desk.fault(Operation::PutObject, Fault::Hold(hold.clone()));
    desk.fault(Operation::GetObject, Fault::StallReply { after: 1000, hold: hold.clone() });
    let up = desk.begin(desk.file("a", b"hello"), "a.txt", OnConflict::Ask).await;
    let down = desk.transfers.download(vec![desk.saving("down.bin", OnConflict::Ask)]).await[0];
    hold.reached(2).await;
    let since = Instant::now();
    desk.transfers.cancel_all().await;
    for transfer in desk.transfers.settled(&[up, down]).await {
        assert!(matches!(transfer.state, State::Stopped), "{transfer:?}");
    }
    assert!(since.elapsed() < SOON, "{:?}", since.elapsed());
    hold.release();
    assert_eq!(desk.saved(), Vec::<String>::new());
}

#[tokio::test]
async fn shutting_down_stops_everything_within_two_seconds() {
    let desk = Desk::new().await;
    let hold = Hold::new();
    desk.rule(Rule::new(Fault::Hold(hold.clone())).on(Operation::UploadPart).always());
    let paths: Vec<_> = (0..12).map(|number| desk.file(&format!("{number}"), &noise(LARGE))).collect();
    let items = paths.into_iter().enumerate();
    let items = items.map(|(number, path)| desk.item(path, &format!("{number}.bin"), OnConflict::Ask)).collect();
    let ids = desk.transfers.upload(items).await;
    hold.reached(8).await;
    let since = Instant::now();
    desk.transfers.shut_down().await;
    assert!(since.elapsed() < Duration::from_secs(2), "{:?}", since.elapsed());
    let picture = desk.transfers.watch().borrow().clone();
    assert_eq!(picture.transfers.len(), ids.len());
    assert!(picture.transfers.iter().all(|transfer| matches!(transfer.state, State::Stopped)));
    hold.release();
    desk.assert_no_leftovers().await;
    assert_eq!(desk.transfers.upload(vec![]).await, []);
}

#[tokio::test]
async fn what_was_stopped_can_be_tried_again() {
    let desk = Desk::new().await;
    let hold = Hold::new();
    desk.fault(Operation::UploadPart, Fault::Hold(hold.clone()));
    let bytes = noise(LARGE);
    let id = desk.begin(desk.file("a", &bytes), "a.bin", OnConflict::Ask).await;
    hold.reached(1).await;
    desk.transfers.cancel(&[id]).await;
    assert!(matches!(desk.settled(id).await.state, State::Stopped));
    hold.release();
    desk.transfers.retry(&[id]).await;
    done(&desk.settled(id).await);
    desk.assert_holds("a.bin", &bytes).await;
    desk.assert_no_leftovers().await;
}

#[tokio::test]
async fn the_last_handle_takes_its_transfers_with_it() {
    let desk = Desk::new().await;
    let hold = Hold::new();
    desk.fault(Operation::UploadPart, Fault::Hold(hold.clone()));
    let own = Transfers::start(Limits::default()).unwrap();
    own.upload(vec![desk.item(desk.file("a", &noise(LARGE)), "a.bin", OnConflict::Ask)]).await;
    hold.reached(1).await;
    drop(own);
    let requests = desk.store.practice.requests();
    requests
        .wait_until(|all| {
            all.iter().any(|request| request.operation == Operation::AbortMultipartUpload && request.finished)
        })
        .await;
    hold.release();
    desk.assert_no_leftovers().await;
}

#[tokio::test]
async fn a_stop_before_an_interrupted_upload_goes_on_takes_it_back() {
    let desk = Desk::new().await;
    let hold = Hold::new();
    let rule = desk.rule(Rule::new(Fault::Hold(hold.clone())).on(Operation::UploadPart).always());
    let id = desk.begin(desk.file("a", &noise(LARGE)), "a.bin", OnConflict::Ask).await;
    hold.reached(1).await;
    desk.transfers.pause(Some(vec![id])).await;
    let rests = |picture: &Arc<Snapshot>| matches!(picture.transfers[0].state, State::Paused);
    desk.transfers.watch().wait_for(rests).await.unwrap();
    desk.store.practice.faults().remove(rule);
    hold.release();
    let asked = Hold::new();
    desk.fault(Operation::ListParts, Fault::Hold(asked.clone()));
    desk.transfers.resume(Some(vec![id])).await;
    asked.reached(1).await;
    desk.transfers.cancel(&[id]).await;
    assert!(matches!(desk.settled(id).await.state, State::Stopped));
    asked.release();
    desk.transfers.shut_down().await;
    desk.assert_no_leftovers().await;
}

#[tokio::test]
async fn a_stop_that_follows_a_pause_takes_back_what_the_pause_would_keep() {
    for _ in 0..5 {
        let desk = Desk::new().await;
        let hold = Hold::new();
        desk.rule(Rule::new(Fault::Hold(hold.clone())).on(Operation::UploadPart).always());
        let id = desk.begin(desk.file("a", &noise(LARGE)), "a.bin", OnConflict::Ask).await;
        hold.reached(1).await;
        let ids = [id];
        tokio::join!(desk.transfers.pause(Some(vec![id])), desk.transfers.cancel(&ids));
        assert!(matches!(desk.settled(id).await.state, State::Stopped));
        hold.release();
        desk.transfers.shut_down().await;
        desk.assert_no_leftovers().await;
    }
}
