//! A fresh practice place per test, an SDK client, a raw client and a signer of its own.

pub mod raw;
pub mod signer;

use aws_sdk_s3::Client;
use aws_sdk_s3::config::{
    BehaviorVersion, Credentials, Region, RequestChecksumCalculation, ResponseChecksumValidation,
};
use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};
use satchel_practice::{Identity, Practice, PracticeOptions};
use tempfile::TempDir;

pub struct Place {
    pub practice: Practice,
    pub client: Client,
    pub folder: TempDir,
}

pub async fn place() -> Place {
    place_with(|options| options).await
}

pub async fn place_with(change: impl FnOnce(PracticeOptions) -> PracticeOptions) -> Place {
    let folder = tempfile::tempdir().unwrap();
    let options = change(PracticeOptions::new(folder.path()).bucket("bucket"));
    let practice = Practice::start(options).await.unwrap();
    let client = client(&practice, &practice.identity());
    Place { practice, client, folder }
}

pub fn client(practice: &Practice, identity: &Identity) -> Client {
    client_in(practice, identity, practice.region(), RequestChecksumCalculation::WhenRequired)
}

pub fn client_in(
    practice: &Practice,
    identity: &Identity,
    region: &str,
    checksums: RequestChecksumCalculation,
) -> Client {
    let credentials = Credentials::new(
        &identity.access_key_id,
        &identity.secret_access_key,
        identity.session_token.clone(),
        None,
        "test",
    );
    let config = aws_sdk_s3::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new(region.to_owned()))
        .credentials_provider(credentials)
        .endpoint_url(practice.endpoint())
        .force_path_style(true)
        .request_checksum_calculation(checksums)
        .response_checksum_validation(ResponseChecksumValidation::WhenRequired)
        .retry_config(aws_sdk_s3::config::retry::RetryConfig::disabled())
        .build();
    Client::from_conf(config)
}

/// Status and S3 code of a refusal.
pub trait Refused {
    fn refused(self) -> (u16, String);
}

impl<T, E> Refused for Result<T, SdkError<E>>
where
    E: ProvideErrorMetadata + std::fmt::Debug,
{
    fn refused(self) -> (u16, String) {
        match self {
            Ok(_) => (200, String::new()),
            Err(SdkError::ServiceError(error)) => {
                let code = error.err().code().unwrap_or_default().to_owned();
                (error.raw().status().as_u16(), code)
            }
            Err(other) => panic!("no answer from the server: {other:?}"),
        }
    }
}

pub fn refusal(status: u16, code: &str) -> (u16, String) {
    (status, code.to_owned())
}

/// Bytes that are not all alike.
pub fn pattern(length: usize) -> Vec<u8> {
    (0..length).map(|place| u8::try_from((place * 31 + place / 251) % 251).unwrap()).collect()
}
