//! Who is next: small files and large ones wait apart, so that neither keeps the other waiting.

use super::{Limits, TransferId};
use std::collections::VecDeque;

struct Lane {
    waiting: VecDeque<TransferId>,
    running: usize,
    most: usize,
}

/// The two lanes of the queue.
pub(crate) struct Lanes {
    small: Lane,
    large: Lane,
}

impl Lanes {
    pub(crate) fn new(limits: &Limits) -> Self {
        let lane = |most: usize| Lane { waiting: VecDeque::new(), running: 0, most: most.max(1) };
        Lanes { small: lane(limits.small_files), large: lane(limits.large_files) }
    }

    fn lane(&mut self, large: bool) -> &mut Lane {
        if large { &mut self.large } else { &mut self.small }
    }

    pub(crate) fn wait(&mut self, id: TransferId, large: bool) {
        self.lane(large).waiting.push_back(id);
    }

    /// The next that may start, if there is room. It may have been stopped since it was added: the owner looks.
    pub(crate) fn next(&mut self) -> Option<TransferId> {
        let has_room = |lane: &&mut Lane| lane.running < lane.most;
        [&mut self.small, &mut self.large].into_iter().filter(has_room).find_map(|lane| lane.waiting.pop_front())
    }

    pub(crate) fn started(&mut self, large: bool) {
        self.lane(large).running += 1;
    }

    pub(crate) fn ended(&mut self, large: bool) {
        let lane = self.lane(large);
        lane.running = lane.running.saturating_sub(1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_files_pass_large_ones_that_have_no_room() {
        let limits = Limits { small_files: 2, large_files: 1, ..Limits::default() };
        let mut lanes = Lanes::new(&limits);
        for id in 1..=4 {
            lanes.wait(TransferId(id), id < 3);
        }
        let mut started = Vec::new();
        while let Some(id) = lanes.next() {
            lanes.started(id.0 < 3);
            started.push(id.0);
        }
        assert_eq!(started, [3, 4, 1]);
        lanes.ended(true);
        assert_eq!(lanes.next(), Some(TransferId(2)));
    }
}
