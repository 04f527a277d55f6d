//! What the local disk says, turned into our codes.

use super::{Code, Error, Operation};
use std::io;
use std::path::Path;

/// The name of a path as people see it.
fn file_name(path: &Path) -> String {
    path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned()
}

impl Error {
    /// A file that was to be read could not be.
    pub(crate) fn reading(path: &Path, cause: io::Error) -> Self {
        let code = match cause.kind() {
            io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => Code::FileMissing,
            _ => Code::FileUnreadable,
        };
        Error::new(code, Operation::Upload).with("file", file_name(path)).because(cause)
    }

    /// A file that was to be written could not be.
    pub(crate) fn writing(path: &Path, cause: io::Error) -> Self {
        let code = match cause.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Code::DiskFull,
            _ => Code::FolderUnwritable,
        };
        let folder = path.parent().map(file_name).unwrap_or_default();
        Error::new(code, Operation::Save)
            .with("file", file_name(path))
            .with("folder", folder.clone())
            .with("disk", folder)
            .because(cause)
    }
}
