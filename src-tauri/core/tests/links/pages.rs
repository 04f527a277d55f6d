//! One link for several files.

use super::http;
use crate::store::Store;
use satchel_core::Code;
use satchel_core::ledger::Ledger;
use satchel_core::links::{self, Course, EndChoice, PageRequest, files_of_folder, make_page};
use std::time::Duration;

fn page(title: &str, files: Vec<links::PageFile>) -> PageRequest {
    PageRequest {
        title: title.to_owned(),
        files,
        from: None,
        end: EndChoice::In(Duration::from_secs(3600)),
        exact: false,
        note: None,
        folder: None,
    }
}

/// The addresses of a page, as a browser would read them.
fn addresses(url: &str, page: &str) -> Vec<String> {
    let base = url.split('?').next().unwrap().rsplit_once('/').unwrap().0.to_owned();
    let hrefs = page.split("href=\"").skip(1).filter_map(|rest| rest.split('"').next());
    hrefs
        .filter(|href| href.contains("X-Amz-Signature"))
        .map(|href| format!("{base}/{}", href.replace("&amp;", "&")))
        .collect()
}

#[tokio::test]
async fn all_files_of_a_folder_arrive_by_one_link_and_end_together() {
    let store = Store::start().await;
    let storage = store.storage().await;
    let names = ["fair/a.pdf", "fair/Müller & Söhne \"x\".txt", "fair/sub/<img src=x>.html", "fair/empty"];
    for name in names {
        store.put(name, if name.ends_with("empty") { b"" } else { name.as_bytes() }).await;
    }
    store.put("other.txt", b"not shared").await;
    let files = files_of_folder(&storage, "fair/").await.unwrap();
    let link = make_page(&storage, &page("Trade fair", files), &Course::default()).await.unwrap();
    assert_eq!((link.files, link.stoppable, link.recorded), (4, true, true));
    let answer = http::get(link.url.reveal()).await;
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    assert_eq!(answer.header("content-type"), Some("text/html; charset=utf-8"));
    let html = String::from_utf8(answer.body).unwrap();
    assert!(!html.contains("<img"), "{html}");
    let addresses = addresses(link.url.reveal(), &html);
    assert_eq!(addresses.len(), 4);
    let mut bodies = Vec::new();
    for address in &addresses {
        let answer = http::get(address).await;
        assert_eq!(answer.header("content-disposition"), Some("attachment"));
        bodies.push(String::from_utf8(answer.body).unwrap());
    }
    bodies.sort();
    let mut expected: Vec<&str> = names.iter().map(|name| if name.ends_with("empty") { "" } else { *name }).collect();
    expected.sort_unstable();
    assert_eq!(bodies, expected);
    let folder = tempfile::tempdir().unwrap();
    let ledger = Ledger::open(folder.path()).await.unwrap();
    links::remember(&ledger, &storage.place().id, &link).await.unwrap();
    let shared = links::find(&ledger, &link.id).await.unwrap();
    let renewed = links::renew(&storage, &shared, EndChoice::Default, &Course::default()).await.unwrap();
    links::stop(&storage, &ledger, &shared).await.unwrap();
    for address in addresses.iter().map(String::as_str).chain([link.url.reveal()]) {
        assert!(matches!(http::get(address).await.status, 403 | 404), "stopped as a whole");
    }
    let again = String::from_utf8(http::get(renewed.url.reveal()).await.body).unwrap();
    assert!(again.contains("sub"), "the renewed page has copies of its own, and the folders: {again}");
    assert!(store.keys().await.contains(&"fair/a.pdf".to_owned()));
}

#[tokio::test]
async fn more_files_than_a_page_lists_and_none_at_all_are_refused() {
    let store = Store::start().await;
    let storage = store.storage().await;
    store.put_many("many/", 1001).await;
    assert_eq!(files_of_folder(&storage, "many/").await.unwrap_err().code(), Code::TooManyFiles);
    let nothing = make_page(&storage, &page("x", Vec::new()), &Course::default()).await.unwrap_err();
    assert_eq!(nothing.code(), Code::FileGone);
}
