//! From a row to a link that a stranger opens: on the clipboard, under the right name, until its end and not longer.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::time::Duration;

use http::StatusCode;
use jiff::Timestamp;
use satchel_e2e::fetch::{fetch, fetch_until};
use satchel_e2e::link::LinkText;
use satchel_e2e::samples::{HARD_NAMES, content};
use satchel_e2e::store::{BUCKET, Store, colleague};
use satchel_e2e::{Desktop, places, row, spot};
use satchel_practice::{Allow, Fault, Operation, Rule};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_copied_link_gives_the_same_bytes_under_the_same_name_until_its_end() {
    let store = Store::furnished().await.unwrap();
    for name in HARD_NAMES {
        store.put(name, &content(name, 10_000)).await.unwrap();
    }
    let desktop = Desktop::start().await.unwrap();
    let app = desktop.open_app().await.unwrap();
    app.connect(&store, &colleague()).await.unwrap();
    let mut last = None;
    for name in HARD_NAMES {
        let link = app.copy_link_of(name).await.unwrap();
        let fetched = fetch(&link).await.unwrap();
        assert_eq!(fetched.status, StatusCode::OK, "{name}: {:?}", fetched.error_code());
        assert_eq!(fetched.body, content(name, 10_000), "{name}");
        // A space at the edge of a name is more trouble than it is worth on the recipient's disk.
        assert_eq!(fetched.file_name().as_deref(), Some(name.trim()));
        assert!(fetched.is_download(), "{name}: {:?}", fetched.header("content-disposition"));
        last = Some(link);
    }
    let link = last.unwrap();
    assert!(!app.everything().await.unwrap().contains("X-Amz-Signature"), "the page never has the link");
    let name = HARD_NAMES[HARD_NAMES.len() - 1];
    app.see(&row(name).inside("row-link")).await.unwrap();

    // Three days, as nobody chose. The store's clock goes there, and one second further.
    let left = LinkText::of(&link).ends_at().unwrap().duration_since(Timestamp::now());
    let left = Duration::try_from(left).unwrap();
    assert!(left > Duration::from_secs(71 * 3600) && left <= Duration::from_secs(72 * 3600), "{left:?}");
    store.let_time_pass(left - Duration::from_secs(30));
    assert_eq!(fetch(&link).await.unwrap().status, StatusCode::OK);
    store.let_time_pass(left + Duration::from_secs(1));
    let refused = fetch(&link).await.unwrap();
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    assert_eq!(refused.error_code().as_deref(), Some("AccessDenied"));
    app.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_keyboard_and_the_menu_copy_a_link_too() {
    let store = Store::furnished().await.unwrap();
    let desktop = Desktop::start().await.unwrap();
    let app = desktop.open_app().await.unwrap();
    app.connect(&store, &colleague()).await.unwrap();
    let name = "Annual report 2026.pdf";
    let by_keyboard = app
        .after_copying(async || {
            app.click(&row(name)).await?;
            app.window().await?;
            desktop.hands().press("ctrl+l").await
        })
        .await
        .unwrap();
    assert_eq!(fetch(&by_keyboard).await.unwrap().body, content(name, 2_000));
    let toast = app.text(&spot("toast-text")).await.unwrap();
    assert!(toast.contains("It works until"), "{toast}");
    app.click(&spot("toast-close")).await.unwrap();
    app.gone(&spot("toast")).await.unwrap();

    let name = "Team photo 🙂.jpg";
    let by_menu = app
        .after_copying(async || {
            app.right_click(&row(name)).await?;
            app.click(&spot("menu-copy-link")).await
        })
        .await
        .unwrap();
    assert_eq!(fetch(&by_menu).await.unwrap().file_name().as_deref(), Some(name));
    app.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_link_that_would_not_work_never_reaches_the_clipboard() {
    let store = Store::furnished().await.unwrap();
    let desktop = Desktop::start().await.unwrap();
    let app = desktop.open_app().await.unwrap();
    app.connect(&store, &colleague()).await.unwrap();
    let refusal = Rule::new(Fault::access_denied()).on(Operation::GetObject).always();
    store.practice().faults().add(refusal);
    let _mine = desktop.clipboard().put_text("mine").await.unwrap();
    let name = "Annual report 2026.pdf";
    app.click(&row(name)).await.unwrap();
    app.click(&row(name).inside("row-copy-link")).await.unwrap();
    app.see(&spot("problem").having("data-code", "linkRefused")).await.unwrap();
    assert_eq!(app.text(&spot("problem-title")).await.unwrap(), "This link would not work");
    assert_eq!(desktop.clipboard().text().await.unwrap().as_deref(), Some("mine"));
    app.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_may_not_read_a_file_is_told_so_instead_of_given_a_link() {
    let store = Store::furnished().await.unwrap();
    let desktop = Desktop::start().await.unwrap();
    let app = desktop.open_app().await.unwrap();
    app.connect(&store, &colleague()).await.unwrap();
    let mut person = colleague();
    person.allow = person.allow.read(Allow::Nowhere);
    store.practice().set_identities(vec![person]);
    let name = "Annual report 2026.pdf";
    app.click(&row(name)).await.unwrap();
    app.click(&row(name).inside("row-copy-link")).await.unwrap();
    app.see(&spot("problem").having("data-code", "readDenied")).await.unwrap();
    assert!(app.text(&spot("problem-sentence")).await.unwrap().contains(name));
    assert_eq!(desktop.clipboard().text().await.unwrap(), None);
    app.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_link_for_a_file_that_is_gone_says_so() {
    let store = Store::furnished().await.unwrap();
    let desktop = Desktop::start().await.unwrap();
    let app = desktop.open_app().await.unwrap();
    app.connect(&store, &colleague()).await.unwrap();
    let gone = Rule::new(Fault::refuse(404, "NoSuchKey")).on(Operation::GetObject).always();
    store.practice().faults().add(gone);
    let name = "Annual report 2026.pdf";
    app.click(&row(name)).await.unwrap();
    app.click(&row(name).inside("row-copy-link")).await.unwrap();
    app.see(&spot("problem").having("data-code", "fileGone")).await.unwrap();
    let title = app.text(&spot("problem-title")).await.unwrap();
    assert_eq!(title, "This file is no longer there");
    app.close().await.unwrap();
}

/// By the command line, which takes any length: no clock is turned here.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_link_of_two_seconds_is_refused_after_two_seconds() {
    let store = Store::furnished().await.unwrap();
    let desktop = Desktop::start().await.unwrap();
    let person = colleague();
    let mut command = desktop.command(places::cli().unwrap());
    command.args(["--bucket", BUCKET, "--endpoint-url", &store.address(), "--region", "us-east-1"]);
    command.args(["link", "--expires", "2s", "--", "Annual report 2026.pdf"]);
    command.env("AWS_ACCESS_KEY_ID", &person.access_key_id).env("AWS_SECRET_ACCESS_KEY", &person.secret_access_key);
    let output = desktop.finish(command).await.unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let link = String::from_utf8(output.stdout).unwrap();
    let link = link.trim();
    let ends_at = LinkText::of(link).ends_at().unwrap();
    let refused = fetch_until(link, StatusCode::FORBIDDEN, Duration::from_secs(10)).await.unwrap();
    assert_eq!(refused.error_code().as_deref(), Some("AccessDenied"));
    assert!(Timestamp::now() >= ends_at, "not before its end");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn names_that_other_programs_stumble_over_are_shown_and_linked() {
    let store = Store::furnished().await.unwrap();
    let long = format!("{}.txt", "x".repeat(1_020));
    // As stored, and as drawn: a line break is a symbol.
    let names = [("new\nline.txt", "new␊line.txt"), ("..", ".."), (long.as_str(), long.as_str())];
    for (name, _) in names {
        store.put(name, &content(name, 500)).await.unwrap();
    }
    let desktop = Desktop::start().await.unwrap();
    let app = desktop.open_app().await.unwrap();
    app.connect(&store, &colleague()).await.unwrap();
    for (name, drawn) in names {
        let link = app.copy_link_of(drawn).await.unwrap();
        let fetched = fetch(&link).await.unwrap();
        assert_eq!(fetched.status, StatusCode::OK, "{drawn}: {:?}", fetched.error_code());
        assert_eq!(fetched.body, content(name, 500), "{drawn}");
    }
    app.close().await.unwrap();
}
