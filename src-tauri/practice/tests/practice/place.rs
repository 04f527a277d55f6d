//! The place itself: opening, keeping, seeding, stopping.

use satchel_practice::{Operation, Practice, PracticeError, PracticeOptions};

use crate::support::signer::Signer;
use crate::support::{client, place};

#[tokio::test]
async fn a_folder_is_opened_by_one_server_at_a_time() {
    let place = place().await;
    let second = Practice::start(PracticeOptions::new(place.folder.path())).await;
    assert!(matches!(second, Err(PracticeError::InUse(_))), "{:?}", second.err());
    place.practice.put("k", b"x").await.unwrap();
    place.practice.stop().await;
    let third = Practice::start(PracticeOptions::new(place.folder.path()).bucket("bucket")).await.unwrap();
    assert_eq!(third.content("k").await.unwrap().unwrap(), b"x");
}

#[tokio::test]
async fn keys_port_and_links_outlive_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("made/when/needed");
    let first = Practice::start(PracticeOptions::for_folder(&path)).await.unwrap();
    let (identity, port) = (first.identity(), first.port());
    first.put("k", b"x").await.unwrap();
    let signer = Signer::of(&first);
    let link = signer.presigned("GET", "/practice/k", 600, &[]);
    first.stop().await;
    let second = Practice::start(PracticeOptions::for_folder(&path)).await.unwrap();
    assert_eq!((second.identity(), second.port()), (identity, port));
    assert_eq!(signer.fetch("GET", &link).await.status, 200);
}

#[tokio::test]
async fn a_taken_port_is_replaced_by_another() {
    let taken = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let port = taken.local_addr().unwrap().port();
    let folder = tempfile::tempdir().unwrap();
    let practice = Practice::start(PracticeOptions::new(folder.path()).port(port)).await.unwrap();
    assert_ne!(practice.port(), port);
    client(&practice, &practice.identity()).list_buckets().send().await.unwrap();
}

#[tokio::test]
async fn samples_are_put_into_a_new_folder_only() {
    let folder = tempfile::tempdir().unwrap();
    let first = Practice::start(PracticeOptions::for_folder(folder.path())).await.unwrap();
    let keys = first.keys("").await.unwrap();
    assert!(keys.contains(&"Welcome to Satchel.pdf".to_owned()), "{keys:?}");
    assert!(
        keys.iter().any(|key| key.starts_with("Autumn campaign/"))
            && keys.iter().any(|key| key.starts_with("Price lists/"))
    );
    let mut total = 0;
    let client = client(&first, &first.identity());
    for key in &keys {
        let head = client.head_object().bucket("practice").key(key).send().await.unwrap();
        total += head.content_length().unwrap();
        assert_ne!(head.content_type(), Some("binary/octet-stream"), "{key}");
        client.delete_object().bucket("practice").key(key).send().await.unwrap();
    }
    assert!(keys.len() >= 10 && total < 300_000, "{} files of {total} bytes", keys.len());
    first.stop().await;
    let second = Practice::start(PracticeOptions::for_folder(folder.path())).await.unwrap();
    assert_eq!(second.keys("").await.unwrap(), Vec::<String>::new(), "an emptied place stays empty");
}

#[cfg(unix)]
#[tokio::test]
async fn nobody_else_can_read_the_folder() {
    use std::os::unix::fs::PermissionsExt as _;
    fn check(path: &std::path::Path) {
        for entry in std::fs::read_dir(path).unwrap() {
            let path = entry.unwrap().path();
            let mode = path.metadata().unwrap().permissions().mode() & 0o777;
            assert_eq!(mode, if path.is_dir() { 0o700 } else { 0o600 }, "{} {mode:o}", path.display());
            if path.is_dir() {
                check(&path);
            }
        }
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("place");
    let practice = Practice::start(PracticeOptions::for_folder(&path)).await.unwrap();
    practice.put("k", b"x").await.unwrap();
    let signer = Signer::of(&practice);
    assert_eq!(signer.send("PUT", "/practice/n", &[], &[], b"bytes").await.status, 200);
    check(folder.path());
}

#[tokio::test]
async fn a_stop_ends_even_while_a_request_hangs() {
    use satchel_practice::{Fault, Hold, Rule};
    let place = place().await;
    let hold = Hold::new();
    place.practice.faults().add(Rule::new(Fault::Hold(hold.clone())).on(Operation::ListBuckets));
    let client = place.client.clone();
    let mut hanging = tokio::task::JoinSet::new();
    hanging.spawn(async move { client.list_buckets().send().await });
    hold.reached(1).await;
    let begun = std::time::Instant::now();
    place.practice.stop().await;
    assert!(begun.elapsed().as_secs() < 4);
    assert!(hanging.join_next().await.unwrap().unwrap().is_err());
    Practice::start(PracticeOptions::new(place.folder.path())).await.unwrap();
}

#[tokio::test]
async fn a_folder_of_nonsense_is_an_error_and_not_a_crash() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("index.sqlite"), vec![7_u8; 5000]).unwrap();
    let opened = Practice::start(PracticeOptions::new(folder.path())).await;
    assert!(matches!(opened, Err(PracticeError::Store(_))), "{:?}", opened.err());
    let name = Practice::start(PracticeOptions::new(folder.path()).bucket("No")).await;
    assert!(matches!(name, Err(PracticeError::BucketName(_))));
}
