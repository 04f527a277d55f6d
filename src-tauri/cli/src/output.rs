//! The only file that prints: results to stdout, everything else to stderr, names exact where a program reads them and
//! safe to look at where a person does. A reader that has gone away (`| head`) ends nothing but the printing.

use crate::arguments::{Color, Global};
use crate::exit::{Failure, Problem};
use satchel_core::{Code, names};
use serde::Serialize;
use std::fmt::Display;
use std::io::{self, BufWriter, IsTerminal, Stdout, Write};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

/// Where and how this call speaks.
pub struct Output {
    stdout: Mutex<BufWriter<Stdout>>,
    /// Nobody reads stdout any more.
    closed: AtomicBool,
    /// A document went out, and there is only one.
    answered: AtomicBool,
    pub json: bool,
    pub quiet: bool,
    verbose: bool,
    null: bool,
    pub stdout_is_terminal: bool,
    pub stderr_is_terminal: bool,
    stdout_colors: bool,
    stderr_colors: bool,
}

/// What a word is, for its colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tint {
    Folder,
    Faint,
    Good,
    Trouble,
    /// Of something that phones read: white on black in every terminal.
    Code,
}

impl Tint {
    fn code(self) -> &'static str {
        match self {
            Tint::Folder => "\u{1b}[1;34m",
            Tint::Faint => "\u{1b}[2m",
            Tint::Good => "\u{1b}[32m",
            Tint::Trouble => "\u{1b}[1;31m",
            Tint::Code => "\u{1b}[97;40m",
        }
    }

    fn paint(self, text: &str, colors: bool) -> String {
        if colors { format!("{}{text}\u{1b}[0m", self.code()) } else { text.to_owned() }
    }
}

impl Output {
    /// For words that were not understood, when JSON was asked for.
    pub fn for_usage() -> Self {
        Output {
            stdout: Mutex::new(BufWriter::new(io::stdout())),
            closed: AtomicBool::new(false),
            answered: AtomicBool::new(false),
            json: true,
            quiet: false,
            verbose: false,
            null: false,
            stdout_is_terminal: false,
            stderr_is_terminal: false,
            stdout_colors: false,
            stderr_colors: false,
        }
    }

    pub fn new(global: &Global) -> Self {
        let stdout_is_terminal = io::stdout().is_terminal();
        let stderr_is_terminal = io::stderr().is_terminal();
        let wanted = |is_terminal: bool| match global.color {
            Color::Always => true,
            Color::Never => false,
            Color::Auto => is_terminal && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty()),
        };
        Output {
            stdout: Mutex::new(BufWriter::new(io::stdout())),
            closed: AtomicBool::new(false),
            answered: AtomicBool::new(false),
            json: global.json,
            quiet: global.quiet,
            verbose: global.verbose,
            null: global.null,
            stdout_is_terminal,
            stderr_is_terminal,
            stdout_colors: wanted(stdout_is_terminal),
            stderr_colors: wanted(stderr_is_terminal),
        }
    }

    /// Whether there is no use in finding more to print.
    pub fn is_closed(&self) -> bool {
        self.closed.load(Ordering::Relaxed)
    }

    /// Whether a person reads stdout: names that end with NUL are for a program, wherever they go.
    pub fn is_for_a_person(&self) -> bool {
        self.stdout_is_terminal && !self.null
    }

    /// One line of result.
    pub fn line(&self, text: impl Display) -> Result<(), Failure> {
        self.write(format!("{text}\n").as_bytes())
    }

    /// A name, ready to be passed back, or drawn for a person.
    pub fn name(&self, name: &str) -> Result<(), Failure> {
        self.named(name.as_bytes(), name)
    }

    /// Cells and a name, with tabs between them, for a program. What would break a cell is a blank; the name comes last and is
    /// exact.
    pub fn row(&self, cells: &[&str], name: &str) -> Result<(), Failure> {
        let mut row = String::new();
        for cell in cells {
            row.extend(cell.chars().map(|letter| if letter.is_control() { ' ' } else { letter }));
            row.push('\t');
        }
        row.push_str(name);
        row.push(if self.null { '\0' } else { '\n' });
        self.write(row.as_bytes())
    }

    /// A path of this computer. Not every one of them is text.
    pub fn path(&self, path: &Path) -> Result<(), Failure> {
        #[cfg(unix)]
        let bytes = std::os::unix::ffi::OsStrExt::as_bytes(path.as_os_str());
        #[cfg(not(unix))]
        let text = path.to_string_lossy();
        #[cfg(not(unix))]
        let bytes = text.as_bytes();
        self.named(bytes, &path.to_string_lossy())
    }

    fn named(&self, exact: &[u8], shown: &str) -> Result<(), Failure> {
        let mut bytes = if self.is_for_a_person() { names::display(shown).into_bytes() } else { exact.to_vec() };
        bytes.push(if self.null { 0 } else { b'\n' });
        self.write(&bytes)
    }

    /// Something that is to arrive as it is.
    pub fn bytes(&self, bytes: &[u8]) -> Result<(), Failure> {
        self.write(bytes)
    }

    /// A word of a line on stdout in its colour.
    pub fn tinted(&self, tint: Tint, text: &str) -> String {
        tint.paint(text, self.stdout_colors)
    }

    /// The one JSON document of this call.
    pub fn document(&self, document: &impl Serialize) -> Result<(), Failure> {
        self.answered.store(true, Ordering::Relaxed);
        self.json_line(document)
    }

    /// One line of JSON of many; a failure may still follow.
    pub fn json_line(&self, document: &impl Serialize) -> Result<(), Failure> {
        let mut text = serde_json::to_vec(document).map_err(io::Error::from)?;
        text.push(b'\n');
        self.write(&text)
    }

    /// Hands over what was written so far. Called after every page of something long, and at the end.
    pub fn flush(&self) -> Result<(), Failure> {
        if self.is_closed() {
            return Ok(());
        }
        let flushed = self.stdout.lock().unwrap_or_else(PoisonError::into_inner).flush();
        self.unless_closed(flushed)
    }

    fn write(&self, bytes: &[u8]) -> Result<(), Failure> {
        if self.is_closed() {
            return Ok(());
        }
        let written = self.stdout.lock().unwrap_or_else(PoisonError::into_inner).write_all(bytes);
        self.unless_closed(written)
    }

    fn unless_closed(&self, written: io::Result<()>) -> Result<(), Failure> {
        match written {
            Err(cause) if cause.kind() == io::ErrorKind::BrokenPipe => {
                self.closed.store(true, Ordering::Relaxed);
                Ok(())
            }
            other => Ok(other?),
        }
    }

    /// Something good to know. Not with `--quiet`.
    pub fn say(&self, text: impl Display) {
        if !self.quiet {
            self.stderr_line(&text.to_string());
        }
    }

    /// Something that has to be known.
    pub fn warn(&self, text: impl Display) {
        self.stderr_line(&text.to_string());
    }

    /// A line for programs that follow on stderr.
    pub fn progress(&self, document: &impl Serialize) {
        if let Ok(line) = serde_json::to_string(document) {
            self.stderr_line(&line);
        }
    }

    /// Why one of several things was not done.
    pub fn problem_with(&self, what: &str, problem: &Problem) {
        let title = Tint::Trouble.paint(&problem.title, self.stderr_colors);
        self.stderr_line(&format!("{}: {title}. {}", names::display(what), problem.sentence));
        self.details(problem);
    }

    /// Why nothing was done: on stderr for people, on stdout as JSON if that was asked for and nothing was answered yet.
    pub fn failure(&self, failure: &Failure) {
        let problem = Problem::from(failure);
        if problem.code == Some(Code::Cancelled) && !self.json {
            // Stopping is not failing.
            self.say("Stopped.");
        } else if !self.json {
            self.stderr_line(&format!(
                "{}. {}",
                Tint::Trouble.paint(&problem.title, self.stderr_colors),
                problem.sentence
            ));
            self.next_step(&problem);
            self.details(&problem);
        } else if !self.answered.load(Ordering::Relaxed) {
            // Where even this can't be written there is nobody left to tell.
            let _ = self.document(&serde_json::json!({ "error": problem }));
        }
    }

    /// What can be done about it, here.
    pub fn next_step(&self, problem: &Problem) {
        let step = problem.next_step();
        if !step.is_empty() {
            self.stderr_line(&format!("Next: {step}."));
        }
    }

    fn details(&self, problem: &Problem) {
        if self.verbose && !problem.detail.is_empty() {
            for line in problem.detail.lines() {
                self.stderr_line(&format!("  {line}"));
            }
        }
    }

    fn stderr_line(&self, text: &str) {
        // Where stderr is closed there is nobody left to tell.
        let _ = writeln!(io::stderr().lock(), "{text}");
    }
}
