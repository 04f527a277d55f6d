//! What can happen: to files, to the store, to the line, to the program.

#![allow(clippy::print_stderr, reason = "what happened is told together with the seed")]

use std::io::Write as _;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use satchel_practice::proxy::Line;
use satchel_practice::{Fault, Operation, Rule};

use super::world::{Print, World};
use crate::office::{MIB, tell, within};
use crate::support::{Ran, bytes};

/// What happens to a program while it runs.
#[derive(Debug, Clone, Copy)]
enum Disturbance {
    None,
    Kill,
    Signal(&'static str),
    Grow,
    Rewrite,
    Down,
}

const DISTURBANCES: [Disturbance; 9] = [
    Disturbance::None,
    Disturbance::None,
    Disturbance::Kill,
    Disturbance::Kill,
    Disturbance::Signal("INT"),
    Disturbance::Signal("TERM"),
    Disturbance::Grow,
    Disturbance::Rewrite,
    Disturbance::Down,
];

impl World {
    pub async fn something_happens(&mut self) {
        match self.dice.below(12) {
            0 | 1 => self.write(),
            2 => self.grow(),
            3 => self.rewrite(),
            4 => self.delete(),
            5 => self.rename(),
            6 => self.colleague().await,
            7 => self.get().await,
            _ => self.put().await,
        }
    }

    fn new_name(&mut self) -> String {
        let folder = ["", "", "sub/", "sub/deep/"][self.dice.below(4) as usize];
        format!("{folder}file-{}.bin", self.dice.below(40))
    }

    fn some_bytes(&mut self) -> Vec<u8> {
        let size = match self.dice.below(10) {
            0 => 0,
            1..=6 => self.dice.below(60_000),
            7 | 8 => self.dice.below(3 * MIB as u64),
            _ => 16 * MIB as u64 + self.dice.below(8 * MIB as u64),
        };
        let mut content = bytes(usize::try_from(size).unwrap());
        // Every version is like no other.
        let mark = self.dice.throw().to_le_bytes();
        let length = content.len().min(mark.len());
        content[..length].copy_from_slice(&mark[..length]);
        content
    }

    fn one_source(&mut self) -> Option<String> {
        let names: Vec<String> = self.sources.keys().cloned().collect();
        self.dice.one_of(&names).cloned()
    }

    fn becomes(&mut self, name: &str, content: &[u8]) {
        let print = Print::of(content);
        self.sources.insert(name.to_owned(), print);
        self.means(&format!("up/{name}"), print);
    }

    pub fn write(&mut self) {
        let (name, content) = (self.new_name(), self.some_bytes());
        eprintln!("  write {name}: {} bytes", content.len());
        self.office.satchel.file(format!("work/{name}"), &content);
        self.becomes(&name, &content);
    }

    fn grow(&mut self) {
        let Some(name) = self.one_source() else { return };
        eprintln!("  grow {name}");
        let path = self.folder().join(&name);
        std::fs::File::options().append(true).open(&path).unwrap().write_all(b"and more").unwrap();
        self.becomes(&name, &std::fs::read(&path).unwrap());
    }

    fn rewrite(&mut self) {
        let Some(name) = self.one_source() else { return };
        let content = self.some_bytes();
        eprintln!("  rewrite {name}: {} bytes", content.len());
        // As most programs save: whole or not at all. Half a file would be a version that the world does not know.
        let (path, aside) = (self.folder().join(&name), self.office.satchel.home().join("aside"));
        std::fs::write(&aside, &content).unwrap();
        std::fs::rename(&aside, path).unwrap();
        self.becomes(&name, &content);
    }

    fn delete(&mut self) {
        let Some(name) = self.one_source() else { return };
        eprintln!("  delete {name}");
        std::fs::remove_file(self.folder().join(&name)).unwrap();
        self.sources.remove(&name);
    }

    fn rename(&mut self) {
        let (Some(old), new) = (self.one_source(), self.new_name()) else { return };
        eprintln!("  rename {old} to {new}");
        let path = self.folder().join(&new);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::rename(self.folder().join(&old), &path).unwrap();
        let print = self.sources.remove(&old).unwrap();
        self.sources.insert(new.clone(), print);
        self.means(&format!("up/{new}"), print);
    }

    async fn colleague(&mut self) {
        let (name, content) = (format!("up/{}", self.new_name()), self.some_bytes());
        if self.office.practice.content(&name).await.unwrap().is_some() {
            return;
        }
        eprintln!("  a colleague puts {name}: {} bytes", content.len());
        self.office.practice.put(&name, &content).await.unwrap();
        self.means(&name, Print::of(&content));
        self.seen.insert(name, Print::of(&content));
    }

    fn misbehave(&mut self) {
        let inside = Fault::ErrorInside200 { code: "InternalError".to_owned() };
        let faults = [
            Fault::slow_down(),
            Fault::refuse(500, "InternalError"),
            Fault::refuse(409, "ConditionalRequestConflict"),
            Fault::Drop,
            Fault::LoseReply,
            Fault::CutRequest { after: self.dice.below(9 * MIB as u64) },
            Fault::CutReply { after: self.dice.below(100) },
            Fault::FlipRequest { at: self.dice.below(60_000) },
            Fault::WithoutHeader("etag"),
            Fault::Delay(Duration::from_millis(self.dice.below(200))),
        ];
        let operations = [Operation::PutObject, Operation::UploadPart, Operation::CompleteMultipartUpload];
        for _ in 0..self.dice.below(4) {
            let operation = *self.dice.one_of(&operations).unwrap();
            let fault = match self.dice.one_of(&faults).unwrap() {
                _ if operation == Operation::CompleteMultipartUpload && self.dice.percent(30) => inside.clone(),
                Fault::Refuse { status: 409, .. } if operation == Operation::UploadPart => Fault::Drop,
                fault => fault.clone(),
            };
            let (passes, times) = (self.dice.below(4), self.dice.below(2) + 1);
            eprintln!("  fault: {operation:?} {fault:?}, {times} times after {passes}");
            self.office.rule(Rule::new(fault).on(operation).after(passes).times(times));
        }
        let breaks = self.dice.below(25);
        let broke = Arc::clone(&self.line_broke);
        self.office.proxy.deal(move |_, dice| {
            let breaks = dice.percent(breaks);
            broke.fetch_or(breaks, Ordering::Relaxed);
            match breaks {
                true if dice.percent(50) => Line::ResetAfter { up: dice.below(4 * MIB as u64) },
                true => Line::CloseAfterAnswer { down: dice.below(400) },
                false => Line::Pass,
            }
        });
    }

    async fn put(&mut self) {
        self.misbehave();
        let conflict = *self.dice.one_of(&["fail", "skip", "keep-both"]).unwrap();
        let again = self.dice.percent(30);
        let words: &[&str] = match again {
            true => &["transfers", "resume", "--json"],
            false => &["put", "work/", "--to", "up", "--conflict", conflict, "--json"],
        };
        let disturbance = *self.dice.one_of(&DISTURBANCES).unwrap();
        eprintln!("  {} with {disturbance:?}", words.join(" "));
        let ran = self.disturbed(words, disturbance).await;
        self.calm().await;
        self.look(ran.as_ref()).await;
    }

    async fn get(&mut self) {
        let names: Vec<String> = self.seen.keys().cloned().collect();
        let Some(name) = self.dice.one_of(&names).cloned() else { return };
        self.office
            .rule(Rule::new(Fault::CutReply { after: self.dice.below(5 * MIB as u64) }).on(Operation::GetObject));
        eprintln!("  get {name}");
        let kill = if self.dice.percent(30) { Disturbance::Kill } else { Disturbance::None };
        let words = ["get", &name, "--to", "down", "--conflict", "keep-both", "--json"];
        let ran = self.disturbed(&words, kill).await;
        self.calm().await;
        self.look(ran.as_ref()).await;
    }

    /// Runs the program and disturbs it after some bytes. `None` if it was killed.
    async fn disturbed(&mut self, words: &[&str], disturbance: Disturbance) -> Option<Ran> {
        let child = self.office.start(words);
        let id = child.id().unwrap();
        let bytes = if self.dice.percent(50) { self.dice.below(20_000) } else { self.dice.below(20 * MIB as u64) };
        let moved = |all: &[satchel_practice::proxy::Connection]| {
            all.iter().map(|one| one.bytes_up + one.bytes_down).sum::<u64>()
        };
        let until = moved(&self.office.proxy.connections()) + bytes;
        let mut ended = Box::pin(child.wait_with_output());
        let early = tokio::select! {
            output = &mut ended => Some(output.unwrap()),
            () = within(self.office.proxy.wait_until(|all| moved(all) >= until), "bytes move or it ends") => None,
        };
        let was_disturbed = early.is_none();
        let output = match early {
            Some(output) => output,
            None => {
                self.disturb(disturbance, id).await;
                within(ended, "the program ends").await.unwrap()
            }
        };
        assert!(!String::from_utf8_lossy(&output.stderr).contains("panicked"), "{output:?}");
        let killed =
            was_disturbed && matches!(disturbance, Disturbance::Kill | Disturbance::Down | Disturbance::Signal(_));
        self.calls_that_lost += usize::from(self.line_broke.swap(false, Ordering::Relaxed) || killed);
        let code = output.status.code();
        assert!(code.is_some() || matches!(disturbance, Disturbance::Kill), "it was {}", output.status);
        let stderr = String::from_utf8(output.stderr).unwrap();
        Some(Ran { code: code?, stdout: output.stdout, stderr })
    }

    async fn disturb(&mut self, disturbance: Disturbance, id: u32) {
        match disturbance {
            Disturbance::None => {}
            Disturbance::Kill => tell(id, "KILL").await,
            Disturbance::Signal(name) => tell(id, name).await,
            Disturbance::Grow => self.grow(),
            Disturbance::Rewrite => self.rewrite(),
            Disturbance::Down => {
                self.office.proxy.go_down().await.unwrap();
                // For as long as a person needs to notice, or less.
                tokio::time::sleep(Duration::from_millis(self.dice.below(1500))).await;
                self.office.proxy.come_up().await.unwrap();
            }
        }
    }

    pub async fn calm(&mut self) {
        self.office.practice.faults().clear();
        self.office.proxy.new_connections(Line::Pass);
    }
}
