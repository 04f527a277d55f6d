//! A dropped folder is one row, in the app as it is built, and still one after it was killed.

use satchel_e2e::{spot, transfer};
use satchel_practice::Operation;

use crate::desk::Desk;

const COUNT: usize = 38;
const TAKEN: u64 = 11;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_dropped_folder_is_one_row_and_goes_on_as_one_at_the_next_start() {
    let desk = Desk::new().await;
    let folder = desk.desktop.documents().join("Trade fair photos");
    std::fs::create_dir_all(&folder).unwrap();
    for number in 1..=COUNT {
        std::fs::write(folder.join(format!("Photo {number:02}.jpg")), vec![7; 4_000]).unwrap();
    }
    let hold = desk.store.hold_after(TAKEN, Operation::PutObject);
    let app = desk.open().await;
    app.drop_files(&[&folder]).await.unwrap();
    app.show_transfers().await.unwrap();
    let row = transfer("Trade fair photos");
    let counts = |text: &str| text.starts_with("Uploading · ") && text.ends_with(" of 38 files");
    app.until_text(&row.clone().inside("transfer-state"), counts).await.unwrap();
    app.until_attribute(&spot("transfer-rows"), "data-count", |count| count == "1").await.unwrap();
    app.click(&row.clone().inside("transfer-open")).await.unwrap();
    app.until_attribute(&spot("transfer-rows"), "data-count", |count| count == "39").await.unwrap();
    app.show_in_both_themes("transfers-folder").await.unwrap();
    app.click(&row.clone().inside("transfer-open")).await.unwrap();
    app.kill().await.unwrap();

    let app = desk.desktop.open_app().await.unwrap();
    app.files_are_there().await.unwrap();
    hold.release();
    app.show_transfers().await.unwrap();
    app.transfer_is("Trade fair photos", "uploaded").await.unwrap();
    app.until_attribute(&row, "data-files", |count| count == "38").await.unwrap();
    app.until_attribute(&spot("transfer-rows"), "data-count", |count| count == "1").await.unwrap();
    app.close().await.unwrap();
}
