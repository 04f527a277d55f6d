//! How the page sees the uploads: what needs the person first, then what moves, waits and is over.

use super::{Refused, Uploads};
use crate::listings::folder_label;
use crate::messages;
use crate::wire::files::{TypeGroup, drawn};
use crate::wire::time;
use crate::wire::transfers::{
    Conflict, Connection, GetTransferRows, Transfer, TransferCounts, TransferDirection, TransferFilter, TransferLine,
    TransferRows, TransferState, Transfers as Picture,
};
use satchel_core::place::Place;
use satchel_core::transfers::{self, Direction, Snapshot, State, TransferId};
use satchel_core::{files, names, summary};
use std::cmp::Reverse;
use std::sync::{Arc, PoisonError};

/// The most transfers that the page draws.
const MOST_ITEMS: usize = 200;
/// The rank of what is over.
const OVER: u8 = 5;

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
            line: self.line(&snapshot, refused.files.len()),
            counts: counts(&snapshot, refused.files.len()),
            causes: self.causes(&snapshot, &refused.files),
            items: refusals.chain(moving).collect(),
        }
    }

    /// A window of what a filter leaves, in the order of what matters.
    pub fn rows(&self, request: &GetTransferRows) -> TransferRows {
        let snapshot = self.snapshot();
        let refused = self.0.refused.borrow().clone();
        let places = self.0.places.read().unwrap_or_else(PoisonError::into_inner);
        let refusals = match request.filter {
            TransferFilter::All | TransferFilter::NeedsYou => refused.files.as_slice(),
            TransferFilter::Active | TransferFilter::Finished => &[],
        };
        let wanted = snapshot.transfers.iter().filter(|transfer| belongs(request.filter, &transfer.state));
        let mut ranked: Vec<_> = wanted.map(|transfer| (rank(&transfer.state), transfer)).collect();
        let total = ranked.len() + refusals.len();
        let from = usize::try_from(request.from).unwrap_or(usize::MAX).min(total);
        let until =
            from.saturating_add(usize::try_from(request.count).unwrap_or(MOST_ITEMS).min(MOST_ITEMS)).min(total);
        let (first, last) = (from.saturating_sub(refusals.len()), until.saturating_sub(refusals.len()));
        if last > 0 && last < ranked.len() {
            ranked.select_nth_unstable_by_key(last, |(rank, transfer)| order(*rank, transfer.id));
            ranked.truncate(last);
        }
        ranked.sort_unstable_by_key(|(rank, transfer)| order(*rank, transfer.id));
        let drawn_refusals = refusals.iter().skip(from).take(until - from).map(|file| self.draw_refused(file));
        let moving = ranked.iter().take(last).skip(first);
        let moving = moving.map(|(_, transfer)| self.draw_one(transfer, places.get(&transfer.place)));
        TransferRows {
            revision: snapshot.revision + refused.revision,
            filter: request.filter,
            from: drawn(from),
            total: drawn(total),
            rows: drawn_refusals.chain(moving).collect(),
        }
    }

    /// Whether everything that moves can get through.
    pub fn connection(&self) -> Connection {
        let problem = self.snapshot().line.holdup.clone().map(|error| self.0.problems.tell(error));
        Connection { online: problem.is_none(), problem }
    }

    fn line(&self, snapshot: &Snapshot, refused: usize) -> TransferLine {
        let line = &snapshot.line;
        TransferLine {
            total: drawn(line.total + refused),
            finished: drawn(line.finished),
            waiting: drawn(line.waiting),
            running: drawn(line.running),
            needs_you: drawn(line.needs_you + refused),
            stopped: drawn(line.stopped),
            paused: drawn(line.paused),
            held: drawn(line.held),
            holdup: line.holdup.clone().map(|error| self.0.problems.tell(error)),
            downloads: drawn(line.downloads),
            sentence: summary::sentence(line),
            done_bytes: line.done_bytes,
            total_bytes: line.total_bytes,
            bytes_per_second: line.bytes_per_second,
            seconds_left: line.seconds_left,
        }
    }

    fn draw_refused(&self, file: &Refused) -> Transfer {
        let name = file.path.file_name().unwrap_or_default().to_string_lossy();
        Transfer {
            id: file.id,
            direction: TransferDirection::Upload,
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
            can_pause: false,
            can_show_in_folder: false,
            bytes_per_second: None,
            seconds_left: None,
            finished_at: None,
        }
    }

    fn draw_one(&self, transfer: &transfers::Transfer, place: Option<&Place>) -> Transfer {
        let uploads = transfer.direction == Direction::Upload;
        let local = transfer.path.file_name().unwrap_or_default().to_string_lossy();
        // A download has the name under which it is saved: kept beside another, it is not the stored one.
        let label = if uploads { names::last_segment(&transfer.name) } else { &*local };
        let folder = match uploads {
            true => place.map(|place| folder_of(place, &transfer.name)).unwrap_or_default(),
            false => local_folder(transfer),
        };
        let (problem, conflict) = match &transfer.state {
            State::NeedsYou(error, conflict) => (Some(self.0.problems.tell(Arc::clone(error))), conflict.as_ref()),
            State::Held(error) => (Some(self.0.problems.tell(Arc::clone(error))), None),
            _ => (None, None),
        };
        Transfer {
            id: transfer.id.0,
            direction: if uploads { TransferDirection::Upload } else { TransferDirection::Download },
            name: names::display(label),
            type_label: files::type_label(label),
            type_group: TypeGroup::from(files::TypeGroup::of(label)),
            size_bytes: transfer.size_bytes,
            done_bytes: transfer.done_bytes,
            state: state(&transfer.state, uploads),
            problem,
            conflict: conflict.map(|conflict| draw_conflict(conflict, label, &folder, self.working_links(transfer))),
            can_copy_link: uploads && matches!(transfer.state, State::Done) && !transfer.name.ends_with('/'),
            can_pause: matches!(transfer.state, State::Waiting | State::Moving | State::Held(_)),
            can_show_in_folder: uploads || matches!(transfer.state, State::Done),
            bytes_per_second: transfer.bytes_per_second,
            seconds_left: transfer.seconds_left,
            finished_at: transfer.finished_at.map(time),
            folder,
        }
    }
}

fn draw_conflict(conflict: &transfers::Conflict, label: &str, folder: &str, working_links: u32) -> Conflict {
    Conflict {
        name: names::display(label),
        folder: folder.to_owned(),
        there_bytes: conflict.there_bytes,
        there_changed_at: conflict.there_changed_at.map(time),
        yours_bytes: conflict.yours_bytes,
        yours_changed_at: conflict.yours_changed_at.map(time),
        keep_both_name: names::display(names::last_segment(&conflict.keep_both_name)),
        working_links,
    }
}

fn folder_of(place: &Place, name: &str) -> String {
    if place.is_in_share_folder(name) {
        return messages::text("shell.share_folder");
    }
    folder_label(place, name.rsplit_once('/').map_or("", |(folder, _)| folder))
}

/// The folder of this computer that a download is in, or will be.
fn local_folder(transfer: &transfers::Transfer) -> String {
    let folder = transfer.path.parent().and_then(|folder| folder.file_name()).unwrap_or_default();
    names::display(&folder.to_string_lossy())
}

fn state(state: &State, uploads: bool) -> TransferState {
    match state {
        State::Waiting => TransferState::Waiting,
        State::Moving if uploads => TransferState::Uploading,
        State::Moving => TransferState::Downloading,
        State::Checking => TransferState::Checking,
        State::Done if uploads => TransferState::Uploaded,
        State::Done => TransferState::Downloaded,
        State::Held(_) => TransferState::Held,
        State::Paused => TransferState::Paused,
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
        State::Held(_) => 2,
        State::Paused => 3,
        State::Waiting => 4,
        State::Done | State::Stopped | State::Skipped => OVER,
    }
}

/// Whether a filter leaves a transfer in this state.
fn belongs(filter: TransferFilter, state: &State) -> bool {
    match filter {
        TransferFilter::All => true,
        TransferFilter::NeedsYou => rank(state) == 0,
        TransferFilter::Active => (1..OVER).contains(&rank(state)),
        TransferFilter::Finished => rank(state) == OVER,
    }
}

fn counts(snapshot: &Snapshot, refused: usize) -> TransferCounts {
    let (mut active, mut needs_you, mut finished) = (0, refused, 0);
    for transfer in &snapshot.transfers {
        match rank(&transfer.state) {
            0 => needs_you += 1,
            OVER => finished += 1,
            _ => active += 1,
        }
    }
    TransferCounts {
        all: drawn(active + needs_you + finished),
        active: drawn(active),
        needs_you: drawn(needs_you),
        finished: drawn(finished),
    }
}

/// Within a rank the oldest first; among what is over, the newest.
fn order(rank: u8, id: TransferId) -> (u8, Reverse<u64>, u64) {
    if rank == OVER { (rank, Reverse(id.0), 0) } else { (rank, Reverse(0), id.0) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_needs_the_person_comes_first_and_the_newest_of_what_is_over() {
        let mut ids =
            [(OVER, 1), (OVER, 9), (1, 5), (2, 4), (2, 3), (0, 8)].map(|(rank, id)| order(rank, TransferId(id)));
        ids.sort_unstable();
        let sorted = ids.map(|(rank, over, running)| (rank, over.0 + running));
        assert_eq!(sorted, [(0, 8), (1, 5), (2, 3), (2, 4), (OVER, 9), (OVER, 1)]);
    }
}
