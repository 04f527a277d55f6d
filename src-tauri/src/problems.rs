//! The last problems that were told, so that their details can be copied for IT. Refuses to keep more than 64.

use crate::messages;
use crate::wire::problems::{Action, Answer, Code, Problem, Retry};
use jiff::Timestamp;
use satchel_core::Error;
use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};

const KEPT: usize = 64;

/// What could not be done: by the engine, or by this computer's desktop.
#[derive(Debug, Clone)]
pub enum Trouble {
    Engine(Arc<Error>),
    /// The clipboard did not take or give anything. The text is the clipboard's own, without content.
    Clipboard(String),
    /// Another place is called like this.
    PlaceNameTaken(String),
    /// No program on this computer does that. The text is for IT.
    NoProgram(String),
}

impl From<Error> for Trouble {
    fn from(error: Error) -> Self {
        Trouble::Engine(Arc::new(error))
    }
}

impl From<Arc<Error>> for Trouble {
    fn from(error: Arc<Error>) -> Self {
        Trouble::Engine(error)
    }
}

impl Trouble {
    fn is(&self, other: &Trouble) -> bool {
        matches!((self, other), (Trouble::Engine(one), Trouble::Engine(two)) if Arc::ptr_eq(one, two))
    }

    fn draw(&self, id: u32, at: Timestamp) -> Problem {
        let note = format!("{} · Satchel {}", crate::wire::time(at), env!("CARGO_PKG_VERSION"));
        match self {
            Trouble::Engine(error) => Problem::of(id, error, &note),
            Trouble::Clipboard(cause) => {
                own(id, Code::ClipboardRefused, "clipboardRefused", Action::TryAgain, cause, &note)
            }
            Trouble::PlaceNameTaken(name) => Problem {
                sentence: messages::filled("problem.placeNameTaken.sentence", &[("place", name)]),
                values: BTreeMap::from([("place".to_owned(), satchel_core::names::display(name))]),
                ..own(id, Code::PlaceNameTaken, "placeNameTaken", Action::None, "", &note)
            },
            Trouble::NoProgram(cause) => own(id, Code::ProgramMissing, "programMissing", Action::None, cause, &note),
        }
    }
}

fn own(id: u32, code: Code, name: &str, action: Action, cause: &str, note: &str) -> Problem {
    Problem {
        id,
        code,
        title: messages::text(&format!("problem.{name}.title")),
        sentence: messages::text(&format!("problem.{name}.sentence")),
        values: BTreeMap::new(),
        action,
        retry: Retry::AfterPerson,
        detail: format!("{code:?}\n{cause}\n{note}"),
    }
}

struct Told {
    id: u32,
    at: Timestamp,
    trouble: Trouble,
}

#[derive(Default)]
struct Ring {
    last_id: u32,
    told: VecDeque<Told>,
}

/// What was told lately. Cheap to clone.
#[derive(Clone, Default)]
pub struct Problems(Arc<Mutex<Ring>>);

impl Problems {
    /// Remembers a trouble and says it. The same error, told again, is the same problem.
    pub fn tell(&self, trouble: impl Into<Trouble>) -> Problem {
        let trouble = trouble.into();
        let mut ring = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = ring.told.iter().find(|told| told.trouble.is(&trouble)) {
            return known.trouble.draw(known.id, known.at);
        }
        ring.last_id = ring.last_id.wrapping_add(1);
        let told = Told { id: ring.last_id, at: Timestamp::now(), trouble };
        let problem = told.trouble.draw(told.id, told.at);
        ring.told.push_back(told);
        if ring.told.len() > KEPT {
            ring.told.pop_front();
        }
        problem
    }

    /// A result as a command gives it back.
    pub fn answer<T, E: Into<Trouble>>(&self, result: Result<T, E>) -> Answer<T> {
        result.map_err(|trouble| Box::new(self.tell(trouble)))
    }

    /// A problem that was told, again.
    pub fn find(&self, id: u32) -> Option<Problem> {
        let ring = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        ring.told.iter().find(|told| told.id == id).map(|told| told.trouble.draw(told.id, told.at))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use satchel_core::Operation;

    fn gone() -> Error {
        Error::new(satchel_core::Code::FileGone, Operation::Read).with("file", "a.pdf")
    }

    #[test]
    fn the_same_error_is_told_under_the_same_number() {
        let problems = Problems::default();
        let error = Arc::new(gone());
        assert_eq!(problems.tell(Arc::clone(&error)).id, problems.tell(error).id);
        assert_ne!(problems.tell(gone()).id, problems.tell(gone()).id);
    }

    #[test]
    fn only_the_last_problems_are_kept() {
        let problems = Problems::default();
        let first = problems.tell(gone()).id;
        for _ in 0..KEPT {
            problems.tell(gone());
        }
        assert!(problems.find(first).is_none());
        assert!(problems.find(first + 1).is_some());
    }

    #[test]
    fn a_detail_names_the_version_and_the_time() {
        let detail = Problems::default().tell(gone()).detail;
        assert!(detail.contains(env!("CARGO_PKG_VERSION")) && detail.contains('Z'), "{detail}");
    }
}
