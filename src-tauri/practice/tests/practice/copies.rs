//! Copies of whole files, and of ranges as parts.

use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{MetadataDirective, TaggingDirective};

use crate::support::{Refused, pattern, place, refusal};

#[tokio::test]
async fn a_copy_keeps_or_replaces_what_is_kept_beside_the_bytes() {
    let place = place().await;
    let put = place.client.put_object().bucket("bucket").key("a").body(ByteStream::from_static(b"bytes"));
    put.content_type("text/plain").metadata("m", "1").tagging("t=1").send().await.unwrap();
    let copy = |to: &str| place.client.copy_object().bucket("bucket").key(to).copy_source("bucket/a");
    let same = copy("b").send().await.unwrap();
    assert_eq!(same.copy_object_result().unwrap().e_tag(), Some("\"4b3a6218bb3e3a7303e8a171a60fcf92\""));
    let head = place.client.head_object().bucket("bucket").key("b").send().await.unwrap();
    assert_eq!((head.content_type(), head.metadata().unwrap()["m"].as_str()), (Some("text/plain"), "1"));
    let replaced =
        copy("c").metadata_directive(MetadataDirective::Replace).content_type("image/png").metadata("n", "2");
    replaced.tagging_directive(TaggingDirective::Replace).tagging("u=2").send().await.unwrap();
    let head = place.client.head_object().bucket("bucket").key("c").send().await.unwrap();
    assert_eq!(head.content_type(), Some("image/png"));
    assert!(!head.metadata().unwrap().contains_key("m"));
    let tags = place.client.get_object_tagging().bucket("bucket").key("c").send().await.unwrap();
    assert_eq!(tags.tag_set()[0].key(), "u");
    assert_eq!(copy("a").send().await.refused(), refusal(400, "InvalidRequest"));
    copy("a").metadata_directive(MetadataDirective::Replace).content_type("text/html").send().await.unwrap();
    place.client.delete_object().bucket("bucket").key("a").send().await.unwrap();
    assert_eq!(place.practice.content("b").await.unwrap().unwrap(), b"bytes");
}

#[tokio::test]
async fn a_copy_obeys_conditions_on_source_and_target() {
    let place = place().await;
    place.practice.put("a", b"bytes").await.unwrap();
    let copy = || place.client.copy_object().bucket("bucket").key("b").copy_source("bucket/a");
    assert_eq!(copy().copy_source_if_match("\"no\"").send().await.refused(), refusal(412, "PreconditionFailed"));
    let etag = "\"4b3a6218bb3e3a7303e8a171a60fcf92\"";
    assert_eq!(copy().copy_source_if_none_match(etag).send().await.refused(), refusal(412, "PreconditionFailed"));
    copy().copy_source_if_match(etag).if_none_match("*").send().await.unwrap();
    assert_eq!(copy().if_none_match("*").send().await.refused(), refusal(412, "PreconditionFailed"));
    let missing = place.client.copy_object().bucket("bucket").key("b").copy_source("bucket/missing").send().await;
    assert_eq!(missing.refused(), refusal(404, "NoSuchKey"));
}

#[tokio::test]
async fn a_file_is_put_together_from_ranges_of_others() {
    let place = place().await;
    let body = pattern(12 << 20);
    place.practice.put("source", &body).await.unwrap();
    let upload = place.client.create_multipart_upload().bucket("bucket").key("whole").send().await.unwrap();
    let id = upload.upload_id().unwrap();
    let part = |number: i32, range: &str| {
        place
            .client
            .upload_part_copy()
            .bucket("bucket")
            .key("whole")
            .upload_id(id)
            .part_number(number)
            .copy_source("bucket/source")
            .copy_source_range(range)
            .send()
    };
    let first = part(1, "bytes=0-6291455").await.unwrap();
    let second = part(2, "bytes=6291456-12582911").await.unwrap();
    assert_eq!(part(3, "bytes=0-99999999").await.refused(), refusal(400, "InvalidArgument"));
    let list = super::uploads::list(&[
        (1, first.copy_part_result().unwrap().e_tag().unwrap()),
        (2, second.copy_part_result().unwrap().e_tag().unwrap()),
    ]);
    place
        .client
        .complete_multipart_upload()
        .bucket("bucket")
        .key("whole")
        .upload_id(id)
        .multipart_upload(list)
        .send()
        .await
        .unwrap();
    assert!(place.practice.content("whole").await.unwrap().unwrap() == body);
    place.client.copy_object().bucket("bucket").key("again").copy_source("bucket/whole").send().await.unwrap();
    assert!(place.practice.content("again").await.unwrap().unwrap() == body);
}
