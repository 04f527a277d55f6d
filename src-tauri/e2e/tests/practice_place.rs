//! *Just try it*: a storage inside the app, with something to see in it, and links that open on this computer.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::time::Instant;

use http::StatusCode;
use satchel_e2e::fetch::fetch;
use satchel_e2e::{Desktop, Launch, spot};
use serde_json::json;

const NAMES: &str = "return Array.from(document.querySelectorAll('[data-testid=row]'), (row) => row.dataset.name)";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn just_try_it_shows_sample_files_whose_links_work() {
    let desktop = Desktop::start().await.unwrap();
    let app = desktop.open_app().await.unwrap();
    let chosen = Instant::now();
    app.just_try_it().await.unwrap();
    let row = spot("row").having("data-kind", "file");
    app.see(&row).await.unwrap();
    eprintln!("first rows of a new practice place: {} ms after the click", chosen.elapsed().as_millis());
    let banner = app.text(&spot("practice-banner")).await.unwrap();
    assert!(banner.contains("only on this computer"), "{banner}");

    let names = app.script(NAMES, vec![]).await.unwrap();
    let names: Vec<String> = serde_json::from_value(names).unwrap();
    assert!(names.iter().any(|name| name.ends_with(".pdf")), "{names:?}");
    assert!(names.iter().any(|name| !name.is_ascii()), "{names:?}");
    let pdf = names.iter().find(|name| name.ends_with(".pdf")).unwrap();
    let link = app.copy_link_of(pdf).await.unwrap();
    let fetched = fetch(&link).await.unwrap();
    assert_eq!(fetched.status, StatusCode::OK);
    assert!(fetched.body.starts_with(b"%PDF-"));
    assert_eq!(fetched.file_name().as_ref(), Some(pdf));
    app.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_practice_place_is_one_argument_away_and_is_remembered() {
    let desktop = Desktop::start().await.unwrap();
    let started = Instant::now();
    let app = desktop.launch_app(Launch { arguments: &["--practice"], ..Launch::default() }).await.unwrap();
    app.see(&spot("row")).await.unwrap();
    eprintln!("first start, first rows: {} ms", started.elapsed().as_millis());
    app.close().await.unwrap();

    let started = Instant::now();
    let app = desktop.open_app().await.unwrap();
    app.see(&spot("row")).await.unwrap();
    eprintln!("warm start, first rows: {} ms", started.elapsed().as_millis());
    assert_ne!(app.script(NAMES, vec![]).await.unwrap(), json!([]));
    app.close().await.unwrap();
}
