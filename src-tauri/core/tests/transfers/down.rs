//! Downloads: whole and checked under their name, or not there at all.

use crate::desk::{Desk, LARGE, MIB, done, needs_you, noise};
use satchel_core::Code;
use satchel_core::transfers::{Limits, OnConflict, State};
use satchel_practice::{Fault, Hold, Operation, Rule};

#[tokio::test]
async fn what_is_saved_is_what_was_stored_whatever_its_size() {
    let desk = Desk::new().await;
    for size in [0, 1, 16 * MIB - 1, 16 * MIB, 16 * MIB + 1, LARGE] {
        let bytes = noise(size);
        let name = format!("sizes/{size}.bin");
        // Once with a checksum at the store, once without.
        done(&desk.send(&name, &bytes).await);
        desk.store.put(&format!("plain-{size}"), &bytes).await;
        for (name, file) in [(name.clone(), format!("{size}.bin")), (format!("plain-{size}"), format!("plain-{size}"))]
        {
            let transfer = desk.download(&name, OnConflict::Ask).await;
            assert_eq!(done(&transfer).path, desk.path("down").join(file));
            assert_eq!(transfer.done_bytes, size as u64);
            assert!(std::fs::read(&done(&transfer).path).unwrap() == bytes);
        }
    }
    assert!(desk.saved().iter().all(|name| !name.starts_with('.')), "{:?}", desk.saved());
}

#[tokio::test]
async fn a_small_file_takes_one_request_and_a_large_one_names_its_version() {
    let desk = Desk::new().await;
    desk.store.put("small", b"x").await;
    desk.store.put("large", &noise(LARGE)).await;
    done(&desk.download("small", OnConflict::Ask).await);
    assert_eq!(desk.store.requests(), ["GetObject"]);
    desk.store.forget_requests();
    done(&desk.download("large", OnConflict::Ask).await);
    let gets = desk.store.practice.requests().of(Operation::GetObject);
    assert_eq!(gets.len(), 3);
    let ranged: Vec<_> = gets.iter().filter(|get| get.header("range").is_some()).collect();
    assert_eq!(ranged.len(), 2);
    assert!(ranged.iter().all(|get| get.header("if-match").is_some()));
}

#[tokio::test]
async fn a_download_that_is_cut_short_goes_on_where_it_stopped() {
    let desk = Desk::new().await;
    for (name, size) in [("small", 3 * MIB), ("large", LARGE)] {
        let bytes = noise(size);
        desk.store.put(name, &bytes).await;
        desk.rule(Rule::new(Fault::CutReply { after: 2 * MIB as u64 }).on(Operation::GetObject).key(name).times(2));
        let transfer = desk.download(name, OnConflict::Ask).await;
        assert!(std::fs::read(&done(&transfer).path).unwrap() == bytes);
    }
}

#[tokio::test]
async fn a_bit_that_is_turned_over_on_the_way_is_noticed() {
    for size in [100, LARGE] {
        let desk = Desk::new().await;
        let bytes = noise(size);
        done(&desk.send("checked", &bytes).await);
        desk.store.put("plain", &bytes).await;
        for name in ["checked", "plain"] {
            desk.rule(Rule::new(Fault::FlipReply { at: 50 }).on(Operation::GetObject).key(name));
            let transfer = desk.download(name, OnConflict::Ask).await;
            assert!(std::fs::read(&done(&transfer).path).unwrap() == bytes, "{name}");
        }
        desk.rule(Rule::new(Fault::FlipReply { at: 50 }).on(Operation::GetObject).always());
        let transfer = desk.download("checked", OnConflict::KeepBoth).await;
        assert_eq!(needs_you(&transfer).0, Code::Damaged);
        assert_eq!(desk.saved(), ["checked", "plain"]);
    }
}

#[tokio::test]
async fn two_versions_are_never_mixed() {
    let desk = Desk::new().await;
    let (old, new) = (noise(LARGE), noise(LARGE + 7));
    desk.store.put("a.bin", &old).await;
    let hold = Hold::new();
    desk.rule(Rule::new(Fault::StallReply { after: MIB as u64, hold: hold.clone() }).on(Operation::GetObject));
    desk.rule(Rule::new(Fault::Hold(hold.clone())).on(Operation::GetObject).after(1).times(2));
    let id = desk.transfers.download(vec![desk.saving("a.bin", OnConflict::Ask)]).await[0];
    hold.reached(2).await;
    desk.store.put("a.bin", &new).await;
    hold.release();
    let transfer = desk.settled(id).await;
    assert!(std::fs::read(&done(&transfer).path).unwrap() == new);
}

#[tokio::test]
async fn an_answer_for_another_range_is_not_taken() {
    let desk = Desk::new().await;
    let bytes = noise(LARGE);
    desk.store.put("a.bin", &bytes).await;
    let wrong = Fault::WithHeader("content-range", "bytes 0-99/100".to_owned());
    desk.rule(Rule::new(wrong).on(Operation::GetObject).after(1));
    let transfer = desk.download("a.bin", OnConflict::Ask).await;
    assert!(std::fs::read(&done(&transfer).path).unwrap() == bytes);
}

#[tokio::test]
async fn a_sign_in_page_is_never_saved_as_the_file() {
    let desk = Desk::impatient().await;
    desk.store.put("a.pdf", b"%PDF").await;
    desk.rule(Rule::new(Fault::CaptivePortal { status: 200 }).on(Operation::GetObject).always());
    let transfer = desk.download("a.pdf", OnConflict::Ask).await;
    assert_eq!(needs_you(&transfer).0, Code::CaptivePortal);
    assert_eq!(desk.saved(), Vec::<String>::new());
}

#[tokio::test]
async fn a_name_that_is_used_is_never_replaced_unasked() {
    let desk = Desk::new().await;
    desk.store.put("a.txt", b"new").await;
    let there = desk.file("down/a.txt", b"older");
    let asked = desk.download("a.txt", OnConflict::Ask).await;
    let (code, conflict) = needs_you(&asked);
    assert_eq!(code, Code::NameTaken);
    let conflict = conflict.unwrap();
    assert_eq!((conflict.there_bytes, conflict.yours_bytes), (5, 3));
    assert_eq!(conflict.keep_both_name, "a (2).txt");
    assert_eq!(needs_you(&desk.download("a.txt", OnConflict::Fail).await), (Code::NameTaken, None));
    assert!(matches!(desk.download("a.txt", OnConflict::Skip).await.state, State::Skipped));
    let both = desk.download("a.txt", OnConflict::KeepBoth).await;
    assert_eq!(done(&both).path, desk.path("down/a (2).txt"));
    assert_eq!(std::fs::read(&there).unwrap(), b"older");
    desk.transfers.decide(&[asked.id], OnConflict::Replace).await;
    done(&desk.settled(asked.id).await);
    assert_eq!(std::fs::read(&there).unwrap(), b"new");
    assert_eq!(desk.saved(), ["a (2).txt", "a.txt"]);
}

#[cfg(unix)]
#[tokio::test]
async fn a_planted_shortcut_is_neither_followed_nor_replaced() {
    let desk = Desk::new().await;
    desk.store.put("pwn", b"new").await;
    let outside = desk.file("outside", b"untouched");
    std::fs::create_dir(desk.path("down")).unwrap();
    std::os::unix::fs::symlink(&outside, desk.path("down/pwn")).unwrap();
    let transfer = desk.download("pwn", OnConflict::KeepBoth).await;
    assert_eq!(done(&transfer).path, desk.path("down/pwn (2)"));
    let transfer = desk.download("pwn", OnConflict::Replace).await;
    assert_eq!(done(&transfer).path, desk.path("down/pwn"));
    assert!(std::fs::symlink_metadata(desk.path("down/pwn")).unwrap().is_file());
    assert_eq!(std::fs::read(&outside).unwrap(), b"untouched");
}

#[cfg(unix)]
#[tokio::test]
async fn nothing_that_was_saved_can_be_run() {
    use std::os::unix::fs::PermissionsExt;
    let desk = Desk::new().await;
    desk.store.put("a.sh", b"#!/bin/sh\n").await;
    let transfer = desk.download("a.sh", OnConflict::Ask).await;
    let ordinary = desk.file("ordinary", b"x");
    let mode = |path: &std::path::Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o7777;
    assert_eq!(mode(&done(&transfer).path), mode(&ordinary) & 0o644);
}

#[tokio::test]
async fn a_disk_without_room_is_found_before_a_byte_is_written() {
    let limits = Limits { free_space: |_| Ok(1_500_000), ..Limits::default() };
    let desk = Desk::with(limits).await;
    desk.store.put("big.bin", &noise(2_000_000)).await;
    desk.store.put("small.bin", &noise(1_000_000)).await;
    let transfer = desk.download("big.bin", OnConflict::Ask).await;
    let State::NeedsYou(error, None) = &transfer.state else { panic!("{:?}", transfer.state) };
    assert_eq!(error.code(), Code::DiskFull);
    assert_eq!(error.advice().sentence, "“big.bin” needs 2.0 MB; 1.5 MB is free on “down”.");
    done(&desk.download("small.bin", OnConflict::Ask).await);
    assert_eq!(desk.saved(), ["small.bin"]);
}

#[tokio::test]
async fn a_file_that_is_gone_or_closed_says_which() {
    let mut desk = Desk::new().await;
    desk.store.put("a.txt", b"x").await;
    assert_eq!(needs_you(&desk.download("b.txt", OnConflict::Ask).await).0, Code::FileGone);
    desk.storage = desk.store.storage_without_reading().await;
    assert_eq!(needs_you(&desk.download("a.txt", OnConflict::Ask).await).0, Code::ReadDenied);
    assert_eq!(desk.saved(), Vec::<String>::new());
}

#[tokio::test]
async fn a_folder_that_is_a_file_can_take_nothing() {
    let desk = Desk::new().await;
    desk.store.put("a.txt", b"x").await;
    desk.file("down", b"a file");
    assert_eq!(needs_you(&desk.download("a.txt", OnConflict::Ask).await).0, Code::FolderUnwritable);
}
