//! Whoever gets a link: a Chromium of their own, which knows neither Satchel nor the company. Headless, with a new profile.

use std::fs;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use fantoccini::ClientBuilder;
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Map, json};
use tempfile::TempDir;

use crate::app::{free_port, wait_for_port};
use crate::deadlines::{PATIENCE, until, until_within};
use crate::page::Page;
use crate::process::Process;

/// More than the page waits between two.
const BETWEEN_DOWNLOADS: Duration = Duration::from_millis(600);

/// A browser, and the folder that it saves to.
pub struct Recipient {
    page: Page,
    // Ends with its driver, before its folder goes.
    _driver: Process,
    home: TempDir,
}

impl Recipient {
    /// `dark`: their computer is set to dark colours. `width`: of the window, as on a phone.
    pub async fn start(dark: bool, width: u32) -> Result<Self> {
        let home = tempfile::Builder::new().prefix("satchel-recipient-").tempdir().context("a home")?;
        let downloads = home.path().join("Downloads");
        fs::create_dir(&downloads)?;
        let port = free_port()?;
        let mut command = std::process::Command::new("chromedriver");
        command.arg(format!("--port={port}")).env("HOME", home.path()).env("TZ", "America/New_York");
        let driver = Process::start("chromedriver", &mut command, &home.path().join("log"))?;
        wait_for_port(&driver, port).await?;
        let mut arguments = vec![
            "--headless=new".to_owned(),
            // Root has no sandbox, and nothing but our own store is ever opened.
            "--no-sandbox".to_owned(),
            "--disable-gpu".to_owned(),
            "--disable-dev-shm-usage".to_owned(),
            "--disable-background-networking".to_owned(),
            "--disable-component-update".to_owned(),
            "--disable-sync".to_owned(),
            "--no-first-run".to_owned(),
            format!("--user-data-dir={}", home.path().join("profile").display()),
            format!("--window-size={width},900"),
        ];
        if dark {
            arguments.push("--force-dark-mode".to_owned());
            arguments.push("--blink-settings=preferredColorScheme=0".to_owned());
        }
        let settings = json!({
            "download.default_directory": downloads,
            "download.prompt_for_download": false,
            "profile.default_content_setting_values.automatic_downloads": 1,
        });
        let mut capabilities = Map::new();
        capabilities.insert("browserName".into(), json!("chrome"));
        capabilities.insert("goog:chromeOptions".into(), json!({ "args": arguments, "prefs": settings }));
        let mut builder = ClientBuilder::new(HttpConnector::new());
        let address = format!("http://127.0.0.1:{port}");
        let session = builder.capabilities(capabilities).connect(&address);
        let client = match tokio::time::timeout(PATIENCE, session).await {
            Ok(client) => client.context("Chromium did not start")?,
            Err(_) => bail!("no Chromium within {} s", PATIENCE.as_secs()),
        };
        Ok(Recipient { page: Page { client }, _driver: driver, home })
    }

    pub fn page(&self) -> &Page {
        &self.page
    }

    /// Opens a link.
    pub async fn open(&self, link: &str) -> Result<()> {
        // Typed into the page, not parsed here: an address is what it is.
        self.page.script("window.location.href = arguments[0]", vec![json!(link)]).await?;
        until("the page to be loaded", async || {
            let state = self.page.script("return [document.readyState, location.protocol]", vec![]).await?;
            Ok((state == json!(["complete", "http:"])).then_some(()))
        })
        .await
    }

    /// Waits until so many files are saved, whole, and gives what is in each by its name.
    pub async fn saved(&self, count: usize) -> Result<Vec<(String, Vec<u8>)>> {
        let folder = self.home.path().join("Downloads");
        let mut seen = Vec::new();
        // The page begins one after the other, with a pause that browsers want.
        let patience = PATIENCE + BETWEEN_DOWNLOADS * u32::try_from(count)?;
        let saved = until_within(patience, &format!("{count} files to be saved"), async || {
            let files = files_in(&folder)?;
            seen = files.iter().map(|(name, _)| name.clone()).collect();
            let whole =
                files.iter().all(|(name, _)| !name.ends_with(".crdownload") && !name.starts_with(".org.chromium"));
            Ok((whole && files.len() >= count).then_some(files))
        })
        .await;
        saved.with_context(|| format!("there are {seen:?}"))
    }

    pub async fn close(self) -> Result<()> {
        self.page.client.clone().close().await.context("Chromium did not close")
    }
}

fn files_in(folder: &Path) -> Result<Vec<(String, Vec<u8>)>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).context("the downloads")?.flatten() {
        // A name may change between two looks; then the next look finds it.
        let Ok(content) = fs::read(entry.path()) else { continue };
        files.push((entry.file_name().to_string_lossy().into_owned(), content));
    }
    files.sort();
    Ok(files)
}
