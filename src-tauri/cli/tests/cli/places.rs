//! Saved places: checked before they are saved, and never a secret where it could be read.

use std::process::Stdio;

use crate::store::{BUCKET, Store};
use crate::support::{Satchel, finished};

/// Keys in a profile of the AWS tools: a place that needs no password store.
async fn with_a_profile() -> (Store, Satchel) {
    let store = Store::start().await;
    let satchel = Satchel::alone();
    let keys =
        format!("[office]\naws_access_key_id = {}\naws_secret_access_key = {}\n", store.key_id(), store.secret());
    satchel.file(".aws/credentials", keys.as_bytes());
    (store, satchel)
}

async fn add(store: &Store, satchel: &Satchel, name: &str, bucket: &str) -> crate::support::Ran {
    let words = ["places", "add", name, "--profile", "office", "--bucket", bucket, "--endpoint-url", &store.endpoint];
    satchel.run(words).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_place_is_checked_saved_used_and_forgotten() {
    let (store, satchel) = with_a_profile().await;
    satchel.file("photos/a.jpg", b"a");
    let added = add(&store, &satchel, "Office", BUCKET).await.ok();
    assert_eq!(added.text(), "Connected. Nothing there yet.\n");
    assert_eq!(satchel.run(["places", "list"]).await.ok().text(), "Office\n");
    satchel.run(["put", "photos"]).await.ok();
    assert_eq!(satchel.run(["--place", "Office", "ls"]).await.ok().lines(), ["photos/"]);
    let tested = satchel.run(["places", "test", "Office"]).await.ok();
    assert_eq!(tested.lines().last().map(String::as_str), Some("Connected. 1 folder found."));
    satchel.run(["link", "photos/a.jpg"]).await.ok();
    satchel.run(["places", "remove", "Office"]).await.ok();
    assert_eq!(satchel.run(["places", "list"]).await.ok().text(), "");
    satchel.run(["--place", "Office", "ls"]).await.exits(4);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_of_several_places_is_the_default() {
    let (store, satchel) = with_a_profile().await;
    add(&store, &satchel, "One", BUCKET).await.ok();
    add(&store, &satchel, "Two", BUCKET).await.ok();
    add(&store, &satchel, "Two", BUCKET).await.exits(2);
    satchel.run(["ls"]).await.exits(2);
    satchel.run(["places", "default", "Two"]).await.ok();
    satchel.run(["ls"]).await.ok();
    let listed = satchel.run(["places", "list", "--json"]).await.ok().json();
    let marks: Vec<_> = listed["places"]
        .as_array()
        .unwrap()
        .iter()
        .map(|place| (place["name"].as_str().unwrap(), place["default"] == true))
        .collect();
    assert_eq!(marks, [("One", false), ("Two", true)]);
    satchel.run(["places", "default", "Three"]).await.exits(4);
    for (name, default) in [("One", false), ("Two", true)] {
        let tested = satchel.run(["places", "test", name, "--json"]).await.ok().json();
        assert_eq!(tested["place"]["default"], default, "{name}");
    }
    satchel.run(["places", "test", "One", "--bucket", BUCKET]).await.exits(2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_place_that_does_not_work_is_not_saved() {
    let (store, satchel) = with_a_profile().await;
    add(&store, &satchel, "Office", "no-such-bucket").await.exits(4);
    let refused = satchel
        .run_typing(
            "not-the-secret\n",
            [
                "places",
                "add",
                "--key-id",
                &store.key_id(),
                "--bucket",
                BUCKET,
                "--endpoint-url",
                &store.endpoint,
                "--json",
            ],
        )
        .await
        .exits(5);
    assert_eq!(refused.error_code(), "secretWrong");
    assert_eq!(satchel.run(["places", "list"]).await.ok().text(), "");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_password_store_nothing_is_saved_and_the_secret_is_nowhere() {
    let (store, satchel) = with_a_profile().await;
    std::fs::remove_dir_all(satchel.home().join(".aws")).unwrap();
    let words =
        ["places", "add", "Office", "--key-id", &store.key_id(), "--bucket", BUCKET, "--endpoint-url", &store.endpoint];
    let refused = satchel.run_typing(&format!("{}\n", store.secret()), words).await.exits(1);
    assert!(refused.stderr.contains("No password store found."), "{}", refused.stderr);
    assert!(!refused.stderr.contains(&store.secret()) && refused.text().is_empty());
    assert_eq!(satchel.run(["places", "list"]).await.ok().text(), "");
    assert!(!holds(satchel.home(), store.secret().as_bytes()), "the secret is in a file");
}

/// Keys in a real password store: Secret Service on a session bus of its own.
#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
async fn a_key_is_kept_in_the_password_store_and_leaves_it_with_its_place() {
    const SCRIPT: &str = r#"
        set -e
        printf 'test' | gnome-keyring-daemon --unlock --components=secrets > /dev/null
        printf '%s\n' "$SECRET" | "$SATCHEL" --bucket "$BUCKET" --endpoint-url "$ENDPOINT" places add Office --key-id "$KEY_ID"
        "$SATCHEL" ls
        secret-tool search --all service Satchel 2>&1 | grep -c "$SECRET"
        "$SATCHEL" places remove Office
        secret-tool search --all service Satchel 2>&1 | grep -c "$SECRET" || true
    "#;
    let store = Store::start().await;
    store.add_many("folder/", 1).await;
    let satchel = Satchel::alone();
    let runtime = satchel.home().join("run");
    std::fs::create_dir(&runtime).unwrap();
    let mut session = tokio::process::Command::new("dbus-run-session");
    session
        .args(["--", "sh", "-c", SCRIPT])
        .env_clear()
        .env("PATH", "/usr/local/bin:/usr/bin:/bin")
        .env("HOME", satchel.home())
        .env("XDG_RUNTIME_DIR", runtime)
        .env("LC_ALL", "C.UTF-8")
        .envs([("SECRET", store.secret()), ("KEY_ID", store.key_id()), ("ENDPOINT", store.endpoint.clone())])
        .envs([("BUCKET", BUCKET), ("SATCHEL", env!("CARGO_BIN_EXE_satchel"))])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    let session = session.spawn().expect("`cargo xtask setup` installs dbus-run-session and gnome-keyring");
    let ran = finished(session).await.ok();
    assert_eq!(ran.lines(), ["Connected. 1 folder found.", "folder/", "1", "0"], "{}", ran.stderr);
    let ledger = satchel.home().join(".local/share");
    assert!(!holds(&ledger.join("satchel"), store.secret().as_bytes()), "the secret is in a file of ours");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_ledger_lives_where_it_is_told_to_and_knows_nothing_of_a_place_of_one_call_that_is_done_with() {
    let (store, satchel) = with_a_profile().await;
    satchel.run(["--state-dir", "elsewhere", "places", "list"]).await.ok();
    assert!(satchel.home().join("elsewhere/ledger.sqlite").exists());
    let mut told = Satchel::alone();
    told.environment("SATCHEL_STATE_DIR", told.home().join("told"));
    told.run(["places", "list"]).await.ok();
    assert!(told.home().join("told/ledger.sqlite").exists() && !told.home().join(".local").exists());
    let once = store.satchel();
    once.file("a.txt", b"a");
    once.run(["put", "a.txt", "--link"]).await.ok();
    assert_eq!(once.run(["transfers"]).await.ok().text(), "");
    assert_eq!(once.run(["places", "list", "--json"]).await.ok().json()["places"], serde_json::json!([]));
    assert!(!holds(once.home(), b"X-Amz-Signature"), "a link was kept");
}

fn holds(folder: &std::path::Path, secret: &[u8]) -> bool {
    std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).any(|path| match path.is_dir() {
        true => holds(&path, secret),
        false => std::fs::read(&path).unwrap().windows(secret.len()).any(|window| window == secret),
    })
}
