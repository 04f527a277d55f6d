//! An answer that is an error document, in the form and with the codes of S3.

use bytes::Bytes;
use hyper::{Response, StatusCode};
use s3s::S3Error;

use crate::gate::body::ReplyBody;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    pub status: u16,
    pub code: String,
    pub message: String,
    /// Further elements of the error document.
    pub details: Vec<(&'static str, String)>,
    pub headers: Vec<(&'static str, String)>,
}

impl Refusal {
    pub fn new(status: u16, code: &str, message: &str) -> Self {
        Self { status, code: code.to_owned(), message: message.to_owned(), details: Vec::new(), headers: Vec::new() }
    }

    pub fn access_denied(message: &str) -> Self {
        Self::new(403, "AccessDenied", message)
    }

    pub fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.details.push((name, value.into()));
        self
    }

    pub fn with_header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    pub fn document(&self, request_id: &str) -> String {
        let mut text = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error>");
        element(&mut text, "Code", &self.code);
        element(&mut text, "Message", &self.message);
        for (name, value) in &self.details {
            element(&mut text, name, value);
        }
        element(&mut text, "RequestId", request_id);
        element(&mut text, "HostId", "satchel-practice");
        text.push_str("</Error>");
        text
    }

    pub fn into_response(self, request_id: &str) -> Response<ReplyBody> {
        let mut response = Response::new(ReplyBody::full(Bytes::from(self.document(request_id))));
        *response.status_mut() = StatusCode::from_u16(self.status).unwrap_or(StatusCode::BAD_REQUEST);
        response.headers_mut().insert("content-type", hyper::header::HeaderValue::from_static("application/xml"));
        for (name, value) in self.headers {
            if let Ok(value) = hyper::header::HeaderValue::from_str(&value) {
                response.headers_mut().insert(name, value);
            }
        }
        response
    }
}

impl From<S3Error> for Refusal {
    fn from(error: S3Error) -> Self {
        let status = error.status_code().map_or(500, |status| status.as_u16());
        Self::new(status, error.code().as_str(), error.message().unwrap_or_default())
    }
}

fn element(text: &mut String, name: &str, value: &str) {
    text.push('<');
    text.push_str(name);
    text.push('>');
    escape_into(text, value);
    text.push_str("</");
    text.push_str(name);
    text.push('>');
}

pub fn escape_into(text: &mut String, value: &str) {
    for character in value.chars() {
        match character {
            '&' => text.push_str("&amp;"),
            '<' => text.push_str("&lt;"),
            '>' => text.push_str("&gt;"),
            '"' => text.push_str("&quot;"),
            control if u32::from(control) < 0x20 => {
                text.push_str(&format!("&#x{:x};", u32::from(control)));
            }
            other => text.push(other),
        }
    }
}
