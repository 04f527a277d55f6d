//! How the page sees the uploads: what needs the person first, then what moves, waits and is over.

use super::folders::Folder;
use super::order::{HELD, MOVING, NEEDS_AND_GOES_ON, NEEDS_YOU, OVER, Order, PAUSED, Row};
use super::refused::Refused;
use super::{Uploads, with_refused};
use crate::listings::folder_label;
use crate::messages;
use crate::wire::files::{TypeGroup, drawn};
use crate::wire::time;
use crate::wire::transfers::{
    Conflict, Connection, FolderFiles, GetTransferRows, Transfer, TransferDirection, TransferFilter, TransferLine,
    TransferRows, TransferState, Transfers as Picture,
};
use satchel_core::place::{Place, PlaceId};
use satchel_core::transfers::{self, Direction, Line, State};
use satchel_core::{files, names, summary};
use std::collections::HashMap;
use std::path::Path;
use std::sync::{Arc, PoisonError};

/// The most that one window or picture has.
const MOST_ITEMS: usize = 200;
/// Of those that need nobody a picture has what the bar's list shows: it is told several times a second.
const MOST_OTHERS: usize = 40;

impl Uploads {
    /// All of it as the page draws it.
    pub fn draw(&self) -> Picture {
        let order = self.order();
        let places = self.0.places.read().unwrap_or_else(PoisonError::into_inner);
        let needing = order.window(TransferFilter::NeedsYou, 0, MOST_ITEMS);
        let others = order.window(TransferFilter::All, order.rows(TransferFilter::NeedsYou), MOST_OTHERS);
        let refused = &order.refused.files;
        Picture {
            revision: order.revision(),
            line: self.draw_line(&with_refused(&order.snapshot.line, refused.len())),
            counts: order.counts(),
            rows: order.row_counts(),
            causes: self.causes(&order.snapshot, refused),
            question: self.question(&order.snapshot, &places),
            items: needing.chain(others).filter_map(|row| self.draw_row(&order, row, &places)).collect(),
        }
    }

    /// A window of what a filter leaves, in the order of what matters.
    pub fn rows(&self, request: &GetTransferRows) -> TransferRows {
        let order = self.order();
        let places = self.0.places.read().unwrap_or_else(PoisonError::into_inner);
        let total = order.rows(request.filter);
        let from = usize::try_from(request.from).unwrap_or(usize::MAX).min(total);
        let most = usize::try_from(request.count).unwrap_or(MOST_ITEMS).min(MOST_ITEMS);
        let rows = order.window(request.filter, from, most);
        TransferRows {
            revision: order.revision(),
            filter: request.filter,
            from: drawn(from),
            total: drawn(total),
            rows: rows.filter_map(|row| self.draw_row(&order, row, &places)).collect(),
        }
    }

    fn draw_row(&self, order: &Order, row: Row, places: &HashMap<PlaceId, Place>) -> Option<Transfer> {
        match row {
            Row::Transfer(at) => {
                let transfer = order.snapshot.transfers.get(at as usize)?;
                Some(self.draw_one(transfer, places.get(&transfer.place)))
            }
            Row::Refused(at) => order.refused.files.get(at as usize).map(|file| self.draw_refused(file)),
            Row::Folder(at) => {
                let folder = order.folders.get(at as usize)?;
                Some(self.draw_folder(order, folder, places.get(&folder.place)))
            }
        }
    }

    /// Whether everything that moves can get through.
    pub fn connection(&self) -> Connection {
        let problem = self.snapshot().line.holdup.clone().map(|error| self.0.problems.tell(error));
        Connection { online: problem.is_none(), problem }
    }

    fn draw_line(&self, line: &Line) -> TransferLine {
        TransferLine {
            total: drawn(line.total),
            finished: drawn(line.finished),
            waiting: drawn(line.waiting),
            running: drawn(line.running),
            needs_you: drawn(line.needs_you),
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
            folder: folder_label(file.storage.place(), file.folder.trim_end_matches('/')),
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
            files: None,
            in_folder: file.group.is_some(),
        }
    }

    pub(super) fn draw_one(&self, transfer: &transfers::Transfer, place: Option<&Place>) -> Transfer {
        let uploads = transfer.direction == Direction::Upload;
        let local = transfer.path.file_name().unwrap_or_default().to_string_lossy();
        // A download has the name under which it is saved: kept beside another, it is not the stored one.
        let label = if uploads { names::last_segment(&transfer.name) } else { &*local };
        let folder = match uploads {
            true => place.map(|place| folder_of(place, &transfer.name)).unwrap_or_default(),
            false => folder_around(&transfer.path),
        };
        let (problem, conflict) = match &transfer.state {
            State::NeedsYou(error, conflict) => (Some(self.0.problems.tell(Arc::clone(error))), conflict.as_deref()),
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
            files: None,
            in_folder: transfer.group.is_some(),
            folder,
        }
    }

    fn draw_folder(&self, order: &Order, folder: &Folder, place: Option<&Place>) -> Transfer {
        let (tally, uploads) = (&folder.tally, folder.direction == Direction::Upload);
        let [_, _, moving, held, paused, waiting, _] = tally.by_lane;
        let own_name = folder.group.name.trim_end_matches('/');
        let local = folder.group.path.file_name().unwrap_or_default().to_string_lossy();
        let state = folder_state(folder, uploads);
        let held_by = tally.held.and_then(|at| order.snapshot.transfers.get(at as usize));
        let problem = match held_by.map(|transfer| &transfer.state) {
            Some(State::Held(error)) if state == TransferState::Held => Some(self.0.problems.tell(Arc::clone(error))),
            _ => None,
        };
        Transfer {
            id: folder.id,
            direction: if uploads { TransferDirection::Upload } else { TransferDirection::Download },
            name: if uploads { names::display(names::last_segment(own_name)) } else { names::display(&local) },
            folder: match uploads {
                true => place.map(|place| folder_of(place, own_name)).unwrap_or_default(),
                false => folder_around(&folder.group.path),
            },
            type_label: String::new(),
            type_group: TypeGroup::Other,
            size_bytes: tally.total_bytes + folder.group.forgotten_bytes,
            done_bytes: tally.done_bytes + folder.group.forgotten_bytes,
            state,
            problem,
            conflict: None,
            can_copy_link: false,
            can_pause: moving + held + waiting > 0,
            can_show_in_folder: true,
            bytes_per_second: None,
            seconds_left: None,
            finished_at: tally.finished_at.filter(|_| folder.lane() == OVER).map(time),
            files: Some(FolderFiles {
                total: drawn(folder.total()),
                finished: drawn(folder.finished()),
                needs_you: drawn(folder.needs_you()),
                names_taken: drawn(tally.names_taken),
                is_open: folder.is_open,
                can_retry: tally.worth_a_try > 0 || (folder.needs_you() == 0 && tally.stopped > 0),
                can_resume: paused > 0,
            }),
            in_folder: false,
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
fn folder_around(path: &Path) -> String {
    let folder = path.parent().and_then(|folder| folder.file_name()).unwrap_or_default();
    names::display(&folder.to_string_lossy())
}

/// What all of it does; one that needs the person is told whatever the others do.
fn folder_state(folder: &Folder, uploads: bool) -> TransferState {
    match folder.lane() {
        NEEDS_YOU | NEEDS_AND_GOES_ON => TransferState::NeedsYou,
        MOVING => state(&State::Moving, uploads),
        HELD => TransferState::Held,
        PAUSED => TransferState::Paused,
        OVER if folder.tally.stopped > 0 => TransferState::Stopped,
        OVER if folder.finished() > 0 => state(&State::Done, uploads),
        OVER => TransferState::Skipped,
        _ => TransferState::Waiting,
    }
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
