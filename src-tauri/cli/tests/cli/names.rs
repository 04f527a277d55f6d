//! Names are keys, exactly: nothing in them means anything to us.

use crate::store::Store;
use crate::support::{Satchel, fetch};

async fn survives(satchel: &Satchel, folder: &str, local: &str) {
    let name = format!("{folder}{local}");
    let content = format!("content of {name:?}");
    satchel.file(format!("here/{local}"), content.as_bytes());
    let path = format!("here/{local}");
    let put = satchel.run(["put", "--json", "--to", folder, "--", &path]).await.ok().json();
    assert_eq!(put["done"][0]["name"], name.as_str());
    let listed = satchel.run(["ls", "--recursive", "--null"]).await.ok();
    let names: Vec<&[u8]> = listed.stdout.split(|byte| *byte == 0).collect();
    assert!(names.contains(&name.as_bytes()), "{name:?} is not in {names:?}");
    let link = satchel.run(["link", "--", &name]).await.ok();
    assert_eq!(fetch(link.text().trim_end()).await.body, content.as_bytes(), "{name:?}");
    let got = satchel.run(["get", "--json", "--to", "back", "--conflict", "keep-both", "--", &name]).await.ok().json();
    let saved = got["done"][0]["path"].as_str().unwrap();
    assert_eq!(satchel.read(saved), content.as_bytes(), "{name:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn names_with_signs_that_mean_something_to_addresses_survive() {
    let store = Store::start().await;
    let satchel = store.satchel();
    for name in [
        "a+b.txt",
        "100%.txt",
        "%41.txt",
        "#1.txt",
        "why?.txt",
        "a&b=c.txt",
        "ü.txt",
        "日本.txt",
        "🙂.txt",
        "a;b,c'd\"e.txt",
    ] {
        survives(&satchel, "", name).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn names_with_signs_that_mean_something_to_shells_and_terminals_survive() {
    let store = Store::start().await;
    let satchel = store.satchel();
    for name in [
        " a  b .txt",
        "*.txt",
        "[a]{b}.txt",
        "$(HOME).txt",
        "--json",
        "-rf",
        "a\nb.txt",
        "tab\there.txt",
        "rep\u{202E}fdp.txt",
    ] {
        survives(&satchel, "", name).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn names_that_look_like_paths_are_only_names() {
    let store = Store::start().await;
    let satchel = store.satchel();
    for folder in ["a/../b/", "./", "../../up/", "a//b/", "/rooted/", " /"] {
        survives(&satchel, folder, "x.txt").await;
    }
    assert!(!satchel.home().parent().unwrap().join("up").exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_of_1024_bytes_works_and_one_byte_more_is_refused_before_a_byte_is_sent() {
    let store = Store::start().await;
    let satchel = store.satchel();
    let folder = |bytes: usize| format!("{}/", "f".repeat(199)).repeat(5) + &"g".repeat(bytes - 1000 - 1) + "/";
    survives(&satchel, &folder(1024 - 5), "x.txt").await;
    satchel.file("x.txt", b"");
    let refused = satchel.run(["put", "x.txt", "--json", "--to", &folder(1024 - 4)]).await.exits(1);
    assert_eq!(refused.error_code(), "nameRefused");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_downloaded_name_never_leaves_its_folder() {
    let store = Store::start().await;
    let satchel = store.satchel();
    satchel.file("x.txt", b"x");
    satchel.run(["put", "x.txt", "--to", "../../.."]).await.ok();
    let got = satchel.run(["get", "../../../x.txt", "--to", "deep/down"]).await.ok();
    assert_eq!(got.text(), "deep/down/x.txt\n");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_listed_name_can_be_passed_back() {
    let store = Store::start().await;
    let satchel = store.satchel();
    for name in ["a\nb", " x ", "*", "ü"] {
        satchel.file(format!("all/{name}"), name.as_bytes());
    }
    satchel.run(["put", "all"]).await.ok();
    let listed = satchel.run(["ls", "all", "--null"]).await.ok();
    let names: Vec<String> =
        String::from_utf8(listed.stdout).unwrap().split_terminator('\0').map(str::to_owned).collect();
    let words = ["get", "--to", "back", "--"].into_iter().map(str::to_owned).chain(names);
    satchel.run(words).await.ok();
    for name in ["a_b", " x ", "*", "ü"] {
        assert!(satchel.home().join("back").join(name).exists(), "{name:?} was not saved");
    }
}

#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
async fn a_local_name_that_no_other_computer_can_read_is_refused_and_the_others_go_on() {
    use std::os::unix::ffi::OsStrExt;
    let store = Store::start().await;
    let satchel = store.satchel();
    satchel.file("folder/good.txt", b"good");
    satchel.file(std::path::Path::new("folder").join(std::ffi::OsStr::from_bytes(b"b\xFFd.txt")), b"bad");
    let some = satchel.run(["put", "folder", "--json"]).await.exits(3).json();
    let report = (some["done"][0]["name"].as_str(), some["failed"][0]["code"].as_str());
    assert_eq!(report, (Some("folder/good.txt"), Some("nameRefused")));
}
