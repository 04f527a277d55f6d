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
use crate::credentials::{KeyRooms, KeySnapshot, Keys, Snapshot};
use crate::error::{Code, Error, Operation, Result, s3};
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
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

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
    connection: Connection,
    endpoint: Option<String>,
    located: RwLock<Located>,
    clock: Arc<ClockOffset>,
    capabilities: Capabilities,
}

struct Located {
    region: String,
    client: Client,
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
            KeySource::Chain { profile } => Self::open_chain(place, profile.as_deref()).await,
            KeySource::PasswordStore | KeySource::ThisSession | KeySource::Practice => {
                let key = rooms.read(place).await?;
                Self::open_with(place, &key).await
            }
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
        let connection = Connection::new(place.is_practice(), timings).await?;
        let region = place.region.clone().unwrap_or_else(|| FIRST_REGION.to_owned());
        Ok(Self::assemble(place.clone(), Keys::fixed(key), connection, place.endpoint.clone(), region))
    }

    async fn open_chain(place: &Place, profile: Option<&str>) -> Result<Self> {
        let connection = Connection::new(false, Timings::default()).await?;
        let mut loader = aws_config::defaults(BehaviorVersion::latest()).http_client(connection.http_client());
        if let Some(profile) = profile {
            loader = loader.profile_name(profile);
        }
        let config = loader.load().await;
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
        Ok(Self::assemble(place.clone(), Keys::chain(provider), connection, endpoint, region))
    }

    fn assemble(place: Place, keys: Keys, connection: Connection, endpoint: Option<String>, region: String) -> Self {
        let clock = Arc::new(ClockOffset::default());
        let provider = keys.provider();
        let client = client(&place, endpoint.as_deref(), &connection, &clock, &region, provider);
        let located = RwLock::new(Located { region, client });
        let capabilities = Capabilities::default();
        if endpoint.is_none() {
            // AWS documents what it keeps; every other address has to show it.
            capabilities.keeps_conditions();
        }
        Storage(Arc::new(Inner { place, keys, connection, endpoint, located, clock, capabilities }))
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

    /// Everything that this place sends and receives from now on passes the limiter. One limiter may hold many places.
    pub fn limit_speed(&self, limiter: &Limiter) {
        self.0.connection.limit(limiter);
    }

    /// The clock that this store goes by.
    pub fn clock(&self) -> &ClockOffset {
        &self.0.clock
    }

    pub(crate) fn capabilities(&self) -> &Capabilities {
        &self.0.capabilities
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
        let provider = inner.keys.provider();
        located.client =
            client(&inner.place, inner.endpoint.as_deref(), &inner.connection, &inner.clock, region, provider);
        located.region = region.to_owned();
        true
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
        let first = match request(self.client()).await {
            Ok(answer) => return Ok(answer),
            Err(error) => s3::from_sdk(error, operation),
        };
        let moved =
            first.code() == Code::WrongAddress && first.region_hint().is_some_and(|region| self.move_to_region(region));
        if !moved {
            return Err(self.named(first));
        }
        request(self.client()).await.map_err(|error| self.named(s3::from_sdk(error, operation)))
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
