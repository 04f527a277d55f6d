//! A ledger that was torn: the program starts all the same, and what could not be read is kept.

use satchel_core::ledger::Ledger;
use std::path::Path;

const FILE: &str = "ledger.sqlite";

async fn a_ledger_in_use(folder: &Path) -> Ledger {
    let ledger = Ledger::open(folder).await.unwrap();
    for number in 0..50 {
        ledger.set_setting(&format!("name {number}"), &"value".repeat(40)).await.unwrap();
    }
    ledger
}

/// Where a file is cut: in its head, and at and within every step.
fn cuts(length: usize, step: usize) -> Vec<usize> {
    let steps = (0..=length / step).flat_map(|number| [number * step, number * step + step / 2]);
    let mut cuts: Vec<usize> = (0..40).chain(steps).filter(|cut| *cut < length).collect();
    cuts.sort_unstable();
    cuts.dedup();
    cuts
}

async fn starts_with(file: &[u8], log: &[u8], what: &str) -> bool {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join(FILE), file).unwrap();
    if !log.is_empty() {
        std::fs::write(folder.path().join("ledger.sqlite-wal"), log).unwrap();
    }
    for start in 1..=2 {
        let ledger =
            Ledger::open(folder.path()).await.unwrap_or_else(|error| panic!("{what}, start {start}: {error:?}"));
        ledger.set_setting("still", "works").await.unwrap_or_else(|error| panic!("{what}: {error:?}"));
        assert_eq!(ledger.setting("still").await.unwrap().as_deref(), Some("works"), "{what}");
    }
    let kept = std::fs::read_dir(folder.path()).unwrap();
    let aside = kept.filter(|entry| entry.as_ref().unwrap().file_name().to_string_lossy().contains("damaged")).count();
    aside > 0
}

#[tokio::test]
async fn f04_a_ledger_cut_anywhere_never_keeps_the_program_from_starting() {
    let folder = tempfile::tempdir().unwrap();
    let ledger = a_ledger_in_use(folder.path()).await;
    // As a crash leaves them: the log beside the file is still needed.
    let log = std::fs::read(folder.path().join("ledger.sqlite-wal")).unwrap();
    let file = std::fs::read(folder.path().join(FILE)).unwrap();
    drop(ledger);
    let rested = std::fs::read(folder.path().join(FILE)).unwrap();
    for cut in cuts(rested.len(), 4096) {
        starts_with(&rested[..cut], &[], &format!("cut at {cut}")).await;
    }
    for cut in cuts(log.len(), 16_384) {
        starts_with(&file, &log[..cut], &format!("its log cut at {cut}")).await;
    }
    assert!(!starts_with(&file, &log, "whole").await, "what is whole stays in its place");
}

#[tokio::test]
async fn f04_a_ledger_full_of_nothing_is_kept_aside() {
    let folder = tempfile::tempdir().unwrap();
    drop(a_ledger_in_use(folder.path()).await);
    let file = std::fs::read(folder.path().join(FILE)).unwrap();
    let zeros = vec![0; file.len()];
    assert!(starts_with(&zeros, &[], "zeros").await, "zeros are kept aside");
    let torn: Vec<u8> = file.iter().enumerate().map(|(at, byte)| if at % 512 == 7 { !byte } else { *byte }).collect();
    assert!(starts_with(&torn, &[], "torn").await, "what is torn is kept aside");
    let mut second_half = file.clone();
    second_half[4096..].fill(0);
    assert!(starts_with(&second_half, &[], "half zeros").await, "half of it is kept aside");
}
