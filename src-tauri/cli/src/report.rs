//! What `put` and `get` did: for people, for pipes and as JSON; and the exit code that follows from it.

use crate::commands::link::MadeLink;
use crate::commands::transfers::Changes;
use crate::exit::{Exit, Failure, Problem};
use crate::output::Output;
use satchel_core::transfers::{Checksum, Direction, State, Transfer};
use satchel_core::{Code, Error, Operation, names};
use serde::Serialize;
use std::path::Path;

#[derive(Debug, Default, Serialize)]
pub struct Report {
    pub done: Vec<Done>,
    pub failed: Vec<Failed>,
    pub skipped: Vec<Skipped>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub links: Option<Vec<MadeLink>>,
    /// What a living process has, and how it stands there.
    #[serde(skip_serializing_if = "Changes::is_empty")]
    pub elsewhere: Changes,
    /// Why nothing was done, when nothing was.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<Problem>,
}

#[derive(Debug, Serialize)]
pub struct Done {
    pub path: String,
    pub name: String,
    pub size: u64,
    pub checksum: Option<ChecksumText>,
    pub seconds: f64,
}

#[derive(Debug, Serialize)]
pub struct ChecksumText {
    pub algorithm: &'static str,
    pub value: String,
}

/// What was not done, and why.
#[derive(Debug, Serialize)]
pub struct Failed {
    /// The path on this computer, if it is about one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// The name below the place, as far as it is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    pub code: Option<Code>,
    pub title: String,
    pub sentence: String,
    #[serde(skip)]
    pub problem: Problem,
    /// The file is stored all the same, and among those that are done.
    #[serde(skip)]
    stored: bool,
}

impl Failed {
    pub fn new(path: Option<String>, name: Option<String>, error: &Error) -> Self {
        let problem = Problem::from(error);
        Failed {
            path,
            name,
            code: problem.code,
            title: problem.title.clone(),
            sentence: problem.sentence.clone(),
            problem,
            stored: false,
        }
    }

    /// What it is about, as it was named.
    fn what(&self) -> &str {
        self.path.as_deref().or(self.name.as_deref()).unwrap_or_default()
    }
}

#[derive(Debug, Serialize)]
pub struct Skipped {
    pub path: String,
    pub name: String,
}

impl Report {
    /// Notes a transfer that does not move any more, or was stopped.
    pub fn add(&mut self, transfer: &Transfer) {
        let path = text_of(&transfer.path);
        let operation = match transfer.direction {
            Direction::Upload => Operation::Upload,
            Direction::Download => Operation::Save,
        };
        match (&transfer.state, &transfer.done) {
            (State::Done, Some(done)) => self.done.push(Done {
                path: text_of(&done.path),
                name: done.name.clone(),
                size: done.size_bytes,
                checksum: done.checksum.as_ref().map(ChecksumText::of),
                seconds: done.seconds,
            }),
            (State::Done, None) => self.fail(path, Some(&transfer.name), &Error::new(Code::Unknown, operation)),
            (State::Skipped, _) => self.skipped.push(Skipped { path, name: transfer.name.clone() }),
            (State::NeedsYou(error, _), _) => self.fail(path, Some(&transfer.name), error),
            (State::Waiting | State::Moving | State::Checking | State::Held(_) | State::Paused | State::Stopped, _) => {
                self.fail(path, Some(&transfer.name), &Error::cancelled(operation));
            }
        }
    }

    /// Notes something that could not even begin.
    pub fn fail(&mut self, path: String, name: Option<&str>, error: &Error) {
        self.failed.push(Failed::new(Some(path), name.map(str::to_owned), error));
    }

    /// Notes a file that is stored and has no link.
    pub fn fail_link(&mut self, path: String, name: &str, error: &Error) {
        let failed = Failed::new(Some(path), Some(name.to_owned()), error);
        self.failed.push(Failed { stored: true, ..failed });
    }

    /// Whether this call had nothing to do itself.
    pub fn is_empty(&self) -> bool {
        self.done.is_empty() && self.failed.is_empty() && self.skipped.is_empty()
    }

    pub fn exit(&self) -> Exit {
        Exit::of_many(self.done.len() + self.skipped.len(), self.failed.iter().filter_map(|failed| failed.code))
    }

    /// Says everything. What of each file that was done is a result is up to the command.
    pub fn print(
        mut self,
        output: &Output,
        results: impl FnOnce(&Output, &Report) -> Result<(), Failure>,
    ) -> Result<Exit, Failure> {
        let exit = self.exit();
        if output.json {
            if self.done.is_empty() && self.skipped.is_empty() {
                self.error = self.failed.first().map(|failed| failed.problem.clone());
            }
            output.document(&self)?;
            return Ok(exit);
        }
        results(output, &self)?;
        output.flush()?;
        self.say_failures(output);
        Ok(exit)
    }

    fn say_failures(&self, output: &Output) {
        // Whoever stopped this knows what was stopped.
        let stopped = self.failed.iter().filter(|failed| failed.code == Some(Code::Cancelled)).count();
        for failed in self.failed.iter().filter(|failed| failed.code != Some(Code::Cancelled)) {
            output.problem_with(failed.what(), &failed.problem);
        }
        for skipped in &self.skipped {
            output.say(format_args!("{}: skipped, the name is taken.", names::display(&skipped.path)));
        }
        if stopped > 0 {
            output.say(format_args!("Stopped. {stopped} not done."));
        }
        if let [one] = self.failed.as_slice()
            && self.done.is_empty()
            && stopped == 0
        {
            output.next_step(&one.problem);
            return;
        }
        let (linkless, not_done): (Vec<&Failed>, Vec<&Failed>) = self.failed.iter().partition(|failed| failed.stored);
        if not_done.iter().any(|failed| failed.code != Some(Code::Cancelled)) {
            let all = self.done.len() + self.skipped.len() + not_done.len();
            output.warn(format_args!("{} of {all} done, {} not.", self.done.len(), not_done.len()));
        }
        if !linkless.is_empty() {
            output.warn(format_args!("{} stored without a link.", linkless.len()));
        }
    }
}

impl ChecksumText {
    fn of(checksum: &Checksum) -> Self {
        ChecksumText { algorithm: checksum.algorithm, value: checksum.value.clone() }
    }
}

/// A path as JSON can say it.
pub fn text_of(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}
