//! What becomes of a link: taken back, listed, copied again letter for letter, stopped; and several files as one page.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use http::StatusCode;
use satchel_e2e::deadlines::until;
use satchel_e2e::fetch::fetch;
use satchel_e2e::samples::content;
use satchel_e2e::store::{Store, colleague};
use satchel_e2e::{Desktop, row, spot};

const NAME: &str = "Annual report 2026.pdf";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_link_is_copied_again_letter_for_letter_after_a_restart_and_opens_nothing_once_it_is_stopped() {
    let store = Store::furnished().await.unwrap();
    let desktop = Desktop::start().await.unwrap();
    let app = desktop.open_app().await.unwrap();
    app.connect(&store, &colleague()).await.unwrap();
    let link = app.copy_link_of(NAME).await.unwrap();
    let html = desktop.clipboard().html().await.unwrap().unwrap();
    assert!(html.contains("<a href=") && html.contains(NAME), "it pastes as a link with a name: {html}");
    app.close().await.unwrap();

    let app = desktop.open_app().await.unwrap();
    app.files_are_there().await.unwrap();
    app.click(&spot("nav-links")).await.unwrap();
    let listed = spot("link").having("data-name", NAME);
    app.see(&listed).await.unwrap();
    let again = app
        .after_copying(async || {
            app.click(&listed).await?;
            app.click(&listed.clone().inside("link-copy-again")).await
        })
        .await
        .unwrap();
    assert_eq!(again, link);
    app.show_in_both_themes("shared-links").await.unwrap();

    app.click(&listed.clone().inside("link-stop")).await.unwrap();
    app.see(&spot("link-stop-confirm")).await.unwrap();
    app.show_in_both_themes("shared-links-stop").await.unwrap();
    app.click(&spot("link-stop-confirm")).await.unwrap();
    app.gone(&listed).await.unwrap();
    let refused = fetch(&link).await.unwrap().status;
    assert!(matches!(refused, StatusCode::FORBIDDEN | StatusCode::NOT_FOUND), "{refused}");
    app.click(&spot("links-tab").having("data-value", "ended")).await.unwrap();
    app.see(&spot("link").having("data-name", NAME).having("data-state", "stopped")).await.unwrap();
    app.click(&spot("nav-files")).await.unwrap();
    app.files_are_there().await.unwrap();
    assert!(!app.has(&row(NAME).inside("row-link")).await.unwrap(), "nothing is shared any more");
    assert!(store.content(NAME).await.unwrap().is_some(), "the file itself is nobody's to touch");
    app.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn undo_takes_a_link_off_the_clipboard_and_stops_it() {
    let store = Store::furnished().await.unwrap();
    let desktop = Desktop::start().await.unwrap();
    let app = desktop.open_app().await.unwrap();
    app.connect(&store, &colleague()).await.unwrap();
    let link = app.copy_link_of(NAME).await.unwrap();
    assert_eq!(fetch(&link).await.unwrap().status, StatusCode::OK);
    app.click(&spot("toast-undo")).await.unwrap();
    until("an empty clipboard", async || Ok(desktop.clipboard().text().await?.is_none().then_some(()))).await.unwrap();
    app.gone(&row(NAME).inside("row-link")).await.unwrap();
    let refused = fetch(&link).await.unwrap().status;
    assert!(matches!(refused, StatusCode::FORBIDDEN | StatusCode::NOT_FOUND), "{refused}");
    app.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn several_files_are_one_link_to_a_page_with_each_of_them() {
    let store = Store::furnished().await.unwrap();
    let desktop = Desktop::start().await.unwrap();
    let app = desktop.open_app().await.unwrap();
    app.connect(&store, &colleague()).await.unwrap();
    let link = app
        .after_copying(async || {
            app.click(&row(NAME)).await?;
            app.window().await?;
            desktop.hands().press("shift+Down").await?;
            desktop.hands().press("ctrl+l").await
        })
        .await
        .unwrap();
    let page = fetch(&link).await.unwrap();
    assert_eq!(page.status, StatusCode::OK);
    let text = String::from_utf8(page.body.to_vec()).unwrap();
    for name in [NAME, "Budget überarbeitet.xlsx"] {
        assert!(text.contains(name), "{name} is not on the page");
    }
    assert!(text.contains("2 files"), "its title says how many");
    let beside = link.split('?').next().unwrap().rsplit_once('/').unwrap().0;
    let href = text.split("href=\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap().replace("&amp;", "&");
    assert_eq!(fetch(&format!("{beside}/{href}")).await.unwrap().body, content(NAME, 2_000));
    app.close().await.unwrap();
}
