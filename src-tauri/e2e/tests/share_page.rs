//! One link for several files, from the command line that makes it to the browser of whoever gets it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use satchel_e2e::fetch::fetch;
use satchel_e2e::store::{BUCKET, colleague};
use satchel_e2e::{Recipient, Store, places, spot::css};
use serde_json::{Value, json};

/// Names that were given to do harm, or that only look like it.
const HOSTILE: &[&str] = &[
    "<img src=x onerror=window.pwned=1>.png",
    "\"><svg onload=window.pwned=1>.svg",
    "'><script>window.pwned=1<",
    "{{7*7}}.txt",
    "${7*7}.txt",
    "javascript:window.pwned=1",
    "&lt;b&gt;.txt",
    "&amp;.txt",
    "a\u{202E}fdp.exe",
    "a\u{2066}b\u{2069}.txt",
    "zero\u{200B}width.txt",
    "line\nbreak.txt",
    "tab\tstop.txt",
    "quote\".txt",
    "apostrophe'.txt",
    "back\\slash.txt",
    "percent%2e%2e%2fetc.txt",
    "hash#mark.txt",
    "question?mark=1&x=2.txt",
    "plus+sign.txt",
    "semi;colon.txt",
    "comma,name.txt",
    "equals=sign.txt",
    "at@sign.txt",
    "dollar$sign.txt",
    "caret^.txt",
    "brackets[1].txt",
    "braces{1}.txt",
    "pipe|.txt",
    "tilde~.txt",
    "back`tick.txt",
    "star*.txt",
    "less<than.txt",
    "greater>than.txt",
    "colon:name.txt",
    "-rf",
    "--help",
    "$(touch pwned)",
    "; rm -rf ~",
    "con.txt",
    ".hidden",
    "trailing.",
    " leading space.txt",
    "two  spaces.txt",
    "Müller & Söhne.pdf",
    "日本語 資料.pdf",
    "العربية.pdf",
    "עברית.pdf",
    "Ελληνικά.pdf",
    "Русский.pdf",
    "हिन्दी.pdf",
    "ไทย.pdf",
    "🙂 smile.png",
    "👩‍👩‍👧 family.png",
    "e\u{301}te.txt",
    "report.pdf.exe",
    "page.html",
    "script.js",
    "picture.svg",
    "</title><script>window.pwned=1</script>",
];
const FILES: usize = 100;

fn satchel(store: &Store, state: &Path, arguments: &[&str]) -> Value {
    let who = colleague();
    let output = Command::new(places::cli().unwrap())
        .args([
            "--bucket",
            BUCKET,
            "--region",
            "us-east-1",
            "--endpoint-url",
            &store.address(),
            "--json",
            "--state-dir",
        ])
        .arg(state)
        .args(arguments)
        .env("AWS_ACCESS_KEY_ID", &who.access_key_id)
        .env("AWS_SECRET_ACCESS_KEY", &who.secret_access_key)
        .env_remove("AWS_PROFILE")
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hundred_files_by_one_link_all_arrive_and_no_name_does_harm() {
    let store = Store::start().await.unwrap();
    let here = tempfile::tempdir().unwrap();
    let folder = here.path().join("Trade fair");
    std::fs::create_dir(&folder).unwrap();
    let plain = (HOSTILE.len()..FILES).map(|number| format!("Photo {number}.jpg"));
    let names: Vec<String> = HOSTILE.iter().map(|name| (*name).replace('/', "⁄")).chain(plain).collect();
    assert_eq!(names.iter().collect::<BTreeSet<_>>().len(), FILES);
    for (number, name) in names.iter().enumerate() {
        std::fs::write(folder.join(name), format!("content of file {number}")).unwrap();
    }
    let state = here.path().join("state");
    let made = satchel(&store, &state, &["share", folder.to_str().unwrap(), "--expires", "2h"]);
    let (link, id) = (made["links"][0]["url"].as_str().unwrap(), made["links"][0]["id"].as_str().unwrap());

    let page = fetch(link).await.unwrap();
    assert!(page.body.len() < 60_000, "the page has {} bytes", page.body.len());
    assert_eq!(page.header("cache-control"), Some("no-store"));

    let recipient = Recipient::start(false, 1100).await.unwrap();
    recipient.open(link).await.unwrap();
    let browser = recipient.page();
    assert_eq!(browser.count(&css("a[download]")).await.unwrap(), FILES);
    let harm = "return [window.pwned === undefined, document.querySelectorAll('img, iframe, svg[onload], script[src]').length]";
    assert_eq!(browser.script(harm, vec![]).await.unwrap(), json!([true, 0]));
    let drawn = browser.script("return document.body.innerText", vec![]).await.unwrap();
    let drawn = drawn.as_str().unwrap();
    for name in
        ["<img src=x onerror=window.pwned=1>.png", "{{7*7}}.txt", "&lt;b&gt;.txt", "日本語 資料.pdf", "Photo 99.jpg"]
    {
        assert!(drawn.contains(name), "{name} is not there as it is: {drawn}");
    }
    assert!(!drawn.contains('\u{202E}'), "nothing turns text around");
    browser.expect_accessible("the share page").await.unwrap();
    browser.picture("share-page").await.unwrap();

    browser.click(&css("#all")).await.unwrap();
    let saved = recipient.saved(FILES).await.unwrap();
    let contents: BTreeSet<String> =
        saved.iter().map(|(_, content)| String::from_utf8_lossy(content).into_owned()).collect();
    let expected: BTreeSet<String> = (0..FILES).map(|number| format!("content of file {number}")).collect();
    assert_eq!(contents, expected);
    let named = |name: &str| saved.iter().any(|(saved, _)| saved == name);
    for name in ["Müller & Söhne.pdf", "日本語 資料.pdf", "العربية.pdf", "Photo 99.jpg", "page.html"] {
        assert!(named(name), "{name} is not among {:?}", saved.iter().map(|(name, _)| name).collect::<Vec<_>>());
    }

    satchel(&store, &state, &["links", "stop", id]);
    assert!(matches!(fetch(link).await.unwrap().status.as_u16(), 403 | 404));
    recipient.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_share_page_can_be_read_on_a_phone_in_the_dark() {
    let store = Store::start().await.unwrap();
    let here = tempfile::tempdir().unwrap();
    for name in ["Stand from the front.jpg", "Opening speech.mp4", "Captions.docx"] {
        std::fs::write(here.path().join(name), name).unwrap();
    }
    let files: Vec<String> = ["Stand from the front.jpg", "Opening speech.mp4", "Captions.docx"]
        .iter()
        .map(|name| here.path().join(name).to_str().unwrap().to_owned())
        .collect();
    let state = here.path().join("state");
    let arguments = ["share", &files[0], &files[1], &files[2], "--title", "Trade fair photos", "--expires", "2h"];
    let made = satchel(&store, &state, &arguments);
    let recipient = Recipient::start(true, 500).await.unwrap();
    recipient.open(made["links"][0]["url"].as_str().unwrap()).await.unwrap();
    let browser = recipient.page();
    browser.script("document.documentElement.style.width = '320px'; return true", vec![]).await.unwrap();
    let edge =
        "return Math.max(...[...document.querySelectorAll('body *')].map((one) => one.getBoundingClientRect().right))";
    let edge = browser.script(edge, vec![]).await.unwrap();
    assert!(edge.as_f64().unwrap() <= 320.5, "something is wider than a phone: {edge}");
    browser.expect_accessible("the share page on a phone").await.unwrap();
    browser.picture("share-page-phone-dark").await.unwrap();
    browser.click(&css("#all")).await.unwrap();
    let saved = recipient.saved(3).await.unwrap();
    assert!(saved.iter().all(|(name, content)| name.as_bytes() == content.as_slice()), "{saved:?}");
    recipient.close().await.unwrap();
}
