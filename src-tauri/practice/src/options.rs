//! How a practice place is to be set up.

use std::path::{Path, PathBuf};

use crate::identity::Identity;

#[derive(Debug, Clone)]
pub struct PracticeOptions {
    /// Made if it is not there.
    pub folder: PathBuf,
    /// 0 for any. A port that is taken is replaced by any other.
    pub port: u16,
    /// Made at the start if it is not there.
    pub bucket: String,
    pub region: String,
    /// Who may knock. The first is the one that `Practice::identity` names.
    pub identities: Vec<Identity>,
    /// Puts the sample files into a folder that is new.
    pub seed_samples: bool,
    /// Keeps a pair of keys and the last port in the folder, so that links outlive a restart.
    pub keeps_identity: bool,
}

impl PracticeOptions {
    /// For tests: an empty place with fresh random keys, on any port.
    pub fn new(folder: impl AsRef<Path>) -> Self {
        Self {
            folder: folder.as_ref().to_owned(),
            port: 0,
            bucket: "practice".to_owned(),
            region: "us-east-1".to_owned(),
            identities: Vec::new(),
            seed_samples: false,
            keeps_identity: false,
        }
    }

    /// For the app: keys and port are kept in the folder, samples are put into a new one.
    pub fn for_folder(folder: impl AsRef<Path>) -> Self {
        Self { seed_samples: true, keeps_identity: true, ..Self::new(folder) }
    }

    pub fn port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }

    pub fn bucket(mut self, bucket: &str) -> Self {
        bucket.clone_into(&mut self.bucket);
        self
    }

    pub fn region(mut self, region: &str) -> Self {
        region.clone_into(&mut self.region);
        self
    }

    /// Adds somebody who may knock.
    pub fn identity(mut self, identity: Identity) -> Self {
        self.identities.push(identity);
        self
    }

    pub fn seed_samples(mut self, seed: bool) -> Self {
        self.seed_samples = seed;
        self
    }
}
