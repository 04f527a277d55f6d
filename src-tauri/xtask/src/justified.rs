//! Every direct dependency has its line in `docs/decisions/0002-dependencies.md`, and every line there its dependency.

use std::collections::BTreeSet;
use std::fs;

use anyhow::{Result, bail};

use crate::process::root;

const LINES: &str = "docs/decisions/0002-dependencies.md";
const CRATES: [&str; 6] = [
    "Cargo.toml",
    "src-tauri/core/Cargo.toml",
    "src-tauri/cli/Cargo.toml",
    "src-tauri/practice/Cargo.toml",
    "src-tauri/e2e/Cargo.toml",
    "src-tauri/xtask/Cargo.toml",
];
const PAGE: &str = "ui/package.json";

pub fn check() -> Result<()> {
    let read = |path: &str| fs::read_to_string(root().join(path));
    let mut used = page_packages(&read(PAGE)?);
    for manifest in CRATES {
        used.extend(crates(&read(manifest)?));
    }
    let explained = explained(&read(LINES)?);
    let missing = used.difference(&explained).map(|name| format!("{name} has no line in {LINES}"));
    let stale = explained.difference(&used).map(|name| format!("{name} has a line in {LINES} and is not used"));
    let wrong: Vec<String> = missing.chain(stale).collect();
    if !wrong.is_empty() {
        bail!("{}", wrong.join("\n"));
    }
    Ok(())
}

/// The names in a manifest's tables of dependencies, our own crates aside. What the workspace only offers does not count.
fn crates(manifest: &str) -> BTreeSet<String> {
    let mut inside = false;
    let mut names = BTreeSet::new();
    for line in manifest.lines() {
        if line.starts_with('[') {
            inside = line.ends_with("dependencies]") && line != "[workspace.dependencies]";
        } else if inside && line.starts_with(|first: char| first.is_ascii_alphabetic()) {
            names.extend(line.split(['.', ' ', '=']).next().map(str::to_owned));
        }
    }
    names.retain(|name| !name.starts_with("satchel-"));
    names
}

/// The names in a package.json's `dependencies` and `devDependencies`, as npm writes them: one a line.
fn page_packages(package: &str) -> BTreeSet<String> {
    let mut inside = false;
    let mut names = BTreeSet::new();
    for line in package.lines().map(str::trim) {
        if line.ends_with('{') {
            inside = line.to_ascii_lowercase().contains("dependencies\"");
        } else if line.starts_with('}') {
            inside = false;
        } else if inside {
            names.extend(line.split('"').nth(1).map(str::to_owned));
        }
    }
    names
}

/// The first cell of each row, where it is a name.
fn explained(document: &str) -> BTreeSet<String> {
    let cells = document.lines().filter_map(|line| line.strip_prefix("| `")?.split_once("` |"));
    cells.map(|(name, _)| name.to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::{crates, explained, page_packages};

    #[test]
    fn names_are_read_from_every_table_of_dependencies() {
        let manifest = "[package]\nname = \"x\"\n[workspace.dependencies]\noffered = \"1\"\n[dependencies]\n# why\nserde.workspace = true\n\
            tauri = { version = \"2\" }\nsatchel-core.workspace = true\n[target.'cfg(windows)'.dependencies]\nwinreg = \"1\"\n[lints]\nworkspace = true\n";
        assert_eq!(crates(manifest).into_iter().collect::<Vec<_>>(), ["serde", "tauri", "winreg"]);
    }

    #[test]
    fn names_are_read_from_both_lists_of_a_package() {
        let package = "{\n  \"scripts\": {\n    \"dev\": \"vite\"\n  },\n  \"devDependencies\": {\n    \"@a/b\": \"1\",\n    \"c\": \"2\"\n  }\n}\n";
        assert_eq!(page_packages(package).into_iter().collect::<Vec<_>>(), ["@a/b", "c"]);
    }

    #[test]
    fn a_line_is_a_row_that_begins_with_a_name() {
        let document = "| | Why |\n|---|---|\n| `serde` | Data |\nand `others` are prose\n";
        assert_eq!(explained(document).into_iter().collect::<Vec<_>>(), ["serde"]);
    }
}
