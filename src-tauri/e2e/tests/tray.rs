//! Satchel without its window: quick upload from the tray, and what closing, opening and quitting mean.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use http::StatusCode;
use satchel_e2e::deadlines::until;
use satchel_e2e::fetch::fetch;
use satchel_e2e::link::LinkText;
use satchel_e2e::samples::content;
use satchel_e2e::store::{Store, colleague};
use satchel_e2e::{Desktop, row, spot};

const QUICK_UPLOAD: &str = "Quick upload…";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn quick_upload_leaves_a_link_on_the_clipboard_and_says_until_when() {
    let store = Store::furnished().await.unwrap();
    let desktop = Desktop::start().await.unwrap();
    let file = desktop.file("Invoice 4711.pdf", 20_000).unwrap();
    let app = desktop.open_app().await.unwrap();
    app.connect(&store, &colleague()).await.unwrap();
    desktop.tray.wait_for_icon().await.unwrap();
    let labels: Vec<String> = desktop.tray.entries().await.unwrap().into_iter().map(|entry| entry.label).collect();
    assert_eq!(labels, ["Nothing is on its way", QUICK_UPLOAD, "Stop last link", "Open Satchel", "Quit"]);

    desktop.tray.click(QUICK_UPLOAD).await.unwrap();
    desktop.file_chooser().await.unwrap().choose(&file).await.unwrap();
    let link = desktop.clipboard().link().await.unwrap();
    let notification = desktop.notifications.only_one().await.unwrap();
    assert_eq!(notification.title, "Link copied");
    assert!(notification.body.contains("Invoice 4711.pdf"), "{notification:?}");
    assert!(notification.body.contains("works until"), "{notification:?}");

    let fetched = fetch(&link).await.unwrap();
    assert_eq!(fetched.status, StatusCode::OK);
    assert_eq!(fetched.body, content("Invoice 4711.pdf", 20_000));
    assert_eq!(fetched.file_name().as_deref(), Some("Invoice 4711.pdf"));
    let path = LinkText::of(&link).path().unwrap().to_owned();
    assert!(path.contains("/.s/"), "it lies in the share folder: {path}");

    // Neither among the files now nor after they are read again.
    let stored = store.names(".s/").await.unwrap();
    let records = stored.iter().filter(|name| name.starts_with(".s/log/")).count();
    assert_eq!((stored.len(), records), (2, 1), "the file, and who shared it: {stored:?}");
    app.close().await.unwrap();
    let app = desktop.open_app().await.unwrap();
    app.files_are_there().await.unwrap();
    app.see(&row("Press")).await.unwrap();
    assert!(!app.has(&row(".s")).await.unwrap());
    assert!(!app.has(&row("Invoice 4711.pdf")).await.unwrap());
    app.fill(&spot("search"), "s").await.unwrap();
    app.see(&row("Press")).await.unwrap();
    assert!(!app.has(&row(".s")).await.unwrap());
    app.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn closing_the_window_leaves_the_tray_open_brings_it_back_and_quit_ends_it() {
    let store = Store::furnished().await.unwrap();
    let desktop = Desktop::start().await.unwrap();
    let file = desktop.file("From the tray.txt", 500).unwrap();
    let app = desktop.open_app().await.unwrap();
    app.connect(&store, &colleague()).await.unwrap();
    desktop.tray.wait_for_icon().await.unwrap();
    let window = app.window().await.unwrap();
    desktop.screen.close(window.id).await.unwrap();
    assert!(app.process().unwrap().is_some(), "it goes on in the tray");
    let said = desktop.notifications.only_one().await.unwrap();
    assert_eq!(said.title, "Satchel keeps running");

    // Quick upload needs no window.
    desktop.tray.click(QUICK_UPLOAD).await.unwrap();
    desktop.file_chooser().await.unwrap().choose(&file).await.unwrap();
    let link = desktop.clipboard().link().await.unwrap();
    assert_eq!(fetch(&link).await.unwrap().body, content("From the tray.txt", 500));
    until("the second notification", async || Ok((desktop.notifications.all().len() == 2).then_some(())))
        .await
        .unwrap();

    desktop.tray.click("Open Satchel").await.unwrap();
    let again = app.window().await.unwrap();
    assert_eq!(again.title, window.title);

    desktop.tray.click("Quit").await.unwrap();
    app.ended().await.unwrap();
    desktop.tray.wait_until_empty().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn starting_it_again_shows_the_one_that_runs() {
    let store = Store::furnished().await.unwrap();
    let desktop = Desktop::start().await.unwrap();
    let app = desktop.open_app().await.unwrap();
    app.connect(&store, &colleague()).await.unwrap();
    desktop.tray.wait_for_icon().await.unwrap();
    let window = app.window().await.unwrap();
    desktop.screen.close(window.id).await.unwrap();
    let again = desktop.finish(desktop.command(satchel_e2e::places::app().unwrap())).await.unwrap();
    assert!(again.status.success());
    app.window().await.unwrap();
    desktop.tray.click("Quit").await.unwrap();
    app.ended().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_newest_links_are_copied_again_and_the_last_is_stopped_from_the_tray() {
    const NAME: &str = "Annual report 2026.pdf";
    let store = Store::furnished().await.unwrap();
    let desktop = Desktop::start().await.unwrap();
    let app = desktop.open_app().await.unwrap();
    app.connect(&store, &colleague()).await.unwrap();
    desktop.tray.wait_for_icon().await.unwrap();
    let link = app.copy_link_of(NAME).await.unwrap();
    desktop.tray.wait_for_entry("Recent links").await.unwrap();
    let before = desktop.clipboard().put_text("something else").await.unwrap();
    desktop.tray.click(NAME).await.unwrap();
    assert_eq!(desktop.clipboard().link().await.unwrap(), link);
    drop(before);

    desktop.tray.click("Stop last link").await.unwrap();
    let stopped = || desktop.notifications.all().into_iter().find(|said| said.title == "Link stopped");
    let said = until("a notification that it is stopped", async || Ok(stopped())).await.unwrap();
    assert!(said.body.contains(NAME) && said.body.contains("keeps a copy"), "{said:?}");
    let refused = fetch(&link).await.unwrap().status;
    assert!(matches!(refused, StatusCode::FORBIDDEN | StatusCode::NOT_FOUND), "{refused}");
    until("the link to leave the menu", async || {
        let entries = desktop.tray.entries().await?;
        let stop = entries.iter().find(|entry| entry.label == "Stop last link");
        let over = entries.iter().all(|entry| entry.label != NAME) && stop.is_some_and(|stop| !stop.enabled);
        Ok(over.then_some(()))
    })
    .await
    .unwrap();
    app.close().await.unwrap();
}
