//! Stores that say what is not so, or nothing: only a proof counts as one, and nothing of anybody is lost over it.

use crate::desk::{Desk, LARGE, done, needs_you, noise};
use satchel_core::Code;
use satchel_core::ledger::Ledger;
use satchel_core::transfers::{Journal, Limits, OnConflict, State, Transfers};
use satchel_practice::{Fault, Hold, Operation, Rule};
use std::time::Duration;

/// Nothing here takes so long; what does is a failing test, not a hanging one.
const PATIENCE: Duration = Duration::from_secs(10);

/// An object shows neither its checksum nor its MD5 sum.
fn a_look_proves_nothing(desk: &Desk) {
    let silent = [
        Fault::WithoutHeader("x-amz-checksum-crc64nvme"),
        Fault::WithHeader("etag", "\"00000000000000000000000000000000-3\"".to_owned()),
    ];
    for fault in silent {
        desk.rule(Rule::new(fault).on(Operation::HeadObject).always());
    }
}

#[tokio::test]
async fn a_lost_answer_is_never_taken_for_somebody_else_because_the_look_failed() {
    let desk = Desk::new().await;
    desk.learn_the_store().await;
    desk.fault(Operation::PutObject, Fault::LoseReply);
    // As often as one look is repeated.
    desk.rule(Rule::new(Fault::refuse(500, "InternalError")).on(Operation::HeadObject).times(4));
    let path = desk.file("a", b"hello");
    let transfer = desk.upload(path, "a.txt", OnConflict::KeepBoth).await;
    assert_eq!(done(&transfer).name, "a.txt");
    assert_eq!(desk.content("a (2).txt").await, None, "it went up once");
}

#[tokio::test]
async fn a_receipt_that_shows_damage_is_not_overruled_by_a_look_that_shows_nothing() {
    let desk = Desk::new().await;
    a_look_proves_nothing(&desk);
    let answer = "<CompleteMultipartUploadResult><ETag>&quot;0-3&quot;</ETag>\
                  <ChecksumCRC64NVME>AAAAAAAAAAA=</ChecksumCRC64NVME>\
                  <ChecksumType>FULL_OBJECT</ChecksumType></CompleteMultipartUploadResult>";
    let wrong = Fault::ReplaceBody(answer.to_owned());
    desk.rule(Rule::new(wrong).on(Operation::CompleteMultipartUpload).always());
    let wrong = Fault::WithHeader("x-amz-checksum-crc64nvme", "AAAAAAAAAAA=".to_owned());
    desk.rule(Rule::new(wrong).on(Operation::PutObject).always());
    for (name, size) in [("small", 100), ("large", LARGE)] {
        let transfer = desk.send(name, &noise(size)).await;
        assert_eq!(needs_you(&transfer).0, Code::Damaged, "{name}");
        assert_eq!(desk.content(name).await, None, "nothing damaged stays under {name}");
        desk.assert_no_leftovers().await;
    }
}

#[tokio::test]
async fn pieces_of_two_versions_are_told_apart_although_the_store_forgets_the_condition() {
    let desk = Desk::with(Limits { parts_per_file: 1, ..Limits::default() }).await;
    let (old, new) = (noise(LARGE), noise(LARGE + 1)[1..].to_vec());
    done(&desk.send("a.bin", &old).await);
    desk.rule(Rule::new(Fault::IgnoreHeader("if-match")).on(Operation::GetObject).always());
    // Without it the length is all that is left to compare in the end.
    desk.rule(Rule::new(Fault::WithoutHeader("x-amz-checksum-crc64nvme")).on(Operation::GetObject).always());
    let other = Fault::WithHeader("etag", "\"00000000000000000000000000000000-3\"".to_owned());
    let hold = Hold::new();
    desk.rule(Rule::new(Fault::Hold(hold.clone())).on(Operation::GetObject).after(1));
    desk.rule(Rule::new(other).on(Operation::GetObject).after(1).always());
    let id = desk.transfers.download(vec![desk.saving("a.bin", OnConflict::Ask)]).await[0];
    hold.reached(1).await;
    desk.store.put("a.bin", &new).await;
    hold.release();
    let transfer = desk.settled(id).await;
    assert!(std::fs::read(&done(&transfer).path).unwrap() == new, "one version, whole");
}

#[tokio::test]
async fn a_file_whose_version_has_no_name_comes_in_one_piece() {
    let desk = Desk::new().await;
    let bytes = noise(LARGE);
    desk.store.put("a.bin", &bytes).await;
    desk.rule(Rule::new(Fault::WithoutHeader("etag")).on(Operation::GetObject).always());
    desk.fault(Operation::GetObject, Fault::CutReply { after: 3_000_000 });
    let transfer = desk.download("a.bin", OnConflict::Ask).await;
    assert!(std::fs::read(&done(&transfer).path).unwrap() == bytes);
    let gets = desk.store.practice.requests().of(Operation::GetObject);
    assert!(gets.iter().all(|get| get.header("range").is_none()), "what follows could be of another version");
}

#[tokio::test]
async fn a_folder_that_could_not_be_looked_for_replaces_nothing() {
    let mut desk = Desk::impatient().await;
    desk.store.put("folder/", b"somebody's notes").await;
    std::fs::create_dir(desk.path("folder")).unwrap();
    let trouble = desk.rule(Rule::new(Fault::refuse(500, "InternalError")).on(Operation::ListObjectsV2).always());
    let transfer = desk.upload(desk.path("folder"), "folder/", OnConflict::Ask).await;
    assert_eq!(needs_you(&transfer).0, Code::StorageTrouble);
    desk.assert_holds("folder/", b"somebody's notes").await;
    // An account that may not look has the condition.
    desk.store.practice.faults().remove(trouble);
    desk.storage = desk.store.storage_without_listing().await;
    desk.rule(Rule::new(Fault::access_denied()).on(Operation::HeadObject).always());
    done(&desk.upload(desk.path("folder"), "folder/", OnConflict::Ask).await);
    desk.assert_holds("folder/", b"somebody's notes").await;
}

#[tokio::test]
async fn a_store_that_knows_no_conditions_keeps_empty_folders_all_the_same() {
    let desk = Desk::new().await;
    std::fs::create_dir(desk.path("folder")).unwrap();
    desk.rule(
        Rule::new(Fault::refuse(501, "NotImplemented")).on(Operation::PutObject).carrying("if-none-match").always(),
    );
    done(&desk.upload(desk.path("folder"), "folder/", OnConflict::Ask).await);
    desk.assert_holds("folder/", b"").await;
}

#[tokio::test]
async fn a_sign_in_page_is_no_look_at_a_file() {
    let desk = Desk::new().await;
    desk.learn_the_store().await;
    desk.fault(Operation::PutObject, Fault::LoseReply);
    desk.fault(Operation::HeadObject, Fault::CaptivePortal { status: 200 });
    done(&desk.send("a.txt", b"hello").await);
    desk.assert_holds("a.txt", b"hello").await;
}

#[tokio::test]
async fn a_sign_in_page_takes_no_upload_back() {
    let mut desk = Desk::new().await;
    let state = tempfile::tempdir().unwrap();
    let ledger = Ledger::open(state.path()).await.unwrap();
    desk.transfers = Transfers::start_with(Limits::default(), Journal::open(&ledger).await);
    let hold = Hold::new();
    desk.rule(Rule::new(Fault::Hold(hold.clone())).on(Operation::UploadPart).always());
    let portal = Rule::new(Fault::CaptivePortal { status: 200 }).on(Operation::AbortMultipartUpload);
    let portal = desk.rule(portal.always());
    let id = desk.begin(desk.file("a", &noise(LARGE)), "a.bin", OnConflict::Ask).await;
    hold.reached(1).await;
    desk.transfers.cancel(&[id]).await;
    assert!(matches!(desk.settled(id).await.state, State::Stopped));
    hold.release();
    desk.transfers.shut_down().await;
    assert_eq!(desk.store.practice.unfinished_uploads().await.unwrap().len(), 1, "nobody took it back");
    // The next start knows of it.
    desk.store.practice.faults().remove(portal);
    let next = Transfers::start_with(Limits::default(), Journal::open(&ledger).await);
    let storage = desk.storage.clone();
    next.sweep(|_| std::future::ready(Ok(storage.clone()))).await;
    desk.assert_no_leftovers().await;
}

#[tokio::test]
async fn a_list_of_parts_that_turns_in_a_circle_ends() {
    let desk = Desk::new().await;
    let hold = Hold::new();
    let rule = desk.rule(Rule::new(Fault::Hold(hold.clone())).on(Operation::UploadPart).after(1).always());
    let bytes = noise(LARGE);
    let id = desk.begin(desk.file("a", &bytes), "a.bin", OnConflict::Ask).await;
    hold.reached(1).await;
    desk.transfers.pause(Some(vec![id])).await;
    let rests = |picture: &std::sync::Arc<satchel_core::transfers::Snapshot>| {
        matches!(picture.transfers[0].state, State::Paused)
    };
    desk.transfers.watch().wait_for(rests).await.unwrap();
    desk.store.practice.faults().remove(rule);
    hold.release();
    let page = |next: u32| {
        let text = format!(
            "<ListPartsResult><IsTruncated>true</IsTruncated><NextPartNumberMarker>{next}</NextPartNumberMarker>\
             <Part><PartNumber>1</PartNumber><ETag>&quot;x&quot;</ETag><Size>1</Size></Part></ListPartsResult>"
        );
        Fault::ReplaceBody(text)
    };
    for turn in 0..20 {
        desk.rule(Rule::new(page(1 + turn % 2)).on(Operation::ListParts).after(u64::from(turn)));
    }
    desk.transfers.resume(Some(vec![id])).await;
    done(&desk.settled(id).await);
    desk.assert_holds("a.bin", &bytes).await;
    assert!(desk.count(Operation::ListParts) <= 2, "{} pages of one part", desk.count(Operation::ListParts));
}

#[tokio::test]
async fn a_store_without_conditions_is_asked_before_a_large_file_is_sent() {
    let desk = Desk::new().await;
    let unknown = Rule::new(Fault::refuse(501, "NotImplemented")).carrying("if-none-match");
    desk.rule(unknown.on(Operation::PutObject).on(Operation::CompleteMultipartUpload).always());
    done(&desk.send("teaches.txt", b"x").await);
    desk.store.put("a.bin", b"somebody's").await;
    let transfer = desk.send("a.bin", &noise(LARGE)).await;
    assert_eq!(needs_you(&transfer).0, Code::NameTaken);
    assert_eq!(desk.count(Operation::UploadPart), 0, "the question comes before the bytes");
    desk.assert_holds("a.bin", b"somebody's").await;
}

#[tokio::test]
async fn a_store_that_refuses_a_name_which_nobody_has_is_not_sent_the_file_again_and_again() {
    for choice in [OnConflict::Ask, OnConflict::KeepBoth] {
        let desk = Desk::new().await;
        desk.rule(Rule::new(Fault::refuse(412, "PreconditionFailed")).on(Operation::PutObject).always());
        let transfer = desk.upload(desk.file("a", b"hello"), "a.txt", choice).await;
        assert_eq!(needs_you(&transfer).0, Code::NameTaken);
        assert_eq!(desk.count(Operation::PutObject), 2, "{choice:?}");
    }
}

#[tokio::test]
async fn what_arrived_whole_before_its_repeats_were_damaged_is_kept() {
    let desk = Desk::new().await;
    for name in ["ours", "theirs"] {
        let again = Fault::refuse(400, "BadDigest");
        desk.rule(Rule::new(Fault::LoseReply).on(Operation::PutObject).key(name));
        desk.rule(Rule::new(again).on(Operation::PutObject).key(name).after(1).always());
        if name == "theirs" {
            a_look_proves_nothing(&desk);
        }
        let transfer = desk.send(name, b"hello").await;
        assert!(matches!(transfer.state, State::Done | State::NeedsYou(..)), "{:?}", transfer.state);
        desk.assert_holds(name, b"hello").await;
    }
}

#[tokio::test]
async fn a_look_at_what_was_damaged_can_be_stopped() {
    let desk = Desk::new().await;
    let hold = Hold::new();
    let wrong = Fault::WithHeader("x-amz-checksum-crc64nvme", "AAAAAAAAAAA=".to_owned());
    desk.rule(Rule::new(wrong).on(Operation::PutObject).always());
    desk.rule(Rule::new(Fault::Hold(hold.clone())).on(Operation::HeadObject).always());
    let id = desk.begin(desk.file("a", b"hello"), "a.txt", OnConflict::Ask).await;
    hold.reached(1).await;
    desk.transfers.cancel(&[id]).await;
    let transfer = tokio::time::timeout(PATIENCE, desk.settled(id)).await.expect("it stops at once");
    assert!(matches!(transfer.state, State::Stopped), "{:?}", transfer.state);
    hold.release();
}
