//! `cargo xtask`: everything that is done to this project, in one place. Reads the verb and hands over; does nothing itself.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a tool for a terminal: printing is its job")]

mod bench;
mod bindings;
mod directions;
mod fix;
mod justified;
mod package;
mod process;
mod run;
mod seaweed;
mod setup;
mod sizes;
mod soak;
mod test;

use std::process::ExitCode;

const HELP: &str = "\
Satchel, for people who work on it

  cargo xtask run        install what is missing, build, open Satchel on the practice place;
                         without a display: do the main job on a virtual one and say what was seen
      --release            the optimised build
      --headless           on a virtual display although there is a real one
  cargo xtask test       everything: format, lints, dependencies, sizes, page, engine, command line, the real app
      --only PART          lint, ui, rust or e2e
  cargo xtask fix        format and repair what the lints can repair by themselves
  cargo xtask bindings   write ui/src/lib/backend/bindings.ts from the Rust types
  cargo xtask package    .deb and .rpm (elsewhere: what the platform has), with their sizes
  cargo xtask bench      Satchel beside curl, s5cmd, rclone, aws-cli, s3cmd, obstore and opendal: the same files to
                         the same store in the same run; installs them, says which goals are reached. First the engine alone
      --only JOB,...       engine, up, down (one file of 1 GiB), small (2,000 of 16 KiB up), mixed (300 of 1 KiB to
                           32 MiB up)
      --tools NAME,...     only these
      --repeat N           another number of rounds (3)
      --store NAME         practice, or seaweedfs
      --size-mib N         another size of the one file; below 1024 the other jobs shrink with it
      --seed N             the order of an earlier run
      --json FILE          the figures for other programs
      --satchel PROGRAM    another build of `satchel` than the release build of this tree
  cargo xtask soak       what takes long: the random run over 200 seeds, 100,000 files at once
      --seeds N            another number of seeds
      --seed N             this one alone, to see again what went wrong
      --files N            another number of files
      --window             instead: so many files dropped on the real app while it is used; then only `--files N`
  cargo xtask sizes      files and command bodies that have outgrown their room
  cargo xtask setup      only install what run and test need

SATCHEL_ADVISORIES=1 adds the advisory database to `test` (needs the network).
";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match dispatch(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // A test run ends with the runner's own count; whoever failed silently has said what there was to say.
            if !error.is::<process::AlreadyTold>() {
                eprintln!("\nerror: {error:#}");
            }
            ExitCode::FAILURE
        }
    }
}

fn dispatch(arguments: &[String]) -> anyhow::Result<()> {
    let Some((verb, rest)) = arguments.split_first() else {
        print!("{HELP}");
        return Ok(());
    };
    match verb.as_str() {
        "run" => run::run(rest),
        "test" => test::test(rest),
        "fix" => nothing_after(rest, fix::fix),
        "bindings" => nothing_after(rest, bindings::write),
        "package" => nothing_after(rest, package::package),
        "bench" => bench::bench(rest),
        "soak" => soak::soak(rest),
        "sizes" => nothing_after(rest, sizes::report),
        "setup" => nothing_after(rest, setup::everything),
        "help" | "--help" | "-h" => {
            print!("{HELP}");
            Ok(())
        }
        other => anyhow::bail!("there is no `cargo xtask {other}`; `cargo xtask` alone lists what there is"),
    }
}

fn nothing_after(rest: &[String], verb: impl FnOnce() -> anyhow::Result<()>) -> anyhow::Result<()> {
    match rest.first() {
        Some(extra) => anyhow::bail!("`{extra}` is not understood here; `cargo xtask` alone lists what there is"),
        None => verb(),
    }
}
