//! Satchel itself, the real program: started by WebKitWebDriver on a desktop, its window read and used as a `Page`.
//! Ended by `close`; an app that is dropped without it belongs to a journey that failed, and leaves evidence.

use std::io::Write as _;
use std::net::TcpListener;
use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::time::Duration;
use std::{fs, thread};

use anyhow::{Context, Result, bail};
use fantoccini::ClientBuilder;
use fantoccini::wd::TimeoutConfiguration;
use hyper_util::client::legacy::connect::HttpConnector;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Map, Value, json};

use crate::deadlines::{PATIENCE, until_within};
use crate::desktop::Desktop;
use crate::memory::Memory;
use crate::page::Page;
use crate::places;
use crate::process::Process;
use crate::screen::Window;

/// How the app is started.
#[derive(Clone, Debug, Default)]
pub struct Launch<'a> {
    pub arguments: &'a [&'a str],
    pub environment: &'a [(&'a str, &'a str)],
}

pub struct App<'a> {
    desktop: &'a Desktop,
    page: Page,
    program: PathBuf,
    closed: bool,
    driver: Process,
}

const LOG: &str = "app";

impl Desktop {
    /// As when the person clicks its icon.
    pub async fn open_app(&self) -> Result<App<'_>> {
        self.launch_app(Launch::default()).await
    }

    pub async fn launch_app(&self, launch: Launch<'_>) -> Result<App<'_>> {
        let program = places::app()?;
        let port = free_port()?;
        let mut command = self.command("setpriv");
        // Root reads every file. A person does not, and nor does the app in these tests.
        command.args(["--bounding-set=-dac_override,-dac_read_search", "WebKitWebDriver"]);
        command.args(["--host=127.0.0.1".into(), format!("--port={port}")]);
        command.env("TAURI_WEBVIEW_AUTOMATION", "true").envs(launch.environment.iter().copied());
        let driver = Process::start("WebKitWebDriver", &mut command, &self.log(LOG))?;
        wait_for_port(&driver, port).await?;
        let client = connect(port, &program, launch.arguments)
            .await
            .with_context(|| format!("the app did not open; the last it said:\n{}", last_lines(&self.log(LOG), 40)))?;
        let app = App { desktop: self, page: Page { client }, program, closed: false, driver };
        let timeouts = TimeoutConfiguration::new(Some(PATIENCE), Some(PATIENCE), None);
        app.page.client.update_timeouts(timeouts).await?;
        Ok(app)
    }
}

impl<'a> App<'a> {
    pub fn desktop(&self) -> &'a Desktop {
        self.desktop
    }

    /// The app's process, while it runs.
    pub fn process(&self) -> Result<Option<u32>> {
        Ok(self.driver.descendants(&self.program)?.first().copied())
    }

    /// What its own process and the one that draws its page hold in memory.
    pub fn memory(&self) -> Result<(Memory, Memory)> {
        let own = self.process()?.context("the app runs no more")?;
        let page = self.driver.descendants(Path::new("WebKitWebProcess"))?;
        let page = page.first().copied().context("nothing draws the page")?;
        Ok((Memory::of(own)?, Memory::of(page)?))
    }

    /// Its main window, with the focus.
    pub async fn window(&self) -> Result<Window> {
        let process = self.process()?;
        let is_main = |window: &Window| window.process == process && !window.is_dialog;
        self.desktop.screen.focused("the app's window with the focus", is_main).await
    }

    /// The windows it shows, dialogs included.
    pub fn windows(&self) -> Result<Vec<Window>> {
        let process = self.process()?;
        Ok(self.desktop.screen.windows()?.into_iter().filter(|window| window.process == process).collect())
    }

    /// Where a point of the page lies on the screen.
    pub async fn on_screen(&self, x: f64, y: f64) -> Result<(i32, i32)> {
        let window = self.window().await?;
        #[expect(clippy::cast_possible_truncation, reason = "a point on the screen")]
        Ok((window.x + x as i32, window.y + y as i32))
    }

    /// Asks it to end, as the desktop does at the end of a session.
    pub fn ask_to_end(&self) -> Result<()> {
        self.signal(Signal::TERM)
    }

    /// Ends it where it stands, as when the power goes.
    pub async fn kill(self) -> Result<()> {
        self.signal(Signal::KILL)?;
        self.ended().await
    }

    fn signal(&self, signal: Signal) -> Result<()> {
        let id = self.process()?.context("the app runs no more")?;
        let id = i32::try_from(id).ok().and_then(Pid::from_raw).context("a process id")?;
        kill_process(id, signal).context("the app takes no signal")
    }

    /// Waits until it has ended by itself, as after *Quit*.
    pub async fn ended(self) -> Result<()> {
        self.ended_within(PATIENCE).await
    }

    pub async fn ended_within(mut self, patience: Duration) -> Result<()> {
        self.wait_until_gone(patience).await?;
        self.closed = true;
        Ok(())
    }

    /// Ends the session, which ends the app, and waits until it is gone.
    pub async fn close(mut self) -> Result<()> {
        self.page.client.clone().close().await.context("the app's window did not close")?;
        self.wait_until_gone(PATIENCE).await?;
        self.closed = true;
        Ok(())
    }

    async fn wait_until_gone(&self, patience: Duration) -> Result<()> {
        until_within(patience, "the app to end", async || Ok(self.process()?.is_none().then_some(()))).await
    }

    /// The whole display as it is now, below the pictures' folder in `failed/`.
    fn leave_evidence(&self) -> Result<()> {
        let folder = places::screenshots().join("failed");
        fs::create_dir_all(&folder)?;
        let name: String = thread::current().name().unwrap_or("unnamed").replace("::", "-");
        let picture = folder.join(format!("{name}.png"));
        self.desktop.screen.picture(&picture)?;
        let log = last_lines(&self.desktop.log(LOG), 60);
        writeln!(std::io::stderr(), "\nthe display: {}\nthe app's last words:\n{log}", picture.display())?;
        Ok(())
    }
}

impl Deref for App<'_> {
    type Target = Page;

    fn deref(&self) -> &Page {
        &self.page
    }
}

impl Drop for App<'_> {
    fn drop(&mut self) {
        if !self.closed {
            // The journey fails anyway; evidence that cannot be had must not hide why.
            let _ = self.leave_evidence();
        }
    }
}

/// The port is free when it is found; the driver says at once if it is not any more.
pub(crate) fn free_port() -> Result<u16> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).context("a free port")?;
    Ok(listener.local_addr()?.port())
}

pub(crate) async fn wait_for_port(driver: &Process, port: u16) -> Result<()> {
    until_within(PATIENCE, "WebKitWebDriver to listen", async || {
        driver.expect_running()?;
        Ok(tokio::net::TcpStream::connect(("127.0.0.1", port)).await.ok().map(|_| ()))
    })
    .await
}

async fn connect(port: u16, program: &Path, arguments: &[&str]) -> Result<fantoccini::Client> {
    let mut capabilities = Map::new();
    let options = json!({ "binary": program, "args": arguments });
    capabilities.insert("webkitgtk:browserOptions".into(), options);
    capabilities.insert("pageLoadStrategy".into(), Value::from("normal"));
    let mut builder = ClientBuilder::new(HttpConnector::new());
    let address = format!("http://127.0.0.1:{port}");
    let session = builder.capabilities(capabilities).connect(&address);
    match tokio::time::timeout(PATIENCE, session).await {
        Ok(client) => Ok(client?),
        Err(_) => bail!("no session with {} within {} s", program.display(), PATIENCE.as_secs()),
    }
}

fn last_lines(log: &Path, count: usize) -> String {
    let text = fs::read_to_string(log).unwrap_or_default();
    let lines: Vec<&str> = text.lines().collect();
    lines.get(lines.len().saturating_sub(count)..).unwrap_or_default().join("\n")
}
