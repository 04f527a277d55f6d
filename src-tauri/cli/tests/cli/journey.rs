//! The main job, the same on every store: a file goes up, shows in the list, gives a link that ends, and comes back.

use serde_json::json;

use crate::support::{Satchel, bytes, fetch, wait_until_ended};

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
