//! A place: account, bucket and folder, and how to get there. Nothing in it is secret.

pub mod check;
pub mod policy;
pub mod setup_file;
pub mod store;

use crate::error::{Code, Error, Operation, Result};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// Names one place on this computer. Never changes, even if the place is renamed.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub struct PlaceId(Arc<str>);

impl PlaceId {
    /// The practice place has the same id on every computer.
    pub const PRACTICE: &'static str = "practice";

    pub fn new() -> Self {
        PlaceId(uuid::Uuid::new_v4().to_string().into())
    }

    pub fn from_text(text: impl Into<String>) -> Self {
        PlaceId(text.into().into())
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Under which the link key of this place is kept.
    pub(crate) fn of_link_key(&self) -> Self {
        PlaceId(format!("{}.links", self.0).into())
    }
}

impl From<String> for PlaceId {
    fn from(text: String) -> Self {
        PlaceId(text.into())
    }
}

impl From<PlaceId> for String {
    fn from(id: PlaceId) -> Self {
        id.as_str().to_owned()
    }
}

impl Default for PlaceId {
    fn default() -> Self {
        PlaceId::new()
    }
}

impl fmt::Display for PlaceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Where the keys of a place come from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "camelCase")]
pub enum KeySource {
    /// An access key in this computer's password store.
    PasswordStore,
    /// An access key for as long as this process lives.
    ThisSession,
    /// What the AWS tools of this computer use: environment, profile, SSO, process, container, instance.
    Chain { profile: Option<String> },
    /// The practice place's own key, handed over by its server.
    Practice,
}

/// Account, bucket and folder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Place {
    pub id: PlaceId,
    pub name: String,
    #[serde(default)]
    pub organisation: Option<String>,
    pub bucket: String,
    /// Empty, or ends with `/`.
    #[serde(default)]
    pub prefix: String,
    #[serde(default)]
    pub region: Option<String>,
    /// `None` is AWS.
    #[serde(default)]
    pub endpoint: Option<String>,
    /// Force the bucket into the path. Otherwise chosen: for IP addresses and localhost.
    #[serde(default)]
    pub path_style: bool,
    pub keys: KeySource,
    /// Where private copies live, below the prefix; ends with `/`.
    #[serde(default = "default_share_folder")]
    pub share_folder: String,
    /// How long a link works when nobody chose.
    #[serde(default = "default_link_seconds")]
    pub link_seconds: u64,
    /// The longest link that IT allows here.
    #[serde(default)]
    pub longest_link_seconds: Option<u64>,
    /// Links to private copies are signed with a second key, which may only read the share folder. It is in the password
    /// store too, and does not end with anybody's sign-in.
    #[serde(default)]
    pub link_key: bool,
    /// No link that can't be stopped.
    #[serde(default)]
    pub links_must_be_stoppable: bool,
    /// No link that can't be written into the share folder's log.
    #[serde(default)]
    pub links_must_be_recorded: bool,
}

fn default_share_folder() -> String {
    ".s/".to_owned()
}

fn default_link_seconds() -> u64 {
    3 * 24 * 3600
}

impl Place {
    /// A place with defaults for everything that only some need.
    ///
    /// # Errors
    /// `PlaceNotFound` when the bucket's name can't be one; `NotPrivate` when the address is not private.
    pub fn new(name: &str, bucket: &str, prefix: &str, keys: KeySource) -> Result<Self> {
        let bucket = bucket.trim();
        let place = Place {
            id: PlaceId::new(),
            name: if name.trim().is_empty() { bucket.to_owned() } else { name.trim().to_owned() },
            organisation: None,
            bucket: bucket.to_owned(),
            prefix: normal_prefix(prefix),
            region: None,
            endpoint: None,
            path_style: false,
            keys,
            share_folder: default_share_folder(),
            link_seconds: default_link_seconds(),
            longest_link_seconds: None,
            link_key: false,
            links_must_be_stoppable: false,
            links_must_be_recorded: false,
        };
        if bucket_name_is_possible(&place.bucket) {
            Ok(place)
        } else {
            Err(Error::new(Code::PlaceNotFound, Operation::Connect).with("place", bucket))
        }
    }

    /// The same description is the same place in every call, so that an interrupted transfer is found again.
    #[must_use]
    pub fn of_one_call(mut self) -> Self {
        let address = self.endpoint.as_deref().unwrap_or_default();
        self.id = PlaceId::from_text(format!("call:{address}/{}/{}", self.bucket, self.prefix));
        self
    }

    /// Whether the place was described for one call, and is saved nowhere.
    pub fn is_of_one_call(&self) -> bool {
        self.id.0.starts_with("call:")
    }

    /// Sets the storage address.
    ///
    /// # Errors
    /// `NotPrivate` for plain http to anything but this computer, or an address with a name and password in it.
    pub fn with_endpoint(mut self, endpoint: Option<&str>) -> Result<Self> {
        self.endpoint = endpoint.map(str::trim).filter(|text| !text.is_empty()).map(normal_endpoint).transpose()?;
        Ok(self)
    }

    #[must_use]
    pub fn with_region(mut self, region: Option<&str>) -> Self {
        self.region = region.map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned);
        self
    }

    pub fn is_practice(&self) -> bool {
        self.keys == KeySource::Practice
    }

    /// How long a link works when nobody chose.
    pub fn link_time(&self) -> Duration {
        Duration::from_secs(self.link_seconds)
    }

    /// The key of a name below the place.
    pub fn key(&self, name: &str) -> String {
        format!("{}{name}", self.prefix)
    }

    /// The name below the place of a key. `None` for keys outside.
    pub fn name_of<'k>(&self, key: &'k str) -> Option<&'k str> {
        key.strip_prefix(self.prefix.as_str())
    }

    /// Whether a name below the place is in the share folder, which never shows among the files.
    pub fn is_in_share_folder(&self, name: &str) -> bool {
        name.starts_with(self.share_folder.as_str())
    }
}

/// Empty, or without a slash at the start and with one at the end.
pub fn normal_prefix(folder: &str) -> String {
    let folder = folder.trim_start_matches('/');
    if folder.is_empty() || folder.ends_with('/') { folder.to_owned() } else { format!("{folder}/") }
}

fn bucket_name_is_possible(bucket: &str) -> bool {
    (1..=255).contains(&bucket.len())
        && bucket.chars().all(|letter| letter.is_ascii_alphanumeric() || matches!(letter, '.' | '-' | '_'))
}

/// Adds the scheme that people leave out, and refuses what is not private.
fn normal_endpoint(text: &str) -> Result<String> {
    let refused = || Error::new(Code::NotPrivate, Operation::Connect).with("host", text);
    let with_scheme = if text.contains("://") { text.to_owned() } else { format!("https://{text}") };
    let uri: http::Uri = with_scheme.trim_end_matches('/').parse().map_err(|cause: http::uri::InvalidUri| {
        Error::new(Code::Unreachable, Operation::Connect).with("host", text).because(cause)
    })?;
    let authority = uri.authority().ok_or_else(refused)?;
    if authority.as_str().contains('@') {
        return Err(refused());
    }
    match uri.scheme_str() {
        Some("https") => {}
        Some("http") if is_loopback(authority.host()) => {}
        _ => return Err(refused()),
    }
    Ok(with_scheme.trim_end_matches('/').to_owned())
}

/// Whether a host is this computer.
pub(crate) fn is_loopback(host: &str) -> bool {
    host == "localhost" || host.ends_with(".localhost") || ip(host).is_some_and(|address| address.is_loopback())
}

/// Whether a host takes the bucket in the path: IP addresses and localhost have no names below them.
pub(crate) fn needs_path_style(host: &str) -> bool {
    host == "localhost" || ip(host).is_some()
}

fn ip(host: &str) -> Option<std::net::IpAddr> {
    host.trim_start_matches('[').trim_end_matches(']').parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_http_is_only_for_this_computer() {
        let place = || Place::new("", "acme", "", KeySource::PasswordStore).unwrap();
        assert!(place().with_endpoint(Some("http://127.0.0.1:9000/")).is_ok());
        assert!(place().with_endpoint(Some("http://localhost:9000")).is_ok());
        assert_eq!(
            place().with_endpoint(Some("s3.example.com")).unwrap().endpoint.as_deref(),
            Some("https://s3.example.com")
        );
        for address in ["http://s3.example.com", "http://169.254.169.254", "ftp://x", "https://me:pw@example.com"] {
            assert_eq!(place().with_endpoint(Some(address)).unwrap_err().code(), Code::NotPrivate, "{address}");
        }
    }

    #[test]
    fn a_folder_is_written_with_one_slash_at_its_end() {
        assert_eq!(normal_prefix("/a/b"), "a/b/");
        assert_eq!(normal_prefix(""), "");
        assert_eq!(normal_prefix("a/"), "a/");
    }

    #[test]
    fn addresses_without_names_below_them_take_the_path() {
        assert!(needs_path_style("127.0.0.1"));
        assert!(needs_path_style("[::1]"));
        assert!(needs_path_style("localhost"));
        assert!(!needs_path_style("s3.eu-central-1.amazonaws.com"));
    }
}
