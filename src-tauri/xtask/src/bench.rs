//! `satchel put` beside `curl -T`: the same file to the same server in the same run, by turns. Measures and says whether the
//! promises are kept; a shared machine is no judge, so it does not fail when they are not. It fails when what arrived is not what was sent.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};

use crate::process::{built, capture, cargo, program, run, succeeds, target_dir};
use crate::seaweed::{KEY_ID, SECRET, Server};
use crate::setup::{self, Need};

const MOST_WALL_RATIO: f64 = 1.3;
const MOST_MEMORY_KIB: u64 = 150 * 1024;
const BUCKET: &str = "bench";
const REGION: &str = "us-east-1";
const FILE_NAME: &str = "bench.bin";

struct Options {
    size_mib: u64,
    rounds: usize,
    satchel: Option<PathBuf>,
}

/// What one call of a program took.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Cost {
    wall_seconds: f64,
    cpu_seconds: f64,
    memory_kib: u64,
}

pub fn bench(arguments: &[String]) -> Result<()> {
    let options = Options::from(arguments)?;
    ensure!(cfg!(target_os = "linux"), "`bench` measures with GNU time, which is Linux's");
    setup::prepare(&[Need::SecondServer, Need::Measuring])?;
    let satchel = match &options.satchel {
        Some(program) => program.clone(),
        None => release_build()?,
    };
    let bench = Bench::start(options.size_mib, satchel)?;
    eprintln!("Warming up");
    bench.upload_with_curl("warm-up")?;
    let (mut curl, mut satchel) = (Vec::new(), Vec::new());
    for round in 1..=options.rounds {
        eprintln!("Round {round} of {}", options.rounds);
        // By turns, and every other round the other way about: neither always finds the disk as the other left it.
        if round % 2 == 1 {
            curl.push(bench.upload_with_curl("by-curl")?);
            satchel.push(bench.upload_with_satchel("by-satchel")?);
        } else {
            satchel.push(bench.upload_with_satchel("by-satchel")?);
            curl.push(bench.upload_with_curl("by-curl")?);
        }
    }
    report(&options, median(&curl)?, median(&satchel)?);
    Ok(())
}

impl Options {
    fn from(arguments: &[String]) -> Result<Self> {
        let mut options = Self { size_mib: 1024, rounds: 3, satchel: None };
        let mut words = arguments.iter();
        while let Some(word) = words.next() {
            let value = words.next().with_context(|| format!("`{word}` wants a value"))?;
            match word.as_str() {
                "--size-mib" => options.size_mib = value.parse()?,
                "--repeat" => options.rounds = value.parse()?,
                "--satchel" => options.satchel = Some(value.into()),
                other => bail!("`bench` does not understand `{other}`; it knows --size-mib, --repeat and --satchel"),
            }
        }
        ensure!(options.size_mib > 0 && options.rounds > 0, "nothing to measure");
        Ok(options)
    }
}

fn release_build() -> Result<PathBuf> {
    run(cargo().args(["build", "--locked", "--release", "--package", "satchel-cli"]))?;
    built("release", "satchel")
}

/// A server, a file, and the folder both live in.
struct Bench {
    server: Server,
    satchel: PathBuf,
    file: PathBuf,
    checksum: String,
    // Last: it is removed when the server has stopped.
    folder: Folder,
}

impl Bench {
    fn start(size_mib: u64, satchel: PathBuf) -> Result<Self> {
        let folder = Folder::create(target_dir()?.join("bench"))?;
        let file = folder.0.join(FILE_NAME);
        write_file(&file, size_mib)?;
        let checksum = capture(program("sha256sum").arg(&file))?;
        let checksum = checksum.split(' ').next().unwrap_or_default().to_owned();
        let server = Server::start(&folder.0.join("store"))?;
        let bench = Self { server, satchel, file, checksum, folder };
        bench.create_bucket()?;
        Ok(bench)
    }

    /// It takes some seconds until the server can.
    fn create_bucket(&self) -> Result<()> {
        let started = Instant::now();
        while !succeeds(self.curl().args(["-X", "PUT"]).arg(self.address(""))) {
            ensure!(started.elapsed() < Duration::from_secs(60), "SeaweedFS did not answer within a minute");
            std::thread::sleep(Duration::from_millis(200));
        }
        Ok(())
    }

    fn upload_with_curl(&self, to: &str) -> Result<Cost> {
        let address = self.address(&format!("{to}/{FILE_NAME}"));
        let mut curl = self.measured("curl");
        let cost = self.take(signed(&mut curl).arg("--upload-file").arg(&self.file).arg(&address))?;
        self.check_and_remove(&address)?;
        Ok(cost)
    }

    fn upload_with_satchel(&self, to: &str) -> Result<Cost> {
        let mut satchel = self.measured(&self.satchel);
        satchel
            .args(["--bucket", BUCKET, "--region", REGION, "--endpoint-url", &self.server.endpoint, "--no-progress"])
            .arg("--state-dir")
            .arg(self.folder.0.join("state"))
            .arg("put")
            .arg(&self.file)
            .args(["--to", to])
            .env("AWS_ACCESS_KEY_ID", KEY_ID)
            .env("AWS_SECRET_ACCESS_KEY", SECRET);
        let cost = self.take(&mut satchel)?;
        self.check_and_remove(&self.address(&format!("{to}/{FILE_NAME}")))?;
        Ok(cost)
    }

    /// The program under GNU time, which leaves its figures in a file.
    fn measured(&self, name: impl AsRef<std::ffi::OsStr>) -> Command {
        let mut command = program("/usr/bin/time");
        command.args(["-f", "%e %U %S %M", "-o"]).arg(self.figures()).arg("--").arg(name);
        command
    }

    fn figures(&self) -> PathBuf {
        self.folder.0.join("figures")
    }

    fn take(&self, measured: &mut Command) -> Result<Cost> {
        run(measured.stdout(Stdio::null()))?;
        Cost::read(&fs::read_to_string(self.figures())?)
    }

    fn check_and_remove(&self, address: &str) -> Result<()> {
        let arrived = self.folder.0.join("arrived");
        run(self.curl().arg("--output").arg(&arrived).arg(address))?;
        let checksum = capture(program("sha256sum").arg(&arrived))?;
        fs::remove_file(&arrived)?;
        ensure!(checksum.starts_with(&self.checksum), "{address}: what arrived is not what was sent");
        run(self.curl().args(["-X", "DELETE"]).arg(address))
    }

    fn curl(&self) -> Command {
        let mut curl = program("curl");
        signed(&mut curl);
        curl
    }

    fn address(&self, key: &str) -> String {
        format!("{}/{BUCKET}/{key}", self.server.endpoint)
    }
}

/// As light as curl can: the signature covers the request but not the body.
fn signed(curl: &mut Command) -> &mut Command {
    curl.args(["--silent", "--show-error", "--fail", "--aws-sigv4", &format!("aws:amz:{REGION}:s3")]).args([
        "--user",
        &format!("{KEY_ID}:{SECRET}"),
        "--header",
        "x-amz-content-sha256: UNSIGNED-PAYLOAD",
    ])
}

/// Bytes that nothing on the way can shrink, the same in every run.
fn write_file(path: &Path, size_mib: u64) -> Result<()> {
    let mut file = std::io::BufWriter::new(fs::File::create(path)?);
    let mut state = 0x9E37_79B9_7F4A_7C15_u64;
    for _ in 0..size_mib * 1024 * 1024 / 8 {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        file.write_all(&state.to_le_bytes())?;
    }
    file.flush()?;
    Ok(())
}

impl Cost {
    fn read(figures: &str) -> Result<Self> {
        let words: Vec<&str> = figures.lines().last().unwrap_or_default().split(' ').collect();
        let [wall, user, system, memory] = words.as_slice() else { bail!("`time` said “{figures}”") };
        Ok(Self {
            wall_seconds: wall.parse()?,
            cpu_seconds: user.parse::<f64>()? + system.parse::<f64>()?,
            memory_kib: memory.parse()?,
        })
    }
}

/// The middle of each figure by itself.
fn median(costs: &[Cost]) -> Result<Cost> {
    let middle = |figure: fn(&Cost) -> f64| {
        let mut figures: Vec<f64> = costs.iter().map(figure).collect();
        figures.sort_by(f64::total_cmp);
        figures.get(figures.len() / 2).copied().context("no round was run")
    };
    Ok(Cost {
        wall_seconds: middle(|cost| cost.wall_seconds)?,
        cpu_seconds: middle(|cost| cost.cpu_seconds)?,
        memory_kib: costs.iter().map(|cost| cost.memory_kib).max().context("no round was run")?,
    })
}

fn report(options: &Options, curl: Cost, satchel: Cost) {
    println!("{} MiB to SeaweedFS on loopback: median of {} rounds, highest memory", options.size_mib, options.rounds);
    println!("                 wall       CPU    memory");
    for (name, cost) in [("curl -T", curl), ("satchel put", satchel)] {
        let mib = cost.memory_kib / 1024;
        println!("{name:<12} {:>6.2} s  {:>6.2} s  {mib:>4} MiB", cost.wall_seconds, cost.cpu_seconds);
    }
    let ratio = satchel.wall_seconds / curl.wall_seconds;
    let kept = |it: bool| if it { "kept" } else { "NOT kept" };
    println!("wall, satchel to curl: {ratio:.2} (at most {MOST_WALL_RATIO}): {}", kept(ratio <= MOST_WALL_RATIO));
    println!("memory under {} MiB: {}", MOST_MEMORY_KIB / 1024, kept(satchel.memory_kib < MOST_MEMORY_KIB));
}

/// A folder of our own, gone when we are.
struct Folder(PathBuf);

impl Folder {
    fn create(path: PathBuf) -> Result<Self> {
        if path.exists() {
            fs::remove_dir_all(&path)?;
        }
        fs::create_dir_all(&path)?;
        Ok(Self(path))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // What cannot be removed now is removed before the next run.
        let _ = fs::remove_dir_all(&self.0);
    }
}

#[cfg(test)]
mod tests {
    use super::{Cost, median};

    #[test]
    fn figures_are_the_last_line_of_what_time_wrote() {
        let cost = Cost::read("Command exited with non-zero status 1\n1.50 0.25 0.50 11796\n").unwrap();
        assert_eq!(cost, Cost { wall_seconds: 1.5, cpu_seconds: 0.75, memory_kib: 11_796 });
        assert!(Cost::read("").is_err());
    }

    #[test]
    fn the_median_is_of_each_figure_and_memory_is_the_highest() {
        let cost = |wall_seconds, memory_kib| Cost { wall_seconds, cpu_seconds: 1.0, memory_kib };
        let middle = median(&[cost(9.0, 1), cost(1.0, 3), cost(2.0, 2)]).unwrap();
        assert_eq!(middle, cost(2.0, 3));
        assert!(median(&[]).is_err());
    }
}
