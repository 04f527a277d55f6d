//! The last problems that were told, so that their details can be copied for IT. Refuses to keep more than 2,000: ten
//! times what a picture of the transfers tells. One that is no longer kept is a problem itself, never another one.

use crate::messages;
use crate::wire::problems::{Action, Answer, Code, Problem, Retry};
use jiff::Timestamp;
use satchel_core::Error;
use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};

const KEPT: usize = 2_000;

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
    /// What was told under this number is no longer known.
    Forgotten(u32),
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
    /// The same for the same error, for as long as it is kept.
    fn key(&self) -> Option<usize> {
        match self {
            Trouble::Engine(error) => Some(Arc::as_ptr(error).addr()),
            _ => None,
        }
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
            Trouble::Forgotten(told) => {
                own(id, Code::DetailsGone, "detailsGone", Action::None, &format!("problem {told}"), &note)
            }
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

impl Told {
    fn draw(&self) -> Problem {
        self.trouble.draw(self.id, self.at)
    }
}

#[derive(Default)]
struct Ring {
    last_id: u32,
    /// In the order of their numbers.
    told: VecDeque<Told>,
    numbers: HashMap<usize, u32>,
}

impl Ring {
    fn find(&self, id: u32) -> Option<&Told> {
        let oldest = self.told.front()?.id;
        self.told.get(usize::try_from(id.checked_sub(oldest)?).ok()?)
    }

    fn keep(&mut self, trouble: Trouble) -> Problem {
        self.last_id += 1;
        let told = Told { id: self.last_id, at: Timestamp::now(), trouble };
        if let Some(key) = told.trouble.key() {
            self.numbers.insert(key, told.id);
        }
        if self.told.len() >= KEPT
            && let Some(key) = self.told.pop_front().and_then(|oldest| oldest.trouble.key())
        {
            self.numbers.remove(&key);
        }
        let problem = told.draw();
        self.told.push_back(told);
        problem
    }
}

/// What was told lately. Cheap to clone.
#[derive(Clone, Default)]
pub struct Problems(Arc<Mutex<Ring>>);

impl Problems {
    /// Remembers a trouble and says it. The same error, told again, is the same problem.
    pub fn tell(&self, trouble: impl Into<Trouble>) -> Problem {
        let trouble = trouble.into();
        let mut ring = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let known = trouble.key().and_then(|key| ring.numbers.get(&key).copied());
        match known.and_then(|id| ring.find(id)) {
            Some(told) => told.draw(),
            None => ring.keep(trouble),
        }
    }

    /// A result as a command gives it back.
    pub fn answer<T, E: Into<Trouble>>(&self, result: Result<T, E>) -> Answer<T> {
        result.map_err(|trouble| Box::new(self.tell(trouble)))
    }

    /// A problem that was told, again.
    ///
    /// # Errors
    /// `Forgotten` when it is no longer known.
    pub fn find(&self, id: u32) -> Result<Problem, Trouble> {
        let ring = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        ring.find(id).map(Told::draw).ok_or(Trouble::Forgotten(id))
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
        assert!(matches!(problems.find(first), Err(Trouble::Forgotten(id)) if id == first));
        assert_eq!(problems.find(first + 1).unwrap().id, first + 1);
        assert!(problems.find(0).is_err(), "the page's own problems are not known here");
    }

    #[test]
    fn a_picture_of_many_errors_is_told_under_the_same_numbers_again() {
        let problems = Problems::default();
        let errors: Vec<_> = (0..500).map(|_| Arc::new(gone())).collect();
        let picture = || errors.iter().map(|error| problems.tell(Arc::clone(error)).id).collect::<Vec<_>>();
        let first = picture();
        assert_eq!(picture(), first);
        assert!(first.iter().all(|id| problems.find(*id).is_ok()));
    }

    #[test]
    fn an_error_that_is_no_longer_kept_gets_another_number() {
        let problems = Problems::default();
        let error = Arc::new(gone());
        let first = problems.tell(Arc::clone(&error)).id;
        for _ in 0..KEPT {
            problems.tell(gone());
        }
        let again = problems.tell(error).id;
        assert_ne!(again, first);
        assert_eq!(problems.find(again).unwrap().id, again);
    }

    #[test]
    fn a_detail_names_the_version_and_the_time() {
        let detail = Problems::default().tell(gone()).detail;
        assert!(detail.contains(env!("CARGO_PKG_VERSION")) && detail.contains('Z'), "{detail}");
    }
}
