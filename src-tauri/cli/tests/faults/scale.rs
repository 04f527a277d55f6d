//! Very many files: memory stays small, and a stop acts at once. `SATCHEL_SOAK_FILES` says how many.

#![allow(clippy::print_stderr, reason = "the figures are what the long run is for")]

use satchel_practice::{Fault, Hold, Operation, Rule};
use std::time::{Duration, Instant};
use tokio::process::Child;

use crate::office::Office;
use crate::support::{finished, signal};

const USUAL_FILES: u64 = 2000;
const MOST_MEMORY_KIB: u64 = 400 * 1024;

fn files() -> u64 {
    std::env::var("SATCHEL_SOAK_FILES").ok().map_or(USUAL_FILES, |text| text.parse().unwrap())
}

/// The most memory that a process has ever held.
fn peak_kib(child: &Child) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", child.id().unwrap())).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}

fn stopped_in_time(by: &str, asked: Instant) {
    eprintln!("stopped by {by} in {:?}", asked.elapsed());
    // A second, and what a loaded machine takes to end a process.
    assert!(asked.elapsed() < Duration::from_millis(1300), "{:?}", asked.elapsed());
}

#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
async fn f40_very_many_files_need_little_memory_and_stop_at_once() {
    let office = Office::open(40).await;
    let files = files();
    for number in 0..files {
        office.satchel.file(format!("many/{:03}/{number}.txt", number / 1000), number.to_string().as_bytes());
    }
    let hold = Hold::new();
    let rule = Rule::new(Fault::Hold(hold.clone())).on(Operation::PutObject);
    office.rule(rule.after(files - files / 10).always());
    let begun = Instant::now();
    let child = office.start(&["put", "many"]);
    // All of them are queued by now, and most of them have gone.
    let patience = Duration::from_secs(60 + files / 25);
    tokio::time::timeout(patience, hold.reached(1)).await.expect("most of them go");
    let peak = peak_kib(&child);
    eprintln!("{files} files, nine of ten stored in {:?}, {peak} KiB at most", begun.elapsed());
    assert!(peak < MOST_MEMORY_KIB, "{peak} KiB");
    let asked = Instant::now();
    signal(&child, "INT").await;
    finished(child).await.exits(130);
    stopped_in_time("Ctrl+C", asked);

    // What is left goes on, and is given up from elsewhere.
    office.practice.faults().clear();
    hold.release();
    let hold = Hold::new();
    office.rule(Rule::new(Fault::Hold(hold.clone())).on(Operation::PutObject).always());
    let child = office.start(&["transfers", "resume"]);
    tokio::time::timeout(patience, hold.reached(1)).await.expect("it goes on");
    let asked = Instant::now();
    let cancel = office.start(&["transfers", "cancel", "--all", "--quiet"]);
    finished(child).await.exits(130);
    eprintln!("{} left, given up from elsewhere: gone after {:?}", files / 10, asked.elapsed());
    let cancelled = finished(cancel).await;
    assert!([0, 3].contains(&cancelled.code), "{cancelled:?}");
    eprintln!("and told after {:?}", asked.elapsed());
    assert!(office.left().await.is_empty(), "nothing goes on by itself");
    office.assert_no_leftovers().await;

    office.practice.faults().clear();
    hold.release();
    let begun = Instant::now();
    let again = office.start(&["put", "many", "--conflict", "skip"]).wait_with_output();
    let again = tokio::time::timeout(patience, again).await.expect("the rest goes").unwrap();
    assert!(again.status.success(), "{}", String::from_utf8_lossy(&again.stderr));
    eprintln!("all again, leaving out what is there: {:?}", begun.elapsed());
    assert_eq!(office.practice.keys("").await.unwrap().len() as u64, files);
    office.assert_no_leftovers().await;
    assert!(office.left().await.is_empty());
}
