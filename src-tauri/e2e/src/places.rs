//! Where the programs under test lie and where pictures go: told by `cargo xtask`, else found beside the test itself.

use std::env;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

/// The desktop app.
pub fn app() -> Result<PathBuf> {
    program("SATCHEL_APP", "satchel-desktop")
}

/// The command line.
pub fn cli() -> Result<PathBuf> {
    program("SATCHEL_CLI", "satchel")
}

pub fn screenshots() -> PathBuf {
    env::var_os("SATCHEL_SCREENSHOTS").map_or_else(|| root().join("target/screenshots"), PathBuf::from)
}

/// axe-core, as the page's packages bring it.
pub fn axe() -> PathBuf {
    root().join("ui/node_modules/axe-core/axe.min.js")
}

fn program(variable: &str, name: &str) -> Result<PathBuf> {
    if let Some(told) = env::var_os(variable) {
        let told = PathBuf::from(told);
        if !told.is_file() {
            bail!("{variable} names {}, and there is nothing", told.display());
        }
        // `/proc/…/exe` shows the file itself, not a link to it.
        return told.canonicalize().context("where the program lies");
    }
    let own = env::current_exe().context("where this program lies")?;
    // Tests lie in `debug/deps`, programs in `debug`.
    let beside = own.ancestors().skip(1).take(2).map(|folder| folder.join(name)).find(|file| file.is_file());
    let beside = beside.with_context(|| {
        format!(
            "no `{name}` beside {}: build it with `cargo build --workspace --features bundled-ui,automation`",
            own.display()
        )
    })?;
    beside.canonicalize().context("where the program lies")
}

/// The project's root: this crate's grandparent.
fn root() -> PathBuf {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    package.ancestors().nth(2).unwrap_or(package).to_path_buf()
}
