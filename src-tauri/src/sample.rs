//! Transfers for the tests of those who only look at them.

use satchel_core::place::PlaceId;
use satchel_core::transfers::{Direction, Group, Snapshot, State, Transfer, TransferId};
use satchel_core::{Code, Error, Operation};
use std::path::Path;
use std::sync::Arc;

/// An upload of one byte.
pub fn transfer(id: u64, state: State) -> Arc<Transfer> {
    in_folder(id, state, None)
}

fn in_folder(id: u64, state: State, group: Option<Arc<Group>>) -> Arc<Transfer> {
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
        group,
    })
}

/// A picture of such transfers.
pub fn picture(states: impl IntoIterator<Item = (u64, State)>) -> Snapshot {
    let transfers = states.into_iter().map(|(id, state)| transfer(id, state)).collect();
    Snapshot { transfers, ..Snapshot::default() }
}

/// Transfers that came with one folder.
pub fn folder(name: &str, states: impl IntoIterator<Item = (u64, State)>) -> Vec<Arc<Transfer>> {
    let group = Group::begin(&format!("{name}/"), &Path::new("/home").join(name));
    states.into_iter().map(|(id, state)| in_folder(id, state, Some(Arc::clone(&group)))).collect()
}

/// It needs the person.
pub fn refused() -> State {
    State::NeedsYou(Arc::new(Error::new(Code::FileUnreadable, Operation::Upload)), None)
}
