//! The packages people install, and the promise about the size of the program in them.

use std::fs;
use std::path::Path;

use anyhow::{Result, ensure};

use crate::process::{built, program, root, run, target_dir};
use crate::setup::{self, Need};

const LARGEST_PROGRAM_BYTES: u64 = 25_000_000;

pub fn package() -> Result<()> {
    setup::prepare(&[Need::Build])?;
    let tauri = root().join("ui/node_modules/.bin").join(if cfg!(windows) { "tauri.cmd" } else { "tauri" });
    let mut build = program(tauri);
    // Without the feature `automation`: what people install must not open itself to a driver.
    build.arg("build");
    if cfg!(target_os = "linux") {
        build.args(["--bundles", "deb,rpm"]);
    }
    run(&mut build)?;
    report(&built("release", "satchel-desktop")?, &target_dir()?.join("release/bundle"))
}

fn report(app: &Path, bundles: &Path) -> Result<()> {
    let size = fs::metadata(app)?.len();
    println!("{}  {}", megabytes(size), app.display());
    for kind in fs::read_dir(bundles)?.flatten() {
        for file in fs::read_dir(kind.path())?.flatten() {
            let found = file.metadata()?;
            if found.is_file() {
                println!("{}  {}", megabytes(found.len()), file.path().display());
            }
        }
    }
    ensure!(
        size < LARGEST_PROGRAM_BYTES,
        "the app has {}; under {} is the promise",
        megabytes(size),
        megabytes(LARGEST_PROGRAM_BYTES)
    );
    Ok(())
}

fn megabytes(bytes: u64) -> String {
    format!("{:>3}.{:02} MB", bytes / 1_000_000, bytes % 1_000_000 / 10_000)
}
