//! The last touches to an answer: the headers every answer has, characters XML cannot carry as they are,
//! and what a fault does to it.

use bytes::Bytes;
use http_body_util::BodyExt as _;
use hyper::body::Body as _;
use hyper::header::{CONTENT_LENGTH, CONTENT_TYPE, DATE, HeaderName, HeaderValue, SERVER};
use hyper::{Response, StatusCode};
use time::OffsetDateTime;
use time::format_description::BorrowedFormatItem;
use time::macros::format_description;

use crate::faults::Fault;
use crate::gate::body::ReplyBody;
use crate::gate::refusal::Refusal;

type Answer = Response<ReplyBody>;

const HTTP_DATE: &[BorrowedFormatItem<'_>] =
    format_description!("[weekday repr:short], [day] [month repr:short] [year] [hour]:[minute]:[second] GMT");

const PORTAL: &str = "<!doctype html><html><head><title>Sign in to this Wi-Fi</title></head>\
<body><h1>Welcome</h1><p>Please accept the terms to go online.</p></body></html>";

/// Marks an answer that some other machine on the way would have given.
#[derive(Clone, Copy)]
struct NotFromTheStore;

pub fn last(mut answer: Answer, now: OffsetDateTime, request_id: &str) -> Answer {
    if answer.extensions().get::<NotFromTheStore>().is_some() {
        return answer;
    }
    let headers = answer.headers_mut();
    let mut set = |name: HeaderName, value: &str| {
        if let Ok(value) = HeaderValue::from_str(value) {
            headers.insert(name, value);
        }
    };
    set(DATE, &now.format(HTTP_DATE).unwrap_or_default());
    set(HeaderName::from_static("x-amz-request-id"), request_id);
    set(HeaderName::from_static("x-amz-id-2"), "satchel-practice");
    set(SERVER, "AmazonS3");
    answer
}

fn is_xml(answer: &Answer) -> bool {
    answer.headers().get(CONTENT_TYPE).is_some_and(|kind| kind == "application/xml")
        && !answer.headers().contains_key("etag")
}

/// Names may hold characters that XML allows only as references, or that its readers change.
pub async fn escape_controls(answer: Answer) -> Answer {
    if !is_xml(&answer) {
        return answer;
    }
    let (mut parts, body) = answer.into_parts();
    let Ok(collected) = body.into_inner().collect().await else {
        return Response::from_parts(parts, ReplyBody::full(Bytes::new()));
    };
    let text = collected.to_bytes();
    if !text.iter().any(|byte| *byte < 0x20) {
        return Response::from_parts(parts, ReplyBody::full(text));
    }
    let mut escaped = Vec::with_capacity(text.len() + 64);
    let declaration = text.windows(2).position(|pair| pair == b"?>").map_or(0, |place| place + 2);
    for (place, byte) in text.iter().enumerate() {
        let is_break = *byte == b'\n' && place <= declaration;
        if *byte < 0x20 && !is_break {
            escaped.extend_from_slice(format!("&#x{byte:x};").as_bytes());
        } else {
            escaped.push(*byte);
        }
    }
    parts.headers.remove(CONTENT_LENGTH);
    Response::from_parts(parts, ReplyBody::full(Bytes::from(escaped)))
}

/// The S3 code of an error document, for the log.
pub async fn code_of(answer: Answer) -> (Answer, Option<String>) {
    let is_small = answer.body().size_hint().upper().is_some_and(|size| size < 65_536);
    if !is_small || !is_xml(&answer) {
        return (answer, None);
    }
    let (parts, body) = answer.into_parts();
    let text = body.into_inner().collect().await.map(|body| body.to_bytes()).unwrap_or_default();
    let shown = String::from_utf8_lossy(&text);
    let code = shown
        .contains("<Error>")
        .then(|| shown.split_once("<Code>")?.1.split_once("</Code>").map(|(code, _)| code.to_owned()))
        .flatten();
    (Response::from_parts(parts, ReplyBody::full(text)), code)
}

/// The answer that a fault gives instead of the real one.
pub fn stand_in(fault: &Fault, request_id: &str) -> Option<Answer> {
    match fault {
        Fault::Refuse { status, code } => {
            Some(Refusal::new(*status, code, "Refused on order.").into_response(request_id))
        }
        Fault::RefuseWith { status, code, details, headers } => {
            let mut refusal = Refusal::new(*status, code, "Refused on order.");
            refusal.details.clone_from(details);
            refusal.headers.clone_from(headers);
            Some(refusal.into_response(request_id))
        }
        Fault::ErrorInside200 { code } => {
            let mut answer = Refusal::new(200, code, "Refused on order.").into_response(request_id);
            *answer.status_mut() = StatusCode::OK;
            Some(answer)
        }
        Fault::CaptivePortal { status } => {
            let mut answer = Response::new(ReplyBody::full(Bytes::from_static(PORTAL.as_bytes())));
            *answer.status_mut() = StatusCode::from_u16(*status).unwrap_or(StatusCode::OK);
            answer.extensions_mut().insert(NotFromTheStore);
            let headers = answer.headers_mut();
            headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
            if answer.status().is_redirection() {
                answer.headers_mut().insert("location", HeaderValue::from_static("http://portal.example/login"));
            }
            Some(answer)
        }
        _ => None,
    }
}

/// What a fault does to the real answer.
pub fn spoil(mut answer: Answer, fault: &Fault) -> Answer {
    match fault {
        Fault::WithoutHeader(name) => {
            answer.headers_mut().remove(*name);
        }
        Fault::WithHeader(name, value) => {
            if let Ok(value) = HeaderValue::from_str(value) {
                answer.headers_mut().insert(*name, value);
            }
        }
        Fault::ReplaceBody(text) => {
            answer.headers_mut().remove(CONTENT_LENGTH);
            return answer.map(|_| ReplyBody::full(Bytes::from(text.clone())));
        }
        _ => {}
    }
    answer
}
