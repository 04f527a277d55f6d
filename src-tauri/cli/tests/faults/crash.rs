//! The program is killed, torn or told to go at every point, and goes on from there.

use satchel_practice::{Fault, Hold, Operation, Rule};
use std::time::{Duration, Instant};

use crate::office::{MIB, Office, reached};
use crate::support::{bytes, finished, signal};

const PARTS: usize = 13;
/// Twelve whole parts and a little.
const SIZE: usize = 12 * 8 * MIB + 12_345;

/// What a person does after a crash.
const AGAIN: [&[&str]; 2] = [&["put", "large.bin", "--to", "up"], &["transfers", "resume"]];

#[tokio::test(flavor = "multi_thread")]
async fn f01_an_upload_that_was_killed_goes_on_with_the_parts_that_are_there() {
    let content = bytes(SIZE);
    for passes in [1, 6, PARTS as u64 - 1] {
        for again in AGAIN {
            let office = Office::open(1).await;
            office.satchel.file("large.bin", &content);
            let hold = office.hold_parts_after(passes);
            let child = office.start(AGAIN[0]);
            reached(&hold, 1).await;
            office.answered(Operation::UploadPart, usize::try_from(passes).unwrap()).await;
            office.kill(child).await;
            office.practice.faults().clear();
            hold.release();
            let there = office.parts_there().await;
            assert_eq!(office.left().await, ["up/large.bin".to_owned()].into(), "{passes} {again:?}");

            office.practice.requests().clear();
            office.run(again).await.ok();
            office.assert_holds("up/large.bin", &content).await;
            assert_eq!(office.count(Operation::CreateMultipartUpload), 0, "the same upload goes on");
            let sent = office.count(Operation::UploadPart);
            assert!(sent <= PARTS - there, "{there} of {PARTS} were there, {sent} went again");
            assert_eq!(office.practice.keys("").await.unwrap(), ["up/large.bin"]);
            assert!(office.left().await.is_empty());
            office.assert_no_leftovers().await;
            assert!(office.satchel.read("large.bin") == content, "the source is sacred");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn f01_killed_after_the_last_part_it_only_has_to_be_put_together() {
    let office = Office::open(1).await;
    let content = bytes(SIZE);
    office.satchel.file("large.bin", &content);
    let hold = Hold::new();
    office.rule(Rule::new(Fault::Hold(hold.clone())).on(Operation::CompleteMultipartUpload));
    let child = office.start(AGAIN[0]);
    reached(&hold, 1).await;
    office.kill(child).await;
    hold.release();
    // What stood at the gate was never carried out: its connection is gone.
    office.practice.requests().clear();
    office.run(AGAIN[0]).await.ok();
    office.assert_holds("up/large.bin", &content).await;
    assert_eq!((office.count(Operation::CreateMultipartUpload), office.count(Operation::UploadPart)), (0, 0));
    office.assert_no_leftovers().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn f01_of_many_files_none_is_forgotten_and_none_goes_twice() {
    let office = Office::open(1).await;
    for number in 0..60 {
        office.satchel.file(format!("many/{number}.txt"), format!("file {number}").as_bytes());
    }
    let hold = Hold::new();
    office.rule(Rule::new(Fault::Hold(hold.clone())).on(Operation::PutObject).after(20).always());
    let child = office.start(&["put", "many"]);
    reached(&hold, 1).await;
    office.kill(child).await;
    office.practice.faults().clear();
    hold.release();
    office.run(&["transfers", "resume"]).await.ok();
    assert_eq!(office.practice.keys("").await.unwrap().len(), 60, "none under a second name");
    for number in 0..60 {
        office.assert_holds(&format!("many/{number}.txt"), format!("file {number}").as_bytes()).await;
    }
    assert!(office.left().await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn f02_killed_while_the_last_answer_was_on_its_way_it_is_found_done() {
    for (operation, size) in [(Operation::CompleteMultipartUpload, 20 * MIB), (Operation::PutObject, 1000)] {
        for again in AGAIN {
            let office = Office::open(2).await;
            let content = bytes(size);
            office.satchel.file("large.bin", &content);
            let hold = Hold::new();
            office.rule(Rule::new(Fault::HoldReply(hold.clone())).on(operation));
            let child = office.start(AGAIN[0]);
            reached(&hold, 1).await;
            office.kill(child).await;
            hold.release();
            office.practice.requests().clear();
            office.run(again).await.ok();
            office.assert_holds("up/large.bin", &content).await;
            assert_eq!(office.practice.keys("").await.unwrap(), ["up/large.bin"]);
            let sent =
                [Operation::CreateMultipartUpload, Operation::UploadPart].map(|operation| office.count(operation));
            assert_eq!(sent, [0, 0], "no second upload");
            assert!(office.left().await.is_empty());
            office.assert_no_leftovers().await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn f04_with_its_notes_torn_the_program_starts_and_sends_the_file_whole() {
    let content = bytes(20 * MIB);
    type Tear = fn(&[u8]) -> Vec<u8>;
    let tears: [Tear; 4] = [
        |ledger| ledger[..ledger.len() / 2].to_vec(),
        |ledger| ledger[..100].to_vec(),
        |ledger| vec![0; ledger.len()],
        |_| b"not what it was".to_vec(),
    ];
    for tear in tears {
        let office = Office::open(4).await;
        office.satchel.file("large.bin", &content);
        let hold = office.hold_parts_after(1);
        let child = office.start(AGAIN[0]);
        reached(&hold, 1).await;
        office.kill(child).await;
        office.practice.faults().clear();
        hold.release();
        let ledger = office.ledger();
        std::fs::write(&ledger, tear(&std::fs::read(&ledger).unwrap())).unwrap();
        let _ = std::fs::remove_file(ledger.with_extension("sqlite-wal"));
        for words in [&["places", "list"][..], &["transfers", "list"], &["places", "list"]] {
            office.run(words).await.ok();
        }
        let folder = std::fs::read_dir(ledger.parent().unwrap()).unwrap();
        let kept = folder.filter(|entry| {
            let name = entry.as_ref().unwrap().file_name().to_string_lossy().into_owned();
            // Its log stays beside it.
            name.starts_with("ledger.damaged-") && !name.ends_with("-shm") && !name.ends_with("-wal")
        });
        assert_eq!(kept.count(), 1, "the damaged file is kept aside");
        // The place went with the notes; whoever sets it up again loses nothing but time.
        let identity = office.practice.identity();
        let mut command = office.satchel.command([
            "--bucket",
            office.practice.bucket(),
            "--endpoint-url",
            &office.proxy.endpoint(),
            "put",
            "large.bin",
            "--to",
            "up",
        ]);
        command.env("AWS_ACCESS_KEY_ID", identity.access_key_id);
        command.env("AWS_SECRET_ACCESS_KEY", identity.secret_access_key);
        finished(command.spawn().unwrap()).await.ok();
        office.assert_holds("up/large.bin", &content).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn f05_told_to_go_it_is_gone_in_two_seconds_and_goes_on_at_the_next_start() {
    let content = bytes(SIZE);
    for (name, longest) in [("TERM", 2000), ("INT", 1000), ("HUP", 2000)] {
        let office = Office::open(5).await;
        office.satchel.file("large.bin", &content);
        let hold = office.hold_parts_after(6);
        let child = office.start(AGAIN[0]);
        reached(&hold, 1).await;
        office.answered(Operation::UploadPart, 6).await;
        let asked = Instant::now();
        signal(&child, name).await;
        let ran = finished(child).await.exits(130);
        // What a loaded machine takes to end a process is not the program's.
        let allowed = Duration::from_millis(longest + 300);
        assert!(asked.elapsed() < allowed, "{name}: {:?}", asked.elapsed());
        assert!(ran.stderr.starts_with("Stopped."), "{}", ran.stderr);
        office.practice.faults().clear();
        hold.release();
        let there = office.parts_there().await;
        assert!(there >= 6, "what was sent is kept");
        office.practice.requests().clear();
        office.run(AGAIN[0]).await.ok();
        office.assert_holds("up/large.bin", &content).await;
        assert_eq!(office.count(Operation::CreateMultipartUpload), 0, "the same upload goes on");
        assert!(office.count(Operation::UploadPart) <= PARTS - there);
        office.assert_no_leftovers().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn f08_what_the_store_swept_meanwhile_starts_anew_without_a_word() {
    for again in AGAIN {
        let office = Office::open(8).await;
        let content = bytes(SIZE);
        office.satchel.file("large.bin", &content);
        let hold = office.hold_parts_after(6);
        let child = office.start(AGAIN[0]);
        reached(&hold, 1).await;
        office.kill(child).await;
        office.practice.faults().clear();
        hold.release();
        for unfinished in office.practice.unfinished_uploads().await.unwrap() {
            office.practice.forget_upload(&unfinished).await.unwrap();
        }
        let ran = office.run(again).await.ok();
        assert_eq!(ran.stderr, "");
        office.assert_holds("up/large.bin", &content).await;
        assert_eq!(office.practice.keys("").await.unwrap(), ["up/large.bin"]);
        assert_eq!(office.count(Operation::CreateMultipartUpload), 2);
        office.assert_no_leftovers().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn f09_a_file_that_changed_meanwhile_is_never_mixed_with_what_was_sent() {
    for again in AGAIN {
        let office = Office::open(9).await;
        office.satchel.file("large.bin", &bytes(SIZE));
        let hold = office.hold_parts_after(6);
        let child = office.start(AGAIN[0]);
        reached(&hold, 1).await;
        office.kill(child).await;
        office.practice.faults().clear();
        hold.release();
        // As long as before: only what the system notes of it is different.
        let mut content = bytes(SIZE);
        content.reverse();
        office.satchel.file("large.bin", &content);
        office.run(again).await.ok();
        office.assert_holds("up/large.bin", &content).await;
        assert_eq!(office.count(Operation::CreateMultipartUpload), 2, "a new start");
        office.assert_no_leftovers().await;
    }
}
