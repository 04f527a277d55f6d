//! Stores and lines that misbehave: what is called uploaded is there, and what is not is said.

use crate::desk::{Desk, LARGE, MIB, done, needs_you, noise};
use satchel_core::Code;
use satchel_core::transfers::{Limits, OnConflict, Patience, State};
use satchel_practice::{Fault, Hold, Operation, Rule};
use std::time::Duration;

#[tokio::test]
async fn a_sign_in_page_is_never_a_success() {
    for (operation, size) in [
        (Operation::PutObject, 10),
        (Operation::ListObjectsV2, LARGE),
        (Operation::CreateMultipartUpload, LARGE),
        (Operation::UploadPart, LARGE),
        (Operation::CompleteMultipartUpload, LARGE),
    ] {
        let desk = Desk::impatient().await;
        desk.rule(Rule::new(Fault::CaptivePortal { status: 200 }).on(operation).always());
        let transfer = desk.send("a.bin", &noise(size)).await;
        if operation == Operation::ListObjectsV2 {
            // The store is asked again at the end.
            done(&transfer);
        } else {
            assert_eq!(needs_you(&transfer).0, Code::CaptivePortal, "{operation:?}");
            assert_eq!(desk.content("a.bin").await, None, "{operation:?}");
            // What was sent is kept for when the line is open again, and goes when nobody wants it any more.
            desk.transfers.cancel(&[transfer.id]).await;
        }
        desk.transfers.shut_down().await;
        desk.assert_no_leftovers().await;
    }
}

#[tokio::test]
async fn an_error_inside_a_yes_is_repeated_or_told() {
    let desk = Desk::new().await;
    let bytes = noise(LARGE);
    desk.fault(Operation::CompleteMultipartUpload, Fault::ErrorInside200 { code: "InternalError".to_owned() });
    done(&desk.send("a.bin", &bytes).await);
    desk.assert_holds("a.bin", &bytes).await;
    assert_eq!(desk.count(Operation::CompleteMultipartUpload), 2);

    desk.rule(
        Rule::new(Fault::ErrorInside200 { code: "AccessDenied".to_owned() })
            .on(Operation::CompleteMultipartUpload)
            .always(),
    );
    let refused = desk.send("b.bin", &bytes).await;
    assert_eq!(needs_you(&refused).0, Code::UploadDenied);
    assert_eq!(desk.content("b.bin").await, None);
    desk.assert_no_leftovers().await;
}

#[tokio::test]
async fn a_lost_answer_to_the_last_request_is_settled_by_looking() {
    let desk = Desk::new().await;
    let bytes = noise(LARGE);
    desk.fault(Operation::CompleteMultipartUpload, Fault::LoseReply);
    let transfer = desk.send("a.bin", &bytes).await;
    assert_eq!(done(&transfer).name, "a.bin");
    desk.assert_holds("a.bin", &bytes).await;
    assert_eq!(desk.store.keys().await, ["a.bin"]);
    desk.assert_no_leftovers().await;
}

#[tokio::test]
async fn a_lost_answer_to_a_small_upload_is_not_a_conflict_with_itself() {
    let desk = Desk::new().await;
    desk.fault(Operation::PutObject, Fault::LoseReply);
    done(&desk.send("a.txt", b"hello").await);
    desk.assert_holds("a.txt", b"hello").await;
}

#[tokio::test]
async fn every_answer_to_the_last_request_lost_is_settled_too() {
    let desk = Desk::new().await;
    let bytes = noise(LARGE);
    desk.rule(Rule::new(Fault::LoseReply).on(Operation::CompleteMultipartUpload).always());
    done(&desk.send("a.bin", &bytes).await);
    desk.assert_holds("a.bin", &bytes).await;
}

#[tokio::test]
async fn a_bit_that_is_turned_over_on_the_way_is_noticed_and_sent_again() {
    let desk = Desk::new().await;
    desk.fault(Operation::PutObject, Fault::FlipRequest { at: 5 });
    desk.rule(Rule::new(Fault::FlipRequest { at: 1000 }).on(Operation::UploadPart).part(2));
    for (name, size) in [("small", 100), ("large", LARGE)] {
        let bytes = noise(size);
        done(&desk.send(name, &bytes).await);
        desk.assert_holds(name, &bytes).await;
    }
    assert_eq!(desk.count(Operation::UploadPart), 4, "only the damaged part went twice");
}

#[tokio::test]
async fn a_line_that_always_damages_is_given_up_after_a_few_tries() {
    let desk = Desk::new().await;
    desk.rule(Rule::new(Fault::FlipRequest { at: 5 }).always());
    let small = desk.send("small", &noise(100)).await;
    assert_eq!(needs_you(&small).0, Code::Damaged);
    assert_eq!(desk.count(Operation::PutObject), 3);
    assert_eq!(desk.store.keys().await, Vec::<String>::new());
}

#[tokio::test]
async fn a_store_that_says_it_kept_something_else_is_not_believed() {
    // As if it took the bytes without looking at the checksum: the answer shows the damage, the object is ours to mend.
    let desk = Desk::new().await;
    let wrong = || Fault::WithHeader("x-amz-checksum-crc64nvme", "AAAAAAAAAAA=".to_owned());
    desk.fault(Operation::PutObject, wrong());
    done(&desk.send("mended", b"hello").await);
    desk.assert_holds("mended", b"hello").await;

    desk.rule(Rule::new(wrong()).on(Operation::PutObject).always());
    desk.rule(Rule::new(wrong()).on(Operation::HeadObject).always());
    let damaged = desk.send("given-up", b"hello").await;
    assert_eq!(needs_you(&damaged).0, Code::Damaged);
    assert_eq!(desk.content("given-up").await, None, "nothing damaged stays under the name");
}

#[tokio::test]
async fn an_answer_without_any_proof_is_settled_by_looking() {
    let desk = Desk::new().await;
    for header in ["x-amz-checksum-crc64nvme", "etag"] {
        desk.rule(Rule::new(Fault::WithoutHeader(header)).on(Operation::PutObject).always());
    }
    done(&desk.send("a.txt", b"hello").await);
    assert_eq!(desk.store.requests(), ["ListObjectsV2", "PutObject", "HeadObject"]);
}

#[tokio::test]
async fn a_part_that_was_confirmed_without_a_receipt_is_sent_again() {
    let desk = Desk::new().await;
    desk.rule(Rule::new(Fault::WithoutHeader("etag")).on(Operation::UploadPart).part(1));
    let bytes = noise(LARGE);
    done(&desk.send("a.bin", &bytes).await);
    desk.assert_holds("a.bin", &bytes).await;
    assert_eq!(desk.count(Operation::UploadPart), 4);
}

#[tokio::test]
async fn a_half_answer_to_the_last_request_is_settled_by_looking() {
    let desk = Desk::new().await;
    let bytes = noise(LARGE);
    desk.fault(Operation::CompleteMultipartUpload, Fault::ReplaceBody("<CompleteMultipartUploadRes".to_owned()));
    done(&desk.send("a.bin", &bytes).await);
    desk.fault(Operation::CompleteMultipartUpload, Fault::ReplaceBody(String::new()));
    done(&desk.send("b.bin", &bytes).await);
}

#[tokio::test]
async fn a_refusal_in_the_middle_ends_at_once_and_leaves_nothing() {
    let desk = Desk::new().await;
    desk.rule(Rule::new(Fault::access_denied()).on(Operation::UploadPart).part(4).always());
    let transfer = desk.send("a.bin", &noise(5 * 8 * MIB)).await;
    assert_eq!(needs_you(&transfer).0, Code::UploadDenied);
    let refused = desk.store.practice.requests().of(Operation::UploadPart);
    assert_eq!(refused.iter().filter(|request| request.part_number == Some(4)).count(), 1, "no second try");
    desk.assert_no_leftovers().await;
    assert_eq!(desk.content("a.bin").await, None);
}

#[tokio::test]
async fn an_account_that_may_not_upload_is_told_so_once() {
    let mut desk = Desk::new().await;
    let key = desk.store.key_without_writing();
    desk.storage = satchel_core::storage::Storage::open_with(&desk.store.place(), &key).await.unwrap();
    let transfer = desk.send("folder/a.txt", b"hello").await;
    let State::NeedsYou(error, None) = &transfer.state else { panic!("{:?}", transfer.state) };
    assert_eq!(error.code(), Code::UploadDenied);
    assert_eq!(error.advice().sentence, "Your account may read “folder” but not add files.");
    assert_eq!(desk.count(Operation::PutObject), 1);
}

#[tokio::test]
async fn a_busy_store_is_waited_for() {
    let desk = Desk::new().await;
    desk.rule(Rule::new(Fault::slow_down()).on(Operation::PutObject).times(2));
    desk.rule(Rule::new(Fault::refuse(500, "InternalError")).on(Operation::UploadPart).times(2));
    desk.rule(Rule::new(Fault::CutRequest { after: 100_000 }).on(Operation::UploadPart).times(1));
    for (name, size) in [("small", 100), ("large", LARGE)] {
        let bytes = noise(size);
        done(&desk.send(name, &bytes).await);
        desk.assert_holds(name, &bytes).await;
    }
}

#[tokio::test]
async fn an_upload_that_the_store_has_forgotten_starts_again() {
    let desk = Desk::new().await;
    let bytes = noise(LARGE);
    desk.rule(Rule::new(Fault::refuse(404, "NoSuchUpload")).on(Operation::UploadPart).part(2));
    done(&desk.send("a.bin", &bytes).await);
    desk.assert_holds("a.bin", &bytes).await;
    assert_eq!(desk.count(Operation::CreateMultipartUpload), 2);
    desk.assert_no_leftovers().await;
}

#[tokio::test]
async fn the_bar_goes_back_when_a_part_is_sent_again_and_is_full_only_at_the_end() {
    let desk = Desk::new().await;
    let hold = Hold::new();
    desk.rule(Rule::new(Fault::CutRequest { after: 4 * MIB as u64 }).on(Operation::UploadPart).times(2));
    desk.fault(Operation::CompleteMultipartUpload, Fault::Hold(hold.clone()));
    let id = desk.begin(desk.file("a", &noise(LARGE)), "a.bin", OnConflict::Ask).await;
    let mut pictures = desk.transfers.watch();
    hold.reached(1).await;
    let picture =
        pictures.wait_for(|picture| matches!(picture.transfers[0].state, State::Checking)).await.unwrap().clone();
    assert_eq!(picture.transfers[0].done_bytes, LARGE as u64 - 1);
    hold.release();
    assert_eq!(desk.settled(id).await.done_bytes, LARGE as u64);
}

#[tokio::test]
async fn a_place_that_is_given_up_is_given_up_for_everybody_who_waits_for_it() {
    let desk = Desk::impatient().await;
    desk.rule(Rule::new(Fault::Drop).always());
    let path = desk.file("a", b"hello");
    let items = (0..200).map(|number| desk.item(path.clone(), &format!("{number}.txt"), OnConflict::Ask)).collect();
    let ids = desk.transfers.upload(items).await;
    for transfer in desk.transfers.settled(&ids).await {
        assert_eq!(needs_you(&transfer).0, Code::Unreachable);
    }
    let puts = desk.store.practice.requests().of(Operation::PutObject);
    let tried: std::collections::HashSet<_> = puts.iter().map(|put| put.key.clone()).collect();
    assert!(tried.len() <= 64, "{} of 200 were tried", tried.len());
}

#[tokio::test]
async fn a_line_that_lets_only_small_requests_through_is_given_up_too() {
    let patience = Patience { unreachable: Some(Duration::from_secs(1)), ..Patience::default().scaled(50) };
    let desk = Desk::with(Limits { patience, ..Limits::default() }).await;
    desk.rule(Rule::new(Fault::CutRequest { after: 100_000 }).on(Operation::UploadPart).always());
    let id = desk.begin(desk.file("a", &noise(LARGE)), "a.bin", OnConflict::Ask).await;
    let transfer = tokio::time::timeout(Duration::from_secs(20), desk.settled(id)).await.expect("it is given up");
    assert_eq!(needs_you(&transfer).0, Code::Unreachable);
}
