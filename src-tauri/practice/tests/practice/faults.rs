//! Faults strike where and as often as they are told to.

use std::time::{Duration, Instant};

use aws_sdk_s3::primitives::ByteStream;
use satchel_practice::{Fault, Hold, Operation, Rule};
use tokio::task::JoinSet;

use crate::support::raw::send;
use crate::support::signer::Signer;
use crate::support::{Refused, pattern, place, refusal};

#[tokio::test]
async fn a_rule_strikes_at_its_hits_only() {
    let place = place().await;
    place.practice.put("k", b"x").await.unwrap();
    let rule = Rule::new(Fault::slow_down()).on(Operation::GetObject).key("k").after(1).times(2);
    let id = place.practice.faults().add(rule);
    let get = || place.client.get_object().bucket("bucket").key("k").send();
    let mut statuses = Vec::new();
    for _ in 0..5 {
        statuses.push(get().await.refused().0);
    }
    assert_eq!(statuses, [200, 503, 503, 200, 200]);
    assert_eq!(place.practice.faults().struck(id), 2);
    assert_eq!(place.practice.requests().of(Operation::GetObject)[1].error_code.as_deref(), Some("SlowDown"));
}

#[tokio::test]
async fn rules_can_be_narrowed_to_parts_and_taken_away() {
    let place = place().await;
    let upload = place.client.create_multipart_upload().bucket("bucket").key("k").send().await.unwrap();
    let part = |number| {
        place
            .client
            .upload_part()
            .bucket("bucket")
            .key("k")
            .upload_id(upload.upload_id().unwrap())
            .part_number(number)
            .send()
    };
    let id = place.practice.faults().add(Rule::new(Fault::access_denied()).on(Operation::UploadPart).part(2).always());
    assert_eq!(part(1).await.refused().0, 200);
    assert_eq!(part(2).await.refused(), refusal(403, "AccessDenied"));
    assert_eq!(part(2).await.refused(), refusal(403, "AccessDenied"));
    place.practice.faults().remove(id);
    assert_eq!(part(2).await.refused().0, 200);
}

#[tokio::test]
async fn a_lost_reply_is_lost_after_the_work_was_done() {
    let place = place().await;
    let signer = Signer::of(&place.practice);
    place.practice.faults().add(Rule::new(Fault::LoseReply).on(Operation::PutObject));
    let headers = signer.headers("PUT", "/bucket/k", &[], &[], "UNSIGNED-PAYLOAD");
    assert!(send(signer.port, "PUT", "/bucket/k", &headers, b"bytes").await.is_none());
    assert_eq!(place.practice.content("k").await.unwrap().unwrap(), b"bytes");
    place.practice.faults().add(Rule::new(Fault::Drop).on(Operation::DeleteObject));
    assert!(place.client.delete_object().bucket("bucket").key("k").send().await.is_err());
    assert!(place.practice.content("k").await.unwrap().is_some());
}

#[tokio::test]
async fn a_hold_keeps_a_request_until_it_is_released() {
    let place = place().await;
    for reply in [false, true] {
        let hold = Hold::new();
        let fault = if reply { Fault::HoldReply(hold.clone()) } else { Fault::Hold(hold.clone()) };
        place.practice.faults().add(Rule::new(fault).on(Operation::PutObject));
        let client = place.client.clone();
        let key = format!("k{reply}");
        let mut put = JoinSet::new();
        put.spawn({
            let key = key.clone();
            async move { client.put_object().bucket("bucket").key(key).body(ByteStream::from_static(b"x")).send().await }
        });
        hold.reached(1).await;
        assert_eq!(place.practice.content(&key).await.unwrap().is_some(), reply);
        assert!(put.try_join_next().is_none());
        hold.release();
        put.join_next().await.unwrap().unwrap().unwrap();
        assert!(place.practice.content(&key).await.unwrap().is_some());
    }
}

#[tokio::test]
async fn bodies_are_cut_and_flipped_on_the_way() {
    let place = place().await;
    let signer = Signer::of(&place.practice);
    let body = pattern(2_000_000);
    place.practice.put("k", &body).await.unwrap();
    let faults = place.practice.faults();
    faults.add(Rule::new(Fault::CutReply { after: 1_000_001 }).on(Operation::GetObject));
    let answer = signer.send("GET", "/bucket/k", &[], &[], b"").await;
    assert_eq!(answer.body.len(), 1_000_001);
    faults.add(Rule::new(Fault::FlipReply { at: 1_234_567 }).on(Operation::GetObject));
    let answer = signer.send("GET", "/bucket/k", &[], &[], b"").await;
    let changed: Vec<usize> = (0..body.len()).filter(|place| answer.body[*place] != body[*place]).collect();
    assert_eq!(changed, [1_234_567]);
    faults.add(Rule::new(Fault::FlipRequest { at: 1_999_999 }).on(Operation::PutObject));
    let put = |client: &aws_sdk_s3::Client| {
        client.put_object().bucket("bucket").key("n").body(ByteStream::from(body.clone()))
    };
    assert_eq!(put(&place.client).send().await.refused(), refusal(400, "XAmzContentSHA256Mismatch"));
    faults.add(Rule::new(Fault::CutRequest { after: 777_777 }).on(Operation::PutObject));
    assert!(put(&place.client).send().await.is_err());
    assert_eq!(place.practice.content("n").await.unwrap(), None);
    put(&place.client).send().await.unwrap();
    let log = place.practice.requests().of(Operation::GetObject);
    assert_eq!(log[0].bytes_out, 1_000_001);
    assert_eq!(place.practice.requests().of(Operation::PutObject)[2].bytes_in, 2_000_000);
}

#[tokio::test]
async fn answers_can_be_replaced_and_spoiled() {
    let place = place().await;
    place.practice.put("k", b"x").await.unwrap();
    let signer = Signer::of(&place.practice);
    let faults = place.practice.faults();
    faults.add(Rule::new(Fault::CaptivePortal { status: 200 }).on(Operation::ListObjectsV2));
    let answer = signer.send("GET", "/bucket", &[("list-type", "2")], &[], b"").await;
    assert_eq!((answer.status, answer.header("content-type")), (200, Some("text/html; charset=utf-8")));
    faults.add(
        Rule::new(Fault::ErrorInside200 { code: "InternalError".to_owned() }).on(Operation::CompleteMultipartUpload),
    );
    let upload = place.client.create_multipart_upload().bucket("bucket").key("m").send().await.unwrap();
    let answer = signer
        .send("POST", "/bucket/m", &[("uploadId", upload.upload_id().unwrap())], &[], b"<CompleteMultipartUpload/>")
        .await;
    assert_eq!(answer.refusal(), refusal(200, "InternalError"));
    faults.add(Rule::new(Fault::WithoutHeader("etag")).on(Operation::PutObject));
    let put = place.client.put_object().bucket("bucket").key("n").send().await.unwrap();
    assert_eq!(put.e_tag(), None);
    faults.add(Rule::new(Fault::WithHeader("content-range", "bytes 5-6/7".to_owned())).on(Operation::GetObject));
    let answer = signer.send("GET", "/bucket/k", &[], &[("range", "bytes=0-0")], b"").await;
    assert_eq!(answer.header("content-range"), Some("bytes 5-6/7"));
    faults.add(Rule::new(Fault::permanent_redirect("eu-west-1")));
    let answer = signer.send("GET", "/bucket/k", &[], &[], b"").await;
    assert_eq!((answer.status, answer.element("Region").as_deref()), (301, Some("eu-west-1")));
    faults.add(Rule::new(Fault::ReplaceBody("<ListBu".to_owned())).on(Operation::ListBuckets));
    let answer = signer.send("GET", "/", &[], &[], b"").await;
    assert_eq!((answer.status, answer.text().as_str()), (200, "<ListBu"));
}

#[tokio::test]
async fn a_slow_body_takes_its_time_and_a_delay_delays() {
    let place = place().await;
    place.practice.put("k", &pattern(100_000)).await.unwrap();
    let signer = Signer::of(&place.practice);
    for fault in [Fault::SlowReply { bytes_per_second: 250_000 }, Fault::Delay(Duration::from_millis(400))] {
        place.practice.faults().add(Rule::new(fault).on(Operation::GetObject));
        let begun = Instant::now();
        let answer = signer.send("GET", "/bucket/k", &[], &[], b"").await;
        assert_eq!(answer.body.len(), 100_000);
        assert!(begun.elapsed() >= Duration::from_millis(350), "{:?}", begun.elapsed());
    }
    place.practice.faults().add(Rule::new(Fault::SlowRequest { bytes_per_second: 250_000 }).on(Operation::PutObject));
    let begun = Instant::now();
    place.client.put_object().bucket("bucket").key("n").body(ByteStream::from(pattern(100_000))).send().await.unwrap();
    assert!(begun.elapsed() >= Duration::from_millis(350), "{:?}", begun.elapsed());
}

#[tokio::test]
async fn a_stalled_body_waits_for_its_release() {
    let place = place().await;
    let body = pattern(1_000_000);
    place.practice.put("k", &body).await.unwrap();
    let hold = Hold::new();
    place
        .practice
        .faults()
        .add(Rule::new(Fault::StallReply { after: 300_000, hold: hold.clone() }).on(Operation::GetObject));
    let client = place.client.clone();
    let mut get = JoinSet::new();
    get.spawn(async move {
        client.get_object().bucket("bucket").key("k").send().await.unwrap().body.collect().await.unwrap().to_vec()
    });
    hold.reached(1).await;
    assert_eq!(place.practice.requests().of(Operation::GetObject)[0].bytes_out, 300_000);
    assert!(get.try_join_next().is_none());
    hold.release();
    assert!(get.join_next().await.unwrap().unwrap() == body);
}

#[tokio::test]
async fn a_file_replaced_during_its_download_is_still_the_old_one_to_the_reader() {
    let place = place().await;
    let old = pattern(4_000_000);
    place.practice.put("k", &old).await.unwrap();
    let hold = Hold::new();
    place
        .practice
        .faults()
        .add(Rule::new(Fault::StallReply { after: 10, hold: hold.clone() }).on(Operation::GetObject));
    let client = place.client.clone();
    let mut get = JoinSet::new();
    get.spawn(async move {
        client.get_object().bucket("bucket").key("k").send().await.unwrap().body.collect().await.unwrap().to_vec()
    });
    hold.reached(1).await;
    place.practice.put("k", b"new").await.unwrap();
    hold.release();
    assert!(get.join_next().await.unwrap().unwrap() == old);
    assert_eq!(place.practice.content("k").await.unwrap().unwrap(), b"new");
}

#[tokio::test]
async fn a_rule_can_be_about_a_header_that_a_store_does_not_know() {
    let place = place().await;
    let rule = Rule::new(Fault::refuse(501, "NotImplemented")).carrying("if-none-match").always();
    place.practice.faults().add(rule);
    let put = || place.client.put_object().bucket("bucket").key("k").body(ByteStream::from_static(b"x"));
    assert_eq!(put().if_none_match("*").send().await.refused(), refusal(501, "NotImplemented"));
    assert_eq!(put().send().await.refused().0, 200);
}

#[tokio::test]
async fn the_log_knows_when_a_request_came_and_when_it_was_answered() {
    let place = place().await;
    place.practice.put("k", b"x").await.unwrap();
    place.practice.faults().add(Rule::new(Fault::Delay(Duration::from_millis(60))).on(Operation::GetObject));
    place.client.get_object().bucket("bucket").key("k").send().await.unwrap().body.collect().await.unwrap();
    place.practice.requests().wait_until(|all| all.iter().all(|request| request.ended_at.is_some())).await;
    let request = &place.practice.requests().of(Operation::GetObject)[0];
    assert!(request.ended_at.unwrap() - request.began_at >= Duration::from_millis(60));
}
