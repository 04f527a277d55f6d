//! `ls`: whole names for pipes, a table for people, pages for programs.

use serde_json::Value;

use crate::store::{BUCKET, Store};
use crate::support::Satchel;

async fn with_files() -> (Store, Satchel) {
    let store = Store::start().await;
    let satchel = store.satchel();
    for (name, content) in
        [("tree/b.txt", "22"), ("tree/A.txt", "1"), ("tree/sub/C.txt", "333"), ("tree/sub/deep/d.txt", "")]
    {
        satchel.file(name, content.as_bytes());
    }
    satchel.run(["put", "tree/"]).await.ok();
    (store, satchel)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pipe_gets_one_whole_name_a_line_and_folders_end_in_a_slash() {
    let (_store, satchel) = with_files().await;
    assert_eq!(satchel.run(["ls"]).await.ok().lines(), ["sub/", "A.txt", "b.txt"]);
    assert_eq!(satchel.run(["ls", "sub"]).await.ok().lines(), ["sub/deep/", "sub/C.txt"]);
    assert_eq!(satchel.run(["ls", "sub/"]).await.ok().lines(), ["sub/deep/", "sub/C.txt"]);
    assert_eq!(
        satchel.run(["ls", "--recursive"]).await.ok().lines(),
        ["A.txt", "b.txt", "sub/C.txt", "sub/deep/d.txt"]
    );
    assert_eq!(satchel.run(["ls", "nothing-here"]).await.ok().text(), "");
}

#[tokio::test(flavor = "multi_thread")]
async fn names_are_searched_sorted_and_cut_as_wished() {
    let (_store, satchel) = with_files().await;
    assert_eq!(satchel.run(["ls", "--search", "a.T"]).await.ok().lines(), ["A.txt"]);
    assert_eq!(satchel.run(["ls", "--recursive", "--search", "c."]).await.ok().lines(), ["sub/C.txt"]);
    let by_size = satchel.run(["ls", "--recursive", "--sort", "size", "--reverse"]).await.ok().lines();
    assert_eq!(by_size, ["sub/C.txt", "b.txt", "A.txt", "sub/deep/d.txt"]);
    let first = satchel.run(["ls", "--recursive", "--sort", "size", "--limit", "2"]).await.ok().lines();
    assert_eq!(first, ["sub/deep/d.txt", "A.txt"]);
    assert_eq!(satchel.run(["ls", "--limit", "2"]).await.ok().lines(), ["sub/", "A.txt"]);
    let cut = satchel.run(["ls", "--limit", "2", "--json"]).await.ok().json();
    assert_eq!(cut["complete"], false);
    assert_eq!(satchel.run(["ls", "--sort", "name", "--reverse"]).await.ok().lines(), ["sub/", "b.txt", "A.txt"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_below_a_folder_is_one_json_file_a_line() {
    let (_store, satchel) = with_files().await;
    let lines = satchel.run(["ls", "sub", "--recursive", "--json"]).await.ok().lines();
    let files: Vec<Value> = lines.iter().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(
        files.iter().map(|file| file["name"].as_str().unwrap()).collect::<Vec<_>>(),
        ["sub/C.txt", "sub/deep/d.txt"]
    );
    assert_eq!(files[0]["size"], 3);
    assert!(files[0]["changed"].as_str().unwrap().ends_with('Z'));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_place_is_only_what_is_below_its_prefix() {
    let (store, _satchel) = with_files().await;
    let sub = store.satchel();
    assert_eq!(sub.run(["--prefix", "sub", "ls"]).await.ok().lines(), ["deep/", "C.txt"]);
    sub.run(["--prefix", "sub", "get", "C.txt"]).await.ok();
    assert_eq!(sub.read("C.txt"), b"333");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_address_may_come_from_the_environment() {
    let (store, satchel) = with_files().await;
    for name in ["AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3"] {
        let mut elsewhere = Satchel::alone();
        elsewhere.environment("AWS_ACCESS_KEY_ID", store.key_id());
        elsewhere.environment("AWS_SECRET_ACCESS_KEY", store.secret());
        elsewhere.environment(name, &store.endpoint);
        let listed = elsewhere.run(["ls", "--bucket", BUCKET]).await.ok();
        assert_eq!(listed.lines(), satchel.run(["ls"]).await.ok().lines(), "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn more_than_one_page_is_read_to_its_end() {
    let store = Store::start().await;
    store.add_many("many/", 1203).await;
    let satchel = store.satchel();
    let listed = satchel.run(["ls", "many", "--json"]).await.ok().json();
    assert_eq!((listed["files"].as_array().unwrap().len(), listed["complete"].as_bool()), (1203, Some(true)));
    assert_eq!(satchel.run(["ls", "--recursive"]).await.ok().lines().len(), 1203);
}

#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
async fn a_terminal_gets_a_table_in_which_names_cannot_lie() {
    let (_store, satchel) = with_files().await;
    satchel.file("rep\u{202E}fdp.exe", b"x");
    satchel.run(["put", "rep\u{202E}fdp.exe"]).await.ok();
    let table = satchel.at_a_terminal("ls").await;
    let lines: Vec<&str> = table.lines().collect();
    assert!(lines[0].ends_with("sub/\u{1b}[0m"), "{table:?}");
    assert!(lines[1].trim_start().starts_with("1 B  20") && lines[1].ends_with("  A.txt"), "{table:?}");
    assert!(table.contains("rep⍰fdp.exe") && !table.contains('\u{202E}'), "{table:?}");
    let names = satchel.at_a_terminal("--null ls").await;
    assert!(names.starts_with("sub/\0A.txt\0") && names.contains("rep\u{202E}fdp.exe\0"), "{names:?}");
    let json = satchel.at_a_terminal("ls --json").await;
    assert!(json.contains("rep\u{202E}fdp.exe"), "{json:?}");
}
