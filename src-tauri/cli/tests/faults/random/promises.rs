//! The promises: what is looked at after every call, and what must hold once all is quiet.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::Value;

use super::world::{Print, World};
use crate::support::Ran;

/// The SDK begins an upload anew when the answer was lost, this often.
const ANSWERS_LOST_IN_A_CALL: usize = 3;

impl World {
    /// After a call: nothing at the store is mixed, replaced or called done without being there.
    pub async fn look(&mut self, ran: Option<&Ran>) {
        let mut now = BTreeMap::new();
        for name in self.office.practice.keys("").await.unwrap() {
            let content = self.office.practice.content(&name).await.unwrap().unwrap();
            let print = Print::of(&content);
            assert!(self.may_hold(&name, print), "{name} holds {} bytes that nobody has ever had there", content.len());
            now.insert(name, print);
        }
        for (name, before) in &self.seen {
            assert_eq!(now.get(name), Some(before), "{name} was replaced or deleted, and nobody asked for it");
        }
        self.seen = now;
        if let Some(ran) = ran.filter(|ran| !ran.stdout.is_empty()) {
            for done in ran.json()["done"].as_array().into_iter().flatten() {
                let name = done["name"].as_str().unwrap();
                assert!(self.seen.contains_key(name), "{name} was called done and is not there");
            }
        }
        self.sources_are_untouched();
        self.downloads_are_whole();
    }

    fn sources_are_untouched(&self) {
        let there = files_below(&self.folder());
        let names: Vec<&String> = there.keys().collect();
        assert_eq!(names, self.sources.keys().collect::<Vec<_>>(), "a local file came or went");
        for (name, content) in there {
            assert_eq!(self.sources.get(&name), Some(&Print::of(&content)), "{name} was changed on this computer");
        }
    }

    fn downloads_are_whole(&self) {
        let down = self.office.satchel.home().join("down");
        for (name, content) in files_below(&down) {
            if name.starts_with('.') {
                continue;
            }
            let print = Print::of(&content);
            assert!(self.versions.values().any(|all| all.contains(&print)), "{name} is not what was stored");
        }
    }

    /// When nothing is wrong any more: all goes on to its end, and nothing is left anywhere.
    pub async fn all_is_quiet(&mut self) {
        self.calm().await;
        let resumed = self.office.run(&["transfers", "resume", "--json"]).await;
        assert!([0, 1, 3, 4].contains(&resumed.code), "{resumed:?}");
        self.look(Some(&resumed)).await;
        self.give_up_what_needs_somebody().await;
        let put = self.office.run(&["put", "work/", "--to", "up", "--json"]).await;
        self.look(Some(&put)).await;
        self.every_source_arrived_or_is_told(&put);
        self.give_up_what_needs_somebody().await;
        self.nothing_unfinished_is_left().await;
        let down = self.office.satchel.home().join("down");
        let hidden: Vec<String> = files_below(&down)
            .into_keys()
            .filter(|name| name.contains(".part") || name.contains(".satchel-"))
            .collect();
        assert_eq!(hidden, Vec::<String>::new(), "partial files were left");
    }

    /// What needs somebody says why, and can be given up; nothing else is left.
    async fn give_up_what_needs_somebody(&self) {
        for transfer in self.office.transfers().await {
            assert_eq!(transfer["state"], "needsYou", "{transfer}");
            assert!(transfer["error"]["title"].is_string(), "{transfer}");
            self.office.run(&["transfers", "cancel", &transfer["id"].to_string()]).await.ok();
        }
        assert_eq!(self.office.transfers().await, Vec::<Value>::new());
    }

    /// An upload whose name was lost with the answer to its beginning can't be known as ours: it has no part, and the
    /// store sweeps it. There is none of a file in more calls than may have lost an answer, and every other upload is
    /// finished or taken back.
    async fn nothing_unfinished_is_left(&self) {
        let unfinished = self.office.practice.unfinished_uploads().await.unwrap();
        let known: Vec<_> = unfinished.iter().filter(|upload| !upload.part_numbers.is_empty()).collect();
        assert!(known.is_empty(), "{known:?}");
        let mut nameless: BTreeMap<&str, usize> = BTreeMap::new();
        for upload in &unfinished {
            *nameless.entry(&upload.key).or_default() += 1;
        }
        let most = self.calls_that_lost * ANSWERS_LOST_IN_A_CALL;
        assert!(
            nameless.values().all(|count| *count <= most),
            "{} calls lost answers: {nameless:?}",
            self.calls_that_lost
        );
    }

    fn every_source_arrived_or_is_told(&self, put: &Ran) {
        let said = put.json();
        let is_file = |one: &&Value| !one["name"].as_str().is_some_and(|name| name.ends_with('/'));
        let list = |part: &str| -> Vec<Value> {
            said[part].as_array().into_iter().flatten().filter(is_file).cloned().collect()
        };
        let failed = list("failed");
        for failure in &failed {
            assert_eq!(failure["code"], "nameTaken", "{failure}");
        }
        for (name, print) in &self.sources {
            let name = format!("up/{name}");
            let told = failed.iter().any(|failure| failure["name"] == name.as_str());
            assert!(told || self.seen.get(&name) == Some(print), "{name} neither arrived nor was it told: {said}");
        }
        assert_eq!(list("done").len() + failed.len(), self.sources.len(), "{said}");
    }
}

fn files_below(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut files = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        let Ok(entries) = std::fs::read_dir(&next) else { continue };
        for entry in entries {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(folder).unwrap().to_str().unwrap().to_owned();
                files.insert(name, std::fs::read(path).unwrap());
            }
        }
    }
    files
}
