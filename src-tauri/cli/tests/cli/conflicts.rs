//! Names that are taken: nothing is replaced unasked, in either direction.

use crate::store::Store;
use crate::support::Satchel;

async fn with_a_taken_name() -> (Store, Satchel) {
    let store = Store::start().await;
    let satchel = store.satchel();
    satchel.file("a.txt", b"old");
    satchel.run(["put", "a.txt"]).await.ok();
    satchel.file("a.txt", b"new");
    (store, satchel)
}

async fn stored(satchel: &Satchel, name: &str) -> Vec<u8> {
    satchel.run(["get", name, "--to", "stored", "--conflict", "replace"]).await.ok();
    satchel.read(format!("stored/{name}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_taken_name_stops_an_upload_unless_something_else_is_wished() {
    let (_store, satchel) = with_a_taken_name().await;
    let refused = satchel.run(["put", "a.txt", "--json"]).await.exits(1);
    assert_eq!(refused.json()["failed"][0]["code"], "nameTaken");
    assert_eq!(refused.error_code(), "nameTaken");
    assert_eq!(stored(&satchel, "a.txt").await, b"old");
}

#[tokio::test(flavor = "multi_thread")]
async fn both_are_kept_replaced_or_skipped_as_wished() {
    let (_store, satchel) = with_a_taken_name().await;
    let kept = satchel.run(["put", "a.txt", "--conflict", "keep-both"]).await.ok();
    assert_eq!(kept.text(), "a (2).txt\n");
    assert_eq!(
        (stored(&satchel, "a.txt").await, stored(&satchel, "a (2).txt").await),
        (b"old".to_vec(), b"new".to_vec())
    );
    let skipped = satchel.run(["put", "a.txt", "--conflict", "skip", "--json"]).await.ok().json();
    assert_eq!((skipped["done"].as_array().unwrap().len(), skipped["skipped"][0]["name"].as_str()), (0, Some("a.txt")));
    assert_eq!(stored(&satchel, "a.txt").await, b"old");
    satchel.run(["put", "a.txt", "--conflict", "replace"]).await.ok();
    assert_eq!(stored(&satchel, "a.txt").await, b"new");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_taken_local_name_is_treated_the_same() {
    let (_store, satchel) = with_a_taken_name().await;
    let refused = satchel.run(["get", "a.txt", "--json"]).await.exits(1);
    assert_eq!(refused.error_code(), "nameTaken");
    assert_eq!(satchel.read("a.txt"), b"new");
    satchel.run(["get", "a.txt", "--conflict", "skip"]).await.ok();
    assert_eq!(satchel.read("a.txt"), b"new");
    let kept = satchel.run(["get", "a.txt", "--conflict", "keep-both"]).await.ok();
    assert_eq!(satchel.read(kept.text().trim_end()), b"old");
    assert_eq!(satchel.read("a.txt"), b"new");
    satchel.run(["get", "a.txt", "--conflict", "replace"]).await.ok();
    assert_eq!(satchel.read("a.txt"), b"old");
}

#[tokio::test(flavor = "multi_thread")]
async fn some_done_and_some_not_is_partial_and_each_is_named() {
    let (_store, satchel) = with_a_taken_name().await;
    satchel.file("b.txt", b"b");
    let put = satchel.run(["put", "a.txt", "b.txt", "missing.txt"]).await.exits(3);
    assert_eq!(put.text(), "b.txt\n");
    assert!(put.stderr.contains("a.txt: This name is already used."), "{}", put.stderr);
    assert!(put.stderr.contains("missing.txt: The file is no longer there."), "{}", put.stderr);
    let got = satchel.run(["get", "b.txt", "gone.txt", "--to", "back", "--json"]).await.exits(3).json();
    assert_eq!((got["done"][0]["name"].as_str(), got["failed"][0]["code"].as_str()), (Some("b.txt"), Some("fileGone")));
    assert!(got.get("error").is_none());
}
