//! Refusals that no patience mends: told once, with nothing left behind.

use crate::desk::{Desk, MIB, needs_you, noise};
use satchel_core::Code;
use satchel_core::transfers::{Limits, OnConflict};
use satchel_practice::{Fault, Operation, Rule};

#[tokio::test]
async fn f23_a_refused_part_ends_the_upload_at_once_without_a_second_try() {
    let desk = Desk::new().await;
    desk.rule(Rule::new(Fault::access_denied()).on(Operation::UploadPart).part(4).always());
    let transfer = desk.send("a.bin", &noise(12 * 8 * MIB)).await;
    assert_eq!(needs_you(&transfer).0, Code::UploadDenied);
    let parts = desk.store.practice.requests().of(Operation::UploadPart);
    assert_eq!(parts.iter().filter(|part| part.part_number == Some(4)).count(), 1);
    assert_eq!(desk.count(Operation::AbortMultipartUpload).min(1), 1);
    assert_eq!(desk.content("a.bin").await, None);
    desk.assert_no_leftovers().await;
}

#[tokio::test]
async fn f23_two_hundred_files_that_may_not_go_are_one_message_and_no_storm() {
    let desk = Desk::with(Limits { small_files: 8, ..Limits::default() }).await;
    desk.learn_the_store().await;
    desk.rule(Rule::new(Fault::access_denied()).on(Operation::PutObject).always());
    let path = desk.file("x", b"hello");
    let items = (0..200).map(|number| desk.item(path.clone(), &format!("many/{number}"), OnConflict::Ask)).collect();
    let ids = desk.transfers.upload(items).await;
    let settled = desk.transfers.settled(&ids).await;
    assert_eq!(settled.len(), 200);
    for transfer in &settled {
        assert_eq!(needs_you(transfer).0, Code::UploadDenied);
    }
    let asked = desk.count(Operation::PutObject);
    assert!(asked <= 16, "the store was asked {asked} times for one answer");
    // Once somebody has said that it may go again, it goes.
    desk.store.practice.faults().clear();
    desk.transfers.retry(&ids).await;
    let settled = desk.transfers.settled(&ids).await;
    assert!(settled.iter().all(|transfer| transfer.done.is_some()));
}
