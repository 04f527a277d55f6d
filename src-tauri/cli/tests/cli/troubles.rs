//! What goes wrong, each with its exit code and its sentence.

use satchel_practice::{Allow, Permissions};

use crate::store::{BUCKET, Store};
use crate::support::Satchel;

async fn with_a_file() -> Store {
    let store = Store::start().await;
    let satchel = store.satchel();
    satchel.file("a.pdf", b"content");
    satchel.run(["put", "a.pdf"]).await.ok();
    store
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_that_do_not_fit_are_not_allowed() {
    let store = Store::start().await;
    let unknown = Satchel::with(&store.endpoint, BUCKET, "AKUNKNOWN", "whatever");
    let refused = unknown.run(["ls", "--json"]).await.exits(5);
    assert_eq!(refused.error_code(), "keyUnknown");
    let mut wrong = store.satchel();
    wrong.environment("AWS_SECRET_ACCESS_KEY", "not-the-secret");
    let refused = wrong.run(["ls", "--json"]).await.exits(5);
    assert_eq!(refused.error_code(), "secretWrong");
    wrong.file("a.pdf", b"a");
    for words in [&["put", "a.pdf"][..], &["get", "a.pdf", "--to", "back"], &["link", "a.pdf"]] {
        let refused = wrong.run(words).await.exits(5);
        assert!(refused.stderr.contains("The secret key doesn’t fit"), "{words:?}: {}", refused.stderr);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_bucket_is_not_found_and_a_closed_port_is_not_reached() {
    let store = Store::start().await;
    let refused = store.satchel_at_bucket("no-such-bucket").run(["ls", "--json"]).await.exits(4);
    assert_eq!(refused.error_code(), "placeNotFound");
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let nobody = Satchel::with(&format!("http://{closed}"), BUCKET, "AK", "SK");
    let refused = nobody.run(["ls", "--json"]).await.exits(6);
    assert_eq!(refused.error_code(), "unreachable");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_that_anybody_can_listen_to_is_refused() {
    let satchel = Satchel::with("http://storage.example", BUCKET, "AK", "SK");
    let refused = satchel.run(["ls", "--json"]).await.exits(1);
    assert_eq!(refused.error_code(), "notPrivate");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_the_right_to_read_there_is_no_download_and_no_link() {
    let store = with_a_file().await;
    let satchel = store.satchel_allowed(Permissions::all().read(Allow::Nowhere));
    satchel.run(["ls"]).await.ok();
    for words in [&["get", "a.pdf", "--json"][..], &["link", "a.pdf", "--json"]] {
        let refused = satchel.run(words).await.exits(5);
        assert_eq!(refused.error_code(), "readDenied", "{words:?}");
    }
    assert!(!satchel.home().join("a.pdf").exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn without_the_right_to_write_or_to_list_each_is_said_for_itself() {
    let store = with_a_file().await;
    let reader = store.satchel_allowed(Permissions::all().write(Allow::Nowhere));
    reader.file("b.pdf", b"b");
    let refused = reader.run(["put", "b.pdf"]).await.exits(5);
    assert!(refused.stderr.contains("You can’t upload here."), "{}", refused.stderr);
    let blind = store.satchel_allowed(Permissions::all().list(Allow::Nowhere));
    let refused = blind.run(["ls", "--json"]).await.exits(5);
    assert_eq!(refused.error_code(), "listDenied");
    blind.run(["get", "a.pdf"]).await.ok();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_there_is_not_found_on_either_side() {
    let store = Store::start().await;
    let satchel = store.satchel();
    for (words, code) in [
        (&["put", "missing.pdf", "--json"][..], "fileMissing"),
        (&["get", "missing.pdf", "--json"], "fileGone"),
        (&["link", "missing.pdf", "--json"], "fileGone"),
    ] {
        let refused = satchel.run(words).await.exits(4);
        assert_eq!(refused.error_code(), code, "{words:?}");
    }
    assert!(!satchel.home().join("missing.pdf").exists());
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_an_ordinary_file_is_said_and_waited_for_by_nobody() {
    let store = Store::start().await;
    let satchel = store.satchel();
    let made = std::process::Command::new("mkfifo").arg(satchel.home().join("pipe")).status().unwrap();
    assert!(made.success());
    let refused = satchel.run(["put", "pipe", "--json"]).await.exits(1);
    assert_eq!(refused.error_code(), "notOrdinary");
    satchel.file("folder/a.txt", b"a");
    std::os::unix::fs::symlink("..", satchel.home().join("folder/loop")).unwrap();
    let some = satchel.run(["put", "folder", "--json"]).await.exits(3).json();
    assert_eq!((some["done"].as_array().unwrap().len(), some["failed"][0]["code"].as_str()), (1, Some("notOrdinary")));
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_may_not_be_read_is_said_and_the_others_go_on() {
    use std::os::unix::fs::PermissionsExt;
    let store = Store::start().await;
    let satchel = store.satchel();
    let locked = satchel.file("folder/locked.txt", b"secret");
    satchel.file("folder/open.txt", b"open");
    std::fs::set_permissions(&locked, std::fs::Permissions::from_mode(0o000)).unwrap();
    let put = satchel.run(["put", "folder", "--json"]).await;
    if std::fs::read(&locked).is_ok() {
        // Nothing is locked for the administrator of a computer.
        put.ok();
        return;
    }
    let some = put.exits(3).json();
    assert_eq!(
        (some["done"].as_array().unwrap().len(), some["failed"][0]["code"].as_str()),
        (1, Some("fileUnreadable"))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_file_is_a_file() {
    let store = Store::start().await;
    let satchel = store.satchel();
    satchel.file("empty.txt", b"");
    satchel.run(["put", "empty.txt"]).await.ok();
    assert_eq!(satchel.run(["ls", "--json"]).await.ok().json()["files"][0]["size"], 0);
    let link = satchel.run(["link", "empty.txt"]).await.ok();
    let fetched = crate::support::fetch(link.text().trim_end()).await;
    assert_eq!((fetched.status, fetched.body.len()), (200, 0));
    satchel.run(["get", "empty.txt", "--to", "back"]).await.ok();
    assert_eq!(satchel.read("back/empty.txt"), b"");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_keys_or_a_place_it_says_what_is_missing() {
    let satchel = Satchel::alone();
    let refused = satchel.run(["--bucket", "acme", "ls", "--json"]).await.exits(5);
    assert_eq!(refused.error_code(), "noKeys");
    let refused = satchel.run(["ls"]).await.exits(2);
    assert!(refused.stderr.contains("--place NAME"), "{}", refused.stderr);
    let refused = satchel.run(["--place", "nowhere", "ls", "--json"]).await.exits(4);
    assert_eq!(refused.error_code(), "placeUnknown");
    satchel.run(["--region", "eu-central-1", "ls"]).await.exits(2);
}

#[tokio::test(flavor = "multi_thread")]
async fn no_answer_and_no_detail_has_a_secret_or_a_signature_in_it() {
    let store = with_a_file().await;
    let satchel = store.satchel();
    for words in [
        &["--verbose", "ls"][..],
        &["--verbose", "put", "a.pdf", "--json"],
        &["--verbose", "link", "missing.pdf"],
        &["--verbose", "get", "missing.pdf"],
    ] {
        satchel.file("a.pdf", b"again");
        let ran = satchel.run(words).await;
        for text in [ran.text(), ran.stderr] {
            assert!(!text.contains(&store.secret()) && !text.contains("X-Amz-Signature"), "{words:?}: {text}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_usage_says_in_json_what_was_wrong_and_what_is_missing() {
    let satchel = Satchel::alone();
    let sentence = async |words: &[&str]| {
        let refused = satchel.run(words).await.exits(2);
        assert_eq!(refused.error_code(), "usage");
        refused.json()["error"]["sentence"].as_str().unwrap().to_owned()
    };
    assert_eq!(sentence(&["put", "--json"]).await, "the following required arguments were not provided: <PATH>...");
    assert_eq!(sentence(&["--json", "places"]).await, "A command is missing; --help lists them.");
    assert!(sentence(&["--json", "ls", "--sort", "colour"]).await.contains("[possible values: name, size, changed]"));
}
