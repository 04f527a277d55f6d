//! Files that come down: into the folder for downloads, as they are, and never over another.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use satchel_e2e::samples::content;
use satchel_e2e::{App, row, spot, transfer};
use satchel_practice::Operation;

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
    let words = app.text(&spot("name-taken")).await.unwrap();
    for said in ["On this computer", "The new one is saved as “Annual report 2026 (2).pdf”.", "Cancel download"] {
        assert!(words.contains(said), "{said}: {words}");
    }
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

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_folder_comes_down_with_all_that_is_in_it() {
    let desk = Desk::new().await;
    let downloads = desk.desktop.downloads();
    let app = desk.open().await;
    app.right_click(&row("Contracts")).await.unwrap();
    app.click(&spot("menu-download")).await.unwrap();
    app.show_transfers().await.unwrap();
    app.until_text(&spot("transfers-title"), |text| text == "2 files downloaded").await.unwrap();
    for name in ["Contracts/Rental agreement.pdf", "Contracts/2026/Supplier.docx"] {
        assert_eq!(fs::read(downloads.join(name)).unwrap(), content(name, 2_000), "{name}");
    }
    app.close().await.unwrap();
}

/// In the store before, so that the app begins with it.
const ARCHIVE: &str = "Archive.zip";
const ARCHIVE_BYTES: usize = 48 * 1024 * 1024 + 99;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_large_download_that_was_killed_goes_on_at_the_next_start() {
    let desk = Desk::new().await;
    let whole = content(ARCHIVE, ARCHIVE_BYTES);
    desk.store.put(ARCHIVE, &whole).await.unwrap();
    let app = desk.open().await;
    let hold = desk.store.hold_after(2, Operation::GetObject);
    app.right_click(&row(ARCHIVE)).await.unwrap();
    app.click(&spot("menu-download")).await.unwrap();
    app.show_transfers().await.unwrap();
    app.transfer_is(ARCHIVE, "downloading").await.unwrap();
    desk.store.reached(&hold, 1).await.unwrap();
    let some = |now: &str| now.parse::<f64>().is_ok_and(|now| now > 10.0);
    app.until_attribute(&transfer(ARCHIVE).inside("transfer-progress"), "aria-valuenow", some).await.unwrap();
    assert!(!desk.desktop.downloads().join(ARCHIVE).exists(), "no name before all of it is there");
    app.kill().await.unwrap();

    let app = desk.desktop.open_app().await.unwrap();
    app.files_are_there().await.unwrap();
    hold.release();
    app.show_transfers().await.unwrap();
    app.transfer_is(ARCHIVE, "downloaded").await.unwrap();
    assert_eq!(fs::read(desk.desktop.downloads().join(ARCHIVE)).unwrap(), whole);
    assert_eq!(fs::read_dir(desk.desktop.downloads()).unwrap().count(), 1, "nothing lies beside it");
    app.close().await.unwrap();
}
