//! Versions and delete markers.

use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{BucketVersioningStatus, Delete, ObjectIdentifier, VersioningConfiguration};

use crate::support::signer::Signer;
use crate::support::{Place, Refused, place, refusal};

async fn switch(place: &Place, status: BucketVersioningStatus) {
    let configuration = VersioningConfiguration::builder().status(status).build();
    place.client.put_bucket_versioning().bucket("bucket").versioning_configuration(configuration).send().await.unwrap();
}

async fn put(place: &Place, key: &str, body: &'static [u8]) -> Option<String> {
    let put = place.client.put_object().bucket("bucket").key(key).body(ByteStream::from_static(body));
    put.send().await.unwrap().version_id().map(str::to_owned)
}

async fn versions(place: &Place) -> Vec<(String, bool, bool)> {
    let page = place.client.list_object_versions().bucket("bucket").send().await.unwrap();
    let files = page.versions().iter().map(|v| (v.key().unwrap().to_owned(), v.is_latest().unwrap(), false));
    let markers = page.delete_markers().iter().map(|m| (m.key().unwrap().to_owned(), m.is_latest().unwrap(), true));
    files.chain(markers).collect()
}

#[tokio::test]
async fn every_version_can_be_read_until_it_is_deleted() {
    let place = place().await;
    assert_eq!(put(&place, "k", b"before").await, None);
    switch(&place, BucketVersioningStatus::Enabled).await;
    let first = put(&place, "k", b"one").await.unwrap();
    let second = put(&place, "k", b"two").await.unwrap();
    let get = |version: &str| place.client.get_object().bucket("bucket").key("k").version_id(version).send();
    for (version, expected) in [("null", &b"before"[..]), (&first, b"one"), (&second, b"two")] {
        let got = get(version).await.unwrap();
        assert_eq!(got.version_id(), Some(version));
        assert_eq!(got.body.collect().await.unwrap().to_vec(), expected);
    }
    let deleted = place.client.delete_object().bucket("bucket").key("k").send().await.unwrap();
    assert_eq!(deleted.delete_marker(), Some(true));
    let missing = place.client.get_object().bucket("bucket").key("k").send().await;
    assert_eq!(missing.refused(), refusal(404, "NoSuchKey"));
    let marker = deleted.version_id().unwrap().to_owned();
    assert_eq!(get(&marker).await.refused(), refusal(405, "MethodNotAllowed"));
    assert_eq!(get("0123456789abcdef").await.refused(), refusal(404, "NoSuchVersion"));
    assert_eq!(place.practice.keys("").await.unwrap(), Vec::<String>::new());
    assert_eq!(versions(&place).await.len(), 4);
    place.client.delete_object().bucket("bucket").key("k").version_id(&marker).send().await.unwrap();
    assert_eq!(place.practice.content("k").await.unwrap().unwrap(), b"two");
    place.client.delete_object().bucket("bucket").key("k").version_id(&second).send().await.unwrap();
    assert_eq!(place.practice.content("k").await.unwrap().unwrap(), b"one");
    assert_eq!(place.client.delete_bucket().bucket("bucket").send().await.refused(), refusal(409, "BucketNotEmpty"));
}

#[tokio::test]
async fn a_suspended_bucket_replaces_its_null_version() {
    let place = place().await;
    switch(&place, BucketVersioningStatus::Enabled).await;
    put(&place, "k", b"kept").await;
    switch(&place, BucketVersioningStatus::Suspended).await;
    assert_eq!(put(&place, "k", b"null one").await.as_deref(), Some("null"));
    assert_eq!(put(&place, "k", b"null two").await.as_deref(), Some("null"));
    assert_eq!(versions(&place).await, [("k".to_owned(), true, false), ("k".to_owned(), false, false)]);
    place.client.delete_object().bucket("bucket").key("k").send().await.unwrap();
    assert_eq!(versions(&place).await, [("k".to_owned(), false, false), ("k".to_owned(), true, true)]);
    let status = place.client.get_bucket_versioning().bucket("bucket").send().await.unwrap();
    assert_eq!(status.status(), Some(&BucketVersioningStatus::Suspended));
}

#[tokio::test]
async fn the_listing_of_versions_goes_on_within_a_key() {
    let place = place().await;
    switch(&place, BucketVersioningStatus::Enabled).await;
    let mut expected = Vec::new();
    for key in ["a", "b", "d/x"] {
        let mut ids = Vec::new();
        for _ in 0..5 {
            ids.push((key.to_owned(), put(&place, key, b"x").await.unwrap()));
        }
        ids.reverse();
        expected.extend(ids);
    }
    let (mut seen, mut key, mut version) = (Vec::new(), None::<String>, None::<String>);
    loop {
        let page = place
            .client
            .list_object_versions()
            .bucket("bucket")
            .max_keys(3)
            .set_key_marker(key)
            .set_version_id_marker(version)
            .send()
            .await
            .unwrap();
        seen.extend(page.versions().iter().map(|v| (v.key().unwrap().to_owned(), v.version_id().unwrap().to_owned())));
        key = page.next_key_marker().map(str::to_owned);
        version = page.next_version_id_marker().map(str::to_owned);
        if page.is_truncated() != Some(true) {
            break;
        }
    }
    assert_eq!(seen, expected);
    let folders = place.client.list_object_versions().bucket("bucket").delimiter("/").send().await.unwrap();
    assert_eq!((folders.versions().len(), folders.common_prefixes()[0].prefix()), (10, Some("d/")));
}

#[tokio::test]
async fn many_files_are_deleted_at_once_and_each_is_answered_for() {
    let place = place().await;
    place.practice.fill((0..10).map(|n| format!("k{n}")), 1).await.unwrap();
    let identifiers = ["k0", "k1", "never there"].map(|key| ObjectIdentifier::builder().key(key).build().unwrap());
    let delete = Delete::builder().set_objects(Some(identifiers.to_vec())).build().unwrap();
    let done = place.client.delete_objects().bucket("bucket").delete(delete.clone()).send().await.unwrap();
    assert_eq!((done.deleted().len(), done.errors().len()), (3, 0));
    assert_eq!(place.practice.keys("").await.unwrap().len(), 8);
    let quiet = Delete::builder().set_objects(Some(identifiers.to_vec())).quiet(true).build().unwrap();
    let done = place.client.delete_objects().bucket("bucket").delete(quiet).send().await.unwrap();
    assert_eq!(done.deleted().len(), 0);
    let signer = Signer::of(&place.practice);
    let body = b"<Delete><Object><Key>k2</Key></Object></Delete>";
    let wrong = [("content-md5", "AAAAAAAAAAAAAAAAAAAAAA==")];
    let answer = signer.send("POST", "/bucket", &[("delete", "")], &wrong, body).await;
    assert_eq!(answer.refusal(), refusal(400, "BadDigest"));
    assert!(place.practice.content("k2").await.unwrap().is_some());
    assert_eq!(
        place.client.delete_object().bucket("bucket").key("never there").send().await.unwrap().delete_marker(),
        None
    );
}
