//! A link, fetched as the recipient's browser does: plain HTTP, no keys, and the address exactly as it stands on the clipboard.
//! No type that would tidy up `a/../b` or `%2e` touches it.

use std::time::Duration;

use anyhow::{Context, Result, bail};
use http::{HeaderMap, Method, Request, StatusCode};
use http_body_util::{BodyExt, Empty};
use hyper::body::Bytes;
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use percent_encoding::percent_decode_str;

use crate::deadlines::{ERRAND, POLL};

#[derive(Debug)]
pub struct Fetched {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Bytes,
}

pub async fn fetch(link: &str) -> Result<Fetched> {
    let client = Client::builder(TokioExecutor::new()).build_http::<Empty<Bytes>>();
    let request = Request::builder().method(Method::GET).uri(link).body(Empty::new()).context("this is not a link")?;
    let host = request.uri().host().unwrap_or_default();
    if !matches!(host, "127.0.0.1" | "localhost") {
        bail!("a test reaches nothing but this computer, and the link goes to {host}");
    }
    let answer = tokio::time::timeout(ERRAND, client.request(request)).await.context("no answer to the link")??;
    let (head, body) = answer.into_parts();
    let body = tokio::time::timeout(ERRAND, body.collect()).await.context("the file did not come to its end")??;
    Ok(Fetched { status: head.status, headers: head.headers, body: body.to_bytes() })
}

/// Fetches until the answer has this status, for as long as `patience`.
pub async fn fetch_until(link: &str, status: StatusCode, patience: Duration) -> Result<Fetched> {
    let deadline = tokio::time::Instant::now() + patience;
    loop {
        let fetched = fetch(link).await?;
        if fetched.status == status {
            return Ok(fetched);
        }
        if tokio::time::Instant::now() > deadline {
            bail!("the link answers {} and not {status}", fetched.status);
        }
        tokio::time::sleep(POLL).await;
    }
}

impl Fetched {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// Under which name a browser saves it: `filename*` first, as RFC 6266 says.
    pub fn file_name(&self) -> Option<String> {
        let disposition = self.header("content-disposition")?;
        let parameter = |name: &str| {
            let parts = disposition.split(';').map(str::trim);
            parts
                .filter_map(|part| part.split_once('='))
                .find(|(key, _)| key.eq_ignore_ascii_case(name))
                .map(|(_, value)| value)
        };
        if let Some(extended) = parameter("filename*") {
            let encoded = extended.split_once("''")?.1;
            return Some(percent_decode_str(encoded).decode_utf8().ok()?.into_owned());
        }
        Some(parameter("filename")?.trim_matches('"').to_owned())
    }

    /// Whether a browser saves it instead of showing it.
    pub fn is_download(&self) -> bool {
        self.header("content-disposition").is_some_and(|value| value.starts_with("attachment"))
    }

    pub fn error_code(&self) -> Option<String> {
        let text = std::str::from_utf8(&self.body).ok()?;
        let rest = text.split_once("<Code>")?.1;
        Some(rest.split_once("</Code>")?.0.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with_disposition(value: &'static str) -> Fetched {
        let headers =
            [(http::header::CONTENT_DISPOSITION, http::HeaderValue::from_static(value))].into_iter().collect();
        Fetched { status: StatusCode::OK, headers, body: Bytes::new() }
    }

    #[test]
    fn the_extended_file_name_wins() {
        let fetched = with_disposition("attachment; filename=\"_.pdf\"; filename*=UTF-8''%C3%9Cbersicht%20%231.pdf");
        assert_eq!(fetched.file_name().as_deref(), Some("Übersicht #1.pdf"));
        assert_eq!(with_disposition("inline; filename=\"a.txt\"").file_name().as_deref(), Some("a.txt"));
    }
}
