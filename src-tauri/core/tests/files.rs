//! Listings against the practice server: exact names, one request a page, never an empty list for a closed door.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "support/store.rs"]
mod store;

use satchel_core::Code;
use satchel_core::files::{Entry, Listing, ListingState, Pages, SortBy, stat};
use satchel_practice::{Fault, Operation, Rule};
use store::Store;

async fn settled(listing: &Listing) -> ListingState {
    let mut states = listing.watch();
    states.wait_for(|state| !state.loading).await.unwrap().clone()
}

fn names(listing: &Listing) -> Vec<String> {
    listing.rows(0, 10_000).entries.iter().map(|entry| entry.name.clone()).collect()
}

#[tokio::test]
async fn a_folder_is_read_with_one_request_a_page_and_none_a_row() {
    let store = Store::start().await;
    store.put_many("many/", 2_500).await;
    store.forget_requests();
    let listing = Listing::open(store.storage().await, "many/");
    let state = settled(&listing).await;
    assert!(state.complete);
    assert_eq!((state.count, state.total), (2_500, 2_500));
    assert_eq!(store.requests(), vec!["ListObjectsV2"; 3]);
}

#[tokio::test]
async fn folders_come_first_and_the_share_folder_never_shows() {
    let store = Store::start().await;
    for name in ["b.txt", "a/x", "Offer 10.pdf", "Offer 2.pdf", ".s/0123/secret.pdf"] {
        store.put(name, b"x").await;
    }
    let listing = Listing::open(store.storage().await, "");
    settled(&listing).await;
    assert_eq!(names(&listing), ["a/", "b.txt", "Offer 2.pdf", "Offer 10.pdf"]);
    let mut pages = Pages::new(&store.storage().await, "", true);
    let mut all = Vec::new();
    while let Some(page) = pages.next().await {
        all.extend(page.unwrap().files.iter().map(|file: &Entry| file.name.clone()));
    }
    assert_eq!(all, ["Offer 10.pdf", "Offer 2.pdf", "a/x", "b.txt"]);
}

#[tokio::test]
async fn names_of_every_kind_come_back_exactly() {
    let store = Store::start().await;
    let long = "x".repeat(1024);
    let wanted = [" spaces ", "..", "a+b%c#d?e&f=g", "new\nline", "tab\tand\u{1}", "trailing.", &long, "ü 日本 🙂.pdf"];
    for name in wanted {
        store.put(name, name.as_bytes()).await;
    }
    let listing = Listing::open(store.storage().await, "");
    settled(&listing).await;
    let mut found = names(&listing);
    found.sort();
    let mut wanted = wanted.map(str::to_owned).to_vec();
    wanted.sort();
    assert_eq!(found, wanted);
    for name in &wanted {
        assert_eq!(stat(&store.storage().await, name).await.unwrap().size_bytes, Some(name.len() as u64), "{name:?}");
    }
}

#[tokio::test]
async fn a_folder_that_may_not_be_seen_is_never_an_empty_one() {
    let store = Store::start().await;
    store.put("board/minutes.pdf", b"x").await;
    let listing = Listing::open(store.storage_without_listing().await, "board/");
    let state = settled(&listing).await;
    assert!(!state.complete);
    let error = state.error.unwrap();
    assert_eq!(error.code(), Code::ListDenied);
    assert_eq!(error.advice().sentence, "Your account isn’t allowed to see what is in “board”.");
}

#[tokio::test]
async fn a_listing_that_breaks_off_is_marked_as_not_complete() {
    let store = Store::start().await;
    store.put_many("", 2_500).await;
    store.refuse_listings_after(2).await;
    let listing = Listing::open(store.storage().await, "");
    let state = settled(&listing).await;
    assert_eq!((state.complete, state.total), (false, 2_000));
    assert_eq!(state.error.unwrap().code(), Code::ListDenied);
}

#[tokio::test]
async fn searching_and_sorting_keep_every_row_its_id() {
    let store = Store::start().await;
    for (name, size) in [("Offer.pdf", 3), ("invoice.pdf", 1), ("photo.jpg", 2)] {
        store.put(name, &vec![0; size]).await;
    }
    let listing = Listing::open(store.storage().await, "");
    settled(&listing).await;
    let offer = listing.rows(0, 10).entries.iter().find(|entry| entry.name == "Offer.pdf").unwrap().id;
    let state = listing.search("OFF").await;
    assert_eq!((state.count, state.total), (1, 3));
    assert_eq!(names(&listing), ["Offer.pdf"]);
    listing.search("").await;
    listing.sort(SortBy::Size, true).await;
    assert_eq!(names(&listing), ["Offer.pdf", "photo.jpg", "invoice.pdf"]);
    store.put("new.txt", b"").await;
    listing.refresh().await;
    settled(&listing).await;
    assert_eq!(listing.entry(offer).unwrap().name, "Offer.pdf");
    assert_eq!(listing.rows(0, 10).entries.len(), 4);
}

#[tokio::test]
async fn a_missing_place_is_not_an_empty_one() {
    let store = Store::start().await;
    let listing = Listing::open(store.storage_of_another_bucket().await, "");
    let state = settled(&listing).await;
    assert_eq!(state.error.unwrap().code(), Code::PlaceNotFound);
}

#[tokio::test]
async fn a_list_that_turns_in_a_circle_is_not_complete() {
    let store = Store::start().await;
    let page = |next: &str| {
        let text = format!(
            "<ListBucketResult><Name>practice</Name><KeyCount>0</KeyCount><IsTruncated>true</IsTruncated>\
             <NextContinuationToken>{next}</NextContinuationToken></ListBucketResult>"
        );
        Rule::new(Fault::ReplaceBody(text)).on(Operation::ListObjectsV2)
    };
    for turn in 0..20 {
        // Two places that this store knows.
        store.practice.faults().add(page(["azA", "azE"][turn % 2]).after(turn as u64));
    }
    let listing = Listing::open(store.storage().await, "");
    let state = settled(&listing).await;
    assert!(!state.complete && state.error.is_some());
    assert_eq!(store.requests().len(), 3);
}

#[tokio::test]
async fn an_answer_without_an_end_is_not_read_to_its_end() {
    let store = Store::start().await;
    let endless = format!(
        "<ListBucketResult><Name>practice</Name><KeyCount>0</KeyCount><IsTruncated>false</IsTruncated><!--{}-->\
         </ListBucketResult>",
        "x".repeat(20 * 1024 * 1024)
    );
    store.practice.faults().add(Rule::new(Fault::ReplaceBody(endless)).on(Operation::ListObjectsV2).always());
    let listing = Listing::open(store.storage().await, "");
    let state = settled(&listing).await;
    assert!(!state.complete);
    assert_eq!(state.error.unwrap().code(), Code::StorageTrouble);
}
