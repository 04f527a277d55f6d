//! Bodies: checksums, lengths, chunks, ranges, what is kept beside them.

use aws_sdk_s3::config::RequestChecksumCalculation;
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{ChecksumAlgorithm, ChecksumMode, ChecksumType};

use crate::support::raw::send;
use crate::support::signer::Signer;
use crate::support::{Place, Refused, client_in, pattern, place, refusal};

const ALL: [ChecksumAlgorithm; 5] = [
    ChecksumAlgorithm::Crc32,
    ChecksumAlgorithm::Crc32C,
    ChecksumAlgorithm::Crc64Nvme,
    ChecksumAlgorithm::Sha1,
    ChecksumAlgorithm::Sha256,
];

fn sums_of_sdk(head: &aws_sdk_s3::operation::head_object::HeadObjectOutput) -> Vec<(&'static str, String)> {
    [
        ("CRC32", head.checksum_crc32()),
        ("CRC32C", head.checksum_crc32_c()),
        ("CRC64NVME", head.checksum_crc64_nvme()),
        ("SHA1", head.checksum_sha1()),
        ("SHA256", head.checksum_sha256()),
    ]
    .into_iter()
    .filter_map(|(name, value)| value.map(|value| (name, value.to_owned())))
    .collect()
}

async fn head(place: &Place, key: &str) -> aws_sdk_s3::operation::head_object::HeadObjectOutput {
    place.client.head_object().bucket("bucket").key(key).checksum_mode(ChecksumMode::Enabled).send().await.unwrap()
}

#[tokio::test]
async fn each_checksum_of_the_sdk_is_verified_kept_and_shown() {
    let place = place().await;
    let body = pattern(300_000);
    for algorithm in ALL {
        let key = algorithm.as_str().to_owned();
        let put = place.client.put_object().bucket("bucket").key(&key).checksum_algorithm(algorithm.clone());
        put.body(ByteStream::from(body.clone())).send().await.unwrap();
        let head = head(&place, &key).await;
        let sums = sums_of_sdk(&head);
        assert_eq!(sums.len(), 1, "{sums:?}");
        assert_eq!(sums[0].0, algorithm.as_str());
        assert_eq!(head.checksum_type(), Some(&ChecksumType::FullObject));
        let got = place
            .client
            .get_object()
            .bucket("bucket")
            .key(&key)
            .checksum_mode(ChecksumMode::Enabled)
            .send()
            .await
            .unwrap();
        assert_eq!(got.body.collect().await.unwrap().to_vec(), body);
    }
}

#[tokio::test]
async fn a_file_put_without_a_checksum_has_a_crc64nvme() {
    let place = place().await;
    place
        .client
        .put_object()
        .bucket("bucket")
        .key("k")
        .body(ByteStream::from_static(b"123456789"))
        .send()
        .await
        .unwrap();
    assert_eq!(sums_of_sdk(&head(&place, "k").await), [("CRC64NVME", "rosUhgp5mIg=".to_owned())]);
}

#[tokio::test]
async fn a_streamed_body_brings_its_checksum_in_the_trailer() {
    let place = place().await;
    let identity = place.practice.identity();
    let client = client_in(&place.practice, &identity, "us-east-1", RequestChecksumCalculation::WhenSupported);
    let file = place.folder.path().join("source");
    let body = pattern(3_000_000);
    std::fs::write(&file, &body).unwrap();
    for algorithm in ALL {
        let key = algorithm.as_str().to_owned();
        let put = client
            .put_object()
            .bucket("bucket")
            .key(&key)
            .checksum_algorithm(algorithm.clone())
            .content_encoding("gzip");
        put.body(ByteStream::from_path(&file).await.unwrap()).send().await.unwrap();
        let head = head(&place, &key).await;
        assert_eq!(sums_of_sdk(&head)[0].0, algorithm.as_str());
        assert_eq!(head.content_encoding(), Some("gzip"), "how it travelled is not what it is");
        assert_eq!(place.practice.content(&key).await.unwrap().unwrap(), body);
    }
    let log = place.practice.requests().all();
    assert!(log.iter().any(|request| request.header("x-amz-trailer").is_some()), "the SDK did not send a trailer");
}

#[tokio::test]
async fn a_wrong_trailer_is_refused_and_nothing_is_kept() {
    let place = place().await;
    let signer = Signer::of(&place.practice);
    for (trailer, expected) in [
        ("x-amz-checksum-crc32:AAAAAA==", (400, "BadDigest")),
        ("x-amz-checksum-crc32:nonsense", (400, "InvalidRequest")),
        ("x-amz-checksum-crc32:NhCmhg==", (200, "")),
    ] {
        let extra = [
            ("content-encoding", "aws-chunked"),
            ("x-amz-decoded-content-length", "5"),
            ("x-amz-trailer", "x-amz-checksum-crc32"),
        ];
        let headers = signer.headers("PUT", "/bucket/t", &[], &extra, "STREAMING-UNSIGNED-PAYLOAD-TRAILER");
        let body = format!("5\r\nhello\r\n0\r\n{trailer}\r\n\r\n");
        let answer = send(signer.port, "PUT", "/bucket/t", &headers, body.as_bytes()).await.unwrap();
        assert_eq!(answer.refusal(), refusal(expected.0, expected.1), "{trailer}: {}", answer.text());
        assert_eq!(place.practice.content("t").await.unwrap().is_some(), expected.0 == 200);
    }
}

#[tokio::test]
async fn broken_chunks_get_a_refusal_of_s3() {
    let place = place().await;
    let signer = Signer::of(&place.practice);
    for (name, body) in [
        ("STREAMING-UNSIGNED-PAYLOAD-TRAILER", "zz\r\nhello\r\n"),
        ("STREAMING-UNSIGNED-PAYLOAD-TRAILER", "5\r\nhel"),
        (
            "STREAMING-AWS4-HMAC-SHA256-PAYLOAD",
            "5;chunk-signature=0000000000000000000000000000000000000000000000000000000000000000\r\nhello\r\n0;chunk-signature=0000000000000000000000000000000000000000000000000000000000000000\r\n\r\n",
        ),
        ("STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD", "5\r\nhello\r\n"),
        ("STREAMING-NONSENSE", "5\r\nhello\r\n"),
    ] {
        let mut extra = vec![("content-encoding", "aws-chunked"), ("x-amz-decoded-content-length", "5")];
        if name.ends_with("TRAILER") {
            extra.push(("x-amz-trailer", "x-amz-checksum-crc32"));
        }
        let headers = signer.headers("PUT", "/bucket/t", &[], &extra, name);
        let answer = send(signer.port, "PUT", "/bucket/t", &headers, body.as_bytes()).await.unwrap();
        assert!(
            (400..=403).contains(&answer.status) || answer.status == 501,
            "{name}: {} {}",
            answer.status,
            answer.text()
        );
        assert_eq!(place.practice.content("t").await.unwrap(), None);
    }
}

#[tokio::test]
async fn wrong_digests_in_headers_are_refused_and_nothing_is_kept() {
    let place = place().await;
    let signer = Signer::of(&place.practice);
    place.practice.put("k", b"old").await.unwrap();
    for (header, value, code) in [
        ("content-md5", "AAAAAAAAAAAAAAAAAAAAAA==", "BadDigest"),
        ("content-md5", "short", "InvalidDigest"),
        ("x-amz-checksum-crc32", "AAAAAA==", "BadDigest"),
        ("x-amz-checksum-crc32c", "AAAAAA==", "BadDigest"),
        ("x-amz-checksum-crc64nvme", "AAAAAAAAAAA=", "BadDigest"),
        ("x-amz-checksum-sha1", "AAAAAAAAAAAAAAAAAAAAAAAAAAA=", "BadDigest"),
        ("x-amz-checksum-sha256", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=", "BadDigest"),
        ("x-amz-checksum-sha256", "AAAA", "InvalidRequest"),
        ("x-amz-sdk-checksum-algorithm", "CRC99", "InvalidRequest"),
    ] {
        let answer = signer.send("PUT", "/bucket/k", &[], &[(header, value)], b"new").await;
        assert_eq!(answer.refusal(), refusal(400, code), "{header}: {value}");
        assert_eq!(place.practice.content("k").await.unwrap().unwrap(), b"old", "{header}");
    }
    let two = [("x-amz-checksum-crc32", "AAAAAA=="), ("x-amz-checksum-sha1", "AAAAAAAAAAAAAAAAAAAAAAAAAAA=")];
    assert_eq!(signer.send("PUT", "/bucket/k", &[], &two, b"new").await.refusal(), refusal(400, "InvalidRequest"));
    assert_eq!(stray_bodies(&place), 1, "bodies of refused uploads lie around");
}

fn stray_bodies(place: &Place) -> usize {
    fn count(folder: &std::path::Path) -> usize {
        std::fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .map(|path| if path.is_dir() { count(&path) } else { 1 })
            .sum()
    }
    count(&place.folder.path().join("bodies")) + count(&place.folder.path().join("incoming"))
}

#[tokio::test]
async fn a_body_without_a_length_or_with_a_wrong_one_is_refused() {
    let place = place().await;
    let signer = Signer::of(&place.practice);
    let mut headers = signer.headers("PUT", "/bucket/k", &[], &[], "UNSIGNED-PAYLOAD");
    headers.push(("transfer-encoding".to_owned(), "chunked".to_owned()));
    let answer = send(signer.port, "PUT", "/bucket/k", &headers, b"5\r\nhello\r\n0\r\n\r\n").await.unwrap();
    assert_eq!(answer.refusal(), refusal(411, "MissingContentLength"));
    assert_eq!(place.practice.content("k").await.unwrap(), None);
}

#[tokio::test]
async fn an_upload_that_breaks_off_leaves_nothing() {
    let place = place().await;
    let signer = Signer::of(&place.practice);
    let mut headers = signer.headers("PUT", "/bucket/k", &[], &[], "UNSIGNED-PAYLOAD");
    headers.push(("content-length".to_owned(), "5000000".to_owned()));
    {
        use tokio::io::AsyncWriteExt;
        let mut head = String::from("PUT /bucket/k HTTP/1.1\r\n");
        headers.iter().for_each(|(name, value)| head.push_str(&format!("{name}: {value}\r\n")));
        let mut stream = tokio::net::TcpStream::connect(("127.0.0.1", signer.port)).await.unwrap();
        stream.write_all(head.as_bytes()).await.unwrap();
        stream.write_all(b"\r\n").await.unwrap();
        stream.write_all(&pattern(3_000_000)).await.unwrap();
        stream.shutdown().await.unwrap();
    }
    place.practice.requests().wait_until(|log| log.first().is_some_and(|request| request.finished)).await;
    assert_eq!(place.practice.content("k").await.unwrap(), None);
}

#[tokio::test]
async fn ranges_are_answered_as_rfc_9110_says() {
    let place = place().await;
    let body = pattern(1_500_000);
    place.practice.put("k", &body).await.unwrap();
    place.practice.put("empty", b"").await.unwrap();
    let signer = Signer::of(&place.practice);
    for (range, from, to) in [
        ("bytes=0-0", 0, 1),
        ("bytes=5-9", 5, 10),
        ("bytes=1000000-", 1_000_000, 1_500_000),
        ("bytes=-7", 1_499_993, 1_500_000),
        ("bytes=1499999-9999999", 1_499_999, 1_500_000),
        ("bytes=-9999999", 0, 1_500_000),
    ] {
        let answer = signer.send("GET", "/bucket/k", &[], &[("range", range)], b"").await;
        assert_eq!(answer.status, 206, "{range}");
        assert_eq!(answer.header("content-range").unwrap(), format!("bytes {from}-{}/1500000", to - 1));
        assert_eq!(answer.header("content-length").unwrap(), (to - from).to_string());
        assert!(answer.body == body[from..to], "{range}");
        let head = signer.send("HEAD", "/bucket/k", &[], &[("range", range)], b"").await;
        assert_eq!((head.status, head.header("content-range")), (206, answer.header("content-range")), "{range}");
    }
    for (path, range, size) in [
        ("/bucket/k", "bytes=1500000-", 1_500_000),
        ("/bucket/empty", "bytes=0-0", 0),
        ("/bucket/k", "bytes=-0", 1_500_000),
    ] {
        let answer = signer.send("GET", path, &[], &[("range", range)], b"").await;
        assert_eq!(answer.refusal(), refusal(416, "InvalidRange"));
        assert_eq!(answer.header("content-range").unwrap(), format!("bytes */{size}"));
    }
    for nonsense in ["bytes=9-5", "bytes=a-b", "lines=1-2", "bytes=0-1,5-6"] {
        let answer = signer.send("GET", "/bucket/k", &[], &[("range", nonsense)], b"").await;
        assert_eq!((answer.status, answer.body.len()), (200, body.len()), "{nonsense}");
    }
}

#[tokio::test]
async fn headers_and_metadata_come_back() {
    let place = place().await;
    let put = place.client.put_object().bucket("bucket").key("k").body(ByteStream::from_static(b"x"));
    put.content_type("text/plain; charset=utf-8")
        .cache_control("no-cache")
        .content_disposition("attachment; filename=\"x.txt\"")
        .content_encoding("br")
        .content_language("de")
        .metadata("upload-token", "abc 123")
        .metadata("name", "Müller 🙂")
        .tagging("project=autumn%20campaign&year=2026")
        .send()
        .await
        .unwrap();
    let got = place.client.get_object().bucket("bucket").key("k").send().await.unwrap();
    assert_eq!(got.content_type(), Some("text/plain; charset=utf-8"));
    assert_eq!(got.cache_control(), Some("no-cache"));
    assert_eq!(got.content_disposition(), Some("attachment; filename=\"x.txt\""));
    assert_eq!(got.content_encoding(), Some("br"));
    assert_eq!(got.content_language(), Some("de"));
    assert_eq!(got.metadata().unwrap()["upload-token"], "abc 123");
    assert_eq!(got.tag_count(), Some(2));
    assert!(got.last_modified().is_some());
    let tags = place.client.get_object_tagging().bucket("bucket").key("k").send().await.unwrap();
    assert_eq!((tags.tag_set()[0].key(), tags.tag_set()[0].value()), ("project", "autumn campaign"));
    let plain = Signer::of(&place.practice).send("PUT", "/bucket/plain", &[], &[], b"").await;
    assert_eq!(plain.header("etag"), Some("\"d41d8cd98f00b204e9800998ecf8427e\""));
    let head = place.client.head_object().bucket("bucket").key("plain").send().await.unwrap();
    assert_eq!((head.content_type(), head.content_length()), (Some("binary/octet-stream"), Some(0)));
}

#[tokio::test]
async fn too_much_metadata_and_foreign_acls_are_refused() {
    let place = place().await;
    let put = || place.client.put_object().bucket("bucket").key("k");
    assert_eq!(put().metadata("a", "x".repeat(2100)).send().await.refused(), refusal(400, "MetadataTooLarge"));
    assert_eq!(
        put().acl(aws_sdk_s3::types::ObjectCannedAcl::PublicRead).send().await.refused(),
        refusal(400, "AccessControlListNotSupported")
    );
    put().acl(aws_sdk_s3::types::ObjectCannedAcl::Private).send().await.unwrap();
    assert_eq!(put().tagging("a=1&a=2").send().await.refused(), refusal(400, "InvalidTag"));
}

#[tokio::test]
async fn a_response_override_that_no_header_can_carry_is_refused() {
    let place = place().await;
    place.practice.put("k", b"x").await.unwrap();
    let signer = Signer::of(&place.practice);
    let pairs = [("response-content-disposition", "attachment; filename=\"日本.txt\"")];
    let answer = signer.send("GET", "/bucket/k", &pairs, &[], b"").await;
    assert_eq!(answer.refusal(), refusal(400, "InvalidArgument"));
}

#[tokio::test]
async fn tags_can_be_changed_and_removed() {
    use aws_sdk_s3::types::{Tag, Tagging};
    let place = place().await;
    place.practice.put("k", b"x").await.unwrap();
    let tag = |name: &str, value: &str| Tag::builder().key(name).value(value).build().unwrap();
    let put = |tags: Tagging| place.client.put_object_tagging().bucket("bucket").key("k").tagging(tags).send();
    put(Tagging::builder().tag_set(tag("a", "1")).tag_set(tag("ü", "2")).build().unwrap()).await.unwrap();
    let get = || place.client.get_object_tagging().bucket("bucket").key("k").send();
    assert_eq!(get().await.unwrap().tag_set().len(), 2);
    let eleven = (0..11).fold(Tagging::builder(), |tags, n| tags.tag_set(tag(&format!("t{n}"), "v"))).build().unwrap();
    assert_eq!(put(eleven).await.refused(), refusal(400, "BadRequest"));
    place.client.delete_object_tagging().bucket("bucket").key("k").send().await.unwrap();
    assert_eq!(get().await.unwrap().tag_set().len(), 0);
    let missing = place.client.get_object_tagging().bucket("bucket").key("missing").send().await;
    assert_eq!(missing.refused(), refusal(404, "NoSuchKey"));
}
