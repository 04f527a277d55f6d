//! `satchel practice`: a store to try everything on, for as long as it runs.

use std::path::PathBuf;

use serde_json::Value;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::Child;

use crate::support::{Satchel, finished, signal};

/// Starts it and waits for its line.
async fn start(satchel: &Satchel, words: &[&str]) -> (Child, Value) {
    let mut child = satchel.command(["practice", "--json"].iter().chain(words)).spawn().unwrap();
    let mut stdout = BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    stdout.read_line(&mut line).await.unwrap();
    child.stdout = Some(stdout.into_inner());
    (child, serde_json::from_str(&line).unwrap())
}

fn text(line: &Value, field: &str) -> String {
    line[field].as_str().unwrap().to_owned()
}

/// A person who was told how to reach it.
fn visitor(line: &Value) -> Satchel {
    Satchel::with(
        &text(line, "endpoint"),
        &text(line, "bucket"),
        &text(line, "accessKeyId"),
        &text(line, "secretAccessKey"),
    )
}

async fn stop(child: Child) {
    signal(&child, "TERM").await;
    finished(child).await.exits(130);
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn it_says_how_to_reach_it_works_and_stops_when_asked() {
    let satchel = Satchel::alone();
    let (child, line) = start(&satchel, &[]).await;
    assert!(!text(&line, "region").is_empty());
    let visitor = visitor(&line);
    assert!(!visitor.run(["ls"]).await.ok().text().is_empty(), "there are no samples");
    visitor.file("mine.txt", b"mine");
    let link = visitor.run(["put", "mine.txt", "--link"]).await.ok();
    assert_eq!(crate::support::fetch(link.text().trim_end()).await.body, b"mine");
    stop(child).await;
    visitor.run(["ls"]).await.exits(6);
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn its_folder_goes_with_it_unless_it_was_named_or_shall_be_kept() {
    let mut satchel = Satchel::alone();
    let temporary = satchel.home().join("tmp");
    std::fs::create_dir(&temporary).unwrap();
    satchel.environment("TMPDIR", &temporary);
    let left =
        || -> Vec<PathBuf> { std::fs::read_dir(&temporary).unwrap().map(|entry| entry.unwrap().path()).collect() };
    let (child, _) = start(&satchel, &[]).await;
    assert_eq!(left().len(), 1);
    stop(child).await;
    assert!(left().is_empty(), "{:?}", left());
    let (child, _) = start(&satchel, &["--keep"]).await;
    stop(child).await;
    assert_eq!(left().len(), 1);
    let (child, line) = start(&satchel, &["--dir", "mine"]).await;
    let person = visitor(&line);
    person.file("kept.txt", b"kept");
    person.run(["put", "kept.txt"]).await.ok();
    stop(child).await;
    let (child, line) = start(&satchel, &["--dir", "mine"]).await;
    assert!(visitor(&line).run(["ls"]).await.ok().lines().contains(&"kept.txt".to_owned()));
    stop(child).await;
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn it_takes_the_port_that_it_is_given_and_says_when_it_cannot() {
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let satchel = Satchel::alone();
    let (child, line) = start(&satchel, &["--port", &port.to_string()]).await;
    assert_eq!(text(&line, "endpoint"), format!("http://127.0.0.1:{port}"));
    let refused = satchel.run(["practice", "--port", &port.to_string(), "--json"]).await.exits(1);
    assert_eq!(refused.error_code(), "practiceUnavailable");
    stop(child).await;
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn a_person_gets_a_readable_block() {
    let satchel = Satchel::alone();
    let mut child = satchel.command(["practice"]).spawn().unwrap();
    let mut stdout = BufReader::new(child.stdout.take().unwrap());
    let mut block = String::new();
    while !block.contains("us-east-1") {
        assert_ne!(stdout.read_line(&mut block).await.unwrap(), 0, "{block}");
    }
    assert!(block.contains("http://127.0.0.1:"), "{block}");
    stop(child).await;
}
