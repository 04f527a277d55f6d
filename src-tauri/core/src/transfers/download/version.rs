//! Which version of a file a download is about, and how its bytes are judged in the end.

use crate::error::{Code, Error, Operation, Result};
use crate::transfers::checksum::{Crc, Md5Sum, parse_md5};
use crate::transfers::conflict::There;
use crate::transfers::job::Job;
use crate::transfers::ranges::{HELD_BYTES, Opened};
use crate::transfers::request::{self, Object, has_own_key, is_web_page, timestamp};
use crate::transfers::target::Writer;
use aws_sdk_s3::operation::RequestId;
use aws_sdk_s3::operation::get_object::GetObjectOutput;
use aws_sdk_s3::types::{ChecksumMode, ChecksumType};

/// How what has come in is judged.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Expected {
    Crc(String),
    Md5(Md5Sum),
    /// Its length is all there is.
    Length,
}

/// What the store says about a file.
#[derive(Debug, Clone)]
pub(super) struct Version {
    pub(super) etag: Option<String>,
    pub(super) about: There,
    expected: Expected,
}

/// Asks for the whole file. A small one comes in this answer; of a large one its beginning.
///
/// # Errors
/// What the store says; `CaptivePortal` when it is not the store that answers.
pub(super) async fn open(job: &Job, object: &Object) -> Result<(Version, Opened)> {
    let (slot, turn) = (job.shared.slot(HELD_BYTES).await?, job.shared.pace.turn().await?);
    let call = object.storage.call_once(Operation::Read, |client| {
        client.get_object().bucket(object.storage.bucket()).key(&object.key).checksum_mode(ChecksumMode::Enabled).send()
    });
    let output = call.await?;
    let signed = output.request_id().is_some() || output.checksum_crc64_nvme().is_some();
    if is_web_page(output.content_type(), output.e_tag(), signed) {
        return Err(object.storage.named(Error::new(Code::CaptivePortal, Operation::Read)));
    }
    let bytes = output.content_length().and_then(|length| u64::try_from(length).ok());
    let damaged = || object.storage.named(Error::new(Code::Damaged, Operation::Read));
    let about = There { bytes: bytes.ok_or_else(damaged)?, changed_at: output.last_modified().and_then(timestamp) };
    job.progress.confirm();
    let version = Version { etag: output.e_tag().map(str::to_owned), about, expected: Expected::of_answer(&output) };
    Ok((version, Opened { stream: output.body, slot, turn }))
}

/// Asks what has the name now, without its bytes: the sum of the whole file comes with no piece of it.
///
/// # Errors
/// What the store says.
pub(super) async fn seen(object: &Object) -> Result<Version> {
    let seen = request::head(object).await?;
    let about = There { bytes: seen.bytes, changed_at: seen.changed_at };
    let etag = seen.receipt.etag;
    let expected = Expected::of(seen.receipt.crc, etag.as_deref(), seen.receipt.own_key);
    Ok(Version { etag, about, expected })
}

impl Version {
    /// The sum of a file that is this version without a doubt: its length alone proves nothing.
    ///
    /// # Errors
    /// `FolderUnwritable` when it can't be read.
    pub(super) async fn proven_by(&self, file: &Writer) -> Result<Option<Crc>> {
        let crc = file.crc(0, self.about.bytes).await?;
        let proven = match &self.expected {
            Expected::Crc(text) => crc.text() == *text,
            Expected::Md5(md5) => file.md5().await? == *md5,
            Expected::Length => false,
        };
        Ok(proven.then_some(crc))
    }

    /// # Errors
    /// `Damaged`.
    pub(super) async fn check(&self, object: &Object, writer: &Writer, crc: Crc) -> Result<()> {
        let whole = crc.length == self.about.bytes;
        let same = whole
            && match &self.expected {
                Expected::Crc(text) => *text == crc.text(),
                Expected::Md5(md5) => writer.md5().await? == *md5,
                Expected::Length => true,
            };
        if same { Ok(()) } else { Err(object.storage.named(Error::new(Code::Damaged, Operation::Read))) }
    }
}

impl Expected {
    fn of_answer(output: &GetObjectOutput) -> Self {
        let full = output.checksum_type() != Some(&ChecksumType::Composite);
        let crc = output.checksum_crc64_nvme().filter(|crc| full && !crc.contains('-'));
        let own_key = has_own_key(output.server_side_encryption(), output.sse_customer_algorithm());
        Expected::of(crc.map(str::to_owned), output.e_tag(), own_key)
    }

    fn of(crc: Option<String>, etag: Option<&str>, own_key: bool) -> Self {
        match (crc, etag.and_then(parse_md5)) {
            (Some(crc), _) => Expected::Crc(crc),
            (None, Some(md5)) if !own_key => Expected::Md5(md5),
            _ => Expected::Length,
        }
    }
}
