//! An upload that was interrupted: what of it the store still has, and what of that is proved to be the file's.

use super::conflict::{self, Holder};
use super::kept::{KeptPart, KeptUpload};
use super::multipart::{Begun, take_back};
use super::payload::{Payload, held_bytes};
use super::plan::{Part, Plan};
use super::proof;
use super::request::{self, ListedPart, Manner, Object, SentPart, Unfinished};
use super::upload::{Sending, Stored};
use crate::error::{Code, Operation, Result};
use std::collections::HashMap;

/// What became of an interrupted upload.
pub(super) enum Found {
    /// It goes on.
    Begun(Begun),
    /// It had become an object, whole, and only the answer was lost.
    Stored(Stored),
    /// There is nothing to go on with.
    Nothing,
}

/// Looks for it. One that does not fit the file any more is taken back.
///
/// # Errors
/// What the store says when it is asked.
pub(super) async fn find(sending: &Sending<'_>, object: &Object, manner: Manner, kept: KeptUpload) -> Result<Found> {
    let job = sending.job;
    let plan = Plan::again(sending.plan.size, kept.part_bytes);
    let fits = kept.key == object.key && kept.source == sending.source.identity.text();
    let unfinished = kept.unfinished(object);
    let Some(plan) = plan.filter(|_| fits) else {
        take_back(&job.shared, &job.note, &unfinished).await;
        return Ok(Found::Nothing);
    };
    let listed = match job.patiently(Operation::Upload, || request::parts(&unfinished)).await {
        Ok(listed) => listed,
        Err(error) if matches!(error.code(), Code::UploadLost | Code::FileGone) => {
            return gone(sending, object, &unfinished).await;
        }
        // Some stores and some accounts don't list parts. What the journal knows was confirmed once.
        Err(error) if matches!(error.code(), Code::UploadDenied | Code::Unknown) => {
            let known = kept.parts.iter().map(|part| (part.number, SentPart::from(part))).collect();
            return Ok(Found::Begun(begun(unfinished, plan, manner, &kept, known)));
        }
        Err(error) => return Err(error),
    };
    job.progress.confirm();
    let sent = proven_parts(sending, plan, manner, &kept, listed).await?;
    Ok(Found::Begun(begun(unfinished, plan, manner, &kept, sent)))
}

fn begun(unfinished: Unfinished, plan: Plan, manner: Manner, kept: &KeptUpload, sent: HashMap<u32, SentPart>) -> Begun {
    Begun { unfinished, plan, manner: Manner { checksums: kept.checksums, ..manner }, sent }
}

/// The store knows nothing of it: it was swept, or it is an object by now.
async fn gone(sending: &Sending<'_>, object: &Object, unfinished: &Unfinished) -> Result<Found> {
    let job = sending.job;
    let holder = conflict::holder(object, &sending.label.token);
    let found = match job.stoppable(Operation::Upload, holder).await? {
        Holder::Ours(seen) => sending.stored_as(&seen).await?.map_or(Found::Nothing, Found::Stored),
        _ => Found::Nothing,
    };
    job.note.ended(&unfinished.id).await;
    Ok(found)
}

/// What the journal confirmed and the store lists counts. What only the store lists is compared with the file.
async fn proven_parts(
    sending: &Sending<'_>,
    plan: Plan,
    manner: Manner,
    kept: &KeptUpload,
    listed: Vec<ListedPart>,
) -> Result<HashMap<u32, SentPart>> {
    let manner = Manner { checksums: kept.checksums, ..manner };
    let planned: HashMap<u32, Part> = plan.parts().map(|part| (part.number, part)).collect();
    let known: HashMap<u32, &KeptPart> = kept.parts.iter().map(|part| (part.number, part)).collect();
    let mut sent = HashMap::with_capacity(listed.len());
    for part in listed {
        let Some(plan) = planned.get(&part.number).filter(|plan| plan.length == part.bytes) else { continue };
        if let Some(confirmed) = known.get(&part.number).filter(|known| known.etag == part.etag) {
            sent.insert(part.number, SentPart::from(*confirmed));
        } else if let Some(proven) = compared(sending, plan, manner, part).await? {
            sending.job.note.sent(KeptPart::from(&proven)).await;
            sent.insert(proven.number, proven);
        }
    }
    Ok(sent)
}

async fn compared(sending: &Sending<'_>, plan: &Part, manner: Manner, listed: ListedPart) -> Result<Option<SentPart>> {
    let job = sending.job;
    let _slot = job.stoppable(Operation::Upload, job.shared.slot(held_bytes(plan.length))).await?;
    let read = Payload::read(&job.shared, &sending.source, plan.offset, plan.length, manner);
    let payload = job.stoppable(Operation::Upload, read).await?;
    let receipt = request::Receipt { etag: Some(listed.etag.clone()), crc: listed.crc, own_key: false };
    if proof::of_payload(&receipt, &payload).await != proof::Verdict::Proven {
        return Ok(None);
    }
    Ok(Some(SentPart { number: plan.number, etag: listed.etag, crc: payload.crc, md5: payload.md5, proven: true }))
}

impl From<&KeptPart> for SentPart {
    fn from(part: &KeptPart) -> Self {
        SentPart { number: part.number, etag: part.etag.clone(), crc: part.crc, md5: part.md5, proven: part.proven }
    }
}
