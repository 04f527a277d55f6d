//! Links: whom they are for, when they end, what is said about it.

use jiff::{SignedDuration, Timestamp};
use satchel_practice::{Allow, Permissions};

use crate::store::Store;
use crate::support::{Satchel, fetch};

async fn with_a_file(name: &str) -> (Store, Satchel) {
    let store = Store::start().await;
    let satchel = store.satchel();
    satchel.file(name, b"content");
    satchel.run(["put", "--", name]).await.ok();
    (store, satchel)
}

#[tokio::test(flavor = "multi_thread")]
async fn ends_that_cannot_be_kept_are_wrong_usage_and_sign_nothing() {
    let (_store, satchel) = with_a_file("a.pdf").await;
    for when in ["8d", "0s", "1w", "-1s", "2020-01-01T00:00", "yesterday", ""] {
        let expires = format!("--expires={when}");
        let refused = satchel.run(["link", "a.pdf", &expires]).await.exits(2);
        assert_eq!(refused.text(), "");
        assert!(refused.stderr.contains("at least 1 second and at most 7 days"), "{when}: {}", refused.stderr);
    }
    let refused = satchel.run(["link", "a.pdf", "--expires", "8d", "--json"]).await.exits(2);
    assert_eq!(refused.error_code(), "linkEndRefused");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_is_not_uploaded_for_a_link_that_could_not_be_made() {
    let store = Store::start().await;
    let satchel = store.satchel();
    satchel.file("a.pdf", b"content");
    satchel.run(["put", "a.pdf", "--link", "--expires", "8d"]).await.exits(2);
    assert_eq!(satchel.run(["ls"]).await.ok().text(), "");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_end_is_a_length_a_local_time_or_rfc_3339() {
    let (_store, satchel) = with_a_file("a.pdf").await;
    let now = Timestamp::now();
    let tomorrow = Timestamp::from_second(now.as_second() + 86_400).unwrap();
    let local = tomorrow.to_string().trim_end_matches('Z').to_owned();
    for when in ["24h".to_owned(), "1d".to_owned(), local, tomorrow.to_string()] {
        let link = satchel.run(["link", "a.pdf", "--expires", &when, "--json"]).await.ok().json();
        let ends: Timestamp = link["links"][0]["expiresAt"].as_str().unwrap().parse().unwrap();
        let off = ends.duration_since(tomorrow).abs();
        assert!(off < SignedDuration::from_secs(60), "{when} became {ends}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_wish_a_link_works_for_three_days() {
    let (_store, satchel) = with_a_file("a.pdf").await;
    let link = satchel.run(["link", "a.pdf", "--json"]).await.ok().json();
    let ends: Timestamp = link["links"][0]["expiresAt"].as_str().unwrap().parse().unwrap();
    let lasts = ends.duration_since(Timestamp::now());
    assert!((SignedDuration::from_hours(71)..=SignedDuration::from_hours(72)).contains(&lasts), "{lasts:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_opens_in_the_browser_only_if_wished_and_only_what_is_safe() {
    let (_store, satchel) = with_a_file("a.pdf").await;
    satchel.file("a.html", b"<script>");
    satchel.run(["put", "a.html"]).await.ok();
    let kind = async |words: &[&str]| {
        let link = satchel.run(words).await.ok();
        fetch(link.text().trim_end()).await.header("content-disposition").split(';').next().unwrap().to_owned()
    };
    assert_eq!(kind(&["link", "a.pdf"]).await, "attachment");
    assert_eq!(kind(&["link", "a.pdf", "--download"]).await, "attachment");
    assert_eq!(kind(&["link", "a.pdf", "--open"]).await, "inline");
    assert_eq!(kind(&["link", "a.html", "--open"]).await, "attachment");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_without_a_known_end_says_that_its_links_may_end_sooner() {
    let store = Store::start().await;
    let mut satchel = store.satchel_with_session("a-session-token");
    satchel.file("a.pdf", b"content");
    satchel.run(["put", "a.pdf"]).await.ok();
    let link = satchel.run(["link", "a.pdf", "--expires", "2h", "--json"]).await.ok();
    assert_eq!(link.json()["links"][0]["endsBecause"], "unknown");
    assert!(link.stderr.contains("may end sooner"), "{}", link.stderr);
    satchel.environment("AWS_SESSION_TOKEN", "another-token");
    satchel.run(["link", "a.pdf"]).await.exits(7);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_of_keys_that_end_first_ends_with_them_and_says_so_or_is_refused_if_it_must_be_exact() {
    let (store, mut satchel) = with_a_file("a.pdf").await;
    let ends = Timestamp::from_second(Timestamp::now().as_second() + 1800).unwrap();
    store.keys_from_a_process(&mut satchel, ends);
    let link = satchel.run(["link", "a.pdf", "--expires", "2h", "--json"]).await.ok();
    let made = &link.json()["links"][0];
    assert_eq!(
        (made["endsBecause"].as_str(), made["expiresAt"].as_str()),
        (Some("signIn"), Some(ends.to_string().as_str()))
    );
    assert!(link.stderr.contains("because your sign-in ends then"), "{}", link.stderr);
    assert_eq!(fetch(made["url"].as_str().unwrap()).await.status, 200);
    let refused = satchel.run(["link", "a.pdf", "--expires", "2h", "--exact"]).await.exits(2);
    assert_eq!(refused.text(), "");
}

#[tokio::test(flavor = "multi_thread")]
async fn links_are_printed_alone_one_a_line_and_the_missing_one_is_named() {
    let (_store, satchel) = with_a_file("a.pdf").await;
    satchel.file("b.pdf", b"b");
    satchel.run(["put", "b.pdf"]).await.ok();
    let links = satchel.run(["link", "a.pdf", "missing.pdf", "b.pdf"]).await.exits(3);
    assert_eq!(links.lines().len(), 2);
    assert!(links.lines().iter().all(|line| line.starts_with("http://127.0.0.1:")));
    assert!(links.stderr.contains("missing.pdf: This file is no longer there."), "{}", links.stderr);
    let quiet = satchel.run(["link", "a.pdf", "b.pdf", "--quiet", "--direct"]).await.ok();
    assert_eq!((quiet.lines().len(), quiet.stderr.as_str()), (2, ""));
    let links = satchel.run(["link", "a.pdf", "missing.pdf", "--json"]).await.exits(3).json();
    assert_eq!((links["links"].as_array().unwrap().len(), links["failed"][0]["code"].as_str()), (1, Some("fileGone")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_that_would_not_work_is_not_printed_unless_nobody_wants_it_tried() {
    let (_store, satchel) = with_a_file("a.pdf").await;
    let refused = satchel.run(["link", "missing.pdf", "--json"]).await.exits(4);
    assert_eq!(refused.error_code(), "fileGone");
    let untried = satchel.run(["link", "missing.pdf", "--no-test", "--json"]).await.ok().json();
    assert_eq!(untried["links"][0]["tested"], false);
    assert_eq!(fetch(untried["links"][0]["url"].as_str().unwrap()).await.status, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_is_stored_and_has_no_link_is_counted_once() {
    let store = Store::start().await;
    let satchel = store.satchel_allowed(Permissions::all().read(Allow::Nowhere));
    satchel.file("a.pdf", b"content");
    let put = satchel.run(["put", "a.pdf", "--link"]).await.exits(3);
    assert_eq!(put.text(), "");
    assert!(put.stderr.ends_with("1 stored without a link.\n"), "{}", put.stderr);
    assert!(!put.stderr.contains("of 2"), "{}", put.stderr);
}
