//! Many files, and stopping them at every stage.

use crate::desk::{Desk, LARGE, done, noise};
use satchel_core::files::Listing;
use satchel_core::transfers::{OnConflict, State};
use satchel_practice::{Fault, Hold, Operation, Rule};
use std::time::{Duration, Instant};

const SOON: Duration = Duration::from_secs(1);

#[tokio::test]
async fn f40_two_thousand_files_are_queued_sent_and_stopped_without_delay() {
    let desk = Desk::new().await;
    desk.learn_the_store().await;
    let path = desk.file("x", &noise(100));
    let items = |folder: &str| {
        (0..2000).map(|number| desk.item(path.clone(), &format!("{folder}/{number}"), OnConflict::Fail)).collect()
    };
    let ids = desk.transfers.upload(items("all")).await;
    assert!(desk.transfers.settled(&ids).await.iter().all(|transfer| matches!(transfer.state, State::Done)));
    assert_eq!(desk.store.keys().await.len(), 2003);

    let hold = Hold::new();
    desk.rule(Rule::new(Fault::Hold(hold.clone())).on(Operation::PutObject).after(500).always());
    let ids = desk.transfers.upload(items("half")).await;
    hold.reached(1).await;
    let since = Instant::now();
    desk.transfers.cancel_all().await;
    let settled = desk.transfers.settled(&ids).await;
    assert!(since.elapsed() < SOON, "{:?}", since.elapsed());
    hold.release();
    let stored = desk.store.practice.keys("half/").await.unwrap().len();
    let said = settled.iter().filter(|transfer| matches!(transfer.state, State::Done)).count();
    assert!(settled.iter().all(|transfer| matches!(transfer.state, State::Done | State::Stopped)));
    // What was under way at the stop may have arrived; what was said to have arrived has.
    assert!(said <= stored && stored <= said + 64, "{said} said, {stored} there");
}

#[tokio::test]
async fn f40_a_stop_at_every_stage_acts_within_a_second_and_leaves_nothing() {
    for operation in [
        Operation::ListObjectsV2,
        Operation::CreateMultipartUpload,
        Operation::UploadPart,
        Operation::CompleteMultipartUpload,
    ] {
        for held in [true, false] {
            let desk = Desk::new().await;
            let hold = Hold::new();
            // Before the store did it, and after.
            desk.fault(operation, if held { Fault::Hold(hold.clone()) } else { Fault::HoldReply(hold.clone()) });
            let bytes = noise(LARGE);
            let id = desk.begin(desk.file("a", &bytes), "a.bin", OnConflict::Ask).await;
            hold.reached(1).await;
            let since = Instant::now();
            desk.transfers.cancel(&[id]).await;
            let transfer = desk.settled(id).await;
            assert!(since.elapsed() < SOON, "{operation:?}: {:?}", since.elapsed());
            hold.release();
            desk.transfers.shut_down().await;
            // The truth, whichever it is.
            match &transfer.state {
                State::Done => desk.assert_holds(&done(&transfer).name, &bytes).await,
                State::Stopped => assert_eq!(desk.content("a.bin").await, None, "{operation:?}"),
                other => panic!("{operation:?}: {other:?}"),
            }
            desk.assert_no_leftovers().await;
        }
    }
}

#[tokio::test]
async fn f40_the_first_rows_of_a_large_folder_are_there_at_once() {
    let desk = Desk::new().await;
    desk.store.put_many("many/", 20_000).await;
    let since = Instant::now();
    let listing = Listing::open(desk.storage.clone(), "many/");
    let mut states = listing.watch();
    states.wait_for(|state| state.count > 0).await.unwrap();
    assert!(since.elapsed() < 2 * SOON, "{:?}", since.elapsed());
    assert!(!listing.rows(0, 50).entries.is_empty());
    assert_eq!(states.wait_for(|state| !state.loading).await.unwrap().total, 20_000);
}
