//! What one request carries: a stretch of a file and what it adds up to. In memory, in pieces of one size; a stretch too
//! long for that is summed first and read a second time while it is sent.

use super::checksum::{Crc, CrcRun, Md5Run, Md5Sum};
use super::limits::{PIECE_BYTES, Shared};
use super::request::Manner;
use super::source::{Source, blocking};
use crate::error::{Operation, Result};
use bytes::{Bytes, BytesMut};

/// A longer stretch is read twice instead of being held in memory.
const LONGEST_HELD: u64 = 32 * 1024 * 1024;
/// What a stretch that is read twice holds in memory: a piece that is sent and the next one.
const HELD_OF_A_LONG_ONE: u64 = 2 * PIECE_BYTES as u64;

/// A stretch of a file that is ready to be sent, and what it adds up to.
#[derive(Debug, Clone)]
pub(crate) struct Payload {
    pub(crate) content: Content,
    pub(crate) crc: Crc,
    /// Only where the store takes no CRC64NVME.
    pub(crate) md5: Option<Md5Sum>,
}

/// Where the bytes are.
#[derive(Debug, Clone)]
pub(crate) enum Content {
    /// In memory, in order.
    Held(Vec<Bytes>),
    /// In the file, from this offset on. What is read must add up to the payload's sum.
    OnDisk { source: Source, offset: u64 },
}

/// What a stretch of this length takes out of the budget.
pub(crate) fn held_bytes(length: u64) -> u64 {
    if length > LONGEST_HELD { HELD_OF_A_LONG_ONE } else { length }
}

impl Payload {
    /// Reads a stretch of a file and sums it up.
    ///
    /// # Errors
    /// `FileChanging` when the file has become shorter, or is no longer what it was; `FileMissing`, `FileUnreadable`.
    ///
    /// # Cancellation
    /// The read goes on to its end in the background; it changes nothing.
    pub(crate) async fn read(
        shared: &Shared,
        source: &Source,
        offset: u64,
        length: u64,
        manner: Manner,
    ) -> Result<Self> {
        if length > LONGEST_HELD {
            return Self::summed(source, offset, length, manner).await;
        }
        let (pieces, crc) = source.read(offset, shared.buffers(length)).await?;
        let content = Content::Held(pieces.into_iter().map(BytesMut::freeze).collect());
        let payload = Payload { content, crc, md5: None };
        let md5 = if manner.checksums { None } else { Some(payload.md5().await?) };
        Ok(Payload { md5, ..payload })
    }

    /// No bytes at all.
    pub(crate) fn empty() -> Self {
        Payload { content: Content::Held(Vec::new()), crc: Crc::EMPTY, md5: None }
    }

    async fn summed(source: &Source, offset: u64, length: u64, manner: Manner) -> Result<Self> {
        let reader = source.clone();
        let sums = blocking(Operation::Upload, move || {
            let (mut crc, mut md5) = (CrcRun::default(), Md5Run::default());
            reader.each_piece(offset, length, |piece| {
                crc.update(piece);
                if !manner.checksums {
                    md5.update(piece);
                }
            })?;
            Ok((crc.finish(), (!manner.checksums).then(|| md5.finish())))
        });
        let (crc, md5) = sums.await?;
        Ok(Payload { content: Content::OnDisk { source: source.clone(), offset }, crc, md5 })
    }

    /// Bytes that it has.
    pub(crate) fn length(&self) -> u64 {
        self.crc.length
    }

    /// Its MD5 sum, worked out now if it was not needed before.
    ///
    /// # Errors
    /// `FileChanging`, `FileMissing`, `FileUnreadable`, when the file has to be read again.
    pub(crate) async fn md5(&self) -> Result<Md5Sum> {
        if let Some(md5) = self.md5 {
            return Ok(md5);
        }
        let (content, length) = (self.content.clone(), self.length());
        blocking(Operation::Upload, move || {
            let mut run = Md5Run::default();
            match content {
                Content::Held(pieces) => pieces.iter().for_each(|piece| run.update(piece)),
                Content::OnDisk { source, offset } => {
                    source.each_piece(offset, length, |piece| run.update(piece))?;
                }
            }
            Ok(run.finish())
        })
        .await
    }

    /// Gives its memory back for the next one.
    pub(crate) fn give_back(self, shared: &Shared) {
        if let Content::Held(pieces) = self.content {
            shared.give_back(pieces);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Code;
    use crate::transfers::Limits;
    use crate::transfers::body::counted;
    use crate::transfers::progress::{PartProgress, Progress};
    use std::io::Write;
    use std::sync::Arc;

    const MANNER: Manner = Manner { checksums: false, condition: false };

    /// One byte more than is held in memory, of which no two pieces are the same.
    fn long_file() -> (tempfile::NamedTempFile, Vec<u8>) {
        let bytes: Vec<u8> = (0..=LONGEST_HELD).map(|index| (index * 31 / 255) as u8).collect();
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(&bytes).unwrap();
        (file, bytes)
    }

    async fn read(file: &tempfile::NamedTempFile, offset: u64, length: u64) -> Payload {
        let source = Source::open(file.path()).await.unwrap();
        Payload::read(&Shared::new(Limits::default()), &source, offset, length, MANNER).await.unwrap()
    }

    #[tokio::test]
    async fn a_long_stretch_is_sent_from_the_disk_and_is_the_same() {
        let (file, bytes) = long_file();
        let whole = read(&file, 0, bytes.len() as u64).await;
        assert!(matches!(whole.content, Content::OnDisk { .. }));
        assert_eq!((whole.crc, whole.md5), (Crc::of(&bytes), Some(Md5Sum::of(&bytes))));
        let progress = Arc::new(Progress::default());
        progress.set_size(whole.length() + 1);
        let sent = counted(&whole, &PartProgress::new(&progress)).collect().await.unwrap().into_bytes();
        assert!(sent == bytes, "the bytes differ");
        assert_eq!(progress.shown(), bytes.len() as u64);
    }

    #[tokio::test]
    async fn a_long_stretch_that_was_written_to_meanwhile_is_not_sent_to_its_end() {
        let (mut file, bytes) = long_file();
        let whole = read(&file, 0, bytes.len() as u64).await;
        file.write_all(b"more").unwrap();
        let unseen = PartProgress::new(&Arc::default());
        let error = counted(&whole, &unseen).collect().await.unwrap_err();
        let error = std::error::Error::source(&error).and_then(|cause| cause.downcast_ref::<crate::Error>());
        assert_eq!(error.map(crate::Error::code), Some(Code::FileChanging));
    }

    #[tokio::test]
    async fn a_short_stretch_is_held_in_pieces_that_the_next_one_uses_again() {
        let (file, bytes) = long_file();
        let source = Source::open(file.path()).await.unwrap();
        let shared = Shared::new(Limits::default());
        let (offset, length) = (5, 2 * PIECE_BYTES as u64 + 7);
        for _ in 0..2 {
            let payload = Payload::read(&shared, &source, offset, length, MANNER).await.unwrap();
            let unseen = PartProgress::new(&Arc::default());
            let sent = counted(&payload, &unseen).collect().await.unwrap().into_bytes();
            assert!(bytes[5..5 + length as usize] == sent, "the bytes differ");
            payload.give_back(&shared);
        }
    }
}
