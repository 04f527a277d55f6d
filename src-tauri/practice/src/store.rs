//! Where the practice place keeps things: an index in SQLite with exact keys, bodies in files named by id.
//! One thread owns the index; everything else asks it. Refuses a folder that another server has open.

pub mod bodies;
pub mod buckets;
pub mod checksums;
pub mod details;
pub mod doubts;
pub mod leases;
pub mod listing;
pub mod objects;
pub mod pieces;
pub mod receive;
pub mod schema;
pub mod uploads;
pub mod versions;

use std::fs::{DirBuilder, File, OpenOptions};
use std::path::Path;
use std::sync::{Mutex, PoisonError, mpsc};
use std::thread::JoinHandle;

use rusqlite::Connection;
use tokio::sync::oneshot;

pub use doubts::StoreError;

type Job = Box<dyn FnOnce(&mut Connection) + Send>;

/// The open store. Dropping it closes the index and frees the folder.
pub struct Store {
    jobs: Mutex<Option<mpsc::Sender<Job>>>,
    thread: Mutex<Option<JoinHandle<()>>>,
    pub bodies: bodies::Bodies,
    _lock: File,
}

impl Store {
    /// Opens or creates a store. Blocking.
    pub fn open(folder: &Path) -> Result<Self, StoreError> {
        private_folder(folder)?;
        let lock = private_file(&folder.join("practice.lock"))?;
        if lock.try_lock().is_err() {
            return Err(StoreError::InUse(folder.to_owned()));
        }
        let index = folder.join("index.sqlite");
        // SQLite gives its own side files the rights of the main one.
        drop(private_file(&index)?);
        let mut connection = Connection::open(&index)?;
        schema::prepare(&mut connection)?;
        let bodies = bodies::Bodies::open(folder)?;
        let (jobs, queue) = mpsc::channel::<Job>();
        let thread = std::thread::Builder::new().name("practice-index".to_owned()).spawn(move || {
            while let Ok(job) = queue.recv() {
                job(&mut connection);
            }
        })?;
        Ok(Self { jobs: Mutex::new(Some(jobs)), thread: Mutex::new(Some(thread)), bodies, _lock: lock })
    }

    /// Runs one piece of work on the index, in turn.
    pub async fn ask<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Connection) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let (reply, answer) = oneshot::channel();
        let job: Job = Box::new(move |connection| {
            // The asker may have gone; the work is done all the same.
            let _ = reply.send(work(connection));
        });
        {
            let jobs = self.jobs.lock().unwrap_or_else(PoisonError::into_inner);
            jobs.as_ref().ok_or(StoreError::Closed)?.send(job).map_err(|_| StoreError::Closed)?;
        }
        answer.await.map_err(|_| StoreError::Closed)?
    }

    /// Finishes what was asked and ends the index thread.
    fn close(&self) {
        drop(self.jobs.lock().unwrap_or_else(PoisonError::into_inner).take());
        let thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(thread) = thread {
            // A panic in the index thread was already answered with `Closed`.
            let _ = thread.join();
        }
    }
}

impl Drop for Store {
    fn drop(&mut self) {
        self.close();
    }
}

pub fn private_folder(folder: &Path) -> Result<(), StoreError> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::DirBuilderExt as _;
        builder.mode(0o700);
    }
    builder.create(folder)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        std::fs::set_permissions(folder, std::fs::Permissions::from_mode(0o700))?;
    }
    Ok(())
}

pub fn private_file(path: &Path) -> Result<File, StoreError> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    Ok(options.open(path)?)
}
