//! The signature: pre-signed GET of one key, with the store's time and the recipient's file name.

use super::SignedUrl;
use super::disposition::{self, Disposition};
use super::end::End;
use crate::clock::to_system_time;
use crate::credentials::KeySnapshot;
use crate::error::{Code, Error, Operation, Result, s3};
use crate::names;
use crate::storage::Storage;
use aws_sdk_s3::presigning::PresigningConfig;

/// Signs without asking the network.
pub(super) async fn sign(
    storage: &Storage,
    keys: &KeySnapshot,
    key_name: &str,
    shown_name: &str,
    disposition: Disposition,
    end: &End,
) -> Result<SignedUrl> {
    let config = PresigningConfig::builder().start_time(to_system_time(end.signed_from)).expires_in(end.lasts).build();
    let config = config.map_err(|cause| Error::new(Code::LinkEndRefused, Operation::Link).because(cause))?;
    let name = names::last_segment(shown_name);
    let request = storage
        .client_signing_with(keys)
        .get_object()
        .bucket(storage.bucket())
        .key(storage.place().key(key_name))
        .response_content_disposition(disposition::header(disposition, name))
        .set_response_content_type(disposition::forced_type(disposition, name).map(str::to_owned))
        .presigned(config)
        .await;
    match request {
        Ok(request) => Ok(SignedUrl(request.uri().to_owned())),
        Err(error) => Err(s3::from_sdk(error, Operation::Link)),
    }
}
