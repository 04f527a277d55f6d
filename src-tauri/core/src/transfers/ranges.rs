//! Stretches of a stored file, fetched side by side. A stretch that was cut short goes on where it stopped.
//!
//! Every request after the first names the `ETag`: pieces of two versions are never mixed.

use super::checksum::Crc;
use super::limits::{Shared, Slot};
use super::progress::{PartProgress, Progress};
use super::request::Object;
use super::target::Writer;
use crate::error::{Code, Error, Operation, Result};
use aws_smithy_types::byte_stream::ByteStream;
use bytes::Bytes;
use std::sync::Arc;
use std::time::Duration;

/// Gathered before it is written.
const BATCH_BYTES: usize = 1024 * 1024;
/// How often one stretch may be cut without a byte of progress in between.
const MOST_CUTS: u32 = 5;

/// What every stretch of one file needs.
pub(crate) struct Fetch {
    pub(crate) object: Object,
    pub(crate) size: u64,
    pub(crate) etag: Option<String>,
    pub(crate) writer: Writer,
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
}

impl Fetch {
    /// Fetches one stretch and writes it. Says its place and what was written.
    ///
    /// # Errors
    /// `Damaged` when the file was replaced meanwhile or the store answers something else than asked; what the last of
    /// several cuts said.
    ///
    /// # Cancellation
    /// Leaves what was written in the partial file.
    pub(crate) async fn stretch(&self, stretch: Stretch, opened: Option<Opened>) -> Result<(u64, Crc)> {
        let (mut stream, _slot) = match opened {
            Some(opened) => (Some(opened.stream), opened.slot),
            None => (None, self.shared.slot(stretch.end - stretch.start).await?),
        };
        let progress = PartProgress::new(&self.progress);
        let mut at = stretch.start;
        let mut crc = Crc::EMPTY;
        let mut cuts = 0;
        loop {
            let body = match stream.take() {
                Some(stream) => Ok(stream),
                None => self.request(Stretch { start: at, end: stretch.end }).await,
            };
            let before = at;
            let cut = match body {
                Ok(mut body) => match self.drain(&mut body, &mut at, stretch.end, &mut crc, &progress).await {
                    Ok(()) => return Ok((stretch.start, crc)),
                    Err(cut) => cut,
                },
                Err(error) => error,
            };
            if at > before {
                cuts = 0;
            }
            cuts += 1;
            if cuts > MOST_CUTS || !is_cut(&cut) {
                return Err(cut);
            }
            tokio::time::sleep(Duration::from_millis(50 << cuts)).await;
        }
    }

    async fn request(&self, stretch: Stretch) -> Result<ByteStream> {
        let call = self.object.storage.call(Operation::Read, |client| {
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
        if output.content_range() != Some(expected.as_str()) {
            return Err(self.mixed());
        }
        Ok(output.body)
    }

    async fn drain(
        &self,
        body: &mut ByteStream,
        at: &mut u64,
        end: u64,
        crc: &mut Crc,
        progress: &PartProgress,
    ) -> Result<()> {
        let mut batch: Vec<Bytes> = Vec::new();
        let mut held = 0;
        let mut cut = None;
        while *at + (held as u64) < end {
            match body.next().await {
                Some(Ok(mut piece)) => {
                    let room = usize::try_from(end - *at).unwrap_or(usize::MAX).saturating_sub(held);
                    piece.truncate(room);
                    progress.add(piece.len() as u64);
                    held += piece.len();
                    batch.push(piece);
                }
                Some(Err(cause)) => {
                    cut = Some(Error::new(Code::Unreachable, Operation::Read).because(cause));
                }
                None => cut = Some(Error::new(Code::Unreachable, Operation::Read)),
            }
            if held >= BATCH_BYTES || cut.is_some() || *at + held as u64 == end {
                let written = self.writer.write(*at, std::mem::take(&mut batch)).await?;
                *at += held as u64;
                *crc = crc.then(written);
                held = 0;
            }
            if let Some(cut) = cut {
                return Err(self.object.storage.named(cut));
            }
        }
        // Read to its end a connection can be used again, and the SDK compares checksums that we don't.
        match (end == self.size, body.next().await) {
            (true, Some(Err(cause))) => Err(self.mixed().because(cause)),
            _ => Ok(()),
        }
    }

    fn mixed(&self) -> Error {
        self.object.storage.named(Error::new(Code::Damaged, Operation::Read))
    }
}

/// Whether the same stretch is worth asking for again.
fn is_cut(error: &Error) -> bool {
    matches!(error.code(), Code::Unreachable | Code::TooSlow | Code::StorageTrouble | Code::Busy)
}

/// Cuts a file into stretches of this length.
pub(crate) fn stretches(size: u64, length: u64) -> impl Iterator<Item = Stretch> {
    (0..size.div_ceil(length.max(1))).map(move |index| {
        let start = index * length;
        Stretch { start, end: size.min(start + length) }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stretches_cover_the_file() {
        let all: Vec<Stretch> = stretches(25, 10).collect();
        let expected = [(0, 10), (10, 20), (20, 25)].map(|(start, end)| Stretch { start, end });
        assert_eq!(all, expected);
        assert_eq!(stretches(0, 10).count(), 0);
    }
}
