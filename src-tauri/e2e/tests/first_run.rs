//! The first ten minutes: a key from IT, pasted wrong and then right, and where it is afterwards.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use satchel_e2e::store::{SECRET, Store, colleague};
use satchel_e2e::{Desktop, Launch, row, spot};

const WRONG_SECRET: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYq4T=XXXXXXX";
/// Everything the app could say, so that what it must not say is looked for where it would be.
const TALKATIVE: Launch<'_> = Launch { arguments: &[], environment: &[("SATCHEL_LOG", "trace,hyper=info")] };

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wrong_secret_is_told_at_its_field_and_the_right_one_connects() {
    let store = Store::furnished().await.unwrap();
    let desktop = Desktop::start().await.unwrap();
    let app = desktop.launch_app(TALKATIVE).await.unwrap();
    let mut person = colleague();
    person.secret_access_key = WRONG_SECRET.to_owned();
    app.fill_in_access_key(&store.address(), &person).await.unwrap();
    app.click(&spot("access-key-submit")).await.unwrap();

    let trouble = spot("field-trouble").having("data-field", "secretKey");
    app.until_text(&trouble, |text| text.contains("secret key")).await.unwrap();
    assert_eq!(app.count(&spot("field-trouble")).await.unwrap(), 1, "the trouble is at one field only");
    assert_eq!(app.value(&spot("field-key-id")).await.unwrap(), person.access_key_id, "what was right stays");
    let stored = desktop.stored_secrets("service", "Satchel").await.unwrap();
    assert!(!stored.contains(WRONG_SECRET), "a key that does not work is not kept");
    assert!(!app.has(&spot("access-key-connected")).await.unwrap());

    app.fill(&spot("field-secret-key"), SECRET).await.unwrap();
    app.click(&spot("access-key-submit")).await.unwrap();
    let connected = app.text(&spot("access-key-connected")).await.unwrap();
    assert!(connected.contains("Connected. 2 folders found."), "{connected}");
    assert!(!app.everything().await.unwrap().contains(SECRET), "the page forgets the secret");
    app.click(&spot("access-key-open")).await.unwrap();
    app.files_are_there().await.unwrap();
    app.see(&row("Contracts").having("data-kind", "folder")).await.unwrap();
    app.see(&row("Budget überarbeitet.xlsx").having("data-kind", "file")).await.unwrap();

    let stored = desktop.stored_secrets("service", "Satchel").await.unwrap();
    assert!(stored.contains(SECRET), "the password store has the key");
    assert!(!app.everything().await.unwrap().contains(SECRET));
    desktop.expect_no_trace_of(SECRET).unwrap();
    desktop.expect_no_trace_of(WRONG_SECRET).unwrap();
    app.close().await.unwrap();
    desktop.expect_no_trace_of(SECRET).unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn at_the_next_start_the_files_are_there_without_a_question() {
    let store = Store::furnished().await.unwrap();
    let desktop = Desktop::start().await.unwrap();
    let app = desktop.open_app().await.unwrap();
    app.connect(&store, &colleague()).await.unwrap();
    app.close().await.unwrap();

    let app = desktop.open_app().await.unwrap();
    app.files_are_there().await.unwrap();
    app.see(&row("Press")).await.unwrap();
    app.open_folder("Press").await.unwrap();
    app.see(&row("Logo.svg")).await.unwrap();
    assert!(!app.has(&row("Contracts")).await.unwrap());
    app.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_that_failed_is_not_a_place_at_the_next_start() {
    let store = Store::furnished().await.unwrap();
    let desktop = Desktop::start().await.unwrap();
    let app = desktop.open_app().await.unwrap();
    let mut person = colleague();
    person.secret_access_key = WRONG_SECRET.to_owned();
    app.fill_in_access_key(&store.address(), &person).await.unwrap();
    app.click(&spot("access-key-submit")).await.unwrap();
    app.see(&spot("field-trouble")).await.unwrap();
    app.close().await.unwrap();

    let app = desktop.open_app().await.unwrap();
    app.screen("welcome").await.unwrap();
    app.close().await.unwrap();
}
