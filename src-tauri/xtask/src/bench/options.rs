//! What can be asked of `bench`. Every option has one value.

use std::path::PathBuf;
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result, bail, ensure};

use super::job::Job;
use super::store::StoreKind;
use super::tool::Tool;

pub const FULL_SIZE_MIB: u64 = 1024;
const KNOWN: &str = "--only, --tools, --repeat, --store, --size-mib, --seed, --json and --satchel";

/// Beside the jobs: what the engine costs by itself.
const ENGINE: &str = "engine";

pub struct Options {
    /// Links, listings, sorting and searching without a line.
    pub engine: bool,
    pub jobs: Vec<Job>,
    pub tools: Vec<Tool>,
    pub rounds: usize,
    pub store: StoreKind,
    /// Of the one large file; the other jobs get smaller with it, never larger.
    pub size_mib: u64,
    /// Of the order; what is sent is always the same.
    pub seed: u64,
    pub json: Option<PathBuf>,
    pub satchel: Option<PathBuf>,
}

impl Options {
    pub fn from(arguments: &[String]) -> Result<Self> {
        let mut options = Self {
            engine: true,
            jobs: Job::ALL.to_vec(),
            tools: Tool::ALL.to_vec(),
            rounds: 3,
            store: StoreKind::Practice,
            size_mib: FULL_SIZE_MIB,
            seed: seed_of_now(),
            json: None,
            satchel: None,
        };
        let mut words = arguments.iter();
        while let Some(word) = words.next() {
            let mut value = || words.next().with_context(|| format!("`{word}` wants a value"));
            match word.as_str() {
                "--only" => (options.engine, options.jobs) = jobs(value()?)?,
                "--tools" => options.tools = several(value()?, &Tool::ALL, Tool::name)?,
                "--repeat" => options.rounds = value()?.parse()?,
                "--store" => options.store = one(value()?, &StoreKind::ALL, StoreKind::word)?,
                "--size-mib" => options.size_mib = value()?.parse()?,
                "--seed" => options.seed = value()?.parse()?,
                "--json" => options.json = Some(value()?.into()),
                "--satchel" => options.satchel = Some(value()?.into()),
                other => bail!("`bench` does not understand `{other}`; it knows {KNOWN}"),
            }
        }
        let anything = options.engine || !options.jobs.is_empty();
        ensure!(options.size_mib > 0 && options.rounds > 0 && anything, "nothing to measure");
        Ok(options)
    }

    /// How much of a job that is not the large file is left: all of it, or its share of a small run.
    pub fn share_of(&self, count: u64) -> u64 {
        let share = count * self.size_mib.min(FULL_SIZE_MIB) / FULL_SIZE_MIB;
        share.max(count.min(20))
    }

    /// What it takes at most at one time: what is sent, the same in the store, and what is fetched to be looked at. The
    /// store may hold parts and their sum side by side, and be late with removing.
    pub fn room_bytes(&self) -> u64 {
        (self.size_mib.max(self.share_of(FULL_SIZE_MIB)) * 6 + FULL_SIZE_MIB) * 1024 * 1024
    }
}

fn seed_of_now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(1, |since| since.as_secs())
}

fn jobs(words: &str) -> Result<(bool, Vec<Job>)> {
    let (engine, others): (Vec<&str>, Vec<&str>) = words.split(',').partition(|word| *word == ENGINE);
    let jobs = if others.is_empty() { Vec::new() } else { several(&others.join(","), &Job::ALL, Job::word)? };
    Ok((!engine.is_empty(), jobs))
}

/// In the order in which we list them, each once.
fn several<T: Copy>(words: &str, all: &[T], word_of: fn(T) -> &'static str) -> Result<Vec<T>> {
    for word in words.split(',') {
        one(word, all, word_of)?;
    }
    Ok(all.iter().copied().filter(|thing| words.split(',').any(|word| word == word_of(*thing))).collect())
}

fn one<T: Copy>(word: &str, all: &[T], word_of: fn(T) -> &'static str) -> Result<T> {
    let known = || all.iter().map(|thing| word_of(*thing)).collect::<Vec<_>>().join(", ");
    let found = all.iter().copied().find(|thing| word_of(*thing) == word);
    found.with_context(|| format!("`{word}` is none of {}", known()))
}

#[cfg(test)]
mod tests {
    use super::{Job, Options, Tool};

    fn options(words: &[&str]) -> anyhow::Result<Options> {
        Options::from(&words.iter().map(ToString::to_string).collect::<Vec<_>>())
    }

    #[test]
    fn jobs_and_tools_are_chosen_by_their_names() {
        let options = options(&["--only", "small,up", "--tools", "curl,satchel", "--seed", "5"]).unwrap();
        assert_eq!(options.jobs, [Job::FileUp, Job::SmallUp]);
        assert_eq!(options.tools, [Tool::Satchel, Tool::Curl]);
        assert!(!options.engine, "the engine was not asked for");
        assert_eq!((options.rounds, options.size_mib, options.seed), (3, 1024, 5));
    }

    #[test]
    fn the_engine_can_be_measured_alone() {
        let options = options(&["--only", "engine"]).unwrap();
        assert!(options.engine && options.jobs.is_empty());
    }

    #[test]
    fn what_is_not_known_is_refused_with_what_is() {
        let refused = |words: &[&str]| format!("{:#}", options(words).err().unwrap());
        assert_eq!(refused(&["--only", "sideways"]), "`sideways` is none of up, down, small, mixed, link");
        assert_eq!(refused(&["--repeat"]), "`--repeat` wants a value");
        assert_eq!(refused(&["--repeat", "0"]), "nothing to measure");
        assert!(refused(&["--fast", "yes"]).contains("--size-mib"));
    }

    #[test]
    fn a_small_run_is_small_in_every_job_and_a_large_one_only_in_the_file() {
        assert_eq!(options(&["--size-mib", "64"]).unwrap().share_of(2000), 125);
        assert_eq!(options(&["--size-mib", "1"]).unwrap().share_of(2000), 20);
        assert_eq!(options(&["--size-mib", "4096"]).unwrap().share_of(2000), 2000);
    }
}
