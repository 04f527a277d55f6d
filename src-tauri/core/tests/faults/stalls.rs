//! Lines that stall or crawl: who is silent for too long is left, and who lives is never given up.

use crate::desk::{LARGE, MIB, done, noise};
use crate::line::{begun, behind_a_proxy, is_done, quick, sent, shows, taken_twice, timed};
use satchel_core::transfers::{OnConflict, State};
use satchel_practice::proxy::Line;
use satchel_practice::{Fault, Hold, Operation, Rule};
use std::time::{Duration, Instant};

/// How much of a second of patience is left in these tests.
const FASTER: u32 = 50;

#[tokio::test]
async fn f12_a_peer_that_takes_nothing_more_is_left_and_the_part_goes_again() {
    let (mut desk, proxy) = behind_a_proxy(quick(), 12).await;
    desk.storage = timed(&desk.store, &proxy, FASTER).await;
    let bytes = noise(4 * LARGE);
    proxy.bandwidth(Some(40 * MIB as u64), None);
    let id = desk.begin(desk.file("a", &bytes), "a.bin", OnConflict::Ask).await;
    sent(&proxy, LARGE as u64).await;
    proxy.old_connections(Line::StallReading);
    proxy.bandwidth(None, None);
    shows(&desk, id, is_done).await;
    desk.assert_holds("a.bin", &bytes).await;
    assert_eq!((begun(&desk), taken_twice(&desk)), (1, 0));
}

#[tokio::test]
async fn f13_an_answer_that_never_comes_is_not_waited_for_for_ever() {
    let (mut desk, proxy) = behind_a_proxy(quick(), 13).await;
    desk.storage = timed(&desk.store, &proxy, FASTER).await;
    let hold = Hold::new();
    for operation in [Operation::PutObject, Operation::UploadPart] {
        desk.rule(Rule::new(Fault::HoldReply(hold.clone())).on(operation));
    }
    for (name, size) in [("small", 1000), ("large", LARGE)] {
        let bytes = noise(size);
        let path = desk.file(name, &bytes);
        let id = desk.begin(path, name, OnConflict::Ask).await;
        shows(&desk, id, is_done).await;
        desk.assert_holds(name, &bytes).await;
    }
    assert_eq!((begun(&desk), desk.count(Operation::UploadPart)), (1, 4));
    assert_eq!(desk.store.keys().await, ["large", "small"]);
    hold.release();
}

#[tokio::test]
async fn f13_the_last_answer_may_take_ten_minutes_and_is_then_looked_for() {
    let (mut desk, proxy) = behind_a_proxy(quick(), 13).await;
    desk.storage = timed(&desk.store, &proxy, 2 * FASTER).await;
    let hold = Hold::new();
    desk.fault(Operation::CompleteMultipartUpload, Fault::HoldReply(hold.clone()));
    let bytes = noise(LARGE);
    let id = desk.begin(desk.file("a", &bytes), "a.bin", OnConflict::Ask).await;
    hold.reached(1).await;
    let since = Instant::now();
    let finishing = shows(&desk, id, |seen| matches!(seen.state, State::Checking)).await;
    assert!(finishing.done_bytes < finishing.size_bytes, "not full before it is confirmed");
    shows(&desk, id, is_done).await;
    // An ordinary answer would have been given up long before.
    assert!(since.elapsed() > Duration::from_secs(600) / (2 * FASTER) * 9 / 10, "{:?}", since.elapsed());
    desk.assert_holds("a.bin", &bytes).await;
    assert_eq!(begun(&desk), 1);
    hold.release();
}

#[tokio::test]
async fn f14_a_download_that_stalls_goes_on_from_its_last_byte() {
    let (mut desk, proxy) = behind_a_proxy(quick(), 14).await;
    desk.storage = timed(&desk.store, &proxy, FASTER).await;
    for (name, size) in [("small.bin", 6 * MIB), ("large.bin", 2 * LARGE)] {
        let bytes = noise(size);
        desk.store.put(name, &bytes).await;
        desk.store.forget_requests();
        let hold = Hold::new();
        let stall = Fault::StallReply { after: MIB as u64, hold: hold.clone() };
        desk.rule(Rule::new(stall).on(Operation::GetObject).key(name));
        let id = desk.transfers.download(vec![desk.saving(name, OnConflict::Ask)]).await[0];
        let transfer = shows(&desk, id, is_done).await;
        assert!(std::fs::read(&done(&transfer).path).unwrap() == bytes, "{name}");
        let gets = desk.store.practice.requests().of(Operation::GetObject);
        let from_the_last_byte = |get: &satchel_practice::Request| {
            get.header("if-match").is_some() && get.header("range").is_some_and(|range| !range.starts_with("bytes=0-"))
        };
        assert!(gets.iter().any(from_the_last_byte), "{name}");
        let fetched: u64 = gets.iter().map(|get| get.bytes_out).sum();
        assert!(fetched < size as u64 + 2 * MIB as u64, "{name}: {fetched} bytes for {size}");
        hold.release();
    }
}

#[tokio::test]
async fn f16_a_line_that_crawls_is_never_given_up_and_says_how_long_it_takes() {
    let (mut desk, proxy) = behind_a_proxy(quick(), 16).await;
    desk.storage = timed(&desk.store, &proxy, FASTER).await;
    // One part takes longer than five minutes would be, at this pace of time.
    proxy.bandwidth(Some(2 * MIB as u64), None);
    let bytes = noise(LARGE);
    let started = Instant::now();
    let id = desk.begin(desk.file("a", &bytes), "a.bin", OnConflict::Ask).await;
    let mut pictures = desk.transfers.watch();
    let mut guesses = Vec::new();
    loop {
        let picture = pictures.borrow_and_update().clone();
        let seen = picture.transfers.iter().find(|seen| seen.id == id).unwrap();
        guesses.extend(picture.line.seconds_left.map(|left| started.elapsed() + Duration::from_secs(left)));
        if is_done(seen) {
            break;
        }
        assert!(matches!(seen.state, State::Waiting | State::Moving | State::Checking), "{:?}", seen.state);
        pictures.changed().await.unwrap();
    }
    let took = started.elapsed();
    desk.assert_holds("a.bin", &bytes).await;
    assert_eq!((begun(&desk), taken_twice(&desk)), (1, 0));
    assert!(proxy.bytes_up() < LARGE as u64 * 11 / 10, "{} bytes went for {LARGE}", proxy.bytes_up());
    let honest = guesses.iter().filter(|guess| **guess > took / 2 && **guess < took * 2).count();
    assert!(honest * 2 > guesses.len() && !guesses.is_empty(), "{honest} of {} guesses for {took:?}", guesses.len());
}
