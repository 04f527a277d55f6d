//! Files of this computer, shared: one link, to one file or a page of several; and that no link lacks a file.

use satchel_practice::{Fault, Hold, Operation, Rule};

use crate::store::Store;
use crate::support::{Satchel, addresses_of_page, bytes, fetch, finished, saved_as, signal};

fn puts(store: &Store, end: &str) -> usize {
    store.practice.requests().of(Operation::PutObject).iter().filter(|put| put.key.ends_with(end)).count()
}

#[tokio::test(flavor = "multi_thread")]
async fn one_file_is_uploaded_into_a_private_folder_and_linked_without_a_copy() {
    let store = Store::start().await;
    let satchel = store.satchel();
    satchel.file("Plan für März.pdf", b"%PDF");
    let shared = satchel.run(["share", "Plan für März.pdf", "--json", "--for", "Anna"]).await.ok().json();
    let link = &shared["links"][0];
    assert_eq!(
        (&link["name"], &link["stoppable"], &link["tested"]),
        (&"Plan für März.pdf".into(), &true.into(), &true.into())
    );
    let fetched = fetch(link["url"].as_str().unwrap()).await;
    assert_eq!(fetched.body, b"%PDF");
    assert_eq!(saved_as(fetched.header("content-disposition")), "Plan für März.pdf");
    assert_eq!(store.copies().await.len(), 1);
    assert_eq!(store.practice.requests().count(Operation::CopyObject), 0);
    assert_eq!(satchel.run(["ls", "--recursive"]).await.ok().text(), "", "it shows nowhere among the files");
    let again = satchel.run(["share", "Plan für März.pdf"]).await.ok();
    assert_eq!(again.lines().len(), 1, "the link alone");
    assert_eq!(store.copies().await.len(), 2, "each share is one of its own");
    satchel.run(["links", "stop", link["id"].as_str().unwrap()]).await.ok();
    assert_eq!(store.copies().await.len(), 1);
    assert_eq!(fetch(again.text().trim_end()).await.body, b"%PDF");
    let opened = satchel.run(["share", "Plan für März.pdf", "--open"]).await.ok();
    assert!(fetch(opened.text().trim_end()).await.header("content-disposition").starts_with("inline"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_and_files_of_one_name_are_a_page() {
    let store = Store::start().await;
    let satchel = store.satchel();
    let content = bytes(5000);
    satchel.file("photos/one.jpg", &content);
    satchel.file("photos/summer/one.jpg", b"two");
    let shared = satchel.run(["share", "photos", "--text"]).await.ok().lines();
    assert_eq!((shared.len(), shared[0].as_str()), (3, "photos (2 files, 5 KB)"));
    let page = fetch(&shared[2]).await;
    let mut bodies = Vec::new();
    for address in addresses_of_page(&shared[2], &String::from_utf8(page.body).unwrap()) {
        bodies.push(fetch(&address).await.body);
    }
    assert!(bodies == [content, b"two".to_vec()]);
    satchel.file("a/same.txt", b"a");
    satchel.file("b/same.txt", b"b");
    let shared = satchel.run(["share", "a/same.txt", "b/same.txt"]).await.ok();
    let link = shared.text().trim_end().to_owned();
    let page = String::from_utf8(fetch(&link).await.body).unwrap();
    let addresses = addresses_of_page(&link, &page);
    assert_eq!((fetch(&addresses[0]).await.body, fetch(&addresses[1]).await.body), (b"a".to_vec(), b"b".to_vec()));
    assert!(page.contains("2 files"), "{page}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_missing_on_this_computer_is_said_before_anything_is_stored() {
    let store = Store::start().await;
    let satchel = store.satchel();
    satchel.file("a.txt", b"a");
    std::fs::create_dir(satchel.home().join("empty")).unwrap();
    let refused = satchel.run(["share", "a.txt", "missing.txt"]).await.exits(4);
    assert_eq!(refused.text(), "");
    assert!(
        refused.stderr.contains("missing.txt") && refused.stderr.contains("there is no link"),
        "{}",
        refused.stderr
    );
    assert_eq!(satchel.run(["share", "a.txt", "missing.txt", "--json"]).await.exits(4).error_code(), "fileMissing");
    satchel.run(["share", "empty"]).await.exits(2);
    satchel.run(["share", "a.txt", "--expires", "8d"]).await.exits(2);
    assert_eq!(store.practice.requests().count(Operation::PutObject), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_share_that_lacks_a_file_has_no_link_and_goes_on_when_it_is_asked_again() {
    let store = Store::start().await;
    let satchel = store.satchel();
    for name in ["a.txt", "b.txt", "c.txt"] {
        satchel.file(name, name.as_bytes());
    }
    let denied = Rule::new(Fault::access_denied()).on(Operation::PutObject);
    let rule = store.practice.faults().add(denied.after(1).times(1));
    let words = ["share", "a.txt", "b.txt", "c.txt"];
    let partly = satchel.run(words).await.exits(3);
    assert_eq!(partly.text(), "");
    assert!(partly.stderr.contains("2 of 3 uploaded; there is no link. Share the same again"), "{}", partly.stderr);
    assert_eq!(store.practice.faults().struck(rule), 1);
    assert_eq!(store.records().await, [""; 0], "nothing is shared yet");
    let before = store.copies().await;
    store.as_new();
    // One of them was changed meanwhile: it is sent again.
    let changed = before.iter().find(|copy| copy.ends_with("a.txt")).is_some();
    satchel.file("a.txt", b"another content");
    let shared = satchel.run(words).await.ok();
    let link = shared.text().trim_end().to_owned();
    let page = String::from_utf8(fetch(&link).await.body).unwrap();
    let mut bodies = Vec::new();
    for address in addresses_of_page(&link, &page) {
        bodies.push(String::from_utf8(fetch(&address).await.body).unwrap());
    }
    assert_eq!(bodies, ["another content", "b.txt", "c.txt"]);
    assert_eq!(puts(&store, "a.txt"), 1);
    let sent_again = puts(&store, "b.txt") + puts(&store, "c.txt");
    assert_eq!(sent_again, usize::from(changed), "only what was missing or changed");
    let folder = |copy: &String| copy.split('/').nth(1).unwrap().to_owned();
    let after = store.copies().await;
    assert!(after.iter().all(|copy| folder(copy) == folder(&before[0])), "one folder: {after:?}");
}

/// Sent in four parts.
const LARGE: usize = 30 * 1024 * 1024;

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn a_share_that_was_stopped_goes_on_where_it_was() {
    let store = Store::start().await;
    let satchel = store.satchel();
    satchel.file("large.bin", &bytes(LARGE));
    satchel.file("small.txt", b"small");
    let hold = Hold::new();
    for part in [3, 4] {
        store.practice.faults().add(Rule::new(Fault::Hold(hold.clone())).on(Operation::UploadPart).part(part).always());
    }
    let words = ["share", "large.bin", "small.txt"];
    let child = satchel.command(words).spawn().unwrap();
    hold.reached(2).await;
    let requests = store.practice.requests();
    let arrived = |all: &[satchel_practice::Request]| {
        let parts = all.iter().filter(|one| one.operation == Operation::UploadPart && one.finished).count();
        let small = all.iter().any(|one| one.operation == Operation::PutObject && one.finished);
        parts == 2 && small
    };
    requests.wait_until(arrived).await;
    signal(&child, "INT").await;
    let stopped = finished(child).await.exits(130);
    assert_eq!(stopped.text(), "");
    hold.release();
    let shared = satchel.run(words).await.ok();
    let link = shared.text().trim_end().to_owned();
    let page = String::from_utf8(fetch(&link).await.body).unwrap();
    let addresses = addresses_of_page(&link, &page);
    assert!(fetch(&addresses[0]).await.body == bytes(LARGE));
    assert_eq!(fetch(&addresses[1]).await.body, b"small");
    assert_eq!(requests.count(Operation::CreateMultipartUpload), 1, "the upload was begun once");
    assert!(requests.count(Operation::UploadPart) <= 6, "only what was under way was sent again");
    assert_eq!(puts(&store, "small.txt"), 1, "what had arrived was not sent again");
    store.no_upload_is_left().await;
    assert_eq!(satchel.run(["transfers"]).await.ok().text(), "");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_share_whose_link_was_refused_is_not_sent_twice() {
    let store = Store::start().await;
    let satchel = store.satchel();
    satchel.file("a.txt", b"a");
    store.practice.faults().add(Rule::new(Fault::refuse(503, "SlowDown")).on(Operation::GetObject).always());
    let refused = satchel.run(["share", "a.txt"]).await;
    assert!(refused.code != 0 && refused.text().is_empty(), "{refused:?}");
    assert!(refused.stderr.contains("nothing is sent twice"), "{}", refused.stderr);
    store.as_new();
    let shared = satchel.run(["share", "a.txt"]).await.ok();
    assert_eq!(fetch(shared.text().trim_end()).await.body, b"a");
    assert_eq!(puts(&store, "a.txt"), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_learns_how_a_share_stands_as_of_any_links() {
    let store = Store::start().await;
    let satchel: Satchel = store.satchel();
    satchel.file("a.txt", b"a");
    satchel.file("b.txt", b"b");
    store.practice.faults().add(Rule::new(Fault::access_denied()).on(Operation::PutObject).times(1));
    let partly = satchel.run(["share", "a.txt", "b.txt", "--json"]).await.exits(3).json();
    assert_eq!(partly["links"], serde_json::json!([]));
    assert_eq!(partly["failed"].as_array().unwrap().len(), 1);
    assert_eq!(partly["error"]["code"], "uploadDenied");
    let shared = satchel.run(["share", "a.txt", "b.txt", "--json"]).await.ok().json();
    assert_eq!(shared["links"][0]["name"], "2 files");
}
