//! Where a place's keys come from, and when they end.
//!
//! One snapshot is resolved and used both for the end that is shown and for the signature that is made.

use crate::error::{Code, Error, Operation, Result};
use crate::place::{KeySource, Place};
use crate::secrets::{AccessKey, KeyStore, PasswordStore, SessionStore};
use aws_credential_types::Credentials;
use aws_credential_types::provider::error::CredentialsError;
use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider, future};
use jiff::Timestamp;
use std::sync::{Arc, PoisonError, RwLock};

/// The rooms in which keys can be, and whoever hands over the practice place's key.
#[derive(Clone)]
pub struct KeyRooms {
    pub lasting: Arc<dyn KeyStore>,
    pub session: Arc<SessionStore>,
}

impl Default for KeyRooms {
    fn default() -> Self {
        KeyRooms { lasting: Arc::new(PasswordStore::default()), session: Arc::new(SessionStore::default()) }
    }
}

impl KeyRooms {
    /// The saved key of a place.
    ///
    /// # Errors
    /// `PasswordStoreLocked`, `PasswordStoreMissing`, `NoKeys`.
    pub async fn read(&self, place: &Place) -> Result<AccessKey> {
        let rooms = self.clone();
        let place = place.clone();
        blocking(move || {
            match place.keys {
                KeySource::PasswordStore => rooms.session.read(&place.id).or_else(|_| rooms.lasting.read(&place.id)),
                _ => rooms.session.read(&place.id),
            }
            .map_err(|error| error.with("place", place.name))
        })
        .await
    }

    /// Keeps the key of a place where the place says.
    ///
    /// # Errors
    /// `PasswordStoreLocked`, `PasswordStoreMissing`.
    pub async fn write(&self, place: &Place, key: AccessKey) -> Result<()> {
        let rooms = self.clone();
        let place = place.clone();
        blocking(move || match place.keys {
            KeySource::PasswordStore => rooms.lasting.write(&place.id, &place.name, &key),
            _ => rooms.session.write(&place.id, &place.name, &key),
        })
        .await
    }

    /// The saved link key of a place.
    ///
    /// # Errors
    /// `PasswordStoreLocked`, `PasswordStoreMissing`, `NoKeys`.
    pub async fn read_link_key(&self, place: &Place) -> Result<AccessKey> {
        let (rooms, id, name) = (self.clone(), place.id.of_link_key(), place.name.clone());
        blocking(move || rooms.lasting.read(&id).map_err(|error| error.with("place", name))).await
    }

    /// Keeps the link key of a place.
    ///
    /// # Errors
    /// `PasswordStoreLocked`, `PasswordStoreMissing`.
    pub async fn write_link_key(&self, place: &Place, key: AccessKey) -> Result<()> {
        let (rooms, id, name) = (self.clone(), place.id.of_link_key(), format!("{} (links)", place.name));
        blocking(move || rooms.lasting.write(&id, &name, &key)).await
    }

    /// Removes the key of a place from wherever it is.
    ///
    /// # Errors
    /// `PasswordStoreLocked`, `PasswordStoreMissing`.
    pub async fn remove(&self, place: &Place) -> Result<()> {
        let rooms = self.clone();
        let place = place.clone();
        blocking(move || {
            rooms.session.remove(&place.id)?;
            if place.link_key {
                rooms.lasting.remove(&place.id.of_link_key())?;
            }
            match place.keys {
                KeySource::PasswordStore => rooms.lasting.remove(&place.id),
                _ => Ok(()),
            }
        })
        .await
    }
}

/// The password store waits for people and panics inside async code: it gets a thread.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    tokio::task::spawn_blocking(work)
        .await
        .unwrap_or_else(|cause| Err(Error::new(Code::PasswordStoreMissing, Operation::Connect).because(cause)))
}

/// Keys at one moment, with their end.
#[derive(Clone)]
pub struct KeySnapshot {
    pub(crate) credentials: Credentials,
}

impl KeySnapshot {
    /// When these keys stop working, if they do and if they say so.
    pub fn ends_at(&self) -> Option<Timestamp> {
        self.credentials.expiry().and_then(|end| Timestamp::try_from(end).ok())
    }

    /// Tells these keys from others, also from the same account's later ones, and says nothing about them.
    pub(crate) fn fingerprint(&self) -> String {
        use sha2::{Digest, Sha256};
        let hash = Sha256::new()
            .chain_update("satchel-key:")
            .chain_update(self.credentials.access_key_id())
            .chain_update([0])
            // Of a session only; a lasting secret may be short enough to be guessed.
            .chain_update(self.credentials.session_token().unwrap_or_default())
            .finalize();
        hash.iter().take(8).map(|byte| format!("{byte:02x}")).collect()
    }

    /// Whether they are those of a sign-in, which ends.
    pub fn is_of_a_session(&self) -> bool {
        self.credentials.session_token().is_some()
    }

    /// A session without a known end: its links may end sooner than they say.
    pub fn end_is_unknown(&self) -> bool {
        self.credentials.session_token().is_some() && self.credentials.expiry().is_none()
    }
}

/// Where the keys of an open place were read, and are read again.
#[derive(Clone)]
pub(crate) enum Origin {
    /// They were handed over, and never change.
    Hand,
    Rooms(Box<(KeyRooms, Place)>),
    Chain {
        profile: Option<String>,
    },
}

/// Where the link key of an open place is, if it has one.
#[derive(Clone)]
pub(crate) enum LinkKey {
    None,
    Hand(AccessKey),
    Rooms(KeyRooms),
}

impl LinkKey {
    /// The link key, read afresh: IT may have replaced it.
    pub(crate) async fn snapshot(&self, place: &Place) -> Result<Option<KeySnapshot>> {
        let key = match self {
            LinkKey::None => return Ok(None),
            LinkKey::Hand(key) => key.clone(),
            LinkKey::Rooms(rooms) => rooms.read_link_key(place).await?,
        };
        Ok(Some(KeySnapshot { credentials: credentials(&key) }))
    }
}

/// The current keys of a place. Renewed they are read where they came from, for everybody who has the place open.
#[derive(Clone)]
pub(crate) struct Keys {
    provider: Arc<RwLock<SharedCredentialsProvider>>,
    origin: Origin,
}

impl Keys {
    pub(crate) fn fixed(key: &AccessKey, origin: Origin) -> Self {
        Keys::new(SharedCredentialsProvider::new(credentials(key)), origin)
    }

    pub(crate) fn chain(provider: SharedCredentialsProvider, profile: Option<&str>) -> Self {
        Keys::new(provider, Origin::Chain { profile: profile.map(str::to_owned) })
    }

    /// Read when they are first needed: what the password store says then is the answer of the request.
    pub(crate) fn later(rooms: &KeyRooms, place: &Place) -> Self {
        let provider = FromRooms { rooms: rooms.clone(), place: place.clone() };
        Keys::new(SharedCredentialsProvider::new(provider), Origin::Rooms(Box::new((rooms.clone(), place.clone()))))
    }

    fn new(provider: SharedCredentialsProvider, origin: Origin) -> Self {
        Keys { provider: Arc::new(RwLock::new(provider)), origin }
    }

    pub(crate) fn origin(&self) -> &Origin {
        &self.origin
    }

    pub(crate) fn provider(&self) -> SharedCredentialsProvider {
        self.provider.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(crate) fn replace(&self, provider: SharedCredentialsProvider) {
        *self.provider.write().unwrap_or_else(PoisonError::into_inner) = provider;
    }

    /// The keys as they are now.
    pub(crate) async fn snapshot(&self) -> Result<KeySnapshot> {
        match self.provider().provide_credentials().await {
            Ok(credentials) => Ok(KeySnapshot { credentials }),
            Err(cause) => Err(refused(cause)),
        }
    }
}

pub(crate) fn credentials(key: &AccessKey) -> Credentials {
    let token = key.session_token.as_ref().map(|token| token.reveal().to_owned());
    Credentials::new(key.key_id.clone(), key.secret.reveal(), token, None, "satchel")
}

/// The keys of a place that was opened before anybody could ask the password store.
struct FromRooms {
    rooms: KeyRooms,
    place: Place,
}

impl std::fmt::Debug for FromRooms {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("FromRooms").finish_non_exhaustive()
    }
}

impl ProvideCredentials for FromRooms {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::new(async {
            let key = self.rooms.read(&self.place).await;
            key.map(|key| credentials(&key)).map_err(CredentialsError::provider_error)
        })
    }
}

/// A snapshot as a provider, so that what was measured is what signs.
#[derive(Debug)]
pub(crate) struct Snapshot(pub(crate) Credentials);

impl ProvideCredentials for Snapshot {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::ready(Ok(self.0.clone()))
    }
}

/// What the chain of key sources could not do.
pub(crate) fn refused(cause: CredentialsError) -> Error {
    let code = match &cause {
        CredentialsError::CredentialsNotLoaded(_) => Code::NoKeys,
        CredentialsError::ProviderTimedOut(_) => Code::TooSlow,
        CredentialsError::InvalidConfiguration(_) => Code::NoKeys,
        CredentialsError::ProviderError(_) => Code::CompanySignIn,
        _ => Code::NoKeys,
    };
    Error::new(code, Operation::Connect).because(cause)
}
