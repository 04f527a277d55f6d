//! One fresh practice server a test, and the accounts that knock on it.

#![allow(dead_code, reason = "every test file uses another part of it")]

use aws_config::BehaviorVersion;
use aws_credential_types::Credentials;
use aws_sdk_s3::Client;
use aws_sdk_s3::config::{Builder, Region};
use aws_sdk_s3::types::{BucketVersioningStatus, VersioningConfiguration};
use satchel_core::place::{KeySource, Place};
use satchel_core::secrets::AccessKey;
use satchel_core::storage::Storage;
use satchel_practice::{Allow, Fault, Identity, Operation, Permissions, Practice, PracticeOptions, Rule};
use std::time::Duration;
use tempfile::TempDir;

pub struct Store {
    pub practice: Practice,
    folder: TempDir,
    all: Identity,
    no_list: Identity,
    no_read: Identity,
    no_write: Identity,
}

impl Store {
    pub async fn start() -> Self {
        Self::start_in_region("us-east-1").await
    }

    pub async fn start_in_region(region: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let all = Identity::random();
        let no_list = Identity::random().allowed(Permissions::all().list(Allow::Nowhere));
        let no_read = Identity::random().allowed(Permissions::all().read(Allow::Nowhere));
        let no_write = Identity::random().allowed(Permissions::all().write(Allow::Nowhere).delete(Allow::Nowhere));
        let options = [&all, &no_list, &no_read, &no_write]
            .into_iter()
            .fold(PracticeOptions::new(folder.path()).region(region), |options, identity| {
                options.identity(identity.clone())
            });
        let practice = Practice::start(options).await.unwrap();
        Store { practice, folder, all, no_list, no_read, no_write }
    }

    pub fn place(&self) -> Place {
        let place = Place::new("Test", self.practice.bucket(), "", KeySource::ThisSession).unwrap();
        place.with_endpoint(Some(&self.practice.endpoint())).unwrap().with_region(Some(self.practice.region()))
    }

    pub fn key(&self) -> AccessKey {
        key(&self.all)
    }

    pub fn key_without_listing(&self) -> AccessKey {
        key(&self.no_list)
    }

    pub fn key_without_writing(&self) -> AccessKey {
        key(&self.no_write)
    }

    pub async fn storage(&self) -> Storage {
        Storage::open_with(&self.place(), &self.key()).await.unwrap()
    }

    pub async fn storage_without_listing(&self) -> Storage {
        Storage::open_with(&self.place(), &key(&self.no_list)).await.unwrap()
    }

    pub async fn storage_without_reading(&self) -> Storage {
        Storage::open_with(&self.place(), &key(&self.no_read)).await.unwrap()
    }

    pub async fn storage_of_another_bucket(&self) -> Storage {
        let place = Place { bucket: "not-there".to_owned(), ..self.place() };
        Storage::open_with(&place, &self.key()).await.unwrap()
    }

    /// Puts a file behind everybody's back.
    pub async fn put(&self, name: &str, bytes: &[u8]) {
        self.practice.put(name, bytes).await.unwrap();
    }

    pub async fn put_many(&self, folder: &str, count: usize) {
        let folder = folder.to_owned();
        let names = (0..count).map(move |number| format!("{folder}{number:06}.txt"));
        self.practice.fill(names, 1).await.unwrap();
    }

    pub async fn keys(&self) -> Vec<String> {
        self.practice.keys("").await.unwrap()
    }

    pub fn forget_requests(&self) {
        self.practice.requests().clear();
    }

    pub fn requests(&self) -> Vec<&'static str> {
        self.practice.requests().all().iter().map(|request| request.operation.name()).collect()
    }

    pub async fn refuse_listings_after(&self, pages: u64) {
        self.practice
            .faults()
            .add(Rule::new(Fault::access_denied()).on(Operation::ListObjectsV2).after(pages).always());
    }

    /// Seconds that the store's clock is ahead of this computer's, or behind.
    pub fn clock_is_off(&self, seconds: i64) {
        let by = Duration::from_secs(seconds.unsigned_abs());
        if seconds < 0 { self.practice.clock().run_behind(by) } else { self.practice.clock().run_ahead(by) }
    }

    pub fn clock_runs_ahead(&self, by: Duration) {
        self.practice.clock().run_ahead(by);
    }

    pub async fn content(&self, name: &str) -> Vec<u8> {
        self.practice.content(name).await.unwrap().unwrap()
    }

    /// What another program with the same keys does.
    pub fn client(&self) -> Client {
        let keys = Credentials::new(&self.all.access_key_id, &self.all.secret_access_key, None, None, "test");
        let config = Builder::new()
            .behavior_version(BehaviorVersion::latest())
            .endpoint_url(self.practice.endpoint())
            .region(Region::new(self.practice.region().to_owned()))
            .credentials_provider(keys)
            .force_path_style(true);
        Client::from_conf(config.build())
    }

    pub async fn keep_versions(&self) {
        let enabled = VersioningConfiguration::builder().status(BucketVersioningStatus::Enabled).build();
        let client = self.client();
        client
            .put_bucket_versioning()
            .bucket(self.practice.bucket())
            .versioning_configuration(enabled)
            .send()
            .await
            .unwrap();
    }

    /// How many versions and marks there are of a file.
    pub async fn versions(&self, name: &str) -> usize {
        let found =
            self.client().list_object_versions().bucket(self.practice.bucket()).prefix(name).send().await.unwrap();
        found.versions().len() + found.delete_markers().len()
    }

    pub async fn delete(&self, name: &str) {
        self.client().delete_object().bucket(self.practice.bucket()).key(name).send().await.unwrap();
    }

    pub async fn stop(self) {
        self.practice.stop().await;
    }
}

fn key(identity: &Identity) -> AccessKey {
    AccessKey::pasted(&identity.access_key_id, &identity.secret_access_key)
}
