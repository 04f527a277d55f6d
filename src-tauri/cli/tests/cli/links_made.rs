//! What becomes of links that were made: their end, their list, copying them again, renewing them; and how they are handed over.

use jiff::Timestamp;
use satchel_practice::{Allow, Permissions};
use serde_json::{Value, json};

use crate::store::{BUCKET, Store};
use crate::support::{Satchel, fetch, is_in_a_file, wait_until_ended};

async fn with_a_file(store: &Store) -> Satchel {
    store.practice.put("press/a.pdf", b"%PDF content").await.unwrap();
    store.satchel()
}

async fn made(satchel: &Satchel, words: &[&str]) -> Value {
    let words = ["link", "press/a.pdf", "--json"].iter().chain(words);
    satchel.run(words).await.ok().json()["links"][0].clone()
}

fn text<'v>(link: &'v Value, field: &str) -> &'v str {
    link[field].as_str().unwrap_or_else(|| panic!("{field} is missing in {link}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_is_copied_again_letter_for_letter_and_its_signature_is_kept_nowhere() {
    let store = Store::start().await;
    let satchel = with_a_file(&store).await;
    satchel.file("b.txt", b"b");
    satchel.file("c.txt", b"c");
    let mut links = Vec::new();
    for words in [&["--stoppable", "--for", "Anna"][..], &["--direct"], &["--stoppable", "--open", "--expires", "2h"]] {
        links.push(made(&satchel, words).await);
    }
    for words in [&["share", "b.txt", "--json"][..], &["share", "b.txt", "c.txt", "--json"]] {
        links.push(satchel.run(words).await.ok().json()["links"][0].clone());
    }
    for link in &links {
        let again = satchel.run(["links", "copy", text(link, "id"), "--json"]).await.ok().json();
        assert_eq!(again["links"][0], *link, "every field is the same");
        let signature = text(link, "url").rsplit_once("X-Amz-Signature=").unwrap().1;
        assert_eq!(signature.len(), 64);
        assert!(!is_in_a_file(satchel.home(), signature), "a signature is in a file of this computer");
        for key in store.records().await {
            let record = String::from_utf8(store.practice.content(&key).await.unwrap().unwrap()).unwrap();
            let record = format!("{key} {record}");
            assert!(!record.contains(signature) && !record.contains("X-Amz") && !record.contains("Anna"), "{record}");
        }
    }
    assert_eq!(store.records().await.len(), links.len(), "one record a link");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_works_until_its_end_and_not_after() {
    let store = Store::start().await;
    let satchel = with_a_file(&store).await;
    for kind in ["--direct", "--stoppable"] {
        let link = made(&satchel, &[kind, "--expires", "4s"]).await;
        let ends: Timestamp = text(&link, "expiresAt").parse().unwrap();
        let (mut last_open, url) = (None, text(&link, "url"));
        let ended = loop {
            let asked = Timestamp::now();
            let fetched = fetch(url).await;
            match fetched.status {
                200 => last_open = Some(asked),
                _ => break Timestamp::now(),
            }
            assert!(asked.duration_since(ends).as_secs() < 20, "still open long after its end");
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        };
        assert!(ended >= ends, "{kind}: refused before the end that was said");
        let last_open = last_open.expect("it never worked");
        assert!(last_open.duration_since(ends).as_secs_f64().abs() < 2.0, "{kind}: {last_open} is not about {ends}");
        assert_eq!(satchel.run(["links", "copy", text(&link, "id"), "--json"]).await.exits(1).error_code(), "linkOver");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn links_are_listed_without_their_addresses_for_people_pipes_and_programs() {
    let store = Store::start().await;
    let satchel = with_a_file(&store).await;
    assert_eq!(satchel.run(["links"]).await.ok().text(), "");
    let stopped = made(&satchel, &["--stoppable", "--for", "Anna\tand\nBert"]).await;
    satchel.run(["links", "stop", text(&stopped, "id")]).await.ok();
    let ended = made(&satchel, &["--expires", "1s"]).await;
    wait_until_ended(text(&ended, "url")).await;
    let working = made(&satchel, &["--stoppable"]).await;
    let lines = satchel.run(["links", "list"]).await.ok().lines();
    let expected = |link: &Value, state: &str, note: &str| {
        format!("{}\t{state}\t{}\t{note}\tpress/a.pdf", &text(link, "id")[..8], text(link, "expiresAt"))
    };
    let expected = [
        expected(&working, "working", ""),
        expected(&ended, "ended", ""),
        expected(&stopped, "stopped", "Anna and Bert"),
    ];
    assert_eq!(lines, expected, "the newest first");
    let listed = satchel.run(["links", "list", "--json"]).await.ok();
    assert!(!listed.text().contains("http"), "{}", listed.text());
    let last = &listed.json()["links"][2];
    let made_at: Timestamp = text(last, "madeAt").parse().unwrap();
    assert!(Timestamp::now().duration_since(made_at).as_secs() < 60);
    let fields: Vec<&String> = last.as_object().unwrap().keys().collect();
    let all = ["endsAt", "files", "id", "madeAt", "mine", "name", "note", "state", "stoppable", "who"];
    assert_eq!(fields, all);
    assert_eq!(last["note"], "Anna\tand\nBert");
    assert_eq!(satchel.run(["links", "list", "--all"]).await.exits(2).text(), "");
    #[cfg(target_os = "linux")]
    {
        let shown = satchel.at_a_terminal("links").await;
        assert!(shown.contains("stopped") && shown.contains("press/a.pdf") && !shown.contains("http"), "{shown}");
        assert_eq!(shown.lines().count(), 3, "{shown}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_renewed_link_is_another_one_and_does_not_end_with_the_first() {
    let store = Store::start().await;
    let satchel = with_a_file(&store).await;
    satchel.file("b.txt", b"b");
    let shared = satchel.run(["share", "b.txt", "--json", "--expires", "1h", "--for", "Anna"]).await.ok().json();
    let shared = shared["links"][0].clone();
    for (first, content) in
        [(made(&satchel, &["--stoppable", "--expires", "1h"]).await, &b"%PDF content"[..]), (shared, b"b")]
    {
        let renewed =
            satchel.run(["links", "renew", text(&first, "id"), "--expires", "2h", "--json"]).await.ok().json();
        let renewed = &renewed["links"][0];
        assert_ne!(renewed["id"], first["id"]);
        assert_eq!(
            (&renewed["name"], &renewed["stoppable"], &renewed["tested"]),
            (&first["name"], &json!(true), &json!(true))
        );
        satchel.run(["links", "stop", text(&first, "id")]).await.ok();
        assert!(matches!(fetch(text(&first, "url")).await.status, 403 | 404));
        assert_eq!(fetch(text(renewed, "url")).await.body, content, "it opens a copy of its own");
    }
    let direct = made(&satchel, &[]).await;
    let renewed = satchel.run(["links", "renew", text(&direct, "id")]).await.ok();
    assert_eq!(fetch(renewed.text().trim_end()).await.body, b"%PDF content");
    satchel.run(["links", "renew", text(&direct, "id"), "--expires", "8d"]).await.exits(2);
    satchel.run(["links", "renew", "nobody"]).await.exits(4);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_direct_link_can_not_be_stopped_and_nothing_is_deleted() {
    let store = Store::start().await;
    let satchel = with_a_file(&store).await;
    let direct = made(&satchel, &[]).await;
    assert_eq!(direct["stoppable"], false);
    let refused = satchel.run(["links", "stop", text(&direct, "id"), "--json"]).await.exits(1);
    assert_eq!(refused.error_code(), "notStoppable");
    assert_eq!(fetch(text(&direct, "url")).await.body, b"%PDF content");
    assert_eq!(satchel.run(["links", "copy", "", "--json"]).await.exits(2).error_code(), "usage");
    assert_eq!(satchel.run(["links", "copy", "nobody", "--json"]).await.exits(4).error_code(), "linkUnknown");
    let stoppable = made(&satchel, &["--stoppable"]).await;
    let stopped = satchel.run(["links", "stop", text(&stoppable, "id"), "--json", "--quiet"]).await.ok();
    assert_eq!(stopped.json(), json!({ "stopped": [{ "id": stoppable["id"], "name": "press/a.pdf" }] }));
    assert_eq!(stopped.stderr, "");
    satchel.run(["links", "stop", text(&stoppable, "id")]).await.ok();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_that_may_not_copy_is_told_so_and_nothing_is_printed() {
    let store = Store::start().await;
    store.practice.put("press/a.pdf", b"%PDF content").await.unwrap();
    let satchel = store.satchel_allowed(Permissions::all().write(Allow::Nowhere));
    let refused = satchel.run(["link", "press/a.pdf", "--stoppable", "--json"]).await.exits(5);
    assert_eq!(refused.error_code(), "copyDenied");
    let refused = satchel.run(["link", "press/a.pdf", "--stoppable"]).await.exits(5);
    assert_eq!(refused.text(), "");
    let direct = made(&satchel, &[]).await;
    assert_eq!(fetch(text(&direct, "url")).await.status, 200, "a direct one needs no such right");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_that_may_not_write_the_log_shares_all_the_same() {
    let store = Store::start().await;
    store.practice.put("press/a.pdf", b"%PDF content").await.unwrap();
    let copies_only = Permissions::all().write(Allow::Under(".s/2".to_owned()));
    let satchel = store.satchel_allowed(copies_only);
    let link = made(&satchel, &["--stoppable"]).await;
    assert_eq!(fetch(text(&link, "url")).await.status, 200);
    assert_eq!(store.records().await, [""; 0]);
    let all = satchel.run(["links", "list", "--everybody", "--json"]).await.ok().json();
    assert_eq!(
        (&all["links"][0]["id"], &all["links"][0]["mine"]),
        (&link["id"], &json!(true)),
        "one’s own are known anyway"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_is_handed_over_with_text_and_as_a_code_that_phones_read() {
    let store = Store::start().await;
    let satchel = with_a_file(&store).await;
    for kind in ["--direct", "--stoppable"] {
        let told = satchel.run(["link", "press/a.pdf", "--text", "--expires", "2h", kind]).await.ok().lines();
        assert_eq!(told.len(), 3, "{told:?}");
        assert_eq!(told[0], "a.pdf (12 bytes)");
        assert!(told[1].starts_with("Works until ") && told[1].ends_with("(UTC)"), "{told:?}");
        assert_eq!(fetch(&told[2]).await.status, 200);
    }
    let json = made(&satchel, &["--text"]).await;
    assert!(text(&json, "text").ends_with(&format!("\n{}\n", text(&json, "url"))), "{json}");
    let drawn = satchel.run(["link", "press/a.pdf", "--qr"]).await.ok().lines();
    assert!(drawn[0].starts_with("http://"), "the link comes first");
    let width = drawn[1].chars().count();
    assert_eq!(drawn.len() - 1, width.div_ceil(2), "a square of half blocks");
    assert!(
        drawn[1..]
            .iter()
            .all(|line| line.chars().count() == width && line.chars().all(|letter| "█▀▄ ".contains(letter)))
    );
    assert_eq!(satchel.run(["link", "press/a.pdf", "--qr", "--json"]).await.exits(2).error_code(), "usage");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_that_is_too_long_for_a_code_is_printed_and_the_missing_code_is_said() {
    let store = Store::start().await;
    store.practice.put("press/a.pdf", b"%PDF content").await.unwrap();
    let satchel = store.satchel_with_session(&"token".repeat(200));
    let link = satchel.run(["link", "press/a.pdf", "--qr"]).await.exits(3);
    assert_eq!(link.lines().len(), 1);
    assert_eq!(fetch(link.text().trim_end()).await.status, 200);
    assert!(link.stderr.contains("Too long for a QR code."), "{}", link.stderr);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_is_found_in_its_own_place_whether_saved_or_of_one_call() {
    let store = Store::start().await;
    let of_one_call = with_a_file(&store).await;
    let link = made(&of_one_call, &["--stoppable"]).await;
    let id = text(&link, "id");
    // The same computer, without saying which place.
    let saved = Satchel::alone();
    let keys =
        format!("[office]\naws_access_key_id = {}\naws_secret_access_key = {}\n", store.key_id(), store.secret());
    saved.file(".aws/credentials", keys.as_bytes());
    let state = of_one_call.home().join(".local/share/satchel");
    let state = state.to_str().unwrap();
    let refused = saved.run(["links", "copy", id, "--state-dir", state]).await.exits(2);
    assert!(refused.stderr.contains("--bucket"), "{}", refused.stderr);
    let add = ["places", "add", "Office", "--profile", "office", "--bucket", BUCKET, "--endpoint-url", &store.endpoint];
    saved.run(add.iter().chain(&["--state-dir", state])).await.ok();
    assert_eq!(saved.run(["links", "--state-dir", state]).await.ok().text(), "", "another place has other links");
    saved.run(["links", "copy", id, "--state-dir", state, "--place", "Office"]).await.exits(4);
    let own = saved.run(["link", "press/a.pdf", "--stoppable", "--json", "--state-dir", state]).await.ok().json();
    let own = text(&own["links"][0], "id").to_owned();
    saved
        .run([
            "places",
            "add",
            "Other",
            "--profile",
            "office",
            "--bucket",
            BUCKET,
            "--endpoint-url",
            &store.endpoint,
            "--state-dir",
            state,
        ])
        .await
        .ok();
    saved.run(["links", "stop", &own, "--state-dir", state]).await.ok();
    assert_eq!(of_one_call.run(["links", "copy", id]).await.ok().text().trim_end(), text(&link, "url"));
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_place_for_a_ledger_links_are_made_and_it_is_said_that_they_are_not_noted() {
    let store = Store::start().await;
    let satchel = with_a_file(&store).await;
    satchel.file("in-the-way", b"a file where a folder should be");
    let link = satchel.run(["link", "press/a.pdf", "--stoppable", "--state-dir", "in-the-way"]).await.ok();
    assert_eq!(fetch(link.text().trim_end()).await.status, 200);
    assert!(link.stderr.contains("can’t be noted on this computer"), "{}", link.stderr);
    satchel.file("b.txt", b"b");
    let shared = satchel.run(["share", "b.txt", "--state-dir", "in-the-way"]).await.ok();
    assert_eq!(fetch(shared.text().trim_end()).await.body, b"b");
}
