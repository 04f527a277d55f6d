//! When something goes wrong: the right sentence at the right place, one next action, and nothing lost.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;

use satchel_e2e::samples::content;
use satchel_e2e::store::{SECRET, Store, colleague, reader};
use satchel_e2e::{App, Desk, Desktop, PasswordStore, row, spot, transfer};
use satchel_practice::Allow;

const REPORT: &str = "Annual report 2026.pdf";

async fn desktop_with(password_store: PasswordStore) -> Desktop {
    Desktop::with(Desk { password_store, ..Desk::default() }).await.unwrap()
}

async fn upload(desktop: &Desktop, app: &App<'_>, name: &str, content: &[u8]) {
    let file = desktop.file_with(name, content).unwrap();
    app.click(&spot("upload")).await.unwrap();
    desktop.file_chooser().await.unwrap().choose(&file).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_a_password_store_the_keys_last_for_this_session() {
    let store = Store::furnished().await.unwrap();
    let desktop = desktop_with(PasswordStore::Absent).await;
    let app = desktop.open_app().await.unwrap();
    app.fill_in_access_key(&store.address(), &colleague()).await.unwrap();
    app.click(&spot("access-key-submit")).await.unwrap();
    let trouble = app.text(&spot("store-trouble")).await.unwrap();
    assert!(trouble.contains("No password store found"), "{trouble}");
    assert!(trouble.contains("no safe place to keep your keys"), "{trouble}");
    app.show_in_both_themes("no-password-store").await.unwrap();
    app.click(&spot("store-session")).await.unwrap();
    app.click(&spot("access-key-open")).await.unwrap();
    app.files_are_there().await.unwrap();
    app.see(&row(REPORT)).await.unwrap();
    app.copy_link_of(REPORT).await.unwrap();
    desktop.expect_no_trace_of(SECRET).unwrap();
    app.close().await.unwrap();
    desktop.expect_no_trace_of(SECRET).unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_locked_password_store_is_unlocked_and_then_keeps_the_key() {
    let store = Store::furnished().await.unwrap();
    let desktop = desktop_with(PasswordStore::Locked).await;
    let app = desktop.open_app().await.unwrap();
    app.fill_in_access_key(&store.address(), &colleague()).await.unwrap();
    app.click(&spot("access-key-submit")).await.unwrap();
    let trouble = app.text(&spot("store-trouble")).await.unwrap();
    assert!(trouble.contains("Your password store is locked"), "{trouble}");
    app.show_in_both_themes("password-store-locked").await.unwrap();
    desktop.keyring.as_ref().unwrap().unlock().await.unwrap();
    app.click(&spot("store-unlock")).await.unwrap();
    app.click(&spot("access-key-open")).await.unwrap();
    app.files_are_there().await.unwrap();
    assert!(desktop.stored_secrets("service", "Satchel").await.unwrap().contains(SECRET));
    desktop.expect_no_trace_of(SECRET).unwrap();
    app.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_storage_name_that_does_not_exist_is_told_at_its_field() {
    let store = Store::furnished().await.unwrap();
    let desktop = Desktop::start().await.unwrap();
    let app = desktop.open_app().await.unwrap();
    app.fill_in_access_key(&store.address(), &colleague()).await.unwrap();
    app.fill(&spot("field-bucket"), "company-flies").await.unwrap();
    app.click(&spot("access-key-submit")).await.unwrap();
    let trouble = app.text(&spot("field-trouble").having("data-field", "bucket")).await.unwrap();
    assert!(trouble.contains("company-flies"), "{trouble}");
    app.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_unknown_key_id_is_told_at_its_field() {
    let store = Store::furnished().await.unwrap();
    let desktop = Desktop::start().await.unwrap();
    let app = desktop.open_app().await.unwrap();
    let mut nobody = colleague();
    nobody.access_key_id = "SATCHELNOBODY000001".to_owned();
    app.fill_in_access_key(&store.address(), &nobody).await.unwrap();
    app.click(&spot("access-key-submit")).await.unwrap();
    app.see(&spot("field-trouble").having("data-field", "keyId")).await.unwrap();
    app.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_address_where_nobody_answers_is_told_at_its_field() {
    let port = TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port();
    let desktop = Desktop::start().await.unwrap();
    let app = desktop.open_app().await.unwrap();
    app.fill_in_access_key(&format!("http://127.0.0.1:{port}"), &colleague()).await.unwrap();
    app.click(&spot("access-key-submit")).await.unwrap();
    app.see(&spot("field-trouble").having("data-field", "address")).await.unwrap();
    app.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_folder_that_may_not_be_read_never_looks_empty() {
    let store = Store::furnished().await.unwrap();
    let desktop = Desktop::start().await.unwrap();
    let app = desktop.open_app().await.unwrap();
    app.connect(&store, &colleague()).await.unwrap();
    let mut person = colleague();
    person.allow = person.allow.list(Allow::Under("Press/".to_owned()));
    store.practice().set_identities(vec![person]);
    app.double_click(&row("Contracts")).await.unwrap();
    app.see(&spot("problem").having("data-code", "listDenied")).await.unwrap();
    assert_eq!(app.text(&spot("problem-title")).await.unwrap(), "You can’t open this folder");
    assert!(app.text(&spot("problem-sentence")).await.unwrap().contains("Contracts"));
    assert!(!app.has(&spot("empty-folder")).await.unwrap());
    app.show_in_both_themes("problem").await.unwrap();
    app.click(&spot("problem-details")).await.unwrap();
    let detail = app.text(&spot("problem-detail-text")).await.unwrap();
    assert!(detail.contains("AccessDenied") && !detail.contains(SECRET), "{detail}");
    app.click(&spot("problem-copy")).await.unwrap();
    desktop.clipboard().wait_for("the details", |text| text.contains("AccessDenied")).await.unwrap();
    app.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_may_only_read_is_let_in_and_told_so_when_uploading() {
    let store = Store::furnished().await.unwrap();
    let desktop = Desktop::start().await.unwrap();
    let app = desktop.open_app().await.unwrap();
    app.fill_in_access_key(&store.address(), &reader()).await.unwrap();
    app.click(&spot("access-key-submit")).await.unwrap();
    app.see(&spot("access-key-connected")).await.unwrap();
    app.see(&spot("check-step").having("data-step", "upload").having("data-state", "notAllowed")).await.unwrap();
    app.see(&spot("check-step").having("data-step", "see").having("data-state", "passed")).await.unwrap();
    app.click(&spot("access-key-open")).await.unwrap();
    app.files_are_there().await.unwrap();

    upload(&desktop, &app, "mine.txt", b"mine").await;
    app.open_transfers().await.unwrap();
    app.until_attribute(&transfer("mine.txt"), "data-state", |state| state == "needsYou").await.unwrap();
    app.until_text(&transfer("mine.txt"), |text| {
        text.contains("Your account may read “company-files” but not add files.")
    })
    .await
    .unwrap();
    assert_eq!(store.content("mine.txt").await.unwrap(), None);
    assert!(!app.has(&row("mine.txt")).await.unwrap());
    app.show_in_both_themes("transfers-needs-you").await.unwrap();
    app.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_taken_name_is_asked_about_and_every_answer_is_kept() {
    let store = Store::furnished().await.unwrap();
    let desktop = Desktop::start().await.unwrap();
    let app = desktop.open_app().await.unwrap();
    app.connect(&store, &colleague()).await.unwrap();
    let theirs = content(REPORT, 2_000);

    upload(&desktop, &app, REPORT, b"first of mine").await;
    app.see(&spot("name-taken")).await.unwrap();
    app.show_in_both_themes("name-taken").await.unwrap();
    app.choose(&spot("name-taken-skip")).await.unwrap();
    app.click(&spot("name-taken-confirm")).await.unwrap();
    app.gone(&spot("name-taken")).await.unwrap();
    // What was skipped is no work and leaves no line.
    app.gone(&spot("transfers-bar")).await.unwrap();
    assert_eq!(store.content(REPORT).await.unwrap(), Some(theirs.clone()));

    // Keep both is what Enter means.
    upload(&desktop, &app, REPORT, b"second of mine").await;
    app.see(&spot("name-taken")).await.unwrap();
    app.click(&spot("name-taken-confirm")).await.unwrap();
    app.gone(&spot("name-taken")).await.unwrap();
    app.see(&row("Annual report 2026 (2).pdf")).await.unwrap();
    assert_eq!(store.content(REPORT).await.unwrap(), Some(theirs));
    assert_eq!(store.content("Annual report 2026 (2).pdf").await.unwrap().as_deref(), Some(&b"second of mine"[..]));
    app.click(&spot("transfers-clear")).await.unwrap();

    upload(&desktop, &app, REPORT, b"third of mine").await;
    app.see(&spot("name-taken")).await.unwrap();
    app.choose(&spot("name-taken-replace")).await.unwrap();
    app.click(&spot("name-taken-confirm")).await.unwrap();
    app.uploaded(REPORT).await.unwrap();
    assert_eq!(store.content(REPORT).await.unwrap().as_deref(), Some(&b"third of mine"[..]));
    app.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn files_that_cannot_be_opened_do_not_stop_the_others() {
    let store = Store::furnished().await.unwrap();
    let desktop = Desktop::start().await.unwrap();
    let readable = desktop.file("readable.txt", 100).unwrap();
    let closed = desktop.file("closed.txt", 100).unwrap();
    let gone = desktop.file("gone.txt", 100).unwrap();
    fs::set_permissions(&closed, fs::Permissions::from_mode(0o000)).unwrap();
    // The harness takes root's right to read everything from the app; here it looks whether that is so.
    let look = ["--bounding-set=-dac_override,-dac_read_search", "cat", closed.to_str().unwrap()];
    assert!(!desktop.run("setpriv", &look).await.unwrap().status.success(), "this file can be read after all");
    let app = desktop.open_app().await.unwrap();
    app.connect(&store, &colleague()).await.unwrap();
    let _copied = desktop.clipboard().put_files(&[&closed, &readable, &gone]).await.unwrap();
    fs::remove_file(&gone).unwrap();
    app.click(&row("Press")).await.unwrap();
    app.press("Ctrl+V").await.unwrap();

    app.uploaded("readable.txt").await.unwrap();
    let needs_you = |state: &str| state == "needsYou";
    app.until_attribute(&transfer("closed.txt"), "data-state", needs_you).await.unwrap();
    app.until_text(&transfer("closed.txt"), |text| text.contains("doesn’t allow us to read “closed.txt”"))
        .await
        .unwrap();
    app.until_attribute(&transfer("gone.txt"), "data-state", needs_you).await.unwrap();
    app.until_text(&transfer("gone.txt"), |text| text.contains("“gone.txt” was moved or its disk was removed."))
        .await
        .unwrap();
    app.until_text(&spot("transfers-title"), |text| text.contains("1 of 3 uploaded, 2 need you")).await.unwrap();
    assert_eq!(store.content("readable.txt").await.unwrap(), Some(content("readable.txt", 100)));

    // The one action of the problem: try again, once it can be opened.
    fs::set_permissions(&closed, fs::Permissions::from_mode(0o600)).unwrap();
    app.click(&transfer("closed.txt").inside("transfer-action")).await.unwrap();
    app.uploaded("closed.txt").await.unwrap();
    app.close().await.unwrap();
}
