//! Reading and writing at offsets of a partial file, by several at once.

use crate::error::{Error, Operation, Result};
use crate::transfers::checksum::{Crc, CrcRun, Md5Run, Md5Sum};
use crate::transfers::source::blocking;
use bytes::Bytes;
use std::fs::File;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use tokio::sync::Semaphore;

/// Read at once when a file is read again.
const PIECE: usize = 1024 * 1024;

/// Reads and writes stretches of a partial file.
#[derive(Debug, Clone)]
pub(crate) struct Writer {
    /// The name that it will have, for whoever reads what went wrong.
    meant: PathBuf,
    file: Arc<File>,
    /// One write at a time: the system lets no more into one file, and whoever waits there burns a processor.
    turn: Arc<Semaphore>,
}

impl Writer {
    pub(super) fn new(meant: PathBuf, file: &Arc<File>) -> Self {
        Writer { meant, file: Arc::clone(file), turn: Arc::new(Semaphore::new(1)) }
    }

    /// Writes pieces one after another from this offset on, and goes on summing up what was written.
    ///
    /// # Errors
    /// `DiskFull`, `FolderUnwritable`.
    pub(crate) async fn write(&self, offset: u64, pieces: Vec<Bytes>, mut sum: CrcRun) -> Result<CrcRun> {
        let writer = self.clone();
        let turn = Arc::clone(&self.turn).acquire_owned().await;
        blocking(Operation::Save, move || {
            let _turn = turn;
            let mut at = offset;
            for piece in pieces {
                write_at(&writer.file, &piece, at).map_err(|cause| Error::writing(&writer.meant, cause))?;
                at += piece.len() as u64;
                sum.update(&piece);
            }
            Ok(sum)
        })
        .await
    }

    /// The sum of what is between these offsets; of less where the file ends before.
    ///
    /// # Errors
    /// `FolderUnwritable`.
    ///
    /// # Cancellation
    /// Goes on to its end in the background; it changes nothing.
    pub(crate) async fn crc(&self, start: u64, end: u64) -> Result<Crc> {
        let writer = self.clone();
        blocking(Operation::Save, move || {
            let mut sum = CrcRun::default();
            writer.each_piece(start, end, |piece| sum.update(piece))?;
            Ok(sum.finish())
        })
        .await
    }

    /// The MD5 sum of the whole file, read once more.
    ///
    /// # Errors
    /// `FolderUnwritable`.
    pub(crate) async fn md5(&self) -> Result<Md5Sum> {
        let writer = self.clone();
        blocking(Operation::Save, move || {
            let mut run = Md5Run::default();
            writer.each_piece(0, u64::MAX, |piece| run.update(piece))?;
            Ok(run.finish())
        })
        .await
    }

    fn each_piece(&self, start: u64, end: u64, mut work: impl FnMut(&[u8])) -> Result<()> {
        let mut buffer = vec![0; usize::try_from(end - start).unwrap_or(PIECE).min(PIECE)];
        let mut at = start;
        while at < end {
            let wanted = usize::try_from(end - at).unwrap_or(PIECE).min(buffer.len());
            let buffer = buffer.get_mut(..wanted).unwrap_or_default();
            match read_at(&self.file, buffer, at).map_err(|cause| Error::writing(&self.meant, cause))? {
                0 => return Ok(()),
                read => {
                    work(buffer.get(..read).unwrap_or_default());
                    at += read as u64;
                }
            }
        }
        Ok(())
    }
}

#[cfg(unix)]
fn write_at(file: &File, bytes: &[u8], offset: u64) -> io::Result<()> {
    use std::os::unix::fs::FileExt;
    file.write_all_at(bytes, offset)
}

#[cfg(windows)]
fn write_at(file: &File, mut bytes: &[u8], mut offset: u64) -> io::Result<()> {
    use std::os::windows::fs::FileExt;
    while !bytes.is_empty() {
        match file.seek_write(bytes, offset)? {
            0 => return Err(io::ErrorKind::WriteZero.into()),
            written => {
                bytes = bytes.get(written..).unwrap_or_default();
                offset += written as u64;
            }
        }
    }
    Ok(())
}

fn read_at(file: &File, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
    loop {
        #[cfg(unix)]
        let read = std::os::unix::fs::FileExt::read_at(file, buffer, offset);
        #[cfg(windows)]
        let read = std::os::windows::fs::FileExt::seek_read(file, buffer, offset);
        match read {
            Err(cause) if cause.kind() == io::ErrorKind::Interrupted => {}
            read => return read,
        }
    }
}
