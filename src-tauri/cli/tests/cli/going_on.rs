//! Downloads: a folder with all that is in it, and what a dead program left behind.

use crate::store::Store;
use crate::support::{Satchel, bytes, finished, signal};
use satchel_practice::{Fault, Hold, Operation, Rule};
use std::time::Duration;

const MIB: usize = 1024 * 1024;

/// What is in a folder; nothing if it was not even made.
fn saved(folder: &std::path::Path) -> Vec<String> {
    let mut names: Vec<String> = std::fs::read_dir(folder)
        .into_iter()
        .flatten()
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn a_download_whose_program_was_killed_goes_on_where_it_was() {
    let store = Store::start().await;
    let satchel = store.satchel();
    let content = bytes(80 * MIB);
    satchel.file("large.bin", &content);
    satchel.run(["put", "large.bin"]).await.ok();
    store.as_new();
    // Eight pieces are asked for at once: the next comes after one of them has been written down.
    let hold = store.hold_downloads_after(8);
    let mut child = satchel.command(["get", "large.bin", "--to", "back"]).spawn().unwrap();
    hold.reached(1).await;
    signal(&child, "KILL").await;
    child.wait().await.unwrap();
    hold.release();
    let left = saved(&satchel.home().join("back"));
    assert!(left.len() == 1 && left[0].starts_with(".satchel-"), "{left:?}");
    store.as_new();
    satchel.run(["get", "large.bin", "--to", "back"]).await.ok();
    assert!(satchel.read("back/large.bin") == content);
    assert_eq!(saved(&satchel.home().join("back")), ["large.bin"]);
    let pieces = store.pieces();
    assert!(!pieces.is_empty() && pieces.iter().all(Option::is_some), "all of it came again: {pieces:?}");
    assert!(pieces.len() < 10, "{pieces:?}");
}

/// Begins a download of which some is here, and ends the program without a word.
#[cfg(unix)]
async fn killed_on_the_way(store: &Store, satchel: &Satchel, size: usize) -> String {
    satchel.file("a.bin", &bytes(size));
    satchel.run(["put", "a.bin"]).await.ok();
    let hold = store.hold_downloads(2 * MIB as u64);
    let mut child = satchel.command(["get", "a.bin", "--to", "back"]).spawn().unwrap();
    hold.reached(1).await;
    // The store has sent it; the program may not have come so far.
    let back = satchel.home().join("back");
    let begun = async {
        while saved(&back).is_empty() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), begun).await.unwrap();
    signal(&child, "KILL").await;
    child.wait().await.unwrap();
    hold.release();
    store.as_new();
    let left = saved(&back);
    assert!(left.len() == 1 && left[0].starts_with(".satchel-"), "{left:?}");
    let listed = satchel.run(["transfers", "list", "--json"]).await.ok().json();
    listed["transfers"][0]["id"].to_string()
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn of_a_killed_download_that_is_given_up_no_hidden_file_stays() {
    for size in [3 * MIB, 40 * MIB] {
        let store = Store::start().await;
        let satchel = store.satchel();
        let id = killed_on_the_way(&store, &satchel, size).await;
        satchel.run(["transfers", "cancel", &id]).await.ok();
        assert_eq!(saved(&satchel.home().join("back")), [""; 0]);
        assert_eq!(satchel.run(["transfers"]).await.ok().text(), "");
    }
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn of_a_killed_download_that_is_given_up_while_it_goes_on_no_hidden_file_stays() {
    for rests_first in [false, true] {
        let store = Store::start().await;
        let satchel = store.satchel();
        let id = killed_on_the_way(&store, &satchel, 3 * MIB).await;
        // The store is asked for the file and does not answer.
        let hold = Hold::new();
        store.practice.faults().add(Rule::new(Fault::Hold(hold.clone())).on(Operation::GetObject));
        let child = satchel.command(["transfers", "resume"]).spawn().unwrap();
        hold.reached(1).await;
        if rests_first {
            satchel.run(["transfers", "pause", &id]).await.ok();
        }
        satchel.run(["transfers", "cancel", &id]).await.ok();
        finished(child).await.exits(130);
        hold.release();
        assert_eq!(saved(&satchel.home().join("back")), [""; 0], "{rests_first}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_comes_back_with_all_that_is_in_it() {
    let store = Store::start().await;
    let satchel = store.satchel();
    for name in ["press/a.txt", "press/sub/b.txt", "press/sub/deep/c.txt"] {
        satchel.file(name, name.as_bytes());
    }
    satchel.run(["put", "press"]).await.ok();
    let got = satchel.run(["get", "press/", "gone/", "--to", "back", "--json"]).await.exits(3).json();
    assert_eq!(got["done"].as_array().unwrap().len(), 3);
    assert_eq!((&got["failed"][0]["path"], &got["failed"][0]["code"]), (&"gone/".into(), &"fileGone".into()));
    for name in ["press/a.txt", "press/sub/b.txt", "press/sub/deep/c.txt"] {
        assert_eq!(satchel.read(format!("back/{name}")), name.as_bytes());
    }
    let sub = satchel.run(["get", "press/sub/", "--to", "other"]).await.ok();
    assert_eq!(sub.text().lines().count(), 2);
    assert_eq!(satchel.read("other/sub/deep/c.txt"), b"press/sub/deep/c.txt");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_put_comes_back_with_its_empty_folders_and_beside_what_has_its_name() {
    let store = Store::start().await;
    let satchel = store.satchel();
    satchel.file("press/a.txt", b"a");
    std::fs::create_dir_all(satchel.home().join("press/empty/er")).unwrap();
    satchel.run(["put", "press"]).await.ok();
    store.practice.put("press", b"a file").await.unwrap();
    satchel.run(["get", "press", "press/", "--to", "back"]).await.ok();
    assert_eq!(saved(&satchel.home().join("back")), ["press", "press (2)"]);
    assert_eq!(saved(&satchel.home().join("back/press (2)")), ["a.txt", "empty"]);
    assert_eq!(saved(&satchel.home().join("back/press (2)/empty")), ["er"]);
}
