//! The speed limit: obeyed by what moves, kept for the next start, and gone as soon as it is taken away.

use std::time::{Duration, Instant};

use satchel_e2e::{App, spot};

use crate::desk::Desk;

const LETTER: &str = "Letter with pictures.pdf";
const ARCHIVE: &str = "Old scans.zip";
const MEGABYTE: usize = 1_000_000;
const LETTER_BYTES: usize = 8 * MEGABYTE;
const ARCHIVE_BYTES: usize = 12 * MEGABYTE;

async fn show_settings(app: &App<'_>) {
    app.click(&spot("nav-settings")).await.unwrap();
    app.screen("settings").await.unwrap();
    app.see(&spot("settings-speed-now")).await.unwrap();
}

async fn limit_to(app: &App<'_>, megabytes: &str) {
    app.fill(&spot("settings-speed"), megabytes).await.unwrap();
    app.press("Enter").await.unwrap();
}

async fn says(app: &App<'_>, words: &str) {
    app.until_text(&spot("settings-speed-now"), |text| text == words).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_speed_limit_is_obeyed_kept_for_the_next_start_and_lifted_while_files_move() {
    let desk = Desk::new().await;
    let letter = desk.desktop.file(LETTER, LETTER_BYTES).unwrap();
    let archive = desk.desktop.file(ARCHIVE, ARCHIVE_BYTES).unwrap();
    let app = desk.open().await;
    show_settings(&app).await;
    says(&app, "Everything moves as fast as the line allows.").await;
    app.choose(&spot("settings-speed-limited")).await.unwrap();
    limit_to(&app, "fast").await;
    app.until_text(&spot("field-trouble"), |text| text == "Type a number from 0.1 to 1,000.").await.unwrap();
    app.show_in_both_themes("settings").await.unwrap();
    limit_to(&app, "2").await;
    says(&app, "Everything together moves at 2 MB/s at most, from now on.").await;
    assert!(!app.has(&spot("field-trouble")).await.unwrap());

    app.show_files().await.unwrap();
    let begun = Instant::now();
    let copied = app.paste_files(&[&letter]).await.unwrap();
    app.uploaded(LETTER).await.unwrap();
    let (took, at_least) = (begun.elapsed(), Duration::from_secs((LETTER_BYTES / MEGABYTE / 2) as u64));
    assert!(took >= at_least.mul_f64(0.9), "it took {took:?}, and the limit allows no less than {at_least:?}");
    assert!(took < at_least * 4, "it took {took:?}, and the limit asks for no more than {at_least:?}");
    drop(copied);
    app.close().await.unwrap();

    let app = desk.desktop.open_app().await.unwrap();
    app.files_are_there().await.unwrap();
    show_settings(&app).await;
    says(&app, "Everything together moves at 2 MB/s at most, from now on.").await;
    limit_to(&app, "0,1").await;
    says(&app, "Everything together moves at 100 KB/s at most, from now on.").await;
    app.resize(720, 520).await.unwrap();
    app.show_in_both_themes("narrow-settings").await.unwrap();
    app.show_files().await.unwrap();
    let begun = Instant::now();
    let _copied = app.paste_files(&[&archive]).await.unwrap();
    app.until_text(&spot("transfers-title"), |text| text == "Uploading 1 file").await.unwrap();
    show_settings(&app).await;
    app.choose(&spot("settings-speed-free")).await.unwrap();
    says(&app, "Everything moves as fast as the line allows.").await;
    app.show_files().await.unwrap();
    app.uploaded(ARCHIVE).await.unwrap();
    let (took, limited) = (begun.elapsed(), Duration::from_secs((ARCHIVE_BYTES / (MEGABYTE / 10)) as u64));
    assert!(took < limited / 3, "it took {took:?}, and would have taken {limited:?} under the limit");
    app.close().await.unwrap();
}
