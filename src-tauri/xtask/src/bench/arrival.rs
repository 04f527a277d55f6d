//! Whether what arrived is what was sent: every name, and every byte by SHA-256. Looks from outside, with curl, and
//! outside of the time that is measured.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};

use super::folder::Folder;
use super::job::{Job, Load, Piece};
use super::store::Store;
use crate::process::{capture, program, run};

/// How many wrong names an error tells.
const TOLD: usize = 3;

pub struct Arrival {
    folder: PathBuf,
}

impl Arrival {
    pub fn new(folder: &Path) -> Result<Self> {
        let folder = folder.join("arrival");
        fs::create_dir(&folder)?;
        Ok(Self { folder })
    }

    /// A file that was saved.
    pub fn of_file(&self, load: &Load, path: &Path) -> Result<()> {
        let room = Folder::create_in(&self.folder, "saved")?;
        let piece = load.pieces(Job::FileDown).first().context("nothing was sent")?;
        fs::rename(path, room.path().join(&piece.name)).context("no file was saved under its name")?;
        check(room.path(), std::slice::from_ref(piece))
    }

    /// A link opens the file that it is to: its first bytes come without any keys.
    pub fn of_link(&self, store: &Store, mut command: Command) -> Result<()> {
        let link = capture(&mut command)?;
        ensure!(link.trim().starts_with(&store.endpoint), "what was printed is no link");
        // By a file, so that nobody reads it in a list of processes.
        let asked = format!("url = \"{}\"\nrange = \"0-15\"\noutput = \"/dev/null\"\n", link.trim());
        self.ask(program("curl").args(["--fail", "--no-progress-meter"]), &asked)
    }

    /// What lies in the store below `key`: these files and no other.
    pub fn of_upload(&self, load: &Load, job: Job, store: &Store, key: &str) -> Result<()> {
        let (there, pieces) = (names(store, key)?, load.pieces(job));
        let wanted: BTreeSet<String> = pieces.iter().map(|piece| format!("{key}/{}", piece.name)).collect();
        let told = |names: Vec<&String>| names.into_iter().take(TOLD).cloned().collect::<Vec<_>>().join(", ");
        let (missing, foreign) = (wanted.difference(&there).collect(), there.difference(&wanted).collect());
        ensure!(
            there == wanted,
            "{} files arrived instead of {}; missing: {}; too many: {}",
            there.len(),
            wanted.len(),
            told(missing),
            told(foreign)
        );
        let room = Folder::create_in(&self.folder, "fetched")?;
        let mut asked = String::new();
        for piece in pieces {
            let address = store.address(&format!("{key}/{}", piece.name));
            writeln!(asked, "url = \"{address}\"\noutput = \"{}\"", room.path().join(&piece.name).display())?;
        }
        self.ask(store.curl().arg("--create-dirs"), &asked)?;
        check(room.path(), pieces)
    }

    /// Removes everything below `key`, so that the next finds the store as this one did.
    pub fn remove(&self, store: &Store, key: &str) -> Result<()> {
        let mut asked = String::new();
        for name in names(store, key)? {
            writeln!(asked, "url = \"{}\"\noutput = \"/dev/null\"", store.address(&name))?;
        }
        if !asked.is_empty() {
            self.ask(store.curl().args(["--request", "DELETE"]), &asked)?;
        }
        store.tidy()
    }

    fn ask(&self, curl: &mut Command, asked: &str) -> Result<()> {
        let list = self.folder.join("asked");
        fs::write(&list, asked)?;
        run(curl.args(["--parallel", "--parallel-max", "4", "--config"]).arg(&list).stdout(Stdio::null()))
    }
}

/// Every name below `key`. All of ours are of letters, digits, dashes, dots and slashes.
fn names(store: &Store, key: &str) -> Result<BTreeSet<String>> {
    let mut names = BTreeSet::new();
    loop {
        let after = names.last().map_or_else(|| format!("{key}/"), String::clone).replace('/', "%2F");
        let question = format!("?list-type=2&prefix={key}%2F&start-after={after}");
        let answer = capture(store.curl().arg(store.address("").trim_end_matches('/').to_owned() + &question))?;
        let before = names.len();
        names.extend(keys(&answer).map(str::to_owned));
        if names.len() == before || !answer.contains("<IsTruncated>true</IsTruncated>") {
            return Ok(names);
        }
    }
}

fn keys(answer: &str) -> impl Iterator<Item = &str> {
    answer.split("<Key>").skip(1).filter_map(|rest| rest.split_once("</Key>")).map(|(key, _)| key)
}

fn check(folder: &Path, pieces: &[Piece]) -> Result<()> {
    let list = folder.join("sums");
    let sums = pieces.iter().map(|piece| format!("{}  {}\n", piece.sha256, piece.name)).collect::<String>();
    fs::write(&list, sums)?;
    run(program("sha256sum").args(["--check", "--quiet", "--strict"]).arg(&list).current_dir(folder))
        .context("what arrived is not what was sent")
}

#[cfg(test)]
mod tests {
    use super::keys;

    #[test]
    fn the_names_of_a_listing_are_its_keys_and_not_its_prefix() {
        let answer = "<R><Prefix>run-1/</Prefix><Contents><Key>run-1/a</Key><Size>1</Size></Contents><Contents>\
                      <Key>run-1/b</Key></Contents><Contents><Key>cut of";
        assert_eq!(keys(answer).collect::<Vec<_>>(), ["run-1/a", "run-1/b"]);
        assert_eq!(keys("<R></R>").count(), 0);
    }
}
