//! *Share…*: the end that is shown is the end that is signed, and a file opens or is saved as chosen.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use http::StatusCode;
use jiff::{SignedDuration, Timestamp};
use satchel_e2e::fetch::fetch;
use satchel_e2e::link::LinkText;
use satchel_e2e::samples::content;
use satchel_e2e::store::{Store, colleague};
use satchel_e2e::{App, Desktop, row, spot};

const NAME: &str = "Annual report 2026.pdf";

/// Never later than shown, and at most a second earlier: signatures count in whole seconds.
fn assert_ends(link: &str, shown: &str) {
    let shown: Timestamp = shown.parse().unwrap();
    let early = shown.duration_since(LinkText::of(link).ends_at().unwrap());
    assert!(early >= SignedDuration::ZERO && early <= SignedDuration::from_secs(1), "shown {shown}, {early:?} early");
}

async fn open_sheet(app: &App<'_>) {
    app.click(&row(NAME)).await.unwrap();
    app.press("Ctrl+Shift+L").await.unwrap();
    app.see(&spot("share")).await.unwrap();
    app.there(&spot("share-choice")).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_chosen_end_is_the_signed_end_and_the_file_opens_in_the_browser() {
    let store = Store::furnished().await.unwrap();
    let desktop = Desktop::start().await.unwrap();
    let app = desktop.open_app().await.unwrap();
    app.connect(&store, &colleague()).await.unwrap();
    open_sheet(&app).await;
    assert!(app.text(&spot("share-title")).await.unwrap().contains(NAME));
    assert!(app.text(&spot("share-promise")).await.unwrap().contains("Anyone who has this link"));

    let tomorrow = spot("share-choice").having("data-kind", "tomorrow");
    let at = app.attribute(&tomorrow, "data-at").await.unwrap().unwrap();
    app.choose(&tomorrow).await.unwrap();
    app.until_attribute(&spot("share-end"), "data-at", |shown| shown == at).await.unwrap();
    // 18:00 in Berlin, wherever the machine is.
    assert!(app.text(&spot("share-end")).await.unwrap().contains(':'));
    app.until_attribute(&spot("share-download"), "aria-checked", |checked| checked == "true").await.unwrap();
    app.click(&spot("share-download")).await.unwrap();
    app.until_attribute(&spot("share-download"), "aria-checked", |checked| checked == "false").await.unwrap();
    let link = app.after_copying(async || app.click(&spot("share-copy")).await).await.unwrap();
    app.gone(&spot("share")).await.unwrap();
    assert_ends(&link, &at);
    let fetched = fetch(&link).await.unwrap();
    assert_eq!((fetched.status, fetched.is_download()), (StatusCode::OK, false));
    assert_eq!(fetched.body, content(NAME, 2_000));
    app.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn any_end_can_be_picked_and_changed_from_the_toast() {
    let store = Store::furnished().await.unwrap();
    let desktop = Desktop::start().await.unwrap();
    let app = desktop.open_app().await.unwrap();
    app.connect(&store, &colleague()).await.unwrap();
    app.copy_link_of(NAME).await.unwrap();
    app.click(&spot("toast-action")).await.unwrap();
    app.see(&spot("share")).await.unwrap();

    app.choose(&spot("share-pick")).await.unwrap();
    app.see(&spot("share-pick-day")).await.unwrap();
    let first = "return document.querySelector('[data-testid=share-pick-time] option:not([disabled])').value";
    let nearest = app.script(first, vec![]).await.unwrap().as_str().unwrap().to_owned();
    app.choose_option(&spot("share-pick-time"), &nearest).await.unwrap();
    let end: Timestamp = nearest.parse().unwrap();
    let is_shown = |shown: &str| shown.parse::<Timestamp>().is_ok_and(|shown| shown == end);
    app.until_attribute(&spot("share-end"), "data-at", is_shown).await.unwrap();
    let link = app.after_copying(async || app.click(&spot("share-copy")).await).await.unwrap();
    assert_ends(&link, &nearest);
    assert!(fetch(&link).await.unwrap().is_download(), "download is what nobody changed");
    app.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_can_run_script_is_never_opened_in_the_browser() {
    let store = Store::furnished().await.unwrap();
    store.put("page.html", b"<script>alert(1)</script>").await.unwrap();
    let desktop = Desktop::start().await.unwrap();
    let app = desktop.open_app().await.unwrap();
    app.connect(&store, &colleague()).await.unwrap();
    app.right_click(&row("page.html")).await.unwrap();
    app.click(&spot("menu-share")).await.unwrap();
    app.see(&spot("share-copy")).await.unwrap();
    app.there(&spot("share-choice")).await.unwrap();
    assert!(!app.has(&spot("share-download")).await.unwrap());
    let link = app.after_copying(async || app.click(&spot("share-copy")).await).await.unwrap();
    let fetched = fetch(&link).await.unwrap();
    assert!(fetched.is_download());
    assert_eq!(fetched.header("content-type"), Some("application/octet-stream"));
    app.close().await.unwrap();
}
