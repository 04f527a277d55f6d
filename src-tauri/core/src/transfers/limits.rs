//! What the whole process may do at once: files, bytes in requests, buffers. One budget, shared by all transfers.
//!
//! Memory is bounded by the budget: whoever sends bytes from memory first takes their size out of it.

use super::heap;
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

/// One unit of the budget: a piece.
const UNIT_BYTES: u64 = PIECE_BYTES as u64;
/// How many requests run at once at the beginning. More follow while that makes the whole faster.
const FIRST_SMALL: usize = 16;
const FIRST_PARTS: usize = 4;
/// Bytes are held in pieces of this size: what one request has given back fits the next, whatever its length.
pub(crate) const PIECE_BYTES: usize = 1024 * 1024;
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
    /// Pieces that nobody uses now.
    kept: Mutex<Vec<BytesMut>>,
    /// Unfinished uploads that are being taken back after their transfer has ended.
    pub(crate) cleaning: TaskTracker,
}

/// The right to hold so many bytes in a request.
pub(crate) struct Slot {
    _permit: OwnedSemaphorePermit,
}

impl Shared {
    /// Tells the allocator of the whole process what to keep, too.
    pub(crate) fn new(limits: Limits) -> Self {
        heap::keep_what_is_freed();
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
            kept: Mutex::default(),
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

    /// Buffers of so many bytes together. What is in them is left over from before.
    pub(crate) fn buffers(&self, bytes: u64) -> Vec<BytesMut> {
        let count = bytes.div_ceil(UNIT_BYTES);
        let lengths = (0..count).map(|index| (bytes - index * UNIT_BYTES).min(UNIT_BYTES));
        lengths.map(|length| self.buffer(usize::try_from(length).unwrap_or(PIECE_BYTES), count > 1)).collect()
    }

    /// A piece of its own is as large as it must be. One of several can be any that was given back.
    fn buffer(&self, length: usize, one_of_several: bool) -> BytesMut {
        if !one_of_several && length < PIECE_BYTES {
            return BytesMut::zeroed(length);
        }
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let mut buffer = kept.unwrap_or_else(|| BytesMut::zeroed(PIECE_BYTES));
        // Always zeroed to its end once, so that this touches nothing but a number.
        buffer.truncate(length);
        buffer
    }

    /// Takes buffers back that nobody else holds a piece of. Never more than the budget was ever used for.
    pub(crate) fn give_back(&self, pieces: Vec<Bytes>) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        for piece in pieces {
            let Ok(mut buffer) = piece.try_into_mut() else { continue };
            if buffer.capacity() == PIECE_BYTES && kept.len() < self.units as usize {
                buffer.resize(PIECE_BYTES, 0);
                kept.push(buffer);
            }
        }
    }

    /// Gives the memory back to the system while nothing moves.
    pub(crate) fn forget_buffers(&self) {
        *self.kept.lock().unwrap_or_else(PoisonError::into_inner) = Vec::new();
        self.cleaning.spawn_blocking(heap::give_back);
    }
}
