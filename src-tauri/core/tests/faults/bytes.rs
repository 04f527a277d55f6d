//! Bytes that change on the way, stop half-way, or belong to something else.

use crate::desk::{LARGE, MIB, done, needs_you, noise};
use crate::line::quick_desk;
use satchel_core::Code;
use satchel_core::transfers::OnConflict;
use satchel_practice::{Fault, Hold, Operation, Rule};

#[tokio::test]
async fn f27_a_flipped_bit_is_noticed_by_the_store_and_the_part_goes_again() {
    let desk = quick_desk().await;
    desk.rule(Rule::new(Fault::FlipRequest { at: 77 }).on(Operation::PutObject));
    desk.rule(Rule::new(Fault::FlipRequest { at: 5 * MIB as u64 }).on(Operation::UploadPart).part(2));
    for (name, size) in [("small", 1000), ("large", LARGE)] {
        let bytes = noise(size);
        done(&desk.send(name, &bytes).await);
        desk.assert_holds(name, &bytes).await;
    }
    assert_eq!(desk.count(Operation::UploadPart), 4, "only the damaged part went twice");
}

#[tokio::test]
async fn f27_a_store_that_checks_nothing_is_checked_by_what_it_answers() {
    for always in [false, true] {
        let desk = quick_desk().await;
        for header in ["x-amz-checksum-crc64nvme", "content-md5", "x-amz-checksum-algorithm"] {
            desk.rule(Rule::new(Fault::IgnoreHeader(header)).always());
        }
        let flip = || Rule::new(Fault::FlipRequest { at: 77 });
        let (put, part) = (flip().on(Operation::PutObject), flip().on(Operation::UploadPart).part(2));
        desk.rule(if always { put.always() } else { put });
        desk.rule(if always { part.always() } else { part });
        for (name, size) in [("small", 1000), ("large", LARGE)] {
            let bytes = noise(size);
            let transfer = desk.send(name, &bytes).await;
            if always {
                assert_eq!(needs_you(&transfer).0, Code::Damaged, "{name}");
                assert_eq!(desk.content(name).await, None, "{name}: nothing damaged stays under the name");
            } else {
                done(&transfer);
                desk.assert_holds(name, &bytes).await;
            }
        }
        desk.assert_no_leftovers().await;
    }
}

#[tokio::test]
async fn f28_a_download_cut_at_any_byte_goes_on_from_there() {
    let desk = quick_desk().await;
    let bytes = noise(LARGE);
    desk.store.put("a.bin", &bytes).await;
    for (turn, after) in [0, 1, MIB as u64, 8 * MIB as u64 - 1, 8 * MIB as u64].into_iter().enumerate() {
        desk.store.forget_requests();
        desk.rule(Rule::new(Fault::CutReply { after }).on(Operation::GetObject));
        let transfer = desk.download("a.bin", OnConflict::KeepBoth).await;
        assert!(std::fs::read(&done(&transfer).path).unwrap() == bytes, "cut after {after}");
        let gets = desk.store.practice.requests().of(Operation::GetObject);
        assert!(gets.iter().skip(1).all(|get| get.header("if-match").is_some()), "cut after {after}");
        let fetched: u64 = gets.iter().map(|get| get.bytes_out).sum();
        assert!(fetched < LARGE as u64 + 9 * MIB as u64, "turn {turn}: {fetched} bytes for {LARGE}");
    }
}

#[tokio::test]
async fn f28_an_answer_for_another_range_is_never_put_into_the_file() {
    let bytes = noise(LARGE);
    let wrong = |value: &str| Fault::WithHeader("content-range", value.to_owned());
    let faults = [wrong("bytes 0-99/100"), wrong("nonsense"), Fault::WithoutHeader("content-range")];
    for fault in faults {
        let desk = quick_desk().await;
        desk.store.put("a.bin", &bytes).await;
        desk.rule(Rule::new(fault.clone()).on(Operation::GetObject).carrying("range").times(2));
        let transfer = desk.download("a.bin", OnConflict::Ask).await;
        assert!(transfer.done.is_some(), "{fault:?}: {:?}", transfer.state);
        assert!(std::fs::read(&done(&transfer).path).unwrap() == bytes, "{fault:?}");
    }
}

#[tokio::test]
async fn f28_a_file_replaced_while_it_is_fetched_is_fetched_whole_again() {
    let desk = quick_desk().await;
    // As long as each other: only the version tells them apart.
    let (old, mut new) = (noise(LARGE), noise(LARGE));
    new.reverse();
    desk.store.put("a.bin", &old).await;
    let hold = Hold::new();
    let stall = Fault::StallReply { after: MIB as u64, hold: hold.clone() };
    desk.rule(Rule::new(stall).on(Operation::GetObject).times(1));
    desk.rule(Rule::new(Fault::Hold(hold.clone())).on(Operation::GetObject).carrying("range").times(2));
    let id = desk.transfers.download(vec![desk.saving("a.bin", OnConflict::Ask)]).await[0];
    hold.reached(2).await;
    desk.store.put("a.bin", &new).await;
    assert_eq!(
        desk.saved().iter().filter(|name| !name.starts_with('.')).count(),
        0,
        "nothing shows before it is whole"
    );
    hold.release();
    let transfer = desk.settled(id).await;
    assert!(std::fs::read(&done(&transfer).path).unwrap() == new);
    assert_eq!(desk.saved(), ["a.bin"]);
}

#[tokio::test]
async fn f28_a_file_that_always_arrives_short_never_gets_its_name() {
    let desk = quick_desk().await;
    desk.store.put("a.bin", &noise(3 * MIB)).await;
    desk.rule(Rule::new(Fault::FlipReply { at: 50 }).on(Operation::GetObject).always());
    let transfer = desk.download("a.bin", OnConflict::Ask).await;
    assert_eq!(needs_you(&transfer).0, Code::Damaged);
    assert_eq!(desk.saved(), Vec::<String>::new());
}
