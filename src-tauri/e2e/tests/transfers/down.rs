//! Files that come down: into the folder for downloads, as they are, and never over another.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use satchel_e2e::samples::content;
use satchel_e2e::{App, row, spot};

use crate::desk::Desk;

const FILES: [&str; 2] = ["Annual report 2026.pdf", "Budget überarbeitet.xlsx"];

async fn choose_both(app: &App<'_>) {
    app.click(&row(FILES[0])).await.unwrap();
    app.press("Shift+Down").await.unwrap();
    app.until_attribute(&row(FILES[1]), "aria-selected", |chosen| chosen == "true").await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn chosen_files_come_into_the_folder_for_downloads_and_never_over_another() {
    let desk = Desk::new().await;
    let downloads = desk.desktop.downloads();
    let app = desk.open().await;
    choose_both(&app).await;
    app.click(&spot("download")).await.unwrap();
    app.show_transfers().await.unwrap();
    for name in FILES {
        app.transfer_is(name, "downloaded").await.unwrap();
        assert_eq!(fs::read(downloads.join(name)).unwrap(), content(name, 2_000));
        let mode = fs::metadata(downloads.join(name)).unwrap().permissions().mode();
        assert_eq!(mode & 0o111, 0, "what came from elsewhere can't be started: {mode:o}");
    }
    app.until_text(&spot("transfers-title"), |text| text == "2 files downloaded").await.unwrap();
    assert_eq!(fs::read_dir(&downloads).unwrap().count(), 2, "nothing lies beside them");

    fs::write(downloads.join(FILES[0]), "changed since").unwrap();
    app.show_files().await.unwrap();
    app.right_click(&row(FILES[0])).await.unwrap();
    app.click(&spot("menu-download")).await.unwrap();
    app.until_text(&spot("name-taken"), |text| {
        text.starts_with("“Annual report 2026.pdf” is already used in Downloads")
    })
    .await
    .unwrap();
    app.show_in_both_themes("name-taken-download").await.unwrap();
    assert_eq!(fs::read(downloads.join(FILES[0])).unwrap(), b"changed since");
    app.click(&spot("name-taken-confirm")).await.unwrap();
    app.gone(&spot("name-taken")).await.unwrap();
    app.show_transfers().await.unwrap();
    app.transfer_is("Annual report 2026 (2).pdf", "downloaded").await.unwrap();
    assert_eq!(fs::read(downloads.join("Annual report 2026 (2).pdf")).unwrap(), content(FILES[0], 2_000));
    assert_eq!(fs::read(downloads.join(FILES[0])).unwrap(), b"changed since", "the one there stays");
    app.close().await.unwrap();
}
