//! Room and sizes: what does not fit is refused before it begins, and what fits arrives whole.

use crate::desk::{Desk, MIB, done, needs_you, noise};
use satchel_core::Code;
use satchel_core::transfers::{Limits, OnConflict, State};
use satchel_practice::{Fault, Hold, Operation, Rule};

const TIB: u64 = 1 << 40;

#[tokio::test]
async fn f36_a_disk_without_room_is_found_before_a_byte_is_asked_for() {
    let limits = Limits { free_space: |_| Ok(1_500_000), ..Limits::default() };
    let desk = Desk::with(limits).await;
    for (name, size) in [("big.bin", 20 * MIB), ("small.bin", 1_000_000)] {
        desk.store.put(name, &noise(size)).await;
    }
    let transfer = desk.download("big.bin", OnConflict::Ask).await;
    let State::NeedsYou(error, None) = &transfer.state else { panic!("{:?}", transfer.state) };
    assert_eq!(error.code(), Code::DiskFull);
    assert_eq!(error.advice().sentence, "“big.bin” needs 21.0 MB; 1.5 MB is free on “down”.");
    assert_eq!(desk.saved(), Vec::<String>::new());
    // The others go on, and so does this one once there is room.
    done(&desk.download("small.bin", OnConflict::Ask).await);
    assert_eq!(desk.saved(), ["small.bin"]);
}

#[tokio::test]
async fn f37_every_size_at_which_something_changes_arrives_whole() {
    let desk = Desk::new().await;
    let around = |size: usize| [size - 1, size, size + 1];
    let sizes = [vec![0, 1], around(5 * MIB).into(), around(16 * MIB).into(), around(24 * MIB).into()].concat();
    for size in sizes {
        let bytes = noise(size);
        let name = format!("{size}.bin");
        let sent = desk.send(&name, &bytes).await;
        assert_eq!((done(&sent).size_bytes, sent.done_bytes), (size as u64, size as u64));
        desk.assert_holds(&name, &bytes).await;
        let fetched = desk.download(&name, OnConflict::Ask).await;
        assert!(std::fs::read(&done(&fetched).path).unwrap() == bytes, "{size}");
    }
    desk.assert_no_leftovers().await;
}

#[tokio::test]
async fn f37_a_huge_file_needs_no_more_than_ten_thousand_parts() {
    for size in [80 * (1 << 30) + 1, 6 * TIB] {
        let desk = Desk::new().await;
        let path = desk.file("huge.bin", b"");
        std::fs::File::options().write(true).open(&path).unwrap().set_len(size).unwrap();
        let hold = Hold::new();
        desk.rule(Rule::new(Fault::Hold(hold.clone())).on(Operation::UploadPart).always());
        let id = desk.begin(path, "huge.bin", OnConflict::Ask).await;
        hold.reached(1).await;
        let part = &desk.store.practice.requests().of(Operation::UploadPart)[0];
        let length: u64 = part.header("content-length").unwrap().parse().unwrap();
        assert!(length * 10_000 >= size, "{length} bytes a part are not enough for {size}");
        assert!((5 << 20..=5 << 30).contains(&length), "no store takes a part of {length} bytes");
        desk.transfers.cancel(&[id]).await;
        assert!(matches!(desk.settled(id).await.state, State::Stopped));
        hold.release();
        desk.transfers.shut_down().await;
        desk.assert_no_leftovers().await;
    }
}

#[tokio::test]
async fn f37_a_store_that_takes_less_says_so_once() {
    let desk = Desk::new().await;
    desk.rule(Rule::new(Fault::refuse(400, "EntityTooLarge")).on(Operation::PutObject).always());
    let transfer = desk.send("a.bin", &noise(1000)).await;
    assert_eq!(needs_you(&transfer).0, Code::FileTooBig);
    assert_eq!(desk.count(Operation::PutObject), 1);
}
