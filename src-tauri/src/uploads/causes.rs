//! What many transfers wait for the person for, told once: why, how many, and what is done about all of them.
//!
//! Two causes are one when the person would read the same sentence twice.

use super::Uploads;
use super::refused::Refused;
use crate::wire::files::drawn;
use crate::wire::transfers::{Cause, CauseDeed, SettleCause};
use satchel_core::transfers::{Snapshot, State, TransferId};
use satchel_core::{Code, Error};
use std::collections::HashMap;
use std::sync::Arc;

/// A cause of fewer is told in its row.
const MANY: usize = 2;
/// The most causes that are told above the rows.
const MOST_TOLD: usize = 3;
/// The most errors whose sentences are made for one picture. The engine shares what is refused to many, so these are
/// mostly sentences about one file each, which are nobody else's.
const MOST_SENTENCES: usize = 2_000;

type Sentence = (Code, String);

/// Everything that has one cause.
struct Group {
    first: u64,
    count: usize,
    error: Arc<Error>,
}

impl Uploads {
    /// What is told once for many, the largest first.
    pub(super) fn causes(&self, snapshot: &Snapshot, refused: &[Arc<Refused>]) -> Vec<Cause> {
        let mut groups = grouped(waiting_for_the_person(snapshot, refused));
        groups.retain(|group| group.count >= MANY);
        groups.sort_by_key(|group| std::cmp::Reverse(group.count));
        groups.truncate(MOST_TOLD);
        let told = |group: Group| Cause {
            first: group.first,
            count: drawn(group.count),
            problem: self.0.problems.tell(group.error),
        };
        groups.into_iter().map(told).collect()
    }

    /// Does one thing about all that wait for the same reason as one of them.
    pub async fn settle_cause(&self, request: &SettleCause) {
        let ids = {
            let (snapshot, refused) = (self.snapshot(), self.0.refused.borrow().clone());
            same_cause(waiting_for_the_person(&snapshot, &refused.files), request.first)
        };
        if ids.is_empty() {
            return;
        }
        match request.deed {
            CauseDeed::TryAgain => self.retry(&ids).await,
            CauseDeed::Cancel => self.cancel(&ids).await,
        }
    }
}

/// Transfers that need the person, and why. A name that is taken is a question of its own.
fn waiting_for_the_person<'a>(
    snapshot: &'a Snapshot,
    refused: &'a [Arc<Refused>],
) -> impl Iterator<Item = (u64, &'a Arc<Error>)> {
    let moving = snapshot.transfers.iter().filter_map(|transfer| match &transfer.state {
        State::NeedsYou(error, None) => Some((transfer.id, error)),
        _ => None,
    });
    let moving = moving.map(|(TransferId(id), error)| (id, error));
    refused.iter().map(|file| (file.id, &file.error)).chain(moving)
}

fn sentence(error: &Error) -> Sentence {
    (error.code(), error.advice().sentence)
}

fn grouped<'a>(waiting: impl Iterator<Item = (u64, &'a Arc<Error>)>) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    let mut by_error: HashMap<*const Error, usize> = HashMap::new();
    let mut by_sentence: HashMap<Sentence, usize> = HashMap::new();
    for (id, error) in waiting {
        let known = by_error.get(&Arc::as_ptr(error)).copied();
        if known.is_none() && by_error.len() >= MOST_SENTENCES {
            continue;
        }
        let place = known.unwrap_or_else(|| *by_sentence.entry(sentence(error)).or_insert(groups.len()));
        by_error.insert(Arc::as_ptr(error), place);
        match groups.get_mut(place) {
            Some(group) => group.count += 1,
            None => groups.push(Group { first: id, count: 1, error: Arc::clone(error) }),
        }
    }
    groups
}

fn same_cause<'a>(waiting: impl Iterator<Item = (u64, &'a Arc<Error>)>, first: u64) -> Vec<u64> {
    let waiting: Vec<_> = waiting.collect();
    let Some((_, cause)) = waiting.iter().find(|(id, _)| *id == first) else { return Vec::new() };
    let wanted = sentence(cause);
    let same = |error: &Arc<Error>| Arc::ptr_eq(error, cause) || sentence(error) == wanted;
    waiting.iter().filter(|(_, error)| same(error)).map(|(id, _)| *id).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use satchel_core::Operation;

    fn denied(folder: &str) -> Arc<Error> {
        Arc::new(Error::new(Code::UploadDenied, Operation::Upload).with("folder", folder))
    }

    fn unreadable(file: &str) -> Arc<Error> {
        Arc::new(Error::new(Code::FileUnreadable, Operation::Upload).with("file", file))
    }

    #[test]
    fn what_reads_the_same_is_one_cause_and_what_names_another_file_is_another() {
        let shared = denied("inbox");
        let errors = [shared.clone(), unreadable("a"), shared, denied("inbox"), unreadable("b"), denied("board")];
        let waiting: Vec<_> = (1..).zip(&errors).collect();
        let groups = grouped(waiting.iter().copied());
        let shown: Vec<_> = groups.iter().map(|group| (group.first, group.count)).collect();
        assert_eq!(shown, [(1, 3), (2, 1), (5, 1), (6, 1)]);
        assert_eq!(same_cause(waiting.iter().copied(), 3), [1, 3, 4]);
        assert_eq!(same_cause(waiting.iter().copied(), 5), [5]);
        assert!(same_cause(waiting.iter().copied(), 77).is_empty(), "it is over meanwhile");
    }

    #[test]
    fn a_hundred_thousand_sentences_of_their_own_do_not_hold_up_the_picture() {
        let errors: Vec<_> = (0..100_000).map(|number| unreadable(&number.to_string())).collect();
        let groups = grouped((1..).zip(&errors));
        assert_eq!(groups.len(), MOST_SENTENCES);
        assert!(groups.iter().all(|group| group.count == 1));
    }
}
