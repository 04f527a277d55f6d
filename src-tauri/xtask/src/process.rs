//! Starting other programs, and where things lie. Every program starts in the project's root and without what `cargo run`
//! adds to the environment, because build scripts notice that and build again.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

/// One set of features for every build, lint and test, so that each dependency is compiled once.
pub const ALL_FEATURES: [&str; 2] = ["--features", "bundled-ui,automation"];

/// The failure was printed by the program that failed.
#[derive(Debug)]
pub struct AlreadyTold;

impl std::fmt::Display for AlreadyTold {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("it did not work; the lines above say why")
    }
}

impl std::error::Error for AlreadyTold {}

/// The project's root: this crate's grandparent.
pub fn root() -> PathBuf {
    let package =
        std::env::var_os("CARGO_MANIFEST_DIR").map_or_else(|| env!("CARGO_MANIFEST_DIR").into(), PathBuf::from);
    package.ancestors().nth(2).map_or(package.clone(), Path::to_path_buf)
}

/// Where cargo puts what it builds: two levels above this program, however that was configured.
pub fn target_dir() -> Result<PathBuf> {
    let program = std::env::current_exe().context("where this program lies")?;
    let folder = program.ancestors().nth(2).context("this program does not lie in a target folder")?;
    Ok(folder.to_path_buf())
}

/// A program built by us: `profile` is `debug`, `release` or `soak`.
pub fn built(profile: &str, name: &str) -> Result<PathBuf> {
    Ok(target_dir()?.join(profile).join(format!("{name}{}", std::env::consts::EXE_SUFFIX)))
}

/// Any program, to be started in the root.
pub fn program(name: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(name);
    command.current_dir(root());
    for (key, _) in std::env::vars_os() {
        let name = key.to_string_lossy();
        if name == "CARGO" || name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_") {
            command.env_remove(&key);
        }
    }
    command
}

pub fn cargo() -> Command {
    program("cargo")
}

/// npm, in `ui/`.
pub fn npm() -> Command {
    let mut command = program(if cfg!(windows) { "npm.cmd" } else { "npm" });
    command.current_dir(root().join("ui")).env("npm_config_update_notifier", "false").env("npm_config_fund", "false");
    command
}

/// Runs to its end with our terminal; fails when it fails.
pub fn run(command: &mut Command) -> Result<()> {
    let status = command.status().with_context(|| format!("`{}` could not be started", line(command)))?;
    if !status.success() {
        bail!("`{}` failed ({status})", line(command));
    }
    Ok(())
}

/// As `run`, for a program whose own last lines must stay the last.
pub fn run_as_last(command: &mut Command) -> Result<()> {
    let status = command.status().with_context(|| format!("`{}` could not be started", line(command)))?;
    if status.success() { Ok(()) } else { Err(AlreadyTold.into()) }
}

/// Runs to its end and gives its standard output.
pub fn capture(command: &mut Command) -> Result<String> {
    let output = command
        .stderr(Stdio::inherit())
        .output()
        .with_context(|| format!("`{}` could not be started", line(command)))?;
    if !output.status.success() {
        bail!("`{}` failed ({})", line(command), output.status);
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Whether it starts and succeeds; prints nothing.
pub fn succeeds(command: &mut Command) -> bool {
    command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

fn line(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words.map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ")
}
