//! One Satchel at a time: a second start shows the first, and an old one that is dying or stopped is in nobody's way.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::process::{Child, Stdio};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use satchel_e2e::deadlines::{until, until_within};
use satchel_e2e::{Desktop, places};
use zbus::fdo::RequestNameFlags;
use zbus::{Connection, interface};

const NAME: &str = "org.satchel.desktop.SingleInstance";
const PATH: &str = "/org/satchel/desktop/SingleInstance";
/// What a start waits for one that does not answer, and then opens on a busy machine.
const TAKEN_OVER: Duration = Duration::from_secs(20);

/// A start as from the desktop's menu, without a driver. Killed at the end.
struct Started(Child);

impl Started {
    fn on(desktop: &Desktop) -> Self {
        let mut command = desktop.command(places::app().unwrap());
        Started(command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap())
    }

    async fn ends_well(&mut self) {
        let status = until("the second start to end", async || Ok(self.0.try_wait()?)).await.unwrap();
        assert!(status.success(), "{status}");
    }

    async fn shows_its_window(&mut self, desktop: &Desktop) {
        let id = self.0.id();
        until_within(TAKEN_OVER, "the window of the second start", async || {
            anyhow::ensure!(self.0.try_wait()?.is_none(), "it ended without a window");
            Ok(desktop.screen.windows()?.into_iter().find(|window| window.process == Some(id)).map(drop))
        })
        .await
        .unwrap();
    }
}

impl Drop for Started {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn signal(process: u32, signal: Signal) {
    let id = Pid::from_raw(i32::try_from(process).unwrap()).unwrap();
    kill_process(id, signal).unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_second_start_shows_the_window_of_the_first_and_ends() {
    let desktop = Desktop::start().await.unwrap();
    let mut first = Started::on(&desktop);
    first.shows_its_window(&desktop).await;
    let mut second = Started::on(&desktop);
    second.ends_well().await;
    assert!(first.0.try_wait().unwrap().is_none(), "the first goes on");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_start_takes_over_from_one_that_stands_still() {
    let desktop = Desktop::start().await.unwrap();
    let mut first = Started::on(&desktop);
    first.shows_its_window(&desktop).await;
    signal(first.0.id(), Signal::STOP);
    let mut second = Started::on(&desktop);
    second.shows_its_window(&desktop).await;
    // When the old one is gone, later starts find the new one.
    signal(first.0.id(), Signal::KILL);
    first.0.wait().unwrap();
    let mut third = Started::on(&desktop);
    third.ends_well().await;
}

/// Has the name, and dies when it is asked anything.
struct Dying(Connection);

#[interface(name = "org.SingleInstance.DBus")]
impl Dying {
    async fn execute_callback(&self, _arguments: Vec<String>, _folder: String) {
        // The bus tells the caller that nobody will answer any more.
        let _ = self.0.clone().close().await;
        std::future::pending::<()>().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_start_takes_over_from_one_that_dies_while_it_is_asked() {
    let desktop = Desktop::start().await.unwrap();
    let dying = desktop.another_connection().await.unwrap();
    dying.object_server().at(PATH, Dying(dying.clone())).await.unwrap();
    dying.request_name_with_flags(NAME, RequestNameFlags::DoNotQueue.into()).await.unwrap();
    let mut start = Started::on(&desktop);
    start.shows_its_window(&desktop).await;
    let mut second = Started::on(&desktop);
    second.ends_well().await;
}
