//! Stopping and going away: quickly, quietly, and leaving nothing behind.

use std::process::Stdio;
use std::time::{Duration, Instant};

use tokio::io::{AsyncBufReadExt, BufReader};

use crate::store::Store;
use crate::support::{bytes, finished, signal};

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn an_upload_that_is_stopped_ends_within_a_second_and_is_not_there() {
    let store = Store::start().await;
    let satchel = store.satchel();
    satchel.file("large.bin", &bytes(20 * 1024 * 1024));
    let hold = store.hold_uploads();
    let child = satchel.command(["put", "large.bin", "--json"]).spawn().unwrap();
    hold.reached(1).await;
    let asked = Instant::now();
    signal(&child, "INT").await;
    let ran = finished(child).await.exits(130);
    assert!(asked.elapsed() < Duration::from_millis(1500), "it took {:?}", asked.elapsed());
    assert_eq!(ran.json()["failed"][0]["code"], "cancelled");
    hold.release();
    assert_eq!(satchel.run(["ls"]).await.ok().text(), "");
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn a_download_that_is_stopped_leaves_no_half_file() {
    let store = Store::start().await;
    let satchel = store.satchel();
    satchel.file("large.bin", &bytes(4 * 1024 * 1024));
    satchel.run(["put", "large.bin"]).await.ok();
    // Less than what is gathered before it is written: there is nothing yet to go on with.
    let hold = store.hold_downloads(512 * 1024);
    let child = satchel.command(["get", "large.bin", "--to", "back"]).spawn().unwrap();
    hold.reached(1).await;
    signal(&child, "TERM").await;
    let ran = finished(child).await.exits(130);
    assert_eq!(ran.text(), "");
    assert!(ran.stderr.starts_with("Stopped."), "{}", ran.stderr);
    let left: Vec<_> = std::fs::read_dir(satchel.home().join("back")).into_iter().flatten().collect();
    assert!(left.is_empty(), "{left:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_that_goes_away_is_no_trouble() {
    let store = Store::start().await;
    store.add_many("many/", 2000).await;
    let satchel = store.satchel();
    let mut child = satchel.command(["ls", "--recursive"]).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    assert!(lines.next_line().await.unwrap().is_some());
    drop(lines);
    let ran = finished(child).await.ok();
    assert_eq!(ran.stderr, "");
}

#[tokio::test(flavor = "multi_thread")]
async fn progress_is_json_if_wished_and_nothing_where_nobody_looks() {
    let store = Store::start().await;
    let satchel = store.satchel();
    satchel.file("a.bin", &bytes(3_000_000));
    let quiet = satchel.run(["put", "a.bin"]).await.ok();
    assert_eq!(quiet.stderr, "");
    let told = satchel.run(["put", "a.bin", "--to", "again", "--progress", "json", "--json"]).await.ok();
    let last: serde_json::Value = serde_json::from_str(told.stderr.lines().last().unwrap()).unwrap();
    let progress = &last["progress"];
    assert_eq!((progress["finished"].as_u64(), progress["doneBytes"].as_u64()), (Some(1), Some(3_000_000)));
    assert_eq!(told.json()["done"][0]["size"], 3_000_000);
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn a_secret_that_nobody_types_is_not_waited_for_after_a_stop() {
    let store = Store::start().await;
    let mut satchel = store.satchel();
    satchel.forget("AWS_ACCESS_KEY_ID");
    satchel.forget("AWS_SECRET_ACCESS_KEY");
    let mut child = satchel.command(["places", "add", "--key-id", "AK"]).stdin(Stdio::piped()).spawn().unwrap();
    let _nothing_is_typed = child.stdin.take();
    let mut stderr = BufReader::new(child.stderr.take().unwrap());
    let mut said = String::new();
    stderr.read_line(&mut said).await.unwrap();
    assert!(said.contains("secret key"), "{said}");
    let asked = Instant::now();
    signal(&child, "INT").await;
    finished(child).await.exits(130);
    assert!(asked.elapsed() < Duration::from_millis(1500), "it took {:?}", asked.elapsed());
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn links_that_were_made_before_a_stop_are_handed_over() {
    let store = Store::start().await;
    let satchel = store.satchel();
    for name in ["a.txt", "b.txt", "c.txt"] {
        satchel.file(name, b"content");
    }
    satchel.run(["put", "a.txt", "b.txt", "c.txt"]).await.ok();
    let hold = store.hold_downloads_after(1);
    let child = satchel.command(["link", "a.txt", "b.txt", "c.txt", "--json"]).spawn().unwrap();
    hold.reached(1).await;
    signal(&child, "INT").await;
    let ran = finished(child).await.exits(130).json();
    assert_eq!(ran["links"][0]["name"], "a.txt");
    let stopped: Vec<_> = ran["failed"].as_array().unwrap().iter().map(|failed| failed["code"].as_str()).collect();
    assert_eq!(stopped, [Some("cancelled"), Some("cancelled")]);
    hold.release();
}
