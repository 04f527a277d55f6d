//! Opening the folder: keys, port, bucket, samples.

use std::sync::Arc;

use s3s::config::{S3Config, StaticConfigProvider};
use s3s::path::check_bucket_name;
use s3s::service::S3ServiceBuilder;
use s3s::{S3ErrorCode, S3Result};
use tokio::sync::watch;

use crate::access::Rights;
use crate::clock::Clock;
use crate::faults::Faults;
use crate::gate::Gate;
use crate::identity::Identity;
use crate::options::PracticeOptions;
use crate::practice::PracticeError;
use crate::requests::Requests;
use crate::samples;
use crate::service::Service;
use crate::store::schema::{set_setting, setting};
use crate::store::{Store, StoreError, buckets};

const ACCESS_KEY_ID: &str = "access_key_id";
const SECRET_ACCESS_KEY: &str = "secret_access_key";
const PORT: &str = "port";
const SEEDED: &str = "seeded";

pub struct Prepared {
    service: Service,
    identities: Vec<Identity>,
    bucket: String,
    pub port: u16,
    remembers_port: bool,
}

pub async fn open(options: PracticeOptions) -> Result<Prepared, PracticeError> {
    if !check_bucket_name(&options.bucket) {
        return Err(PracticeError::BucketName(options.bucket));
    }
    let folder = options.folder.clone();
    let store = tokio::task::spawn_blocking(move || Store::open(&folder))
        .await
        .map_err(|error| PracticeError::Store(Box::new(error)))??;
    let clock = Arc::new(Clock::default());
    let service = Service { store: Arc::new(store), clock, region: options.region };
    let mut identities = options.identities;
    let mut port = options.port;
    if options.keeps_identity {
        let (kept, kept_port) = service.store.ask(|connection| kept(connection)).await?;
        identities.insert(0, kept);
        if port == 0 {
            port = kept_port;
        }
    }
    if identities.is_empty() {
        identities.push(Identity::random());
    }
    make_bucket(&service, &options.bucket).await?;
    if options.seed_samples && is_new(&service).await? {
        samples::seed(&service, &options.bucket).await?;
    }
    service.store.ask(|connection| set_setting(connection, SEEDED, "yes")).await?;
    Ok(Prepared { service, identities, bucket: options.bucket, port, remembers_port: options.keeps_identity })
}

/// The keys and the port of earlier starts; keys are made at the first.
fn kept(connection: &rusqlite::Connection) -> Result<(Identity, u16), StoreError> {
    let port = setting(connection, PORT)?.and_then(|text| text.parse().ok()).unwrap_or(0);
    if let (Some(id), Some(secret)) = (setting(connection, ACCESS_KEY_ID)?, setting(connection, SECRET_ACCESS_KEY)?) {
        return Ok((Identity::new(&id, &secret), port));
    }
    let fresh = Identity::random();
    set_setting(connection, ACCESS_KEY_ID, &fresh.access_key_id)?;
    set_setting(connection, SECRET_ACCESS_KEY, &fresh.secret_access_key)?;
    Ok((fresh, port))
}

async fn make_bucket(service: &Service, bucket: &str) -> Result<(), StoreError> {
    let (name, now) = (bucket.to_owned(), service.clock.now_millis());
    service
        .store
        .ask(move |connection| match buckets::find(connection, &name) {
            Err(StoreError::Refused(error)) if *error.code() == S3ErrorCode::NoSuchBucket => {
                buckets::create(connection, &name, now)
            }
            other => other.map(|_| ()),
        })
        .await
}

async fn is_new(service: &Service) -> Result<bool, StoreError> {
    service.store.ask(|connection| Ok(setting(connection, SEEDED)?.is_none())).await
}

pub async fn remember_port(prepared: &Prepared, port: u16) -> Result<(), PracticeError> {
    if prepared.remembers_port {
        prepared.service.store.ask(move |connection| set_setting(connection, PORT, &port.to_string())).await?;
    }
    Ok(())
}

/// s3s needs the secrets once more, for bodies in signed chunks.
struct Secrets {
    identities: watch::Receiver<Arc<[Arc<Identity>]>>,
}

#[async_trait::async_trait]
impl s3s::auth::S3Auth for Secrets {
    async fn get_secret_key(&self, access_key: &str) -> S3Result<s3s::auth::SecretKey> {
        let identities = self.identities.borrow();
        identities
            .iter()
            .find(|identity| identity.access_key_id == access_key)
            .map(|identity| s3s::auth::SecretKey::from(identity.secret_access_key.as_str()))
            .ok_or_else(|| S3ErrorCode::InvalidAccessKeyId.into())
    }
}

impl Prepared {
    pub fn into_gate(self) -> Gate {
        let identities: Arc<[Arc<Identity>]> = self.identities.into_iter().map(Arc::new).collect();
        let (identities, watched) = watch::channel(identities);
        let mut config = S3Config::default();
        // Time has been judged by our own clock before s3s looks.
        config.presigned_url_max_skew_time_secs = u32::MAX;
        let mut builder = S3ServiceBuilder::new(self.service.clone());
        builder.set_config(Arc::new(StaticConfigProvider::new(Arc::new(config))));
        builder.set_auth(Secrets { identities: watched });
        builder.set_access(Rights);
        Gate {
            s3: builder.build(),
            service: self.service,
            bucket: self.bucket,
            identities,
            faults: Faults::default(),
            requests: Requests::default(),
        }
    }
}
