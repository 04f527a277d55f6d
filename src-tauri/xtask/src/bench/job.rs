//! What is to be done, and the files it is done with: the same in every run, and such that nothing on the way can shrink
//! them or take one for the other.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use super::options::Options;
use super::random::Random;
use crate::process::{capture, program};

pub const FILE_NAME: &str = "bench.bin";
/// Where the file that is to be saved lies in the store.
pub const FILE_TO_SAVE: &str = "to-save/bench.bin";

const SMALL_FILES: u64 = 2000;
const SMALL_BYTES: u64 = 16 * 1024;
const MIXED_FILES: u64 = 300;
const SMALLEST_MIXED: f64 = 1024.0;
const LARGEST_MIXED: f64 = 32.0 * 1024.0 * 1024.0;
const FILES_PER_FOLDER: u64 = 100;
const SEED: u64 = 20_261_124;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Job {
    FileUp,
    FileDown,
    SmallUp,
    MixedUp,
    /// A link to a file that is there, without trying it.
    Link,
}

impl Job {
    pub const ALL: [Job; 5] = [Job::FileUp, Job::FileDown, Job::SmallUp, Job::MixedUp, Job::Link];

    pub fn word(self) -> &'static str {
        match self {
            Job::FileUp => "up",
            Job::FileDown => "down",
            Job::SmallUp => "small",
            Job::MixedUp => "mixed",
            Job::Link => "link",
        }
    }

    /// Whether it leaves something in the store that is looked at and removed.
    pub fn stores(self) -> bool {
        !matches!(self, Job::FileDown | Job::Link)
    }

    /// A whole folder, not one file.
    pub fn is_folder(self) -> bool {
        matches!(self, Job::SmallUp | Job::MixedUp)
    }
}

/// One file of a job: its name below what is sent, its length, what it must hash to.
#[derive(Clone, Debug)]
pub struct Piece {
    pub name: String,
    pub bytes: u64,
    pub sha256: String,
}

/// Everything that is sent.
pub struct Load {
    file: Source,
    small: Source,
    mixed: Source,
}

struct Source {
    path: PathBuf,
    pieces: Vec<Piece>,
}

impl Load {
    /// Writes what the chosen jobs need.
    pub fn write(folder: &Path, options: &Options) -> Result<Self> {
        let wanted = |jobs: &[Job]| jobs.iter().any(|job| options.jobs.contains(job));
        let mut chance = Chance::new();
        let one = vec![(FILE_NAME.to_owned(), options.size_mib * 1024 * 1024)];
        let small = (0..options.share_of(SMALL_FILES)).map(|number| (name(number), SMALL_BYTES)).collect();
        let mixed = (0..options.share_of(MIXED_FILES)).map(|number| (name(number), mixed_bytes(&mut chance.random)));
        let mixed: Vec<_> = mixed.collect();
        let mut source = |name: &str, files: Vec<_>, jobs: &[Job]| {
            Source::write(folder.join(name), if wanted(jobs) { files } else { Vec::new() }, &mut chance)
        };
        Ok(Self {
            file: source("file", one, &[Job::FileUp, Job::FileDown, Job::Link])?,
            small: source("small", small, &[Job::SmallUp])?,
            mixed: source("mixed", mixed, &[Job::MixedUp])?,
        })
    }

    /// The file or folder to send.
    pub fn source(&self, job: Job) -> PathBuf {
        let path = &self.of(job).path;
        if job.is_folder() { path.clone() } else { path.join(FILE_NAME) }
    }

    pub fn pieces(&self, job: Job) -> &[Piece] {
        &self.of(job).pieces
    }

    pub fn bytes(&self, job: Job) -> u64 {
        self.pieces(job).iter().map(|piece| piece.bytes).sum()
    }

    pub fn title(&self, job: Job) -> String {
        let (count, mib) = (self.pieces(job).len(), self.bytes(job) / (1024 * 1024));
        match job {
            Job::FileUp => format!("one file of {mib} MiB up"),
            Job::FileDown => format!("one file of {mib} MiB down"),
            Job::SmallUp => format!("{count} files of {} KiB up", SMALL_BYTES / 1024),
            Job::MixedUp => format!("{count} mixed files up, {mib} MiB"),
            Job::Link => "one link, not tried".to_owned(),
        }
    }

    fn of(&self, job: Job) -> &Source {
        match job {
            Job::FileUp | Job::FileDown | Job::Link => &self.file,
            Job::SmallUp => &self.small,
            Job::MixedUp => &self.mixed,
        }
    }
}

impl Source {
    fn write(path: PathBuf, files: Vec<(String, u64)>, chance: &mut Chance) -> Result<Self> {
        fs::create_dir(&path)?;
        for (name, bytes) in &files {
            let file = path.join(name);
            fs::create_dir_all(file.parent().context("a file without a folder")?)?;
            chance.fill(&file, *bytes)?;
        }
        if files.is_empty() {
            return Ok(Self { path, pieces: Vec::new() });
        }
        let sums = capture(program("sha256sum").args(files.iter().map(|(name, _)| name)).current_dir(&path))?;
        let sums = sums.lines().map(|line| line.split(' ').next().unwrap_or_default().to_owned());
        let pieces = files.into_iter().zip(sums).map(|((name, bytes), sha256)| Piece { name, bytes, sha256 }).collect();
        Ok(Self { path, pieces })
    }
}

fn name(number: u64) -> String {
    format!("folder-{:02}/file-{number:04}.bin", number / FILES_PER_FOLDER)
}

/// As many from 1 KiB to 2 as from 16 MiB to 32: that is how files in an office are spread.
fn mixed_bytes(random: &mut Random) -> u64 {
    (SMALLEST_MIXED * (LARGEST_MIXED / SMALLEST_MIXED).powf(random.fraction())) as u64
}

/// Random bytes quickly: pieces of one pool, each from another spot.
struct Chance {
    random: Random,
    pool: Vec<u8>,
}

impl Chance {
    const POOL_BYTES: usize = 8 * 1024 * 1024;
    const PIECE_BYTES: usize = 64 * 1024;

    fn new() -> Self {
        let mut random = Random::new(SEED);
        let pool = (0..Self::POOL_BYTES / 8).flat_map(|_| random.next().to_le_bytes()).collect();
        Self { random, pool }
    }

    fn fill(&mut self, path: &Path, bytes: u64) -> Result<()> {
        let mut file = fs::File::create(path)?;
        let mut left = usize::try_from(bytes)?;
        while left > 0 {
            let length = left.min(Self::PIECE_BYTES);
            let start = self.random.below(self.pool.len() - length);
            file.write_all(self.pool.get(start..start + length).context("outside of the pool")?)?;
            left -= length;
        }
        Ok(())
    }
}
