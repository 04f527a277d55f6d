//! Names: what arrives is called exactly what it was called, and nothing leaves its folder on the way back.

use crate::desk::{Desk, done, needs_you};
use satchel_core::Code;
use satchel_core::transfers::OnConflict;

fn corpus() -> Vec<String> {
    let mut names: Vec<String> = [
        "a+b.txt",
        "100%.txt",
        "%41.txt",
        "#1.txt",
        "what?.txt",
        "a&b=c.txt",
        "ü.txt",
        "日本.txt",
        "🙂.txt",
        " leading",
        "trailing ",
        "two  spaces",
        "a/./b",
        "a/../b",
        "..",
        "x/..",
        "//double",
        "a//b",
        "new\nline",
        "tab\tin",
        "quote\"it's",
        "<b>&amp;</b>",
        "back\\slash",
        "soap",
        "a;b,c",
        "~tilde",
        "semi:colon",
        "*star",
        "trailing.",
        "$dollar",
        "@at",
        "[1]",
        "{2}",
        "|",
        "^",
        "`",
        "\u{202E}fdp.exe",
        "zero\u{200B}width",
        "é",
    ]
    .map(str::to_owned)
    .to_vec();
    names.push("n".repeat(1024));
    names.push("ü".repeat(512));
    names
}

#[tokio::test]
async fn every_name_arrives_as_it_was() {
    let desk = Desk::new().await;
    let path = desk.file("x", b"content");
    let items = corpus().iter().map(|name| desk.item(path.clone(), name, OnConflict::Fail)).collect();
    let ids = desk.transfers.upload(items).await;
    for transfer in desk.transfers.settled(&ids).await {
        done(&transfer);
    }
    let mut expected = corpus();
    expected.sort();
    let mut keys = desk.store.keys().await;
    keys.sort();
    assert_eq!(keys, expected);
    for name in corpus() {
        let taken = desk.upload(path.clone(), &name, OnConflict::Fail).await;
        assert_eq!(needs_you(&taken).0, Code::NameTaken, "{name:?}");
    }
}

#[tokio::test]
async fn large_files_ask_about_every_name_rightly() {
    let desk = Desk::new().await;
    let path = desk.file("x", &vec![7; 17 * 1024 * 1024]);
    for name in ["a+b %41.txt", "new\nline 🙂", "a/../b"] {
        desk.store.put(name, b"old").await;
        let taken = desk.upload(path.clone(), name, OnConflict::Fail).await;
        assert_eq!(needs_you(&taken).0, Code::NameTaken, "{name:?}");
        let kept = desk.upload(path.clone(), name, OnConflict::KeepBoth).await;
        assert_eq!(done(&kept).name, satchel_core::names::numbered(name, 2));
    }
    // A longer name with the same start is another name.
    desk.store.put("report.txt.bak", b"old").await;
    done(&desk.upload(path, "report.txt", OnConflict::Fail).await);
}

#[tokio::test]
async fn a_name_that_no_store_keeps_is_refused_before_a_byte_is_sent() {
    let desk = Desk::new().await;
    let path = desk.file("x", b"content");
    for name in [String::new(), "n".repeat(1025), "nul\0".to_owned()] {
        let refused = desk.upload(path.clone(), &name, OnConflict::Fail).await;
        assert_eq!(needs_you(&refused).0, Code::NameRefused, "{name:?}");
    }
    assert_eq!(desk.store.requests(), Vec::<&str>::new());
}

#[tokio::test]
async fn nothing_is_saved_outside_its_folder() {
    let desk = Desk::new().await;
    let planted = ["../../x", "/etc/x", "a/../../x", "..\\..\\x", "C:\\x", "CON", "x/..", "a\0b", ".."];
    let names: Vec<&str> = planted.into_iter().filter(|name| !name.contains('\0')).collect();
    for name in &names {
        desk.store.put(name, name.as_bytes()).await;
    }
    for name in &names {
        let transfer = desk.download(name, OnConflict::KeepBoth).await;
        match &transfer.done {
            Some(done) => {
                assert_eq!(done.path.parent().unwrap(), desk.path("down"), "{name:?}");
                assert_eq!(std::fs::read(&done.path).unwrap(), name.as_bytes());
            }
            None => assert_eq!(needs_you(&transfer).0, Code::NameRefused, "{name:?}"),
        }
    }
    let mut beside: Vec<_> =
        std::fs::read_dir(desk.folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    beside.sort();
    assert_eq!(beside, ["down"]);
}
