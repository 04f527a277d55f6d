//! Pictures of the queue, for everybody who watches.

use super::{BETWEEN_PICTURES, Queue};
use crate::transfers::{Line, Snapshot};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// A picture may take this part of the time between two of them.
const SHARE_OF_TIME: u32 = 20;
const LONGEST_BETWEEN: Duration = Duration::from_millis(1000);

impl Queue {
    /// Shows how everything is now, and tells those who waited for it.
    pub(super) fn publish(&mut self) {
        let now = Instant::now();
        for id in self.by_task.values() {
            if let Some(entry) = self.entries.get_mut(id) {
                entry.refresh();
            }
        }
        // All of them are gone through once: there may be very many.
        let mut transfers = Vec::with_capacity(self.entries.len());
        let mut line = Line::default();
        for (id, entry) in &self.entries {
            if *id >= self.batch {
                line.add(&entry.transfer);
            }
            transfers.push(Arc::clone(&entry.transfer));
        }
        match self.jobs.is_empty() {
            true => self.speed.forget(),
            false => self.speed.note(now, line.done_bytes),
        }
        line.set_speed(self.speed.bytes_per_second());
        line.holdup = self.holds.reason();
        self.unfinished = line.finished + line.stopped < line.total;
        let revision = self.publish.borrow().revision + 1;
        // Nobody may be watching.
        let _ = self.publish.send(Arc::new(Snapshot { revision, line, transfers }));
        self.changed = false;
        self.published = now;
        self.between_pictures = (now.elapsed() * SHARE_OF_TIME).clamp(BETWEEN_PICTURES, LONGEST_BETWEEN);
        for waiter in self.waiters.take_ready() {
            let known = waiter.ids.iter().filter_map(|id| self.entries.get(id));
            let _ = waiter.reply.send(known.map(|entry| Arc::clone(&entry.transfer)).collect());
        }
    }
}
