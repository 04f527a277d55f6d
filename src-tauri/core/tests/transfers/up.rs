//! Uploads that go well, and what the store is asked on the way.

use crate::desk::{Desk, LARGE, MIB, done, needs_you, noise};
use satchel_core::Code;
use satchel_core::transfers::{OnConflict, State};
use satchel_practice::{Fault, Operation, Rule};

#[tokio::test]
async fn what_arrives_is_what_was_sent_whatever_its_size() {
    let desk = Desk::new().await;
    let part = 8 * MIB;
    for size in [0, 1, 65_537, 16 * MIB - 1, 16 * MIB, 16 * MIB + 1, 3 * part - 1, 3 * part, 3 * part + 1] {
        let bytes = noise(size);
        let name = format!("sizes/{size}.bin");
        let transfer = desk.send(&name, &bytes).await;
        let done = done(&transfer);
        assert_eq!(
            (done.size_bytes, transfer.done_bytes, done.name.as_str()),
            (size as u64, size as u64, name.as_str())
        );
        assert_eq!(done.checksum.as_ref().unwrap().algorithm, "CRC64NVME");
        desk.assert_holds(&name, &bytes).await;
    }
    desk.assert_no_leftovers().await;
}

#[tokio::test]
async fn a_small_file_takes_one_request() {
    let desk = Desk::new().await;
    desk.learn_the_store().await;
    done(&desk.send("a/b.txt", b"hello").await);
    assert_eq!(desk.store.requests(), ["PutObject"]);
    let request = &desk.store.practice.requests().all()[0];
    assert_eq!(request.header("if-none-match"), Some("*"));
    assert_eq!(request.header("x-amz-content-sha256"), Some("UNSIGNED-PAYLOAD"));
    assert_eq!(request.header("content-type"), Some("text/plain; charset=utf-8"));
    assert!(request.header("x-amz-checksum-crc64nvme").is_some());
    assert_eq!(request.header("content-length"), Some("5"));
    assert_eq!(request.header("x-amz-trailer"), None);
}

#[tokio::test]
async fn a_large_file_asks_first_then_goes_in_checked_parts() {
    let desk = Desk::new().await;
    let bytes = noise(LARGE);
    done(&desk.send("large.bin", &bytes).await);
    desk.assert_holds("large.bin", &bytes).await;
    let requests = desk.store.practice.requests();
    assert_eq!(requests.all()[0].operation, Operation::ListObjectsV2);
    assert_eq!(requests.count(Operation::UploadPart), 3);
    for part in requests.of(Operation::UploadPart) {
        assert!(part.header("x-amz-checksum-crc64nvme").is_some());
    }
    let complete = &requests.of(Operation::CompleteMultipartUpload)[0];
    assert_eq!(complete.header("if-none-match"), Some("*"));
    assert_eq!(complete.header("x-amz-checksum-type"), Some("FULL_OBJECT"));
    assert_eq!(requests.count(Operation::HeadObject), 0);
}

#[tokio::test]
async fn nothing_is_replaced_unasked() {
    for size in [10, LARGE] {
        let desk = Desk::new().await;
        desk.store.put("taken.bin", b"old").await;
        let bytes = noise(size);
        let transfer = desk.send("taken.bin", &bytes).await;
        let (code, conflict) = needs_you(&transfer);
        let conflict = conflict.unwrap();
        assert_eq!(code, Code::NameTaken);
        assert_eq!((conflict.there_bytes, conflict.yours_bytes), (3, size as u64));
        assert!(conflict.there_changed_at.is_some() && conflict.yours_changed_at.is_some());
        assert_eq!(conflict.keep_both_name, "taken (2).bin");
        desk.assert_holds("taken.bin", b"old").await;
        // The question came before the bytes.
        assert_eq!(desk.count(Operation::CreateMultipartUpload), 0);

        desk.transfers.decide(&[transfer.id], OnConflict::Replace).await;
        assert_eq!(done(&desk.settled(transfer.id).await).name, "taken.bin");
        desk.assert_holds("taken.bin", &bytes).await;
        desk.assert_no_leftovers().await;
    }
}

#[tokio::test]
async fn both_are_kept_under_the_next_free_number() {
    let desk = Desk::new().await;
    for name in ["a/report.pdf", "a/report (2).pdf", "a/report (3).pdf"] {
        desk.store.put(name, b"old").await;
    }
    for (size, name) in [(5, "a/report (4).pdf"), (LARGE, "a/report (5).pdf")] {
        let bytes = noise(size);
        let path = desk.file("report.pdf", &bytes);
        let transfer = desk.upload(path, "a/report.pdf", OnConflict::KeepBoth).await;
        assert_eq!((done(&transfer).name.as_str(), transfer.name.as_str()), (name, name));
        desk.assert_holds(name, &bytes).await;
    }
    desk.assert_holds("a/report.pdf", b"old").await;
}

#[tokio::test]
async fn keep_both_as_the_answer_to_the_question_uses_the_name_that_was_offered() {
    let desk = Desk::new().await;
    desk.store.put("a.txt", b"old").await;
    let asked = desk.send("a.txt", b"new").await;
    let offered = needs_you(&asked).1.unwrap().keep_both_name.clone();
    desk.transfers.decide(&[asked.id], OnConflict::KeepBoth).await;
    assert_eq!(done(&desk.settled(asked.id).await).name, offered);
}

#[tokio::test]
async fn skip_and_fail_leave_what_is_there() {
    let desk = Desk::new().await;
    desk.store.put("a.txt", b"old").await;
    let path = desk.file("a.txt", b"new");
    let skipped = desk.upload(path.clone(), "a.txt", OnConflict::Skip).await;
    assert!(matches!(skipped.state, State::Skipped));
    let refused = desk.upload(path, "a.txt", OnConflict::Fail).await;
    assert_eq!(needs_you(&refused), (Code::NameTaken, None));
    desk.transfers.decide(&[refused.id], OnConflict::Skip).await;
    assert!(matches!(desk.settled(refused.id).await.state, State::Skipped));
    desk.assert_holds("a.txt", b"old").await;
}

#[tokio::test]
async fn of_two_uploads_that_race_to_one_name_one_wins_whole() {
    for size in [100, LARGE] {
        let desk = Desk::new().await;
        let (one, other) = (noise(size), noise(size + 1));
        let items = vec![
            desk.item(desk.file("one", &one), "same.bin", OnConflict::Fail),
            desk.item(desk.file("other", &other), "same.bin", OnConflict::Fail),
        ];
        let ids = desk.transfers.upload(items).await;
        let settled = desk.transfers.settled(&ids).await;
        let won: Vec<bool> = settled.iter().map(|transfer| matches!(transfer.state, State::Done)).collect();
        assert_eq!(won.iter().filter(|won| **won).count(), 1, "{settled:?}");
        let lost = settled.iter().find(|transfer| !matches!(transfer.state, State::Done)).unwrap();
        assert_eq!(needs_you(lost).0, Code::NameTaken);
        desk.assert_holds("same.bin", if won[0] { &one } else { &other }).await;
        desk.assert_no_leftovers().await;
    }
}

#[tokio::test]
async fn two_uploads_that_race_are_both_kept_if_so_chosen() {
    let desk = Desk::new().await;
    let path = desk.file("one", b"one");
    let items = (0..4).map(|_| desk.item(path.clone(), "same.txt", OnConflict::KeepBoth)).collect();
    let ids = desk.transfers.upload(items).await;
    let mut names: Vec<String> =
        desk.transfers.settled(&ids).await.iter().map(|transfer| done(transfer).name.clone()).collect();
    names.sort();
    assert_eq!(names, ["same (2).txt", "same (3).txt", "same (4).txt", "same.txt"]);
}

#[tokio::test]
async fn a_colleague_who_is_faster_at_the_end_is_not_replaced() {
    let desk = Desk::new().await;
    let hold = satchel_practice::Hold::new();
    desk.fault(Operation::CompleteMultipartUpload, Fault::Hold(hold.clone()));
    let id = desk.begin(desk.file("mine", &noise(LARGE)), "a.bin", OnConflict::Ask).await;
    hold.reached(1).await;
    desk.store.put("a.bin", b"theirs").await;
    hold.release();
    let transfer = desk.settled(id).await;
    assert_eq!(needs_you(&transfer).0, Code::NameTaken);
    assert_eq!(needs_you(&transfer).1.unwrap().there_bytes, 6);
    desk.assert_holds("a.bin", b"theirs").await;
    desk.assert_no_leftovers().await;
}

#[tokio::test]
async fn two_writers_at_one_moment_are_tried_again() {
    let desk = Desk::new().await;
    let race = || Rule::new(Fault::refuse(409, "ConditionalRequestConflict")).times(2);
    desk.rule(race().on(Operation::PutObject));
    desk.rule(race().on(Operation::CompleteMultipartUpload));
    for (name, size) in [("small", 10), ("large", LARGE)] {
        let bytes = noise(size);
        done(&desk.send(name, &bytes).await);
        desk.assert_holds(name, &bytes).await;
    }
}

#[tokio::test]
async fn an_account_that_may_not_list_can_upload_all_the_same() {
    let mut desk = Desk::new().await;
    desk.storage = desk.store.storage_without_listing().await;
    let bytes = noise(LARGE);
    done(&desk.send("large.bin", &bytes).await);
    desk.assert_holds("large.bin", &bytes).await;
    let again = desk.send("large.bin", &bytes[1..]).await;
    assert_eq!(needs_you(&again).0, Code::NameTaken);
    assert_eq!(needs_you(&again).1.unwrap().there_bytes, LARGE as u64);
    desk.assert_no_leftovers().await;
}

#[tokio::test]
async fn an_account_that_may_not_read_is_believed_what_the_store_confirmed() {
    let mut desk = Desk::new().await;
    desk.storage = desk.store.storage_without_reading().await;
    done(&desk.send("small.bin", &noise(1000)).await);
    done(&desk.send("large.bin", &noise(LARGE)).await);
    let again = desk.send("small.bin", b"other").await;
    assert_eq!(needs_you(&again).1.unwrap().there_bytes, 1000);
}

#[tokio::test]
async fn a_store_without_our_checksum_gets_md5_and_is_remembered() {
    for size in [100, LARGE] {
        let desk = Desk::new().await;
        let first = if size == 100 { Operation::PutObject } else { Operation::CreateMultipartUpload };
        desk.fault(first, Fault::refuse(501, "NotImplemented"));
        let bytes = noise(size);
        done(&desk.send("one", &bytes).await);
        desk.assert_holds("one", &bytes).await;
        desk.store.forget_requests();
        done(&desk.send("two", &bytes).await);
        let requests = desk.store.practice.requests();
        let sent = if size == 100 { requests.of(Operation::PutObject) } else { requests.of(Operation::UploadPart) };
        assert!(sent.iter().all(|request| request.header("content-md5").is_some()));
        assert!(sent.iter().all(|request| request.header("x-amz-checksum-crc64nvme").is_none()));
        assert_eq!(requests.count(Operation::HeadObject), 0, "the ETag is proof enough");
    }
}

#[tokio::test]
async fn a_store_that_knows_no_condition_is_asked_by_a_list_first() {
    let desk = Desk::new().await;
    desk.rule(Rule::new(Fault::refuse(501, "NotImplemented")).on(Operation::PutObject).times(2));
    done(&desk.send("a.txt", b"one").await);
    desk.store.forget_requests();
    let taken = desk.send("a.txt", b"two").await;
    assert_eq!(needs_you(&taken).0, Code::NameTaken);
    assert_eq!(desk.count(Operation::PutObject), 0);
    done(&desk.send("b.txt", b"two").await);
    let put = &desk.store.practice.requests().of(Operation::PutObject)[0];
    assert_eq!(put.header("if-none-match"), None);
    assert!(put.header("x-amz-checksum-crc64nvme").is_some());
    desk.assert_holds("a.txt", b"one").await;
}

#[tokio::test]
async fn a_store_that_ignores_the_condition_is_looked_at_before_every_write() {
    let desk = Desk::new().await;
    let deaf = Rule::new(Fault::IgnoreHeader("if-none-match")).on(Operation::PutObject).always();
    desk.store.practice.faults().add(deaf);
    for number in 0..6 {
        done(&desk.send(&format!("{number}.txt"), b"mine").await);
    }
    desk.store.put("theirs.txt", b"theirs").await;
    let transfer = desk.send("theirs.txt", b"mine").await;
    assert_eq!(needs_you(&transfer).0, Code::NameTaken);
    desk.assert_holds("theirs.txt", b"theirs").await;
}
