//! From a fresh clone to Satchel on the practice place. Without a display: the main job on a virtual one, and what was seen.

use anyhow::{Result, bail};

use crate::process::{ALL_FEATURES, built, cargo, program, run as run_program};
use crate::setup::{self, Need};
use crate::test;

pub fn run(arguments: &[String]) -> Result<()> {
    let mut profile = "debug";
    let mut virtual_display = has_no_display();
    for argument in arguments {
        match argument.as_str() {
            "--release" => profile = "release",
            "--headless" if cfg!(target_os = "linux") => virtual_display = true,
            other => bail!("`run` does not understand `{other}`; it knows --release and, on Linux, --headless"),
        }
    }
    if virtual_display { tour(profile) } else { open(profile) }
}

fn has_no_display() -> bool {
    let is_set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    cfg!(target_os = "linux") && !is_set("DISPLAY") && !is_set("WAYLAND_DISPLAY")
}

/// Opens Satchel and stays until it is quit.
fn open(profile: &str) -> Result<()> {
    setup::prepare(&[Need::Build])?;
    setup::build_page()?;
    build(profile, &["--features", "bundled-ui"])?;
    eprintln!("Opening Satchel on the practice place. Closing the window leaves it in the tray; Ctrl+C here ends it.");
    run_program(program(built(profile, "satchel-desktop")?).arg("--practice"))
}

/// Does the main job through the window of the real app and says what it saw.
fn tour(profile: &str) -> Result<()> {
    setup::prepare(&[Need::Build, Need::VirtualDesktop])?;
    setup::build_page()?;
    build(profile, &ALL_FEATURES)?;
    eprintln!("No display here: Satchel opens on a virtual one.");
    run_program(program(built(profile, "satchel-tour")?).envs(test::surroundings(profile)?))
}

/// All programs at once, never one package alone: other sets of features would build the dependencies again.
fn build(profile: &str, features: &[&str]) -> Result<()> {
    let mut build = cargo();
    build.args(["build", "--locked", "--workspace", "--exclude", "satchel-xtask", "--bins"]).args(features);
    if profile == "release" {
        build.arg("--release");
    }
    run_program(&mut build)
}
