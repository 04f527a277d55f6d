//! Whether a store has really kept what was sent. "Done" is said only after this.
//!
//! Its checksum counts first, then an `ETag` that is the MD5 sum, and only then a look at the object.

use super::checksum::{Crc, Md5Sum, parse_md5, plain_etag};
use super::payload::Payload;
use super::request::{self, Object, Receipt, Seen, SentPart};
use crate::error::{Code, Error, Operation, Result, s3};

/// What a receipt proves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    Proven,
    /// Something else was kept than what was sent.
    Wrong,
    /// Neither.
    Silent,
}

/// What has been sent under a name.
pub(crate) struct Sent<'s> {
    pub(crate) token: &'s str,
    pub(crate) crc: Crc,
    /// The bytes, if they are at hand.
    pub(crate) payload: Option<&'s Payload>,
    /// Something else was kept under this token before: from then on only a proof counts.
    pub(crate) mending: bool,
}

/// Judges the receipt for bytes that are still in memory.
pub(crate) async fn of_payload(receipt: &Receipt, payload: &Payload) -> Verdict {
    if let Some(crc) = &receipt.crc {
        return if *crc == payload.crc.text() { Verdict::Proven } else { Verdict::Wrong };
    }
    let Some(etag) = receipt.etag.as_deref().and_then(parse_md5) else { return Verdict::Silent };
    match payload.md5().await {
        Ok(md5) if md5 == etag => Verdict::Proven,
        Ok(_) if !receipt.own_key => Verdict::Wrong,
        _ => Verdict::Silent,
    }
}

/// Judges the receipt for an object of these parts, which must be in order.
pub(crate) fn of_parts(receipt: &Receipt, crc: Crc, parts: &[SentPart]) -> Verdict {
    if let Some(kept) = &receipt.crc {
        return if *kept == crc.text() { Verdict::Proven } else { Verdict::Wrong };
    }
    let Some(etag) = receipt.etag.as_deref().map(plain_etag) else { return Verdict::Silent };
    let ours: Option<Vec<Md5Sum>> = parts.iter().map(|part| part.md5.or_else(|| parse_md5(&part.etag))).collect();
    let joined = ours.map(|sums| Md5Sum::etag_of_parts(&sums));
    let all_proven = parts.iter().all(|part| part.proven);
    if all_proven && joined.as_deref() == Some(etag) { Verdict::Proven } else { Verdict::Silent }
}

/// Settles a silent receipt by looking at the object. `trusted` says that the store has confirmed every byte before.
///
/// # Errors
/// `Damaged` when the object is not what was sent, or when nothing proves that it is.
pub(crate) async fn settle(object: &Object, sent: &Sent<'_>, trusted: bool) -> Result<()> {
    match request::head(object).await {
        Ok(seen) if seen.token.as_deref() == Some(sent.token) && fits(&seen, sent).await => Ok(()),
        Ok(_) => Err(object.storage.named(s3::unproven(Operation::Upload))),
        // Upload-only accounts may not look; that does not undo a confirmed write.
        Err(error) if error.code() == Code::ReadDenied && trusted => Ok(()),
        Err(error) if error.code() == Code::ReadDenied => Err(s3::unproven(Operation::Upload).because(error)),
        Err(error) => Err(error),
    }
}

/// Whether this object holds what was sent, as far as it can be seen.
pub(crate) async fn fits(seen: &Seen, sent: &Sent<'_>) -> bool {
    match of_look(seen, sent).await {
        Verdict::Proven => true,
        Verdict::Wrong => false,
        Verdict::Silent => !sent.mending,
    }
}

/// Judges an object by what a look at it shows.
async fn of_look(seen: &Seen, sent: &Sent<'_>) -> Verdict {
    if seen.bytes != sent.crc.length {
        return Verdict::Wrong;
    }
    match (&seen.receipt.crc, sent.payload) {
        (Some(crc), _) if *crc == sent.crc.text() => Verdict::Proven,
        (Some(_), _) => Verdict::Wrong,
        (None, Some(payload)) => of_payload(&seen.receipt, payload).await,
        (None, None) => Verdict::Silent,
    }
}

/// The error for a receipt that shows something else.
pub(crate) fn damaged(object: &Object) -> Error {
    object.storage.named(s3::unproven(Operation::Upload))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transfers::payload::Content;
    use bytes::Bytes;

    fn payload() -> Payload {
        Payload {
            content: Content::Held(vec![Bytes::from_static(b"123456789")]),
            crc: Crc::of(b"123456789"),
            md5: None,
        }
    }

    fn receipt(etag: Option<&str>, crc: Option<&str>, own_key: bool) -> Receipt {
        Receipt { etag: etag.map(str::to_owned), crc: crc.map(str::to_owned), own_key }
    }

    #[tokio::test]
    async fn a_checksum_counts_first_and_an_etag_only_if_it_is_the_md5_sum() {
        let md5 = "\"25f9e794323b453885f5181f1b624d0b\"";
        let other = "\"d41d8cd98f00b204e9800998ecf8427e\"";
        for (receipt, verdict) in [
            (receipt(Some(other), Some("rosUhgp5mIg="), false), Verdict::Proven),
            (receipt(Some(md5), Some("AAAAAAAAAAA="), false), Verdict::Wrong),
            (receipt(Some(md5), None, false), Verdict::Proven),
            (receipt(Some(other), None, false), Verdict::Wrong),
            (receipt(Some(other), None, true), Verdict::Silent),
            (receipt(Some("\"abc-2\""), None, false), Verdict::Silent),
            (receipt(None, None, false), Verdict::Silent),
        ] {
            assert_eq!(of_payload(&receipt, &payload()).await, verdict, "{receipt:?}");
        }
    }
}
