//! One link of the list, from the ledger or from the share folder's log.

use crate::handover;
use jiff::Timestamp;
use satchel_core::links::{LinkState, Record, Shared};
use satchel_core::names;
use std::collections::HashMap;
use std::sync::Arc;

pub(super) struct Item {
    pub id: String,
    /// The full name below the place; of several files, the title of their page.
    pub full_name: String,
    pub files: u32,
    pub note: String,
    pub made_at: Timestamp,
    pub ends_at: Timestamp,
    pub stopped_at: Option<Timestamp>,
    pub stoppable: bool,
    /// None of the person's own.
    pub who: Option<String>,
    pub size_bytes: Option<u64>,
    pub etag: Option<String>,
    /// Of the keys that signed it. `None` where nobody here can sign it again.
    pub fingerprint: Option<String>,
    /// All that a search looks through.
    text: String,
}

impl Item {
    pub fn mine(shared: &Shared) -> Self {
        let note = shared.note.clone().unwrap_or_default();
        Item {
            id: shared.id.clone(),
            full_name: shared.name.clone(),
            files: shared.files,
            made_at: shared.made_at,
            ends_at: shared.ends_at,
            stopped_at: shared.stopped_at,
            stoppable: shared.stoppable,
            who: None,
            size_bytes: shared.size_bytes,
            etag: shared.etag.clone(),
            fingerprint: shared.recipe.as_ref().and(shared.fingerprint.clone()),
            text: searched(&shared.name, shared.files, &note),
            note,
        }
    }

    fn theirs(record: &Record) -> Self {
        Item {
            id: record.id.clone(),
            full_name: record.name.clone(),
            files: record.files,
            note: String::new(),
            made_at: record.made_at,
            ends_at: record.ends_at,
            stopped_at: record.stopped.as_ref().map(|stopped| stopped.at),
            stoppable: record.stoppable,
            who: Some(record.who.clone()),
            size_bytes: None,
            etag: None,
            fingerprint: None,
            text: searched(&record.name, record.files, &record.who),
        }
    }

    pub fn state(&self, now: Timestamp) -> LinkState {
        match self.stopped_at {
            Some(_) => LinkState::Stopped,
            None if self.ends_at > now => LinkState::Working,
            None => LinkState::Ended,
        }
    }

    pub fn works(&self, now: Timestamp) -> bool {
        self.state(now) == LinkState::Working
    }

    /// `words` are folded already.
    pub fn has(&self, words: &str) -> bool {
        self.text.contains(words)
    }
}

fn searched(name: &str, files: u32, more: &str) -> String {
    names::folded(&format!("{}\n{more}", handover::label(name, files)))
}

/// Everybody's, the newest first: the person's own as the ledger has them, and what only the log knows.
pub(super) fn together(mine: &[Arc<Item>], records: &[Record]) -> Vec<Arc<Item>> {
    let by_id: HashMap<&str, &Record> = records.iter().map(|record| (record.id.as_str(), record)).collect();
    let own: std::collections::HashSet<&str> = mine.iter().map(|item| item.id.as_str()).collect();
    let ours = mine.iter().map(|item| {
        // Somebody else may have stopped it.
        let stopped = by_id.get(item.id.as_str()).and_then(|record| record.stopped.as_ref());
        match stopped.filter(|_| item.stopped_at.is_none()) {
            Some(stopped) => Arc::new(item.stopped(stopped.at)),
            None => Arc::clone(item),
        }
    });
    let others = records.iter().filter(|record| !own.contains(record.id.as_str()));
    let mut all: Vec<Arc<Item>> = ours.chain(others.map(|record| Arc::new(Item::theirs(record)))).collect();
    all.sort_by_key(|item| std::cmp::Reverse(item.made_at));
    all
}

impl Item {
    fn stopped(&self, at: Timestamp) -> Self {
        Item {
            id: self.id.clone(),
            full_name: self.full_name.clone(),
            note: self.note.clone(),
            stopped_at: Some(at),
            who: self.who.clone(),
            etag: self.etag.clone(),
            fingerprint: self.fingerprint.clone(),
            text: self.text.clone(),
            ..*self
        }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use jiff::SignedDuration;
    use satchel_core::links::{EndsBecause, Stopped};
    use satchel_core::place::PlaceId;

    pub fn shared(id: &str, name: &str, hours: i64) -> Shared {
        let made_at = Timestamp::now() - SignedDuration::from_hours(1);
        Shared {
            id: id.to_owned(),
            place: PlaceId::from_text("p"),
            name: name.to_owned(),
            made_at,
            ends_at: Timestamp::now() + SignedDuration::from_hours(hours),
            ends_because: EndsBecause::Chosen,
            stoppable: true,
            recorded: true,
            files: 1,
            size_bytes: Some(1_000),
            etag: Some("\"e\"".to_owned()),
            note: Some("für Jörg".to_owned()),
            stopped_at: None,
            recipe: None,
            fingerprint: None,
        }
    }

    pub fn record(id: &str, name: &str, who: &str) -> Record {
        let made_at = Timestamp::now();
        Record {
            id: id.to_owned(),
            who: who.to_owned(),
            name: name.to_owned(),
            made_at,
            ends_at: made_at + SignedDuration::from_hours(2),
            stoppable: false,
            files: 1,
            opens: name.to_owned(),
            stopped: None,
        }
    }

    #[test]
    fn everybodys_list_has_each_link_once_and_knows_who_stopped_one() {
        let mine = [Arc::new(Item::mine(&shared("a", "Press/a.pdf", 1)))];
        let mut own = record("a", "Press/a.pdf", "me@acme.com");
        own.stopped = Some(Stopped { at: Timestamp::now(), who: "it@acme.com".to_owned() });
        let all = together(&mine, &[own, record("b", "b.pdf", "sabine@acme.com")]);
        let drawn: Vec<_> = all.iter().map(|item| (item.id.as_str(), item.who.is_none())).collect();
        assert_eq!(drawn, [("b", false), ("a", true)], "the newest first");
        assert_eq!(all[1].state(Timestamp::now()), LinkState::Stopped);
    }

    #[test]
    fn a_search_finds_names_notes_and_people_whatever_the_case() {
        let (mine, theirs) =
            (Item::mine(&shared("a", "Press/Übersicht.pdf", 1)), Item::theirs(&record("b", "b", "Sabine")));
        for words in ["übersicht", "JÖRG", "Über"] {
            assert!(mine.has(&names::folded(words)), "{words}");
        }
        assert!(theirs.has(&names::folded("sabINE")) && !theirs.has("press"));
    }
}
