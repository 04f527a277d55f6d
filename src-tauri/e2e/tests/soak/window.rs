//! A hundred thousand dropped files: the app stays small, the window answers all the time, Cancel acts at once.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use satchel_e2e::deadlines::until_within;
use satchel_e2e::samples::content;
use satchel_e2e::store::{Store, colleague};
use satchel_e2e::{App, Desktop, spot};
use satchel_practice::Operation;

use crate::person;
use crate::verdict::Verdict;
use crate::watch;

const USUAL_FILES: usize = 100_000;
const FILE_BYTES: usize = 1_024;
/// Files in one of its folders, as scans lie in boxes.
const IN_A_FOLDER: usize = 1_000;
/// How often the person looks around after everything is in the list.
const ROUNDS: usize = 6;

const MOST_MEMORY: u64 = 400_000_000;
const ANSWER: Duration = Duration::from_millis(200);
const CANCEL: Duration = Duration::from_secs(1);

fn files() -> usize {
    std::env::var("SATCHEL_SOAK_FILES")
        .map_or(USUAL_FILES, |count| count.parse().expect("SATCHEL_SOAK_FILES is a number"))
}

/// A folder with very many small files, in folders of its own.
fn archive(desktop: &Desktop, count: usize) -> PathBuf {
    let folder = desktop.documents().join("Archive");
    for number in 0..count {
        let inside = folder.join(format!("Box {:03}", number / IN_A_FOLDER));
        if number % IN_A_FOLDER == 0 {
            std::fs::create_dir_all(&inside).unwrap();
        }
        let name = format!("Scan {number:06}.txt");
        std::fs::write(inside.join(&name), content(&name, FILE_BYTES)).unwrap();
    }
    folder
}

/// The number beside the word of a filter.
async fn counted(app: &App<'_>, filter: &str) -> usize {
    let text = app.text(&spot("transfers-filter").having("data-filter", filter)).await.unwrap();
    text.chars().filter(char::is_ascii_digit).collect::<String>().parse().unwrap()
}

async fn remember(app: &App<'_>, when: &str, verdict: &mut Verdict) {
    let (own, page) = app.memory().unwrap();
    verdict.memory(when, own, page, MOST_MEMORY);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "takes minutes: `cargo xtask soak --window` runs it"]
async fn very_many_dropped_files_leave_the_window_quick_and_small() {
    let count = files();
    let (store, desktop) = (Store::furnished().await.unwrap(), Desktop::start().await.unwrap());
    let folder = archive(&desktop, count);
    // However quick it is, something is left to be cancelled.
    let hold = store.hold_after(count as u64 * 3 / 4, Operation::PutObject);
    let app = desktop.open_app().await.unwrap();
    app.connect(&store, &colleague()).await.unwrap();
    let mut verdict = Verdict::default();
    remember(&app, "before", &mut verdict).await;
    watch::start(&app).await;
    watch::doing(&app, "dropping").await;
    app.drop_files(&[&folder]).await.unwrap();
    let dropped = Instant::now();
    app.see(&spot("transfers-bar")).await.unwrap();
    until_within(Duration::from_secs(300), "all files in the list", async || {
        person::looks_around(&app).await;
        app.show_transfers().await?;
        Ok((counted(&app, "all").await == count).then_some(()))
    })
    .await
    .unwrap();
    eprintln!("all {count} files were in the list after {:.0?}", dropped.elapsed());
    for _ in 0..ROUNDS {
        person::looks_around(&app).await;
    }
    app.show_transfers().await.unwrap();
    remember(&app, "while files are sent", &mut verdict).await;
    watch::doing(&app, "cancelling").await;
    eprintln!("{} of them were stored after {:.0?}", counted(&app, "finished").await, dropped.elapsed());
    app.click(&spot("transfers-cancel")).await.unwrap();
    verdict.time("from Cancel until nothing moves", watch::cancelling(&app).await, CANCEL);
    hold.release();
    watch::doing(&app, "after cancelling").await;
    person::looks_around(&app).await;
    for (what, name) in [
        ("the page's main thread stood still", "gaps"),
        ("a command there and back", "trips"),
        ("a window of rows there and back", "rows"),
        ("an input until it was drawn", "inputs"),
    ] {
        verdict.times(what, &watch::told(&app, name).await, ANSWER);
    }
    remember(&app, "at the end", &mut verdict).await;
    app.close().await.unwrap();
    verdict.insist();
}
