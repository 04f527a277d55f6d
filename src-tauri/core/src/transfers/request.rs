//! The requests of an upload, one function each: what goes out, and what of the answer counts as a receipt.

use super::body::counted;
use super::checksum::{Crc, Md5Sum, parse_md5};
use super::payload::Payload;
use super::progress::PartProgress;
use crate::error::{Code, Error, Operation, Result};
use crate::storage::Storage;
use aws_sdk_s3::config::interceptors::BeforeDeserializationInterceptorContextRef;
use aws_sdk_s3::config::{ConfigBag, Intercept, RuntimeComponents};
use aws_sdk_s3::error::BoxError;
use aws_sdk_s3::operation::RequestId;
use aws_sdk_s3::types::{
    ChecksumAlgorithm, ChecksumMode, ChecksumType, CompletedMultipartUpload, CompletedPart, Part, ServerSideEncryption,
};
use aws_smithy_types::DateTime;
use jiff::Timestamp;
use std::sync::Arc;

/// Where the upload token is kept, so that an object can be known as ours after an answer was lost.
const TOKEN: &str = "satchel-upload";

/// No upload has more.
const MOST_PARTS: usize = 10_000;

/// One name in one place.
#[derive(Debug, Clone)]
pub(crate) struct Object {
    pub(crate) storage: Storage,
    pub(crate) key: String,
}

impl Object {
    pub(crate) fn new(storage: &Storage, name: &str) -> Self {
        Object { storage: storage.clone(), key: storage.place().key(name) }
    }
}

/// How a store takes a file. What it does not know is left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Manner {
    /// CRC64NVME with every byte; otherwise MD5.
    pub(crate) checksums: bool,
    /// The store itself sees to it that nothing is replaced.
    pub(crate) condition: bool,
}

/// What goes with a new object.
#[derive(Debug, Clone)]
pub(crate) struct Label {
    pub(crate) content_type: String,
    pub(crate) token: String,
}

/// What a store says that it has kept.
#[derive(Debug, Clone, Default)]
pub(crate) struct Receipt {
    pub(crate) etag: Option<String>,
    /// CRC64NVME of all of it.
    pub(crate) crc: Option<String>,
    /// Encrypted with a key of its own, so that the `ETag` says nothing about the bytes.
    pub(crate) own_key: bool,
}

/// An object as HEAD shows it.
#[derive(Debug, Clone)]
pub(crate) struct Seen {
    pub(crate) receipt: Receipt,
    pub(crate) bytes: u64,
    pub(crate) changed_at: Option<Timestamp>,
    pub(crate) token: Option<String>,
}

/// An unfinished upload.
#[derive(Debug, Clone)]
pub(crate) struct Unfinished {
    pub(crate) object: Object,
    pub(crate) id: String,
}

/// A part as the store lists it.
#[derive(Debug, Clone)]
pub(crate) struct ListedPart {
    pub(crate) number: u32,
    pub(crate) bytes: u64,
    pub(crate) etag: String,
    pub(crate) crc: Option<String>,
}

/// A part that the store has confirmed.
#[derive(Debug, Clone)]
pub(crate) struct SentPart {
    pub(crate) number: u32,
    pub(crate) etag: String,
    pub(crate) crc: Crc,
    pub(crate) md5: Option<Md5Sum>,
    /// The receipt matched the bytes.
    pub(crate) proven: bool,
}

/// Stores a whole file with one request.
pub(crate) async fn put(
    object: &Object,
    payload: &Payload,
    manner: Manner,
    label: &Label,
    progress: &Arc<PartProgress>,
) -> Result<Receipt> {
    let output = object
        .storage
        .call_once(Operation::Upload, |client| {
            let request = client
                .put_object()
                .bucket(object.storage.bucket())
                .key(&object.key)
                .content_type(&label.content_type)
                .metadata(TOKEN, &label.token)
                .set_content_length(i64::try_from(payload.length()).ok())
                .set_checksum_crc64_nvme(manner.checksums.then(|| payload.crc.text()))
                .set_content_md5(payload.md5.map(Md5Sum::base64))
                .set_if_none_match(manner.condition.then(|| "*".to_owned()))
                .body(counted(payload, progress));
            request.customize().disable_payload_signing().interceptor(NoWebPage).send()
        })
        .await?;
    let own_key = has_own_key(output.server_side_encryption(), output.sse_customer_algorithm());
    Ok(Receipt { etag: output.e_tag, crc: output.checksum_crc64_nvme, own_key })
}

/// Begins an upload in parts.
pub(crate) async fn create(object: &Object, manner: Manner, label: &Label) -> Result<Unfinished> {
    let output = object
        .storage
        .call_once(Operation::Upload, |client| {
            client
                .create_multipart_upload()
                .bucket(object.storage.bucket())
                .key(&object.key)
                .content_type(&label.content_type)
                .metadata(TOKEN, &label.token)
                .set_checksum_algorithm(manner.checksums.then_some(ChecksumAlgorithm::Crc64Nvme))
                .set_checksum_type(manner.checksums.then_some(ChecksumType::FullObject))
                .send()
        })
        .await?;
    match output.upload_id {
        Some(id) if !id.is_empty() => Ok(Unfinished { object: object.clone(), id }),
        _ => Err(object.storage.named(crate::error::s3::unproven(Operation::Upload))),
    }
}

/// Sends one part.
pub(crate) async fn part(
    unfinished: &Unfinished,
    number: u32,
    payload: &Payload,
    manner: Manner,
    progress: &Arc<PartProgress>,
) -> Result<Receipt> {
    let storage = &unfinished.object.storage;
    let output = storage
        .call_once(Operation::Upload, |client| {
            let request = client
                .upload_part()
                .bucket(storage.bucket())
                .key(&unfinished.object.key)
                .upload_id(&unfinished.id)
                .set_part_number(i32::try_from(number).ok())
                .set_content_length(i64::try_from(payload.length()).ok())
                .set_checksum_crc64_nvme(manner.checksums.then(|| payload.crc.text()))
                .set_content_md5(payload.md5.map(Md5Sum::base64))
                .body(counted(payload, progress));
            request.customize().disable_payload_signing().interceptor(NoWebPage).send()
        })
        .await?;
    let own_key = has_own_key(output.server_side_encryption(), output.sse_customer_algorithm());
    Ok(Receipt { etag: output.e_tag, crc: output.checksum_crc64_nvme, own_key })
}

/// Makes one object of all parts, which must be in order.
pub(crate) async fn complete(unfinished: &Unfinished, parts: &[SentPart], crc: Crc, manner: Manner) -> Result<Receipt> {
    let storage = &unfinished.object.storage;
    let parts = parts.iter().map(|part| {
        CompletedPart::builder().set_part_number(i32::try_from(part.number).ok()).e_tag(&part.etag).build()
    });
    let parts = CompletedMultipartUpload::builder().set_parts(Some(parts.collect())).build();
    let output = storage
        .call_once(Operation::Upload, |client| {
            client
                .complete_multipart_upload()
                .bucket(storage.bucket())
                .key(&unfinished.object.key)
                .upload_id(&unfinished.id)
                .multipart_upload(parts.clone())
                .set_checksum_crc64_nvme(manner.checksums.then(|| crc.text()))
                .set_checksum_type(manner.checksums.then_some(ChecksumType::FullObject))
                .set_if_none_match(manner.condition.then(|| "*".to_owned()))
                .send()
        })
        .await?;
    let full = output.checksum_type != Some(ChecksumType::Composite);
    let own_key = has_own_key(output.server_side_encryption(), None);
    let crc = output.checksum_crc64_nvme.filter(|text| full && !text.contains('-'));
    Ok(Receipt { etag: output.e_tag, crc, own_key })
}

/// Takes an unfinished upload back, with every part of it.
pub(crate) async fn abort(unfinished: &Unfinished) -> Result<()> {
    let storage = &unfinished.object.storage;
    let call = storage.call_once(Operation::Upload, |client| {
        client
            .abort_multipart_upload()
            .bucket(storage.bucket())
            .key(&unfinished.object.key)
            .upload_id(&unfinished.id)
            .customize()
            .interceptor(NoWebPage)
            .send()
    });
    call.await.map(|_| ())
}

/// The parts of an unfinished upload that the store has, in order.
pub(crate) async fn parts(unfinished: &Unfinished) -> Result<Vec<ListedPart>> {
    let storage = &unfinished.object.storage;
    let (mut all, mut after): (Vec<ListedPart>, Option<String>) = (Vec::new(), None);
    loop {
        let page = storage.call(Operation::Upload, |client| {
            client
                .list_parts()
                .bucket(storage.bucket())
                .key(&unfinished.object.key)
                .upload_id(&unfinished.id)
                .set_part_number_marker(after.clone())
                .send()
        });
        let page = page.await?;
        let before = all.len();
        for part in page.parts().iter().filter_map(listed) {
            // A store that says "there is more" and begins anew would never end.
            if all.last().is_none_or(|last| last.number < part.number) && all.len() < MOST_PARTS {
                all.push(part);
            }
        }
        match page.next_part_number_marker {
            Some(next) if page.is_truncated == Some(true) && all.len() > before => after = Some(next),
            _ => return Ok(all),
        }
    }
}

fn listed(part: &Part) -> Option<ListedPart> {
    Some(ListedPart {
        number: u32::try_from(part.part_number?).ok()?,
        bytes: u64::try_from(part.size?).ok()?,
        etag: part.e_tag.clone()?,
        crc: part.checksum_crc64_nvme.clone(),
    })
}

/// Looks at what has the name now.
///
/// # Errors
/// What the store says; `CaptivePortal` when it is not the store that answers.
pub(crate) async fn head(object: &Object) -> Result<Seen> {
    let output = object
        .storage
        .call(Operation::Read, |client| {
            client
                .head_object()
                .bucket(object.storage.bucket())
                .key(&object.key)
                .checksum_mode(ChecksumMode::Enabled)
                .send()
        })
        .await?;
    let signed = output.request_id().is_some() || output.checksum_crc64_nvme().is_some();
    if is_web_page(output.content_type(), output.e_tag(), signed) {
        return Err(object.storage.named(Error::new(Code::CaptivePortal, Operation::Read)));
    }
    let full = output.checksum_type != Some(ChecksumType::Composite);
    let own_key = has_own_key(output.server_side_encryption(), output.sse_customer_algorithm());
    let token = output.metadata().and_then(|metadata| metadata.get(TOKEN)).cloned();
    let bytes = output.content_length().and_then(|length| u64::try_from(length).ok()).unwrap_or_default();
    let changed_at = output.last_modified().and_then(timestamp);
    let crc = output.checksum_crc64_nvme.filter(|text| full && !text.contains('-'));
    Ok(Seen { receipt: Receipt { etag: output.e_tag, crc, own_key }, bytes, changed_at, token })
}

/// Deletes what has the name.
pub(crate) async fn delete(object: &Object) -> Result<()> {
    let call = object.storage.call(Operation::Delete, |client| {
        let request = client.delete_object().bucket(object.storage.bucket()).key(&object.key);
        request.customize().interceptor(NoWebPage).send()
    });
    call.await.map(|_| ())
}

pub(crate) fn timestamp(time: &DateTime) -> Option<Timestamp> {
    Timestamp::new(time.secs(), i32::try_from(time.subsec_nanos()).ok()?).ok()
}

/// Whether the `ETag` of such an object is something else than its MD5 sum.
pub(crate) fn has_own_key(encryption: Option<&ServerSideEncryption>, customer_key: Option<&str>) -> bool {
    customer_key.is_some() || encryption.is_some_and(|kind| *kind != ServerSideEncryption::Aes256)
}

/// Whether this is the sign-in page of a Wi-Fi and not somebody's web page that is kept in the store. `signed` says that the
/// answer has something that only a store says.
pub(crate) fn is_web_page(content_type: Option<&str>, etag: Option<&str>, signed: bool) -> bool {
    let page = content_type.is_some_and(|kind| kind.starts_with("text/html"));
    let from_a_store = etag.is_some_and(|etag| signed || parse_md5(etag).is_some());
    page && !from_a_store
}

/// A sign-in page of a Wi-Fi says "200 OK" to everything. An S3 store never answers these requests with a web page.
#[derive(Debug)]
struct NoWebPage;

impl Intercept for NoWebPage {
    fn name(&self) -> &'static str {
        "NoWebPage"
    }

    fn read_before_deserialization(
        &self,
        context: &BeforeDeserializationInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        _config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let response = context.response();
        let page = response.headers().get("content-type").is_some_and(|kind| kind.starts_with("text/html"));
        if page && response.status().is_success() {
            Err("a web page came instead of the store's answer".into())
        } else {
            Ok(())
        }
    }
}
