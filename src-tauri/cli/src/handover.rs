//! How links are handed over: alone, one a line, with text, as QR codes, as JSON; and what is said of those that were not made.

use crate::arguments::Handing;
use crate::exit::{Exit, Failure, Problem};
use crate::output::{Output, Tint};
use crate::report::Failed;
use jiff::{Timestamp, ZonedDateTime};
use satchel_core::links::{self, Again, EndsBecause, Link, Qr, Shared, SignedUrl, Told, shown_name};
use satchel_core::place::Place;
use satchel_core::{Code, Error};
use serde::Serialize;

/// A link as it is handed over.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct MadeLink {
    id: String,
    name: String,
    pub url: String,
    expires_at: Timestamp,
    ends_because: EndsBecause,
    pub stoppable: bool,
    tested: bool,
    /// Name, size, end and link in words, if that is wished for.
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<String>,
    #[serde(skip)]
    signed: SignedUrl,
    #[serde(skip)]
    pub size_bytes: Option<u64>,
    #[serde(skip)]
    files: u32,
}

impl MadeLink {
    pub fn of(place: &Place, link: Link) -> Self {
        MadeLink {
            name: shown_name(place, &link.name).to_owned(),
            id: link.id,
            url: link.url.reveal().to_owned(),
            expires_at: link.ends_at,
            ends_because: link.ends_because,
            stoppable: link.stoppable,
            tested: link.tested,
            text: None,
            signed: link.url,
            size_bytes: link.known.map(|known| known.size_bytes),
            files: link.files,
        }
    }

    /// One that was made before.
    pub fn again(place: &Place, shared: &Shared, again: Again) -> Self {
        MadeLink {
            id: shared.id.clone(),
            name: shown_name(place, &shared.name).to_owned(),
            url: again.url.reveal().to_owned(),
            expires_at: again.ends_at,
            ends_because: again.ends_because,
            stoppable: shared.stoppable,
            tested: true,
            text: None,
            signed: again.url,
            size_bytes: shared.size_bytes,
            files: shared.files,
        }
    }

    fn in_words(&self) -> String {
        let told = Told { name: &self.name, files: self.files, size_bytes: self.size_bytes, ends_at: self.expires_at };
        links::handover(&told, &self.signed, &ZonedDateTime::now()).plain.as_str().to_owned()
    }
}

#[derive(Serialize)]
struct Report<'r> {
    links: &'r [MadeLink],
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    failed: &'r [Failed],
    /// Why there is none, when there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<&'r Problem>,
}

/// The links of one call, each printed as soon as it is there.
pub struct Handover<'o> {
    output: &'o Output,
    handing: Handing,
    made: Vec<MadeLink>,
    failed: Vec<Failed>,
}

impl<'o> Handover<'o> {
    pub fn new(output: &'o Output, handing: Handing) -> Result<Self, Failure> {
        if handing.qr && output.json {
            return Err(Failure::usage("--qr draws for people; with --json nobody would see it."));
        }
        Ok(Handover { output, handing, made: Vec::new(), failed: Vec::new() })
    }

    /// Hands a link over.
    pub fn add(&mut self, mut link: MadeLink) -> Result<(), Failure> {
        if self.handing.text {
            link.text = Some(link.in_words());
        }
        if !self.output.json {
            self.print(&link)?;
            self.output.flush()?;
        }
        self.made.push(link);
        Ok(())
    }

    fn print(&mut self, link: &MadeLink) -> Result<(), Failure> {
        match &link.text {
            Some(text) => {
                let between = if self.made.is_empty() { "" } else { "\n" };
                self.output.bytes(format!("{between}{text}").as_bytes())?;
            }
            None => self.output.line(&link.url)?,
        }
        if self.handing.qr {
            match Qr::of(&link.signed) {
                Ok(code) => draw(self.output, &code)?,
                Err(error) => self.miss(&link.name, &error),
            }
        }
        Ok(())
    }

    /// Notes a link, or something else that was wished for, that there is not.
    pub fn miss(&mut self, name: &str, error: &Error) {
        self.miss_as(name, Failed::new(None, Some(name.to_owned()), error));
    }

    /// The same about something on this computer.
    pub fn miss_path(&mut self, path: &str, error: &Error) {
        self.miss_as(path, Failed::new(Some(path.to_owned()), None, error));
    }

    /// Notes all of these.
    pub fn miss_all(&mut self, failed: Vec<Failed>) {
        for failed in failed {
            let what = failed.path.clone().or_else(|| failed.name.clone()).unwrap_or_default();
            self.miss_as(&what, failed);
        }
    }

    pub fn lacks_any(&self) -> bool {
        !self.failed.is_empty()
    }

    fn miss_as(&mut self, what: &str, failed: Failed) {
        if !self.output.json && failed.code != Some(Code::Cancelled) {
            self.output.problem_with(what, &failed.problem);
        }
        self.failed.push(failed);
    }

    /// The document of the call, or its last words. `done` counts what was done beside the links.
    pub fn end(self, done: usize) -> Result<Exit, Failure> {
        let output = self.output;
        if output.json {
            let error = self.failed.first().filter(|_| self.made.is_empty()).map(|failed| &failed.problem);
            output.document(&Report { links: &self.made, failed: &self.failed, error })?;
        } else if self.failed.iter().any(|failed| failed.code == Some(Code::Cancelled)) {
            output.say("Stopped.");
        }
        Ok(Exit::of_many(self.made.len() + done, self.failed.iter().filter_map(|failed| failed.code)))
    }
}

/// Two modules a letter. In colours they are black on white wherever; without, as a dark terminal shows them, which is what
/// phones expect of most.
fn draw(output: &Output, code: &Qr) -> Result<(), Failure> {
    for y in (0..code.width()).step_by(2) {
        let line: String = (0..code.width())
            .map(|x| match (code.is_dark(x, y), code.is_dark(x, y + 1)) {
                (false, false) => '█',
                (false, true) => '▀',
                (true, false) => '▄',
                (true, true) => ' ',
            })
            .collect();
        output.line(output.tinted(Tint::Code, &line))?;
    }
    Ok(())
}
