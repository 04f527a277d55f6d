//! How each client is told to do a job. Each as its makers set it up, with nothing switched off that protects a file;
//! what was left to us is said beside it.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Result, bail};

use super::install::Clients;
use super::job::{FILE_NAME, FILE_TO_SAVE, Job};
use super::store::Store;

/// Settings of whoever sits here, which must not decide.
const FOREIGN_SETTINGS: [&str; 6] = ["AWS_", "RCLONE_", "S5CMD_", "S3_", "SATCHEL_", "XDG_"];

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Tool {
    Satchel,
    Curl,
    S5cmd,
    Rclone,
    AwsCli,
    S3cmd,
    Obstore,
    Opendal,
}

/// One job by one tool.
pub struct Errand<'a> {
    pub job: Job,
    pub store: &'a Store,
    /// The file or folder to send.
    pub source: PathBuf,
    /// Below this it goes in the store.
    pub key: &'a str,
    /// An empty folder: here a file is saved, and here the tool is at home.
    pub room: &'a Path,
}

impl Tool {
    pub const ALL: [Tool; 8] =
        [Tool::Satchel, Tool::Curl, Tool::S5cmd, Tool::Rclone, Tool::AwsCli, Tool::S3cmd, Tool::Obstore, Tool::Opendal];

    pub fn name(self) -> &'static str {
        match self {
            Tool::Satchel => "satchel",
            Tool::Curl => "curl",
            Tool::S5cmd => "s5cmd",
            Tool::Rclone => "rclone",
            Tool::AwsCli => "aws-cli",
            Tool::S3cmd => "s3cmd",
            Tool::Obstore => "obstore",
            Tool::Opendal => "opendal",
        }
    }

    /// curl sends files, not folders. Only these sign as S3 wants it today without further programs.
    pub fn does(self, job: Job) -> bool {
        match job {
            Job::Link => matches!(self, Tool::Satchel | Tool::S5cmd | Tool::AwsCli),
            job => self != Tool::Curl || !job.is_folder(),
        }
    }
}

impl Clients {
    pub fn command(&self, tool: Tool, errand: &Errand<'_>) -> Result<Command> {
        let mut command = match tool {
            Tool::Curl => errand.store.curl(),
            tool => self.program(tool),
        };
        surround(&mut command, errand);
        match tool {
            Tool::Satchel => satchel(&mut command, errand),
            Tool::Curl => curl(&mut command, errand),
            Tool::S5cmd => s5cmd(&mut command, errand),
            Tool::Rclone => rclone(&mut command, errand),
            Tool::AwsCli => aws_cli(&mut command, errand)?,
            Tool::S3cmd => s3cmd(&mut command, errand)?,
            Tool::Obstore => library(&mut command, "obstore_client.py", errand),
            Tool::Opendal => library(&mut command, "opendal_client.py", errand),
        }
        Ok(command)
    }
}

/// Keys in the environment, which all of them read; nobody's own settings; no proxy between us and our own computer.
fn surround(command: &mut Command, errand: &Errand<'_>) {
    for (name, _) in std::env::vars_os() {
        if FOREIGN_SETTINGS.iter().any(|start| name.to_string_lossy().starts_with(start)) {
            command.env_remove(name);
        }
    }
    let store = errand.store;
    command
        .env("AWS_ACCESS_KEY_ID", &store.key_id)
        .env("AWS_SECRET_ACCESS_KEY", &store.secret)
        .env("AWS_REGION", &store.region)
        .env("AWS_DEFAULT_REGION", &store.region)
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .env("BENCH_ENDPOINT", &store.endpoint)
        .env("BENCH_BUCKET", &store.bucket)
        .env("HOME", errand.room)
        .env("NO_PROXY", "127.0.0.1")
        .env("no_proxy", "127.0.0.1");
}

/// CRC64NVME over every byte, a condition with every name: nothing is replaced, nothing damaged goes unseen.
fn satchel(command: &mut Command, errand: &Errand<'_>) {
    let store = errand.store;
    command
        .args(["--bucket", &store.bucket, "--region", &store.region, "--endpoint-url", &store.endpoint])
        .args(["--no-progress", "--state-dir"])
        .arg(errand.room.join("state"));
    match errand.job {
        Job::FileDown => command.args(["get", FILE_TO_SAVE, "--to"]).arg(errand.room),
        Job::Link => command.args(["link", FILE_TO_SAVE, "--no-test", "--expires", "1h"]),
        _ => command.arg("put").arg(errand.content()).args(["--to", errand.key]),
    };
}

/// One stream, no checksum.
fn curl(command: &mut Command, errand: &Errand<'_>) {
    match errand.job {
        Job::FileDown => command.arg("--output").arg(errand.target()).arg(errand.store.address(FILE_TO_SAVE)),
        _ => command.arg("--upload-file").arg(&errand.source).arg(errand.store.address(&errand.file_key())),
    };
}

/// 256 files at once, 5 parts of 50 MiB at once. It takes path style by itself for an address that is not Amazon's.
fn s5cmd(command: &mut Command, errand: &Errand<'_>) {
    command.args(["--endpoint-url", &errand.store.endpoint]);
    match errand.job {
        Job::Link => command.args(["presign", "--expire", "1h"]).arg(errand.url(FILE_TO_SAVE)),
        Job::FileDown => command.arg("cp").arg(errand.url(FILE_TO_SAVE)).arg(errand.target()),
        _ => command.arg("cp").arg(errand.content()).arg(errand.url(&format!("{}/", errand.key))),
    };
}

/// 4 files at once, 4 parts of 5 MiB at once, MD5. It is spared asking whether the bucket is there.
fn rclone(command: &mut Command, errand: &Errand<'_>) {
    for (name, value) in [
        ("TYPE", "s3"),
        ("PROVIDER", "Other"),
        ("ENV_AUTH", "true"),
        ("FORCE_PATH_STYLE", "true"),
        ("NO_CHECK_BUCKET", "true"),
        ("REGION", &errand.store.region),
        ("ENDPOINT", &errand.store.endpoint),
    ] {
        command.env(format!("RCLONE_CONFIG_STORE_{name}"), value);
    }
    let remote = |key: &str| format!("store:{}/{key}", errand.store.bucket);
    command.args(["--config", ""]);
    match errand.job {
        Job::FileDown => command.arg("copyto").arg(remote(FILE_TO_SAVE)).arg(errand.target()),
        Job::FileUp => command.arg("copyto").arg(&errand.source).arg(remote(&errand.file_key())),
        Job::SmallUp | Job::MixedUp => command.arg("copy").arg(&errand.source).arg(remote(errand.key)),
        Job::Link => command.arg("link").arg(remote(FILE_TO_SAVE)),
    };
}

/// 10 requests at once, parts of 8 MiB, SHA-256 and CRC32. It takes path style by itself for an IP address.
fn aws_cli(command: &mut Command, errand: &Errand<'_>) -> Result<()> {
    command.args(["--endpoint-url", &errand.store.endpoint, "s3"]);
    if errand.job == Job::Link {
        // Left to itself it signs addresses of such stores in an older way.
        let settings = errand.room.join("aws.cfg");
        fs::write(&settings, "[default]\ns3 =\n  signature_version = s3v4\n")?;
        command.env("AWS_CONFIG_FILE", settings);
        command.args(["presign", "--expires-in", "3600"]).arg(errand.url(FILE_TO_SAVE));
        return Ok(());
    }
    command.args(["cp", "--only-show-errors"]);
    match errand.job {
        Job::FileDown => command.arg(errand.url(FILE_TO_SAVE)).arg(errand.target()),
        Job::FileUp => command.arg(&errand.source).arg(errand.url(&errand.file_key())),
        _ => command.arg("--recursive").arg(&errand.source).arg(errand.url(errand.key)),
    };
    Ok(())
}

/// One request at a time, parts of 15 MiB, MD5 and SHA-256.
fn s3cmd(command: &mut Command, errand: &Errand<'_>) -> Result<()> {
    let (store, settings) = (errand.store, errand.room.join("s3cmd.cfg"));
    let host = store.host();
    let lines = [
        "[default]".to_owned(),
        format!("access_key = {}", store.key_id),
        format!("secret_key = {}", store.secret),
        format!("bucket_location = {}", store.region),
        format!("host_base = {host}"),
        format!("host_bucket = {host}"),
        "use_https = False".to_owned(),
    ];
    fs::write(&settings, lines.join("\n"))?;
    command.arg("--config").arg(settings).args(["--quiet", "--no-progress"]);
    match errand.job {
        Job::FileDown => command.arg("get").arg(errand.url(FILE_TO_SAVE)).arg(errand.target()),
        Job::FileUp => command.arg("put").arg(&errand.source).arg(errand.url(&errand.file_key())),
        Job::SmallUp | Job::MixedUp => {
            let to = errand.url(&format!("{}/", errand.key));
            command.args(["put", "--recursive"]).arg(errand.content()).arg(to)
        }
        Job::Link => bail!("it signs addresses in an older way"),
    };
    Ok(())
}

/// What somebody writes around a library; it stands in a file beside this one.
fn library(command: &mut Command, script: &str, errand: &Errand<'_>) {
    command.arg(crate::process::root().join("src-tauri/xtask/src/bench").join(script));
    match errand.job {
        Job::FileDown => command.arg("down").arg(errand.target()).arg(FILE_TO_SAVE),
        Job::FileUp => command.arg("up").arg(&errand.source).arg(errand.file_key()),
        _ => command.arg("up").arg(&errand.source).arg(errand.key),
    };
}

impl Errand<'_> {
    fn target(&self) -> PathBuf {
        self.room.join(FILE_NAME)
    }

    fn file_key(&self) -> String {
        format!("{}/{FILE_NAME}", self.key)
    }

    fn url(&self, key: &str) -> String {
        format!("s3://{}/{key}", self.store.bucket)
    }

    /// The file, or the folder with a slash at its end, which means what is in it.
    fn content(&self) -> OsString {
        let mut path = self.source.clone().into_os_string();
        if self.job.is_folder() {
            path.push("/");
        }
        path
    }
}
