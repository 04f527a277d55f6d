//! The local side of a download: a hidden partial file that becomes the real one in a single step, whole or not at all.
//!
//! Never follows a link in the target folder, never replaces unasked, never makes anything executable.

use super::Download;
use super::checksum::{Crc, Md5Run, Md5Sum};
use super::source::blocking;
use crate::error::{Error, Operation, Result};
use crate::names;
use bytes::Bytes;
use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Read at once when a file is read again.
const PIECE: usize = 1024 * 1024;

/// A file that is not whole yet. Goes with its last owner unless it was given its name.
#[derive(Debug)]
pub(crate) struct Partial {
    path: PathBuf,
    /// The name that it will have, for whoever reads what went wrong.
    meant: PathBuf,
    file: Arc<File>,
    /// What the person's own settings make of an ordinary file.
    mode: u32,
    placed: bool,
}

/// Where a download is going, as long as nobody has that name.
///
/// # Errors
/// `NameRefused` when nothing safe is left of the name.
pub(crate) fn path_of(download: &Download) -> Result<PathBuf> {
    names::local_name(&download.name).map(|name| download.folder.join(name))
}

/// The same with a number.
pub(crate) fn numbered(path: &Path, number: u32) -> PathBuf {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    path.with_file_name(names::numbered(&name, number))
}

/// Whether a name is used, be it by a link that leads nowhere.
pub(crate) async fn taken(path: &Path) -> Option<std::fs::Metadata> {
    tokio::fs::symlink_metadata(path).await.ok()
}

impl Partial {
    /// Makes the folder of `meant` if needed, and an empty hidden file in it that only this person can read.
    ///
    /// # Errors
    /// `FolderUnwritable`, `DiskFull`.
    pub(crate) async fn create(meant: &Path) -> Result<Self> {
        let meant = meant.to_owned();
        let path = meant.with_file_name(format!(".satchel-{}.part", uuid::Uuid::new_v4().simple()));
        blocking(Operation::Save, move || {
            let made = path.parent().map_or(Ok(()), std::fs::create_dir_all).and_then(|()| create_new(&path));
            let (file, mode) = made.map_err(|cause| Error::writing(&meant, cause))?;
            Ok(Partial { path, meant, file: Arc::new(file), mode, placed: false })
        })
        .await
    }

    /// Somebody who writes to the same file.
    pub(crate) fn writer(&self) -> Writer {
        Writer { meant: self.meant.clone(), file: Arc::clone(&self.file) }
    }

    /// The MD5 sum of the whole file, read once more.
    pub(crate) async fn md5(&self) -> Result<Md5Sum> {
        let writer = self.writer();
        blocking(Operation::Save, move || {
            let read = || -> io::Result<Md5Sum> {
                let mut file = &*writer.file;
                file.seek(SeekFrom::Start(0))?;
                let mut run = Md5Run::default();
                let mut buffer = vec![0; PIECE];
                loop {
                    match file.read(&mut buffer)? {
                        0 => return Ok(run.finish()),
                        read => run.update(buffer.get(..read).unwrap_or_default()),
                    }
                }
            };
            read().map_err(|cause| Error::writing(&writer.meant, cause))
        })
        .await
    }

    /// Gives the file its name. False if somebody has it and `replace` was not asked for.
    ///
    /// # Errors
    /// `FolderUnwritable`, `DiskFull`.
    ///
    /// # Cancellation
    /// Dropped early the file has its name or is gone.
    pub(crate) async fn place(&mut self, to: &Path, replace: bool) -> Result<bool> {
        let (from, to, mode, file) = (self.path.clone(), to.to_owned(), self.mode, Arc::clone(&self.file));
        let placed = blocking(Operation::Save, move || {
            let placed =
                set_mode(&file, mode).and_then(|()| if replace { replacing(&from, &to) } else { keeping(&from, &to) });
            placed.map_err(|cause| Error::writing(&to, cause))
        });
        self.placed = placed.await?;
        Ok(self.placed)
    }
}

impl Drop for Partial {
    fn drop(&mut self) {
        if !self.placed {
            // Nobody can be told here, and nothing but a hidden file would be left.
            let _ = std::fs::remove_file(&self.path);
        }
    }
}

/// Writes stretches of a partial file.
#[derive(Debug, Clone)]
pub(crate) struct Writer {
    meant: PathBuf,
    file: Arc<File>,
}

impl Writer {
    /// Writes pieces one after another from this offset on, and says what was written.
    ///
    /// # Errors
    /// `DiskFull`, `FolderUnwritable`.
    pub(crate) async fn write(&self, offset: u64, pieces: Vec<Bytes>) -> Result<Crc> {
        let writer = self.clone();
        blocking(Operation::Save, move || {
            let (mut at, mut crc) = (offset, Crc::EMPTY);
            for piece in pieces {
                write_at(&writer.file, &piece, at).map_err(|cause| Error::writing(&writer.meant, cause))?;
                at += piece.len() as u64;
                crc = crc.then(Crc::of(&piece));
            }
            Ok(crc)
        })
        .await
    }
}

/// A rename that never replaces; where the system has none, a second name and then one less.
fn keeping(from: &Path, to: &Path) -> io::Result<bool> {
    let moved = match rename_without_replacing(from, to) {
        Some(result) => result,
        None => match std::fs::hard_link(from, to) {
            Ok(()) => std::fs::remove_file(from),
            Err(cause) if cause.kind() == io::ErrorKind::AlreadyExists => Err(cause),
            // No second names on this disk: take the name with an empty file of our own, then put the whole one there.
            Err(_) => OpenOptions::new().write(true).create_new(true).open(to).and_then(|_| std::fs::rename(from, to)),
        },
    };
    match moved {
        Ok(()) => Ok(true),
        Err(cause) if cause.kind() == io::ErrorKind::AlreadyExists => Ok(false),
        Err(cause) => Err(cause),
    }
}

fn replacing(from: &Path, to: &Path) -> io::Result<bool> {
    std::fs::rename(from, to).map(|()| true)
}

#[cfg(target_os = "linux")]
fn rename_without_replacing(from: &Path, to: &Path) -> Option<io::Result<()>> {
    use rustix::fs::{CWD, RenameFlags, renameat_with};
    use rustix::io::Errno;
    match renameat_with(CWD, from, CWD, to, RenameFlags::NOREPLACE) {
        Ok(()) => Some(Ok(())),
        Err(Errno::INVAL | Errno::NOSYS | Errno::NOTSUP) => None,
        Err(cause) => Some(Err(cause.into())),
    }
}

#[cfg(not(target_os = "linux"))]
fn rename_without_replacing(_: &Path, _: &Path) -> Option<io::Result<()>> {
    None
}

#[cfg(unix)]
fn create_new(path: &Path) -> io::Result<(File, u32)> {
    use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
    const READ_WRITE_FOR_OWNER: u32 = 0o600;
    // Made as an ordinary file would be, so that the system says what this person's settings leave of it; private at
    // once, before there is anything in it.
    let no_link = rustix::fs::OFlags::NOFOLLOW.bits().cast_signed();
    let file =
        OpenOptions::new().read(true).write(true).create_new(true).mode(0o644).custom_flags(no_link).open(path)?;
    let mode = file.metadata()?.permissions().mode() & 0o666;
    set_mode(&file, READ_WRITE_FOR_OWNER)?;
    Ok((file, mode))
}

#[cfg(not(unix))]
fn create_new(path: &Path) -> io::Result<(File, u32)> {
    let file = OpenOptions::new().read(true).write(true).create_new(true).open(path)?;
    Ok((file, 0))
}

#[cfg(unix)]
fn set_mode(file: &File, mode: u32) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    file.set_permissions(std::fs::Permissions::from_mode(mode))
}

#[cfg(not(unix))]
fn set_mode(_: &File, _: u32) -> io::Result<()> {
    Ok(())
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
