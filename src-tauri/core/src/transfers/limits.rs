//! What the whole process may do at once: files, bytes in requests, buffers. One budget, shared by all transfers.
//!
//! Memory is bounded by the budget: whoever sends bytes from memory first takes their size out of it.

use super::pace::Pace;
use super::patience::Patience;
use super::writers::Writers;
use crate::error::{Error, Operation, Result};
use bytes::{Bytes, BytesMut};
use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::task::TaskTracker;

/// One unit of the budget.
const UNIT_BYTES: u64 = 1024 * 1024;
/// How many requests run at once at the beginning. More follow while that makes the whole faster.
const FIRST_SMALL: usize = 16;
const FIRST_PARTS: usize = 4;
/// Buffers of at least this size are kept for the next part.
const WORTH_KEEPING: usize = 1024 * 1024;
/// What is kept of them: outside the budget, so it is little. One that has just been given back is taken soon.
const MOST_KEPT: usize = 16 * 1024 * 1024;
/// What goes into one request. Anything larger is sent in parts.
pub(crate) const LARGEST_SINGLE: u64 = 16 * 1024 * 1024;

/// How many bytes a folder's disk has left for this person.
pub type FreeSpace = fn(&Path) -> io::Result<u64>;

/// What may be done at once.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Files of one request each that move at once.
    pub small_files: usize,
    /// Files of many requests each that move at once.
    pub large_files: usize,
    /// Parts of one file that move at once.
    pub parts_per_file: usize,
    /// Bytes that all requests together hold in memory.
    pub budget_bytes: u64,
    /// How long troubles that pass are waited out.
    pub patience: Patience,
    /// Asked before something is saved.
    pub free_space: FreeSpace,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            small_files: 32,
            large_files: 4,
            parts_per_file: 8,
            budget_bytes: 48 * 1024 * 1024,
            patience: Patience::default(),
            free_space: |folder| fs4::available_space(folder),
        }
    }
}

/// What all jobs share.
pub(crate) struct Shared {
    pub(crate) limits: Limits,
    /// Files of one request.
    pub(crate) pace: Arc<Pace>,
    /// Parts and stretches of larger ones.
    pub(crate) pace_of_parts: Arc<Pace>,
    pub(crate) writers: Arc<Writers>,
    budget: Arc<Semaphore>,
    units: u32,
    buffers: Mutex<Vec<BytesMut>>,
    /// Unfinished uploads that are being taken back after their transfer has ended.
    pub(crate) cleaning: TaskTracker,
}

/// The right to hold so many bytes in a request.
pub(crate) struct Slot {
    _permit: OwnedSemaphorePermit,
}

impl Shared {
    pub(crate) fn new(limits: Limits) -> Self {
        let units = u32::try_from(limits.budget_bytes.div_ceil(UNIT_BYTES)).unwrap_or(u32::MAX >> 4).max(1);
        let budget = Arc::new(Semaphore::new(units as usize));
        let pace = Pace::new(FIRST_SMALL, limits.small_files);
        let pace_of_parts = Pace::new(FIRST_PARTS, limits.parts_per_file * limits.large_files);
        let writers = Arc::default();
        Shared {
            limits,
            pace,
            pace_of_parts,
            writers,
            budget,
            units,
            buffers: Mutex::default(),
            cleaning: TaskTracker::new(),
        }
    }

    /// Waits until so many bytes fit into the budget. First come, first served; more than all of it is all of it.
    pub(crate) async fn slot(&self, bytes: u64) -> Result<Slot> {
        let wanted = u32::try_from(bytes.div_ceil(UNIT_BYTES)).unwrap_or(u32::MAX).clamp(1, self.units);
        match Arc::clone(&self.budget).acquire_many_owned(wanted).await {
            Ok(permit) => Ok(Slot { _permit: permit }),
            Err(_) => Err(Error::cancelled(Operation::Upload)),
        }
    }

    /// A buffer of this length. What is in it is left over from before.
    pub(crate) fn buffer(&self, length: usize) -> BytesMut {
        let kept = match length >= WORTH_KEEPING {
            true => self.buffers.lock().unwrap_or_else(PoisonError::into_inner).pop(),
            false => None,
        };
        let mut buffer = kept.unwrap_or_default();
        buffer.resize(length, 0);
        buffer
    }

    /// Takes a buffer back, if nobody else holds a piece of it.
    pub(crate) fn give_back(&self, bytes: Bytes) {
        let Ok(buffer) = bytes.try_into_mut() else { return };
        let mut kept = self.buffers.lock().unwrap_or_else(PoisonError::into_inner);
        let bytes: usize = kept.iter().map(BytesMut::capacity).sum();
        if buffer.capacity() >= WORTH_KEEPING && bytes + buffer.capacity() <= MOST_KEPT {
            kept.push(buffer);
        }
    }

    /// Gives the memory back to the system while nothing moves.
    pub(crate) fn forget_buffers(&self) {
        self.buffers.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}
