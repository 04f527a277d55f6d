//! Folders that came with everything in them, each one row: how far all of it is, and the rows of its files where it is open.
//!
//! Made anew with each picture, in the same pass over it that puts the rows in order.

use super::order::{HELD, LANES, MOVING, NEEDS_AND_GOES_ON, NEEDS_YOU, OVER, PAUSED, Row, WAITING, lane};
use super::refused::{FIRST_REFUSED, Refused};
use jiff::Timestamp;
use satchel_core::place::PlaceId;
use satchel_core::transfers::{Direction, Group, GroupId, State, Transfer};
use satchel_core::{Error, Retry};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// Numbers of folders start here: above those of files that were refused.
pub(super) const FIRST_FOLDER: u64 = FIRST_REFUSED << 1;

/// Which folders show their files.
#[derive(Debug, Default, Clone)]
pub(super) struct Opened {
    pub(super) revision: u64,
    pub(super) ids: HashSet<u64>,
}

/// The number of each folder, the same for as long as the app lives.
#[derive(Debug, Default)]
pub(super) struct Numbers(HashMap<GroupId, u64>);

impl Numbers {
    fn of(&mut self, group: GroupId) -> u64 {
        let next = FIRST_FOLDER + self.0.len() as u64;
        *self.0.entry(group).or_insert(next)
    }
}

/// One folder.
#[derive(Debug)]
pub(super) struct Folder {
    pub(super) id: u64,
    pub(super) group: Arc<Group>,
    pub(super) place: PlaceId,
    pub(super) direction: Direction,
    pub(super) is_open: bool,
    /// The place of the first of its transfers in the picture.
    pub(super) first: u32,
    pub(super) tally: Tally,
    /// Of an open one.
    files: [Vec<Row>; LANES],
}

/// What is in a folder, counted.
#[derive(Debug, Default)]
pub(super) struct Tally {
    pub(super) by_lane: [usize; LANES],
    pub(super) done: usize,
    pub(super) stopped: usize,
    pub(super) skipped: usize,
    pub(super) names_taken: usize,
    /// Of those that need the person, those that another try may help.
    pub(super) worth_a_try: usize,
    pub(super) done_bytes: u64,
    pub(super) total_bytes: u64,
    /// The place of one that waits for its place.
    pub(super) held: Option<u32>,
    pub(super) finished_at: Option<Timestamp>,
}

impl Folder {
    /// Where its row is.
    pub(super) fn lane(&self) -> usize {
        let [needs, _, moving, held, paused, waiting, _] = self.tally.by_lane;
        let goes_on = moving + held + paused + waiting > 0;
        match (needs > 0, goes_on) {
            (true, true) => NEEDS_AND_GOES_ON,
            (true, false) => NEEDS_YOU,
            (false, _) if moving > 0 => MOVING,
            (false, _) if held > 0 => HELD,
            // What was paused alone is not the state of the others.
            (false, _) if waiting > 0 => WAITING,
            (false, _) if paused > 0 => PAUSED,
            (false, _) => OVER,
        }
    }

    /// How many files it has, without those that were left out.
    pub(super) fn total(&self) -> usize {
        self.tally.by_lane.iter().sum::<usize>() - self.tally.skipped + self.group.forgotten_files
    }

    pub(super) fn finished(&self) -> usize {
        self.tally.done + self.group.forgotten_files
    }

    pub(super) fn needs_you(&self) -> usize {
        let [needs, ..] = self.tally.by_lane;
        needs
    }

    /// The rows of its files, what needs the person first; none where it is closed.
    pub(super) fn rows(&self) -> impl Iterator<Item = Row> {
        self.files.iter().flatten().copied()
    }

    fn add(&mut self, place: u32, transfer: &Transfer) {
        let tally = &mut self.tally;
        match &transfer.state {
            State::Done => tally.done += 1,
            State::Stopped => tally.stopped += 1,
            State::Skipped => tally.skipped += 1,
            State::Held(_) => tally.held = tally.held.or(Some(place)),
            State::NeedsYou(_, Some(_)) => tally.names_taken += 1,
            State::NeedsYou(error, None) => tally.worth_a_try += usize::from(may_help(error)),
            State::Waiting | State::Moving | State::Checking | State::Paused => {}
        }
        tally.finished_at = tally.finished_at.max(transfer.finished_at);
        if !matches!(transfer.state, State::Skipped) {
            tally.total_bytes += transfer.size_bytes;
            tally.done_bytes += transfer.done_bytes;
        }
        self.put(lane(&transfer.state), Row::Transfer(place));
    }

    fn put(&mut self, lane: usize, row: Row) {
        if let Some(count) = self.tally.by_lane.get_mut(lane) {
            *count += 1;
        }
        if let Some(files) = self.files.get_mut(lane).filter(|_| self.is_open) {
            files.push(row);
        }
    }
}

fn may_help(error: &Error) -> bool {
    error.retry() != Retry::Never
}

/// The folders of one picture, while it is gone through.
pub(super) struct Folders<'o> {
    opened: &'o HashSet<u64>,
    numbers: &'o mut Numbers,
    all: Vec<Folder>,
    by_group: HashMap<GroupId, usize>,
    /// What comes together mostly lies together.
    last: Option<(*const Group, usize)>,
}

impl<'o> Folders<'o> {
    pub(super) fn new(opened: &'o HashSet<u64>, numbers: &'o mut Numbers) -> Self {
        Folders { opened, numbers, all: Vec::new(), by_group: HashMap::new(), last: None }
    }

    pub(super) fn add(&mut self, group: &Arc<Group>, place: u32, transfer: &Transfer) {
        let folder = self.find(group, |group, id, is_open| Folder {
            id,
            group,
            place: transfer.place.clone(),
            direction: transfer.direction,
            is_open,
            first: place,
            tally: Tally::default(),
            files: Default::default(),
        });
        if let Some(folder) = folder {
            folder.first = folder.first.min(place);
            folder.add(place, transfer);
        }
    }

    pub(super) fn add_refused(&mut self, group: &Arc<Group>, place: u32, file: &Refused) {
        let folder = self.find(group, |group, id, is_open| Folder {
            id,
            group,
            place: file.storage.place().id.clone(),
            direction: Direction::Upload,
            is_open,
            first: u32::MAX,
            tally: Tally::default(),
            files: Default::default(),
        });
        if let Some(folder) = folder {
            folder.tally.worth_a_try += usize::from(may_help(&file.error));
            folder.put(NEEDS_YOU, Row::Refused(place));
        }
    }

    /// All of them, the one whose first file came first before the others.
    pub(super) fn all(mut self) -> Vec<Folder> {
        self.all.sort_by_key(|folder| folder.first);
        for folder in &mut self.all {
            if let Some(over) = folder.files.last_mut() {
                over.reverse();
            }
        }
        self.all
    }

    fn find(&mut self, group: &Arc<Group>, begin: impl FnOnce(Arc<Group>, u64, bool) -> Folder) -> Option<&mut Folder> {
        let index = match self.last {
            Some((last, index)) if last == Arc::as_ptr(group) => index,
            _ => match self.by_group.get(&group.id) {
                Some(known) => *known,
                None => {
                    let id = self.numbers.of(group.id);
                    self.all.push(begin(Arc::clone(group), id, self.opened.contains(&id)));
                    self.by_group.insert(group.id, self.all.len() - 1);
                    self.all.len() - 1
                }
            },
        };
        self.last = Some((Arc::as_ptr(group), index));
        self.all.get_mut(index)
    }
}
