//! This computer's password store: Secret Service, Keychain or Credential Manager, through the `keyring` crates.
//!
//! `keyring`'s own entry caches a failed start for ever, so that unlocking could not help. The store is therefore
//! opened here, kept while it works and opened afresh after trouble. There is no fallback to a file.

use super::{AccessKey, KeyStore};
use crate::error::{Code, Error, Operation, Result};
use crate::place::PlaceId;
use keyring::Error as KeyringError;
use keyring_core::{CredentialStore, Entry};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use zeroize::Zeroize;

const SERVICE: &str = "Satchel";

/// The password store of this computer. Opened when first needed (100 to 240 ms), then kept.
#[derive(Default)]
pub struct PasswordStore {
    opened: Mutex<Option<Arc<CredentialStore>>>,
}

impl PasswordStore {
    fn entry(&self, place: &PlaceId, label: Option<&str>) -> Result<Entry> {
        let mut opened = self.opened.lock().unwrap_or_else(PoisonError::into_inner);
        let store = match opened.as_ref() {
            Some(store) => Arc::clone(store),
            None => {
                let store = open().map_err(|cause| trouble(cause, Code::PasswordStoreMissing))?;
                *opened = Some(Arc::clone(&store));
                store
            }
        };
        let label = label.map(|label| format!("Satchel: {label}"));
        let modifiers =
            label.as_deref().filter(|_| cfg!(target_os = "linux")).map(|label| HashMap::from([("label", label)]));
        store
            .build(SERVICE, place.as_str(), modifiers.as_ref())
            .map_err(|cause| trouble(cause, Code::PasswordStoreMissing))
    }

    /// After trouble the next call opens the store afresh.
    fn forget_on_trouble<T>(&self, result: Result<T>) -> Result<T> {
        if let Err(error) = &result
            && error.code() != Code::NoKeys
        {
            *self.opened.lock().unwrap_or_else(PoisonError::into_inner) = None;
        }
        result
    }
}

impl Drop for PasswordStore {
    /// Closing the store blocks, and blocking panics inside async code: it gets a thread of its own.
    fn drop(&mut self) {
        let Some(store) = self.opened.lock().unwrap_or_else(PoisonError::into_inner).take() else { return };
        let closing = std::thread::Builder::new().name("password-store".to_owned()).spawn(move || drop(store));
        if let Ok(closing) = closing
            && closing.join().is_err()
        {
            tracing::warn!("the password store was not closed in order");
        }
    }
}

impl KeyStore for PasswordStore {
    fn read(&self, place: &PlaceId) -> Result<AccessKey> {
        let read = || {
            let mut bytes =
                self.entry(place, None)?.get_secret().map_err(|cause| trouble(cause, Code::PasswordStoreMissing))?;
            let key = serde_json::from_slice(&bytes);
            bytes.zeroize();
            key.map_err(|_| Error::new(Code::NoKeys, Operation::Connect))
        };
        self.forget_on_trouble(read())
    }

    fn write(&self, place: &PlaceId, label: &str, key: &AccessKey) -> Result<()> {
        let write = || {
            let mut bytes =
                serde_json::to_vec(key).map_err(|cause| Error::new(Code::NoKeys, Operation::Connect).because(cause))?;
            let written = self.entry(place, Some(label))?.set_secret(&bytes);
            bytes.zeroize();
            written.map_err(|cause| trouble(cause, Code::PasswordStoreMissing))
        };
        self.forget_on_trouble(write())
    }

    fn remove(&self, place: &PlaceId) -> Result<()> {
        let remove = || match self.entry(place, None)?.delete_credential() {
            Ok(()) | Err(KeyringError::NoEntry) => Ok(()),
            Err(cause) => Err(trouble(cause, Code::PasswordStoreMissing)),
        };
        self.forget_on_trouble(remove())
    }
}

fn trouble(cause: KeyringError, otherwise: Code) -> Error {
    let code = match &cause {
        KeyringError::NoEntry | KeyringError::BadEncoding(_) | KeyringError::BadDataFormat(..) => Code::NoKeys,
        KeyringError::NoStorageAccess(_) => Code::PasswordStoreLocked,
        _ => otherwise,
    };
    let error = Error::new(code, Operation::Connect);
    match cause {
        // The bytes of a secret must not travel with the error.
        KeyringError::BadEncoding(_) | KeyringError::BadDataFormat(..) => error,
        cause => error.because(cause),
    }
}

#[cfg(target_os = "linux")]
fn open() -> keyring::Result<Arc<CredentialStore>> {
    Ok(zbus_secret_service_keyring_store::Store::new()?)
}

#[cfg(target_os = "macos")]
fn open() -> keyring::Result<Arc<CredentialStore>> {
    Ok(apple_native_keyring_store::keychain::Store::new()?)
}

#[cfg(target_os = "windows")]
fn open() -> keyring::Result<Arc<CredentialStore>> {
    Ok(windows_native_keyring_store::Store::new()?)
}
