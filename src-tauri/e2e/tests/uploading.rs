//! Three ways for a file into the storage: dropped from the file manager, chosen with the button, pasted.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::path::PathBuf;

use satchel_e2e::fetch::fetch;
use satchel_e2e::samples::{HARD_NAMES, borrowed, content};
use satchel_e2e::store::{Store, colleague};
use satchel_e2e::{Desktop, row, spot, transfer};
use satchel_practice::{Fault, Hold, Operation, Rule};

const LARGE: usize = 3 << 20;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn files_dropped_from_the_file_manager_arrive_byte_for_byte() {
    let store = Store::furnished().await.unwrap();
    let desktop = Desktop::start().await.unwrap();
    let files: Vec<PathBuf> = HARD_NAMES.iter().map(|name| desktop.file(name, 40_000).unwrap()).collect();
    let app = desktop.open_app().await.unwrap();
    app.connect(&store, &colleague()).await.unwrap();
    app.open_folder("Press").await.unwrap();
    let before = desktop.clipboard().put_text("mine").await.unwrap();

    let list = app.area(&spot("file-list")).await.unwrap();
    let (x, y) = app.on_screen(list.x + list.width / 2.0, list.y + list.height / 2.0).await.unwrap();
    let mut drag = desktop.drag(&borrowed(&files)).await.unwrap();
    drag.over(x, y).await.unwrap();
    app.see(&spot("drop-overlay").having("data-allowed", "true")).await.unwrap();
    let title = app.text(&spot("drop-title")).await.unwrap();
    assert!(title.contains("Press"), "it says where they will go: {title}");
    app.until_text(&spot("drop-detail"), |text| text.contains("6 files")).await.unwrap();
    drag.drop_here().await.unwrap();
    app.gone(&spot("drop-overlay")).await.unwrap();

    for name in HARD_NAMES {
        app.uploaded(name).await.unwrap();
        app.see(&row(name)).await.unwrap();
        assert_eq!(store.content(&format!("Press/{name}")).await.unwrap(), Some(content(name, 40_000)), "{name}");
    }
    assert_eq!(desktop.clipboard().text().await.unwrap().as_deref(), Some("mine"), "dropping shares nothing");
    assert!(store.names(".s/").await.unwrap().is_empty());
    assert!(desktop.notifications.all().is_empty(), "the window is in front and shows it itself");
    drop(before);
    app.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_drag_that_goes_away_again_uploads_nothing() {
    let store = Store::furnished().await.unwrap();
    let desktop = Desktop::start().await.unwrap();
    let file = desktop.file("not this one.txt", 10).unwrap();
    let app = desktop.open_app().await.unwrap();
    app.connect(&store, &colleague()).await.unwrap();
    let list = app.area(&spot("file-list")).await.unwrap();
    let (x, y) = app.on_screen(list.x + list.width / 2.0, list.y + list.height / 2.0).await.unwrap();
    let mut drag = desktop.drag(&[&file]).await.unwrap();
    drag.over(x, y).await.unwrap();
    app.see(&spot("drop-overlay")).await.unwrap();
    drag.give_up().await.unwrap();
    app.gone(&spot("drop-overlay")).await.unwrap();
    assert!(!app.has(&spot("transfers-bar")).await.unwrap());
    assert_eq!(store.content("not this one.txt").await.unwrap(), None);
    app.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_chosen_file_shows_its_progress_and_is_uploaded_only_when_the_store_has_it() {
    let store = Store::furnished().await.unwrap();
    let desktop = Desktop::start().await.unwrap();
    let file = desktop.file("Film.mp4", LARGE).unwrap();
    let app = desktop.open_app().await.unwrap();
    app.connect(&store, &colleague()).await.unwrap();
    // The store reads a third of it, then nothing until the test has seen the bar.
    let hold = Hold::new();
    let stall = Fault::StallRequest { after: LARGE as u64 / 3, hold: hold.clone() };
    store.practice().faults().add(Rule::new(stall).on(Operation::PutObject).key("Film.mp4"));

    app.click(&spot("upload")).await.unwrap();
    desktop.file_chooser().await.unwrap().choose(&file).await.unwrap();
    app.open_transfers().await.unwrap();
    app.until_attribute(&transfer("Film.mp4"), "data-state", |state| state == "uploading").await.unwrap();
    let part = |now: &str| now.parse::<f64>().is_ok_and(|now| now > 0.0 && now < 100.0);
    app.until_attribute(&spot("transfers-progress"), "aria-valuenow", part).await.unwrap();
    assert_eq!(store.content("Film.mp4").await.unwrap(), None);
    assert!(!app.has(&row("Film.mp4")).await.unwrap(), "no row before the file is there");
    app.picture("transfers-under-way").await.unwrap();

    hold.release();
    app.uploaded("Film.mp4").await.unwrap();
    app.see(&row("Film.mp4")).await.unwrap();
    assert_eq!(store.content("Film.mp4").await.unwrap(), Some(content("Film.mp4", LARGE)));
    let link = app.copy_link_of("Film.mp4").await.unwrap();
    let fetched = fetch(&link).await.unwrap();
    assert_eq!(fetched.header("content-type"), Some("video/mp4"), "it went up with its type");
    app.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_chooser_that_is_cancelled_uploads_nothing() {
    let store = Store::furnished().await.unwrap();
    let desktop = Desktop::start().await.unwrap();
    let app = desktop.open_app().await.unwrap();
    app.connect(&store, &colleague()).await.unwrap();
    app.click(&spot("upload")).await.unwrap();
    desktop.file_chooser().await.unwrap().cancel().await.unwrap();
    app.see(&row("Press")).await.unwrap();
    assert!(!app.has(&spot("transfers-bar")).await.unwrap());
    app.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn files_copied_in_the_file_manager_are_pasted_with_their_names() {
    let store = Store::furnished().await.unwrap();
    let desktop = Desktop::start().await.unwrap();
    let files: Vec<PathBuf> = HARD_NAMES.iter().map(|name| desktop.file(name, 3_000).unwrap()).collect();
    let app = desktop.open_app().await.unwrap();
    app.connect(&store, &colleague()).await.unwrap();
    let _copied = desktop.clipboard().put_files(&borrowed(&files)).await.unwrap();
    app.click(&row("Press")).await.unwrap();
    app.window().await.unwrap();
    desktop.hands().press("ctrl+v").await.unwrap();
    for name in HARD_NAMES {
        app.uploaded(name).await.unwrap();
        app.see(&row(name)).await.unwrap();
        assert_eq!(store.content(name).await.unwrap(), Some(content(name, 3_000)), "{name}");
    }
    app.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_empty_file_is_a_file() {
    let store = Store::furnished().await.unwrap();
    let desktop = Desktop::start().await.unwrap();
    let file = desktop.file("empty.txt", 0).unwrap();
    let app = desktop.open_app().await.unwrap();
    app.connect(&store, &colleague()).await.unwrap();
    app.click(&spot("upload")).await.unwrap();
    desktop.file_chooser().await.unwrap().choose(&file).await.unwrap();
    app.uploaded("empty.txt").await.unwrap();
    assert_eq!(store.content("empty.txt").await.unwrap(), Some(Vec::new()));
    // The link's test asks for the first byte, which an empty file has not.
    let link = app.copy_link_of("empty.txt").await.unwrap();
    let fetched = fetch(&link).await.unwrap();
    assert_eq!((fetched.status.as_u16(), fetched.body.len()), (200, 0));
    app.close().await.unwrap();
}
