//! The local file of an upload: opened once, read at offsets, known again by what it was. Never changed.

use super::Upload;
use super::checksum::{Crc, CrcRun};
use super::limits::{LARGEST_SINGLE, PIECE_BYTES};
use crate::error::{Code, Error, Operation, Result};
use bytes::BytesMut;
use jiff::Timestamp;
use std::fs::{File, Metadata, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

/// A file of no more than this is read when it is opened.
const EARLY: usize = 256 * 1024;

/// Bytes in order, and their sum.
pub(crate) type Read = (Vec<BytesMut>, Crc);

/// Changes whenever somebody writes to the file or puts another in its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Identity {
    pub(crate) length: u64,
    modified: Option<SystemTime>,
    /// Catches a modification time that was put back.
    changed: (i64, i64),
    inode: (u64, u64),
}

impl Identity {
    fn of(metadata: &Metadata) -> Self {
        #[cfg(unix)]
        let (changed, inode) = {
            use std::os::unix::fs::MetadataExt;
            ((metadata.ctime(), metadata.ctime_nsec()), (metadata.dev(), metadata.ino()))
        };
        #[cfg(not(unix))]
        let (changed, inode) = ((0, 0), (0, 0));
        Identity { length: metadata.len(), modified: metadata.modified().ok(), changed, inode }
    }

    /// The same as text, to be compared after a restart. Without the number of the disk: it changes when a stick is plugged
    /// in again or a network folder is mounted anew, and the file has not.
    pub(crate) fn text(&self) -> String {
        let modified = self.modified.and_then(|time| Timestamp::try_from(time).ok()).map(Timestamp::as_nanosecond);
        let (changed, (_, inode)) = (self.changed, self.inode);
        let modified = modified.unwrap_or_default();
        format!("{} {modified} {}.{:09} {inode}", self.length, changed.0, changed.1)
    }

    pub(crate) fn modified_at(&self) -> Option<Timestamp> {
        Timestamp::try_from(self.modified?).ok()
    }
}

/// An open file.
#[derive(Debug, Clone)]
pub(crate) struct Source {
    path: Arc<PathBuf>,
    file: Arc<File>,
    /// A small file is read as soon as it is open: one visit to the disk instead of two.
    early: Arc<Mutex<Option<Read>>>,
    pub(crate) identity: Identity,
}

impl Source {
    /// Opens an ordinary file, through a shortcut if one was given.
    ///
    /// # Errors
    /// `FileMissing`, `FileUnreadable`; `NotOrdinary` for everything that is not a file, without waiting for it.
    pub(crate) async fn open(path: &Path) -> Result<Self> {
        let path = path.to_owned();
        blocking(Operation::Upload, move || {
            // Before it is opened: opening a pipe waits, opening a device may do something.
            let metadata = std::fs::metadata(&path).map_err(|cause| unreadable(&path, cause))?;
            if !metadata.is_file() {
                return Err(not_ordinary(&path));
            }
            let file = options().open(&path).map_err(|cause| unreadable(&path, cause))?;
            let metadata = file.metadata().map_err(|cause| Error::reading(&path, cause))?;
            if !metadata.is_file() {
                return Err(not_ordinary(&path));
            }
            let identity = Identity::of(&metadata);
            let source = Source { path: Arc::new(path), file: Arc::new(file), early: Arc::default(), identity };
            if let Some(length) = usize::try_from(identity.length).ok().filter(|length| *length <= EARLY) {
                let read = source.read_now(0, vec![BytesMut::zeroed(length)])?;
                *source.early.lock().unwrap_or_else(PoisonError::into_inner) = Some(read);
            }
            Ok(source)
        })
        .await
    }

    /// What was read as soon as the file was open, once.
    fn take_early(&self, offset: u64, length: u64) -> Option<Read> {
        if offset != 0 || length != self.identity.length {
            return None;
        }
        self.early.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// The first bytes, at most so many.
    ///
    /// # Errors
    /// As `read`.
    pub(crate) async fn beginning(&self, length: usize) -> Result<Vec<u8>> {
        let length = usize::try_from(self.identity.length).unwrap_or(length).min(length);
        if let Some((pieces, _)) = &*self.early.lock().unwrap_or_else(PoisonError::into_inner) {
            let first = pieces.first().map(|piece| piece.get(..length).unwrap_or(piece));
            return Ok(first.unwrap_or_default().to_vec());
        }
        let (pieces, _) = self.read(0, vec![BytesMut::zeroed(length)]).await?;
        Ok(pieces.into_iter().next().unwrap_or_default().into())
    }

    /// The same on a thread that may wait for the disk.
    pub(crate) fn read_now(&self, mut offset: u64, mut buffers: Vec<BytesMut>) -> Result<Read> {
        let mut crc = CrcRun::default();
        for buffer in &mut buffers {
            self.fill(offset, buffer)?;
            crc.update(buffer);
            offset += buffer.len() as u64;
        }
        self.compare()?;
        Ok((buffers, crc.finish()))
    }

    fn fill(&self, offset: u64, buffer: &mut [u8]) -> Result<()> {
        read_at(&self.file, buffer, offset).map_err(|cause| match cause.kind() {
            io::ErrorKind::UnexpectedEof => self.changing(),
            _ => Error::reading(&self.path, cause),
        })
    }

    /// Fills the buffers one after another from this offset on and says what was read.
    ///
    /// # Errors
    /// `FileChanging` when the file has become shorter, or is no longer what it was; `FileMissing`, `FileUnreadable`.
    ///
    /// # Cancellation
    /// The read goes on to its end in the background; it changes nothing.
    pub(crate) async fn read(&self, offset: u64, buffers: Vec<BytesMut>) -> Result<Read> {
        let length: usize = buffers.iter().map(BytesMut::len).sum();
        if let Some(early) = self.take_early(offset, length as u64) {
            return Ok(early);
        }
        let source = self.clone();
        blocking(Operation::Upload, move || source.read_now(offset, buffers)).await
    }

    /// Reads a stretch piece by piece, on a thread that may wait for the disk.
    ///
    /// # Errors
    /// As `read`.
    pub(crate) fn each_piece(&self, offset: u64, length: u64, mut work: impl FnMut(&[u8])) -> Result<()> {
        let mut buffer = vec![0; PIECE_BYTES];
        let end = offset + length;
        let mut at = offset;
        while at < end {
            let wanted = usize::try_from(end - at).unwrap_or(PIECE_BYTES).min(PIECE_BYTES);
            let piece = buffer.get_mut(..wanted).unwrap_or_default();
            self.fill(at, piece)?;
            work(piece);
            at += wanted as u64;
        }
        self.compare()
    }

    /// Makes sure that what was read is one state of the file.
    ///
    /// # Errors
    /// `FileChanging`, `FileMissing`, `FileUnreadable`.
    pub(crate) async fn unchanged(&self) -> Result<()> {
        let source = self.clone();
        blocking(Operation::Upload, move || source.compare()).await
    }

    fn compare(&self) -> Result<()> {
        let metadata = std::fs::metadata(self.path.as_path()).map_err(|cause| Error::reading(&self.path, cause))?;
        if Identity::of(&metadata) == self.identity { Ok(()) } else { Err(self.changing()) }
    }

    pub(crate) fn changing(&self) -> Error {
        Error::new(Code::FileChanging, Operation::Upload).with("file", file_name(&self.path))
    }
}

/// The sizes of files that are about to be queued; zero for what can't be asked, whose job will say why.
pub(crate) async fn sizes(items: Vec<Upload>) -> Vec<(Upload, u64)> {
    let sized = tokio::task::spawn_blocking(move || {
        let size = |upload: &Upload| std::fs::metadata(&upload.path).map_or(0, |metadata| metadata.len());
        items.into_iter().map(|upload| (size(&upload), upload)).map(|(size, upload)| (upload, size)).collect()
    });
    sized.await.unwrap_or_default()
}

/// Whether a file of this size takes many requests.
pub(crate) fn is_large(size: u64) -> bool {
    size > LARGEST_SINGLE
}

/// Does something that waits for the disk where waiting harms nobody.
pub(crate) async fn blocking<T, F>(operation: Operation, work: F) -> Result<T>
where
    T: Send + 'static,
    F: FnOnce() -> Result<T> + Send + 'static,
{
    match tokio::task::spawn_blocking(work).await {
        Ok(result) => result,
        Err(cause) => Err(Error::new(Code::Unknown, operation).because(cause)),
    }
}

/// A path that is a device, a pipe, a folder, or a shortcut that leads nowhere.
pub(crate) fn not_ordinary(path: &Path) -> Error {
    Error::new(Code::NotOrdinary, Operation::Upload).with("file", file_name(path))
}

/// Too many shortcuts are a loop, not a file that nobody may read.
pub(crate) fn unreadable(path: &Path, cause: io::Error) -> Error {
    if cause.raw_os_error() == Some(LOOP) {
        return not_ordinary(path).because(cause);
    }
    Error::reading(path, cause)
}

#[cfg(unix)]
const LOOP: i32 = rustix::io::Errno::LOOP.raw_os_error();
#[cfg(not(unix))]
const LOOP: i32 = -1;

pub(crate) fn file_name(path: &Path) -> String {
    path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned()
}

fn options() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.read(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        // A pipe that took the file's place since it was looked at must not be waited for.
        options.custom_flags((rustix::fs::OFlags::NONBLOCK | rustix::fs::OFlags::NOCTTY).bits().cast_signed());
    }
    options
}

#[cfg(unix)]
fn read_at(file: &File, buffer: &mut [u8], offset: u64) -> io::Result<()> {
    use std::os::unix::fs::FileExt;
    file.read_exact_at(buffer, offset)
}

#[cfg(windows)]
fn read_at(file: &File, mut buffer: &mut [u8], mut offset: u64) -> io::Result<()> {
    use std::os::windows::fs::FileExt;
    while !buffer.is_empty() {
        match file.seek_read(buffer, offset)? {
            0 => return Err(io::ErrorKind::UnexpectedEof.into()),
            read => {
                buffer = buffer.get_mut(read..).unwrap_or_default();
                offset += read as u64;
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_known_again_when_its_disk_has_another_number() {
        let before = Identity { length: 5, modified: Some(SystemTime::UNIX_EPOCH), changed: (7, 8), inode: (1, 2) };
        let mounted_anew = Identity { inode: (9, 2), ..before };
        assert_eq!(before.text(), mounted_anew.text());
        for other in [
            Identity { length: 6, ..before },
            Identity { changed: (7, 9), ..before },
            Identity { inode: (1, 3), ..before },
        ] {
            assert_ne!(before.text(), other.text());
        }
    }
}
