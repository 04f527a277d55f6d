//! Listings: order, pages, folders, and their speed.

use std::time::Instant;

use crate::support::{Place, Refused, place, refusal};

async fn all_v2(place: &Place, prefix: &str, delimiter: Option<&str>, page: i32) -> (Vec<String>, Vec<String>, usize) {
    let (mut files, mut folders, mut pages, mut token) = (Vec::new(), Vec::new(), 0, None);
    loop {
        let answer = place
            .client
            .list_objects_v2()
            .bucket("bucket")
            .prefix(prefix)
            .set_delimiter(delimiter.map(str::to_owned))
            .max_keys(page)
            .set_continuation_token(token)
            .send()
            .await
            .unwrap();
        pages += 1;
        assert!(answer.contents().len() + answer.common_prefixes().len() <= usize::try_from(page).unwrap());
        files.extend(answer.contents().iter().map(|file| file.key().unwrap().to_owned()));
        folders.extend(answer.common_prefixes().iter().map(|folder| folder.prefix().unwrap().to_owned()));
        token = answer.next_continuation_token().map(str::to_owned);
        assert_eq!(answer.is_truncated(), Some(token.is_some()));
        if token.is_none() {
            return (files, folders, pages);
        }
    }
}

#[tokio::test]
async fn keys_come_in_the_order_of_their_bytes() {
    let place = place().await;
    for name in ["b", "a", "B", "ä", "z", "🙂", "\u{fffd}", "a!", "a/", "a0"] {
        place.practice.put(name, b"").await.unwrap();
    }
    let (files, _, pages) = all_v2(&place, "", None, 3).await;
    assert_eq!(files, ["B", "a", "a!", "a/", "a0", "b", "z", "ä", "\u{fffd}", "🙂"]);
    assert_eq!(pages, 4);
}

#[tokio::test]
async fn folders_are_shown_once_and_pages_fit_together() {
    let place = place().await;
    let mut keys = Vec::new();
    for folder in 0..30 {
        keys.extend((0..20).map(|file| format!("d{folder:02}/f{file:02}")));
        keys.push(format!("d{folder:02}"));
    }
    place.practice.fill(keys.clone(), 5).await.unwrap();
    for page in [1, 2, 7, 59, 60, 1000] {
        let (files, folders, _) = all_v2(&place, "", Some("/"), page).await;
        assert_eq!((files.len(), folders.len()), (30, 30), "pages of {page}");
        assert!(folders.is_sorted() && folders.iter().all(|folder| folder.ends_with('/')));
    }
    let (files, folders, _) = all_v2(&place, "d07/", Some("/"), 3).await;
    assert_eq!((files.len(), folders.len()), (20, 0));
    let (files, _, _) = all_v2(&place, "d0", None, 100).await;
    assert_eq!(files.len(), 210);
    let (_, folders, _) = all_v2(&place, "", Some("/f1"), 100).await;
    assert_eq!(folders.len(), 30);
}

#[tokio::test]
async fn the_old_listing_goes_on_at_its_marker() {
    let place = place().await;
    place
        .practice
        .fill((0..10).flat_map(|d| (0..3).map(move |f| format!("d{d}/f{f}"))).collect::<Vec<_>>(), 0)
        .await
        .unwrap();
    place.practice.put("last", b"").await.unwrap();
    let (mut seen, mut marker) = (Vec::new(), None::<String>);
    loop {
        let page = place
            .client
            .list_objects()
            .bucket("bucket")
            .delimiter("/")
            .max_keys(4)
            .set_marker(marker)
            .send()
            .await
            .unwrap();
        seen.extend(page.common_prefixes().iter().map(|folder| folder.prefix().unwrap().to_owned()));
        seen.extend(page.contents().iter().map(|file| file.key().unwrap().to_owned()));
        marker = page.next_marker().map(str::to_owned);
        if page.is_truncated() != Some(true) {
            break;
        }
        assert!(marker.is_some());
    }
    assert_eq!(seen.len(), 11, "{seen:?}");
    let plain = place.client.list_objects().bucket("bucket").max_keys(4).marker("d8/f1").send().await.unwrap();
    let keys: Vec<_> = plain.contents().iter().filter_map(|file| file.key()).collect();
    assert_eq!(keys, ["d8/f2", "d9/f0", "d9/f1", "d9/f2"]);
    assert_eq!((plain.is_truncated(), plain.next_marker()), (Some(true), None));
}

#[tokio::test]
async fn start_after_and_odd_limits_are_honoured() {
    let place = place().await;
    place.practice.fill((0..5).map(|n| format!("k{n}")), 3).await.unwrap();
    let list = || place.client.list_objects_v2().bucket("bucket");
    let page = list().start_after("k2").send().await.unwrap();
    assert_eq!(page.contents().iter().filter_map(|file| file.key()).collect::<Vec<_>>(), ["k3", "k4"]);
    assert_eq!(page.contents()[0].size(), Some(3));
    let none = list().max_keys(0).send().await.unwrap();
    assert_eq!((none.contents().len(), none.is_truncated()), (0, Some(false)));
    assert_eq!(list().max_keys(5000).send().await.unwrap().max_keys(), Some(1000));
    assert_eq!(list().max_keys(-1).send().await.refused(), refusal(400, "InvalidArgument"));
    assert_eq!(list().continuation_token("made up").send().await.refused(), refusal(400, "InvalidArgument"));
    let missing = place.client.list_objects_v2().bucket("no-such-bucket").send().await;
    assert_eq!(missing.refused(), refusal(404, "NoSuchBucket"));
}

#[tokio::test]
async fn a_hundred_thousand_keys_are_listed_without_looking_at_each_for_a_page() {
    let place = place().await;
    place.practice.fill((0..100_000).map(|n| format!("deep/{:02}/{n:06}.txt", n % 50)), 12).await.unwrap();
    let begun = Instant::now();
    let (files, folders, pages) = all_v2(&place, "", Some("/"), 1000).await;
    let root = begun.elapsed();
    assert_eq!((files.len(), folders.len(), pages), (0, 1, 1));
    let begun = Instant::now();
    let (_, folders, _) = all_v2(&place, "deep/", Some("/"), 1000).await;
    let fifty = begun.elapsed();
    assert_eq!(folders.len(), 50);
    let (files, _, pages) = all_v2(&place, "deep/", None, 1000).await;
    assert_eq!((files.len(), pages), (100_000, 100));
    // A scan of all keys takes many times that, even in a debug build on a busy machine.
    assert!(root.as_millis() < 500 && fifty.as_millis() < 500, "{root:?} {fifty:?}");
}
