//! Names that are taken: one question for all of them, and every answer is kept.

use satchel_e2e::fetch::fetch;
use satchel_e2e::samples::{borrowed, content};
use satchel_e2e::{row, spot};

use crate::desk::Desk;

const TAKEN: [&str; 3] = ["Annual report 2026.pdf", "Budget überarbeitet.xlsx", "Team photo 🙂.jpg"];
const FREE: [&str; 2] = ["Minutes.docx", "Agenda.txt"];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn three_names_of_five_are_taken_and_one_question_is_asked() {
    let desk = Desk::new().await;
    let files: Vec<_> =
        TAKEN.iter().chain(&FREE).map(|name| desk.desktop.file_with(name, &mine(name)).unwrap()).collect();
    let app = desk.open().await;
    // One that opens a private copy, and one that opens the file itself: only that one will open the new file.
    let private = app.copy_link_of(TAKEN[0]).await.unwrap();
    app.press("Ctrl+Shift+L").await.unwrap();
    app.click(&spot("share-stoppable")).await.unwrap();
    app.until_attribute(&spot("share-stoppable"), "aria-checked", |checked| checked == "false").await.unwrap();
    let link = app.after_copying(async || app.click(&spot("share-copy")).await).await.unwrap();
    app.gone(&spot("share")).await.unwrap();
    let _copied = app.paste_files(&borrowed(&files)).await.unwrap();
    app.until_text(&spot("name-taken"), |text| {
        text.starts_with("3 names are already used in company-files") && text.contains("The same for the other 2")
    })
    .await
    .unwrap();
    // What has no question does not wait for the answer.
    for name in FREE {
        app.see(&row(name)).await.unwrap();
    }
    app.until_text(&spot("name-taken-replace-sentence"), |text| {
        text.contains("1 link that works now will open the new file.")
    })
    .await
    .unwrap();
    app.show_in_both_themes("name-taken-many").await.unwrap();

    // One by one from here: the first is replaced, the second kept beside the one there, the third left alone.
    app.click(&spot("name-taken-all")).await.unwrap();
    for (choice, left) in
        [("replace", "2 names are already used"), ("keep-both", "“Team photo 🙂.jpg” is already used")]
    {
        app.choose(&spot(&format!("name-taken-{choice}"))).await.unwrap();
        app.click(&spot("name-taken-confirm")).await.unwrap();
        app.until_text(&spot("name-taken"), |text| text.starts_with(left)).await.unwrap();
    }
    app.choose(&spot("name-taken-skip")).await.unwrap();
    app.click(&spot("name-taken-confirm")).await.unwrap();
    app.gone(&spot("name-taken")).await.unwrap();

    app.see(&row("Budget überarbeitet (2).xlsx")).await.unwrap();
    app.uploaded(TAKEN[0]).await.unwrap();
    assert_eq!(stored(&desk, TAKEN[0]).await, mine(TAKEN[0]));
    assert_eq!(stored(&desk, TAKEN[1]).await, content(TAKEN[1], 2_000), "the one there stays");
    assert_eq!(stored(&desk, "Budget überarbeitet (2).xlsx").await, mine(TAKEN[1]));
    assert_eq!(stored(&desk, TAKEN[2]).await, content(TAKEN[2], 2_000), "skipped is left alone");
    assert_eq!(fetch(&link).await.unwrap().body, mine(TAKEN[0]), "the link opens the new file, as was said");
    assert_eq!(fetch(&private).await.unwrap().body, content(TAKEN[0], 2_000), "the other what was shared");
    app.close().await.unwrap();
}

fn mine(name: &str) -> Vec<u8> {
    format!("mine: {name}").into_bytes()
}

async fn stored(desk: &Desk, name: &str) -> Vec<u8> {
    desk.store.content(name).await.unwrap().unwrap()
}
