//! In which order transfers are shown, worked out once a picture however often rows are asked for. Refuses to draw.

use super::folders::{Folder, Folders, Numbers, Opened};
use super::refused::Refusals;
use crate::wire::files::drawn;
use crate::wire::transfers::{TransferCounts, TransferFilter};
use satchel_core::transfers::{Snapshot, State};
use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};

/// What matters most comes first. Within a lane the oldest first; among what is over, the newest.
pub(super) const LANES: usize = 7;
pub(super) const NEEDS_YOU: usize = 0;
/// Folders of which some files need the person while others go on.
pub(super) const NEEDS_AND_GOES_ON: usize = 1;
pub(super) const MOVING: usize = 2;
pub(super) const HELD: usize = 3;
pub(super) const PAUSED: usize = 4;
pub(super) const WAITING: usize = 5;
pub(super) const OVER: usize = LANES - 1;

/// What is in one row: a place among the transfers of the picture, what was refused, or the folders.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Row {
    Transfer(u32),
    Refused(u32),
    Folder(u32),
}

/// One picture, and the rows of each lane.
#[derive(Debug, Default)]
pub(super) struct Order {
    pub(super) snapshot: Arc<Snapshot>,
    pub(super) refused: Refusals,
    pub(super) folders: Vec<Folder>,
    opened: u64,
    /// Few bytes each: there may be very many.
    lanes: [Vec<Row>; LANES],
    /// How many files are in each, whether they have rows or not.
    files: [usize; LANES],
}

/// The order of the last picture that was asked for.
#[derive(Debug, Default)]
pub(super) struct Ordered(Mutex<(Arc<Order>, Numbers)>);

impl Ordered {
    pub(super) fn of(&self, snapshot: Arc<Snapshot>, refused: &Refusals, opened: &Opened) -> Arc<Order> {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (last, numbers) = &mut *known;
        let is_same = Arc::ptr_eq(&last.snapshot, &snapshot)
            && (last.refused.revision, last.opened) == (refused.revision, opened.revision);
        if !is_same {
            *last = Arc::new(Order::of(snapshot, refused.clone(), opened, numbers));
        }
        Arc::clone(last)
    }
}

impl Order {
    fn of(snapshot: Arc<Snapshot>, refused: Refusals, opened: &Opened, numbers: &mut Numbers) -> Self {
        let mut lanes: [Vec<Row>; LANES] = Default::default();
        let mut files = [0; LANES];
        let mut folders = Folders::new(&opened.ids, numbers);
        let mut put = |lane: usize, row: Option<Row>| {
            if let (Some(same), Some(count)) = (lanes.get_mut(lane), files.get_mut(lane)) {
                same.extend(row);
                *count += 1;
            }
        };
        for (place, file) in (0..).zip(&refused.files) {
            put(NEEDS_YOU, file.group.is_none().then_some(Row::Refused(place)));
            if let Some(group) = &file.group {
                folders.add_refused(group, place, file);
            }
        }
        for (place, transfer) in (0..).zip(&snapshot.transfers) {
            put(lane(&transfer.state), transfer.group.is_none().then_some(Row::Transfer(place)));
            if let Some(group) = &transfer.group {
                folders.add(group, place, transfer);
            }
        }
        let folders = folders.all();
        for (lane, rows) in lanes.iter_mut().enumerate() {
            *rows = with_folders(std::mem::take(rows), lane, &folders);
        }
        Order { snapshot, refused, folders, opened: opened.revision, lanes, files }
    }

    /// Grows with everything that changes a row or its place.
    pub(super) fn revision(&self) -> u64 {
        self.snapshot.revision + self.refused.revision + self.opened
    }

    /// How many rows a filter leaves.
    pub(super) fn rows(&self, filter: TransferFilter) -> usize {
        self.left_by(filter).iter().map(Vec::len).sum()
    }

    /// Those that a filter leaves, from the first that matters on.
    pub(super) fn window(&self, filter: TransferFilter, mut from: usize, most: usize) -> impl Iterator<Item = Row> {
        let mut lanes = self.left_by(filter);
        while let Some((first, others)) = lanes.split_first().filter(|(first, _)| first.len() <= from) {
            (from, lanes) = (from - first.len(), others);
        }
        lanes.iter().flatten().skip(from).take(most).copied()
    }

    /// How many files a filter leaves.
    pub(super) fn counts(&self) -> TransferCounts {
        counts(|filter| self.files.get(lanes_of(filter)).unwrap_or_default().iter().sum())
    }

    /// How many rows that makes.
    pub(super) fn row_counts(&self) -> TransferCounts {
        counts(|filter| self.rows(filter))
    }

    pub(super) fn folder(&self, id: u64) -> Option<&Folder> {
        self.folders.iter().find(|folder| folder.id == id)
    }

    fn left_by(&self, filter: TransferFilter) -> &[Vec<Row>] {
        self.lanes.get(lanes_of(filter)).unwrap_or_default()
    }
}

/// The rows of a lane: single files in their order, the folders between them, and below an open one its files.
fn with_folders(mut rows: Vec<Row>, lane: usize, folders: &[Folder]) -> Vec<Row> {
    let own: Vec<(u32, &Folder)> = (0..).zip(folders).filter(|(_, folder)| folder.lane() == lane).collect();
    if !own.is_empty() {
        let mut left = std::mem::take(&mut rows).into_iter().peekable();
        for (index, folder) in &own {
            let comes_first = |row: &Row| !matches!(row, Row::Transfer(place) if *place > folder.first);
            while let Some(single) = left.next_if(comes_first) {
                rows.push(single);
            }
            rows.push(Row::Folder(*index));
        }
        rows.extend(left);
    }
    if lane == OVER {
        rows.reverse();
    }
    if own.iter().all(|(_, folder)| !folder.is_open) {
        return rows;
    }
    let below = |row: &Row| match row {
        Row::Folder(index) => folders.get(*index as usize),
        Row::Transfer(_) | Row::Refused(_) => None,
    };
    let with_files = |row| std::iter::once(row).chain(below(&row).into_iter().flat_map(Folder::rows));
    rows.into_iter().flat_map(with_files).collect()
}

fn counts(of: impl Fn(TransferFilter) -> usize) -> TransferCounts {
    TransferCounts {
        all: drawn(of(TransferFilter::All)),
        active: drawn(of(TransferFilter::Active)),
        needs_you: drawn(of(TransferFilter::NeedsYou)),
        finished: drawn(of(TransferFilter::Finished)),
    }
}

pub(super) fn lane(state: &State) -> usize {
    match state {
        State::NeedsYou(..) => NEEDS_YOU,
        State::Moving | State::Checking => MOVING,
        State::Held(_) => HELD,
        State::Paused => PAUSED,
        State::Waiting => WAITING,
        State::Done | State::Stopped | State::Skipped => OVER,
    }
}

fn lanes_of(filter: TransferFilter) -> Range<usize> {
    match filter {
        TransferFilter::All => 0..LANES,
        TransferFilter::NeedsYou => NEEDS_YOU..NEEDS_AND_GOES_ON + 1,
        TransferFilter::Active => NEEDS_AND_GOES_ON..OVER,
        TransferFilter::Finished => OVER..LANES,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;
    use std::time::Instant;

    fn order(snapshot: Snapshot, opened: &[u64]) -> Order {
        let opened = Opened { revision: 1, ids: opened.iter().copied().collect() };
        Order::of(Arc::new(snapshot), Refusals::default(), &opened, &mut Numbers::default())
    }

    fn singles(states: &[(u64, State)]) -> Order {
        order(sample::picture(states.iter().cloned()), &[])
    }

    /// The numbers of transfers and folders.
    fn ids(order: &Order, filter: TransferFilter, from: usize, most: usize) -> Vec<u64> {
        let id = |row| match row {
            Row::Transfer(place) => order.snapshot.transfers[place as usize].id.0,
            Row::Refused(place) => order.refused.files[place as usize].id,
            Row::Folder(index) => order.folders[index as usize].id,
        };
        order.window(filter, from, most).map(id).collect()
    }

    #[test]
    fn what_moves_comes_first_and_the_newest_of_what_is_over() {
        let order = singles(&[
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
        let counts = order.counts();
        assert_eq!((counts.all, counts.active, counts.needs_you, counts.finished), (6, 4, 0, 2));
    }

    #[test]
    fn a_window_may_begin_and_end_within_any_lane() {
        let order = singles(&[(1, State::Waiting), (2, State::Moving), (3, State::Waiting), (4, State::Done)]);
        assert_eq!(ids(&order, TransferFilter::All, 1, 2), [1, 3]);
        assert_eq!(ids(&order, TransferFilter::All, 2, 9), [3, 4]);
        assert_eq!(ids(&order, TransferFilter::Active, 3, 9), [0_u64; 0]);
        assert_eq!(ids(&order, TransferFilter::All, 9, 9), [0_u64; 0]);
    }

    /// Single files around a folder, 10 to 13, of which one needs the person, and one, 20 and 21, that is over.
    fn two_folders() -> Snapshot {
        let mut picture = sample::picture([(1, State::Waiting), (2, State::Done), (30, State::Waiting)]);
        let first = sample::folder("Photos", [(10, State::Done), (11, sample::refused()), (12, State::Moving)]);
        let second = sample::folder("Scans", [(20, State::Done), (21, State::Done)]);
        picture.transfers.extend(first.into_iter().chain(second));
        picture.transfers.sort_by_key(|transfer| transfer.id);
        picture
    }

    #[test]
    fn a_folder_is_one_row_where_the_most_urgent_of_its_files_would_be() {
        use super::super::folders::FIRST_FOLDER;
        let order = order(two_folders(), &[]);
        assert_eq!(ids(&order, TransferFilter::All, 0, 9), [FIRST_FOLDER, 1, 30, FIRST_FOLDER + 1, 2]);
        assert_eq!(ids(&order, TransferFilter::NeedsYou, 0, 9), [FIRST_FOLDER]);
        assert_eq!(ids(&order, TransferFilter::Active, 0, 9), [FIRST_FOLDER, 1, 30], "the rest of it goes on");
        assert_eq!(ids(&order, TransferFilter::Finished, 0, 9), [FIRST_FOLDER + 1, 2]);
        let (counts, rows) = (order.counts(), order.row_counts());
        assert_eq!((counts.all, counts.active, counts.needs_you, counts.finished), (8, 3, 1, 4), "files");
        assert_eq!((rows.all, rows.active, rows.needs_you, rows.finished), (5, 3, 1, 2));
        let photos = order.folder(FIRST_FOLDER).unwrap();
        assert_eq!((photos.finished(), photos.total(), photos.needs_you()), (1, 3, 1));
    }

    #[test]
    fn the_files_of_an_open_folder_are_below_it() {
        use super::super::folders::FIRST_FOLDER;
        let both = [FIRST_FOLDER, FIRST_FOLDER + 1];
        let order = order(two_folders(), &both);
        let all = [both[0], 11, 12, 10, 1, 30, both[1], 21, 20, 2];
        assert_eq!(ids(&order, TransferFilter::All, 0, 99), all);
        assert_eq!(ids(&order, TransferFilter::All, 2, 3), all[2..5]);
        assert_eq!(order.row_counts().all, 10);
        assert_eq!(order.counts().all, 8);
    }

    #[test]
    fn a_hundred_thousand_files_in_a_folder_are_put_in_order_like_a_hundred_thousand_without() {
        let states = || (0..100_000).map(|id| (id, if id % 3 == 0 { State::Done } else { State::Waiting }));
        let (single, together) = (sample::picture(states()), sample::folder("Archive", states()));
        let together = Snapshot { transfers: together, ..Snapshot::default() };
        let timed = |snapshot: &Snapshot, opened: &[u64]| {
            let since = Instant::now();
            let order = order(snapshot.clone(), opened);
            (since.elapsed(), order.rows(TransferFilter::All))
        };
        let (apart, rows) = timed(&single, &[]);
        assert_eq!(rows, 100_000);
        let (closed, rows) = timed(&together, &[]);
        assert_eq!(rows, 1);
        let (open, rows) = timed(&together, &[super::super::folders::FIRST_FOLDER]);
        assert_eq!(rows, 100_001);
        eprintln!("100,000 files apart {apart:?}, in a closed folder {closed:?}, in an open one {open:?}");
    }
}
