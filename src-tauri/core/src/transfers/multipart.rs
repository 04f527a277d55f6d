//! A large file up, in parts that move side by side. Goes on where it was interrupted; ends as one confirmed object, or
//! leaves no part behind, or leaves what the journal knows of.

use super::attempts::{Attempts, jittered};
use super::checksum::Crc;
use super::conflict::{self, Holder};
use super::job::Job;
use super::kept::{KeptPart, KeptUpload, Note};
use super::limits::Shared;
use super::patience::passes;
use super::payload::{Payload, held_bytes};
use super::plan::{Part, Plan};
use super::progress::{OnTheWay, PartProgress, Progress};
use super::proof::{self, Verdict};
use super::request::{self, Manner, Object, SentPart, Unfinished};
use super::resumed::{self, Found};
use super::source::Source;
use super::upload::{Sending, Stored};
use crate::error::{Code, Error, Operation, Result, s3};
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::oneshot;

/// How often two writers may meet on one name at the same moment.
const MOST_RACES: u32 = 3;
/// The first wait after two writers met; doubles.
const AFTER_A_RACE: Duration = Duration::from_millis(100);
/// How long a stopped transfer waits for the store to take its parts back before it goes on in the background.
const WAIT_FOR_ABORT: Duration = Duration::from_millis(250);
/// After this the parts are left to the next start.
const LONGEST_ABORT: Duration = Duration::from_secs(20);
/// How long a stopped transfer waits for an object that is being made.
const WAIT_FOR_COMPLETE: Duration = Duration::from_millis(250);

/// An upload in parts that is under way.
pub(super) struct Begun {
    pub(super) unfinished: Unfinished,
    pub(super) plan: Plan,
    pub(super) manner: Manner,
    /// Confirmed before.
    pub(super) sent: HashMap<u32, SentPart>,
}

/// What every part needs.
struct Parts {
    unfinished: Unfinished,
    source: Source,
    manner: Manner,
    shared: Arc<Shared>,
    progress: Arc<Progress>,
    note: Note,
}

/// Sends a file in parts, or what is missing of them.
///
/// # Errors
/// As `upload::run`. What was begun is kept after troubles that pass, and taken back after the others.
///
/// # Cancellation
/// Dropped early it leaves what the journal knows of. Stopped by the job's token it takes that back, or keeps it, as the
/// reason wants.
pub(crate) async fn send(
    sending: &Sending<'_>,
    object: &Object,
    manner: Manner,
    ask_first: bool,
    kept: Option<KeptUpload>,
) -> Result<Stored> {
    let job = sending.job;
    let begun = match kept {
        Some(kept) => match resumed::find(sending, object, manner, kept).await? {
            Found::Begun(begun) => begun,
            Found::Stored(stored) => return Ok(stored),
            Found::Nothing => begin(sending, object, manner).await?,
        },
        None => begin(sending, object, manner).await?,
    };
    let mut whole = None;
    let result = async {
        let (parts, crc) = send_parts(sending, &begun).await?;
        job.stoppable(Operation::Upload, sending.source.unchanged()).await?;
        if ask_first {
            sending.ask_before(object, manner).await?;
        }
        job.progress.set_checking();
        whole = Some(crc);
        complete(sending, &begun, &parts, crc).await
    }
    .await;
    let error = match (result, whole) {
        (Ok(()), Some(crc)) => {
            job.note.ended(&begun.unfinished.id).await;
            return Ok(Stored { crc });
        }
        (Ok(()), None) => Error::new(Code::Unknown, Operation::Upload),
        (Err(error), _) => error,
    };
    if job.keeps_what_was_begun(&error) {
        return Err(error);
    }
    let gone = take_back(&job.shared, &job.note, &begun.unfinished).await;
    match whole {
        // There was nothing to take back: it had become an object at the last moment. The truth is that it is done.
        // A receipt that shows damage stands, whatever a look would show.
        Some(crc) if gone && error.code() != Code::Damaged && is_there(sending, object, crc).await => {
            Ok(Stored { crc })
        }
        _ => Err(error),
    }
}

/// Begins the upload. If it is stopped meanwhile, what was begun is taken back as soon as its id is known.
async fn begin(sending: &Sending<'_>, object: &Object, manner: Manner) -> Result<Begun> {
    let begin = || async {
        let (tell, begun) = oneshot::channel();
        let (object, label, note) = (object.clone(), sending.label.clone(), sending.job.note.clone());
        let (part_bytes, source) = (sending.plan.part_size, sending.source.identity.text());
        sending.job.shared.cleaning.spawn(async move {
            let result = request::create(&object, manner, &label).await;
            if let Ok(unfinished) = &result
                && !tell.is_closed()
            {
                let (key, upload) = (object.key.clone(), unfinished.id.clone());
                let parts = Vec::new();
                note.begun(KeptUpload { key, upload, part_bytes, source, checksums: manner.checksums, parts }).await;
            }
            if let Err(Ok(unfinished)) = tell.send(result) {
                abort(&unfinished, &note).await;
            }
        });
        begun.await.unwrap_or_else(|cause| Err(Error::new(Code::Unknown, Operation::Upload).because(cause)))
    };
    let unfinished = sending.job.patiently(Operation::Upload, begin).await?;
    sending.job.progress.confirm();
    Ok(Begun { unfinished, plan: sending.plan, manner, sent: HashMap::new() })
}

async fn is_there(sending: &Sending<'_>, object: &Object, crc: Crc) -> bool {
    let sent = sending.sent(crc, None);
    let look = tokio::time::timeout(WAIT_FOR_COMPLETE, conflict::holder(object, sent.token));
    match look.await {
        Ok(Ok(Holder::Ours(seen))) => proof::fits(&seen, &sent).await,
        _ => false,
    }
}

async fn send_parts(sending: &Sending<'_>, begun: &Begun) -> Result<(Vec<SentPart>, Crc)> {
    let job = sending.job;
    job.progress.begin_at(begun.sent.values().map(|part| part.crc.length).sum());
    let parts = Arc::new(Parts {
        unfinished: begun.unfinished.clone(),
        source: sending.source.clone(),
        manner: begun.manner,
        shared: Arc::clone(&job.shared),
        progress: Arc::clone(&job.progress),
        note: job.note.clone(),
    });
    let missing = begun.plan.parts().filter(|part| !begun.sent.contains_key(&part.number));
    let works = missing.map(|part| {
        let parts = Arc::clone(&parts);
        async move { parts.send(part).await }
    });
    let mut sent = job.together(Operation::Upload, works).await?;
    sent.extend(begun.sent.values().cloned());
    sent.sort_unstable_by_key(|part| part.number);
    let crc = sent.iter().map(|part| part.crc).fold(Crc::EMPTY, Crc::then);
    Ok((sent, crc))
}

impl Parts {
    async fn send(&self, part: Part) -> Result<SentPart> {
        let _slot = self.shared.slot(held_bytes(part.length)).await?;
        let _turn = self.shared.pace_of_parts.turn().await?;
        let payload = Payload::read(&self.shared, &self.source, part.offset, part.length, self.manner).await?;
        let progress = PartProgress::new(&self.progress);
        let on_the_way = OnTheWay(&progress);
        let mut attempts = Attempts::new(&self.shared);
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
                        on_the_way.arrived();
                        self.progress.stored(part.length);
                        self.shared.pace_of_parts.finished(part.length);
                        self.note.sent(KeptPart::from(&sent)).await;
                        payload.give_back(&self.shared);
                        return Ok(sent);
                    }
                },
                Err(error) if error.code() == Code::FileGone => lost(error),
                Err(error) => error,
            };
            // What went out is not there: the bar goes back before the wait, not after it.
            progress.rewind();
            attempts.after(error).await?;
        }
    }
}

impl KeptUpload {
    /// As requests name it.
    pub(super) fn unfinished(&self, object: &Object) -> Unfinished {
        Unfinished { object: Object { key: self.key.clone(), ..object.clone() }, id: self.upload.clone() }
    }
}

impl From<&SentPart> for KeptPart {
    fn from(part: &SentPart) -> Self {
        KeptPart { number: part.number, etag: part.etag.clone(), crc: part.crc, md5: part.md5, proven: part.proven }
    }
}

/// A store that only says "not found" to a part means the upload.
fn lost(error: Error) -> Error {
    Error::new(Code::UploadLost, Operation::Upload).because(error)
}

async fn complete(sending: &Sending<'_>, begun: &Begun, parts: &[SentPart], crc: Crc) -> Result<()> {
    let (job, unfinished) = (sending.job, &begun.unfinished);
    let sent = sending.sent(crc, None);
    let (mut races, mut attempts) = (0, Attempts::new(&job.shared));
    let result = loop {
        let request = request::complete(unfinished, parts, crc, begun.manner);
        match job.stoppable_late(|| WAIT_FOR_COMPLETE, request).await {
            Err(error) if s3::is_race(&error) && races < MOST_RACES => {
                races += 1;
                job.pause(jittered(AFTER_A_RACE * 2_u32.pow(races))).await?;
            }
            Err(error) if worth_repeating(&error) => {
                if let Err(error) = job.stoppable(Operation::Upload, attempts.after(error)).await {
                    break Err(error);
                }
            }
            result => break result,
        }
    };
    let receipt = match result {
        Ok(receipt) => receipt,
        // The answer may have been lost after the deed: the object itself knows.
        Err(error) if may_be_done(&error) => {
            let holder = conflict::holder(&unfinished.object, sent.token);
            return match job.stoppable_late(|| WAIT_FOR_COMPLETE, holder).await {
                Ok(Holder::Ours(seen)) if proof::fits(&seen, &sent).await => Ok(()),
                // It is looked for again when the line is back.
                Err(look) if passes(look.code()) => Err(look),
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
            job.stoppable(Operation::Upload, proof::settle(&unfinished.object, &sent, trusted)).await
        }
    }
}

/// Trouble of the store while it put the parts together, before or after it said yes. Nothing was made by it.
fn worth_repeating(error: &Error) -> bool {
    matches!(error.code(), Code::StorageTrouble | Code::Busy)
}

/// Whether an object may have been made although the answer was this.
fn may_be_done(error: &Error) -> bool {
    let trouble = matches!(error.code(), Code::StorageTrouble | Code::Busy | Code::Unknown);
    let no_answer = matches!(error.code(), Code::Unreachable | Code::Offline | Code::TooSlow);
    trouble || no_answer || matches!(error.code(), Code::UploadLost | Code::FileGone)
}

/// Takes the unfinished upload back. Goes on in the background if the store takes its time. True if the store no longer
/// knew of it.
pub(super) async fn take_back(shared: &Shared, note: &Note, unfinished: &Unfinished) -> bool {
    let (done, waiting) = oneshot::channel();
    let (unfinished, note) = (unfinished.clone(), note.clone());
    shared.cleaning.spawn(async move {
        let gone = abort(&unfinished, &note).await;
        // Nobody waits any more if it took too long.
        let _ = done.send(gone);
    });
    matches!(tokio::time::timeout(WAIT_FOR_ABORT, waiting).await, Ok(Ok(true)))
}

/// The same for one that only the journal knows.
pub(super) async fn take_back_kept(job: &Job, object: &Object, kept: &KeptUpload) {
    take_back(&job.shared, &job.note, &kept.unfinished(object)).await;
}

async fn abort(unfinished: &Unfinished, note: &Note) -> bool {
    match tokio::time::timeout(LONGEST_ABORT, aborted(unfinished)).await {
        Ok(Ok(gone)) => {
            note.ended(&unfinished.id).await;
            gone
        }
        _ => {
            tracing::warn!("an unfinished upload could not be taken back now; the next start tries again");
            false
        }
    }
}

/// True if the store no longer knew of it.
///
/// # Errors
/// What the store said to the first of two requests.
pub(super) async fn aborted(unfinished: &Unfinished) -> Result<bool> {
    match request::abort(unfinished).await {
        Ok(()) => {
            // A part that was under way may arrive after the first request; the second takes it too.
            let _ = request::abort(unfinished).await;
            Ok(false)
        }
        Err(error) if matches!(error.code(), Code::UploadLost | Code::FileGone) => Ok(true),
        Err(error) => Err(error),
    }
}
