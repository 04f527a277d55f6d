//! A setup file: what IT writes down so that staff need not know it. Where a place is, how to sign in, what is allowed.
//!
//! It never holds a secret, runs nothing and changes nothing until a person has seen what is in it. Whoever gets a hostile one
//! sees its address and says no.

use super::{KeySource, Place};
use crate::error::{Code, Error, Operation, Result};
use aws_lc_rs::signature::{ED25519, UnparsedPublicKey};
use data_encoding::{BASE64, HEXLOWER};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};
use std::time::Duration;

/// The version that is written and read here.
pub const VERSION: u32 = 1;
/// More is no setup file.
pub const LONGEST_BYTES: usize = 64 * 1024;
/// The longest that S3 lets a link live.
const SEVEN_DAYS: Duration = Duration::from_secs(7 * 24 * 3600);
/// Words that only the name of a secret has. A file with one was not meant for staff.
const SECRETS: [&str; 6] = ["secret", "password", "sessiontoken", "privatekey", "credential", "accesskeyid"];

/// What a setup file says. `docs/setup-file.schema.json` describes it for other programs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SetupFile {
    /// The version of this form.
    pub satchel: u32,
    /// What the place is called in the app.
    pub name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub organisation: Option<String>,
    pub storage: StorageAddress,
    pub sign_in: SignIn,
    #[serde(default)]
    pub links: LinkRules,
    /// What staff may do; without it everything that the account may.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub allow: Option<Vec<Deed>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub support: Option<Support>,
    /// The language of the app, `de` for example; without it the computer's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// Fields that staff can't change, by their path: `links.longest`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub locked: Vec<String>,
}

/// Where the files are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct StorageAddress {
    pub bucket: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub folder: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// Without it AWS.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub path_style: bool,
}

/// How staff sign in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "camelCase", rename_all_fields = "camelCase", deny_unknown_fields)]
pub enum SignIn {
    /// They paste the access key that they got from IT by another way.
    AccessKey,
    /// A profile of the AWS tools on their computer.
    Profile { profile: String },
}

/// The rules for links.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct LinkRules {
    /// How long a link works when nobody chose: `3d`, `12h`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default_end: Option<String>,
    /// The longest link: `7d`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub longest: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub share_folder: Option<String>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub must_be_stoppable: bool,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub must_be_recorded: bool,
    #[serde(default, skip_serializing_if = "is_everywhere")]
    pub open_from: OpenFrom,
}

/// Where the company's rules let links be opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(rename_all = "camelCase")]
pub enum OpenFrom {
    #[default]
    Everywhere,
    CompanyNetwork,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes it so")]
fn is_everywhere(open_from: &OpenFrom) -> bool {
    *open_from == OpenFrom::Everywhere
}

/// What staff may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Deed {
    See,
    Download,
    Upload,
    Delete,
    Share,
}

/// Whom staff ask.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Support {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
}

/// Who signed a setup file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Signed {
    No,
    /// By the key with this fingerprint, which is to be shown and remembered on first use.
    By {
        fingerprint: String,
    },
}

/// A setup file that was read, and who signed it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Read {
    pub setup: SetupFile,
    pub signed: Signed,
}

impl SetupFile {
    /// Reads and checks a setup file. Nothing is done with it.
    ///
    /// # Errors
    /// `SetupRefused` with the reason: no setup file, a newer version, a field that can't be, a secret in it, a signature that
    /// doesn't fit.
    pub fn read(bytes: &[u8]) -> Result<Read> {
        if bytes.len() > LONGEST_BYTES {
            return Err(refused("it is too long"));
        }
        let value: Value =
            serde_json::from_slice(bytes).map_err(|cause| refused("it is no setup file").because(cause))?;
        let Value::Object(mut fields) = value else { return Err(refused("it is no setup file")) };
        match fields.get("satchel").and_then(Value::as_u64) {
            Some(version) if version == u64::from(VERSION) => {}
            Some(version) if version > u64::from(VERSION) => return Err(refused("it is for a newer Satchel")),
            _ => return Err(refused("it is no setup file")),
        }
        if let Some(name) = secret_in(&fields) {
            return Err(refused("it holds a secret, which belongs in no file").with("field", name));
        }
        let signature = fields.remove("signature");
        let signed = match signature {
            Some(signature) => Signed::By { fingerprint: verify(&fields, &signature)? },
            None => Signed::No,
        };
        let setup: SetupFile = serde_json::from_value(Value::Object(fields))
            .map_err(|cause| refused("one of its fields can’t be understood").because(cause))?;
        // What it describes has to be a place.
        setup.place()?;
        Ok(Read { setup, signed })
    }

    /// The place that it describes, new on this computer.
    ///
    /// # Errors
    /// `SetupRefused` when it can't be one: the address is not private, the bucket's name is none, an end is none.
    pub fn place(&self) -> Result<Place> {
        let keys = match &self.sign_in {
            SignIn::AccessKey => KeySource::PasswordStore,
            SignIn::Profile { profile } => KeySource::Chain { profile: Some(profile.clone()) },
        };
        if self.name.trim().is_empty() || self.name.chars().any(char::is_control) {
            return Err(refused("it has no name"));
        }
        let place = Place::new(&self.name, &self.storage.bucket, &self.storage.folder, keys)
            .map_err(|cause| refused("the name of its storage can’t be one").because(cause))?
            .with_endpoint(self.storage.address.as_deref())
            .map_err(|cause| refused("its storage address is not private").because(cause))?
            .with_region(self.storage.region.as_deref());
        let links = &self.links;
        let longest = links.longest.as_deref().map(lasts).transpose()?;
        let by_default = links.default_end.as_deref().map(lasts).transpose()?;
        let share_folder = match &links.share_folder {
            Some(folder) => share_folder(folder)?,
            None => place.share_folder.clone(),
        };
        Ok(Place {
            organisation: self.organisation.clone(),
            path_style: self.storage.path_style,
            link_seconds: by_default.map_or(place.link_seconds, |lasts| lasts.as_secs()),
            longest_link_seconds: longest.map(|lasts| lasts.as_secs()),
            share_folder,
            links_must_be_stoppable: links.must_be_stoppable,
            links_must_be_recorded: links.must_be_recorded,
            ..place
        })
    }

    /// As it is written into a file.
    pub fn to_json(&self) -> String {
        serde_json::to_string_pretty(self).unwrap_or_default()
    }
}

fn refused(why: &str) -> Error {
    Error::new(Code::SetupRefused, Operation::Connect).with("why", why)
}

fn lasts(text: &str) -> Result<Duration> {
    let no_end = || refused("one of its ends is none");
    let (number, unit) = text.split_at_checked(text.len().saturating_sub(1)).ok_or_else(no_end)?;
    let seconds = match unit {
        "m" => 60,
        "h" => 3600,
        "d" => 24 * 3600,
        _ => return Err(no_end()),
    };
    let lasts = number.parse::<u64>().ok().and_then(|number| number.checked_mul(seconds)).map(Duration::from_secs);
    lasts.filter(|lasts| !lasts.is_zero() && *lasts <= SEVEN_DAYS).ok_or_else(no_end)
}

fn share_folder(folder: &str) -> Result<String> {
    let folder = super::normal_prefix(folder);
    if folder.is_empty() || crate::names::has_dot_segments(folder.trim_end_matches('/')) || folder.contains('\0') {
        return Err(refused("its share folder can’t be one"));
    }
    Ok(folder)
}

/// The first field that is called like a secret, wherever it is.
fn secret_in(fields: &Map<String, Value>) -> Option<String> {
    fields.iter().find_map(|(name, value)| {
        let plain: String = name.to_lowercase().chars().filter(|letter| letter.is_alphanumeric()).collect();
        if SECRETS.iter().any(|word| plain.contains(word)) {
            return Some(name.clone());
        }
        match value {
            Value::Object(inner) => secret_in(inner),
            Value::Array(values) => values.iter().filter_map(Value::as_object).find_map(secret_in),
            _ => None,
        }
    })
}

/// Checks the signature over everything but itself, as canonical JSON (RFC 8785 for what a setup file can hold: names in
/// order, no spaces). Says the fingerprint of the key.
fn verify(fields: &Map<String, Value>, signature: &Value) -> Result<String> {
    let doubtful = || refused("its signature doesn’t fit");
    let part = |name: &str| {
        let text = signature.get(name).and_then(Value::as_str).ok_or_else(doubtful)?;
        BASE64.decode(text.as_bytes()).map_err(|_| doubtful())
    };
    let (key, value) = (part("key")?, part("value")?);
    UnparsedPublicKey::new(&ED25519, &key).verify(canonical(fields).as_bytes(), &value).map_err(|_| doubtful())?;
    Ok(fingerprint(&key))
}

/// What is signed.
pub fn canonical(fields: &Map<String, Value>) -> String {
    // serde_json keeps maps in the order of their names, and writes no space.
    Value::Object(fields.clone()).to_string()
}

/// How a key is shown to people: 16 letters in fours.
pub fn fingerprint(key: &[u8]) -> String {
    let text = HEXLOWER.encode(Sha256::digest(key).get(..8).unwrap_or_default());
    text.as_bytes().chunks(4).map(String::from_utf8_lossy).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};

    const MARKETING: &str = r#"{
        "satchel": 1, "name": "Marketing", "organisation": "Acme GmbH",
        "storage": { "bucket": "acme-files", "folder": "marketing", "region": "eu-central-1" },
        "signIn": { "kind": "accessKey" },
        "links": { "defaultEnd": "1d", "longest": "5d", "mustBeRecorded": true },
        "support": { "email": "it@acme.com" }
    }"#;

    fn read(text: &str) -> Result<Read> {
        SetupFile::read(text.as_bytes())
    }

    fn why(text: &str) -> String {
        let error = read(text).unwrap_err();
        assert_eq!(error.code(), Code::SetupRefused);
        error.values().get("why").cloned().unwrap()
    }

    fn with(field: &str, value: Value) -> String {
        let mut file: Value = serde_json::from_str(MARKETING).unwrap();
        let mut at = &mut file;
        for part in field.split('.') {
            at = at.as_object_mut().unwrap().entry(part).or_insert(Value::Null);
        }
        *at = value;
        file.to_string()
    }

    #[test]
    fn a_setup_file_describes_a_place_and_comes_back_as_it_was() {
        let Read { setup, signed } = read(MARKETING).unwrap();
        let place = setup.place().unwrap();
        assert_eq!((place.bucket.as_str(), place.prefix.as_str()), ("acme-files", "marketing/"));
        assert_eq!((place.link_seconds, place.longest_link_seconds), (24 * 3600, Some(5 * 24 * 3600)));
        assert!(place.links_must_be_recorded && !place.links_must_be_stoppable);
        assert_eq!(signed, Signed::No);
        assert_eq!(read(&setup.to_json()).unwrap().setup, setup);
    }

    #[test]
    fn what_can_not_be_a_place_is_refused_with_the_reason() {
        assert_eq!(why("[]"), "it is no setup file");
        assert_eq!(why(r#"{"satchel": 0}"#), "it is no setup file");
        assert_eq!(why(&with("satchel", 2.into())), "it is for a newer Satchel");
        assert_eq!(why(&with("storage.address", "http://s3.example.com".into())), "its storage address is not private");
        assert_eq!(
            why(&with("storage.address", "https://me:pw@example.com".into())),
            "its storage address is not private"
        );
        assert_eq!(why(&with("storage.bucket", "a b".into())), "the name of its storage can’t be one");
        assert_eq!(why(&with("links.longest", "8d".into())), "one of its ends is none");
        assert_eq!(why(&with("links.shareFolder", "../x".into())), "its share folder can’t be one");
        assert_eq!(why(&with("links.run", "x".into())), "one of its fields can’t be understood");
        assert_eq!(why(&with("name", " ".into())), "it has no name");
        assert_eq!(why(&format!("{{{}}}", " ".repeat(LONGEST_BYTES))), "it is too long");
    }

    #[test]
    fn a_file_with_a_secret_in_it_is_refused_wherever_it_is() {
        for field in ["secretAccessKey", "storage.secret", "signIn.password", "links.session_token"] {
            assert_eq!(why(&with(field, "x".into())), "it holds a secret, which belongs in no file", "{field}");
        }
    }

    #[test]
    fn a_signature_that_fits_tells_whose_it_is_and_one_that_does_not_is_refused() {
        let pair = Ed25519KeyPair::generate().unwrap();
        let Value::Object(mut fields) = serde_json::from_str(MARKETING).unwrap() else { panic!() };
        let signature = pair.sign(canonical(&fields).as_bytes());
        let signed = serde_json::json!({
            "key": BASE64.encode(pair.public_key().as_ref()), "value": BASE64.encode(signature.as_ref()),
        });
        fields.insert("signature".to_owned(), signed);
        let read_signed = read(&Value::Object(fields.clone()).to_string()).unwrap();
        assert_eq!(read_signed.signed, Signed::By { fingerprint: fingerprint(pair.public_key().as_ref()) });
        fields.insert("name".to_owned(), "Accounts".into());
        assert_eq!(why(&Value::Object(fields).to_string()), "its signature doesn’t fit");
    }
}
