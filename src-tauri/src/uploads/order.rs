//! In which order transfers are shown, worked out once a picture however often rows are asked for. Refuses to draw.

use crate::wire::files::drawn;
use crate::wire::transfers::{TransferCounts, TransferFilter};
use satchel_core::transfers::{Snapshot, State, Transfer};
use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};

/// What matters most comes first. Within a rank the oldest first; among what is over, the newest.
const RANKS: usize = 6;
const OVER: usize = RANKS - 1;

/// One picture, and where in it the transfers of each rank are.
#[derive(Debug, Default)]
pub(super) struct Order {
    pub(super) snapshot: Arc<Snapshot>,
    /// Few bytes each: there may be very many.
    ranks: [Vec<u32>; RANKS],
}

/// The order of the last picture that was asked for.
#[derive(Debug, Default)]
pub(super) struct Ordered(Mutex<Arc<Order>>);

impl Ordered {
    pub(super) fn of(&self, snapshot: Arc<Snapshot>) -> Arc<Order> {
        let mut last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if !Arc::ptr_eq(&last.snapshot, &snapshot) {
            *last = Arc::new(Order::of(snapshot));
        }
        Arc::clone(&last)
    }
}

impl Order {
    fn of(snapshot: Arc<Snapshot>) -> Self {
        let mut ranks: [Vec<u32>; RANKS] = Default::default();
        for (place, transfer) in (0..).zip(&snapshot.transfers) {
            if let Some(same) = ranks.get_mut(rank(&transfer.state)) {
                same.push(place);
            }
        }
        if let Some(over) = ranks.last_mut() {
            over.reverse();
        }
        Order { snapshot, ranks }
    }

    /// How many a filter leaves.
    pub(super) fn count(&self, filter: TransferFilter) -> usize {
        self.left_by(filter).iter().map(Vec::len).sum()
    }

    /// Those that a filter leaves, from the first that matters on.
    pub(super) fn window(
        &self,
        filter: TransferFilter,
        mut from: usize,
        most: usize,
    ) -> impl Iterator<Item = &Arc<Transfer>> {
        let mut ranks = self.left_by(filter);
        while let Some((first, others)) = ranks.split_first().filter(|(first, _)| first.len() <= from) {
            (from, ranks) = (from - first.len(), others);
        }
        let places = ranks.iter().flatten().skip(from).take(most);
        places.filter_map(|place| self.snapshot.transfers.get(*place as usize))
    }

    pub(super) fn counts(&self, refused: usize) -> TransferCounts {
        let [active, finished] = [TransferFilter::Active, TransferFilter::Finished].map(|filter| self.count(filter));
        let needs_you = self.count(TransferFilter::NeedsYou) + refused;
        TransferCounts {
            all: drawn(active + needs_you + finished),
            active: drawn(active),
            needs_you: drawn(needs_you),
            finished: drawn(finished),
        }
    }

    fn left_by(&self, filter: TransferFilter) -> &[Vec<u32>] {
        self.ranks.get(ranks_of(filter)).unwrap_or_default()
    }
}

fn rank(state: &State) -> usize {
    match state {
        State::NeedsYou(..) => 0,
        State::Moving | State::Checking => 1,
        State::Held(_) => 2,
        State::Paused => 3,
        State::Waiting => 4,
        State::Done | State::Stopped | State::Skipped => OVER,
    }
}

fn ranks_of(filter: TransferFilter) -> Range<usize> {
    match filter {
        TransferFilter::All => 0..RANKS,
        TransferFilter::NeedsYou => 0..1,
        TransferFilter::Active => 1..OVER,
        TransferFilter::Finished => OVER..RANKS,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    fn order(states: &[(u64, State)]) -> Order {
        Order::of(Arc::new(sample::picture(states.iter().cloned())))
    }

    fn ids(order: &Order, filter: TransferFilter, from: usize, most: usize) -> Vec<u64> {
        order.window(filter, from, most).map(|transfer| transfer.id.0).collect()
    }

    #[test]
    fn what_moves_comes_first_and_the_newest_of_what_is_over() {
        let order = order(&[
            (1, State::Done),
            (3, State::Paused),
            (4, State::Paused),
            (5, State::Moving),
            (8, State::Waiting),
            (9, State::Stopped),
        ]);
        assert_eq!(ids(&order, TransferFilter::All, 0, 9), [5, 3, 4, 8, 9, 1]);
        assert_eq!(ids(&order, TransferFilter::Finished, 0, 9), [9, 1]);
        assert_eq!(ids(&order, TransferFilter::NeedsYou, 0, 9), [0_u64; 0]);
        let counts = order.counts(2);
        assert_eq!((counts.all, counts.active, counts.needs_you, counts.finished), (8, 4, 2, 2));
    }

    #[test]
    fn a_window_may_begin_and_end_within_any_rank() {
        let order = order(&[(1, State::Waiting), (2, State::Moving), (3, State::Waiting), (4, State::Done)]);
        assert_eq!(ids(&order, TransferFilter::All, 1, 2), [1, 3]);
        assert_eq!(ids(&order, TransferFilter::All, 2, 9), [3, 4]);
        assert_eq!(ids(&order, TransferFilter::Active, 3, 9), [0_u64; 0]);
        assert_eq!(ids(&order, TransferFilter::All, 9, 9), [0_u64; 0]);
    }
}
