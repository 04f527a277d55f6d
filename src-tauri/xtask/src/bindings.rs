//! The page's view of the Rust types. A test in the desktop package compares it with the committed file; the same test writes it.

use std::fs;

use anyhow::Result;

use crate::process::{ALL_FEATURES, cargo, root, run};
use crate::setup::{self, Need};

const TEST: &str = "package(satchel-desktop) and test(bindings_are_up_to_date)";

pub fn write() -> Result<()> {
    setup::prepare(&[Need::Build, Need::CheckingTools])?;
    page_stub()?;
    run(cargo()
        .args(["nextest", "run", "--locked", "--workspace", "--lib"])
        .args(ALL_FEATURES)
        .args(["--filterset", TEST])
        .env("SATCHEL_WRITE_BINDINGS", "1"))
}

/// The app does not compile without a page, and the page may not build before its types are written.
fn page_stub() -> Result<()> {
    let page = root().join("ui/dist/index.html");
    if !page.exists() {
        fs::create_dir_all(root().join("ui/dist"))?;
        fs::write(&page, "<!doctype html><title>Satchel</title>")?;
        // Older than any source, so that the next build of the page replaces it.
        fs::File::options().write(true).open(&page)?.set_modified(std::time::SystemTime::UNIX_EPOCH)?;
    }
    Ok(())
}
