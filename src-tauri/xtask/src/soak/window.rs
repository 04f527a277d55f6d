//! Very many files dropped on the real app while a person uses it: memory, answers, Cancel. In a build that is a release but
//! for the link.

use anyhow::{Context, Result, bail};

use crate::process::{ALL_FEATURES, cargo, run, run_as_last};
use crate::setup::{self, Need};
use crate::test::surroundings;

/// The profile, and the folder that it is built in.
const PROFILE: &str = "soak";

pub fn soak(arguments: &[String]) -> Result<()> {
    let files = match arguments {
        [] => None,
        [word, number] if word == "--files" => {
            Some(number.parse::<u64>().with_context(|| format!("`--files {number}`: that is no number"))?)
        }
        _ => bail!("`soak --window` understands only `--files N`"),
    };
    setup::prepare(&[Need::Build, Need::VirtualDesktop])?;
    setup::build_page()?;
    let build = ["--locked", "--workspace", "--profile", PROFILE];
    run(cargo().arg("build").args(build).args(ALL_FEATURES))?;
    let mut command = cargo();
    command.arg("test").args(build).args(ALL_FEATURES).args(["--test", "soak", "--", "--ignored", "--nocapture"]);
    if let Some(files) = files {
        command.env("SATCHEL_SOAK_FILES", files.to_string());
    }
    run_as_last(command.envs(surroundings(PROFILE)?))
}
