//! How the page sees the uploads: what needs the person first, then what moves, waits and is over.

use super::{Refused, Uploads};
use crate::listings::folder_label;
use crate::messages;
use crate::wire::files::{TypeGroup, drawn};
use crate::wire::time;
use crate::wire::transfers::{Conflict, Transfer, TransferLine, TransferState, Transfers as Picture};
use satchel_core::place::Place;
use satchel_core::transfers::{self, Snapshot, State, TransferId};
use satchel_core::{files, names};
use std::cmp::Reverse;
use std::sync::{Arc, PoisonError};

/// The most transfers that the page draws.
const MOST_ITEMS: usize = 200;

impl Uploads {
    /// All of it as the page draws it.
    pub fn draw(&self) -> Picture {
        let snapshot = self.snapshot();
        let refused = self.0.refused.borrow().clone();
        let places = self.0.places.read().unwrap_or_else(PoisonError::into_inner);
        let mut ranked: Vec<_> = snapshot.transfers.iter().map(|transfer| (rank(&transfer.state), transfer)).collect();
        let room = MOST_ITEMS.saturating_sub(refused.files.len());
        if ranked.len() > room {
            ranked.select_nth_unstable_by_key(room, |(rank, transfer)| order(*rank, transfer.id));
            ranked.truncate(room);
        }
        ranked.sort_unstable_by_key(|(rank, transfer)| order(*rank, transfer.id));
        let refusals = refused.files.iter().take(MOST_ITEMS).map(|file| self.draw_refused(file));
        let moving = ranked.into_iter().map(|(_, transfer)| self.draw_one(transfer, places.get(&transfer.place)));
        Picture {
            revision: snapshot.revision + refused.revision,
            line: line(&snapshot, refused.files.len()),
            items: refusals.chain(moving).collect(),
        }
    }

    fn draw_refused(&self, file: &Refused) -> Transfer {
        let name = file.path.file_name().unwrap_or_default().to_string_lossy();
        Transfer {
            id: file.id,
            name: names::display(&name),
            folder: folder_label(file.storage.place(), &file.folder),
            type_label: files::type_label(&name),
            type_group: files::TypeGroup::of(&name).into(),
            size_bytes: 0,
            done_bytes: 0,
            state: TransferState::NeedsYou,
            problem: Some(self.0.problems.tell(Arc::clone(&file.error))),
            conflict: None,
            can_copy_link: false,
        }
    }

    fn draw_one(&self, transfer: &transfers::Transfer, place: Option<&Place>) -> Transfer {
        let label = names::last_segment(&transfer.name);
        let folder = place.map(|place| folder_of(place, &transfer.name)).unwrap_or_default();
        let (problem, conflict) = match &transfer.state {
            State::NeedsYou(error, conflict) => (Some(self.0.problems.tell(Arc::clone(error))), conflict.as_ref()),
            _ => (None, None),
        };
        Transfer {
            id: transfer.id.0,
            name: names::display(label),
            type_label: files::type_label(label),
            type_group: TypeGroup::from(files::TypeGroup::of(label)),
            size_bytes: transfer.size_bytes,
            done_bytes: transfer.done_bytes,
            state: state(&transfer.state),
            problem,
            conflict: conflict.map(|conflict| draw_conflict(conflict, label, &folder)),
            can_copy_link: matches!(transfer.state, State::Done),
            folder,
        }
    }
}

fn draw_conflict(conflict: &transfers::Conflict, label: &str, folder: &str) -> Conflict {
    Conflict {
        name: names::display(label),
        folder: folder.to_owned(),
        there_bytes: conflict.there_bytes,
        there_changed_at: conflict.there_changed_at.map(time),
        yours_bytes: conflict.yours_bytes,
        yours_changed_at: conflict.yours_changed_at.map(time),
        keep_both_name: names::display(names::last_segment(&conflict.keep_both_name)),
    }
}

fn folder_of(place: &Place, name: &str) -> String {
    if place.is_in_share_folder(name) {
        return messages::text("shell.share_folder");
    }
    folder_label(place, name.rsplit_once('/').map_or("", |(folder, _)| folder))
}

fn state(state: &State) -> TransferState {
    match state {
        State::Waiting => TransferState::Waiting,
        State::Moving => TransferState::Uploading,
        State::Checking => TransferState::Checking,
        State::Done => TransferState::Uploaded,
        State::Stopped => TransferState::Stopped,
        State::Skipped => TransferState::Skipped,
        State::NeedsYou(..) => TransferState::NeedsYou,
    }
}

/// What matters most comes first.
fn rank(state: &State) -> u8 {
    match state {
        State::NeedsYou(..) => 0,
        State::Moving | State::Checking => 1,
        State::Waiting => 2,
        State::Done | State::Stopped | State::Skipped => 3,
    }
}

/// Within a rank the oldest first; among what is over, the newest.
fn order(rank: u8, id: TransferId) -> (u8, Reverse<u64>, u64) {
    if rank == 3 { (rank, Reverse(id.0), 0) } else { (rank, Reverse(0), id.0) }
}

fn line(snapshot: &Snapshot, refused: usize) -> TransferLine {
    let line = &snapshot.line;
    TransferLine {
        total: drawn(line.total + refused),
        finished: drawn(line.finished),
        waiting: drawn(line.waiting),
        running: drawn(line.running),
        needs_you: drawn(line.needs_you + refused),
        stopped: drawn(line.stopped),
        done_bytes: line.done_bytes,
        total_bytes: line.total_bytes,
        bytes_per_second: line.bytes_per_second,
        seconds_left: line.seconds_left,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_needs_the_person_comes_first_and_the_newest_of_what_is_over() {
        let mut ids = [(3, 1), (3, 9), (1, 5), (2, 4), (2, 3), (0, 8)].map(|(rank, id)| order(rank, TransferId(id)));
        ids.sort_unstable();
        let sorted = ids.map(|(rank, over, running)| (rank, over.0 + running));
        assert_eq!(sorted, [(0, 8), (1, 5), (2, 3), (2, 4), (3, 9), (3, 1)]);
    }
}
