//! Who shares: the account's own identity, as the storage knows it, for the share folder's log.

use crate::credentials::KeySnapshot;
use crate::storage::Storage;
use aws_sdk_sts::config::{BehaviorVersion, Region, SharedCredentialsProvider};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// Longer is nobody made to wait for a name in a list.
const PATIENCE: Duration = Duration::from_secs(5);

/// Who the account of a place is, as far as it was asked.
#[derive(Default)]
pub(crate) struct Identity(Mutex<Option<String>>);

impl Identity {
    /// The person or role that the keys belong to: of AWS the last part of its own answer, elsewhere the key ID.
    ///
    /// # Cancellation
    /// Nothing is lost: the next call asks again.
    pub(crate) async fn who(&self, storage: &Storage, keys: &KeySnapshot) -> String {
        if let Some(known) = self.0.lock().unwrap_or_else(PoisonError::into_inner).clone() {
            return known;
        }
        let asked = if storage.is_aws() { ask(storage, keys).await } else { None };
        if storage.is_aws() && asked.is_none() {
            // Not remembered: it may be told another time.
            return keys.credentials.access_key_id().to_owned();
        }
        let who = asked.unwrap_or_else(|| keys.credentials.access_key_id().to_owned());
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(who.clone());
        who
    }

    /// There are new keys, perhaps somebody else's.
    pub(crate) fn forget(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }
}

async fn ask(storage: &Storage, keys: &KeySnapshot) -> Option<String> {
    let mut config = aws_sdk_sts::config::Builder::new()
        .behavior_version(BehaviorVersion::latest())
        .http_client(storage.connection().http_client())
        .credentials_provider(SharedCredentialsProvider::new(keys.credentials.clone()))
        .region(Region::new(storage.region()));
    if let Ok(endpoint) = std::env::var("AWS_ENDPOINT_URL_STS") {
        config = config.endpoint_url(endpoint);
    }
    let client = aws_sdk_sts::Client::from_conf(config.build());
    let answer = tokio::time::timeout(PATIENCE, client.get_caller_identity().send()).await.ok()?.ok()?;
    answer.arn().map(|arn| name_in(arn).to_owned())
}

/// `arn:aws:sts::1:assumed-role/Marketing/sabine@acme.com` is `sabine@acme.com`.
fn name_in(arn: &str) -> &str {
    arn.rsplit(['/', ':']).next().unwrap_or(arn)
}

#[cfg(test)]
mod tests {
    use super::name_in;

    #[test]
    fn a_person_is_called_by_the_last_part_of_the_identity() {
        assert_eq!(name_in("arn:aws:sts::123456789012:assumed-role/Marketing/sabine@acme.com"), "sabine@acme.com");
        assert_eq!(name_in("arn:aws:iam::123456789012:user/team/sabine"), "sabine");
        assert_eq!(name_in("arn:aws:iam::123456789012:root"), "root");
    }
}
