//! Interrupted and gone on with: what was sent is not sent again, whatever ended the process.

use crate::store::Store;
use crate::support::{Satchel, bytes, finished, signal};
use satchel_practice::{Fault, Hold, Operation, Rule};
use tokio::process::Child;

/// Sent in four parts.
const SIZE: usize = 30 * 1024 * 1024;

/// Begins an upload whose first two parts arrive and whose others wait at the gate.
async fn half_way(store: &Store, satchel: &Satchel) -> (Child, Hold) {
    satchel.file("large.bin", &bytes(SIZE));
    let hold = Hold::new();
    let faults = store.practice.faults();
    for part in [3, 4] {
        faults.add(Rule::new(Fault::Hold(hold.clone())).on(Operation::UploadPart).part(part));
    }
    let child = satchel.command(["put", "large.bin"]).spawn().unwrap();
    hold.reached(2).await;
    let parts = store.practice.requests();
    parts
        .wait_until(|all| all.iter().filter(|one| one.operation == Operation::UploadPart && one.finished).count() == 2)
        .await;
    (child, hold)
}

fn count(store: &Store, operation: Operation) -> usize {
    store.practice.requests().count(operation)
}

async fn is_whole(store: &Store) {
    assert!(store.practice.content("large.bin").await.unwrap().unwrap() == bytes(SIZE), "other bytes arrived");
    assert_eq!(store.practice.unfinished_uploads().await.unwrap(), []);
    assert_eq!(count(store, Operation::CreateMultipartUpload), 1, "the upload was begun once");
    assert!(count(store, Operation::UploadPart) <= 6, "only what was under way was sent again");
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn a_stopped_upload_goes_on_when_the_same_is_asked_again() {
    let store = Store::start().await;
    let satchel = store.satchel();
    let (child, hold) = half_way(&store, &satchel).await;
    signal(&child, "INT").await;
    finished(child).await.exits(130);
    let listed = satchel.run(["transfers", "list", "--json"]).await.ok().json();
    assert_eq!(listed["transfers"][0]["name"], "large.bin");
    assert_eq!(
        (&listed["transfers"][0]["state"], &listed["transfers"][0]["running"]),
        (&"paused".into(), &false.into())
    );
    hold.release();
    satchel.run(["put", "large.bin"]).await.ok();
    is_whole(&store).await;
    assert_eq!(satchel.run(["transfers"]).await.ok().text(), "");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_upload_is_known_and_goes_on() {
    let store = Store::start().await;
    let satchel = store.satchel();
    let (mut child, hold) = half_way(&store, &satchel).await;
    let under_way = satchel.run(["transfers", "list", "--json"]).await.ok().json();
    assert_eq!(under_way["transfers"][0]["running"], true);
    child.kill().await.unwrap();
    let listed = satchel.run(["transfers"]).await.ok().text();
    assert!(listed.contains("interrupted") && listed.contains("large.bin"), "{listed}");
    hold.release();
    satchel.run(["transfers", "resume"]).await.ok();
    is_whole(&store).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_interrupted_upload_that_nobody_wants_leaves_nothing_at_the_store() {
    let store = Store::start().await;
    let satchel = store.satchel();
    let (mut child, hold) = half_way(&store, &satchel).await;
    child.kill().await.unwrap();
    hold.release();
    let listed = satchel.run(["transfers", "list", "--json"]).await.ok().json();
    let id = listed["transfers"][0]["id"].to_string();
    satchel.run(["transfers", "cancel", &id]).await.ok();
    store.no_upload_is_left().await;
    assert_eq!(satchel.run(["transfers"]).await.ok().text(), "");
    satchel.run(["transfers", "cancel", &id]).await.exits(4);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_that_another_process_has_is_left_to_it() {
    let store = Store::start().await;
    let satchel = store.satchel();
    let (child, hold) = half_way(&store, &satchel).await;
    let listed = satchel.run(["transfers", "list", "--json"]).await.ok().json();
    let id = listed["transfers"][0]["id"].to_string();
    satchel.run(["transfers", "cancel", &id]).await.exits(4);
    satchel.run(["transfers", "resume"]).await.ok();
    hold.release();
    finished(child).await.ok();
    is_whole(&store).await;
}
