//! What each identity may do.

use aws_sdk_s3::Client;
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{Delete, ObjectIdentifier};
use satchel_practice::{Allow, Identity, Permissions};

use crate::support::{Place, Refused, client, place_with, refusal};

async fn place_for(allow: Permissions) -> (Place, Client) {
    let limited = Identity::new("LIMITED", "secret").allowed(allow);
    let place = place_with(|options| options.identity(Identity::random()).identity(limited.clone())).await;
    place.practice.put("in/file", b"x").await.unwrap();
    place.practice.put("out/file", b"x").await.unwrap();
    let client = client(&place.practice, &limited);
    (place, client)
}

fn denied() -> (u16, String) {
    refusal(403, "AccessDenied")
}

#[tokio::test]
async fn without_the_right_to_read_nothing_can_be_read() {
    let (_place, client) = place_for(Permissions::all().read(Allow::Nowhere)).await;
    assert_eq!(client.get_object().bucket("bucket").key("in/file").send().await.refused(), denied());
    assert_eq!(client.head_object().bucket("bucket").key("in/file").send().await.refused().0, 403);
    assert_eq!(
        client.copy_object().bucket("bucket").key("c").copy_source("bucket/in/file").send().await.refused(),
        denied()
    );
    client.list_objects_v2().bucket("bucket").send().await.unwrap();
    client.put_object().bucket("bucket").key("new").send().await.unwrap();
}

#[tokio::test]
async fn without_the_right_to_write_nothing_can_be_written() {
    let (place, client) = place_for(Permissions::all().write(Allow::Nowhere)).await;
    let put = client.put_object().bucket("bucket").key("in/file").body(ByteStream::from_static(b"new"));
    assert_eq!(put.send().await.refused(), denied());
    assert_eq!(client.create_multipart_upload().bucket("bucket").key("n").send().await.refused(), denied());
    assert_eq!(
        client.copy_object().bucket("bucket").key("c").copy_source("bucket/in/file").send().await.refused(),
        denied()
    );
    client.get_object().bucket("bucket").key("in/file").send().await.unwrap();
    assert_eq!(place.practice.content("in/file").await.unwrap().unwrap(), b"x");
}

#[tokio::test]
async fn without_the_right_to_list_absence_is_not_told() {
    let (_place, client) = place_for(Permissions::all().list(Allow::Nowhere)).await;
    assert_eq!(client.list_objects_v2().bucket("bucket").send().await.refused(), denied());
    assert_eq!(client.list_objects().bucket("bucket").send().await.refused(), denied());
    assert_eq!(client.head_bucket().bucket("bucket").send().await.refused().0, 403);
    assert_eq!(client.get_object().bucket("bucket").key("missing").send().await.refused(), denied());
    assert_eq!(client.head_object().bucket("bucket").key("missing").send().await.refused().0, 403);
    client.get_object().bucket("bucket").key("in/file").send().await.unwrap();
}

#[tokio::test]
async fn without_the_right_to_delete_files_stay() {
    let (place, client) = place_for(Permissions::all().delete(Allow::Under("in/".to_owned()))).await;
    assert_eq!(client.delete_object().bucket("bucket").key("out/file").send().await.refused(), denied());
    let keys = ["in/file", "out/file"].map(|key| ObjectIdentifier::builder().key(key).build().unwrap());
    let delete = Delete::builder().set_objects(Some(keys.to_vec())).build().unwrap();
    let done = client.delete_objects().bucket("bucket").delete(delete).send().await.unwrap();
    assert_eq!(done.deleted()[0].key(), Some("in/file"));
    assert_eq!((done.errors()[0].key(), done.errors()[0].code()), (Some("out/file"), Some("AccessDenied")));
    assert_eq!(place.practice.keys("").await.unwrap(), ["out/file"]);
}

#[tokio::test]
async fn a_key_for_one_prefix_sees_nothing_else() {
    let (_place, client) = place_for(Permissions::under("in/")).await;
    client.get_object().bucket("bucket").key("in/file").send().await.unwrap();
    client.put_object().bucket("bucket").key("in/new").send().await.unwrap();
    client.list_objects_v2().bucket("bucket").prefix("in/").send().await.unwrap();
    assert_eq!(client.list_objects_v2().bucket("bucket").send().await.refused(), denied());
    assert_eq!(client.get_object().bucket("bucket").key("out/file").send().await.refused(), denied());
    assert_eq!(client.put_object().bucket("bucket").key("out/new").send().await.refused(), denied());
    assert_eq!(client.list_buckets().send().await.refused(), denied());
    assert_eq!(client.create_bucket().bucket("another").send().await.refused(), denied());
    let copy = client.copy_object().bucket("bucket").key("in/stolen").copy_source("bucket/out/file");
    assert_eq!(copy.send().await.refused(), denied());
}
