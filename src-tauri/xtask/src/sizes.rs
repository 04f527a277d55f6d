//! How large a file and the body of a command may grow before they should be two. Generated files do not count.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Result, bail};

use crate::process::root;

struct Room {
    folder: &'static str,
    extension: &'static str,
    lines: usize,
}

const ROOMS: [Room; 4] = [
    Room { folder: "src-tauri", extension: "rs", lines: 600 },
    Room { folder: "ui/src", extension: "svelte", lines: 300 },
    Room { folder: "ui/src", extension: "ts", lines: 400 },
    Room { folder: "ui/tests", extension: "ts", lines: 400 },
];
const COMMANDS: &str = "src-tauri/src/commands";
const COMMAND_BODY_LINES: usize = 15;
const GENERATED: [&str; 1] = ["ui/src/lib/backend/bindings.ts"];
/// How many of the largest `report` names.
const SHOWN: usize = 5;

struct Measured {
    name: String,
    lines: usize,
    room: usize,
}

/// Fails when something has outgrown its room.
pub fn check() -> Result<()> {
    let too_large: Vec<String> = measure()?
        .iter()
        .filter(|found| found.lines > found.room)
        .map(|found| format!("{}: {} lines, {} is the end", found.name, found.lines, found.room))
        .collect();
    if !too_large.is_empty() {
        bail!("{}", too_large.join("\n"));
    }
    Ok(())
}

/// Shows what is nearest to its end, then checks.
pub fn report() -> Result<()> {
    let mut measured = measure()?;
    measured.sort_by_key(|found| std::cmp::Reverse(found.lines * 100 / found.room));
    for found in measured.iter().take(SHOWN) {
        println!("{:>4} of {}  {}", found.lines, found.room, found.name);
    }
    check()
}

fn measure() -> Result<Vec<Measured>> {
    let root = root();
    let mut measured = Vec::new();
    for Room { folder, extension, lines } in ROOMS {
        for path in files(&root.join(folder), extension) {
            let name = relative(&root, &path);
            if !GENERATED.contains(&name.as_str()) {
                measured.push(Measured { name, lines: fs::read_to_string(&path)?.lines().count(), room: lines });
            }
        }
    }
    for path in files(&root.join(COMMANDS), "rs") {
        let file = relative(&root, &path);
        for (command, lines) in command_bodies(&fs::read_to_string(&path)?) {
            measured.push(Measured { name: format!("{file} {command}()"), lines, room: COMMAND_BODY_LINES });
        }
    }
    Ok(measured)
}

fn files(folder: &Path, extension: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for path in fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path()) {
        if path.is_dir() {
            found.extend(files(&path, extension));
        } else if path.extension().is_some_and(|its| its == extension) {
            found.push(path);
        }
    }
    found.sort();
    found
}

fn relative(root: &Path, path: &Path) -> String {
    path.strip_prefix(root).unwrap_or(path).to_string_lossy().replace('\\', "/")
}

/// Name and length of every command's body. Relies on rustfmt: a body ends at the brace that stands below its `fn`.
fn command_bodies(source: &str) -> Vec<(String, usize)> {
    let mut bodies = Vec::new();
    let mut lines = source.lines();
    while let Some(line) = lines.next() {
        if !line.trim_start().starts_with("#[tauri::command") {
            continue;
        }
        let Some(head) = lines.by_ref().find(|line| line.contains("fn ")) else {
            break;
        };
        let end = format!("{}}}", &head[..head.len() - head.trim_start().len()]);
        if !head.ends_with('{') && !head.ends_with('}') {
            lines.by_ref().find(|line| line.ends_with('{'));
        }
        let length = if head.ends_with('}') { 1 } else { lines.by_ref().take_while(|line| *line != end).count() };
        let name = head.split("fn ").nth(1).and_then(|rest| rest.split(['(', '<']).next()).unwrap_or_default();
        bodies.push((name.to_owned(), length));
    }
    bodies
}

#[cfg(test)]
mod tests {
    use super::command_bodies;

    #[test]
    fn a_body_is_what_stands_between_its_braces() {
        let source = "\
#[tauri::command]
#[specta::specta]
pub async fn start_upload(
    req: StartUpload,
) -> Result<Started, WireError> {
    if req.paths.is_empty() {
        return Err(nothing());
    }
    Ok(started)
}

fn not_a_command() {
    one();
    two();
}

#[tauri::command]
pub fn quit() {
    leave();
}
";
        assert_eq!(command_bodies(source), [("start_upload".to_owned(), 4), ("quit".to_owned(), 1)]);
    }
}
