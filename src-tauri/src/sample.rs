//! Transfers for the tests of those who only look at them.

use satchel_core::place::PlaceId;
use satchel_core::transfers::{Direction, Snapshot, State, Transfer, TransferId};
use std::sync::Arc;

/// An upload of one byte.
pub fn transfer(id: u64, state: State) -> Arc<Transfer> {
    Arc::new(Transfer {
        id: TransferId(id),
        direction: Direction::Upload,
        place: PlaceId::from_text("p"),
        name: "a".to_owned(),
        path: "a".into(),
        size_bytes: 1,
        done_bytes: 0,
        state,
        done: None,
        seconds: 0.0,
        bytes_per_second: None,
        seconds_left: None,
        finished_at: None,
    })
}

/// A picture of such transfers.
pub fn picture(states: impl IntoIterator<Item = (u64, State)>) -> Snapshot {
    let transfers = states.into_iter().map(|(id, state)| transfer(id, state)).collect();
    Snapshot { transfers, ..Snapshot::default() }
}
