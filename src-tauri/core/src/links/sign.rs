//! The signature: pre-signed GET of one key, with the store's time and the recipient's file name.
//!
//! Written here rather than asked of the SDK, which takes forty times as long; a test compares both, letter for letter. The
//! same recipe and the same keys give the same address, so none has to be kept.

use super::SignedUrl;
use crate::clock::to_system_time;
use crate::credentials::KeySnapshot;
use crate::error::{Code, Error, Operation, Result, s3};
use crate::storage::Storage;
use aws_sdk_s3::presigning::PresigningConfig;
use aws_sigv4::sign::v4::{calculate_signature, generate_signing_key};
use jiff::Timestamp;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use sha2::{Digest, Sha256};
use std::fmt::Write;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use zeroize::Zeroizing;

/// What a signature leaves as it is in a query (RFC 3986, unreserved).
const QUERY: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
/// And in a path.
pub(super) const PATH: &AsciiSet = &QUERY.remove(b'/');

/// Everything that a link says beside who signs it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recipe {
    /// The full name below the place of what the link opens.
    pub key_name: String,
    /// By the store's clock.
    pub signed_from: Timestamp,
    pub lasts: Duration,
    /// Sent along by the store in place of its own.
    pub disposition: Option<String>,
    pub content_type: Option<String>,
}

/// What signs: one account, one place, one day. Made once, used for thousands.
pub(crate) struct Signer {
    fingerprint: String,
    region: String,
    day: String,
    /// The address of the bucket up to the first letter of a key.
    base: String,
    host: String,
    /// The path of the bucket, up to the first letter of a key.
    path: String,
    credential: String,
    token: Option<Zeroizing<String>>,
    key: Zeroizing<Vec<u8>>,
}

/// The signer of a place that was used last.
#[derive(Default)]
pub(crate) struct LastSigner(Mutex<Option<Arc<Signer>>>);

impl LastSigner {
    /// The signer for these keys and this moment.
    ///
    /// # Errors
    /// What the SDK says when it can't say where the place is.
    pub(crate) async fn get(&self, storage: &Storage, keys: &KeySnapshot, at: Timestamp) -> Result<Arc<Signer>> {
        let (fingerprint, region, day) = (keys.fingerprint(), storage.region(), at.strftime("%Y%m%d").to_string());
        let last = self.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(last) = last
            && last.fingerprint == fingerprint
            && last.region == region
            && last.day == day
        {
            return Ok(last);
        }
        let signer = Arc::new(Signer::new(storage, keys, at, (fingerprint, region, day)).await?);
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(Arc::clone(&signer));
        Ok(signer)
    }
}

impl Signer {
    async fn new(
        storage: &Storage,
        keys: &KeySnapshot,
        at: Timestamp,
        (fingerprint, region, day): (String, String, String),
    ) -> Result<Self> {
        let base = base(storage, keys).await?;
        let no_address = || Error::new(Code::WrongAddress, Operation::Link);
        let after_scheme = base.find("://").map(|colon| colon + 3).ok_or_else(no_address)?;
        let (host, path) = base.get(after_scheme..).and_then(|rest| rest.split_once('/')).ok_or_else(no_address)?;
        let credentials = &keys.credentials;
        let key = generate_signing_key(credentials.secret_access_key(), to_system_time(at), &region, "s3");
        let scope = format!("{day}/{region}/s3/aws4_request");
        let credential = format!("{}/{scope}", credentials.access_key_id());
        Ok(Signer {
            host: host.to_owned(),
            path: format!("/{path}"),
            credential: utf8_percent_encode(&credential, QUERY).to_string(),
            token: credentials
                .session_token()
                .map(|token| Zeroizing::new(utf8_percent_encode(token, QUERY).to_string())),
            key: Zeroizing::new(key.as_ref().to_vec()),
            fingerprint,
            region,
            day,
            base,
        })
    }

    /// Tells the keys from others.
    pub(crate) fn fingerprint(&self) -> &str {
        &self.fingerprint
    }

    /// Signs without asking the network.
    pub(crate) fn sign(&self, key: &str, recipe: &Recipe) -> SignedUrl {
        let time = recipe.signed_from.strftime("%Y%m%dT%H%M%SZ").to_string();
        let key = utf8_percent_encode(key, PATH).to_string();
        let credential = format!(
            "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential={}&X-Amz-Date={time}&X-Amz-Expires={}",
            self.credential,
            recipe.lasts.as_secs()
        );
        // Signed in its place by name, and written at the end, as the SDK does.
        let token = self
            .token
            .as_ref()
            .map_or(Zeroizing::default(), |token| Zeroizing::new(format!("&X-Amz-Security-Token={}", &**token)));
        // In the order of their names, which is what is signed.
        let mut asking = String::new();
        if let Some(disposition) = &recipe.disposition {
            write(
                &mut asking,
                format_args!("response-content-disposition={}&", utf8_percent_encode(disposition, QUERY)),
            );
        }
        if let Some(content_type) = &recipe.content_type {
            write(&mut asking, format_args!("response-content-type={}&", utf8_percent_encode(content_type, QUERY)));
        }
        let request = Zeroizing::new(format!(
            "GET\n{}{key}\n{credential}{}&X-Amz-SignedHeaders=host&{asking}x-id=GetObject\nhost:{}\n\nhost\nUNSIGNED-PAYLOAD",
            self.path, &*token, self.host
        ));
        let mut to_sign = format!("AWS4-HMAC-SHA256\n{time}\n{}/{}/s3/aws4_request\n", self.day, self.region);
        for byte in Sha256::digest(request.as_bytes()) {
            write(&mut to_sign, format_args!("{byte:02x}"));
        }
        let signature = calculate_signature(&*self.key, to_sign.as_bytes());
        SignedUrl(format!(
            "{}{key}?x-id=GetObject&{asking}{credential}&X-Amz-SignedHeaders=host&X-Amz-Signature={signature}{}",
            self.base, &*token
        ))
    }
}

fn write(out: &mut String, text: std::fmt::Arguments<'_>) {
    let written = out.write_fmt(text);
    debug_assert!(written.is_ok(), "writing to a string");
}

/// Where the place's keys are, as the SDK sees it: its rules know every partition of AWS.
async fn base(storage: &Storage, keys: &KeySnapshot) -> Result<String> {
    const PROBE: &str = "satchel";
    let url = by_the_sdk(storage, keys, PROBE, &probe_recipe()).await?;
    let address = url.0.split('?').next().unwrap_or_default();
    let base = address.strip_suffix(PROBE).ok_or_else(|| Error::new(Code::WrongAddress, Operation::Link))?;
    Ok(base.to_owned())
}

fn probe_recipe() -> Recipe {
    Recipe {
        key_name: String::new(),
        signed_from: Timestamp::UNIX_EPOCH,
        lasts: Duration::from_secs(1),
        disposition: None,
        content_type: None,
    }
}

/// The same address, as the SDK signs it.
pub(super) async fn by_the_sdk(storage: &Storage, keys: &KeySnapshot, key: &str, recipe: &Recipe) -> Result<SignedUrl> {
    let config =
        PresigningConfig::builder().start_time(to_system_time(recipe.signed_from)).expires_in(recipe.lasts).build();
    let config = config.map_err(|cause| Error::new(Code::LinkEndRefused, Operation::Link).because(cause))?;
    let request = storage
        .client_signing_with(keys)
        .get_object()
        .bucket(storage.bucket())
        .key(key)
        .set_response_content_disposition(recipe.disposition.clone())
        .set_response_content_type(recipe.content_type.clone())
        .presigned(config)
        .await;
    match request {
        Ok(request) => Ok(SignedUrl(request.uri().to_owned())),
        Err(error) => Err(s3::from_sdk(error, Operation::Link)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::place::{KeySource, Place};
    use crate::secrets::AccessKey;
    use aws_credential_types::Credentials;

    const NAMES: &[&str] = &[
        "a.txt",
        "Angebote/Müller & Söhne (2).pdf",
        "a+b%c#d?e&f=g;h:i,j@k!l$m'n(o)p*q[r]s{t}u|v\\w^x`y~z\"<>",
        "日本 🙂/\u{301}.pdf",
        "new\nline",
        "x//y",
        "-._~",
    ];

    fn snapshot(token: Option<&str>) -> KeySnapshot {
        let token = token.map(str::to_owned);
        KeySnapshot {
            credentials: Credentials::new("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCY", token, None, "test"),
        }
    }

    #[tokio::test]
    async fn what_is_signed_here_is_what_the_sdk_signs_letter_for_letter() {
        let endpoints = [None, Some("http://127.0.0.1:9000"), Some("https://s3.example.com/base")];
        for (endpoint, bucket) in endpoints.into_iter().flat_map(|endpoint| [(endpoint, "acme"), (endpoint, "ac.me")]) {
            for region in ["us-east-1", "eu-central-1", "cn-north-1", "us-gov-west-1"] {
                for token in [None, Some("FwoGZXIvYXdzEJr//////////wEaDP+a/b=")] {
                    let place = Place::new("", bucket, "team/", KeySource::ThisSession).unwrap();
                    let place = place.with_endpoint(endpoint).unwrap().with_region(Some(region));
                    let storage = Storage::open_with(&place, &AccessKey::pasted("AKIDEXAMPLE", "x")).await.unwrap();
                    let keys = snapshot(token);
                    for (number, name) in NAMES.iter().enumerate() {
                        let recipe = Recipe {
                            key_name: (*name).to_owned(),
                            signed_from: "2026-11-24T09:08:07Z".parse().unwrap(),
                            lasts: Duration::from_secs(7 * 24 * 3600),
                            disposition: (number % 2 == 0)
                                .then(|| "attachment; filename=\"a b.pdf\"; filename*=UTF-8''%20".to_owned()),
                            content_type: (number % 3 == 0).then(|| "application/octet-stream".to_owned()),
                        };
                        let key = place.key(name);
                        let signer = LastSigner::default().get(&storage, &keys, recipe.signed_from).await.unwrap();
                        let theirs = by_the_sdk(&storage, &keys, &key, &recipe).await.unwrap();
                        assert_eq!(
                            signer.sign(&key, &recipe).reveal(),
                            theirs.reveal(),
                            "{endpoint:?} {bucket} {region}"
                        );
                    }
                }
            }
        }
    }
}
