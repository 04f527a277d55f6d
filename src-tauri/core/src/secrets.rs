//! Secrets: the type that does not print, and where they are kept.
//!
//! The only lasting room is this computer's password store. There is no file.

mod keychain;
mod memory;

use crate::error::Result;
use crate::place::PlaceId;
use serde::{Deserialize, Serialize};
use std::fmt;
use zeroize::{Zeroize, ZeroizeOnDrop};

pub use keychain::PasswordStore;
pub use memory::SessionStore;

/// Text that is never printed and is wiped when it goes.
#[derive(Clone, Default, PartialEq, Eq, Zeroize, ZeroizeOnDrop, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Secret(String);

impl Secret {
    pub fn new(text: impl Into<String>) -> Self {
        Secret(text.into())
    }

    /// The one way out.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("<secret>")
    }
}

/// An access key as it is kept: id, secret and, rarely, a session token.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AccessKey {
    pub key_id: String,
    pub secret: Secret,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session_token: Option<Secret>,
}

impl AccessKey {
    /// From what people paste: white space around it is not part of it.
    pub fn pasted(key_id: &str, secret: &str) -> Self {
        AccessKey { key_id: key_id.trim().to_owned(), secret: Secret::new(secret.trim()), session_token: None }
    }
}

/// A room for access keys. Blocking: call it on a thread that may wait.
pub trait KeyStore: Send + Sync + 'static {
    /// # Errors
    /// `PasswordStoreLocked`, `PasswordStoreMissing`, or `NoKeys` when there is none for the place.
    fn read(&self, place: &PlaceId) -> Result<AccessKey>;

    /// # Errors
    /// `PasswordStoreLocked` or `PasswordStoreMissing`.
    fn write(&self, place: &PlaceId, label: &str, key: &AccessKey) -> Result<()>;

    /// Removes the key of a place. Fine if there is none.
    ///
    /// # Errors
    /// `PasswordStoreLocked` or `PasswordStoreMissing`.
    fn remove(&self, place: &PlaceId) -> Result<()>;
}
