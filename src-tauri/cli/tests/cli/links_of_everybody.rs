//! Two computers on one place: both see all links, neither sweeps the other's, one stops the other's; and the report for IT.

use std::time::Duration;

use serde_json::{Value, json};

use crate::store::Store;
use crate::support::{Satchel, fetch};

async fn made(satchel: &Satchel, name: &str, words: &[&str]) -> Value {
    let words = ["link", "--json", "--stoppable"].into_iter().chain(words.iter().copied()).chain(["--", name]);
    satchel.run(words).await.ok().json()["links"][0].clone()
}

fn text<'v>(link: &'v Value, field: &str) -> &'v str {
    link[field].as_str().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn two_computers_see_all_records_and_neither_sweeps_what_works() {
    let store = Store::start().await;
    store.practice.put("a.pdf", b"a").await.unwrap();
    store.practice.put("b.pdf", b"b").await.unwrap();
    let (one, other) = (store.satchel(), store.satchel());
    let of_one = made(&one, "a.pdf", &["--for", "a secret note"]).await;
    let of_other = made(&other, "b.pdf", &["--expires", "60s"]).await;
    for (satchel, own) in [(&one, &of_one), (&other, &of_other)] {
        let all = satchel.run(["links", "list", "--everybody", "--json"]).await.ok();
        let all = all.json()["links"].as_array().unwrap().clone();
        assert_eq!(all.len(), 2, "{all:?}");
        for link in &all {
            assert_eq!(link["mine"], link["id"] == own["id"], "{link}");
            assert_eq!(link["who"], store.key_id(), "who shares is the account’s own identity");
            assert_eq!(link["note"].is_string(), link["id"] == of_one["id"] && own["id"] == of_one["id"], "{link}");
        }
        assert_eq!(satchel.run(["links"]).await.ok().lines().len(), 1, "one’s own are one");
    }
    // Both swept when they made their first link, and both links work.
    for (link, content) in [(&of_one, b"a"), (&of_other, b"b")] {
        assert_eq!(fetch(text(link, "url")).await.body, content);
    }
    // A third one comes when one of them has ended, by the store's clock.
    store.practice.clock().run_ahead(Duration::from_secs(20 * 60));
    let third = store.satchel();
    let of_third = made(&third, "a.pdf", &[]).await;
    let mut left = store.copies().await;
    left.sort();
    assert_eq!(left.len(), 2, "only what has ended is swept: {left:?}");
    assert!(left.iter().all(|copy| copy.ends_with("/a.pdf")), "{left:?}");
    assert_eq!(
        (fetch(text(&of_one, "url")).await.body, fetch(text(&of_third, "url")).await.body),
        (b"a".into(), b"a".into())
    );
    assert_eq!(store.records().await.len(), 3, "records stay");
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_with_the_right_stops_a_colleagues_link() {
    let store = Store::start().await;
    store.practice.put("a.pdf", b"a").await.unwrap();
    let (one, other) = (store.satchel(), store.satchel());
    let link = made(&one, "a.pdf", &[]).await;
    let id = text(&link, "id");
    let stopped = other.run(["links", "stop", &id[..8]]).await.ok();
    assert!(stopped.stderr.contains("Stopped. Whoever already downloaded it keeps a copy."), "{}", stopped.stderr);
    assert!(matches!(fetch(text(&link, "url")).await.status, 403 | 404));
    assert_eq!(store.copies().await, [""; 0]);
    let all = one.run(["links", "list", "--everybody", "--json"]).await.ok().json();
    assert_eq!((&all["links"][0]["state"], &all["links"][0]["mine"]), (&json!("stopped"), &json!(true)));
    other.run(["links", "copy", id]).await.exits(4);
    other.run(["links", "stop", "0123"]).await.exits(4);
    assert!(store.practice.content("a.pdf").await.unwrap().is_some(), "the file itself stays");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_report_says_who_shared_what_until_when_and_no_cell_is_computed() {
    let store = Store::start().await;
    let names = ["=HYPERLINK(\"http://evil\").csv", "a, b.pdf", "-2+3", "plain.pdf", "two\nlines.txt"];
    let satchel = store.satchel();
    let mut links = Vec::new();
    for name in names {
        store.practice.put(name, b"x").await.unwrap();
        links.push(made(&satchel, name, &["--for", "private"]).await);
    }
    satchel.run(["links", "stop", text(&links[3], "id")]).await.ok();
    let today = jiff::Timestamp::now().strftime("%Y-%m-%d").to_string();
    let yesterday = jiff::Timestamp::now().checked_sub(jiff::SignedDuration::from_hours(24)).unwrap();
    let from = yesterday.strftime("%Y-%m-%d").to_string();
    let csv = satchel.run(["links", "report", "--from", &from, "--to", &today, "--csv"]).await.ok().text();
    assert!(csv.starts_with("made,ends,stopped,who,file,files,stoppable,id\r\n"), "{csv}");
    assert_eq!(csv.matches("\r\n").count(), 6, "{csv}");
    for written in [
        ",\"'=HYPERLINK(\"\"http://evil\"\").csv\",1,yes,",
        ",\"a, b.pdf\",",
        ",'-2+3,",
        ",plain.pdf,",
        ",\"two\nlines.txt\",",
    ] {
        assert!(csv.contains(written), "{written} is not in {csv}");
    }
    assert!(!csv.contains("private") && !csv.contains("X-Amz"), "{csv}");
    let json = satchel.run(["links", "report", "--from", &yesterday.to_string(), "--json"]).await.ok().json();
    let lines = json["links"].as_array().unwrap();
    assert_eq!(lines.len(), 5);
    for line in lines {
        assert_eq!(
            (&line["who"], &line["files"], &line["stoppable"]),
            (&json!(store.key_id()), &json!(1), &json!(true))
        );
        assert_eq!(line["stopped"].is_string(), line["file"] == "plain.pdf", "{line}");
    }
    let plain = satchel.run(["links", "report", "--from", &from]).await.ok();
    assert!(plain.text().contains("\tplain.pdf\n"), "{}", plain.text());
    let none =
        satchel.run(["links", "report", "--from", "2020-01-01", "--to", "2020-12-31", "--json"]).await.ok().json();
    assert_eq!(none["links"], json!([]));
    for words in
        [&["--from", "soon"][..], &["--from", &today, "--to", &from], &["--csv"], &["--from", &from, "--csv", "--json"]]
    {
        satchel.run(["links", "report"].iter().chain(words)).await.exits(2);
    }
}
