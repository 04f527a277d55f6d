//! An office: a store, a line to it that can be told to misbehave, and the program with a saved place, so that what it
//! notes outlives it.

use satchel_practice::proxy::Proxy;
use satchel_practice::{Fault, Hold, Operation, Practice, PracticeOptions, Rule};
use serde_json::Value;
use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::Duration;
use tempfile::TempDir;
use tokio::process::Child;

use crate::support::{Ran, Satchel, signal};

pub const MIB: usize = 1024 * 1024;
const PATIENCE: Duration = Duration::from_secs(60);

pub struct Office {
    pub practice: Practice,
    pub proxy: Proxy,
    pub satchel: Satchel,
    // Last: it is removed when the server has stopped.
    _folder: TempDir,
}

impl Office {
    pub async fn open(seed: u64) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let practice = Practice::start(PracticeOptions::new(folder.path())).await.unwrap();
        let proxy = Proxy::start(practice.port(), seed).await.unwrap();
        let mut satchel = Satchel::alone();
        satchel.environment("SATCHEL_STATE_DIR", satchel.home().join("state"));
        let identity = practice.identity();
        let keys = format!(
            "[office]\naws_access_key_id = {}\naws_secret_access_key = {}\n",
            identity.access_key_id, identity.secret_access_key
        );
        satchel.file(".aws/credentials", keys.as_bytes());
        let (bucket, endpoint) = (practice.bucket().to_owned(), proxy.endpoint());
        let words =
            ["places", "add", "Office", "--profile", "office", "--bucket", &bucket, "--endpoint-url", &endpoint];
        satchel.run(words).await.ok();
        practice.requests().clear();
        Self { practice, proxy, satchel, _folder: folder }
    }

    pub fn rule(&self, rule: Rule) {
        self.practice.faults().add(rule);
    }

    /// So many parts pass; those after them wait until the gate is opened.
    pub fn hold_parts_after(&self, passes: u64) -> Hold {
        let hold = Hold::new();
        self.rule(Rule::new(Fault::Hold(hold.clone())).on(Operation::UploadPart).after(passes).always());
        hold
    }

    pub fn count(&self, operation: Operation) -> usize {
        self.practice.requests().count(operation)
    }

    pub fn start(&self, words: &[&str]) -> Child {
        self.satchel.command(words).spawn().unwrap()
    }

    pub async fn run(&self, words: &[&str]) -> Ran {
        self.satchel.run(words).await
    }

    /// Ends a process without a word of warning, and waits until it is gone.
    pub async fn kill(&self, mut child: Child) {
        signal(&child, "KILL").await;
        within(child.wait(), "a killed process ends").await.unwrap();
    }

    /// What the program has not finished.
    pub async fn transfers(&self) -> Vec<Value> {
        let listed = self.run(&["transfers", "list", "--json"]).await.ok().json();
        let all = listed["transfers"].as_array().expect("a list of transfers").clone();
        let over = |one: &Value| {
            ["uploaded", "downloaded", "done", "skipped", "stopped"].iter().any(|state| one["state"] == *state)
        };
        all.into_iter().filter(|one| !over(one)).collect()
    }

    /// What still goes on by itself once somebody starts it, by name. What needs a person was told.
    pub async fn left(&self) -> BTreeSet<String> {
        let all = self.transfers().await;
        let own = all.iter().filter(|one| one["state"] != "needsYou");
        own.map(|one| one["name"].as_str().unwrap().to_owned()).collect()
    }

    /// Where the program keeps its notes.
    pub fn ledger(&self) -> PathBuf {
        self.satchel.home().join("state/ledger.sqlite")
    }

    /// The parts of the only unfinished upload that the store has.
    pub async fn parts_there(&self) -> usize {
        let unfinished = self.practice.unfinished_uploads().await.unwrap();
        assert_eq!(unfinished.len(), 1, "{unfinished:?}");
        unfinished[0].part_numbers.len()
    }

    pub async fn assert_holds(&self, name: &str, bytes: &[u8]) {
        let content = self.practice.content(name).await.unwrap().unwrap_or_else(|| panic!("{name:?} is not there"));
        assert!(content == bytes, "{name:?} holds {} other bytes", content.len());
    }

    pub async fn assert_no_leftovers(&self) {
        assert_eq!(self.practice.unfinished_uploads().await.unwrap(), []);
    }

    /// Waits until the server has carried out and answered so many of these.
    pub async fn answered(&self, operation: Operation, count: usize) {
        let requests = self.practice.requests();
        let answered = requests.wait_until(|all| {
            all.iter().filter(|one| one.operation == operation && one.finished && one.status == 200).count() >= count
        });
        within(answered, "the store answers").await;
    }
}

/// Waits for something that has to come.
pub async fn within<T>(work: impl Future<Output = T>, what: &str) -> T {
    tokio::time::timeout(PATIENCE, work).await.unwrap_or_else(|_| panic!("it did not come to that {what}"))
}

/// Waits until so many requests stand at a gate.
pub async fn reached(hold: &Hold, count: u64) {
    within(hold.reached(count), "a request stands at the gate").await;
}

/// Tells a process by its id, which may have ended by now.
pub async fn tell(process: u32, name: &str) {
    let mut kill = tokio::process::Command::new("kill");
    let told = kill.args(["-s", name, &process.to_string()]).stderr(std::process::Stdio::null()).status().await;
    told.unwrap();
}
