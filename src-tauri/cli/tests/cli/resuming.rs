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
    store.practice.requests().clear();
    let faults = store.practice.faults();
    for part in [3, 4] {
        faults.add(Rule::new(Fault::Hold(hold.clone())).on(Operation::UploadPart).part(part).always());
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
async fn an_upload_whose_keys_are_gone_is_said_and_goes_on_once_they_are_there() {
    let store = Store::start().await;
    let satchel = store.satchel();
    let (mut child, hold) = half_way(&store, &satchel).await;
    child.kill().await.unwrap();
    hold.release();
    let mut without = satchel.command(["transfers", "resume"]);
    without.env_remove("AWS_ACCESS_KEY_ID").env_remove("AWS_SECRET_ACCESS_KEY");
    let ran = finished(without.spawn().unwrap()).await.exits(5);
    assert!(!ran.stderr.is_empty(), "it says why");
    satchel.run(["transfers", "resume"]).await.ok();
    store.no_upload_is_left().await;
    assert_eq!(satchel.run(["transfers"]).await.ok().text(), "");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_that_another_process_has_is_not_sent_a_second_time() {
    let store = Store::start().await;
    let satchel = store.satchel();
    let (child, hold) = half_way(&store, &satchel).await;
    let id = only_id(&satchel).await;
    satchel.run(["transfers", "resume"]).await.ok();
    let told = satchel.run(["transfers", "resume", &id]).await.ok();
    assert_eq!(told.stderr, format!("{id}: goes on.\n"));
    hold.release();
    finished(child).await.ok();
    is_whole(&store).await;
}

async fn only_id(satchel: &Satchel) -> String {
    let listed = satchel.run(["transfers", "list", "--json"]).await.ok().json();
    assert_eq!(listed["transfers"].as_array().unwrap().len(), 1, "{listed}");
    listed["transfers"][0]["id"].to_string()
}

async fn state(satchel: &Satchel) -> (String, bool) {
    let listed = satchel.run(["transfers", "list", "--json"]).await.ok().json();
    let one = &listed["transfers"][0];
    (one["state"].as_str().unwrap().to_owned(), one["running"].as_bool().unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_that_another_process_has_rests_and_goes_on_there_when_it_is_told_to() {
    let store = Store::start().await;
    let satchel = store.satchel();
    let (child, hold) = half_way(&store, &satchel).await;
    let id = only_id(&satchel).await;
    for (pause, resume) in [([&id], [&id]), ([&"--all".to_owned()], [&"--all".to_owned()])] {
        let paused = satchel.run(["transfers", "pause", pause[0]]).await.ok();
        assert_eq!(paused.stderr, format!("{id}: paused.\n"));
        assert_eq!(state(&satchel).await, ("paused".to_owned(), true), "it rests where it is");
        let resumed = satchel.run(["transfers", "resume", resume[0]]).await.ok();
        assert_eq!(resumed.stderr, format!("{id}: goes on.\n"));
        assert_eq!(state(&satchel).await, ("waiting".to_owned(), true));
    }
    store.practice.faults().clear();
    hold.release();
    finished(child).await.ok();
    assert!(store.practice.content("large.bin").await.unwrap().unwrap() == bytes(SIZE));
    assert_eq!(count(&store, Operation::CreateMultipartUpload), 1);
    store.no_upload_is_left().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_that_another_process_has_is_stopped_there_and_leaves_nothing() {
    let store = Store::start().await;
    let satchel = store.satchel();
    for every in [false, true] {
        let (child, hold) = half_way(&store, &satchel).await;
        let id = only_id(&satchel).await;
        let which = if every { "--all" } else { &id };
        let ran = satchel.run(["transfers", "cancel", which, "--json"]).await.ok().json();
        assert_eq!(ran["changed"], serde_json::json!([{ "id": id.parse::<u64>().unwrap(), "state": "stopped" }]));
        finished(child).await.exits(130);
        store.practice.faults().clear();
        hold.release();
        store.no_upload_is_left().await;
        assert_eq!(satchel.run(["ls"]).await.ok().text(), "");
        assert_eq!(satchel.run(["transfers"]).await.ok().text(), "");
        satchel.run(["transfers", "cancel", &id]).await.exits(4);
    }
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn a_process_that_does_not_answer_is_said_to_and_obeys_once_it_can() {
    let store = Store::start().await;
    let satchel = store.satchel();
    let (child, hold) = half_way(&store, &satchel).await;
    let id = only_id(&satchel).await;
    signal(&child, "STOP").await;
    let ran = satchel.run(["transfers", "cancel", &id]).await.exits(1);
    assert!(ran.stderr.starts_with(&format!("{id}: the Satchel that has it has not answered")), "{}", ran.stderr);
    signal(&child, "CONT").await;
    finished(child).await.exits(130);
    hold.release();
    store.no_upload_is_left().await;
    assert_eq!(satchel.run(["transfers"]).await.ok().text(), "");
}
