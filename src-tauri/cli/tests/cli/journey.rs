//! The main job, the same on every store: a file goes up, shows in the list, gives a link that ends, and comes back.

use serde_json::json;

use crate::support::{Satchel, addresses_of_page, bytes, fetch, wait_until_ended};

/// More than goes into one request.
const LARGE: usize = 17 * 1024 * 1024 + 5;

pub async fn put_ls_link_get(satchel: &Satchel) {
    a_small_file(satchel).await;
    a_large_file(satchel).await;
    a_folder(satchel).await;
    a_link_that_ends(satchel).await;
}

async fn a_small_file(satchel: &Satchel) {
    let content = bytes(70_001);
    satchel.file("Preisliste für März.pdf", &content);
    let put = satchel.run(["put", "Preisliste für März.pdf", "--to", "press"]).await.ok();
    assert_eq!(put.text(), "press/Preisliste für März.pdf\n");
    assert_eq!(satchel.run(["ls"]).await.ok().lines(), ["press/"]);
    let listed = satchel.run(["ls", "press", "--json"]).await.ok().json();
    assert_eq!(listed["folder"], "press/");
    assert_eq!(listed["files"][0]["name"], "press/Preisliste für März.pdf");
    assert_eq!(listed["files"][0]["size"], 70_001);
    assert_eq!(listed["complete"], true);
    let link = satchel.run(["link", "press/Preisliste für März.pdf", "--expires", "10m"]).await.ok();
    let fetched = fetch(link.text().trim_end()).await;
    assert_eq!((fetched.status, fetched.body == content), (200, true));
    let disposition = fetched.header("content-disposition");
    assert_eq!(
        disposition,
        "attachment; filename=\"Preisliste f_r M_rz.pdf\"; filename*=UTF-8''Preisliste%20f%C3%BCr%20M%C3%A4rz.pdf"
    );
    let got = satchel.run(["get", "press/Preisliste für März.pdf", "--to", "back"]).await.ok();
    assert_eq!(got.text(), "back/Preisliste für März.pdf\n");
    assert!(satchel.read("back/Preisliste für März.pdf") == content);
}

async fn a_large_file(satchel: &Satchel) {
    let content = bytes(LARGE);
    satchel.file("film.mp4", &content);
    let put = satchel.run(["put", "film.mp4", "--json"]).await.ok().json();
    assert_eq!(put["done"][0]["size"], LARGE);
    assert_eq!(put["done"][0]["name"], "film.mp4");
    let got = satchel.run(["get", "film.mp4", "--to", "back", "--json"]).await.ok().json();
    assert_eq!(got["done"][0]["size"], LARGE);
    assert_eq!(got["done"][0]["checksum"], put["done"][0]["checksum"]);
    assert!(satchel.read("back/film.mp4") == content);
}

async fn a_folder(satchel: &Satchel) {
    satchel.file("photos/one.jpg", b"one");
    satchel.file("photos/summer/two.jpg", b"two");
    satchel.run(["put", "photos", "--to", "under-its-name"]).await.ok();
    satchel.run(["put", "photos/", "--to", "its-content"]).await.ok();
    let listed = satchel.run(["ls", "--recursive"]).await.ok().lines();
    for name in [
        "under-its-name/photos/one.jpg",
        "under-its-name/photos/summer/two.jpg",
        "its-content/one.jpg",
        "its-content/summer/two.jpg",
    ] {
        assert!(listed.iter().any(|line| line == name), "{name} is not in {listed:?}");
    }
    assert_eq!(satchel.run(["ls", "its-content"]).await.ok().lines(), ["its-content/summer/", "its-content/one.jpg"]);
}

async fn a_link_that_ends(satchel: &Satchel) {
    satchel.file("soon over.txt", b"for two seconds");
    let put = satchel.run(["put", "soon over.txt", "--link", "--expires", "2s"]).await.ok();
    let link = put.text().trim_end().to_owned();
    assert_eq!(fetch(&link).await.body, b"for two seconds");
    let ended = wait_until_ended(&link).await;
    assert_eq!((ended.status, ended.body.starts_with(b"for two")), (403, false));
    let again = satchel.run(["link", "soon over.txt", "--expires", "1h", "--json"]).await.ok().json();
    assert_eq!(again["links"][0]["endsBecause"], json!("chosen"));
    assert_eq!(fetch(again["links"][0]["url"].as_str().unwrap()).await.status, 200);
}

/// The job of links that others rely on: stopped one at a time, copied again letter for letter, several files as one page,
/// and everybody knows of them.
pub async fn share_copy_stop(satchel: &Satchel) {
    let content = bytes(20_001);
    satchel.file("Angebot für März.pdf", &content);
    satchel.run(["put", "Angebot für März.pdf"]).await.ok();
    let make = async || {
        let words = ["link", "Angebot für März.pdf", "--stoppable", "--for", "Anna", "--expires", "1h", "--json"];
        let made = satchel.run(words).await.ok().json()["links"][0].clone();
        assert_eq!((&made["stoppable"], &made["tested"]), (&json!(true), &json!(true)));
        (made["id"].as_str().unwrap().to_owned(), made["url"].as_str().unwrap().to_owned())
    };
    let ((one, one_link), (_, other_link)) = (make().await, make().await);
    let again = satchel.run(["links", "copy", &one]).await.ok();
    assert_eq!(again.text(), format!("{one_link}\n"), "the identical link");
    for link in [&one_link, &other_link] {
        let fetched = fetch(link).await;
        assert_eq!((fetched.status, fetched.body == content), (200, true));
    }
    let stopped = satchel.run(["links", "stop", &one[..12]]).await.ok();
    assert_eq!(
        (stopped.text().as_str(), stopped.stderr.as_str()),
        ("", "Stopped. Whoever already downloaded it keeps a copy.\n")
    );
    assert!(matches!(fetch(&one_link).await.status, 403 | 404), "the next fetch is refused");
    assert!(fetch(&other_link).await.body == content, "another link of the same file still works");
    assert_eq!(satchel.run(["links", "copy", &one, "--json"]).await.exits(1).error_code(), "linkOver");
    satchel.run(["links", "stop", "ffffffffffffffffffffffffffffffff"]).await.exits(4);
    three_files_as_one_page(satchel).await;
    let all = satchel.run(["links", "list", "--everybody", "--json"]).await.ok().json();
    let all = all["links"].as_array().unwrap();
    assert_eq!(all.len(), 3, "{all:?}");
    let state_of_one = all.iter().find(|link| link["id"] == one.as_str()).map(|link| &link["state"]);
    assert_eq!(state_of_one, Some(&json!("stopped")));
    assert!(all.iter().all(|link| link["mine"] == true && link["who"].is_string()), "{all:?}");
}

async fn three_files_as_one_page(satchel: &Satchel) {
    let files = [("a/Plan & Bild.pdf", bytes(3000)), ("b/日本 <b>.txt", bytes(1)), ("c/leer.bin", Vec::new())];
    for (name, content) in &files {
        satchel.file(name, content);
    }
    let words =
        ["share", "a/Plan & Bild.pdf", "b/日本 <b>.txt", "c/leer.bin", "--title", "Für Anna", "--expires", "1h"];
    let shared = satchel.run(words).await.ok();
    let link = shared.text().trim_end().to_owned();
    let page = fetch(&link).await;
    assert_eq!((page.status, page.header("content-type")), (200, "text/html; charset=utf-8"));
    let html = String::from_utf8(page.body).unwrap();
    assert!(html.contains("Für Anna") && !html.contains("日本 <b>"), "{html}");
    let addresses = addresses_of_page(&link, &html);
    assert_eq!(addresses.len(), 3, "{html}");
    for ((name, content), address) in files.iter().zip(&addresses) {
        let fetched = fetch(address).await;
        assert_eq!((fetched.status, fetched.body == *content), (200, true), "{name}");
    }
    let listed = satchel.run(["links", "--json"]).await.ok().json();
    let page = listed["links"].as_array().unwrap().iter().find(|one| one["name"] == "Für Anna").unwrap().clone();
    assert_eq!((&page["files"], &page["stoppable"], &page["state"]), (&json!(3), &json!(true), &json!("working")));
    let shown = satchel.run(["ls", "--recursive"]).await.ok().text();
    assert!(!shown.contains("leer.bin"), "what is shared this way shows nowhere among the files: {shown}");
    satchel.run(["links", "stop", page["id"].as_str().unwrap()]).await.ok();
    for address in addresses.iter().chain([&link]) {
        assert!(matches!(fetch(address).await.status, 403 | 404), "stopping a page ends all of it");
    }
}
