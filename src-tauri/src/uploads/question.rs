//! The one question about names that are taken: which transfers it is about, however many, and which were put off.
//!
//! A number goes through all that the question names. What is found taken later gets a later number, so that an answer
//! never reaches a file that the question did not count.

use super::{Uploads, engine_ids};
use crate::wire::files::drawn;
use crate::wire::transfers::{ConflictChoice, NameQuestion, NamesTaken};
use satchel_core::place::{Place, PlaceId};
use satchel_core::transfers::{Direction, OnConflict, Snapshot, State, Transfer, TransferId};
use std::collections::HashMap;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

/// Since when each name is known to be taken.
#[derive(Debug, Default)]
pub(super) struct Questions(Mutex<Numbers>);

#[derive(Debug, Default)]
struct Numbers {
    last: u64,
    put_off: u64,
    known: HashMap<TransferId, u64>,
}

impl Numbers {
    /// Those of a picture that are asked about, up to a number.
    fn asked<'a>(&mut self, snapshot: &'a Snapshot, through: u64) -> Vec<&'a Arc<Transfer>> {
        let taken: Vec<_> = snapshot.transfers.iter().filter(|transfer| is_taken(transfer)).collect();
        let (known, new) = (std::mem::take(&mut self.known), self.last + 1);
        self.known = taken.iter().map(|one| (one.id, known.get(&one.id).copied().unwrap_or(new))).collect();
        if self.known.values().any(|number| *number == new) {
            self.last = new;
        }
        let range = self.put_off + 1..=through;
        taken.into_iter().filter(|one| self.known.get(&one.id).is_some_and(|number| range.contains(number))).collect()
    }
}

impl Questions {
    /// What is asked about now, and the number that goes through all of it.
    fn ask<'a>(&self, snapshot: &'a Snapshot) -> (Vec<&'a Arc<Transfer>>, u64) {
        let mut numbers = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        (numbers.asked(snapshot, u64::MAX), numbers.last)
    }

    /// Those that a question named, if their names are taken still.
    fn named(&self, snapshot: &Snapshot, through: u64) -> Vec<u64> {
        let mut numbers = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        numbers.asked(snapshot, through).into_iter().map(|transfer| transfer.id.0).collect()
    }

    fn put_off(&self, through: u64) {
        let mut numbers = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        numbers.put_off = numbers.put_off.max(through.min(numbers.last));
    }
}

fn is_taken(transfer: &Transfer) -> bool {
    matches!(&transfer.state, State::NeedsYou(_, Some(_)))
}

/// Where a transfer goes: the place and the folder in it, or the folder of this computer.
fn goal(transfer: &Transfer) -> (&PlaceId, &str, Option<&Path>) {
    match transfer.direction {
        Direction::Upload => (&transfer.place, transfer.name.rsplit_once('/').map_or("", |(folder, _)| folder), None),
        Direction::Download => (&transfer.place, "", transfer.path.parent()),
    }
}

impl Uploads {
    pub(super) fn question(&self, snapshot: &Snapshot, places: &HashMap<PlaceId, Place>) -> Option<NameQuestion> {
        let (asked, through) = self.0.questions.ask(snapshot);
        let first = *asked.first()?;
        Some(NameQuestion {
            through,
            count: drawn(asked.len()),
            working_links: asked.iter().map(|transfer| self.working_links(transfer)).sum(),
            one_folder: asked.iter().all(|transfer| goal(transfer) == goal(first)),
            one_direction: asked.iter().all(|transfer| transfer.direction == first.direction),
            first: self.draw_one(first, places.get(&first.place)),
        })
    }

    /// Answers the question about names that are taken: for exactly those that it named, as far as they are taken still.
    pub async fn decide(&self, which: &NamesTaken, choice: ConflictChoice) {
        let ids = {
            let snapshot = self.snapshot();
            match *which {
                NamesTaken::Question { through } => self.0.questions.named(&snapshot, through),
                NamesTaken::One { id } => {
                    let one = snapshot.transfers.iter().find(|transfer| transfer.id == TransferId(id));
                    one.filter(|transfer| is_taken(transfer)).map(|transfer| transfer.id.0).into_iter().collect()
                }
            }
        };
        if ids.is_empty() {
            return;
        }
        let choice = match choice {
            ConflictChoice::KeepBoth => OnConflict::KeepBoth,
            ConflictChoice::Replace => OnConflict::Replace,
            ConflictChoice::Skip => OnConflict::Skip,
            ConflictChoice::Cancel => return self.cancel(&ids).await,
        };
        self.0.transfers.decide(&engine_ids(&ids), choice).await;
    }

    /// The person does not want to answer now: these are asked about one by one, when they say so.
    pub fn put_off(&self, through: u64) {
        self.0.questions.put_off(through);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;
    use satchel_core::transfers::Conflict;
    use satchel_core::{Code, Error, Operation};

    fn picture(taken: &[u64], others: &[u64]) -> Snapshot {
        let error = Arc::new(Error::new(Code::NameTaken, Operation::Upload));
        let conflict = Conflict {
            there_bytes: 1,
            there_changed_at: None,
            yours_bytes: 1,
            yours_changed_at: None,
            keep_both_name: "a (2)".to_owned(),
        };
        let needs = |id: &u64| (*id, State::NeedsYou(Arc::clone(&error), Some(Box::new(conflict.clone()))));
        let mut states: Vec<_> = taken.iter().map(needs).collect();
        states.extend(others.iter().map(|id| (*id, State::NeedsYou(Arc::clone(&error), None))));
        states.sort_by_key(|(id, _)| *id);
        sample::picture(states)
    }

    fn asked(questions: &Questions, snapshot: &Snapshot) -> (usize, u64) {
        let (asked, through) = questions.ask(snapshot);
        (asked.len(), through)
    }

    #[test]
    fn an_answer_reaches_all_that_were_counted_and_nothing_that_was_found_later() {
        let questions = Questions::default();
        let many: Vec<u64> = (1..=5_000).collect();
        let (count, through) = asked(&questions, &picture(&many, &[9_000]));
        assert_eq!(count, 5_000);
        let later: Vec<u64> = (1..=5_100).collect();
        assert_eq!(questions.named(&picture(&later, &[9_000]), through), many);
        assert_eq!(asked(&questions, &picture(&later, &[])).0, 5_100);
        assert_eq!(questions.named(&picture(&[7], &[8]), through), [7], "what is over meanwhile is left alone");
    }

    #[test]
    fn what_was_put_off_is_not_asked_about_again_and_what_comes_later_is() {
        let questions = Questions::default();
        let (_, through) = asked(&questions, &picture(&[1, 2], &[]));
        questions.put_off(through);
        assert_eq!(asked(&questions, &picture(&[1, 2], &[])).0, 0);
        let (count, through) = asked(&questions, &picture(&[1, 2, 3], &[]));
        assert_eq!(count, 1);
        assert_eq!(questions.named(&picture(&[1, 2, 3], &[]), through), [3]);
    }
}
