//! The canonical form of a request and the signature over it, as the Version 4 process lays down for S3.

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};

use crate::gate::head::Head;
use crate::signature::scope::Scope;

pub fn canonical_request(head: &Head, signed_headers: &str, payload: &str, in_query: bool) -> String {
    let path: Vec<_> = head.path.split('/').map(urlencoding::encode).collect();
    let mut queries: Vec<(String, String)> = head
        .queries
        .iter()
        .filter(|(name, _)| !(in_query && name == "X-Amz-Signature"))
        .map(|(name, value)| (urlencoding::encode(name).into_owned(), urlencoding::encode(value).into_owned()))
        .collect();
    queries.sort();
    let query: Vec<String> = queries.into_iter().map(|(name, value)| format!("{name}={value}")).collect();
    let mut names: Vec<String> = signed_headers.split(';').map(str::to_ascii_lowercase).collect();
    names.sort();
    let mut headers = String::new();
    for name in &names {
        headers.push_str(name);
        headers.push(':');
        headers.push_str(&header_value(head, name));
        headers.push('\n');
    }
    let path = path.join("/");
    format!("{}\n{path}\n{}\n{headers}\n{}\n{payload}", head.method, query.join("&"), names.join(";"))
}

fn header_value(head: &Head, name: &str) -> String {
    let values: Vec<String> = head
        .headers
        .get_all(name)
        .iter()
        .map(|value| {
            let text = String::from_utf8_lossy(value.as_bytes());
            text.split(' ').filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
        })
        .collect();
    values.join(",")
}

pub fn string_to_sign(date: &str, scope: &Scope<'_>, canonical_request: &str) -> String {
    let digest = hex(&Sha256::digest(canonical_request.as_bytes()));
    let Scope { day, region, service, .. } = scope;
    format!("AWS4-HMAC-SHA256\n{date}\n{day}/{region}/{service}/aws4_request\n{digest}")
}

pub fn signature_of(secret: &str, scope: &Scope<'_>, text: &str) -> String {
    let day = keyed(format!("AWS4{secret}").as_bytes(), scope.day.as_bytes());
    let region = keyed(&day, scope.region.as_bytes());
    let service = keyed(&region, scope.service.as_bytes());
    let key = keyed(&service, b"aws4_request");
    hex(&keyed(&key, text.as_bytes()))
}

fn keyed(key: &[u8], text: &[u8]) -> Vec<u8> {
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key) else {
        // HMAC takes keys of every length; an empty signature would match nothing anyway.
        return Vec::new();
    };
    mac.update(text);
    mac.finalize().into_bytes().to_vec()
}

pub fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        for half in [byte >> 4, byte & 15] {
            text.push(DIGITS.get(usize::from(half)).copied().map_or('0', char::from));
        }
    }
    text
}
