//! Links against the practice server: signed, tested, fetched as a browser would, ended.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "support/http.rs"]
mod http;
#[path = "links/pages.rs"]
mod pages;
#[path = "links/stopping.rs"]
mod stopping;
#[path = "support/store.rs"]
mod store;

use satchel_core::Code;
use satchel_core::links::{Disposition, EndChoice, EndsBecause, LinkRequest, Stoppable, make_link};
use std::time::{Duration, Instant};
use store::Store;

fn request(name: &str, seconds: u64) -> LinkRequest {
    let end = EndChoice::In(Duration::from_secs(seconds));
    LinkRequest { end, stoppable: Stoppable::No, ..LinkRequest::new(name) }
}

#[tokio::test]
async fn a_link_gives_the_same_bytes_under_the_right_name() {
    let store = Store::start().await;
    store.put("Müller & Söhne.pdf", b"%PDF-1.4 hello").await;
    let link = make_link(&store.storage().await, &request("Müller & Söhne.pdf", 60)).await.unwrap();
    assert!(link.tested);
    assert_eq!(link.ends_because, EndsBecause::Chosen);
    let answer = http::get(link.url.reveal()).await;
    assert_eq!((answer.status, answer.body.as_slice()), (200, &b"%PDF-1.4 hello"[..]));
    let name = answer.header("content-disposition").unwrap();
    assert!(
        name.starts_with("attachment;") && name.ends_with("filename*=UTF-8''M%C3%BCller%20&%20S%C3%B6hne.pdf"),
        "{name}"
    );
}

#[tokio::test]
async fn a_link_is_refused_after_its_end_and_not_before() {
    let store = Store::start().await;
    store.put("a.txt", b"a").await;
    let link = make_link(&store.storage().await, &request("a.txt", 2)).await.unwrap();
    assert_eq!(http::get(link.url.reveal()).await.status, 200);
    let patience = Instant::now() + Duration::from_secs(20);
    loop {
        let answer = http::get(link.url.reveal()).await;
        let now = jiff::Timestamp::now();
        if answer.status == 403 {
            assert!(now >= link.ends_at, "refused before the end that was promised");
            break;
        }
        assert!(Instant::now() < patience, "still open long after its end");
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_link_to_a_file_that_is_gone_or_may_not_be_read_says_which() {
    let store = Store::start().await;
    store.put("a.txt", b"a").await;
    let gone = make_link(&store.storage().await, &request("b.txt", 60)).await.unwrap_err();
    assert_eq!(gone.code(), Code::FileGone);
    let denied = make_link(&store.storage_without_reading().await, &request("a.txt", 60)).await.unwrap_err();
    assert_eq!(denied.code(), Code::ReadDenied);
    assert_eq!(denied.advice().sentence, "Your account isn’t allowed to download “a.txt”.");
}

#[tokio::test]
async fn an_empty_file_can_be_shared() {
    let store = Store::start().await;
    store.put("empty.txt", b"").await;
    let link = make_link(&store.storage().await, &request("empty.txt", 60)).await.unwrap();
    assert_eq!(http::get(link.url.reveal()).await.body, b"");
}

#[tokio::test]
async fn names_of_every_kind_are_linked_exactly() {
    let store = Store::start().await;
    let long = "x".repeat(1024);
    for name in
        ["a+b%c#d?e&f=g", "ü 日本 🙂.pdf", " spaces ", "new\nline", "x//y", "a/../b", "./c", "..", "trailing.", &long]
    {
        store.put(name, name.as_bytes()).await;
        let link = make_link(&store.storage().await, &request(name, 60))
            .await
            .unwrap_or_else(|error| panic!("{name:?}: {error:?}"));
        let answer = http::get(link.url.reveal()).await;
        assert_eq!((answer.status, answer.body.as_slice()), (200, name.as_bytes()), "{name:?}");
    }
}

#[tokio::test]
async fn a_name_that_browsers_would_change_is_linked_by_a_copy_in_the_share_folder() {
    let store = Store::start().await;
    store.put("a/../b.txt", b"the right one").await;
    store.put("b.txt", b"another one").await;
    let link = make_link(&store.storage().await, &request("a/../b.txt", 60)).await.unwrap();
    assert!(
        link.recipe.key_name.starts_with(".s/") && link.recipe.key_name.ends_with("/b.txt"),
        "{}",
        link.recipe.key_name
    );
    assert!(link.stoppable);
    assert_eq!(http::get(link.url.reveal()).await.body, b"the right one");
}

#[tokio::test]
async fn with_a_clock_that_is_far_off_either_way_the_end_is_true_by_that_of_the_store() {
    const OFF: i64 = 20 * 60;
    for off in [OFF, -OFF] {
        let store = Store::start().await;
        store.put("a.txt", b"a").await;
        store.clock_is_off(off);
        let storage = store.storage().await;
        for wished in [request("a.txt", 3600), LinkRequest { stoppable: Stoppable::Must, ..request("a.txt", 3600) }] {
            store.clock_is_off(off);
            let link = make_link(&storage, &wished).await.unwrap();
            let shown = link.ends_at.as_second() - jiff::Timestamp::now().as_second();
            assert!((off + 3590..=off + 3600).contains(&shown), "{shown} s by our clock, which is {off} s off");
            store.clock_is_off(shown - 3);
            assert_eq!(http::get(link.url.reveal()).await.status, 200, "before its end");
            store.clock_is_off(shown + 3);
            assert_eq!(http::get(link.url.reveal()).await.status, 403, "after its end");
        }
    }
}

#[tokio::test]
async fn an_open_link_is_inline_only_for_types_that_cannot_run_script() {
    let store = Store::start().await;
    for (name, inline) in [("a.pdf", true), ("a.html", false), ("a.svg", false)] {
        store.put(name, b"x").await;
        let open = LinkRequest { disposition: Disposition::Open, ..request(name, 60) };
        let link = make_link(&store.storage().await, &open).await.unwrap();
        let answer = http::get(link.url.reveal()).await;
        assert_eq!(answer.header("content-disposition").unwrap().starts_with("inline"), inline, "{name}");
        let kind = if inline { "application/pdf" } else { "application/octet-stream" };
        assert_eq!(answer.header("content-type"), Some(kind), "{name}");
    }
}

#[tokio::test]
async fn a_closed_address_is_said_as_one() {
    let store = Store::start().await;
    let storage = store.storage().await;
    store.stop().await;
    let error = make_link(&storage, &request("a.txt", 60)).await.unwrap_err();
    assert_eq!(error.code(), Code::Unreachable);
}

#[tokio::test]
async fn a_printed_link_shows_no_signature() {
    let store = Store::start().await;
    store.put("a.txt", b"a").await;
    let link = make_link(&store.storage().await, &request("a.txt", 60)).await.unwrap();
    let printed = format!("{link:?} {}", link.url);
    assert!(!printed.contains("X-Amz"), "{printed}");
    assert!(link.url.reveal().contains("X-Amz-Signature="));
}
