//! An open folder of this computer, in which single names are made, looked at and renamed.
//!
//! Below the folder that the person chose no link is followed, whoever puts one there and whenever: each step is taken from
//! the folder that is already open.

use crate::transfers::conflict::There;
use jiff::Timestamp;
use rustix::fs::{AtFlags, CWD, FileType, Mode, OFlags, Stat};
use rustix::io::Errno;
use std::fs::File;
use std::io;
use std::os::fd::OwnedFd;
use std::path::Path;

/// Of an ordinary file, before the person's own settings.
const ORDINARY: u32 = 0o644;
const ONLY_OWNER: u32 = 0o600;
const RIGHTS: u32 = 0o777;

#[derive(Debug)]
pub(crate) struct Folder(OwnedFd);

impl Folder {
    /// Opens the folder that was chosen, and from there the one below it. What is not there is made if `make` says so.
    ///
    /// # Errors
    /// `NotFound`; `NotADirectory` or a loop when a file or a link has the name of a folder below.
    pub(crate) fn open(root: &Path, below: &str, make: bool) -> io::Result<Self> {
        if make {
            std::fs::create_dir_all(root)?;
        }
        let mut folder = rustix::fs::openat(CWD, root, as_folder(), Mode::empty())?;
        for segment in below.split('/').filter(|_| !below.is_empty()) {
            super::single(segment)?;
            let step = || rustix::fs::openat(&folder, segment, as_folder() | OFlags::NOFOLLOW, Mode::empty());
            let next = match step() {
                Err(Errno::NOENT) if make => {
                    match rustix::fs::mkdirat(&folder, segment, Mode::from_raw_mode(RIGHTS as _)) {
                        // Another download of the same folder was first.
                        Ok(()) | Err(Errno::EXIST) => step()?,
                        Err(cause) => return Err(cause.into()),
                    }
                }
                next => next?,
            };
            folder = next;
        }
        Ok(Folder(folder))
    }

    /// What has a name, be it a link that leads nowhere.
    pub(crate) fn look(&self, name: &str) -> io::Result<Option<There>> {
        super::single(name)?;
        match rustix::fs::statat(&self.0, name, AtFlags::SYMLINK_NOFOLLOW) {
            Ok(stat) => Ok(Some(There {
                bytes: u64::try_from(stat.st_size).unwrap_or_default(),
                changed_at: changed_at(&stat),
            })),
            Err(Errno::NOENT) => Ok(None),
            Err(cause) => Err(cause.into()),
        }
    }

    /// Makes an empty file that only this person can read, and says what their settings make of an ordinary one.
    pub(crate) fn create(&self, name: &str) -> io::Result<(File, u32)> {
        super::single(name)?;
        let flags = OFlags::RDWR | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let file = File::from(rustix::fs::openat(&self.0, name, flags, Mode::from_raw_mode(ORDINARY as _))?);
        let mode = mode_of(&rustix::fs::fstat(&file)?) & 0o666;
        set_mode(&file, ONLY_OWNER)?;
        Ok((file, mode))
    }

    /// Opens an ordinary file of this person's own that has no other name, and says what their settings make of a new
    /// one. `None` if it is anything else. `free` is a name that nobody has.
    pub(crate) fn reopen(&self, name: &str, free: &str) -> io::Result<Option<(File, u32)>> {
        super::single(name)?;
        // A pipe that somebody put there must not be waited for.
        let flags = OFlags::RDWR | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
        let file = match rustix::fs::openat(&self.0, name, flags, Mode::empty()) {
            Ok(file) => File::from(file),
            Err(Errno::NOENT | Errno::LOOP | Errno::ISDIR | Errno::NXIO | Errno::ACCESS) => return Ok(None),
            Err(cause) => return Err(cause.into()),
        };
        let (own, mode) = self.create(free)?;
        self.remove(free)?;
        let (stat, own) = (rustix::fs::fstat(&file)?, rustix::fs::fstat(&own)?);
        let ordinary = FileType::from_raw_mode(stat.st_mode) == FileType::RegularFile;
        Ok((ordinary && stat.st_nlink == 1 && stat.st_uid == own.st_uid).then_some((file, mode)))
    }

    /// Opens an ordinary file to be read. `None` if it is anything else.
    pub(crate) fn read(&self, name: &str) -> io::Result<Option<File>> {
        super::single(name)?;
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
        let file = match rustix::fs::openat(&self.0, name, flags, Mode::empty()) {
            Ok(file) => File::from(file),
            Err(Errno::NOENT | Errno::LOOP | Errno::NXIO | Errno::ACCESS) => return Ok(None),
            Err(cause) => return Err(cause.into()),
        };
        Ok(file.metadata()?.is_file().then_some(file))
    }

    /// A rename that never replaces: false if somebody has the name. Where the system has none, a second name and then
    /// one less.
    pub(crate) fn keeping(&self, from: &str, to: &str) -> io::Result<bool> {
        super::single(to)?;
        let moved = match self.rename_without_replacing(from, to) {
            Some(result) => result,
            None => match rustix::fs::linkat(&self.0, from, &self.0, to, AtFlags::empty()) {
                Ok(()) => rustix::fs::unlinkat(&self.0, from, AtFlags::empty()),
                Err(Errno::EXIST) => Err(Errno::EXIST),
                // No second names on this disk: take the name with an empty file of our own, then put the whole one there.
                Err(_) => {
                    let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
                    rustix::fs::openat(&self.0, to, flags, Mode::from_raw_mode(ONLY_OWNER as _)).and_then(|_| {
                        rustix::fs::renameat(&self.0, from, &self.0, to).inspect_err(|_| {
                            // An empty file under the name would be taken for the real one.
                            let _ = rustix::fs::unlinkat(&self.0, to, AtFlags::empty());
                        })
                    })
                }
            },
        };
        match moved {
            Ok(()) => Ok(true),
            Err(Errno::EXIST) => Ok(false),
            Err(cause) => Err(cause.into()),
        }
    }

    /// Puts a file in the place of another. A link is replaced, not followed.
    pub(crate) fn replacing(&self, from: &str, to: &str) -> io::Result<()> {
        super::single(to)?;
        Ok(rustix::fs::renameat(&self.0, from, &self.0, to)?)
    }

    pub(crate) fn remove(&self, name: &str) -> io::Result<()> {
        super::single(name)?;
        Ok(rustix::fs::unlinkat(&self.0, name, AtFlags::empty())?)
    }

    #[cfg(target_os = "linux")]
    fn rename_without_replacing(&self, from: &str, to: &str) -> Option<Result<(), Errno>> {
        match rustix::fs::renameat_with(&self.0, from, &self.0, to, rustix::fs::RenameFlags::NOREPLACE) {
            Err(Errno::INVAL | Errno::NOSYS | Errno::NOTSUP) => None,
            result => Some(result),
        }
    }

    #[cfg(not(target_os = "linux"))]
    fn rename_without_replacing(&self, _: &str, _: &str) -> Option<Result<(), Errno>> {
        None
    }
}

/// Never executable, whatever the file was where it comes from. A disk that knows no rights keeps the file without.
pub(crate) fn set_mode(file: &File, mode: u32) -> io::Result<()> {
    match rustix::fs::fchmod(file, Mode::from_raw_mode(mode as _)) {
        Ok(()) | Err(Errno::PERM | Errno::NOTSUP | Errno::NOSYS) => Ok(()),
        Err(cause) => Err(cause.into()),
    }
}

/// Only a place to start from: a folder that may be written to but not listed is one too.
fn as_folder() -> OFlags {
    #[cfg(target_os = "linux")]
    let access = OFlags::PATH;
    #[cfg(not(target_os = "linux"))]
    let access = OFlags::RDONLY;
    access | OFlags::DIRECTORY | OFlags::CLOEXEC
}

fn mode_of(stat: &Stat) -> u32 {
    Mode::from_raw_mode(stat.st_mode).bits() as _
}

fn changed_at(stat: &Stat) -> Option<Timestamp> {
    Timestamp::new(stat.st_mtime as _, i32::try_from(stat.st_mtime_nsec).ok()?).ok()
}
