//! Buckets, and what a browser on another origin may do with them.

use aws_sdk_s3::types::{CorsConfiguration, CorsRule};

use crate::support::raw::send;
use crate::support::signer::Signer;
use crate::support::{Refused, place, place_with, refusal};

#[tokio::test]
async fn buckets_are_made_listed_and_deleted_when_empty() {
    let place = place().await;
    let client = &place.client;
    client.create_bucket().bucket("second").send().await.unwrap();
    assert_eq!(client.create_bucket().bucket("second").send().await.refused(), refusal(409, "BucketAlreadyOwnedByYou"));
    let listed = client.list_buckets().send().await.unwrap();
    let names: Vec<_> = listed.buckets().iter().filter_map(|bucket| bucket.name()).collect();
    assert_eq!(names, ["bucket", "second"]);
    client.put_object().bucket("second").key("k").send().await.unwrap();
    assert_eq!(client.delete_bucket().bucket("second").send().await.refused(), refusal(409, "BucketNotEmpty"));
    client.delete_object().bucket("second").key("k").send().await.unwrap();
    client.delete_bucket().bucket("second").send().await.unwrap();
    assert_eq!(client.delete_bucket().bucket("second").send().await.refused(), refusal(404, "NoSuchBucket"));
    assert_eq!(client.head_bucket().bucket("second").send().await.refused().0, 404);
    assert_eq!(client.create_bucket().bucket("No_Bucket").send().await.refused(), refusal(400, "InvalidBucketName"));
}

#[tokio::test]
async fn the_region_of_a_bucket_is_told() {
    let place = place_with(|options| options.region("eu-central-1")).await;
    let head = place.client.head_bucket().bucket("bucket").send().await.unwrap();
    assert_eq!(head.bucket_region(), Some("eu-central-1"));
    let location = place.client.get_bucket_location().bucket("bucket").send().await.unwrap();
    assert_eq!(location.location_constraint().map(|region| region.as_str()), Some("eu-central-1"));
}

#[tokio::test]
async fn every_operation_on_a_missing_bucket_says_so() {
    let place = place().await;
    let signer = Signer::of(&place.practice);
    for (method, path, pairs, body) in [
        ("GET", "/missing", &[("list-type", "2")][..], ""),
        ("GET", "/missing", &[], ""),
        ("GET", "/missing", &[("versions", "")], ""),
        ("GET", "/missing", &[("uploads", "")], ""),
        ("GET", "/missing", &[("location", "")], ""),
        ("GET", "/missing", &[("versioning", "")], ""),
        ("GET", "/missing/k", &[], ""),
        ("PUT", "/missing/k", &[], "x"),
        ("DELETE", "/missing/k", &[], ""),
        ("POST", "/missing/k", &[("uploads", "")], ""),
        ("POST", "/missing", &[("delete", "")], "<Delete><Object><Key>k</Key></Object></Delete>"),
        ("DELETE", "/missing", &[], ""),
    ] {
        let answer = signer.send(method, path, pairs, &[], body.as_bytes()).await;
        assert_eq!(answer.refusal(), refusal(404, "NoSuchBucket"), "{method} {path} {pairs:?}");
    }
}

#[tokio::test]
async fn what_is_not_known_is_not_implemented_and_never_a_500() {
    let place = place().await;
    let signer = Signer::of(&place.practice);
    for (method, path, query) in [
        ("GET", "/bucket", "policy"),
        ("PUT", "/bucket", "lifecycle"),
        ("GET", "/bucket/k", "acl"),
        ("PUT", "/bucket/k", "acl"),
        ("GET", "/bucket/k", "torrent"),
        ("POST", "/bucket/k", "select"),
        ("POST", "/bucket", "nonsense"),
        ("PATCH", "/bucket/k", ""),
        ("GET", "/bucket", "tagging"),
        ("POST", "/", ""),
        ("DELETE", "/", ""),
        ("GET", "/bucket/k", "attributes"),
    ] {
        let pairs = if query.is_empty() { vec![] } else { vec![(query, "")] };
        let answer = signer.send(method, path, &pairs, &[], b"").await;
        assert!(
            [400, 405, 501].contains(&answer.status),
            "{method} {path}?{query}: {} {}",
            answer.status,
            answer.text()
        );
    }
    for document in [
        "",
        "<",
        "<Delete>",
        "<Delete></Delete>",
        "<a><b></a></b>",
        "<!DOCTYPE a [<!ENTITY b \"c\">]><Delete>&b;</Delete>",
        "\u{0}\u{1}",
    ] {
        for (method, path, query) in [
            ("POST", "/bucket", "delete"),
            ("PUT", "/bucket", "cors"),
            ("PUT", "/bucket", "versioning"),
            ("PUT", "/bucket/k", "tagging"),
            ("POST", "/bucket/k", "uploadId"),
        ] {
            let answer = signer.send(method, path, &[(query, "x")], &[], document.as_bytes()).await;
            assert!(
                (400..500).contains(&answer.status),
                "{method} {query} {document:?}: {} {}",
                answer.status,
                answer.text()
            );
        }
    }
}

fn rules() -> CorsConfiguration {
    let rule = CorsRule::builder()
        .allowed_origins("https://*.acme.example")
        .allowed_methods("GET")
        .allowed_methods("PUT")
        .allowed_headers("content-*")
        .expose_headers("ETag")
        .max_age_seconds(600)
        .build()
        .unwrap();
    CorsConfiguration::builder().cors_rules(rule).build().unwrap()
}

fn asking(origin: &str, method: &str, headers: &str) -> Vec<(String, String)> {
    [("origin", origin), ("access-control-request-method", method), ("access-control-request-headers", headers)]
        .into_iter()
        .filter(|(_, value)| !value.is_empty())
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect()
}

#[tokio::test]
async fn a_preflight_is_answered_by_the_rules_of_the_bucket() {
    let place = place().await;
    let port = place.practice.port();
    let ask = |headers: Vec<(String, String)>| async move {
        send(port, "OPTIONS", "/bucket/k", &headers, b"").await.unwrap()
    };
    let good = asking("https://www.acme.example", "PUT", "content-type");
    assert_eq!(ask(good.clone()).await.refusal(), refusal(403, "AccessForbidden"));
    let missing = place.client.get_bucket_cors().bucket("bucket").send().await;
    assert_eq!(missing.refused(), refusal(404, "NoSuchCORSConfiguration"));

    place.client.put_bucket_cors().bucket("bucket").cors_configuration(rules()).send().await.unwrap();
    let answer = ask(good.clone()).await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("access-control-allow-origin").unwrap(), "https://www.acme.example");
    assert_eq!(answer.header("access-control-allow-methods").unwrap(), "GET, PUT");
    assert_eq!(answer.header("access-control-allow-headers").unwrap(), "content-type");
    assert_eq!(answer.header("access-control-max-age").unwrap(), "600");
    for bad in [
        asking("https://evil.example", "PUT", ""),
        asking("https://www.acme.example", "DELETE", ""),
        asking("https://www.acme.example", "PUT", "x-other"),
    ] {
        assert_eq!(ask(bad).await.refusal(), refusal(403, "AccessForbidden"));
    }
    assert_eq!(ask(asking("", "PUT", "")).await.refusal(), refusal(400, "BadRequest"));
    let read = place.client.get_bucket_cors().bucket("bucket").send().await.unwrap();
    assert_eq!(read.cors_rules()[0].max_age_seconds(), Some(600));

    place.client.delete_bucket_cors().bucket("bucket").send().await.unwrap();
    assert_eq!(ask(good).await.refusal(), refusal(403, "AccessForbidden"));
}

#[tokio::test]
async fn answers_carry_cors_headers_where_a_rule_fits() {
    let place = place().await;
    place.practice.put("k", b"x").await.unwrap();
    place.client.put_bucket_cors().bucket("bucket").cors_configuration(rules()).send().await.unwrap();
    let signer = Signer::of(&place.practice);
    let answer = signer.send("GET", "/bucket/k", &[], &[("origin", "https://www.acme.example")], b"").await;
    assert_eq!(answer.header("access-control-allow-origin").unwrap(), "https://www.acme.example");
    assert_eq!(answer.header("access-control-expose-headers").unwrap(), "ETag");
    let refused = signer.send("GET", "/bucket/missing", &[], &[("origin", "https://www.acme.example")], b"").await;
    assert_eq!(refused.status, 404);
    assert!(refused.header("access-control-allow-origin").is_some(), "a page must be able to read refusals too");
    let other = signer.send("GET", "/bucket/k", &[], &[("origin", "https://evil.example")], b"").await;
    assert_eq!(other.header("access-control-allow-origin"), None);
}

/// Values nobody should send, in every place where one can be sent.
#[tokio::test]
async fn hostile_values_never_get_a_500() {
    let place = place().await;
    let signer = Signer::of(&place.practice);
    place.practice.put("k", b"x").await.unwrap();
    let values = [
        "",
        " ",
        "-1",
        "99999999999999999999",
        "abc",
        "NaN",
        "*",
        "\"",
        "../..",
        "%00",
        "a,b;c=d",
        "bytes=",
        "text/",
        "Mon, 99 Foo 9999 99:99:99 GMT",
    ];
    let queries = [
        "max-keys",
        "continuation-token",
        "start-after",
        "prefix",
        "delimiter",
        "marker",
        "encoding-type",
        "list-type",
        "key-marker",
        "version-id-marker",
        "versionId",
        "uploadId",
        "partNumber",
        "part-number-marker",
        "max-parts",
        "max-uploads",
        "upload-id-marker",
        "response-content-type",
        "response-expires",
        "response-content-disposition",
        "x-id",
        "location",
        "uploads",
        "versions",
        "delete",
        "tagging",
        "cors",
    ];
    let headers = [
        "range",
        "if-match",
        "if-none-match",
        "if-modified-since",
        "if-unmodified-since",
        "content-type",
        "content-encoding",
        "expires",
        "cache-control",
        "content-md5",
        "x-amz-checksum-crc32",
        "x-amz-checksum-type",
        "x-amz-checksum-algorithm",
        "x-amz-checksum-mode",
        "x-amz-sdk-checksum-algorithm",
        "x-amz-trailer",
        "x-amz-decoded-content-length",
        "x-amz-copy-source",
        "x-amz-copy-source-range",
        "x-amz-copy-source-if-match",
        "x-amz-metadata-directive",
        "x-amz-tagging",
        "x-amz-tagging-directive",
        "x-amz-acl",
        "x-amz-storage-class",
        "x-amz-meta-a",
        "x-amz-mp-object-size",
        "x-amz-server-side-encryption",
        "x-amz-expected-bucket-owner",
        "origin",
        "x-amz-website-redirect-location",
        "x-amz-object-lock-mode",
        "x-amz-request-payer",
        "x-amz-bucket-region",
        "host-of-mine",
    ];
    let check = |answer: &crate::support::raw::Answer, what: String| {
        assert!(answer.status < 500 || answer.status == 501, "{what}: {} {}", answer.status, answer.text());
    };
    for value in values {
        for (method, path) in [
            ("GET", "/bucket"),
            ("GET", "/bucket/k"),
            ("PUT", "/bucket/n"),
            ("POST", "/bucket/n"),
            ("DELETE", "/bucket/n"),
            ("GET", "/"),
        ] {
            for name in queries {
                let answer = signer.send(method, path, &[(name, value)], &[], b"x").await;
                check(&answer, format!("{method} {path}?{name}={value}"));
            }
        }
        for (method, path, query) in
            [("GET", "/bucket/k", None), ("PUT", "/bucket/n", None), ("POST", "/bucket/n", Some(("uploads", "")))]
        {
            for name in headers {
                let pairs: Vec<_> = query.into_iter().collect();
                let answer = signer.send(method, path, &pairs, &[(name, value.trim())], b"x").await;
                check(&answer, format!("{method} {path} {name}: {value}"));
            }
        }
    }
}
