//! Signatures, their ends, clocks, tokens and regions.

use std::time::{Duration, SystemTime};

use aws_sdk_s3::config::RequestChecksumCalculation;
use aws_sdk_s3::presigning::PresigningConfig;
use aws_sdk_s3::primitives::ByteStream;
use satchel_practice::Identity;

use crate::support::raw::send;
use crate::support::signer::Signer;
use crate::support::{Refused, client, client_in, place, place_with, refusal};

fn minutes(count: i64) -> time::Duration {
    time::Duration::minutes(count)
}

#[tokio::test]
async fn a_signed_request_of_the_sdk_is_understood() {
    let place = place().await;
    let put = place.client.put_object().bucket("bucket").key("a b+c/ü.txt").body(ByteStream::from_static(b"hello"));
    put.send().await.unwrap();
    let got = place.client.get_object().bucket("bucket").key("a b+c/ü.txt").send().await.unwrap();
    assert_eq!(got.body.collect().await.unwrap().to_vec(), b"hello");
}

#[tokio::test]
async fn an_unknown_key_id_is_refused() {
    let place = place().await;
    let stranger = client(&place.practice, &Identity::new("AKIASTRANGER", "secret"));
    assert_eq!(stranger.list_buckets().send().await.refused(), refusal(403, "InvalidAccessKeyId"));
}

#[tokio::test]
async fn a_wrong_secret_is_refused() {
    let place = place().await;
    let known = place.practice.identity().access_key_id;
    let wrong = client(&place.practice, &Identity::new(&known, "wrong"));
    assert_eq!(wrong.list_buckets().send().await.refused(), refusal(403, "SignatureDoesNotMatch"));
}

#[tokio::test]
async fn an_anonymous_request_is_refused() {
    let place = place().await;
    place.practice.put("file", b"x").await.unwrap();
    for (method, target) in
        [("GET", "/bucket/file"), ("GET", "/bucket"), ("PUT", "/bucket/file"), ("DELETE", "/bucket/file")]
    {
        let answer = send(place.practice.port(), method, target, &[], b"").await.unwrap();
        assert_eq!(answer.refusal(), refusal(403, "AccessDenied"), "{method} {target}");
    }
    assert_eq!(place.practice.content("file").await.unwrap().unwrap(), b"x");
}

#[tokio::test]
async fn a_malformed_signature_is_refused() {
    let place = place().await;
    let signer = Signer::of(&place.practice);
    let mut headers = signer.headers("GET", "/bucket/file", &[], &[], "UNSIGNED-PAYLOAD");
    for (name, value) in &mut headers {
        if name == "authorization" {
            value.truncate(value.len() - 7);
        }
    }
    let answer = send(signer.port, "GET", "/bucket/file", &headers, b"").await.unwrap();
    assert_eq!(answer.refusal(), refusal(403, "SignatureDoesNotMatch"));
}

#[tokio::test]
async fn an_authorization_header_of_nonsense_gets_a_refusal_of_s3_and_no_500() {
    let place = place().await;
    let nonsense = [
        "",
        "Basic abc",
        "AWS AK:sig",
        "AWS4-HMAC-SHA256",
        "AWS4-HMAC-SHA256 Credential=",
        "AWS4-HMAC-SHA256 a,b,c",
        "AWS4-HMAC-SHA256 Credential=a/b/c/d/e, SignedHeaders=, Signature=",
        "AWS4-HMAC-SHA256 Credential=//////, SignedHeaders=host, Signature=00",
    ];
    for text in nonsense {
        let headers = [("authorization".to_owned(), text.to_owned())];
        let answer = send(place.practice.port(), "GET", "/bucket/file", &headers, b"").await.unwrap();
        assert!((400..=403).contains(&answer.status), "{text:?}: {answer:?}");
        assert!(answer.element("Code").is_some(), "{text:?}");
    }
}

#[tokio::test]
async fn a_header_that_the_signature_does_not_cover_is_refused() {
    let place = place().await;
    let signer = Signer::of(&place.practice);
    let mut headers = signer.headers("PUT", "/bucket/file", &[], &[], "UNSIGNED-PAYLOAD");
    headers.push(("x-amz-meta-added".to_owned(), "later".to_owned()));
    let answer = send(signer.port, "PUT", "/bucket/file", &headers, b"x").await.unwrap();
    assert_eq!(answer.refusal(), refusal(403, "AccessDenied"));
    assert_eq!(answer.element("HeadersNotSigned").unwrap(), "x-amz-meta-added");
}

#[tokio::test]
async fn a_changed_body_under_a_signed_digest_is_refused_and_not_kept() {
    let place = place().await;
    let signer = Signer::of(&place.practice);
    let headers = signer.headers("PUT", "/bucket/file", &[], &[], &crate::support::signer::hex(&[7; 32]));
    let answer = send(signer.port, "PUT", "/bucket/file", &headers, b"something else").await.unwrap();
    assert_eq!(answer.refusal(), refusal(400, "XAmzContentSHA256Mismatch"));
    assert_eq!(place.practice.content("file").await.unwrap(), None);
}

#[tokio::test]
async fn a_changed_document_under_a_signed_digest_is_refused() {
    let place = place().await;
    let signer = Signer::of(&place.practice);
    place.practice.put("file", b"x").await.unwrap();
    let headers = signer.headers("POST", "/bucket", &[("delete", "")], &[], &crate::support::signer::hex(&[7; 32]));
    let body = b"<Delete><Object><Key>file</Key></Object></Delete>";
    let answer = send(signer.port, "POST", "/bucket?delete=", &headers, body).await.unwrap();
    assert_eq!(answer.refusal(), refusal(400, "XAmzContentSHA256Mismatch"));
    assert!(place.practice.content("file").await.unwrap().is_some());
}

#[tokio::test]
async fn a_clock_more_than_fifteen_minutes_off_is_refused() {
    let place = place().await;
    for (offset, expected) in [(14, 404), (-14, 404), (16, 403), (-16, 403)] {
        let mut signer = Signer::of(&place.practice);
        signer.date += minutes(offset);
        let answer = signer.send("GET", "/bucket/missing", &[], &[], b"").await;
        assert_eq!(answer.status, expected, "{offset} min");
        if expected == 403 {
            assert_eq!(answer.element("Code").unwrap(), "RequestTimeTooSkewed");
            assert!(answer.element("ServerTime").is_some());
        }
    }
}

#[tokio::test]
async fn the_server_judges_by_its_own_clock_and_shows_it() {
    let place = place().await;
    place.practice.put("file", b"x").await.unwrap();
    place.practice.clock().run_ahead(Duration::from_secs(3 * 3600));
    let signer = Signer::of(&place.practice);
    let answer = signer.send("GET", "/bucket/file", &[], &[], b"").await;
    assert_eq!(answer.refusal(), refusal(403, "RequestTimeTooSkewed"));
    let mut corrected = Signer::of(&place.practice);
    corrected.date += minutes(180);
    let answer = corrected.send("GET", "/bucket/file", &[], &[], b"").await;
    assert_eq!(answer.status, 200);
    let shown = answer.header("date").unwrap().to_owned();
    let expected = corrected.date.format(time::macros::format_description!("[hour]:[minute]")).unwrap();
    let next = (corrected.date + minutes(1)).format(time::macros::format_description!("[hour]:[minute]")).unwrap();
    assert!(shown.contains(&expected) || shown.contains(&next), "{shown} is not about {expected}");
    let link = corrected.presigned("GET", "/bucket/file", 60, &[]);
    assert_eq!(corrected.fetch("GET", &link).await.status, 200);
    place.practice.clock().run_behind(Duration::from_secs(3600));
    let mut behind = Signer::of(&place.practice);
    behind.date -= minutes(60);
    let link = behind.presigned("GET", "/bucket/file", 60, &[]);
    assert_eq!(behind.fetch("GET", &link).await.status, 200);
}

#[tokio::test]
async fn a_link_of_the_sdk_works() {
    let place = place().await;
    place.practice.put("Contract Müller & Söhne (signed).pdf", b"pdf").await.unwrap();
    let config = PresigningConfig::expires_in(Duration::from_secs(60)).unwrap();
    let link = place
        .client
        .get_object()
        .bucket("bucket")
        .key("Contract Müller & Söhne (signed).pdf")
        .response_content_disposition("attachment; filename=\"c.pdf\"; filename*=UTF-8''M%C3%BCller.pdf")
        .response_content_type("application/octet-stream")
        .presigned(config)
        .await
        .unwrap();
    let target = link.uri().strip_prefix(&place.practice.endpoint()).unwrap().to_owned();
    let answer = send(place.practice.port(), "GET", &target, &[], b"").await.unwrap();
    assert_eq!((answer.status, answer.body.as_slice()), (200, &b"pdf"[..]));
    assert_eq!(
        answer.header("content-disposition").unwrap(),
        "attachment; filename=\"c.pdf\"; filename*=UTF-8''M%C3%BCller.pdf"
    );
    assert_eq!(answer.header("content-type").unwrap(), "application/octet-stream");
    let other = send(place.practice.port(), "HEAD", &target, &[], b"").await.unwrap();
    assert_eq!(other.status, 403, "a link for GET is none for HEAD");
}

#[tokio::test]
async fn a_link_works_until_its_end_and_is_refused_past_it() {
    let place = place().await;
    place.practice.put("file", b"x").await.unwrap();
    let mut signer = Signer::of(&place.practice);
    signer.date -= minutes(60);
    let alive = signer.presigned("GET", "/bucket/file", 3600 + 30, &[]);
    assert_eq!(signer.fetch("GET", &alive).await.status, 200);
    let ended = signer.presigned("GET", "/bucket/file", 3600 - 1, &[]);
    let answer = signer.fetch("GET", &ended).await;
    assert_eq!(answer.refusal(), refusal(403, "AccessDenied"));
    assert_eq!(answer.element("Message").unwrap(), "Request has expired");
}

#[tokio::test]
async fn a_link_from_the_future_is_not_yet_valid() {
    let place = place().await;
    place.practice.put("file", b"x").await.unwrap();
    let mut signer = Signer::of(&place.practice);
    signer.date += minutes(20);
    let answer = signer.fetch("GET", &signer.presigned("GET", "/bucket/file", 60, &[])).await;
    assert_eq!(answer.refusal(), refusal(403, "AccessDenied"));
    assert_eq!(answer.element("Message").unwrap(), "Request is not yet valid");
}

#[tokio::test]
async fn a_link_for_more_than_seven_days_is_refused() {
    let place = place().await;
    place.practice.put("file", b"x").await.unwrap();
    let signer = Signer::of(&place.practice);
    assert_eq!(signer.fetch("GET", &signer.presigned("GET", "/bucket/file", 604_800, &[])).await.status, 200);
    for seconds in [604_801, -1] {
        let answer = signer.fetch("GET", &signer.presigned("GET", "/bucket/file", seconds, &[])).await;
        assert_eq!(answer.refusal(), refusal(400, "AuthorizationQueryParametersError"), "{seconds}");
    }
}

#[tokio::test]
async fn a_changed_link_is_refused() {
    let place = place().await;
    place.practice.put("file", b"x").await.unwrap();
    place.practice.put("other", b"x").await.unwrap();
    let signer = Signer::of(&place.practice);
    let link = signer.presigned("GET", "/bucket/file", 60, &[("response-content-type", "text/plain")]);
    assert_eq!(signer.fetch("GET", &link).await.status, 200);
    for changed in [
        link.replace("/file?", "/other?"),
        link.replace("Expires=60", "Expires=61"),
        link.replace("text%2Fplain", "text%2Fhtml"),
        link.replace("&X-Amz-Signature=", "&added=1&X-Amz-Signature="),
        link[..link.len() - 3].to_owned(),
    ] {
        let answer = signer.fetch("GET", &changed).await;
        assert_eq!(answer.refusal(), refusal(403, "SignatureDoesNotMatch"), "{changed}");
    }
    let bare = link.split("&X-Amz-Signature").next().unwrap();
    assert_eq!(signer.fetch("GET", bare).await.refusal(), refusal(400, "AuthorizationQueryParametersError"));
}

#[tokio::test]
async fn an_upload_by_link_is_kept() {
    let place = place().await;
    let signer = Signer::of(&place.practice);
    let link = signer.presigned("PUT", "/bucket/slot", 60, &[]);
    let answer = send(signer.port, "PUT", &link, &[], b"from outside").await.unwrap();
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(place.practice.content("slot").await.unwrap().unwrap(), b"from outside");
    let log = place.practice.requests().all();
    assert!(log.iter().all(|request| request.query.iter().all(|(name, _)| !name.contains("Signature"))));
}

#[tokio::test]
async fn session_keys_work_only_with_their_token_and_until_their_end() {
    let session = Identity::new("ASIASESSION", "secret").with_session_token("the token");
    let place = place_with(|options| options.identity(session.clone())).await;
    place.practice.put("file", b"x").await.unwrap();
    place.client.list_buckets().send().await.unwrap();
    let signer = Signer::of(&place.practice);
    assert_eq!(signer.fetch("GET", &signer.presigned("GET", "/bucket/file", 60, &[])).await.status, 200);

    let without = client(&place.practice, &Identity::new("ASIASESSION", "secret"));
    assert_eq!(without.list_buckets().send().await.refused(), refusal(403, "InvalidAccessKeyId"));
    let wrong = client(&place.practice, &session.clone().with_session_token("another"));
    assert_eq!(wrong.list_buckets().send().await.refused(), refusal(400, "InvalidToken"));

    place.practice.set_identities(vec![session.ending_at(SystemTime::now() - Duration::from_secs(1))]);
    assert_eq!(place.client.list_buckets().send().await.refused(), refusal(400, "ExpiredToken"));
    let answer = signer.fetch("GET", &signer.presigned("GET", "/bucket/file", 60, &[])).await;
    assert_eq!(answer.refusal(), refusal(400, "ExpiredToken"));
}

#[tokio::test]
async fn a_request_signed_for_another_region_is_told_the_right_one() {
    let place = place_with(|options| options.region("eu-central-1")).await;
    let identity = place.practice.identity();
    let wrong = client_in(&place.practice, &identity, "us-east-1", RequestChecksumCalculation::WhenRequired);
    assert_eq!(
        wrong.list_objects_v2().bucket("bucket").send().await.refused(),
        refusal(400, "AuthorizationHeaderMalformed")
    );
    let mut signer = Signer::of(&place.practice);
    signer.region = "us-east-1".to_owned();
    let answer = signer.send("GET", "/bucket", &[], &[], b"").await;
    assert_eq!(answer.element("Region").unwrap(), "eu-central-1");
    assert!(answer.element("Message").unwrap().contains("expecting 'eu-central-1'"));
    let answer = signer.fetch("GET", &signer.presigned("GET", "/bucket/file", 60, &[])).await;
    assert_eq!(answer.refusal(), refusal(400, "AuthorizationQueryParametersError"));
    assert_eq!(answer.element("Region").unwrap(), "eu-central-1");
}

#[tokio::test]
async fn a_withdrawn_key_is_refused_and_ends_its_links() {
    let place = place().await;
    place.practice.put("file", b"x").await.unwrap();
    let signer = Signer::of(&place.practice);
    let link = signer.presigned("GET", "/bucket/file", 60, &[]);
    assert_eq!(signer.fetch("GET", &link).await.status, 200);
    place.practice.set_identities(vec![Identity::random()]);
    assert_eq!(signer.fetch("GET", &link).await.refusal(), refusal(403, "InvalidAccessKeyId"));
}
