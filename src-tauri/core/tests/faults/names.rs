//! Names: exact on the way there and back, refused before a byte is sent, and never taken from somebody else.

use crate::desk::{Desk, LARGE, done, needs_you, noise};
use satchel_core::Code;
use satchel_core::files::{Pages, stat};
use satchel_core::transfers::{OnConflict, State, walk};
use satchel_practice::{Fault, Hold, Operation, Rule};
use std::collections::BTreeSet;

/// Two hundred names that have broken somebody's program.
fn corpus() -> BTreeSet<String> {
    let odd = [
        "a+b",
        "100%",
        "%41",
        "%2F",
        "#1",
        "what?",
        "a&b=c",
        "ü",
        "日本",
        "🙂",
        " leading",
        "trailing ",
        "two  spaces",
        "..",
        ".",
        "...",
        "~",
        "$HOME",
        "-rf",
        "--help",
        "*",
        "[1]",
        "{2}",
        "|",
        "^",
        "`id`",
        "quote\"it's",
        "<b>&amp;</b>",
        "back\\slash",
        "soap",
        "a;b,c",
        "semi:colon",
        "C:",
        "CON",
        "nul.txt",
        "trailing.",
        "@at",
        "new\nline",
        "tab\tin",
        "cr\rlf",
        "\u{1}",
        "\u{7f}",
        "\u{202E}fdp.exe",
        "zero\u{200B}width",
        "\u{FEFF}bom",
        "é",
        "Ω",
        "null",
        "undefined",
        "x-amz-meta",
    ];
    let mut names: BTreeSet<String> = odd.map(|name| format!("{name}.txt")).into();
    names.extend(odd.map(|name| format!("folder {name}/file")));
    names.extend(odd.map(|name| format!("deep/{name}")));
    names.extend(odd.map(|name| format!("{name}{name}")));
    names.extend(["//double", "a//b", "a/./b", "a/../b", "/absolute", "x/.."].map(str::to_owned));
    names.extend(["n".repeat(1024), "ü".repeat(512), "🙂".repeat(256)]);
    names
}

#[tokio::test]
async fn f38_two_hundred_names_arrive_exactly_and_come_back() {
    let desk = Desk::new().await;
    let names = corpus();
    assert!(names.len() >= 200, "{}", names.len());
    let items = names.iter().enumerate().map(|(number, name)| {
        let path = desk.file(&format!("{number}"), name.as_bytes());
        desk.item(path, name, OnConflict::Fail)
    });
    let ids = desk.transfers.upload(items.collect()).await;
    for (transfer, name) in desk.transfers.settled(&ids).await.iter().zip(&names) {
        assert!(transfer.done.is_some(), "{name:?}: {:?}", transfer.state);
    }
    assert_eq!(desk.store.keys().await.into_iter().collect::<BTreeSet<_>>(), names);
    let mut listed = BTreeSet::new();
    let mut pages = Pages::new(&desk.storage, "", true);
    while let Some(page) = pages.next().await {
        listed.extend(page.unwrap().files.into_iter().map(|file| file.name));
    }
    assert_eq!(listed, names);
    for name in &names {
        desk.assert_holds(name, name.as_bytes()).await;
        assert_eq!(stat(&desk.storage, name).await.unwrap().size_bytes, Some(name.len() as u64), "{name:?}");
    }
}

#[tokio::test]
async fn f38_a_name_that_no_store_keeps_is_refused_before_a_byte_is_sent() {
    let desk = Desk::new().await;
    let path = desk.file("x", b"content");
    for name in [String::new(), "n".repeat(1025), "ü".repeat(513), "nul\0".to_owned()] {
        let refused = desk.upload(path.clone(), &name, OnConflict::Fail).await;
        assert_eq!(needs_you(&refused).0, Code::NameRefused, "{name:?}");
    }
    assert_eq!(desk.store.requests(), Vec::<&str>::new());
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn f38_two_local_names_that_look_the_same_never_land_on_one_another() {
    use std::os::unix::ffi::OsStrExt as _;
    let desk = Desk::new().await;
    desk.file("top/caf\u{e9}.txt", b"composed");
    desk.file("top/cafe\u{301}.txt", b"decomposed");
    desk.file("top/fine.txt", b"fine");
    let odd = desk.path("top").join(std::ffi::OsStr::from_bytes(b"bad\xff.txt"));
    std::fs::write(&odd, b"x").unwrap();
    let walked = walk(vec![desk.path("top")], "").await;
    let refused = walked.problems.iter().find(|(path, _)| *path == odd).expect("the name that is no text is named");
    assert_eq!(refused.1.code(), Code::NameRefused);
    let items = walked.files.iter().map(|(path, name)| desk.item(path.clone(), name, OnConflict::Ask)).collect();
    let ids = desk.transfers.upload(items).await;
    let settled = desk.transfers.settled(&ids).await;
    // Whoever came first is there whole; the other is asked about, before or after the store was.
    let stored = settled.iter().filter(|transfer| matches!(transfer.state, State::Done)).count();
    assert_eq!((stored, desk.store.keys().await.len()), (2, 2), "{settled:?}");
    let told =
        walked.problems.len() - 1 + settled.iter().filter(|one| matches!(one.state, State::NeedsYou(..))).count();
    assert_eq!(told, 1, "{:?} {settled:?}", walked.problems);
    let kept = desk.content("top/caf\u{e9}.txt").await.unwrap();
    assert!(kept == b"composed" || kept == b"decomposed");
}

#[tokio::test]
async fn f39_a_colleague_who_is_faster_is_never_replaced_unasked() {
    for choice in [OnConflict::KeepBoth, OnConflict::Replace, OnConflict::Skip] {
        for size in [1000, LARGE] {
            let desk = Desk::new().await;
            let hold = Hold::new();
            let last = if size == LARGE { Operation::CompleteMultipartUpload } else { Operation::PutObject };
            desk.rule(Rule::new(Fault::Hold(hold.clone())).on(last).key("a.bin"));
            let mine = noise(size);
            let id = desk.begin(desk.file("mine", &mine), "a.bin", OnConflict::Ask).await;
            hold.reached(1).await;
            desk.store.put("a.bin", b"theirs").await;
            hold.release();
            let asked = desk.settled(id).await;
            let (code, conflict) = needs_you(&asked);
            let conflict = conflict.expect("a question with both sides");
            assert_eq!((code, conflict.there_bytes, conflict.yours_bytes), (Code::NameTaken, 6, size as u64));
            desk.assert_holds("a.bin", b"theirs").await;

            desk.transfers.decide(&[id], choice).await;
            let transfer = desk.settled(id).await;
            match choice {
                OnConflict::KeepBoth => {
                    assert_eq!(done(&transfer).name, "a (2).bin", "and the new name is said");
                    desk.assert_holds("a (2).bin", &mine).await;
                    desk.assert_holds("a.bin", b"theirs").await;
                }
                OnConflict::Replace => desk.assert_holds(&done(&transfer).name, &mine).await,
                _ => {
                    assert!(matches!(transfer.state, State::Skipped));
                    desk.assert_holds("a.bin", b"theirs").await;
                }
            }
            desk.transfers.shut_down().await;
            desk.assert_no_leftovers().await;
        }
    }
}

#[tokio::test]
async fn f39_a_name_that_was_there_before_is_asked_about_before_the_bytes() {
    let desk = Desk::new().await;
    desk.store.put("a.bin", b"theirs").await;
    let asked = desk.send("a.bin", &noise(LARGE)).await;
    assert_eq!(needs_you(&asked).0, Code::NameTaken);
    assert_eq!((desk.count(Operation::CreateMultipartUpload), desk.count(Operation::UploadPart)), (0, 0));
    desk.assert_holds("a.bin", b"theirs").await;
}
