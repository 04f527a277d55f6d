//! Who may stand on whom. The engine knows nothing that draws, prints or reads a command line; the practice store knows nothing
//! of the engine; the command line needs no desktop. `cargo tree` is the witness.

use anyhow::{Result, bail};

use crate::process::{capture, cargo};

/// A package, and what may not be found below it. `tauri` stands for `tauri-build` and all its plugins as well.
const RULES: [(&str, &[&str]); 5] = [
    ("satchel-core", &["tauri", "wry", "gtk", "clap", "notify-rust", "indicatif", "satchel-practice"]),
    ("satchel-practice", &["satchel-core", "tauri", "clap"]),
    ("satchel-cli", &["tauri", "wry", "gtk", "webkit2gtk", "notify-rust", "satchel-desktop"]),
    ("satchel-desktop", &["clap", "satchel-cli", "satchel-e2e", "satchel-xtask"]),
    ("satchel-xtask", &["satchel-core", "satchel-practice", "tauri"]),
];

pub fn check() -> Result<()> {
    let mut broken = Vec::new();
    for (package, forbidden) in RULES {
        let tree = capture(cargo().args([
            "tree",
            "--locked",
            "--package",
            package,
            "--edges",
            "normal",
            "--prefix",
            "none",
            "--format",
            "{p}",
        ]))?;
        broken.extend(strangers(&tree, forbidden).map(|found| format!("{package} must not depend on {found}")));
    }
    broken.sort();
    broken.dedup();
    if !broken.is_empty() {
        bail!("{}\n`cargo tree -p PACKAGE -e normal -i FOUND` shows the way", broken.join("\n"));
    }
    Ok(())
}

fn strangers<'a>(tree: &'a str, forbidden: &'a [&str]) -> impl Iterator<Item = &'a str> {
    let names = tree.lines().filter_map(|line| line.split(' ').next());
    names.filter(|name| forbidden.iter().any(|stranger| is_of(name, stranger)))
}

/// `tauri-build` is of the family `tauri`; `tauriful` is not.
fn is_of(name: &str, family: &str) -> bool {
    name.strip_prefix(family).is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
}

#[cfg(test)]
mod tests {
    use super::strangers;

    #[test]
    fn a_family_is_found_and_a_namesake_is_not() {
        let tree = "satchel-core v0.1.0 (/somewhere)\ntauri-build v2.7.4\nclapper v1.0.0\n\nclap v4.5.0 (*)\n";
        let found: Vec<&str> = strangers(tree, &["tauri", "clap"]).collect();
        assert_eq!(found, ["tauri-build", "clap"]);
    }
}
