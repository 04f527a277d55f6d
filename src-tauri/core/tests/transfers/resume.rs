//! Downloads after a break: only what is missing is fetched, only of the same version, and only what the disk still has.

use crate::desk::{Desk, LARGE, MIB, done, needs_you, noise};
use satchel_core::Code;
use satchel_core::ledger::Ledger;
use satchel_core::storage::{Storage, Timings};
use satchel_core::transfers::{Download, Journal, Limits, OnConflict, Snapshot, State, TransferId, Transfers};
use satchel_practice::{Fault, Hold, Operation, Rule, RuleId};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// One request after another, so that it is known what came first.
fn one_by_one() -> Limits {
    Limits { parts_per_file: 1, ..Limits::default() }
}

/// Begins a download that ends, after its first answer was cut at `cut`, because the keys were refused.
async fn broken_off(desk: &Desk, name: &str, cut: usize) -> TransferId {
    desk.rule(Rule::new(Fault::CutReply { after: cut as u64 }).on(Operation::GetObject));
    let refusal = refuse_from(desk, 1);
    let id = desk.transfers.download(vec![desk.saving(name, OnConflict::Ask)]).await[0];
    assert_eq!(needs_you(&desk.settled(id).await).0, Code::KeyUnknown);
    desk.store.practice.faults().remove(refusal);
    desk.store.forget_requests();
    id
}

fn refuse_from(desk: &Desk, passes: u64) -> RuleId {
    desk.rule(Rule::new(Fault::refuse(403, "InvalidAccessKeyId")).on(Operation::GetObject).after(passes).always())
}

/// From, to (included) of every request for a piece of a file, in order.
fn ranges(desk: &Desk) -> Vec<(u64, u64)> {
    let gets = desk.store.practice.requests().of(Operation::GetObject);
    let mut ranges: Vec<(u64, u64)> = gets
        .iter()
        .map(|get| {
            assert!(get.header("if-match").is_some(), "a piece of any version");
            let range = get.header("range").unwrap().strip_prefix("bytes=").unwrap();
            let (from, to) = range.split_once('-').unwrap();
            (from.parse().unwrap(), to.parse().unwrap())
        })
        .collect();
    ranges.sort_unstable();
    ranges
}

async fn again(desk: &Desk, id: TransferId) -> PathBuf {
    desk.transfers.retry(&[id]).await;
    let transfer = desk.settled(id).await;
    done(&transfer).path.clone()
}

/// What happens to a hidden file, in a word and in deed.
type Breakage<'b> = (&'static str, &'b dyn Fn(&PathBuf));

fn hidden(desk: &Desk) -> PathBuf {
    let all = desk.saved();
    let [hidden] = all.as_slice() else { panic!("{all:?}") };
    assert!(hidden.starts_with(".satchel-") && hidden.ends_with(".part"), "{hidden}");
    desk.path("down").join(hidden)
}

#[tokio::test]
async fn what_is_here_already_is_not_fetched_again() {
    for (size, cut) in [(LARGE, 3 * MIB), (3 * MIB, 2 * MIB)] {
        let desk = Desk::with(one_by_one()).await;
        let bytes = noise(size);
        desk.store.put("a.bin", &bytes).await;
        let id = broken_off(&desk, "a.bin", cut).await;
        hidden(&desk);
        let path = again(&desk, id).await;
        assert!(std::fs::read(path).unwrap() == bytes);
        let ranges = ranges(&desk);
        assert_eq!(ranges.first().unwrap().0, cut as u64);
        assert_eq!(ranges.iter().map(|(from, to)| to - from + 1).sum::<u64>(), (size - cut) as u64);
        assert_eq!(desk.saved(), ["a.bin"]);
    }
}

/// Begins a download that has its first 8 MiB and waits for more.
async fn half_here(desk: &Desk, bytes: &[u8]) -> (TransferId, Hold) {
    desk.store.put("a.bin", bytes).await;
    let hold = Hold::new();
    desk.rule(Rule::new(Fault::Hold(hold.clone())).on(Operation::GetObject).after(1));
    let id = desk.transfers.download(vec![desk.saving("a.bin", OnConflict::Ask)]).await[0];
    hold.reached(1).await;
    (id, hold)
}

fn assert_only_the_rest_came(desk: &Desk) {
    let ranges = ranges(desk);
    assert_eq!(ranges.first().unwrap().0, 8 * MIB as u64);
    assert_eq!(ranges.iter().map(|(from, to)| to - from + 1).sum::<u64>(), (LARGE - 8 * MIB) as u64);
    assert_eq!(desk.saved(), ["a.bin"]);
}

#[tokio::test]
async fn a_download_that_rests_goes_on_with_what_is_here() {
    let desk = Desk::with(one_by_one()).await;
    let bytes = noise(LARGE);
    let (id, hold) = half_here(&desk, &bytes).await;
    desk.transfers.pause(Some(vec![id])).await;
    let rests = |snapshot: &Arc<Snapshot>| matches!(snapshot.transfers[0].state, State::Paused);
    desk.transfers.watch().wait_for(rests).await.unwrap();
    hidden(&desk);
    hold.release();
    desk.store.forget_requests();
    desk.transfers.resume(Some(vec![id])).await;
    let transfer = desk.settled(id).await;
    assert!(std::fs::read(&done(&transfer).path).unwrap() == bytes);
    assert_only_the_rest_came(&desk);
}

#[tokio::test]
async fn a_download_goes_on_at_the_next_start_and_the_file_comes_where_it_was_meant_to() {
    let state = tempfile::tempdir().unwrap();
    let ledger = Ledger::open(state.path()).await.unwrap();
    let mut desk = Desk::with(one_by_one()).await;
    let bytes = noise(LARGE);
    for below in [None, Some("deep/down/other.bin")] {
        desk.transfers = Transfers::start_with(one_by_one(), Journal::open(&ledger).await);
        desk.store.put("a.bin", &bytes).await;
        let hold = Hold::new();
        desk.rule(Rule::new(Fault::Hold(hold.clone())).on(Operation::GetObject).after(1));
        let download = Download { below: below.map(str::to_owned), ..desk.saving("a.bin", OnConflict::Ask) };
        let id = desk.transfers.download(vec![download]).await[0];
        hold.reached(1).await;
        desk.transfers.shut_down().await;
        hold.release();
        desk.store.forget_requests();

        desk.transfers = Transfers::start_with(one_by_one(), Journal::open(&ledger).await);
        let storage = desk.storage.clone();
        let found = desk.transfers.restore(|_| true, |_| std::future::ready(Ok(storage.clone()))).await.unwrap();
        assert!(found.contains(&id), "{found:?}");
        let transfer = desk.settled(id).await;
        assert_eq!(done(&transfer).path, desk.path("down").join(below.unwrap_or("a.bin")));
        assert!(std::fs::read(&done(&transfer).path).unwrap() == bytes);
        assert_eq!(ranges(&desk).first().unwrap().0, 8 * MIB as u64);
        desk.transfers.shut_down().await;
    }
    assert_eq!(desk.saved(), ["a.bin", "deep"]);
    assert_eq!(std::fs::read_dir(desk.path("down/deep/down")).unwrap().count(), 1);
}

#[tokio::test]
async fn a_download_that_rests_and_is_given_up_leaves_nothing() {
    let desk = Desk::with(one_by_one()).await;
    let (id, hold) = half_here(&desk, &noise(LARGE)).await;
    desk.transfers.pause(None).await;
    let rests = |snapshot: &Arc<Snapshot>| matches!(snapshot.transfers[0].state, State::Paused);
    desk.transfers.watch().wait_for(rests).await.unwrap();
    hidden(&desk);
    desk.transfers.cancel(&[id]).await;
    assert!(matches!(desk.settled(id).await.state, State::Stopped));
    desk.transfers.shut_down().await;
    assert_eq!(desk.saved(), Vec::<String>::new());
    hold.release();
}

#[tokio::test]
async fn a_file_that_was_checked_at_the_store_is_checked_after_a_break_too() {
    let desk = Desk::with(one_by_one()).await;
    let bytes = noise(LARGE);
    done(&desk.send("a.bin", &bytes).await);
    let id = broken_off(&desk, "a.bin", 3 * MIB).await;
    desk.rule(Rule::new(Fault::FlipReply { at: 50 }).on(Operation::GetObject));
    let path = again(&desk, id).await;
    assert!(std::fs::read(path).unwrap() == bytes);
    // The damaged try was thrown away whole: from then on nothing of it was kept.
    let gets = desk.store.practice.requests().of(Operation::GetObject);
    assert!(gets.iter().any(|get| get.header("range").is_none()));
}

#[tokio::test]
async fn only_the_version_that_was_begun_goes_on() {
    let desk = Desk::with(one_by_one()).await;
    let (old, new) = (noise(LARGE), noise(LARGE + 8)[8..].to_vec());
    desk.store.put("a.bin", &old).await;
    let id = broken_off(&desk, "a.bin", 9 * MIB).await;
    desk.store.put("a.bin", &new).await;
    let path = again(&desk, id).await;
    assert!(std::fs::read(path).unwrap() == new);
    assert_eq!(desk.saved(), ["a.bin"]);
}

#[tokio::test]
async fn what_the_disk_lost_is_fetched_again() {
    use std::io::{Seek, SeekFrom, Write};
    let bytes = noise(LARGE);
    let open = |path: &PathBuf| std::fs::File::options().write(true).open(path).unwrap();
    let breakages: [Breakage<'_>; 3] = [
        ("a turned byte", &|path| {
            let mut file = open(path);
            file.seek(SeekFrom::Start(5)).unwrap();
            file.write_all(&[!bytes[5]]).unwrap();
        }),
        ("a shorter file", &|path| open(path).set_len(100).unwrap()),
        ("no file", &|path| std::fs::remove_file(path).unwrap()),
    ];
    for (what, breakage) in breakages {
        let desk = Desk::with(one_by_one()).await;
        desk.store.put("a.bin", &bytes).await;
        let id = broken_off(&desk, "a.bin", 3 * MIB).await;
        breakage(&hidden(&desk));
        let path = again(&desk, id).await;
        assert!(std::fs::read(path).unwrap() == bytes, "{what}");
        assert_eq!(desk.saved(), ["a.bin"], "{what}");
    }
}

#[cfg(unix)]
#[tokio::test]
async fn what_somebody_put_in_the_place_of_the_hidden_file_is_not_touched() {
    let desk = Desk::with(one_by_one()).await;
    let bytes = noise(LARGE);
    desk.store.put("a.bin", &bytes).await;
    let outside = desk.file("outside", &bytes[..4 * MIB]);
    let plants: [&dyn Fn(&PathBuf); 3] = [
        &|path| std::os::unix::fs::symlink(&outside, path).unwrap(),
        &|path| std::fs::hard_link(&outside, path).unwrap(),
        &|path| rustix::fs::mkfifoat(rustix::fs::CWD, path, rustix::fs::Mode::RWXU).unwrap(),
    ];
    for (number, plant) in plants.into_iter().enumerate() {
        let id = broken_off(&desk, "a.bin", 3 * MIB).await;
        let hidden = desk.path("down").join(desk.saved().iter().find(|name| name.starts_with('.')).unwrap());
        std::fs::remove_file(&hidden).unwrap();
        plant(&hidden);
        let path = tokio::time::timeout(Duration::from_secs(20), again(&desk, id)).await.unwrap();
        assert!(std::fs::symlink_metadata(&path).unwrap().is_file());
        assert!(std::fs::read(&path).unwrap() == bytes, "{number}");
        std::fs::remove_file(path).unwrap();
        let _ = std::fs::remove_file(hidden);
    }
    assert!(std::fs::read(outside).unwrap() == bytes[..4 * MIB]);
}

#[tokio::test]
async fn nothing_hidden_stays_of_what_was_given_up() {
    let desk = Desk::with(one_by_one()).await;
    desk.store.put("a.bin", &noise(LARGE)).await;
    let id = broken_off(&desk, "a.bin", 3 * MIB).await;
    hidden(&desk);
    desk.transfers.cancel(&[id]).await;
    assert!(matches!(desk.settled(id).await.state, State::Stopped));
    desk.transfers.shut_down().await;
    assert_eq!(desk.saved(), Vec::<String>::new());
}

#[tokio::test]
async fn nothing_hidden_stays_of_what_was_stopped_while_it_went_on() {
    let desk = Desk::with(one_by_one()).await;
    desk.store.put("a.bin", &noise(LARGE)).await;
    let id = broken_off(&desk, "a.bin", 3 * MIB).await;
    let hold = Hold::new();
    desk.rule(Rule::new(Fault::Hold(hold.clone())).on(Operation::GetObject));
    desk.transfers.retry(&[id]).await;
    hold.reached(1).await;
    desk.transfers.cancel(&[id]).await;
    assert!(matches!(desk.settled(id).await.state, State::Stopped));
    assert_eq!(desk.saved(), Vec::<String>::new());
    hold.release();
}

#[tokio::test]
async fn an_answered_question_does_not_fetch_the_file_again() {
    let desk = Desk::new().await;
    let bytes = noise(LARGE);
    desk.store.put("a.bin", &bytes).await;
    let hold = Hold::new();
    desk.rule(Rule::new(Fault::Hold(hold.clone())).on(Operation::GetObject).after(1));
    let id = desk.transfers.download(vec![desk.saving("a.bin", OnConflict::Ask)]).await[0];
    hold.reached(1).await;
    desk.file("down/a.bin", b"meanwhile");
    hold.release();
    assert_eq!(needs_you(&desk.settled(id).await).0, Code::NameTaken);
    desk.store.forget_requests();
    desk.transfers.decide(&[id], OnConflict::KeepBoth).await;
    let path = done(&desk.settled(id).await).path.clone();
    assert_eq!(desk.count(Operation::GetObject), 0);
    assert_eq!(path, desk.path("down/a (2).bin"));
    assert!(std::fs::read(path).unwrap() == bytes);
    assert_eq!(desk.saved(), ["a (2).bin", "a.bin"]);
}

#[tokio::test]
async fn a_line_that_went_quiet_is_asked_again_for_the_rest() {
    for size in [3 * MIB, LARGE] {
        let mut desk = Desk::with(one_by_one()).await;
        let (place, key) = (desk.store.place(), desk.store.key());
        desk.storage = Storage::open_timed(&place, &key, Timings::scaled(50)).await.unwrap();
        let bytes = noise(size);
        desk.store.put("a.bin", &bytes).await;
        let (body, answer) = (Hold::new(), Hold::new());
        desk.rule(Rule::new(Fault::StallReply { after: MIB as u64, hold: body.clone() }).on(Operation::GetObject));
        desk.rule(Rule::new(Fault::Hold(answer.clone())).on(Operation::GetObject).after(1));
        let transfer = desk.download("a.bin", OnConflict::Ask).await;
        assert!(std::fs::read(&done(&transfer).path).unwrap() == bytes);
        let gets = desk.store.practice.requests().of(Operation::GetObject);
        let second = gets[1].header("range").unwrap();
        assert!(second.starts_with("bytes=1048576-"), "{second}");
        assert_eq!(gets[1].header("range"), gets[2].header("range"));
        body.release();
        answer.release();
    }
}

#[tokio::test]
async fn room_is_needed_only_for_what_is_missing() {
    static FREE: AtomicU64 = AtomicU64::new(u64::MAX);
    let desk = Desk::with(Limits { free_space: |_| Ok(FREE.load(Ordering::Relaxed)), ..one_by_one() }).await;
    let bytes = noise(LARGE);
    desk.store.put("a.bin", &bytes).await;
    let missing = (LARGE - 3 * MIB) as u64;
    let id = broken_off(&desk, "a.bin", 3 * MIB).await;
    FREE.store(missing, Ordering::Relaxed);
    std::fs::remove_file(again(&desk, id).await).unwrap();
    FREE.store(u64::MAX, Ordering::Relaxed);
    let id = broken_off(&desk, "a.bin", 3 * MIB).await;
    FREE.store(missing - 1, Ordering::Relaxed);
    desk.transfers.retry(&[id]).await;
    let transfer = desk.settled(id).await;
    assert_eq!(needs_you(&transfer).0, Code::DiskFull);
    let State::NeedsYou(error, None) = &transfer.state else { panic!("{:?}", transfer.state) };
    assert_eq!(error.advice().sentence, "“a.bin” needs 21.0 MB; 17.8 MB is free on “down”.");
    // A hidden file must not fill a disk.
    assert_eq!(desk.saved(), Vec::<String>::new());
}
