//! Every screen, light and dark, as a picture for people and under the eyes of axe-core.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::fs;
use std::os::unix::fs::PermissionsExt;

use satchel_e2e::samples::borrowed;
use satchel_e2e::store::{Store, colleague};
use satchel_e2e::{App, Desk, Desktop, Launch, row, spot, transfer};
use satchel_practice::Operation;
use serde_json::json;

const REPORT: &str = "Annual report 2026.pdf";

async fn first_screens(app: &App<'_>, store: &Store, prefix: &str) {
    app.screen("welcome").await.unwrap();
    app.show_in_both_themes(&format!("{prefix}welcome")).await.unwrap();
    let mut person = colleague();
    person.secret_access_key = "not the right one".to_owned();
    app.fill_in_access_key(&store.address(), &person).await.unwrap();
    app.show_in_both_themes(&format!("{prefix}access-key")).await.unwrap();
    app.click(&spot("access-key-submit")).await.unwrap();
    app.see(&spot("field-trouble")).await.unwrap();
    app.show_in_both_themes(&format!("{prefix}access-key-trouble")).await.unwrap();
    app.fill(&spot("field-secret-key"), &colleague().secret_access_key).await.unwrap();
    app.click(&spot("access-key-submit")).await.unwrap();
    app.see(&spot("access-key-connected")).await.unwrap();
    app.show_in_both_themes(&format!("{prefix}access-key-connected")).await.unwrap();
    app.click(&spot("access-key-open")).await.unwrap();
    app.files_are_there().await.unwrap();
}

async fn files_and_share_sheet(app: &App<'_>, prefix: &str) {
    app.see(&row(REPORT)).await.unwrap();
    app.show_in_both_themes(&format!("{prefix}files")).await.unwrap();
    app.click(&row(REPORT)).await.unwrap();
    app.see(&row(REPORT).inside("row-copy-link")).await.unwrap();
    app.show_in_both_themes(&format!("{prefix}files-selected")).await.unwrap();
    app.right_click(&row(REPORT)).await.unwrap();
    app.see(&spot("context-menu")).await.unwrap();
    app.show_in_both_themes(&format!("{prefix}context-menu")).await.unwrap();
    app.click(&spot("menu-share")).await.unwrap();
    app.there(&spot("share-choice")).await.unwrap();
    app.show_in_both_themes(&format!("{prefix}share")).await.unwrap();
    app.choose(&spot("share-pick")).await.unwrap();
    app.see(&spot("share-pick-time")).await.unwrap();
    app.show_in_both_themes(&format!("{prefix}share-pick")).await.unwrap();
    app.click(&spot("share-copy")).await.unwrap();
    app.see(&spot("toast")).await.unwrap();
    // It stays while it is looked at.
    app.hover(&spot("toast")).await.unwrap();
    app.show_in_both_themes(&format!("{prefix}toast")).await.unwrap();
    app.click(&spot("toast-close")).await.unwrap();
    app.gone(&spot("toast")).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_way_from_the_welcome_to_a_copied_link() {
    let store = Store::furnished().await.unwrap();
    let desktop = Desktop::start().await.unwrap();
    let app = desktop.open_app().await.unwrap();
    first_screens(&app, &store, "").await;
    files_and_share_sheet(&app, "").await;
    app.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn dropping_transfers_and_folders_with_nothing_in_them() {
    let store = Store::furnished().await.unwrap();
    store.put("Empty/", b"").await.unwrap();
    let desktop = Desktop::start().await.unwrap();
    let files = [desktop.file("Logo large.png", 500_000).unwrap(), desktop.file("Minutes.docx", 40_000).unwrap()];
    let app = desktop.open_app().await.unwrap();
    app.connect(&store, &colleague()).await.unwrap();
    let list = app.area(&spot("file-list")).await.unwrap();
    let (x, y) = app.on_screen(list.x + list.width / 2.0, list.y + list.height / 2.0).await.unwrap();
    let mut drag = desktop.drag(&borrowed(&files)).await.unwrap();
    drag.over(x, y).await.unwrap();
    app.see(&spot("drop-overlay")).await.unwrap();
    app.show_in_both_themes("drop").await.unwrap();
    drag.drop_here().await.unwrap();
    app.uploaded("Logo large.png").await.unwrap();
    app.uploaded("Minutes.docx").await.unwrap();
    app.show_in_both_themes("transfers").await.unwrap();
    app.click(&spot("transfers-clear")).await.unwrap();
    app.gone(&spot("transfers-bar")).await.unwrap();

    app.fill(&spot("search"), "no such name").await.unwrap();
    app.see(&spot("empty-search")).await.unwrap();
    app.show_in_both_themes("nothing-found").await.unwrap();
    app.click(&spot("search-clear")).await.unwrap();
    app.open_folder("Empty").await.unwrap();
    app.see(&spot("empty-folder")).await.unwrap();
    app.show_in_both_themes("empty-folder").await.unwrap();
    app.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn transfers_of_many_kinds_and_none_at_all() {
    let store = Store::furnished().await.unwrap();
    let desktop = Desktop::start().await.unwrap();
    let app = desktop.open_app().await.unwrap();
    app.connect(&store, &colleague()).await.unwrap();
    app.show_transfers().await.unwrap();
    app.see(&spot("empty-transfers")).await.unwrap();
    app.show_in_both_themes("transfers-empty").await.unwrap();
    app.show_files().await.unwrap();

    let hold = store.hold_after(2, Operation::UploadPart);
    let files = [
        desktop.file("Company film.mp4", 40_000_000).unwrap(),
        desktop.file("Interviews, all of them.mov", 30_000_000).unwrap(),
        desktop.file("Logo large.png", 500_000).unwrap(),
        desktop.file(REPORT, 40_000).unwrap(),
        desktop.file("Salaries.xlsx", 40_000).unwrap(),
    ];
    fs::set_permissions(&files[4], fs::Permissions::from_mode(0o000)).unwrap();
    let _copied = app.paste_files(&borrowed(&files)).await.unwrap();
    app.see(&spot("name-taken")).await.unwrap();
    app.press("Escape").await.unwrap();
    app.gone(&spot("name-taken")).await.unwrap();
    app.show_transfers().await.unwrap();
    store.parts_taken(2).await.unwrap();
    app.click(&transfer("Interviews, all of them.mov").inside("transfer-pause")).await.unwrap();
    for (name, state) in [
        ("Company film.mp4", "uploading"),
        ("Interviews, all of them.mov", "paused"),
        ("Logo large.png", "uploaded"),
        (REPORT, "needsYou"),
        ("Salaries.xlsx", "needsYou"),
    ] {
        app.transfer_is(name, state).await.unwrap();
    }
    app.show_in_both_themes("transfers-screen").await.unwrap();
    app.resize(720, 520).await.unwrap();
    app.show_in_both_themes("narrow-transfers-screen").await.unwrap();
    app.click(&spot("transfers-cancel")).await.unwrap();
    hold.release();
    app.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_practice_place_and_the_switch_between_places() {
    let desktop = Desktop::start().await.unwrap();
    let app = desktop.open_app().await.unwrap();
    app.just_try_it().await.unwrap();
    app.see(&spot("practice-banner")).await.unwrap();
    app.show_in_both_themes("practice").await.unwrap();
    app.click(&spot("place-switcher")).await.unwrap();
    app.see(&spot("place-menu")).await.unwrap();
    app.show_in_both_themes("place-menu").await.unwrap();
    app.click(&spot("place-add")).await.unwrap();
    app.screen("welcome").await.unwrap();
    app.see(&spot("welcome-back")).await.unwrap();
    app.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn with_longer_words_nothing_is_cut_off_or_covered() {
    let store = Store::furnished().await.unwrap();
    let desktop = Desktop::start().await.unwrap();
    let pseudo = Launch { arguments: &[], environment: &[("SATCHEL_LANGUAGE", "pseudo")] };
    let app = desktop.launch_app(pseudo).await.unwrap();
    first_screens(&app, &store, "pseudo-").await;
    files_and_share_sheet(&app, "pseudo-").await;
    app.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn in_a_narrow_window_everything_is_still_there() {
    let store = Store::furnished().await.unwrap();
    let desktop = Desktop::start().await.unwrap();
    let app = desktop.open_app().await.unwrap();
    app.connect(&store, &colleague()).await.unwrap();
    app.resize(720, 520).await.unwrap();
    let sideways = "return document.documentElement.scrollWidth - document.documentElement.clientWidth";
    assert_eq!(app.script(sideways, vec![]).await.unwrap(), json!(0), "nothing has to be pushed aside to be read");
    files_and_share_sheet(&app, "narrow-").await;
    app.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_a_dark_desktop_satchel_is_dark() {
    let desktop = Desktop::with(Desk { dark: true, ..Desk::default() }).await.unwrap();
    let app = desktop.open_app().await.unwrap();
    app.just_try_it().await.unwrap();
    let dark = "return matchMedia('(prefers-color-scheme: dark)').matches";
    assert_eq!(app.script(dark, vec![]).await.unwrap(), json!(true));
    app.picture("practice-on-a-dark-desktop").await.unwrap();
    app.expect_accessible("practice place on a dark desktop").await.unwrap();
    app.close().await.unwrap();
}
