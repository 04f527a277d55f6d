//! Conditions on reading and writing.

use aws_sdk_s3::primitives::ByteStream;

use crate::support::signer::Signer;
use crate::support::{Refused, place, refusal};

#[tokio::test]
async fn a_file_is_not_replaced_by_one_that_must_be_new() {
    let place = place().await;
    let put = |body: &'static [u8]| {
        place
            .client
            .put_object()
            .bucket("bucket")
            .key("k")
            .body(ByteStream::from_static(body))
            .if_none_match("*")
            .send()
    };
    put(b"first").await.unwrap();
    assert_eq!(put(b"second").await.refused(), refusal(412, "PreconditionFailed"));
    assert_eq!(place.practice.content("k").await.unwrap().unwrap(), b"first");
    let other = place.client.put_object().bucket("bucket").key("k").if_none_match("\"abc\"").send().await;
    assert_eq!(other.refused(), refusal(501, "NotImplemented"));
}

#[tokio::test]
async fn of_many_writers_that_must_be_first_one_is() {
    let place = place().await;
    let mut writers = tokio::task::JoinSet::new();
    for number in 0..16 {
        let client = place.client.clone();
        writers.spawn(async move {
            let body = ByteStream::from(vec![number; 1000]);
            client.put_object().bucket("bucket").key("k").body(body).if_none_match("*").send().await.is_ok()
        });
    }
    let outcomes = writers.join_all().await;
    assert_eq!(outcomes.iter().filter(|won| **won).count(), 1);
}

#[tokio::test]
async fn a_file_is_replaced_only_if_it_is_the_expected_one() {
    let place = place().await;
    let first =
        place.client.put_object().bucket("bucket").key("k").body(ByteStream::from_static(b"1")).send().await.unwrap();
    let put = |etag: &str| {
        place.client.put_object().bucket("bucket").key("k").body(ByteStream::from_static(b"2")).if_match(etag).send()
    };
    assert_eq!(put("\"00000000000000000000000000000000\"").await.refused(), refusal(412, "PreconditionFailed"));
    put(first.e_tag().unwrap()).await.unwrap();
    assert_eq!(put(first.e_tag().unwrap()).await.refused(), refusal(412, "PreconditionFailed"));
    let missing = place.client.put_object().bucket("bucket").key("missing").if_match("*").send().await;
    assert_eq!(missing.refused(), refusal(404, "NoSuchKey"));
    let delete = place.client.delete_object().bucket("bucket").key("k").if_match(first.e_tag().unwrap()).send().await;
    assert_eq!(delete.refused(), refusal(412, "PreconditionFailed"));
}

#[tokio::test]
async fn reading_obeys_etags_and_dates() {
    let place = place().await;
    place.practice.put("k", b"x").await.unwrap();
    let signer = Signer::of(&place.practice);
    let first = signer.send("GET", "/bucket/k", &[], &[], b"").await;
    let (etag, date) = (first.header("etag").unwrap().to_owned(), first.header("last-modified").unwrap().to_owned());
    let (past, future) = ("Mon, 01 Jan 2001 00:00:00 GMT", "Fri, 01 Jan 2100 00:00:00 GMT");
    for (headers, expected) in [
        (vec![("if-none-match", etag.as_str())], 304),
        (vec![("if-none-match", "*")], 304),
        (vec![("if-none-match", "\"other\"")], 200),
        (vec![("if-match", etag.as_str())], 200),
        (vec![("if-match", "\"other\"")], 412),
        (vec![("if-modified-since", date.as_str())], 304),
        (vec![("if-modified-since", past)], 200),
        (vec![("if-modified-since", future)], 304),
        (vec![("if-unmodified-since", date.as_str())], 200),
        (vec![("if-unmodified-since", past)], 412),
        (vec![("if-match", etag.as_str()), ("if-unmodified-since", past)], 200),
        (vec![("if-none-match", "\"other\""), ("if-modified-since", future)], 200),
    ] {
        for method in ["GET", "HEAD"] {
            let answer = signer.send(method, "/bucket/k", &[], &headers, b"").await;
            assert_eq!(answer.status, expected, "{method} {headers:?}");
            if expected == 304 {
                assert_eq!(answer.header("etag"), Some(etag.as_str()));
                assert_eq!(answer.body.len(), 0);
            }
        }
    }
}
