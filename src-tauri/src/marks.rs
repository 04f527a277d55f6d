//! Which files have links that still work, for their rows: the person's own and those of colleagues. Holds no link.

use jiff::Timestamp;
use satchel_core::place::PlaceId;
use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};
use tokio::sync::watch;

/// One working link of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Marked {
    pub ends_at: Timestamp,
    /// It opens the file itself, whatever is stored under its name.
    pub direct: bool,
}

/// The working links of one file together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mark {
    /// The end of the one that works longest.
    pub ends_at: Timestamp,
    pub count: u32,
    /// How many open the file itself.
    pub direct: u32,
}

pub type ByName = HashMap<String, Vec<Marked>>;

/// The marks of the places that were opened. Cheap to clone.
#[derive(Clone, Default)]
pub struct Marks(Arc<Shared>);

#[derive(Default)]
struct Shared {
    by_place: RwLock<HashMap<PlaceId, ByName>>,
    changes: watch::Sender<u64>,
}

impl Marks {
    /// Replaces the marks of a place. Rows are drawn anew only if that changes anything.
    pub fn set(&self, place: &PlaceId, marks: ByName) {
        let mut by_place = self.0.by_place.write().unwrap_or_else(PoisonError::into_inner);
        if by_place.get(place) == Some(&marks) {
            return;
        }
        by_place.insert(place.clone(), marks);
        drop(by_place);
        self.0.changes.send_modify(|count| *count += 1);
    }

    /// The mark of a file, if a link to it still works.
    pub fn of(&self, place: &PlaceId, name: &str) -> Option<Mark> {
        let now = Timestamp::now();
        let by_place = self.0.by_place.read().unwrap_or_else(PoisonError::into_inner);
        let working = by_place.get(place)?.get(name)?.iter().filter(|link| link.ends_at > now);
        working.fold(None, |mark: Option<Mark>, link| {
            let Mark { ends_at, count, direct } = mark.unwrap_or(Mark { ends_at: link.ends_at, count: 0, direct: 0 });
            let direct = direct + u32::from(link.direct);
            Some(Mark { ends_at: ends_at.max(link.ends_at), count: count + 1, direct })
        })
    }

    /// Grows with every change.
    pub fn revision(&self) -> u64 {
        *self.0.changes.borrow()
    }

    pub fn watch(&self) -> watch::Receiver<u64> {
        self.0.changes.subscribe()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::SignedDuration;

    fn marked(hours: i64, direct: bool) -> Marked {
        Marked { ends_at: Timestamp::now() + SignedDuration::from_hours(hours), direct }
    }

    #[test]
    fn a_mark_counts_what_works_and_says_the_last_end() {
        let (marks, place) = (Marks::default(), PlaceId::new());
        let (late, over) = (marked(2, true), marked(-1, true));
        marks.set(&place, HashMap::from([("a.pdf".to_owned(), vec![marked(1, false), late, over])]));
        assert_eq!(marks.of(&place, "a.pdf"), Some(Mark { ends_at: late.ends_at, count: 2, direct: 1 }));
        assert_eq!(marks.of(&place, "b.pdf"), None);
    }

    #[test]
    fn rows_are_drawn_anew_only_if_a_mark_changed() {
        let (marks, place) = (Marks::default(), PlaceId::new());
        let some = || HashMap::from([("a.pdf".to_owned(), vec![Marked { ends_at: Timestamp::MAX, direct: true }])]);
        marks.set(&place, some());
        marks.set(&place, some());
        assert_eq!(marks.revision(), 1);
        marks.set(&place, ByName::new());
        assert_eq!((marks.revision(), marks.of(&place, "a.pdf")), (2, None));
    }
}
