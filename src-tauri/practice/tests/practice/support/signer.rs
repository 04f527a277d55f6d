//! Version 4 signatures written down a second time, so that tests can sign what no SDK would send.

use hmac::{Hmac, KeyInit, Mac};
use satchel_practice::{Identity, Practice};
use sha2::{Digest, Sha256};
use time::OffsetDateTime;
use time::macros::format_description;

use super::raw::{Answer, send};

pub struct Signer {
    pub identity: Identity,
    pub region: String,
    pub host: String,
    pub port: u16,
    pub date: OffsetDateTime,
}

pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn keyed(key: &[u8], text: &str) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).unwrap();
    mac.update(text.as_bytes());
    mac.finalize().into_bytes().to_vec()
}

pub fn encode(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => char::from(byte).to_string(),
            other => format!("%{other:02X}"),
        })
        .collect()
}

pub fn encode_path(path: &str) -> String {
    path.split('/').map(encode).collect::<Vec<_>>().join("/")
}

impl Signer {
    pub fn of(practice: &Practice) -> Self {
        Self {
            identity: practice.identity(),
            region: practice.region().to_owned(),
            host: format!("127.0.0.1:{}", practice.port()),
            port: practice.port(),
            date: OffsetDateTime::now_utc(),
        }
    }

    pub fn day(&self) -> String {
        self.date.format(format_description!("[year][month][day]")).unwrap()
    }

    pub fn time(&self) -> String {
        self.date.format(format_description!("[year][month][day]T[hour][minute][second]Z")).unwrap()
    }

    pub fn scope(&self) -> String {
        format!("{}/{}/s3/aws4_request", self.day(), self.region)
    }

    pub fn credential(&self) -> String {
        format!("{}/{}", self.identity.access_key_id, self.scope())
    }

    pub fn signature(&self, text: &str) -> String {
        let day = keyed(format!("AWS4{}", self.identity.secret_access_key).as_bytes(), &self.day());
        let region = keyed(&day, &self.region);
        let service = keyed(&region, "s3");
        let key = keyed(&service, "aws4_request");
        hex(&keyed(&key, text))
    }

    fn sign_canonical(&self, canonical: &str) -> String {
        let digest = hex(&Sha256::digest(canonical.as_bytes()));
        self.signature(&format!("AWS4-HMAC-SHA256\n{}\n{}\n{digest}", self.time(), self.scope()))
    }

    fn query(pairs: &[(&str, &str)]) -> String {
        let mut encoded: Vec<String> =
            pairs.iter().map(|(name, value)| format!("{}={}", encode(name), encode(value))).collect();
        encoded.sort();
        encoded.join("&")
    }

    /// Header signature over the payload's name or digest; returns all headers to send.
    pub fn headers(
        &self,
        method: &str,
        path: &str,
        pairs: &[(&str, &str)],
        extra: &[(&str, &str)],
        payload: &str,
    ) -> Vec<(String, String)> {
        let mut headers: Vec<(String, String)> =
            extra.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        headers.push(("host".to_owned(), self.host.clone()));
        headers.push(("x-amz-date".to_owned(), self.time()));
        headers.push(("x-amz-content-sha256".to_owned(), payload.to_owned()));
        if let Some(token) = &self.identity.session_token {
            headers.push(("x-amz-security-token".to_owned(), token.clone()));
        }
        headers.sort();
        let names = headers.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>().join(";");
        let listed: String = headers.iter().map(|(name, value)| format!("{name}:{value}\n")).collect();
        let canonical =
            format!("{method}\n{}\n{}\n{listed}\n{names}\n{payload}", encode_path(path), Self::query(pairs));
        let signature = self.sign_canonical(&canonical);
        let authorization =
            format!("AWS4-HMAC-SHA256 Credential={}, SignedHeaders={names}, Signature={signature}", self.credential());
        headers.push(("authorization".to_owned(), authorization));
        headers
    }

    pub async fn send(
        &self,
        method: &str,
        path: &str,
        pairs: &[(&str, &str)],
        extra: &[(&str, &str)],
        body: &[u8],
    ) -> Answer {
        let digest = hex(&Sha256::digest(body));
        let headers = self.headers(method, path, pairs, extra, &digest);
        send(self.port, method, &self.target(path, pairs), &headers, body).await.expect("an answer")
    }

    pub fn target(&self, path: &str, pairs: &[(&str, &str)]) -> String {
        let query = Self::query(pairs);
        let mark = if query.is_empty() { "" } else { "?" };
        format!("{}{mark}{query}", encode_path(path))
    }

    /// A pre-signed target, path and query.
    pub fn presigned(&self, method: &str, path: &str, seconds: i64, more: &[(&str, &str)]) -> String {
        let (credential, time, seconds) = (self.credential(), self.time(), seconds.to_string());
        let mut pairs = vec![
            ("X-Amz-Algorithm", "AWS4-HMAC-SHA256"),
            ("X-Amz-Credential", credential.as_str()),
            ("X-Amz-Date", time.as_str()),
            ("X-Amz-Expires", seconds.as_str()),
            ("X-Amz-SignedHeaders", "host"),
        ];
        if let Some(token) = &self.identity.session_token {
            pairs.push(("X-Amz-Security-Token", token));
        }
        pairs.extend_from_slice(more);
        let query = Self::query(&pairs);
        let canonical =
            format!("{method}\n{}\n{query}\nhost:{}\n\nhost\nUNSIGNED-PAYLOAD", encode_path(path), self.host);
        format!("{}?{query}&X-Amz-Signature={}", encode_path(path), self.sign_canonical(&canonical))
    }

    pub async fn fetch(&self, method: &str, target: &str) -> Answer {
        send(self.port, method, target, &[], b"").await.expect("an answer")
    }
}
