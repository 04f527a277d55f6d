//! The app ends in the middle of an upload, and starts again: it goes on by itself, with what was sent.

use std::collections::HashMap;
use std::time::Duration;

use satchel_e2e::samples::content;
use satchel_e2e::{App, spot};
use satchel_practice::{Hold, Operation};

use crate::desk::{Desk, FILM, FILM_BYTES};

/// What a desktop gives a program that was asked to end.
const LONGEST_FAREWELL: Duration = Duration::from_secs(2);

/// Three parts are in the store, the others wait before it.
async fn in_the_middle<'a>(desk: &'a Desk) -> (App<'a>, Hold, Vec<u32>) {
    let film = desk.film();
    let app = desk.open().await;
    let hold = desk.store.hold_after(3, Operation::UploadPart);
    let copied = app.paste_files(&[&film]).await.unwrap();
    let taken = desk.store.parts_taken(3).await.unwrap();
    desk.store.reached(&hold, 1).await.unwrap();
    // Written down are the parts that the person is shown as sent.
    let part = |now: &str| now.parse::<f64>().is_ok_and(|now| now > 30.0);
    app.until_attribute(&spot("transfers-progress"), "aria-valuenow", part).await.unwrap();
    drop(copied);
    (app, hold, taken)
}

/// Starts again and waits for the end. What was taken before is not sent again.
async fn it_goes_on_by_itself(desk: &Desk, hold: &Hold, taken: &[u32]) {
    let app = desk.desktop.open_app().await.unwrap();
    app.files_are_there().await.unwrap();
    app.until_text(&spot("toast-text"), |text| text == "1 file that was on its way goes on.").await.unwrap();
    hold.release();
    app.uploaded(FILM).await.unwrap();
    assert_eq!(desk.store.content(FILM).await.unwrap(), Some(content(FILM, FILM_BYTES)));
    assert!(desk.store.unfinished().await.unwrap().is_empty());

    let requests = desk.store.practice().requests();
    assert_eq!(requests.count(Operation::CreateMultipartUpload), 1, "it is the same upload");
    let mut tries: HashMap<u32, usize> = HashMap::new();
    for part in requests.of(Operation::UploadPart) {
        *tries.entry(part.part_number.unwrap()).or_default() += 1;
    }
    assert!(taken.iter().all(|part| tries[part] == 1), "only what was on its way is sent again: {taken:?}, {tries:?}");
    app.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn quit_in_the_tray_ends_at_once_and_the_next_start_goes_on() {
    let desk = Desk::new().await;
    let (app, hold, taken) = in_the_middle(&desk).await;
    desk.desktop.tray.wait_for_icon().await.unwrap();
    desk.desktop.tray.click("Quit").await.unwrap();
    app.ended_within(LONGEST_FAREWELL).await.unwrap();
    said_that_it_goes_on(&desk).await;
    it_goes_on_by_itself(&desk, &hold, &taken).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_end_of_the_session_ends_it_at_once_and_the_next_start_goes_on() {
    let desk = Desk::new().await;
    let (app, hold, taken) = in_the_middle(&desk).await;
    app.ask_to_end().unwrap();
    app.ended_within(LONGEST_FAREWELL).await.unwrap();
    said_that_it_goes_on(&desk).await;
    it_goes_on_by_itself(&desk, &hold, &taken).await;
}

async fn said_that_it_goes_on(desk: &Desk) {
    let said = desk.desktop.notifications.only_one().await.unwrap();
    assert_eq!(said.title, "Satchel has quit");
    assert!(said.body.contains("goes on at the next start"), "{said:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_app_that_was_killed_goes_on_at_the_next_start() {
    let desk = Desk::new().await;
    let (app, hold, taken) = in_the_middle(&desk).await;
    app.kill().await.unwrap();
    assert_eq!(desk.store.unfinished().await.unwrap().len(), 1);
    it_goes_on_by_itself(&desk, &hold, &taken).await;
}
