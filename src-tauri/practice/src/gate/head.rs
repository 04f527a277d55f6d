//! A request's head, taken apart once: exact bucket and key, decoded query, headers.

use hyper::http::request::Parts;
use hyper::{HeaderMap, Method};

use crate::gate::refusal::Refusal;

#[derive(Debug)]
pub struct Head {
    pub method: Method,
    /// The path with its escapes resolved and nothing else changed.
    pub path: String,
    pub bucket: String,
    pub key: String,
    /// Decoded pairs in the order of the request.
    pub queries: Vec<(String, String)>,
    pub headers: HeaderMap,
}

impl Head {
    pub fn read(parts: &Parts) -> Result<Self, Refusal> {
        let path = urlencoding::decode(parts.uri.path())
            .map_err(|_| Refusal::new(400, "InvalidURI", "Couldn't parse the specified URI."))?
            .into_owned();
        let inner = path.strip_prefix('/').unwrap_or(&path);
        let (bucket, key) = inner.split_once('/').unwrap_or((inner, ""));
        let (bucket, key) = (bucket.to_owned(), key.to_owned());
        let mut queries = Vec::new();
        for pair in parts.uri.query().unwrap_or_default().split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            queries.push((decode_query(name)?, decode_query(value)?));
        }
        Ok(Self { method: parts.method.clone(), path, bucket, key, queries, headers: parts.headers.clone() })
    }

    pub fn query(&self, name: &str) -> Option<&str> {
        self.queries.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str())
    }

    pub fn has_query(&self, name: &str) -> bool {
        self.query(name).is_some()
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    pub fn is_form(&self) -> bool {
        self.header("content-type")
            .is_some_and(|kind| kind.trim_start().to_ascii_lowercase().starts_with("multipart/form-data"))
    }

    pub fn part_number(&self) -> Option<u32> {
        self.query("partNumber").and_then(|number| number.parse().ok())
    }
}

fn decode_query(text: &str) -> Result<String, Refusal> {
    let spaced = text.replace('+', " ");
    urlencoding::decode(&spaced)
        .map(|decoded| decoded.into_owned())
        .map_err(|_| Refusal::new(400, "InvalidURI", "Couldn't parse the specified URI."))
}
