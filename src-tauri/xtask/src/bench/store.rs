//! The one store that all send to: the practice store as a process of its own, or SeaweedFS. Stopped when dropped.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};

use crate::process::{program, run, succeeds};
use crate::seaweed;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StoreKind {
    Practice,
    SeaweedFs,
}

impl StoreKind {
    pub const ALL: [StoreKind; 2] = [StoreKind::Practice, StoreKind::SeaweedFs];

    pub fn word(self) -> &'static str {
        match self {
            StoreKind::Practice => "practice",
            StoreKind::SeaweedFs => "seaweedfs",
        }
    }
}

pub struct Store {
    pub endpoint: String,
    pub bucket: String,
    pub key_id: String,
    pub secret: String,
    pub region: String,
    process: Process,
}

enum Process {
    Practice(Child),
    /// Stops itself.
    SeaweedFs(seaweed::Server),
}

impl Drop for Process {
    fn drop(&mut self) {
        if let Process::Practice(child) = self {
            // Its folder goes with it; a store that is already gone is what we want.
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

impl Store {
    /// Starts it with its files below `folder`; it answers when this returns.
    pub fn start(kind: StoreKind, folder: &Path, satchel: &Path) -> Result<Self> {
        match kind {
            StoreKind::Practice => Self::practice(&folder.join("store"), satchel),
            StoreKind::SeaweedFs => Self::seaweedfs(&folder.join("store")),
        }
    }

    fn practice(folder: &Path, satchel: &Path) -> Result<Self> {
        let mut practice = program(satchel);
        practice.args(["--quiet", "practice", "--dir"]).arg(folder);
        let child = practice.stdin(Stdio::null()).stdout(Stdio::piped()).spawn();
        let mut child = child.context("the practice store could not be started")?;
        let told = child.stdout.take();
        let process = Process::Practice(child);
        let mut lines = BufReader::new(told.context("the practice store is silent")?).lines();
        // It says these in this order, and the last only when it is open.
        let mut told = |name: &str| -> Result<String> {
            let line =
                lines.next().with_context(|| format!("the practice store ended before it said its {name}"))??;
            let value = line.strip_prefix(name).with_context(|| format!("no {name}: “{line}”"))?;
            Ok(value.trim().to_owned())
        };
        Ok(Self {
            endpoint: told("endpoint")?,
            bucket: told("bucket")?,
            key_id: told("accessKeyId")?,
            secret: told("secretAccessKey")?,
            region: told("region")?,
            process,
        })
    }

    fn seaweedfs(folder: &Path) -> Result<Self> {
        let server = seaweed::Server::start(folder)?;
        let store = Self {
            endpoint: server.endpoint.clone(),
            bucket: "bench".to_owned(),
            key_id: seaweed::KEY_ID.to_owned(),
            secret: seaweed::SECRET.to_owned(),
            region: "us-east-1".to_owned(),
            process: Process::SeaweedFs(server),
        };
        let started = Instant::now();
        while !succeeds(store.curl().args(["--request", "PUT"]).arg(store.address(""))) {
            ensure!(started.elapsed() < Duration::from_secs(60), "SeaweedFS did not answer within a minute");
            std::thread::sleep(Duration::from_millis(200));
        }
        Ok(store)
    }

    /// Without the scheme.
    pub fn host(&self) -> &str {
        self.endpoint.trim_start_matches("http://")
    }

    pub fn address(&self, key: &str) -> String {
        format!("{}/{}/{key}", self.endpoint, self.bucket)
    }

    /// As light as curl can: the signature covers the request but not the body.
    pub fn curl(&self) -> Command {
        let mut curl = program("curl");
        curl.args(["--silent", "--no-progress-meter", "--show-error", "--fail", "--noproxy", "*"])
            .args(["--aws-sigv4", &format!("aws:amz:{}:s3", self.region)])
            .args(["--user", &format!("{}:{}", self.key_id, self.secret)])
            .args(["--header", "x-amz-content-sha256: UNSIGNED-PAYLOAD"]);
        curl
    }

    /// Gives back the room of what was removed. SeaweedFS only marks it and would tidy up some time later.
    pub fn tidy(&self) -> Result<()> {
        match &self.process {
            Process::Practice(_) => Ok(()),
            Process::SeaweedFs(server) => {
                let vacuum = format!("{}/vol/vacuum?garbageThreshold=0.001", server.master);
                run(program("curl").args(["--silent", "--fail", "--noproxy", "*", &vacuum]).stdout(Stdio::null()))
            }
        }
    }
}
