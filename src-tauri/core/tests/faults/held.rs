//! Addresses that do not answer and networks that go away: what waits goes on by itself.

use crate::desk::{LARGE, MIB, noise};
use crate::line::{begun, behind_a_proxy, code_of, is_done, is_held, sent, shows, taken_twice};
use satchel_core::Code;
use satchel_core::transfers::{Limits, OnConflict, State};
use std::time::{Duration, Instant};

#[tokio::test]
async fn f10_an_address_that_does_not_answer_is_waited_for_without_red() {
    let (desk, proxy) = behind_a_proxy(Limits::default(), 10).await;
    proxy.go_down().await.unwrap();
    let asked = Instant::now();
    let id = desk.begin(desk.file("a", b"hello"), "a.txt", OnConflict::Ask).await;
    let held = shows(&desk, id, is_held).await;
    assert!(asked.elapsed() < Duration::from_secs(5), "{:?}", asked.elapsed());
    assert!([Code::Unreachable, Code::Offline].contains(&code_of(&held)), "{held:?}");
    let line = desk.transfers.watch().borrow().line.clone();
    assert_eq!((line.held, line.needs_you), (1, 0));
    assert!(line.holdup.is_some(), "why is said");
    proxy.come_up().await.unwrap();
    shows(&desk, id, is_done).await;
    desk.assert_holds("a.txt", b"hello").await;
}

#[tokio::test]
async fn f11_a_network_that_comes_back_is_used_within_ten_seconds_without_a_click() {
    let (desk, proxy) = behind_a_proxy(Limits::default(), 11).await;
    let bytes = noise(8 * LARGE);
    proxy.bandwidth(Some(40 * MIB as u64), None);
    let id = desk.begin(desk.file("a", &bytes), "a.bin", OnConflict::Ask).await;
    sent(&proxy, 3 * LARGE as u64).await;
    proxy.go_down().await.unwrap();
    let held = shows(&desk, id, is_held).await;
    assert!([Code::Unreachable, Code::Offline].contains(&code_of(&held)), "{held:?}");
    assert!(held.done_bytes < held.size_bytes);
    proxy.bandwidth(None, None);
    proxy.come_up().await.unwrap();
    let back = Instant::now();
    shows(&desk, id, |seen| matches!(seen.state, State::Moving | State::Checking | State::Done)).await;
    assert!(back.elapsed() < Duration::from_secs(10), "{:?}", back.elapsed());
    shows(&desk, id, is_done).await;
    desk.assert_holds("a.bin", &bytes).await;
    assert_eq!((begun(&desk), taken_twice(&desk)), (1, 0), "the same upload went on");
    desk.assert_no_leftovers().await;
}
