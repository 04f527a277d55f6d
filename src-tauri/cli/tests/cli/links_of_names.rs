//! Two hundred names, downloaded and opened, direct and stoppable: every byte arrives, under the right name.

use std::collections::HashMap;

use satchel_core::names;

use crate::store::Store;
use crate::support::{fetch, saved_as};

/// Names that somebody, somewhere, has given to a file.
fn corpus() -> Vec<String> {
    let mut names: Vec<String> = [
        "Offer.pdf",
        "Preisliste für März.pdf",
        "Müller & Söhne.docx",
        "Straße.txt",
        "naïve café.csv",
        "Ünïcödé.png",
        "日本語.txt",
        "見積書（最終）.pdf",
        "한국어 문서.hwp",
        "简体中文.xlsx",
        "繁體中文.pptx",
        "Русский текст.docx",
        "Ελληνικά.pdf",
        "עברית.pdf",
        "العربية.pdf",
        "हिन्दी.txt",
        "ไทย.txt",
        "தமிழ்.txt",
        "ქართული.txt",
        "Հայերեն.txt",
        "Tiếng Việt.txt",
        "Íslenska þæð.txt",
        "Čeština ž.txt",
        "Żółć.pdf",
        "ığüşöç İ.txt",
        "አማርኛ.txt",
        "🙂.png",
        "👨‍👩‍👧‍👦 Family.jpg",
        "🇩🇪 flag.svg",
        "❤️.gif",
        "e\u{301}.txt",
        "é.txt",
        "\u{1F469}\u{1F3FD}.webp",
        "a\"b.txt",
        "a'b.txt",
        "a;b.txt",
        "a,b.txt",
        "a=b.txt",
        "a\\b.txt",
        "a%b.txt",
        "100%.txt",
        "%41.txt",
        "%2F.txt",
        "a+b.txt",
        "a b.txt",
        "a  b.txt",
        " a.txt",
        "a .txt",
        "a.txt ",
        "a#b.txt",
        "#1.txt",
        "why?.txt",
        "a&b=c.txt",
        "a@b.txt",
        "a:b.txt",
        "a|b.txt",
        "a*b.txt",
        "*.txt",
        "a<b>.txt",
        "<script>alert(1)</script>.txt",
        "a`b`.txt",
        "$(HOME).txt",
        "${x}.txt",
        "~.txt",
        "!.txt",
        "^.txt",
        "(1).txt",
        "[1].txt",
        "{1}.txt",
        "-rf",
        "--json",
        "-",
        "_",
        ".",
        "..",
        "...",
        ".profile",
        "..a",
        "a.",
        "a..b",
        "a.b.c.tar.gz",
        "NUL",
        "con.txt",
        "COM1.log",
        "aux",
        "a\nb.txt",
        "a\tb.txt",
        "a\r\nSet-Cookie: x.txt",
        "a\u{7F}b.txt",
        "rep\u{202E}fdp.exe",
        "\u{200F}rtl.txt",
        "\u{FEFF}bom.txt",
        "zero\u{200B}width.txt",
        "soft\u{AD}hyphen.txt",
        "nb\u{A0}sp.txt",
        "\u{2028}line.txt",
        "index.html",
        "page.HTM",
        "drawing.svg",
        "data.xml",
        "script.js",
        "archive.zip",
        "film.mp4",
        "song.mp3",
        "photo.JPG",
        "photo.jpeg",
        "scan.tiff",
        "mail.eml",
        "table.csv",
        "notes.md",
        "run.exe",
        "macro.xlsm",
        "file",
        "FILE",
        "a/b/c/deep.txt",
        "a//b.txt",
        "a/../b.txt",
        "./c.txt",
        "/rooted.txt",
        "ends/with/ .txt",
        "q?x-amz-signature=1.txt",
        "X-Amz-Expires=1.txt",
        "a&amp;b.txt",
        "&lt;.txt",
        "a%00b.txt",
        "\u{FFFD}.txt",
        "filename=\"x\".txt",
        "attachment; x.txt",
        "UTF-8''x.txt",
        "=?utf-8?q?x?=.txt",
        "ﬁ ligature.txt",
        "№ 5.txt",
        "½ price €.txt",
        "£100.txt",
        "¥100.txt",
        "₿.txt",
        "™.txt",
        "“quoted”.txt",
        "‘single’.txt",
        "en–dash.txt",
        "em—dash.txt",
        "ellipsis….txt",
        "•bullet.txt",
        "→arrow.txt",
        "√2.txt",
        "∞.txt",
        "x².txt",
        "H₂O.txt",
        "𝔉𝔯𝔞𝔨𝔱𝔲𝔯.txt",
        "𝓢𝓬𝓻𝓲𝓹𝓽.txt",
        "𐍈.txt",
        "\u{1F1FA}\u{1F1F8}.txt",
        "a\u{300}\u{301}\u{302}.txt",
    ]
    .map(str::to_owned)
    .into();
    let extensions = ["pdf", "docx", "xlsx", "png", "zip", "mp4", "txt", "csv", "html", "svg", "eml"];
    names.extend(extensions.map(|extension| format!("Ordner mit Ümlaut/Datei Nr. 7 (Kopie).{extension}")));
    names.push(format!("{}.txt", "long".repeat(40)));
    names.push(format!("{}.txt", "ü".repeat(120)));
    names.push(format!("{}.txt", "🙂".repeat(60)));
    names.push("x".repeat(1000));
    for letter in ' '..='~' {
        if names.len() < 200 && !letter.is_alphanumeric() && letter != '/' {
            names.push(format!("sign {letter} in the middle.pdf"));
        }
    }
    names.truncate(200);
    names
}

/// What a recipient's disk gets: the last part, without what could break a header or turn text around.
fn arrives_as(name: &str) -> String {
    let shown: Vec<char> = names::display(names::last_segment(name)).chars().collect();
    let safe = names::last_segment(name).chars().zip(shown);
    let safe: String = safe.map(|(letter, shown)| if letter == shown { letter } else { '_' }).collect();
    match safe.trim() {
        "" | "." | ".." => "file".to_owned(),
        name => name.to_owned(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_hundred_names_are_downloaded_and_opened_direct_and_stoppable() {
    let corpus = corpus();
    assert_eq!(corpus.iter().collect::<std::collections::HashSet<_>>().len(), 200);
    let store = Store::start().await;
    for name in &corpus {
        store.practice.put(name, format!("content of {name:?}").as_bytes()).await.unwrap();
    }
    let satchel = store.satchel();
    for (how, opened) in [("--download", false), ("--open", true)] {
        for stoppable in [false, true] {
            let kind = if stoppable { "--stoppable" } else { "--direct" };
            let words = ["link", "--json", "--expires", "1h", how, kind, "--"].map(str::to_owned);
            let made = satchel.run(words.into_iter().chain(corpus.iter().cloned())).await.ok().json();
            let links: HashMap<&str, &serde_json::Value> =
                made["links"].as_array().unwrap().iter().map(|link| (link["name"].as_str().unwrap(), link)).collect();
            assert_eq!(links.len(), 200);
            for name in &corpus {
                let link = links[name.as_str()];
                let fetched = fetch(link["url"].as_str().unwrap()).await;
                let what = format!("{name:?} {how} {kind}");
                assert_eq!(fetched.status, 200, "{what}");
                assert_eq!(String::from_utf8(fetched.body.clone()).unwrap(), format!("content of {name:?}"), "{what}");
                let disposition = fetched.header("content-disposition");
                assert_eq!(saved_as(disposition), arrives_as(name), "{what}: {disposition}");
                assert!(opened || disposition.starts_with("attachment"), "{what}: {disposition}");
                // Only a copy can have a name that browsers leave alone.
                assert!(link["stoppable"] == true || !stoppable, "{what}");
            }
        }
    }
}
