//! One file up: under which name, in which manner, and what happens when the name is used. Replaces nothing unasked.

use super::attempts::{Attempts, jittered};
use super::checksum::{Crc, CrcRun};
use super::conflict::{self, Holder};
use super::content_type::{SAMPLE_BYTES, by_name_alone, content_type};
use super::job::{Job, Memory, Outcome};
use super::kept::KeptUpload;
use super::multipart;
use super::naming::Naming;
use super::payload::Payload;
use super::plan::Plan;
use super::progress::{PartProgress, Progress, size_text};
use super::proof::{self, Sent, Verdict};
use super::request::{self, Label, Manner, Object, Receipt, Seen};
use super::source::{Source, blocking, file_name, is_large};
use super::{Done, OnConflict, Upload};
use crate::error::{Code, Error, Operation, Result, s3};
use crate::names;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Numbered names that are tried before we give up on keeping both.
const MOST_NAMES: usize = 50;
/// How often two writers may meet on one name at the same moment.
const MOST_RACES: u32 = 5;
/// The first wait after two writers met; doubles.
const AFTER_A_RACE: Duration = Duration::from_millis(50);
/// A larger file is not sent twice to learn something.
const LARGEST_TO_REPEAT: u64 = 256 * 1024;
/// An answer that comes this soon after a stop still counts.
const GRACE: Duration = Duration::from_millis(400);

/// What is being sent, whatever its name will be.
pub(crate) struct Sending<'j> {
    pub(crate) job: &'j Job,
    pub(crate) upload: &'j Upload,
    pub(crate) source: Source,
    pub(crate) plan: Plan,
    pub(crate) label: Label,
    /// An earlier try left something damaged under our token.
    mending: bool,
}

/// What has been stored.
pub(crate) struct Stored {
    pub(crate) crc: Crc,
}

/// Sends one file.
///
/// # Errors
/// Whatever ends this transfer or this try of it: `Damaged`, `FileChanging` and `UploadLost` are worth another.
///
/// # Cancellation
/// Stopped by the job's token it leaves what the journal knows of: after *Cancel* the queue takes that back, after a
/// pause and at the end of the program it is kept.
pub(crate) async fn run(job: &Job, upload: &Upload, memory: &mut Memory) -> Result<Outcome> {
    let started = Instant::now();
    let result = named_run(job, upload, memory, started).await;
    result.map_err(|error| described(error, upload, job.progress.size()))
}

async fn named_run(job: &Job, upload: &Upload, memory: &mut Memory, started: Instant) -> Result<Outcome> {
    let place = upload.storage.place();
    names::check_key(&place.key(&upload.name))?;
    if upload.name.is_empty() {
        return Err(Error::new(Code::NameRefused, Operation::Upload).with("why", "it is empty"));
    }
    if upload.name.ends_with('/') {
        return empty_folder(job, upload, started).await;
    }
    let mut kept = memory.kept.upload.take();
    let sending = opened(job, upload, memory, &kept).await?;
    let mut naming = Naming::new(upload, memory);
    let mut replace = upload.on_conflict == OnConflict::Replace;
    if replace && memory.kept.may_be_stored && kept.is_none() {
        let object = Object::new(&upload.storage, &naming.name);
        if let Some(stored) = sending.stored_before(&object).await? {
            return Ok(sending.done(&naming.name, &stored, started));
        }
    }
    let mut refused_for_nobody = false;
    for _ in 0..MOST_NAMES {
        let object = Object::new(&upload.storage, &naming.name);
        names::check_key(&object.key)?;
        let error = match sending.once(&object, replace, kept.clone()).await {
            Ok(stored) => return Ok(sending.done(&naming.name, &stored, started)),
            Err(error) if error.code() == Code::NameTaken => error,
            Err(error) if error.code() == Code::Damaged => {
                return match sending.whole_after_all(&object, &error, memory).await {
                    Some(stored) => Ok(sending.done(&naming.name, &stored, started)),
                    None => Err(error),
                };
            }
            Err(error) => return Err(error),
        };
        let holder = conflict::holder(&object, &sending.label.token);
        let there = match job.stoppable(Operation::Upload, holder).await? {
            Holder::Ours(seen) => match sending.stored_as(&seen).await? {
                Some(stored) => return Ok(sending.done(&naming.name, &stored, started)),
                // What we broke we may mend.
                None => {
                    replace = true;
                    continue;
                }
            },
            // It may have gone this moment. A store that says so again would be sent the whole file for ever.
            Holder::Nobody if !refused_for_nobody => {
                refused_for_nobody = true;
                continue;
            }
            Holder::Nobody => return Err(error),
            Holder::Other(there) => there,
        };
        let error = described(error, upload, sending.plan.size);
        if let Some(outcome) = naming.next(&sending, &object, &mut kept, error, there).await? {
            return Ok(outcome);
        }
        job.progress.restart();
    }
    Err(Error::new(Code::NameTaken, Operation::Upload))
}

/// Opens the file. What was begun of one that is gone is taken back.
async fn opened<'j>(
    job: &'j Job,
    upload: &'j Upload,
    memory: &Memory,
    kept: &Option<KeptUpload>,
) -> Result<Sending<'j>> {
    let source = match job.stoppable(Operation::Upload, Source::open(&upload.path)).await {
        Ok(source) => source,
        Err(error) => {
            if let Some(kept) = kept.as_ref().filter(|_| !error.is_cancelled()) {
                multipart::take_back_kept(job, &Object::new(&upload.storage, &upload.name), kept).await;
            }
            return Err(error);
        }
    };
    let size = source.identity.length;
    job.progress.set_size(size);
    let plan = Plan::new(size)?;
    let label =
        Label { content_type: kind_of(job, &source, &upload.name).await?, token: memory.token(source.identity) };
    Ok(Sending { job, upload, source, plan, label, mending: memory.damaged.is_some() })
}

impl Sending<'_> {
    /// Sends the file under one name, in the best manner that this store takes.
    async fn once(&self, object: &Object, replace: bool, mut kept: Option<KeptUpload>) -> Result<Stored> {
        let name = format!("{}/{}", object.storage.place().id, object.key);
        let alone = async { Ok(self.job.shared.writers.alone(name).await) };
        let _alone = self.job.stoppable(Operation::Upload, alone).await?;
        let able = object.storage.capabilities();
        let believed = Manner { checksums: able.checksums(), condition: able.conditional_writes() && !replace };
        if is_large(self.plan.size) && !replace {
            // The question comes before the bytes. An account that may not look is asked by the store, at the end.
            match self.refuse_if_taken(object).await {
                Err(error) if error.is_cancelled() || error.code() == Code::NameTaken => return Err(error),
                _ => {}
            }
        }
        let mut refused = None;
        for manner in manners(believed) {
            let trusted = manner.condition && able.conditional_writes_are_sure();
            let ask_first = !(replace || trusted);
            self.job.progress.restart();
            match self.in_manner(object, manner, ask_first, kept.take()).await {
                Err(error) if manner.condition && s3::is_kept_condition(&error) => {
                    able.keeps_conditions();
                    return Err(error);
                }
                Err(error) if s3::is_unsupported(&error) => refused = Some(error),
                result => {
                    let understood = match &result {
                        Ok(_) => true,
                        Err(error) => error.code() == Code::NameTaken,
                    };
                    if understood && refused.is_some() {
                        if believed.checksums && !manner.checksums {
                            able.lacks_checksums();
                        }
                        if believed.condition && !manner.condition {
                            able.lacks_conditional_writes();
                        }
                    }
                    return result;
                }
            }
        }
        Err(refused.unwrap_or_else(|| Error::new(Code::Unknown, Operation::Upload)))
    }

    async fn in_manner(
        &self,
        object: &Object,
        manner: Manner,
        ask_first: bool,
        kept: Option<KeptUpload>,
    ) -> Result<Stored> {
        if is_large(self.plan.size) {
            multipart::send(self, object, manner, ask_first, kept).await
        } else {
            if let Some(kept) = kept {
                // It was larger before.
                multipart::take_back_kept(self.job, object, &kept).await;
            }
            self.in_one_request(object, manner, ask_first).await
        }
    }

    async fn in_one_request(&self, object: &Object, manner: Manner, ask_first: bool) -> Result<Stored> {
        let shared = &self.job.shared;
        let _slot = self.job.stoppable(Operation::Upload, shared.slot(self.plan.size)).await?;
        let _turn = self.job.stoppable(Operation::Upload, shared.pace.turn()).await?;
        let payload = self.payload(manner).await?;
        if ask_first {
            self.ask_before(object, manner).await?;
        }
        let receipt = self.put(object, &payload, manner).await?;
        self.job.progress.set_checking();
        match proof::of_payload(&receipt, &payload).await {
            Verdict::Proven => {}
            Verdict::Wrong => return Err(proof::damaged(object)),
            Verdict::Silent => {
                let sent = self.sent(payload.crc, Some(&payload));
                let settled = proof::settle(object, &sent, receipt.etag.is_some());
                self.job.stoppable(Operation::Upload, settled).await?;
            }
        }
        if ask_first && manner.condition {
            self.find_out_about_conditions(object, &payload, manner).await;
        }
        let crc = payload.crc;
        shared.pace.finished(crc.length);
        payload.give_back(shared);
        Ok(Stored { crc })
    }

    /// Sends it until the store has answered, a bounded number of times.
    async fn put(&self, object: &Object, payload: &Payload, manner: Manner) -> Result<Receipt> {
        let progress = PartProgress::new(&self.job.progress);
        let (mut races, mut attempts) = (0, Attempts::new(&self.job.shared));
        loop {
            let put = request::put(object, payload, manner, &self.label, &progress);
            let grace = || if self.job.progress.is_checking() { GRACE } else { Duration::ZERO };
            let error = match self.job.stoppable_late(grace, put).await {
                Ok(receipt) => {
                    self.job.progress.confirm();
                    return Ok(receipt);
                }
                Err(error) => error,
            };
            progress.rewind();
            if s3::is_race(&error) && races < MOST_RACES {
                races += 1;
                self.job.pause(jittered(AFTER_A_RACE * 2_u32.pow(races))).await?;
            } else if error.code() == Code::Damaged {
                return Err(error);
            } else {
                self.job.stoppable(Operation::Upload, attempts.after(error)).await?;
            }
        }
    }

    /// What an earlier try of this very transfer may have stored before anybody could note it.
    async fn stored_before(&self, object: &Object) -> Result<Option<Stored>> {
        let holder = conflict::holder(object, &self.label.token);
        match self.job.stoppable(Operation::Upload, holder).await? {
            Holder::Ours(seen) => self.stored_as(&seen).await,
            _ => Ok(None),
        }
    }

    /// The whole file in memory, with its checksums.
    async fn payload(&self, manner: Manner) -> Result<Payload> {
        let read = Payload::read(&self.job.shared, &self.source, 0, self.plan.size, manner);
        self.job.stoppable(Operation::Upload, read).await
    }

    /// Where the condition may not be kept, a look comes first. An account that may not look has the condition alone.
    pub(crate) async fn ask_before(&self, object: &Object, manner: Manner) -> Result<()> {
        match self.refuse_if_taken(object).await {
            Err(error) if manner.condition && !error.is_cancelled() && error.code() != Code::NameTaken => Ok(()),
            result => result,
        }
    }

    /// Sends the same bytes to the same name once more, early among many files. A store that keeps the condition
    /// refuses; one that does not has replaced our file by itself and is not trusted with it again.
    async fn find_out_about_conditions(&self, object: &Object, payload: &Payload, manner: Manner) {
        let able = object.storage.capabilities();
        if payload.length() > LARGEST_TO_REPEAT || !able.wants_to_be_sure() {
            return;
        }
        let unseen = Arc::new(Progress::default());
        let unseen = PartProgress::new(&unseen);
        let again = request::put(object, payload, manner, &self.label, &unseen);
        match self.job.stoppable(Operation::Upload, again).await {
            Ok(_) => able.lacks_conditional_writes(),
            Err(error) if s3::is_kept_condition(&error) => able.keeps_conditions(),
            Err(_) => {}
        }
    }

    /// For stores that can't do it themselves: nearly as good, and said so nowhere.
    pub(crate) async fn refuse_if_taken(&self, object: &Object) -> Result<()> {
        match self.job.stoppable(Operation::Upload, conflict::look(object)).await? {
            None => Ok(()),
            Some(_) => Err(Error::new(Code::NameTaken, Operation::Upload)),
        }
    }

    /// What is stored under our token, if it is what the file is.
    pub(super) async fn stored_as(&self, seen: &Seen) -> Result<Option<Stored>> {
        self.stored_for(seen, self.mending).await
    }

    /// The same. `proven` says that what can't be seen does not count as ours.
    async fn stored_for(&self, seen: &Seen, proven: bool) -> Result<Option<Stored>> {
        let (crc, payload) = if is_large(self.plan.size) {
            (self.read_again().await?, None)
        } else {
            let payload = self.payload(Manner { checksums: true, condition: true }).await?;
            (payload.crc, Some(payload))
        };
        let sent = Sent { mending: proven, ..self.sent(crc, payload.as_ref()) };
        Ok(proof::fits(seen, &sent).await.then_some(Stored { crc }))
    }

    /// What a receipt or a look is compared with.
    pub(super) fn sent<'s>(&'s self, crc: Crc, payload: Option<&'s Payload>) -> Sent<'s> {
        Sent { token: &self.label.token, crc, payload, mending: self.mending }
    }

    /// The checksum of the whole file, read once more.
    async fn read_again(&self) -> Result<Crc> {
        let (source, size) = (self.source.clone(), self.plan.size);
        let read = blocking(Operation::Upload, move || {
            let mut run = CrcRun::default();
            source.each_piece(0, size, |piece| run.update(piece))?;
            Ok(run.finish())
        });
        self.job.stoppable(Operation::Upload, read).await
    }

    /// What has the name after something arrived damaged. An object of ours that is proved to be whole is the end of it: an
    /// earlier answer was lost. One that is not is remembered, so that it goes in the end. What can't be seen stays as it
    /// was known.
    async fn whole_after_all(&self, object: &Object, error: &Error, memory: &mut Memory) -> Option<Stored> {
        let seen = match self.job.stoppable(Operation::Upload, request::head(object)).await {
            Ok(seen) => seen,
            Err(look) => {
                memory.damaged.take_if(|_| look.code() == Code::FileGone);
                return None;
            }
        };
        if seen.token.as_deref() != Some(self.label.token.as_str()) {
            memory.damaged = None;
            return None;
        }
        let stored = self.stored_for(&seen, true).await.ok()?;
        // What the store refused to take damaged nothing.
        let refused = error.answer().status.is_some();
        match &stored {
            Some(_) => memory.damaged = None,
            None if !refused => memory.damaged = Some(object.clone()),
            None => {}
        }
        stored
    }

    fn done(&self, name: &str, stored: &Stored, started: Instant) -> Outcome {
        done(name, self.upload, self.plan.size, stored, started)
    }
}

/// First what is believed to work, then with less and less. Without a checksum nothing can be replaced by mistake, so
/// that is tried before going without the condition.
fn manners(believed: Manner) -> Vec<Manner> {
    let mut all = vec![believed];
    for (checksums, condition) in [(false, true), (true, false), (false, false)] {
        let manner = Manner { checksums: checksums && believed.checksums, condition: condition && believed.condition };
        if !all.contains(&manner) {
            all.push(manner);
        }
    }
    all
}

/// A folder without files is kept as a name that ends with a slash. One that is there already is as good.
async fn empty_folder(job: &Job, upload: &Upload, started: Instant) -> Result<Outcome> {
    let path = upload.path.clone();
    let is_folder = super::source::blocking(Operation::Upload, move || Ok(path.is_dir()));
    if !job.stoppable(Operation::Upload, is_folder).await? {
        return Err(Error::new(Code::NameRefused, Operation::Upload).with("why", "it is the name of a folder"));
    }
    let object = Object::new(&upload.storage, &upload.name);
    let there = match job.stoppable(Operation::Upload, conflict::look(&object)).await {
        // An account that may not look has the condition alone.
        Err(error) if error.code() == Code::ListDenied => false,
        look => look?.is_some(),
    };
    let empty = Payload::empty();
    let label = Label { content_type: "application/x-directory".to_owned(), token: String::new() };
    let progress = PartProgress::new(&job.progress);
    let able = upload.storage.capabilities().conditional_writes();
    for condition in [true, false].into_iter().filter(|condition| !there && (able || !condition)) {
        let manner = Manner { checksums: false, condition };
        let put = || request::put(&object, &empty, manner, &label, &progress);
        match job.patiently(Operation::Upload, put).await {
            Err(error) if condition && error.code() == Code::NameTaken => break,
            Err(error) if condition && s3::is_unsupported(&error) => {}
            result => {
                result?;
                break;
            }
        }
    }
    Ok(done(&upload.name, upload, 0, &Stored { crc: empty.crc }, started))
}

async fn kind_of(job: &Job, source: &Source, name: &str) -> Result<String> {
    if let Some(kind) = by_name_alone(name) {
        return Ok(kind.to_owned());
    }
    let sample = job.stoppable(Operation::Upload, source.beginning(SAMPLE_BYTES)).await?;
    Ok(content_type(name, &sample))
}

fn done(name: &str, upload: &Upload, size: u64, stored: &Stored, started: Instant) -> Outcome {
    Outcome::Done(Done {
        name: name.to_owned(),
        path: upload.path.clone(),
        size_bytes: size,
        checksum: Some(stored.crc.public()),
        seconds: started.elapsed().as_secs_f64(),
    })
}

/// Adds what the sentences need.
fn described(error: Error, upload: &Upload, size: u64) -> Error {
    let place = upload.storage.place();
    let folder = upload.name.rsplit_once('/').map(|(folder, _)| names::last_segment(folder).to_owned());
    let label = match names::last_segment(&upload.name) {
        "" => file_name(&upload.path),
        label => label.to_owned(),
    };
    error
        .with("file", label)
        .with("folder", folder.unwrap_or_else(|| place.name.clone()))
        .with("place", place.name.clone())
        .with("size", size_text(size))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_condition_is_the_last_thing_to_be_given_up() {
        let manner = |checksums, condition| Manner { checksums, condition };
        let all = [manner(true, true), manner(false, true), manner(true, false), manner(false, false)];
        assert_eq!(manners(manner(true, true)), all);
        assert_eq!(manners(manner(false, true)), [manner(false, true), manner(false, false)]);
        assert_eq!(manners(manner(false, false)), [manner(false, false)]);
    }
}
