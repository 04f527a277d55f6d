//! The second opinion: the same main job on SeaweedFS, a store that is not ours, started as a process of its own.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that can’t go on has failed")]

#[path = "cli/journey.rs"]
mod journey;
#[allow(dead_code, reason = "shared with the tests on the practice store, which need more of it")]
#[path = "cli/support.rs"]
mod support;

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use aws_sdk_s3::config::retry::RetryConfig;
use aws_sdk_s3::config::{Credentials, Region};
use tempfile::TempDir;

use crate::support::Satchel;

const KEY_ID: &str = "AKSATCHELTEST";
const SECRET: &str = "not-a-secret-loopback-only";
const BUCKET: &str = "office";
/// It takes some seconds to be ready; on a busy machine, many.
const LONGEST_START: Duration = Duration::from_secs(90);

#[tokio::test(flavor = "multi_thread")]
async fn a_file_goes_up_shows_in_the_list_gives_a_link_and_comes_back_on_seaweedfs_too() {
    let weed = Weed::start();
    weed.wait_until_ready().await;
    let satchel = weed.satchel();
    journey::put_ls_link_get(&satchel).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn links_are_stopped_copied_again_and_known_to_everybody_on_seaweedfs_too() {
    let weed = Weed::start();
    weed.wait_until_ready().await;
    journey::share_copy_stop(&weed.satchel()).await;
}

/// A running server; stopped when dropped.
struct Weed {
    child: Child,
    endpoint: String,
    // Last: it is removed when the server has stopped.
    folder: TempDir,
}

impl Weed {
    fn start() -> Self {
        let program = std::env::var_os("SATCHEL_WEED").map(PathBuf::from).expect(
            "SATCHEL_WEED does not say where SeaweedFS is: `cargo xtask test` installs it and runs this test with it",
        );
        let folder = tempfile::tempdir().unwrap();
        let config = folder.path().join("identities.json");
        let identities = serde_json::json!({ "identities": [{
            "name": "test",
            "credentials": [{ "accessKey": KEY_ID, "secretKey": SECRET }],
            "actions": ["Admin", "Read", "Write", "List", "Tagging"],
        }]});
        std::fs::write(&config, identities.to_string()).unwrap();
        let [master, volume, filer, s3] = free_ports();
        let child = Command::new(program)
            .arg("server")
            .arg(option("dir", folder.path()))
            .args([
                "-ip=127.0.0.1",
                "-ip.bind=127.0.0.1",
                "-volume.max=0",
                "-master.volumeSizeLimitMB=1024",
                "-filer",
                "-s3",
            ])
            .args([format!("-master.port={master}"), format!("-volume.port={volume}"), format!("-filer.port={filer}")])
            .args([format!("-s3.port={s3}"), option("s3.config", &config)])
            .args(["-s3.port.iceberg=0", "-s3.port.lance=0"])
            .current_dir(folder.path())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(std::fs::File::create(folder.path().join("weed.log")).unwrap())
            .spawn()
            .unwrap();
        Self { child, endpoint: format!("http://127.0.0.1:{s3}"), folder }
    }

    /// Ready is when it can make a bucket.
    async fn wait_until_ready(&self) {
        let config = aws_sdk_s3::Config::builder()
            .behavior_version_latest()
            .endpoint_url(&self.endpoint)
            .region(Region::new("us-east-1"))
            .credentials_provider(Credentials::new(KEY_ID, SECRET, None, None, "test"))
            .force_path_style(true)
            .retry_config(RetryConfig::disabled())
            .build();
        let client = aws_sdk_s3::Client::from_conf(config);
        let started = Instant::now();
        while let Err(cause) = client.create_bucket().bucket(BUCKET).send().await {
            assert!(started.elapsed() < LONGEST_START, "SeaweedFS did not become ready: {cause:?}\n{}", self.log());
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    }

    fn log(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("weed.log")).unwrap_or_default()
    }

    fn satchel(&self) -> Satchel {
        Satchel::with(&self.endpoint, BUCKET, KEY_ID, SECRET)
    }
}

impl Drop for Weed {
    fn drop(&mut self) {
        // It keeps nothing that anybody needs; a server that is already gone is what we want.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn option(name: &str, path: &Path) -> String {
    format!("-{name}={}", path.display())
}

/// Four ports whose sisters 10,000 above are free too, where it opens its internal ones; below the system's own range.
fn free_ports() -> [u16; 4] {
    let is_free = |port: u16| TcpListener::bind(("127.0.0.1", port)).is_ok();
    // Not where the benchmark looks, and not where another run of this test does.
    let from = 12_000 + u16::try_from(std::process::id() % 4_000).unwrap();
    let mut free = (from..18_000).filter(|port| is_free(*port) && is_free(port + 10_000));
    [(); 4].map(|()| free.next().expect("no free port"))
}
