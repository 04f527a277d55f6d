//! Everything that must hold, in one command: what is quick first, and the test runner's own count last.

use std::ffi::OsString;
use std::fs;
use std::time::Instant;

use anyhow::{Result, anyhow, bail};

use crate::process::{ALL_FEATURES, built, cargo, npm, root, run, run_as_last};
use crate::setup::{self, EVERYTHING};
use crate::{directions, justified, seaweed, sizes};

/// Where the pictures of every screen are left, wherever the build lies.
const SCREENSHOTS: &str = "target/screenshots";

#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    All,
    Lint,
    Ui,
    Rust,
    EndToEnd,
}

impl Part {
    fn from(arguments: &[String]) -> Result<Self> {
        let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
        match words.as_slice() {
            [] => Ok(Self::All),
            ["--only", "lint"] => Ok(Self::Lint),
            ["--only", "ui"] => Ok(Self::Ui),
            ["--only", "rust"] => Ok(Self::Rust),
            ["--only", "e2e"] => Ok(Self::EndToEnd),
            _ => bail!("`test` understands only `--only lint`, `--only ui`, `--only rust` and `--only e2e`"),
        }
    }

    fn includes(self, part: Self) -> bool {
        self == Self::All || self == part
    }
}

pub fn test(arguments: &[String]) -> Result<()> {
    let part = Part::from(arguments)?;
    let steps = Steps { started: Instant::now() };
    steps.step("set-up", "setup", || setup::prepare(&EVERYTHING))?;
    steps.step("page: build", "test --only ui", setup::build_page)?;
    if part.includes(Part::Lint) {
        lint(&steps)?;
    }
    if part.includes(Part::Ui) {
        page(&steps)?;
    }
    match part {
        Part::All => tests(&steps, "all()"),
        Part::Rust => tests(&steps, "not package(satchel-e2e)"),
        Part::EndToEnd => tests(&steps, "package(satchel-e2e)"),
        Part::Lint | Part::Ui => Ok(()),
    }
}

fn lint(steps: &Steps) -> Result<()> {
    let again = "test --only lint";
    steps.step("format", again, || run(cargo().args(["fmt", "--all", "--check"])))?;
    steps.step("sizes", again, sizes::check)?;
    steps.step("directions", again, directions::check)?;
    steps.step("dependencies: each with its reason", again, justified::check)?;
    steps.step("licences, sources, banned packages", again, packages)?;
    steps.step("clippy", again, || {
        let everything = ["clippy", "--locked", "--workspace", "--all-targets"];
        run(cargo().args(everything).args(ALL_FEATURES).args(["--", "-D", "warnings"]))
    })
}

fn packages() -> Result<()> {
    let mut checks = vec!["bans", "licenses", "sources"];
    // The advisory database is fetched with git from outside, which not every machine may do.
    if std::env::var_os("SATCHEL_ADVISORIES").is_some_and(|value| value == "1") {
        checks.push("advisories");
    }
    run(cargo().args(["deny", "--locked", "--log-level", "error", "check", "--hide-inclusion-graph"]).args(checks))
}

fn page(steps: &Steps) -> Result<()> {
    let again = "test --only ui";
    let script = |name: &'static str| move || run(npm().args(["run", "--silent", name]));
    steps.step("page: lint", again, script("lint"))?;
    steps.step("page: format", again, script("format:check"))?;
    steps.step("page: types", again, script("check"))?;
    steps.step("page: tests", again, script("test"))
}

/// Builds every program and test, then runs the chosen tests. Nothing may be printed after the runner's summary.
fn tests(steps: &Steps, which: &str) -> Result<()> {
    steps.step("build", "test --only rust", || {
        run(cargo().args(["build", "--locked", "--workspace", "--all-targets"]).args(ALL_FEATURES))
    })?;
    steps.header("tests (only some: cargo xtask test --only rust, or e2e)");
    run_as_last(
        cargo()
            .args(["nextest", "run", "--locked", "--workspace"])
            .args(ALL_FEATURES)
            .args(["--filterset", which])
            .envs(surroundings("debug")?),
    )
}

/// What the tests and the tour are told: the real programs, the second server, where pictures go.
pub fn surroundings(profile: &str) -> Result<Vec<(&'static str, OsString)>> {
    let screenshots = root().join(SCREENSHOTS);
    fs::create_dir_all(&screenshots)?;
    let mut told = vec![
        ("SATCHEL_APP", built(profile, "satchel-desktop")?.into()),
        ("SATCHEL_CLI", built(profile, "satchel")?.into()),
        ("SATCHEL_SCREENSHOTS", screenshots.into()),
        // File names are UTF-8 in every test, also where the machine has no locale at all.
        ("LC_ALL", "C.UTF-8".into()),
    ];
    if let Some(weed) = seaweed::binary()? {
        told.push(("SATCHEL_WEED", weed.into()));
    }
    Ok(told)
}

/// Says what is being done, since when, and how to do only that again.
struct Steps {
    started: Instant,
}

impl Steps {
    fn header(&self, name: &str) {
        let seconds = self.started.elapsed().as_secs();
        eprintln!("\n{:>3}:{:02}  {name}", seconds / 60, seconds % 60);
    }

    fn step(&self, name: &str, again: &str, work: impl FnOnce() -> Result<()>) -> Result<()> {
        self.header(name);
        work().map_err(|error| anyhow!("{error:#}\n“{name}” failed. Only this part again: `cargo xtask {again}`"))
    }
}
