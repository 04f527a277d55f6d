//! Stretches of a stored file, fetched side by side. A stretch that was cut short goes on where it stopped.
//!
//! Every request after the first names the `ETag`: pieces of two versions are never mixed. Where the store has none, a file
//! comes in one piece or not at all.

use super::attempts::Attempts;
use super::checksum::{Crc, CrcRun};
use super::limits::{LARGEST_SINGLE, Shared, Slot};
use super::memo::Memo;
use super::pace::Turn;
use super::progress::{PartProgress, Progress};
use super::request::Object;
use super::target::Writer;
use crate::error::{Code, Error, Operation, Result, s3};
use aws_smithy_types::byte_stream::ByteStream;
use bytes::Bytes;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Gathered before it is written.
const BATCH_BYTES: usize = 1024 * 1024;
/// What one stretch holds in memory, however long it is: a batch that is written and the next one.
pub(crate) const HELD_BYTES: u64 = 2 * BATCH_BYTES as u64;
/// What is written is noted this often while a stretch comes in slowly.
const BETWEEN_NOTES: Duration = Duration::from_secs(1);

/// What every stretch of one file needs.
pub(crate) struct Fetch {
    pub(crate) object: Object,
    pub(crate) size: u64,
    pub(crate) etag: Option<String>,
    pub(crate) writer: Writer,
    pub(crate) memo: Arc<Memo>,
    pub(crate) shared: Arc<Shared>,
    pub(crate) progress: Arc<Progress>,
}

/// From here to there, the end excluded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Stretch {
    pub(crate) start: u64,
    pub(crate) end: u64,
}

/// An answer that is already coming in, with its share of the budget.
pub(crate) struct Opened {
    pub(crate) stream: ByteStream,
    pub(crate) slot: Slot,
    pub(crate) turn: Turn,
}

impl Fetch {
    /// Fetches one stretch and writes it. Says its place and what was written.
    ///
    /// # Errors
    /// `Damaged` when the file was replaced meanwhile or the store answers something else than asked; what the last of
    /// several tries without a byte of progress said.
    ///
    /// # Cancellation
    /// Leaves what was written in the partial file; the memo knows of it.
    pub(crate) async fn stretch(&self, stretch: Stretch, opened: Option<Opened>) -> Result<(u64, Crc)> {
        let (mut stream, _slot, _turn) = match opened {
            Some(opened) => (Some(opened.stream), opened.slot, opened.turn),
            None => (None, self.shared.slot(HELD_BYTES).await?, self.shared.pace_of_parts.turn().await?),
        };
        let progress = PartProgress::new(&self.progress);
        let mut run = Run::new(self, stretch);
        let mut attempts = Attempts::new(&self.shared);
        loop {
            let body = match stream.take() {
                Some(stream) => Ok(stream),
                None => self.request(Stretch { start: run.at, end: stretch.end }).await,
            };
            let before = run.at;
            let cut = match body {
                Ok(mut body) => match self.drain(&mut body, &mut run, &progress).await {
                    Ok(()) => {
                        let crc = run.finish();
                        self.shared.pace_of_parts.finished(crc.length);
                        self.memo.save().await;
                        return Ok((stretch.start, crc));
                    }
                    Err(cut) => cut,
                },
                Err(error) => error,
            };
            if cut.code() == Code::Damaged {
                // No piece alone can mend it.
                return Err(cut);
            }
            if self.etag.is_none() && run.at > stretch.start {
                // What would follow may be of another version: it begins anew when it is tried again.
                return Err(cut);
            }
            if run.at > before {
                attempts = Attempts::new(&self.shared);
            }
            attempts.after(cut).await?;
        }
    }

    async fn request(&self, stretch: Stretch) -> Result<ByteStream> {
        let call = self.object.storage.call_once(Operation::Read, |client| {
            client
                .get_object()
                .bucket(self.object.storage.bucket())
                .key(&self.object.key)
                .range(format!("bytes={}-{}", stretch.start, stretch.end - 1))
                .set_if_match(self.etag.clone())
                .send()
        });
        let output = match call.await {
            Ok(output) => output,
            // Another version has the name now: what is here is half of the old one.
            Err(error) if error.code() == Code::NameTaken => return Err(self.mixed().because(error)),
            Err(error) => return Err(error),
        };
        let expected = format!("bytes {}-{}/{}", stretch.start, stretch.end - 1, self.size);
        // Not every store keeps the condition.
        if output.content_range() != Some(expected.as_str()) || output.e_tag() != self.etag.as_deref() {
            return Err(self.mixed());
        }
        self.progress.confirm();
        Ok(output.body)
    }

    async fn drain(&self, body: &mut ByteStream, run: &mut Run<'_>, progress: &PartProgress) -> Result<()> {
        let mut batch: Vec<Bytes> = Vec::new();
        let mut held = 0;
        let mut cut = None;
        while run.at + (held as u64) < run.end {
            match body.next().await {
                Some(Ok(mut piece)) => {
                    let room = usize::try_from(run.end - run.at).unwrap_or(usize::MAX).saturating_sub(held);
                    piece.truncate(room);
                    progress.add(piece.len() as u64);
                    held += piece.len();
                    batch.push(piece);
                }
                Some(Err(cause)) => cut = Some(s3::from_body(cause, Operation::Read)),
                None => cut = Some(Error::new(Code::Unreachable, Operation::Read)),
            }
            if held >= BATCH_BYTES || cut.is_some() || run.at + held as u64 == run.end {
                let written = self.writer.write(run.at, std::mem::take(&mut batch), run.unnoted.clone()).await?;
                if run.wrote(written, held as u64) {
                    self.memo.save().await;
                }
                held = 0;
            }
            if let Some(cut) = cut {
                return Err(self.object.storage.named(cut));
            }
        }
        // Read to its end a connection can be used again, and the SDK compares checksums that we don't.
        match (run.end == self.size, body.next().await) {
            (true, Some(Err(cause))) => Err(self.mixed().because(cause)),
            _ => Ok(()),
        }
    }

    fn mixed(&self) -> Error {
        self.object.storage.named(Error::new(Code::Damaged, Operation::Read))
    }
}

/// How far one stretch is. What was written is told to the memo at its end, however it ends.
struct Run<'f> {
    fetch: &'f Fetch,
    at: u64,
    end: u64,
    noted: Crc,
    unnoted: CrcRun,
    noted_at: Instant,
}

impl<'f> Run<'f> {
    fn new(fetch: &'f Fetch, stretch: Stretch) -> Self {
        let Stretch { start: at, end } = stretch;
        Run { fetch, at, end, noted: Crc::EMPTY, unnoted: CrcRun::default(), noted_at: Instant::now() }
    }

    /// True when it is time to note it.
    fn wrote(&mut self, sum: CrcRun, bytes: u64) -> bool {
        self.at += bytes;
        self.unnoted = sum;
        let due = self.noted_at.elapsed() >= BETWEEN_NOTES;
        if due {
            self.tell();
        }
        due
    }

    fn tell(&mut self) {
        let written = std::mem::take(&mut self.unnoted).finish();
        self.noted = self.noted.then(written);
        self.fetch.memo.wrote(self.at, written);
        self.noted_at = Instant::now();
    }

    fn finish(mut self) -> Crc {
        // A small file that is all here is given its name at once.
        if self.fetch.size <= LARGEST_SINGLE && !self.fetch.memo.is_begun() {
            return self.noted.then(std::mem::take(&mut self.unnoted).finish());
        }
        self.tell();
        self.noted
    }
}

impl Drop for Run<'_> {
    fn drop(&mut self) {
        self.tell();
    }
}

/// What is missing between the stretches that are there, which must be in order.
pub(crate) fn gaps(size: u64, there: &[Stretch]) -> Vec<Stretch> {
    let mut gaps = Vec::new();
    let mut at = 0;
    for next in there.iter().copied().chain([Stretch { start: size, end: size }]) {
        if at < next.start {
            gaps.push(Stretch { start: at, end: next.start });
        }
        at = next.end;
    }
    gaps
}

/// Cuts a stretch into pieces of this length.
pub(crate) fn pieces(whole: Stretch, length: u64) -> impl Iterator<Item = Stretch> {
    let count = (whole.end - whole.start).div_ceil(length.max(1));
    (0..count).map(move |index| {
        let start = whole.start + index * length;
        Stretch { start, end: whole.end.min(start + length) }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stretches(ends: &[(u64, u64)]) -> Vec<Stretch> {
        ends.iter().map(|(start, end)| Stretch { start: *start, end: *end }).collect()
    }

    #[test]
    fn pieces_cover_what_they_are_cut_from() {
        let all: Vec<Stretch> = pieces(Stretch { start: 5, end: 30 }, 10).collect();
        assert_eq!(all, stretches(&[(5, 15), (15, 25), (25, 30)]));
        assert_eq!(pieces(Stretch { start: 7, end: 7 }, 10).count(), 0);
    }

    #[test]
    fn what_is_missing_is_what_is_not_there() {
        assert_eq!(gaps(30, &[]), stretches(&[(0, 30)]));
        assert_eq!(gaps(30, &stretches(&[(0, 10), (10, 12), (20, 25)])), stretches(&[(12, 20), (25, 30)]));
        assert_eq!(gaps(30, &stretches(&[(0, 30)])), []);
        assert_eq!(gaps(0, &[]), []);
    }
}
