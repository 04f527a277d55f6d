//! A program that a journey started, in a process group of its own: when it is dropped, it and what it started end, by their id.
//! Refuses to know any other process.

use std::collections::VecDeque;
use std::fs::{self, File};
use std::io::{BufRead, BufReader, Write};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Instant;

use anyhow::{Context, Result, bail};
use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process_group, waitid};

use crate::deadlines::{FAREWELL, POLL, until};

type Lines = Arc<Mutex<VecDeque<String>>>;

pub struct Process {
    name: String,
    child: Child,
    group: Pid,
    /// What it has said on standard output and nobody has read yet; only of a process started with `start_talking`.
    lines: Lines,
}

impl Process {
    /// Starts it; all that it prints goes into `log`.
    pub fn start(name: &str, command: &mut Command, log: &Path) -> Result<Self> {
        let file = append_to(log)?;
        command.stdin(Stdio::null()).stdout(file.try_clone()?).stderr(file);
        Self::spawn(name, command)
    }

    /// Starts it with `input` on standard input, which then ends.
    pub fn start_with_input(name: &str, command: &mut Command, log: &Path, input: &[u8]) -> Result<Self> {
        let file = append_to(log)?;
        command.stdin(Stdio::piped()).stdout(file.try_clone()?).stderr(file);
        let mut process = Self::spawn(name, command)?;
        let mut pipe = process.child.stdin.take().context("its standard input is piped")?;
        pipe.write_all(input).with_context(|| format!("what {name} reads could not be written"))?;
        Ok(process)
    }

    /// Starts it and keeps the lines that it prints for `line`.
    pub fn start_talking(name: &str, command: &mut Command, log: &Path) -> Result<Self> {
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(append_to(log)?);
        let mut process = Self::spawn(name, command)?;
        let output = process.child.stdout.take().context("its standard output is piped")?;
        let lines = process.lines.clone();
        // Ends by itself when the process closes its output, at the latest when it is killed.
        thread::spawn(move || {
            for line in BufReader::new(output).lines().map_while(Result::ok) {
                lines.lock().unwrap_or_else(PoisonError::into_inner).push_back(line);
            }
        });
        Ok(process)
    }

    fn spawn(name: &str, command: &mut Command) -> Result<Self> {
        let program = command.get_program().to_string_lossy().into_owned();
        let child = command.process_group(0).spawn().with_context(|| {
            format!("{program} could not be started (`cargo xtask setup` installs what the tests need)")
        })?;
        let group = i32::try_from(child.id()).ok().and_then(Pid::from_raw).context("a process id")?;
        Ok(Self { name: name.into(), child, group, lines: Lines::default() })
    }

    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// The next line it prints that `wanted` accepts; what came before is forgotten.
    pub async fn line(&mut self, wanted: impl Fn(&str) -> bool) -> Result<String> {
        let what = format!("{} to say what is expected of it", self.name);
        let mut silent = false;
        until(&what, async || {
            if let Some(line) = self.heard(&wanted) {
                return Ok(Some(line));
            }
            if silent {
                bail!("{} ended before it said what is expected of it", self.name);
            }
            // One more look: the last words may still be on their way through the pipe.
            silent = self.has_ended()?;
            Ok(None)
        })
        .await
    }

    fn heard(&self, wanted: &impl Fn(&str) -> bool) -> Option<String> {
        let mut lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        while let Some(line) = lines.pop_front() {
            if wanted(&line) {
                return Some(line);
            }
        }
        None
    }

    /// Looks without collecting the exit status, so that the id stays taken until `drop`.
    pub fn has_ended(&self) -> Result<bool> {
        let options = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
        let status = waitid(WaitId::Pid(self.group), options).with_context(|| format!("whether {} runs", self.name))?;
        Ok(status.is_some())
    }

    /// What it started that runs `program` and has not ended, by id.
    pub fn descendants(&self, program: &Path) -> Result<Vec<u32>> {
        let name = program.file_name().context("a program's name")?.to_string_lossy();
        // The kernel keeps fifteen letters of it.
        let name: String = name.chars().take(15).collect();
        let group = self.group.as_raw_nonzero().get().to_string();
        let mut found = Vec::new();
        for entry in fs::read_dir("/proc").context("/proc")?.flatten() {
            // A process may end between two looks; then it does not run.
            let Ok(status) = fs::read_to_string(entry.path().join("stat")) else { continue };
            let Some((start, rest)) = status.rsplit_once(')') else { continue };
            let Some((id, its_name)) = start.split_once(" (") else { continue };
            let mut fields = rest.split_whitespace();
            let (state, its_group) = (fields.next(), fields.nth(1));
            let has_ended = state == Some("Z") && !has_threads_left(&entry.path());
            if its_name == name && !has_ended && its_group == Some(group.as_str()) {
                found.push(id.parse()?);
            }
        }
        Ok(found)
    }

    pub fn expect_running(&self) -> Result<()> {
        if self.has_ended()? {
            bail!("{} has ended by itself", self.name);
        }
        Ok(())
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // What has ended already is what we want, so no answer matters here.
        let _ = kill_process_group(self.group, Signal::TERM);
        let deadline = Instant::now() + FAREWELL;
        while Instant::now() < deadline && !self.has_ended().unwrap_or(true) {
            thread::sleep(POLL);
        }
        let _ = kill_process_group(self.group, Signal::KILL);
        let _ = self.child.wait();
    }
}

/// The first thread of a process that is killed may be gone while another still holds what the process had open.
fn has_threads_left(process: &Path) -> bool {
    fs::read_dir(process.join("task")).is_ok_and(|threads| threads.flatten().count() > 1)
}

fn append_to(log: &Path) -> Result<File> {
    File::options().append(true).create(true).open(log).with_context(|| format!("the log {}", log.display()))
}
