//! Pictures of the queue, for everybody who watches.

use super::{BETWEEN_PICTURES, Queue};
use crate::transfers::Snapshot;
use crate::transfers::line::line;
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
        let batch = || self.entries.range(self.batch..).map(|(_, entry)| entry.transfer.as_ref());
        match self.jobs.is_empty() {
            true => self.speed.forget(),
            false => self.speed.note(now, batch().map(|transfer| transfer.done_bytes).sum()),
        }
        let mut line = line(batch(), self.speed.bytes_per_second());
        line.holdup = self.holds.reason();
        self.unfinished = line.finished + line.stopped < line.total;
        let revision = self.publish.borrow().revision + 1;
        let transfers = self.entries.values().map(|entry| Arc::clone(&entry.transfer)).collect();
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
