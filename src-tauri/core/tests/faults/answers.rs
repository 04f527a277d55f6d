//! Answers that are late, lost, half or in trouble, and go on by themselves.

use crate::desk::{LARGE, MIB, done, needs_you, noise};
use crate::line::{begun, most_at_once, quick_desk};
use crate::store::Store;
use satchel_core::Code;
use satchel_core::place::Place;
use satchel_core::storage::Storage;
use satchel_core::transfers::OnConflict;
use satchel_practice::{Fault, Operation, Rule};
use std::time::Duration;

#[tokio::test]
async fn f03_a_lost_answer_to_the_last_request_is_shown_as_done() {
    let desk = quick_desk().await;
    let bytes = noise(LARGE);
    let complete = |fault| Rule::new(fault).on(Operation::CompleteMultipartUpload);
    desk.rule(complete(Fault::LoseReply));
    // What S3 says to whoever asks again: there is no such upload any more.
    desk.rule(complete(Fault::refuse(404, "NoSuchUpload")).after(1).always());
    let transfer = desk.send("a.bin", &bytes).await;
    assert_eq!(done(&transfer).size_bytes, LARGE as u64);
    desk.assert_holds("a.bin", &bytes).await;
    assert_eq!(desk.store.keys().await, ["a.bin"]);
    assert_eq!((begun(&desk), desk.count(Operation::UploadPart)), (1, 3), "nothing went twice");
    desk.assert_no_leftovers().await;
}

#[tokio::test]
async fn f19_a_store_that_asks_for_patience_gets_it_and_nobody_is_troubled() {
    for fault in [Fault::slow_down(), Fault::refuse(429, "TooManyRequests"), Fault::refuse(400, "RequestTimeout")] {
        let desk = quick_desk().await;
        desk.rule(Rule::new(fault.clone()).on(Operation::PutObject).times(5));
        desk.rule(Rule::new(fault.clone()).on(Operation::UploadPart).part(2).times(5));
        for (name, size) in [("small", 1000), ("large", LARGE)] {
            let bytes = noise(size);
            done(&desk.send(name, &bytes).await);
            desk.assert_holds(name, &bytes).await;
        }
        let puts = desk.store.practice.requests().of(Operation::PutObject);
        let waits: Vec<Duration> = puts.windows(2).map(|two| two[1].began_at - two[0].began_at).collect();
        assert!(waits[3] + waits[4] > waits[0] + waits[1], "the gaps grow: {waits:?} ({fault:?})");
        assert_ne!(waits[3], waits[4]);
    }
}

#[tokio::test]
async fn f19_fewer_requests_run_side_by_side_after_the_store_asked_for_it() {
    let desk = quick_desk().await;
    let parts = || Rule::new(Fault::Delay(Duration::from_millis(60))).on(Operation::UploadPart).always();
    desk.rule(parts());
    desk.rule(Rule::new(Fault::slow_down()).on(Operation::UploadPart).after(8).times(5));
    done(&desk.send("a.bin", &noise(32 * 8 * MIB)).await);
    let sent = desk.store.practice.requests().of(Operation::UploadPart);
    let asked = sent.iter().position(|request| request.status == 503).unwrap();
    let told = sent.iter().filter(|request| request.status == 503).filter_map(|request| request.ended_at).max();
    // Only the first that follow: where all goes well again it may grow again.
    let later: Vec<_> = sent.iter().filter(|request| Some(request.began_at) > told).take(8).cloned().collect();
    let (before, after) = (most_at_once(&sent[..asked]), most_at_once(&later));
    assert!(after < before, "{before} at once before, {after} after");
}

#[tokio::test]
async fn f20_trouble_that_passes_is_never_seen() {
    let desk = quick_desk().await;
    let trouble = || Rule::new(Fault::refuse(500, "InternalError"));
    for operation in
        [Operation::PutObject, Operation::CreateMultipartUpload, Operation::UploadPart, Operation::GetObject]
    {
        desk.rule(trouble().on(operation));
    }
    for (name, size) in [("small", 1000), ("large", LARGE)] {
        let bytes = noise(size);
        done(&desk.send(name, &bytes).await);
        desk.assert_holds(name, &bytes).await;
        done(&desk.download(name, OnConflict::Ask).await);
    }
    assert_eq!(begun(&desk), 2, "one refused, one taken");
    desk.assert_no_leftovers().await;
}

#[tokio::test]
async fn f21_an_error_inside_a_yes_is_repeated_or_told_and_never_done() {
    let desk = quick_desk().await;
    let bytes = noise(LARGE);
    let inside = |code: &str| Fault::ErrorInside200 { code: code.to_owned() };
    desk.fault(Operation::CompleteMultipartUpload, inside("InternalError"));
    done(&desk.send("a.bin", &bytes).await);
    desk.assert_holds("a.bin", &bytes).await;
    assert_eq!(desk.count(Operation::CompleteMultipartUpload), 2);

    desk.rule(Rule::new(inside("AccessDenied")).on(Operation::CompleteMultipartUpload).always());
    let refused = desk.send("b.bin", &bytes).await;
    assert_eq!(needs_you(&refused).0, Code::UploadDenied);
    assert!(refused.done_bytes < refused.size_bytes);
    assert_eq!(desk.content("b.bin").await, None);
    desk.assert_no_leftovers().await;
}

#[tokio::test]
async fn f22_a_part_whose_answer_proves_nothing_is_sent_again() {
    let half = "<?xml version=\"1.0\"?><CompleteMultipartUploadResult><Buck";
    let half_begun = half.replace("Complete", "Initiate");
    let cases = [
        (Operation::UploadPart, Fault::WithoutHeader("etag")),
        (Operation::UploadPart, Fault::CutReply { after: 0 }),
        (Operation::CreateMultipartUpload, Fault::ReplaceBody(half_begun)),
        (Operation::CreateMultipartUpload, Fault::ReplaceBody(String::new())),
        (Operation::CreateMultipartUpload, Fault::CutReply { after: 40 }),
        (Operation::CompleteMultipartUpload, Fault::ReplaceBody(half.to_owned())),
        (Operation::CompleteMultipartUpload, Fault::ReplaceBody(String::new())),
        (Operation::CompleteMultipartUpload, Fault::CutReply { after: 40 }),
        (Operation::PutObject, Fault::WithoutHeader("etag")),
    ];
    for (operation, fault) in cases {
        let desk = quick_desk().await;
        desk.fault(operation, fault.clone());
        let bytes = noise(if operation == Operation::PutObject { 1000 } else { LARGE });
        let transfer = desk.send("a.bin", &bytes).await;
        assert!(transfer.done.is_some(), "{operation:?} {fault:?}: {:?}", transfer.state);
        desk.assert_holds("a.bin", &bytes).await;
        // An upload whose id was never told can't be taken back by anybody who does not look for it.
        if operation != Operation::CreateMultipartUpload {
            desk.assert_no_leftovers().await;
        }
    }
}

#[tokio::test]
async fn f25_the_right_region_is_learnt_once_and_nobody_sees_it() {
    let store = Store::start_in_region("eu-central-1").await;
    let place = Place { region: Some("us-east-1".to_owned()), ..store.place() };
    let storage = Storage::open_with(&place, &store.key()).await.unwrap();
    let mut desk = quick_desk().await;
    (desk.storage, desk.store) = (storage, store);
    for number in 0..3 {
        done(&desk.send(&format!("{number}.txt"), b"hello").await);
    }
    let refused = |all: &[satchel_practice::Request]| {
        all.iter().filter(|request| request.error_code.as_deref() == Some("AuthorizationHeaderMalformed")).count()
    };
    assert_eq!(refused(&desk.store.practice.requests().all()), 1, "{:?}", desk.store.requests());
    assert_eq!(desk.storage.region(), "eu-central-1");

    let desk = quick_desk().await;
    desk.rule(Rule::new(Fault::permanent_redirect("eu-west-3")));
    // Sent there, it is refused there, because this store lives here; the way back is found as well.
    let transfer = desk.send("a.bin", b"hello").await;
    done(&transfer);
    desk.assert_holds("a.bin", b"hello").await;
}

#[tokio::test]
async fn f30_a_store_that_refuses_our_sum_gets_one_that_it_knows_from_then_on() {
    for refusal in [Fault::refuse(501, "NotImplemented"), Fault::refuse(400, "InvalidRequest")] {
        let desk = quick_desk().await;
        for header in ["x-amz-checksum-crc64nvme", "x-amz-checksum-algorithm"] {
            desk.rule(Rule::new(refusal.clone()).carrying(header).always());
        }
        for (name, size) in [("small", 1000), ("large", LARGE)] {
            let bytes = noise(size);
            done(&desk.send(name, &bytes).await);
            desk.assert_holds(name, &bytes).await;
        }
        desk.store.forget_requests();
        done(&desk.send("next", &noise(LARGE + 1)).await);
        let requests = desk.store.practice.requests();
        assert!(requests.all().iter().all(|request| request.status < 300 || request.status == 404), "remembered");
        assert!(requests.of(Operation::UploadPart).iter().all(|part| part.header("content-md5").is_some()));
        // The sum that is left still catches what happens on the way.
        desk.rule(Rule::new(Fault::FlipRequest { at: 99 }).on(Operation::UploadPart).part(2));
        let bytes = noise(LARGE + 2);
        done(&desk.send("flipped", &bytes).await);
        desk.assert_holds("flipped", &bytes).await;
    }
}
