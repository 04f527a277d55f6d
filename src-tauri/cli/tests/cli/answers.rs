//! JSON is a contract: its shapes, field by field. What differs from run to run is replaced by words.

use insta::assert_snapshot;
use serde_json::Value;

use crate::store::Store;
use crate::support::{Ran, Satchel};

async fn with_a_file() -> (Store, Satchel) {
    let store = Store::start().await;
    let satchel = store.satchel();
    satchel.file("a.pdf", b"content");
    (store, satchel)
}

/// The document with everything replaced that no two runs share.
#[track_caller]
fn shape(ran: &Ran, satchel: &Satchel) -> String {
    let mut document = ran.json();
    replace(&mut document, satchel.home().to_str().unwrap());
    serde_json::to_string_pretty(&document).unwrap()
}

fn replace(value: &mut Value, home: &str) {
    match value {
        Value::Object(fields) => {
            for (name, field) in fields {
                match (name.as_str(), &field) {
                    ("id", Value::String(id)) if id.len() >= 32 => *field = "<id>".into(),
                    ("changed" | "expiresAt", Value::String(_)) => *field = "<time>".into(),
                    ("seconds", Value::Number(_)) => *field = "<seconds>".into(),
                    ("etag", Value::String(_)) => *field = "<etag>".into(),
                    ("url", Value::String(_)) => *field = "<link>".into(),
                    ("endpointUrl", Value::String(_)) => *field = "<address>".into(),
                    ("detail", Value::String(detail)) => *field = detail.lines().next().unwrap_or_default().into(),
                    _ => replace(field, home),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| replace(item, home)),
        Value::String(text) => *text = text.replace(home, "<home>"),
        _ => {}
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn put_says_what_was_done_and_what_was_not() {
    let (_store, satchel) = with_a_file().await;
    let ran = satchel.run(["put", "a.pdf", "missing.pdf", "--to", "press", "--link", "--json"]).await.exits(3);
    assert_snapshot!(shape(&ran, &satchel), @r##"
    {
      "done": [
        {
          "checksum": {
            "algorithm": "CRC64NVME",
            "value": "lhVdXyVQTGE="
          },
          "name": "press/a.pdf",
          "path": "a.pdf",
          "seconds": "<seconds>",
          "size": 7
        }
      ],
      "failed": [
        {
          "code": "fileMissing",
          "path": "missing.pdf",
          "sentence": "“missing.pdf” was moved or its disk was removed.",
          "title": "The file is no longer there"
        }
      ],
      "links": [
        {
          "endsBecause": "chosen",
          "expiresAt": "<time>",
          "id": "<id>",
          "name": "press/a.pdf",
          "stoppable": false,
          "tested": true,
          "url": "<link>"
        }
      ],
      "skipped": []
    }
    "##);
}

#[tokio::test(flavor = "multi_thread")]
async fn ls_says_what_is_there() {
    let (_store, satchel) = with_a_file().await;
    satchel.file("press/b.pdf", b"b");
    satchel.run(["put", "a.pdf", "press"]).await.ok();
    let ran = satchel.run(["ls", "--json"]).await.ok();
    assert_snapshot!(shape(&ran, &satchel), @r##"
    {
      "complete": true,
      "files": [
        {
          "changed": "<time>",
          "etag": "<etag>",
          "name": "a.pdf",
          "size": 7
        }
      ],
      "folder": "",
      "folders": [
        {
          "name": "press/"
        }
      ]
    }
    "##);
}

#[tokio::test(flavor = "multi_thread")]
async fn get_says_what_was_saved_and_what_was_skipped() {
    let (_store, satchel) = with_a_file().await;
    satchel.file("b.pdf", b"b");
    satchel.run(["put", "a.pdf", "b.pdf"]).await.ok();
    satchel.file("back/b.pdf", b"mine");
    let ran = satchel.run(["get", "a.pdf", "b.pdf", "--to", "back", "--conflict", "skip", "--json"]).await.ok();
    assert_snapshot!(shape(&ran, &satchel), @r##"
    {
      "done": [
        {
          "checksum": {
            "algorithm": "CRC64NVME",
            "value": "lhVdXyVQTGE="
          },
          "name": "a.pdf",
          "path": "back/a.pdf",
          "seconds": "<seconds>",
          "size": 7
        }
      ],
      "failed": [],
      "skipped": [
        {
          "name": "b.pdf",
          "path": "back/b.pdf"
        }
      ]
    }
    "##);
}

#[tokio::test(flavor = "multi_thread")]
async fn link_says_the_link_and_its_end() {
    let (_store, satchel) = with_a_file().await;
    satchel.run(["put", "a.pdf"]).await.ok();
    let ran = satchel.run(["link", "a.pdf", "--expires", "1h", "--json"]).await.ok();
    assert_snapshot!(shape(&ran, &satchel), @r##"
    {
      "links": [
        {
          "endsBecause": "chosen",
          "expiresAt": "<time>",
          "id": "<id>",
          "name": "a.pdf",
          "stoppable": false,
          "tested": true,
          "url": "<link>"
        }
      ]
    }
    "##);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failure_says_code_title_sentence_action_and_detail() {
    let (_store, satchel) = with_a_file().await;
    let ran = satchel.run(["link", "missing.pdf", "--json"]).await.exits(4);
    assert_snapshot!(shape(&ran, &satchel), @r##"
    {
      "error": {
        "action": "refresh",
        "code": "fileGone",
        "detail": "NoSuchKey · presigned GetObject · HTTP 404",
        "sentence": "Someone moved, renamed or deleted “missing.pdf”.",
        "title": "This file is no longer there"
      }
    }
    "##);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_is_told_title_sentence_and_the_next_step() {
    let (_store, satchel) = with_a_file().await;
    let ran = satchel.run(["link", "missing.pdf"]).await.exits(4);
    assert_eq!(ran.text(), "");
    assert_snapshot!(ran.stderr, @r##"
    This file is no longer there. Someone moved, renamed or deleted “missing.pdf”.
    Next: See with `satchel ls` what is there.
    "##);
}
