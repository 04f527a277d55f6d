//! A large file up, in parts that move side by side. Ends as one confirmed object or leaves no part behind.

use super::checksum::Crc;
use super::conflict::{self, Holder};
use super::limits::Shared;
use super::plan::Part;
use super::progress::{PartProgress, Progress};
use super::proof::{self, Sent, Verdict};
use super::request::{self, Manner, Object, SentPart, Unfinished};
use super::source::Source;
use super::upload::{Sending, Stored, after_race, payload};
use crate::error::{Code, Error, Operation, Result, s3};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::oneshot;

/// How often one part is sent when it arrives damaged.
const TRIES_FOR_A_PART: u32 = 3;
/// How often two writers may meet on one name at the same moment.
const MOST_RACES: u32 = 3;
/// How long a stopped transfer waits for the store to take its parts back before it goes on in the background.
const WAIT_FOR_ABORT: Duration = Duration::from_millis(250);
/// After this the parts are left to the next start.
const LONGEST_ABORT: Duration = Duration::from_secs(20);
/// How long a stopped transfer waits for an object that is being made.
const WAIT_FOR_COMPLETE: Duration = Duration::from_millis(250);

/// What every part needs.
struct Parts {
    unfinished: Unfinished,
    source: Source,
    manner: Manner,
    shared: Arc<Shared>,
    progress: Arc<Progress>,
}

/// Sends a file in parts.
///
/// # Errors
/// As `upload::run`; the unfinished upload has been taken back, or is being.
///
/// # Cancellation
/// Dropped early it leaves an unfinished upload behind. Stopped by the job's token it takes it back.
pub(crate) async fn send(sending: &Sending<'_>, object: &Object, manner: Manner, ask_first: bool) -> Result<Stored> {
    let job = sending.job;
    let unfinished = begin(sending, object, manner).await?;
    let mut whole = None;
    let result = async {
        let (parts, crc) = send_parts(sending, &unfinished, manner).await?;
        job.stoppable(Operation::Upload, sending.source.unchanged()).await?;
        if ask_first {
            sending.ask_before(object, manner).await?;
        }
        job.progress.set_checking();
        whole = Some(crc);
        complete(sending, &unfinished, &parts, crc, manner).await
    }
    .await;
    let error = match (result, whole) {
        (Ok(()), Some(crc)) => return Ok(Stored { crc }),
        (Ok(()), None) => Error::new(Code::Unknown, Operation::Upload),
        (Err(error), _) => error,
    };
    let gone = take_back(&job.shared, &unfinished).await;
    match whole {
        // There was nothing to take back: it had become an object at the last moment. The truth is that it is done.
        Some(crc) if gone && is_there(sending, object, crc).await => Ok(Stored { crc }),
        _ => Err(error),
    }
}

/// Begins the upload. If it is stopped meanwhile, what was begun is taken back as soon as its id is known.
async fn begin(sending: &Sending<'_>, object: &Object, manner: Manner) -> Result<Unfinished> {
    let (tell, begun) = oneshot::channel();
    let (object, label) = (object.clone(), sending.label.clone());
    sending.job.shared.cleaning.spawn(async move {
        let result = request::create(&object, manner, &label).await;
        if let Err(Ok(unfinished)) = tell.send(result) {
            abort(&unfinished).await;
        }
    });
    let begun =
        async { begun.await.unwrap_or_else(|cause| Err(Error::new(Code::Unknown, Operation::Upload).because(cause))) };
    sending.job.stoppable(Operation::Upload, begun).await
}

async fn is_there(sending: &Sending<'_>, object: &Object, crc: Crc) -> bool {
    let sent = Sent { token: &sending.label.token, crc, payload: None };
    let look = tokio::time::timeout(WAIT_FOR_COMPLETE, conflict::holder(object, sent.token));
    match look.await {
        Ok(Holder::Ours(seen)) => proof::fits(&seen, &sent).await,
        _ => false,
    }
}

async fn send_parts(sending: &Sending<'_>, unfinished: &Unfinished, manner: Manner) -> Result<(Vec<SentPart>, Crc)> {
    let job = sending.job;
    let parts = Arc::new(Parts {
        unfinished: unfinished.clone(),
        source: sending.source.clone(),
        manner,
        shared: Arc::clone(&job.shared),
        progress: Arc::clone(&job.progress),
    });
    let works = sending.plan.parts().map(|part| {
        let parts = Arc::clone(&parts);
        async move { parts.send(part).await }
    });
    let mut sent = job.together(Operation::Upload, works).await?;
    sent.sort_unstable_by_key(|part| part.number);
    let crc = sent.iter().map(|part| part.crc).fold(Crc::EMPTY, Crc::then);
    Ok((sent, crc))
}

impl Parts {
    async fn send(&self, part: Part) -> Result<SentPart> {
        let _slot = self.shared.slot(part.length).await?;
        let payload = payload(&self.shared, &self.source, part.offset, part.length, self.manner).await?;
        let progress = PartProgress::new(&self.progress);
        let mut tries = 1;
        loop {
            let error = match request::part(&self.unfinished, part.number, &payload, self.manner, &progress).await {
                Ok(receipt) => match (proof::of_payload(&receipt, &payload).await, receipt.etag) {
                    (Verdict::Wrong, _) | (_, None) => proof::damaged(&self.unfinished.object),
                    (verdict, Some(etag)) => {
                        let sent = SentPart {
                            number: part.number,
                            etag,
                            crc: payload.crc,
                            md5: payload.md5,
                            proven: verdict == Verdict::Proven,
                        };
                        self.shared.give_back(payload.bytes);
                        return Ok(sent);
                    }
                },
                Err(error) if error.code() == Code::Damaged => error,
                Err(error) if error.code() == Code::FileGone => return Err(lost(error)),
                Err(error) => return Err(error),
            };
            if tries == TRIES_FOR_A_PART {
                return Err(error);
            }
            tries += 1;
            after_race(tries).await?;
        }
    }
}

/// A store that only says "not found" to a part means the upload.
fn lost(error: Error) -> Error {
    Error::new(Code::UploadLost, Operation::Upload).because(error)
}

async fn complete(
    sending: &Sending<'_>,
    unfinished: &Unfinished,
    parts: &[SentPart],
    crc: Crc,
    manner: Manner,
) -> Result<()> {
    let job = sending.job;
    let sent = Sent { token: &sending.label.token, crc, payload: None };
    let mut races = 0;
    let result = loop {
        let request = request::complete(unfinished, parts, crc, manner);
        match job.stoppable_late(|| WAIT_FOR_COMPLETE, request).await {
            Err(error) if worth_repeating(&error) && races < MOST_RACES => races += 1,
            result => break result,
        }
        job.stoppable(Operation::Upload, after_race(races)).await?;
    };
    let receipt = match result {
        Ok(receipt) => receipt,
        // The answer may have been lost after the deed: the object itself knows.
        Err(error) if may_be_done(&error) => {
            let holder = async { Ok(conflict::holder(&unfinished.object, sent.token).await) };
            return match job.stoppable_late(|| WAIT_FOR_COMPLETE, holder).await {
                Ok(Holder::Ours(seen)) if proof::fits(&seen, &sent).await => Ok(()),
                _ => Err(error),
            };
        }
        Err(error) => return Err(error),
    };
    match proof::of_parts(&receipt, crc, parts) {
        Verdict::Proven => Ok(()),
        Verdict::Wrong => Err(proof::damaged(&unfinished.object)),
        Verdict::Silent => {
            let trusted = receipt.etag.is_some() && parts.iter().all(|part| part.proven);
            proof::settle(&unfinished.object, &sent, trusted).await
        }
    }
}

/// A yes that turned into trouble while the store put the parts together, or another writer at the same moment.
fn worth_repeating(error: &Error) -> bool {
    s3::is_race(error) || s3::is_trouble_after_yes(error)
}

/// Whether an object may have been made although the answer was this.
fn may_be_done(error: &Error) -> bool {
    let trouble = matches!(error.code(), Code::StorageTrouble | Code::Busy | Code::Unknown);
    let no_answer = matches!(error.code(), Code::Unreachable | Code::Offline | Code::TooSlow);
    trouble || no_answer || matches!(error.code(), Code::UploadLost | Code::FileGone)
}

/// Takes the unfinished upload back. Goes on in the background if the store takes its time. True if the store no longer
/// knew of it.
async fn take_back(shared: &Shared, unfinished: &Unfinished) -> bool {
    let (done, waiting) = oneshot::channel();
    let unfinished = unfinished.clone();
    shared.cleaning.spawn(async move {
        let gone = abort(&unfinished).await;
        // Nobody waits any more if it took too long.
        let _ = done.send(gone);
    });
    matches!(tokio::time::timeout(WAIT_FOR_ABORT, waiting).await, Ok(Ok(true)))
}

async fn abort(unfinished: &Unfinished) -> bool {
    let abort = async {
        match request::abort(unfinished).await {
            Ok(()) => {
                // A part that was under way may arrive after the first request; the second takes it too.
                let _ = request::abort(unfinished).await;
                false
            }
            Err(error) => matches!(error.code(), Code::UploadLost | Code::FileGone),
        }
    };
    match tokio::time::timeout(LONGEST_ABORT, abort).await {
        Ok(gone) => gone,
        Err(_) => {
            tracing::warn!("an unfinished upload could not be taken back");
            false
        }
    }
}
