//! A practice store in this process, with people who may do more or less, and requests that can be held.

use std::time::Duration;

use aws_sdk_s3::Client;
use aws_sdk_s3::config::{Credentials, Region};
use aws_sdk_s3::types::{BucketVersioningStatus, VersioningConfiguration};
use jiff::Timestamp;
use satchel_practice::{Fault, Hold, Identity, Operation, Permissions, Practice, PracticeOptions, Rule};
use tempfile::TempDir;

use crate::support::Satchel;

pub const BUCKET: &str = "practice";

pub struct Store {
    pub endpoint: String,
    pub practice: Practice,
    // Last: it is removed when the server has stopped.
    _folder: TempDir,
}

impl Store {
    pub async fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let practice = Practice::start(PracticeOptions::new(folder.path()).bucket(BUCKET)).await.unwrap();
        Self { endpoint: practice.endpoint(), practice, _folder: folder }
    }

    pub fn key_id(&self) -> String {
        self.practice.identity().access_key_id
    }

    pub fn secret(&self) -> String {
        self.practice.identity().secret_access_key
    }

    /// Somebody who may do everything.
    pub fn satchel(&self) -> Satchel {
        self.satchel_at_bucket(BUCKET)
    }

    pub fn satchel_at_bucket(&self, bucket: &str) -> Satchel {
        Satchel::with(&self.endpoint, bucket, &self.key_id(), &self.secret())
    }

    /// Somebody else, who may do less.
    pub fn satchel_allowed(&self, allow: Permissions) -> Satchel {
        let staff = Identity::random().allowed(allow);
        let satchel = Satchel::with(&self.endpoint, BUCKET, &staff.access_key_id, &staff.secret_access_key);
        self.practice.set_identities(vec![self.practice.identity(), staff]);
        satchel
    }

    /// Somebody whose keys belong to a session that does not say when it ends.
    pub fn satchel_with_session(&self, token: &str) -> Satchel {
        let session = Identity::random().with_session_token(token);
        let mut satchel = Satchel::with(&self.endpoint, BUCKET, &session.access_key_id, &session.secret_access_key);
        satchel.environment("AWS_SESSION_TOKEN", token);
        self.practice.set_identities(vec![self.practice.identity(), session]);
        satchel
    }

    /// Takes the keys out of the environment and lets a process hand out a session that says its end.
    pub fn keys_from_a_process(&self, satchel: &mut Satchel, ends: Timestamp) {
        let session =
            Identity::random().with_session_token("a-token").ending_at(std::time::SystemTime::try_from(ends).unwrap());
        let keys = serde_json::json!({
            "Version": 1,
            "AccessKeyId": session.access_key_id,
            "SecretAccessKey": session.secret_access_key,
            "SessionToken": "a-token",
            "Expiration": ends.to_string(),
        });
        let keys = satchel.file("session.json", keys.to_string().as_bytes());
        let config = format!("[default]\ncredential_process = /bin/cat {}\n", keys.display());
        satchel.file(".aws/config", config.as_bytes());
        for name in ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"] {
            satchel.forget(name);
        }
        self.practice.set_identities(vec![self.practice.identity(), session]);
    }

    /// Keeps what is replaced or deleted, from now on.
    pub async fn keep_versions(&self) {
        let enabled = VersioningConfiguration::builder().status(BucketVersioningStatus::Enabled).build();
        let call = self.client().put_bucket_versioning().bucket(BUCKET).versioning_configuration(enabled);
        call.send().await.unwrap();
    }

    /// The versions and marks of everything in the share folder that is no record.
    pub async fn versions_of_copies(&self) -> Vec<String> {
        let found = self.client().list_object_versions().bucket(BUCKET).prefix(".s/2").send().await.unwrap();
        let versions = found.versions().iter().filter_map(|version| version.key());
        versions.chain(found.delete_markers().iter().filter_map(|mark| mark.key())).map(str::to_owned).collect()
    }

    fn client(&self) -> Client {
        let config = aws_sdk_s3::Config::builder()
            .behavior_version_latest()
            .endpoint_url(&self.endpoint)
            .region(Region::new("us-east-1"))
            .credentials_provider(Credentials::new(self.key_id(), self.secret(), None, None, "test"))
            .force_path_style(true)
            .build();
        Client::from_conf(config)
    }

    /// The private copies that there are, of links that can be stopped.
    pub async fn copies(&self) -> Vec<String> {
        self.practice.keys(".s/2").await.unwrap()
    }

    /// The records that there are in the log of shared links.
    pub async fn records(&self) -> Vec<String> {
        self.practice.keys(".s/log/").await.unwrap()
    }

    /// Many empty files behind the server's back.
    pub async fn add_many(&self, folder: &'static str, count: usize) {
        let keys =
            (0..count).map(move |number| format!("{folder}a file with a rather long name, number {number:05}.txt"));
        self.practice.fill(keys, 0).await.unwrap();
    }

    /// Holds every request that brings bytes until the gate is opened.
    pub fn hold_uploads(&self) -> Hold {
        let hold = Hold::new();
        let rule = Rule::new(Fault::Hold(hold.clone())).on(Operation::PutObject).on(Operation::UploadPart);
        self.practice.faults().add(rule.always());
        hold
    }

    /// Sends so many bytes of every file, then none until the gate is opened.
    pub fn hold_downloads(&self, after: u64) -> Hold {
        let hold = Hold::new();
        let rule = Rule::new(Fault::StallReply { after, hold: hold.clone() }).on(Operation::GetObject);
        self.practice.faults().add(rule.always());
        hold
    }

    /// Lets the first pieces of files pass, and holds all others until the gate is opened.
    pub fn hold_downloads_after(&self, pieces: u64) -> Hold {
        let hold = Hold::new();
        self.practice
            .faults()
            .add(Rule::new(Fault::Hold(hold.clone())).on(Operation::GetObject).after(pieces).always());
        hold
    }

    /// No fault any more, and no memory of what was asked before.
    pub fn as_new(&self) {
        self.practice.faults().clear();
        self.practice.requests().clear();
    }

    /// The pieces of files that were asked for, as the requests named them; nothing for a whole file.
    pub fn pieces(&self) -> Vec<Option<String>> {
        let asked = self.practice.requests().of(Operation::GetObject);
        asked.iter().map(|get| get.header("range").map(str::to_owned)).collect()
    }

    /// Waits until nothing of any upload is left on the server.
    pub async fn no_upload_is_left(&self) {
        let gone = async {
            while !self.practice.unfinished_uploads().await.unwrap().is_empty() {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(5), gone).await.expect("an unfinished upload was left behind");
    }
}
