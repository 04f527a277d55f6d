//! The connection to a place: one S3 client, one HTTP pool, the region it really lives in, the clock it goes by.
//!
//! Cheap to clone. Nothing outside this crate sees an SDK type.

mod capabilities;
mod clock_probe;
pub(crate) mod connection;
mod limiter;
mod proxy;
mod timings;
mod watchdog;

use crate::clock::ClockOffset;
use crate::credentials::{KeyRooms, KeySnapshot, Keys, LinkKey, Origin, Snapshot, credentials};
use crate::error::{Code, Error, Operation, Result, s3};
use crate::links::{Identity, LastSigner};
use crate::place::{KeySource, Place, needs_path_style};
use crate::secrets::AccessKey;
use aws_config::BehaviorVersion;
use aws_sdk_s3::Client;
use aws_sdk_s3::config::{
    Builder, Region, RequestChecksumCalculation, ResponseChecksumValidation, SharedCredentialsProvider,
    StalledStreamProtectionConfig,
};
use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_types::retry::RetryConfig;
use capabilities::Capabilities;
use connection::Connection;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};

pub(crate) use connection::Refused;
pub use limiter::Limiter;
pub use timings::Timings;
pub(crate) use watchdog::Stalled;

/// Where AWS looks when nobody named a region. A wrong one is corrected from the first answer.
const FIRST_REGION: &str = "us-east-1";

/// A place that can be talked to.
#[derive(Clone)]
pub struct Storage(Arc<Inner>);

struct Inner {
    place: Place,
    keys: Keys,
    link_key: LinkKey,
    connection: Connection,
    endpoint: Option<String>,
    located: RwLock<Located>,
    clock: Arc<ClockOffset>,
    capabilities: Capabilities,
    signer: LastSigner,
    identity: Identity,
    answered: AtomicBool,
    renewed: tokio::sync::Mutex<Option<Instant>>,
}

struct Located {
    region: String,
    client: Client,
    /// The same without the SDK's own repeating.
    once: Client,
}

impl Located {
    fn new(region: String, client: Client) -> Self {
        let once = client.config().to_builder().retry_config(RetryConfig::disabled()).build();
        Located { region, client, once: Client::from_conf(once) }
    }
}

impl std::fmt::Debug for Storage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Storage").field("place", &self.0.place.name).finish_non_exhaustive()
    }
}

impl Storage {
    /// Opens a place with the keys it names. Asks the password store, but not yet the network.
    ///
    /// # Errors
    /// `PasswordStoreLocked`, `PasswordStoreMissing`, `NoKeys`, `NotPrivate`.
    pub async fn open(place: &Place, rooms: &KeyRooms) -> Result<Self> {
        match &place.keys {
            KeySource::Chain { profile } => Self::open_chain(place, profile.as_deref(), rooms).await,
            KeySource::PasswordStore | KeySource::ThisSession | KeySource::Practice => {
                let key = rooms.read(place).await?;
                let keys = Keys::fixed(&key, Origin::Rooms(Box::new((rooms.clone(), place.clone()))));
                Self::open_keys(place, keys, link_key(place, rooms), Timings::default()).await
            }
        }
    }

    /// Opens a place without asking for its keys: they are read when the first request needs them.
    ///
    /// # Errors
    /// `NotPrivate`.
    pub async fn open_later(place: &Place, rooms: &KeyRooms) -> Result<Self> {
        match &place.keys {
            KeySource::Chain { profile } => Self::open_chain(place, profile.as_deref(), rooms).await,
            _ => Self::open_keys(place, Keys::later(rooms, place), link_key(place, rooms), Timings::default()).await,
        }
    }

    /// Opens a place with a key that is at hand: one that is being checked, or the practice place's own.
    ///
    /// # Errors
    /// `NotPrivate`, `TlsUntrusted`.
    pub async fn open_with(place: &Place, key: &AccessKey) -> Result<Self> {
        Self::open_timed(place, key, Timings::default()).await
    }

    /// As `open_with`, with other waits than the usual ones.
    ///
    /// # Errors
    /// `NotPrivate`, `TlsUntrusted`.
    pub async fn open_timed(place: &Place, key: &AccessKey, timings: Timings) -> Result<Self> {
        Self::open_keys(place, Keys::fixed(key, Origin::Hand), LinkKey::None, timings).await
    }

    /// As `open_with`, with a second key for links to private copies.
    ///
    /// # Errors
    /// `NotPrivate`, `TlsUntrusted`.
    pub async fn open_with_link_key(place: &Place, key: &AccessKey, link_key: AccessKey) -> Result<Self> {
        let keys = Keys::fixed(key, Origin::Hand);
        Self::open_keys(place, keys, LinkKey::Hand(link_key), Timings::default()).await
    }

    async fn open_keys(place: &Place, keys: Keys, link_key: LinkKey, timings: Timings) -> Result<Self> {
        let connection = Connection::new(place.is_practice(), timings).await?;
        let region = place.region.clone().unwrap_or_else(|| FIRST_REGION.to_owned());
        Ok(Self::assemble(place.clone(), keys, link_key, connection, place.endpoint.clone(), region))
    }

    async fn open_chain(place: &Place, profile: Option<&str>, rooms: &KeyRooms) -> Result<Self> {
        let connection = Connection::new(false, Timings::default()).await?;
        let config = load_chain(&connection, profile, place.region.as_deref()).await;
        let no_keys = || Error::new(Code::NoKeys, Operation::Connect).with("place", place.name.clone());
        let provider = config.credentials_provider().ok_or_else(no_keys)?;
        let endpoint = match &place.endpoint {
            Some(endpoint) => Some(endpoint.clone()),
            None => {
                let service = std::env::var("AWS_ENDPOINT_URL_S3").ok().filter(|url| !url.is_empty());
                let configured = service.or_else(|| config.endpoint_url().map(str::to_owned));
                place.clone().with_endpoint(configured.as_deref())?.endpoint
            }
        };
        let region = place.region.clone().or_else(|| config.region().map(ToString::to_string));
        let region = region.unwrap_or_else(|| FIRST_REGION.to_owned());
        let keys = Keys::chain(provider, profile);
        Ok(Self::assemble(place.clone(), keys, link_key(place, rooms), connection, endpoint, region))
    }

    fn assemble(
        place: Place,
        keys: Keys,
        link_key: LinkKey,
        connection: Connection,
        endpoint: Option<String>,
        region: String,
    ) -> Self {
        let clock = Arc::new(ClockOffset::default());
        let provider = keys.provider();
        let client = client(&place, endpoint.as_deref(), &connection, &clock, &region, provider);
        let located = RwLock::new(Located::new(region, client));
        let capabilities = Capabilities::default();
        if endpoint.is_none() {
            // AWS documents what it keeps; every other address has to show it.
            capabilities.keeps_conditions();
        }
        Storage(Arc::new(Inner {
            place,
            keys,
            link_key,
            connection,
            endpoint,
            located,
            clock,
            capabilities,
            signer: LastSigner::default(),
            identity: Identity::default(),
            answered: AtomicBool::new(false),
            renewed: tokio::sync::Mutex::default(),
        }))
    }

    pub fn place(&self) -> &Place {
        &self.0.place
    }

    /// The keys as they are now, with their end.
    ///
    /// # Errors
    /// `NoKeys`, `CompanySignIn`, `TooSlow`.
    pub async fn keys_now(&self) -> Result<KeySnapshot> {
        self.0.keys.snapshot().await.map_err(|error| error.with("place", self.place().name.clone()))
    }

    /// The keys that sign links: of a place that has a link key that one, where a link opens a private copy.
    ///
    /// # Errors
    /// As [`Storage::keys_now`], and what the password store says about the link key.
    pub(crate) async fn link_keys(&self, private: bool) -> Result<KeySnapshot> {
        match self.0.link_key.snapshot(self.place()).await? {
            Some(key) if private => Ok(key),
            _ => self.keys_now().await,
        }
    }

    /// Everything that this place sends and receives from now on passes the limiter. One limiter may hold many places.
    pub fn limit_speed(&self, limiter: &Limiter) {
        self.0.connection.limit(limiter);
    }

    /// The clock that this store goes by.
    pub fn clock(&self) -> &ClockOffset {
        &self.0.clock
    }

    /// The store that its abilities are remembered under.
    pub(crate) fn address(&self) -> String {
        format!("{}/{}", self.0.endpoint.as_deref().unwrap_or("aws"), self.0.place.bucket)
    }

    pub(crate) fn capabilities(&self) -> &Capabilities {
        &self.0.capabilities
    }

    pub(crate) fn identity(&self) -> &Identity {
        &self.0.identity
    }

    /// Whether it is AWS itself, not another storage that speaks like it.
    pub(crate) fn is_aws(&self) -> bool {
        self.0.endpoint.is_none()
    }

    pub(crate) fn signer(&self) -> &LastSigner {
        &self.0.signer
    }

    pub(crate) fn connection(&self) -> &Connection {
        &self.0.connection
    }

    pub(crate) fn bucket(&self) -> &str {
        &self.0.place.bucket
    }

    pub(crate) fn client(&self) -> Client {
        self.0.located.read().unwrap_or_else(PoisonError::into_inner).client.clone()
    }

    /// A client that signs with exactly these keys: what was measured is what signs.
    pub(crate) fn client_signing_with(&self, keys: &KeySnapshot) -> Client {
        let inner = &self.0;
        let provider = SharedCredentialsProvider::new(Snapshot(keys.credentials.clone()));
        let region = inner.located.read().unwrap_or_else(PoisonError::into_inner).region.clone();
        client(&inner.place, inner.endpoint.as_deref(), &inner.connection, &inner.clock, &region, provider)
    }

    /// Goes to another region from now on. False if it is the one already.
    pub(crate) fn move_to_region(&self, region: &str) -> bool {
        let inner = &self.0;
        let mut located = inner.located.write().unwrap_or_else(PoisonError::into_inner);
        if located.region == region {
            return false;
        }
        *located = Located::new(region.to_owned(), inner.new_client(region));
        true
    }

    /// Reads the keys again where they came from, for every transfer of this place: after a new sign-in, or because the
    /// old ones were refused. Where that is not possible the old ones stay, and the store says why.
    pub async fn renew_keys(&self) {
        /// Many transfers that need new keys need them once.
        const AT_ONCE: Duration = Duration::from_secs(2);
        let inner = &self.0;
        let mut renewed = inner.renewed.lock().await;
        if renewed.is_some_and(|at| at.elapsed() < AT_ONCE) {
            return;
        }
        let provider = match inner.keys.origin() {
            Origin::Hand => None,
            Origin::Rooms(known) => {
                let (rooms, place) = known.as_ref();
                rooms.read(place).await.ok().map(|key| SharedCredentialsProvider::new(credentials(&key)))
            }
            Origin::Chain { profile } => {
                load_chain(&inner.connection, profile.as_deref(), inner.place.region.as_deref())
                    .await
                    .credentials_provider()
            }
        };
        if let Some(provider) = provider {
            inner.keys.replace(provider);
            inner.identity.forget();
        }
        let mut located = inner.located.write().unwrap_or_else(PoisonError::into_inner);
        // A new client: the old one remembers the old keys.
        *located = Located::new(located.region.clone(), inner.new_client(&located.region));
        *renewed = Some(Instant::now());
    }

    /// The region that answers, as far as it is known.
    pub fn region(&self) -> String {
        self.0.located.read().unwrap_or_else(PoisonError::into_inner).region.clone()
    }

    /// Does one request, and once more where the store says it lives, if it is sent elsewhere.
    pub(crate) async fn call<T, E, F>(&self, operation: Operation, request: impl Fn(Client) -> F) -> Result<T>
    where
        F: Future<Output = Result<T, SdkError<E, HttpResponse>>>,
        E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
    {
        self.call_with(Self::client, operation, request).await
    }

    /// The same for those who repeat what did not work themselves, with more patience than the SDK has.
    pub(crate) async fn call_once<T, E, F>(&self, operation: Operation, request: impl Fn(Client) -> F) -> Result<T>
    where
        F: Future<Output = Result<T, SdkError<E, HttpResponse>>>,
        E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
    {
        let once = |storage: &Self| storage.0.located.read().unwrap_or_else(PoisonError::into_inner).once.clone();
        self.call_with(once, operation, request).await
    }

    async fn call_with<T, E, F>(
        &self,
        client: impl Fn(&Self) -> Client,
        operation: Operation,
        request: impl Fn(Client) -> F,
    ) -> Result<T>
    where
        F: Future<Output = Result<T, SdkError<E, HttpResponse>>>,
        E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
    {
        let (asked, clock) = (self.region(), self.0.clock.get());
        let first = match request(client(self)).await {
            Ok(answer) => {
                self.0.answered.store(true, Ordering::Relaxed);
                return Ok(answer);
            }
            Err(error) => s3::from_sdk(error, operation),
        };
        if first.answer().code.is_some() {
            self.0.answered.store(true, Ordering::Relaxed);
        }
        if first.code() == Code::ClockWrong && self.0.clock.get() != clock {
            // Its answer said what time it is there: everything is signed with that from now on.
            return request(client(self)).await.map_err(|error| self.named(s3::from_sdk(error, operation)));
        }
        // Another request may have learnt it first; then this one only has to be repeated.
        let elsewhere = first.region_hint().filter(|region| first.code() == Code::WrongAddress && *region != asked);
        let Some(region) = elsewhere else { return Err(self.named(first)) };
        self.move_to_region(region);
        request(client(self)).await.map_err(|error| self.named(s3::from_sdk(error, operation)))
    }

    /// Whether the store has ever answered, as a store does, since the place was opened.
    pub(crate) fn has_answered(&self) -> bool {
        self.0.answered.load(Ordering::Relaxed)
    }

    /// Adds what every sentence about this place may need.
    pub(crate) fn named(&self, error: Error) -> Error {
        let error = error.with("place", self.place().name.clone());
        match self.host() {
            Some(host) => error.with("host", host),
            None => error,
        }
    }

    fn host(&self) -> Option<String> {
        let uri: http::Uri = self.0.endpoint.as_deref()?.parse().ok()?;
        uri.host().map(str::to_owned)
    }
}

impl Inner {
    fn new_client(&self, region: &str) -> Client {
        let provider = self.keys.provider();
        client(&self.place, self.endpoint.as_deref(), &self.connection, &self.clock, region, provider)
    }
}

fn link_key(place: &Place, rooms: &KeyRooms) -> LinkKey {
    if place.link_key { LinkKey::Rooms(rooms.clone()) } else { LinkKey::None }
}

async fn load_chain(connection: &Connection, profile: Option<&str>, region: Option<&str>) -> aws_config::SdkConfig {
    let mut loader = aws_config::defaults(BehaviorVersion::latest()).http_client(connection.http_client());
    if let Some(region) = region {
        // Otherwise the chain asks the machine it may run on, which takes a while where nobody answers.
        loader = loader.region(Region::new(region.to_owned()));
    }
    match profile {
        Some(profile) => loader.profile_name(profile).load().await,
        None => loader.load().await,
    }
}

fn client(
    place: &Place,
    endpoint: Option<&str>,
    connection: &Connection,
    clock: &Arc<ClockOffset>,
    region: &str,
    provider: SharedCredentialsProvider,
) -> Client {
    let mut config = Builder::new()
        .behavior_version(BehaviorVersion::latest())
        .http_client(connection.http_client())
        .credentials_provider(provider)
        .region(Region::new(region.to_owned()))
        .force_path_style(wants_path_style(place, endpoint))
        // Newer defaults add headers that several stores refuse; we send our own checksums and say which.
        .request_checksum_calculation(RequestChecksumCalculation::WhenRequired)
        .response_checksum_validation(ResponseChecksumValidation::WhenRequired)
        .retry_config(RetryConfig::standard().with_max_attempts(4).with_initial_backoff(Duration::from_millis(250)))
        // It takes a line that the system has filled ahead for a dead one; the connection's own watch does not.
        .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
        .time_source(clock_probe::StoreTime::new(Arc::clone(clock)))
        .interceptor(clock_probe::ClockProbe::new(Arc::clone(clock)));
    if let Some(endpoint) = endpoint {
        config = config.endpoint_url(endpoint);
    }
    Client::from_conf(config.build())
}

/// IP addresses and localhost have no names below them, and a certificate for `*.host` covers no dots.
fn wants_path_style(place: &Place, endpoint: Option<&str>) -> bool {
    let host = endpoint
        .and_then(|endpoint| endpoint.parse::<http::Uri>().ok())
        .and_then(|uri| uri.host().map(needs_path_style));
    let fits_in_a_host_name =
        place.bucket.chars().all(|letter| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '-');
    place.path_style || host.unwrap_or(false) || !fits_in_a_host_name
}
