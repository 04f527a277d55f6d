//! `cargo xtask bench`: the engine alone, then Satchel beside what else sends files to S3, with the same files to the same
//! store in the same run.
//! Measures and says which goals are reached; a shared machine is no judge, so it never fails for a figure. It fails when
//! what arrived is not what was sent, and when Satchel itself could not do a job.

mod arrival;
mod cost;
mod folder;
mod install;
mod job;
mod json;
mod options;
mod random;
mod report;
mod store;
mod tool;

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result, bail, ensure};

use crate::process::{built, cargo, run, target_dir};
use crate::setup::{self, Need};
use arrival::Arrival;
use cost::{Cost, measured};
use folder::Folder;
use install::Clients;
use job::{Job, Load};
use options::Options;
use random::Random;
use report::Results;
use store::{Store, StoreKind};
use tool::{Errand, Tool};

pub fn bench(arguments: &[String]) -> Result<()> {
    let options = Options::from(arguments)?;
    ensure!(cfg!(target_os = "linux"), "`bench` measures with GNU time, which is Linux's");
    if options.engine {
        run(cargo().args(["bench", "--locked", "--package", "satchel-core", "--bench", "engine"]))?;
    }
    if options.jobs.is_empty() {
        return Ok(());
    }
    setup::prepare(match options.store {
        StoreKind::Practice => &[Need::Measuring],
        StoreKind::SeaweedFs => &[Need::Measuring, Need::SecondServer],
    })?;
    let satchel = match &options.satchel {
        Some(program) => fs::canonicalize(program).with_context(|| format!("{}", program.display()))?,
        None => release_build()?,
    };
    let clients = Clients::install(&options.tools, satchel)?;
    let results = Bench::start(&options, clients)?.run()?;
    report::print(&options, &results);
    if let Some(file) = &options.json {
        fs::write(file, json::document(&options, &results)).with_context(|| format!("{}", file.display()))?;
    }
    match results.wrong.is_empty() {
        true => Ok(()),
        false => bail!("{}", results.wrong.join("\n")),
    }
}

fn release_build() -> Result<PathBuf> {
    run(cargo().args(["build", "--locked", "--release", "--package", "satchel-cli"]))?;
    built("release", "satchel")
}

/// One is over too soon to be measured well.
const LINKS: usize = 11;

/// A store, what is sent to it, and the folder that both live in.
struct Bench<'o> {
    options: &'o Options,
    clients: Clients,
    load: Load,
    arrival: Arrival,
    store: Store,
    runs: usize,
    // Last: it is removed when the store has stopped.
    folder: Folder,
}

impl<'o> Bench<'o> {
    fn start(options: &'o Options, clients: Clients) -> Result<Self> {
        let folder = Folder::create(&target_dir()?, options.room_bytes())?;
        eprintln!("Files and store are in {}", folder.path().display());
        let load = Load::write(folder.path(), options)?;
        let store = Store::start(options.store, folder.path(), &clients.satchel)?;
        let arrival = Arrival::new(folder.path())?;
        Ok(Self { options, clients, load, arrival, store, runs: 0, folder })
    }

    /// Every round has every job once by every tool, in an order of its own: nobody always finds the machine as the same
    /// neighbour left it.
    fn run(mut self) -> Result<Results> {
        let mut random = Random::new(self.options.seed);
        let mut results = Results::default();
        let mut broken = BTreeSet::new();
        self.warm_up()?;
        for round in 1..=self.options.rounds {
            let mut turns = self.turns();
            random.shuffle(&mut turns);
            for (job, tool) in turns {
                if broken.contains(&(job, tool)) {
                    continue;
                }
                self.runs += 1;
                eprint!("Round {round} of {}: {}, {} … ", self.options.rounds, self.load.title(job), tool.name());
                match self.turn(job, tool) {
                    Ok(cost) => {
                        eprintln!("{:.3} s", cost.wall_seconds);
                        results.add(job, tool, cost);
                    }
                    Err(trouble) => {
                        eprintln!("{:#}", trouble.error);
                        broken.insert((job, tool));
                        results.trouble(format!("{}, {}", self.load.title(job), tool.name()), tool, &trouble);
                    }
                }
            }
        }
        results.titles = self.options.jobs.iter().map(|job| (*job, self.load.title(*job))).collect();
        results.missing = std::mem::take(&mut self.clients.missing);
        results.file_bytes = self.load.bytes(Job::FileUp);
        Ok(results)
    }

    fn turns(&self) -> Vec<(Job, Tool)> {
        let jobs = self.options.jobs.iter();
        jobs.flat_map(|job| self.clients.tools().filter(|tool| tool.does(*job)).map(|tool| (*job, tool))).collect()
    }

    /// Programs and files are read once before anything counts, and what is to be saved is put there.
    fn warm_up(&self) -> Result<()> {
        eprintln!("Warming up");
        self.clients.tools().for_each(|tool| self.clients.touch(tool));
        if self.options.jobs.iter().any(|job| matches!(job, Job::FileDown | Job::Link)) {
            run(self
                .store
                .curl()
                .arg("--upload-file")
                .arg(self.load.source(Job::FileUp))
                .arg(self.store.address(job::FILE_TO_SAVE)))?;
        }
        Ok(())
    }

    /// One job by one tool: into a place that is fresh, looked at afterwards, and removed.
    fn turn(&self, job: Job, tool: Tool) -> Result<Cost, Trouble> {
        let room = Folder::create_in(self.folder.path(), &format!("run-{}", self.runs)).map_err(Trouble::failed)?;
        let key = format!("run-{}", self.runs);
        let errand = Errand { job, store: &self.store, source: self.load.source(job), key: &key, room: room.path() };
        let command = self.clients.command(tool, &errand).map_err(Trouble::failed)?;
        let took = match job {
            Job::Link => (0..LINKS).map(|_| measured(&command, room.path())).collect::<Result<Vec<_>>>(),
            _ => measured(&command, room.path()).map(|cost| vec![cost]),
        };
        let took = took.and_then(|costs| Cost::median(&costs));
        let looked = match (&took, job) {
            (Err(_), _) => Ok(()),
            (Ok(_), Job::Link) => self.arrival.of_link(&self.store, command),
            (Ok(_), Job::FileDown) => self.arrival.of_file(&self.load, &room.path().join(job::FILE_NAME)),
            (Ok(_), _) => self.arrival.of_upload(&self.load, job, &self.store, &key),
        };
        let removed = if job.stores() { self.arrival.remove(&self.store, &key) } else { Ok(()) };
        let cost = took.map_err(Trouble::failed)?;
        looked.map_err(Trouble::wrong)?;
        removed.map_err(Trouble::failed)?;
        Ok(cost)
    }
}

/// Why a turn does not count.
struct Trouble {
    error: anyhow::Error,
    /// It said that all went well, and what arrived was something else.
    wrong: bool,
}

impl Trouble {
    fn failed(error: anyhow::Error) -> Self {
        Self { error, wrong: false }
    }

    fn wrong(error: anyhow::Error) -> Self {
        Self { error, wrong: true }
    }
}
