//! Storage that goes away and comes back, and storage that lets nobody in: told once, and gone by itself or with one click.

use std::time::Duration;

use satchel_e2e::deadlines::{until, until_within};
use satchel_e2e::samples::{borrowed, content};
use satchel_e2e::store::{Store, colleague, reader};
use satchel_e2e::{Desktop, spot, transfer};
use satchel_practice::proxy::Proxy;
use satchel_practice::{Fault, Identity, Operation, Rule};

use crate::desk::{Desk, FILM, FILM_BYTES, numbered};

/// Writes down every state that the row of a transfer goes through.
const NOTE_STATES: &str = "
    window.states = [];
    const note = () => {
        const state = document.querySelector('[data-testid=transfer]')?.dataset.state;
        if (state && state !== window.states.at(-1)) window.states.push(state);
    };
    note();
    new MutationObserver(note).observe(document.body, { subtree: true, childList: true, attributes: true });";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn storage_that_goes_away_is_waited_for_and_the_upload_goes_on_by_itself() {
    let desk = Desk::new().await;
    let film = desk.film();
    let app = desk.open().await;
    let faults = desk.store.practice().faults();
    faults.add(Rule::new(Fault::Drop).on(Operation::UploadPart).after(3).always());
    let _copied = app.paste_files(&[&film]).await.unwrap();
    app.show_transfers().await.unwrap();
    desk.store.parts_taken(3).await.unwrap();
    let away = faults.add(Rule::new(Fault::Drop).always());

    app.transfer_is(FILM, "held").await.unwrap();
    let banner = app.text(&spot("connection-banner")).await.unwrap();
    assert!(banner.contains("Can’t reach the company storage"), "{banner}");
    let state = transfer(FILM).inside("transfer-state");
    app.until_text(&state, |text| text == "Waiting for the storage").await.unwrap();
    // What is safe stays on one line.
    let safe = |text: &str| text.replace('\u{a0}', " ") == "Goes on by itself. 25 of 75 MB are safe.";
    app.until_text(&transfer(FILM).inside("transfer-under"), safe).await.unwrap();
    app.until_text(&spot("transfers-title"), |text| text == "Can’t reach the company storage: 1 file left")
        .await
        .unwrap();
    assert!(!app.has(&spot("problem")).await.unwrap(), "nothing is asked");
    app.script(NOTE_STATES, vec![]).await.unwrap();
    until("several looks whether it is back", async || Ok((faults.struck(away) >= 10).then_some(()))).await.unwrap();
    app.show_in_both_themes("transfers-held").await.unwrap();

    faults.clear();
    app.gone(&spot("connection-banner")).await.unwrap();
    app.transfer_is(FILM, "uploaded").await.unwrap();
    assert_eq!(desk.store.content(FILM).await.unwrap(), Some(content(FILM, FILM_BYTES)));
    assert_eq!(desk.store.practice().requests().count(Operation::CreateMultipartUpload), 1);
    let states = app.script("return window.states", vec![]).await.unwrap();
    let again = states.as_array().unwrap().iter().filter(|state| *state == "held").count();
    assert_eq!(again, 1, "it waits, and then it does not; looking is not uploading: {states}");
    assert!(desk.desktop.notifications.all().is_empty(), "the window shows it itself");
    app.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_line_that_is_cut_in_the_middle_is_taken_up_where_it_was() {
    let desk = Desk::new().await;
    let film = desk.film();
    let line = Proxy::start(desk.store.practice().port(), 7).await.unwrap();
    let app = desk.desktop.open_app().await.unwrap();
    app.connect_to(&line.endpoint(), &colleague()).await.unwrap();
    let hold = desk.store.hold_after(3, Operation::UploadPart);
    let _copied = app.paste_files(&[&film]).await.unwrap();
    let taken = desk.store.parts_taken(3).await.unwrap();
    desk.store.reached(&hold, 1).await.unwrap();
    line.go_down().await.unwrap();
    hold.release();
    // Also over the files, where the bar below says the same.
    let banner = app.text(&spot("connection-banner")).await.unwrap();
    assert!(banner.contains("Can’t reach the company storage"), "{banner}");
    app.until_text(&spot("transfers-title"), |text| text == "Can’t reach the company storage: 1 file left")
        .await
        .unwrap();
    app.show_in_both_themes("files-held").await.unwrap();

    line.come_up().await.unwrap();
    app.uploaded(FILM).await.unwrap();
    app.gone(&spot("connection-banner")).await.unwrap();
    assert_eq!(desk.store.content(FILM).await.unwrap(), Some(content(FILM, FILM_BYTES)));
    let sent = desk.store.practice().requests().of(Operation::UploadPart);
    let again = |part: &u32| sent.iter().filter(|request| request.part_number == Some(*part)).count() > 1;
    assert!(!taken.iter().any(again), "what has arrived is not sent again: {taken:?}");
    app.close().await.unwrap();
}

/// How soon somebody who asks is served. Left alone, looks come further and further apart.
const AT_ONCE: Duration = Duration::from_secs(1);
/// Looks after which they are further apart than that.
const LOOKS: u64 = 8;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_does_not_want_to_wait_looks_at_once_and_what_is_paused_stays_paused() {
    let desk = Desk::new().await;
    let film = desk.film();
    let letter = desk.desktop.file("Letter.pdf", 40_000).unwrap();
    let app = desk.open().await;
    let faults = desk.store.practice().faults();
    let away = faults.add(Rule::new(Fault::Drop).always());
    let _copied = app.paste_files(&[&film, &letter]).await.unwrap();
    app.show_transfers().await.unwrap();
    for name in [FILM, "Letter.pdf"] {
        app.transfer_is(name, "held").await.unwrap();
    }
    app.click(&transfer("Letter.pdf").inside("transfer-pause")).await.unwrap();
    app.transfer_is("Letter.pdf", "paused").await.unwrap();
    until("looks that are far apart", async || Ok((faults.struck(away) >= LOOKS).then_some(()))).await.unwrap();

    for button in [spot("connection-try-now"), transfer(FILM).inside("transfer-try-now")] {
        app.until_text(&button, |text| text == "Try now").await.unwrap();
        let before = faults.struck(away);
        app.click(&button).await.unwrap();
        until_within(AT_ONCE, "a look", async || Ok((faults.struck(away) > before).then_some(()))).await.unwrap();
        app.until_text(&button, |text| text == "Trying…").await.unwrap();
    }
    app.until_text(&spot("connection-try-now"), |text| text == "Try now").await.unwrap();
    faults.clear();
    app.click(&spot("connection-try-now")).await.unwrap();
    app.gone(&spot("connection-try-now")).await.unwrap();
    app.transfer_is(FILM, "uploaded").await.unwrap();
    app.transfer_is("Letter.pdf", "paused").await.unwrap();
    app.close().await.unwrap();
}

/// A reader who has been given the right to upload.
fn promoted() -> Identity {
    let mut person = reader();
    person.allow = colleague().allow;
    person
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_hundred_refused_files_are_one_message_and_one_click_tries_all_again() {
    const COUNT: usize = 200;
    let store = Store::furnished().await.unwrap();
    let desk = Desk { store, desktop: Desktop::start().await.unwrap() };
    let files = desk.numbered(COUNT, 300);
    let app = desk.desktop.open_app().await.unwrap();
    app.connect(&desk.store, &reader()).await.unwrap();
    app.drop_files(&borrowed(&files)).await.unwrap();
    app.show_transfers().await.unwrap();
    app.until_text(&spot("transfers-title"), |text| text == "200 need you").await.unwrap();
    assert_eq!(app.count(&spot("problem")).await.unwrap(), 0, "no dialog for each of them");
    assert!(desk.desktop.notifications.all().is_empty(), "the window shows it itself");
    let tried = desk.store.practice().requests().count(Operation::PutObject);
    assert!(tried < COUNT / 2, "{tried} were tried although the first was refused");
    app.until_text(&spot("transfer-cause"), |text| {
        text.contains("200 files") && text.contains("Your account may read “company-files” but not add files.")
    })
    .await
    .unwrap();
    let rows = app.text(&spot("transfer-rows")).await.unwrap();
    assert!(!rows.contains("Your account"), "it is said once: {rows}");
    let first = transfer(&numbered(1));
    app.until_text(&first.clone().inside("transfer-under"), |text| text == "300 bytes · to company-files")
        .await
        .unwrap();
    assert!(!app.has(&first.inside("transfer-action")).await.unwrap(), "one button for all of them");
    app.show_in_both_themes("transfers-refused").await.unwrap();
    app.resize(720, 520).await.unwrap();
    app.show_in_both_themes("narrow-transfers-refused").await.unwrap();

    desk.store.practice().set_identities(vec![promoted()]);
    app.click(&spot("transfer-cause-retry")).await.unwrap();
    app.until_text(&spot("transfers-title"), |text| text == "200 files uploaded").await.unwrap();
    for number in [1, COUNT / 2, COUNT] {
        let name = numbered(number);
        assert_eq!(desk.store.content(&name).await.unwrap(), Some(content(&name, 300)));
    }
    assert_eq!(desk.store.names("Scan ").await.unwrap().len(), COUNT);
    app.close().await.unwrap();
}
