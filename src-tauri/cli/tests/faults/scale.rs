//! Very many files: memory stays small, and a stop acts at once. `SATCHEL_SOAK_FILES` says how many.

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
    let child = office.start(&["put", "many"]);
    // All of them are queued by now, and most of them have gone.
    let patience = Duration::from_secs(60 + files / 25);
    tokio::time::timeout(patience, hold.reached(1)).await.expect("most of them go");
    let peak = peak_kib(&child);
    eprintln!("{files} files, {peak} KiB at most");
    assert!(peak < MOST_MEMORY_KIB, "{peak} KiB");
    let asked = Instant::now();
    signal(&child, "INT").await;
    finished(child).await.exits(130);
    assert!(asked.elapsed() < Duration::from_millis(1300), "{:?}", asked.elapsed());
    office.practice.faults().clear();
    hold.release();
    let again = office.start(&["put", "many", "--conflict", "skip"]).wait_with_output();
    let again = tokio::time::timeout(patience, again).await.expect("the rest goes").unwrap();
    assert!(again.status.success(), "{}", String::from_utf8_lossy(&again.stderr));
    assert_eq!(office.practice.keys("").await.unwrap().len() as u64, files);
    office.assert_no_leftovers().await;
    assert!(office.left().await.is_empty());
}
