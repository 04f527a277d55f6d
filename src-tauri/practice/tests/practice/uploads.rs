//! Multipart uploads.

use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{ChecksumAlgorithm, ChecksumMode, ChecksumType, CompletedMultipartUpload, CompletedPart};

use crate::support::signer::Signer;
use crate::support::{Place, Refused, pattern, place, refusal};

const MIB: usize = 1 << 20;

pub fn list(parts: &[(i32, &str)]) -> CompletedMultipartUpload {
    let parts = parts.iter().map(|(number, etag)| CompletedPart::builder().part_number(*number).e_tag(*etag).build());
    CompletedMultipartUpload::builder().set_parts(Some(parts.collect())).build()
}

async fn begin(place: &Place, key: &str) -> String {
    let upload = place.client.create_multipart_upload().bucket("bucket").key(key).send().await.unwrap();
    upload.upload_id().unwrap().to_owned()
}

async fn part(place: &Place, key: &str, id: &str, number: i32, body: Vec<u8>) -> String {
    let part = place.client.upload_part().bucket("bucket").key(key).upload_id(id).part_number(number);
    part.body(ByteStream::from(body)).send().await.unwrap().e_tag().unwrap().to_owned()
}

fn complete(
    place: &Place,
    key: &str,
    id: &str,
    parts: &[(i32, &str)],
) -> aws_sdk_s3::operation::complete_multipart_upload::builders::CompleteMultipartUploadFluentBuilder {
    place.client.complete_multipart_upload().bucket("bucket").key(key).upload_id(id).multipart_upload(list(parts))
}

#[tokio::test]
async fn parts_become_one_file_and_can_be_read_across_their_borders() {
    let place = place().await;
    let id = begin(&place, "big").await;
    let body = pattern(11 * MIB + 77);
    let second = part(&place, "big", &id, 2, body[5 * MIB..10 * MIB].to_vec()).await;
    let first = part(&place, "big", &id, 1, body[..5 * MIB].to_vec()).await;
    let last = part(&place, "big", &id, 7, body[10 * MIB..].to_vec()).await;
    assert_eq!(place.practice.content("big").await.unwrap(), None, "nothing is visible before the end");
    let done = complete(&place, "big", &id, &[(1, &first), (2, &second), (7, &last)]).send().await.unwrap();
    assert!(done.e_tag().unwrap().ends_with("-3\""));
    assert!(done.location().unwrap().ends_with("/bucket/big"));
    assert!(place.practice.content("big").await.unwrap().unwrap() == body);
    let range = format!("bytes={}-{}", 5 * MIB - 3, 10 * MIB + 2);
    let got = place.client.get_object().bucket("bucket").key("big").range(range).send().await.unwrap();
    assert!(got.body.collect().await.unwrap().to_vec() == body[5 * MIB - 3..10 * MIB + 3]);
    let third = place.client.get_object().bucket("bucket").key("big").part_number(3).send().await.unwrap();
    assert_eq!((third.parts_count(), third.content_length()), (Some(3), Some((MIB + 77) as i64)));
    assert_eq!(place.practice.unfinished_uploads().await.unwrap(), []);
}

#[tokio::test]
async fn a_finished_or_abandoned_upload_is_gone() {
    let place = place().await;
    let id = begin(&place, "k").await;
    let etag = part(&place, "k", &id, 1, b"only".to_vec()).await;
    complete(&place, "k", &id, &[(1, &etag)]).send().await.unwrap();
    assert_eq!(complete(&place, "k", &id, &[(1, &etag)]).send().await.refused(), refusal(404, "NoSuchUpload"));
    let id = begin(&place, "k").await;
    part(&place, "k", &id, 1, b"only".to_vec()).await;
    let abort = || place.client.abort_multipart_upload().bucket("bucket").key("k").upload_id(&id).send();
    abort().await.unwrap();
    assert_eq!(abort().await.refused(), refusal(404, "NoSuchUpload"));
    let late = place.client.upload_part().bucket("bucket").key("k").upload_id(&id).part_number(2).send().await;
    assert_eq!(late.refused(), refusal(404, "NoSuchUpload"));
    let parts = place.client.list_parts().bucket("bucket").key("k").upload_id(&id).send().await;
    assert_eq!(parts.refused(), refusal(404, "NoSuchUpload"));
    assert_eq!(place.practice.content("k").await.unwrap().unwrap(), b"only");
    let bodies = walk(&place.folder.path().join("bodies"));
    assert_eq!(bodies, 1, "an abandoned upload leaves bytes behind");
}

fn walk(folder: &std::path::Path) -> usize {
    let paths = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    paths.map(|path| if path.is_dir() { walk(&path) } else { 1 }).sum()
}

#[tokio::test]
async fn a_wrong_list_is_refused_and_the_upload_stays() {
    let place = place().await;
    let id = begin(&place, "k").await;
    let first = part(&place, "k", &id, 1, b"small".to_vec()).await;
    let second = part(&place, "k", &id, 2, b"last".to_vec()).await;
    for (parts, code) in [
        (vec![(1, "\"00000000000000000000000000000000\"")], "InvalidPart"),
        (vec![(3, first.as_str())], "InvalidPart"),
        (vec![(1, first.as_str()), (9, second.as_str())], "InvalidPart"),
        (vec![(2, second.as_str()), (1, first.as_str())], "InvalidPartOrder"),
        (vec![(1, first.as_str()), (1, first.as_str())], "InvalidPartOrder"),
        (vec![(1, first.as_str()), (2, second.as_str())], "EntityTooSmall"),
        (vec![], "MalformedXML"),
    ] {
        assert_eq!(complete(&place, "k", &id, &parts).send().await.refused(), refusal(400, code), "{parts:?}");
    }
    assert_eq!(place.practice.unfinished_uploads().await.unwrap()[0].part_numbers, [1, 2]);
    complete(&place, "k", &id, &[(2, &second)]).send().await.unwrap();
    assert_eq!(place.practice.content("k").await.unwrap().unwrap(), b"last");
    for number in [0, 10_001, -1] {
        let id = begin(&place, "k").await;
        let wrong =
            place.client.upload_part().bucket("bucket").key("k").upload_id(&id).part_number(number).send().await;
        assert_eq!(wrong.refused(), refusal(400, "InvalidArgument"), "part {number}");
    }
}

#[tokio::test]
async fn completing_obeys_conditions() {
    let place = place().await;
    let id = begin(&place, "k").await;
    let etag = part(&place, "k", &id, 1, b"new".to_vec()).await;
    place.practice.put("k", b"somebody else's").await.unwrap();
    let refused = complete(&place, "k", &id, &[(1, &etag)]).if_none_match("*").send().await;
    assert_eq!(refused.refused(), refusal(412, "PreconditionFailed"));
    assert_eq!(place.practice.content("k").await.unwrap().unwrap(), b"somebody else's");
    let refused = complete(&place, "k", &id, &[(1, &etag)]).if_match("\"other\"").send().await;
    assert_eq!(refused.refused(), refusal(412, "PreconditionFailed"));
    complete(&place, "k", &id, &[(1, &etag)]).send().await.unwrap();
    assert_eq!(place.practice.content("k").await.unwrap().unwrap(), b"new");
}

#[tokio::test]
async fn a_part_can_be_sent_again_and_parts_are_listed_in_pages() {
    let place = place().await;
    let id = begin(&place, "k").await;
    for number in [5, 1, 3, 2, 4] {
        part(&place, "k", &id, number, vec![0; usize::try_from(number).unwrap()]).await;
    }
    let again = part(&place, "k", &id, 3, b"a longer one".to_vec()).await;
    let (mut seen, mut marker) = (Vec::new(), None::<String>);
    loop {
        let page = place
            .client
            .list_parts()
            .bucket("bucket")
            .key("k")
            .upload_id(&id)
            .max_parts(2)
            .set_part_number_marker(marker)
            .send()
            .await
            .unwrap();
        assert!(page.parts().len() <= 2);
        seen.extend(
            page.parts()
                .iter()
                .map(|part| (part.part_number().unwrap(), part.size().unwrap(), part.e_tag().unwrap().to_owned())),
        );
        marker = page.next_part_number_marker().map(str::to_owned);
        if page.is_truncated() != Some(true) {
            break;
        }
    }
    assert_eq!(
        seen.iter().map(|(number, size, _)| (*number, *size)).collect::<Vec<_>>(),
        [(1, 1), (2, 2), (3, 12), (4, 4), (5, 5)]
    );
    assert_eq!(seen[2].2, again);
}

#[tokio::test]
async fn unfinished_uploads_are_listed_in_pages_and_by_folder() {
    let place = place().await;
    let mut expected = Vec::new();
    for key in ["a/1", "a/2", "b", "b", "ü +%"] {
        expected.push((key.to_owned(), begin(&place, key).await));
    }
    let (mut seen, mut key, mut id) = (Vec::new(), None::<String>, None::<String>);
    loop {
        let page = place
            .client
            .list_multipart_uploads()
            .bucket("bucket")
            .max_uploads(2)
            .set_key_marker(key)
            .set_upload_id_marker(id)
            .send()
            .await
            .unwrap();
        seen.extend(
            page.uploads()
                .iter()
                .map(|upload| (upload.key().unwrap().to_owned(), upload.upload_id().unwrap().to_owned())),
        );
        key = page.next_key_marker().map(str::to_owned);
        id = page.next_upload_id_marker().map(str::to_owned);
        if page.is_truncated() != Some(true) {
            break;
        }
    }
    assert_eq!(seen, expected);
    let folders = place.client.list_multipart_uploads().bucket("bucket").delimiter("/").send().await.unwrap();
    assert_eq!((folders.uploads().len(), folders.common_prefixes()[0].prefix()), (3, Some("a/")));
    let signer = Signer::of(&place.practice);
    let answer =
        signer.send("GET", "/bucket", &[("uploads", ""), ("encoding-type", "url"), ("prefix", "ü")], &[], b"").await;
    assert_eq!(answer.element("Key").unwrap(), "%C3%BC%20%2B%25");
}

#[tokio::test]
async fn the_whole_gets_a_crc64nvme_from_its_parts() {
    let place = place().await;
    let body = pattern(11 * MIB);
    place.practice.put("at-once", &body).await.unwrap();
    let id = begin(&place, "in-parts").await;
    let first = part(&place, "in-parts", &id, 1, body[..5 * MIB].to_vec()).await;
    let second = part(&place, "in-parts", &id, 2, body[5 * MIB..].to_vec()).await;
    let done = complete(&place, "in-parts", &id, &[(1, &first), (2, &second)]).send().await.unwrap();
    assert_eq!(done.checksum_type(), Some(&ChecksumType::FullObject));
    let head =
        |key: &str| place.client.head_object().bucket("bucket").key(key).checksum_mode(ChecksumMode::Enabled).send();
    let whole = head("at-once").await.unwrap();
    assert_eq!(done.checksum_crc64_nvme(), whole.checksum_crc64_nvme());
    assert_eq!(head("in-parts").await.unwrap().checksum_crc64_nvme(), whole.checksum_crc64_nvme());
}

#[tokio::test]
async fn each_algorithm_covers_an_upload_its_own_way() {
    let place = place().await;
    let body = pattern(6 * MIB);
    for (algorithm, kind, tail) in [
        (ChecksumAlgorithm::Crc32, None, true),
        (ChecksumAlgorithm::Crc32, Some(ChecksumType::FullObject), false),
        (ChecksumAlgorithm::Crc32C, Some(ChecksumType::FullObject), false),
        (ChecksumAlgorithm::Crc64Nvme, None, false),
        (ChecksumAlgorithm::Sha1, None, true),
        (ChecksumAlgorithm::Sha256, None, true),
    ] {
        let upload =
            place.client.create_multipart_upload().bucket("bucket").key("k").checksum_algorithm(algorithm.clone());
        let upload = upload.set_checksum_type(kind.clone()).send().await.unwrap();
        let id = upload.upload_id().unwrap();
        let mut parts = Vec::new();
        for (number, bytes) in [(1, &body[..5 * MIB]), (2, &body[5 * MIB..])] {
            let sent = place.client.upload_part().bucket("bucket").key("k").upload_id(id).part_number(number);
            let sent =
                sent.checksum_algorithm(algorithm.clone()).body(ByteStream::from(bytes.to_vec())).send().await.unwrap();
            parts.push(
                CompletedPart::builder()
                    .part_number(number)
                    .e_tag(sent.e_tag().unwrap())
                    .set_checksum_crc32(sent.checksum_crc32().map(str::to_owned))
                    .set_checksum_crc32_c(sent.checksum_crc32_c().map(str::to_owned))
                    .set_checksum_crc64_nvme(sent.checksum_crc64_nvme().map(str::to_owned))
                    .set_checksum_sha1(sent.checksum_sha1().map(str::to_owned))
                    .set_checksum_sha256(sent.checksum_sha256().map(str::to_owned))
                    .build(),
            );
        }
        let list = CompletedMultipartUpload::builder().set_parts(Some(parts)).build();
        let done =
            place.client.complete_multipart_upload().bucket("bucket").key("k").upload_id(id).multipart_upload(list);
        let done = done.set_checksum_type(kind.clone()).send().await.unwrap();
        let value = done
            .checksum_crc32()
            .or(done.checksum_crc32_c())
            .or(done.checksum_crc64_nvme())
            .or(done.checksum_sha1())
            .or(done.checksum_sha256())
            .unwrap();
        assert_eq!(value.ends_with("-2"), tail, "{algorithm}: {value}");
        if !tail {
            let put = place.client.put_object().bucket("bucket").key("once").checksum_algorithm(algorithm.clone());
            let once = put.body(ByteStream::from(body.clone())).send().await.unwrap();
            let right = once.checksum_crc32().or(once.checksum_crc32_c()).or(once.checksum_crc64_nvme());
            assert_eq!(Some(value), right, "{algorithm}");
        }
    }
    let wrong =
        place.client.create_multipart_upload().bucket("bucket").key("k").checksum_algorithm(ChecksumAlgorithm::Sha256);
    assert_eq!(wrong.checksum_type(ChecksumType::FullObject).send().await.refused(), refusal(400, "InvalidRequest"));
}

#[tokio::test]
async fn a_wrong_checksum_of_the_whole_is_refused() {
    let place = place().await;
    let id = begin(&place, "k").await;
    let etag = part(&place, "k", &id, 1, b"bytes".to_vec()).await;
    let refused = complete(&place, "k", &id, &[(1, &etag)]).checksum_crc64_nvme("AAAAAAAAAAA=").send().await;
    assert_eq!(refused.refused(), refusal(400, "BadDigest"));
    let refused = complete(&place, "k", &id, &[(1, &etag)]).mpu_object_size(6).send().await;
    assert_eq!(refused.refused(), refusal(400, "InvalidRequest"));
    assert_eq!(place.practice.content("k").await.unwrap(), None);
    complete(&place, "k", &id, &[(1, &etag)]).mpu_object_size(5).send().await.unwrap();
}

#[tokio::test]
async fn an_upload_can_be_swept_behind_the_client() {
    let place = place().await;
    let upload = place.client.create_multipart_upload().bucket("bucket").key("k").send().await.unwrap();
    let part = || {
        let request = place.client.upload_part().bucket("bucket").key("k").upload_id(upload.upload_id().unwrap());
        request.part_number(1).body(ByteStream::from_static(b"x")).send()
    };
    assert_eq!(part().await.refused().0, 200);
    let unfinished = place.practice.unfinished_uploads().await.unwrap().remove(0);
    place.practice.forget_upload(&unfinished).await.unwrap();
    assert_eq!(place.practice.unfinished_uploads().await.unwrap(), []);
    assert_eq!(part().await.refused(), refusal(404, "NoSuchUpload"));
}
