//! A transfer that the person holds by its buttons.

use satchel_e2e::deadlines::until;
use satchel_e2e::{row, spot, transfer};
use satchel_practice::Operation;

use crate::desk::{Desk, FILM};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_large_upload_is_paused_resumed_and_cancelled_and_leaves_nothing_behind() {
    let desk = Desk::new().await;
    let film = desk.film();
    let app = desk.open().await;
    let hold = desk.store.hold_after(3, Operation::UploadPart);
    let _copied = app.paste_files(&[&film]).await.unwrap();
    app.show_transfers().await.unwrap();
    desk.store.parts_taken(3).await.unwrap();
    desk.store.reached(&hold, 1).await.unwrap();
    let state = || transfer(FILM).inside("transfer-state");
    app.until_text(&state(), |text| text.starts_with("Uploading · ")).await.unwrap();
    app.until_text(&spot("transfers-title"), |text| text == "Uploading 1 file").await.unwrap();
    let part = |now: &str| now.parse::<f64>().is_ok_and(|now| now > 30.0 && now < 100.0);
    app.until_attribute(&transfer(FILM).inside("transfer-progress"), "aria-valuenow", part).await.unwrap();
    desk.desktop.tray.wait_for_entry("Uploading 1 file").await.unwrap();

    app.click(&transfer(FILM).inside("transfer-pause")).await.unwrap();
    app.transfer_is(FILM, "paused").await.unwrap();
    assert_eq!(app.text(&state()).await.unwrap(), "Paused");
    app.until_text(&spot("transfers-title"), |text| text == "Paused: 1 file left").await.unwrap();
    app.see(&spot("transfers-resume")).await.unwrap();
    let under = app.text(&transfer(FILM).inside("transfer-under")).await.unwrap();
    assert_eq!(under, "25 of 75 MB · to company-files", "only what has arrived is safe");
    let begun = desk.store.unfinished().await.unwrap();
    assert_eq!(begun.len(), 1, "what was sent is kept: {begun:?}");
    assert_eq!(begun[0].part_numbers.len(), 3, "{begun:?}");

    let before = desk.store.practice().requests().count(Operation::UploadPart);
    app.click(&transfer(FILM).inside("transfer-resume")).await.unwrap();
    app.transfer_is(FILM, "uploading").await.unwrap();
    app.until_text(&spot("transfers-title"), |text| text == "Uploading 1 file").await.unwrap();
    until("parts that are sent again", async || {
        Ok((desk.store.practice().requests().count(Operation::UploadPart) > before).then_some(()))
    })
    .await
    .unwrap();
    assert_eq!(desk.store.practice().requests().count(Operation::CreateMultipartUpload), 1, "it is the same upload");

    app.click(&transfer(FILM).inside("transfer-cancel")).await.unwrap();
    app.transfer_is(FILM, "stopped").await.unwrap();
    assert_eq!(app.text(&state()).await.unwrap(), "Stopped");
    hold.release();
    until("the store to have nothing of it", async || Ok(desk.store.unfinished().await?.is_empty().then_some(())))
        .await
        .unwrap();
    assert_eq!(desk.store.content(FILM).await.unwrap(), None);
    app.click(&spot("transfers-clear")).await.unwrap();
    app.until_text(&spot("empty-transfers"), |text| text.contains("Nothing is on its way")).await.unwrap();
    app.show_files().await.unwrap();
    assert!(!app.has(&row(FILM)).await.unwrap());
    assert!(desk.desktop.notifications.all().is_empty(), "what the person stopped is no news");
    app.close().await.unwrap();
}
