//! The app's handles: small, cheap to clone, each managed by itself. Opened once, as soon as the ledger can be.

use crate::clipboard::Clipboard;
use crate::listings::Listings;
use crate::marks::Marks;
use crate::practice::Practice;
use crate::problems::Problems;
use crate::shared_links::{self, SharedLinks};
use crate::sharing::Sharing;
use crate::uploads::Uploads;
use crate::{bridge, freshness, notify, power, tray};
use satchel_core::credentials::KeyRooms;
use satchel_core::ledger::Ledger;
use satchel_core::place::Place;
use satchel_core::place::store::Places;
use satchel_core::settings::KeptSettings;
use satchel_core::transfers::{Journal, Limits, Transfers};
use satchel_core::{Code, Error, Operation, Result};
use std::future::Future;
use std::time::Duration;
use tauri::{AppHandle, Manager};
use tokio::sync::OnceCell;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// Everything that runs beside the commands. Stopped and awaited at the end.
#[derive(Clone, Default)]
pub struct Tasks {
    tracker: TaskTracker,
    stop: CancellationToken,
}

impl Tasks {
    /// Runs something until it is done or the app ends.
    pub fn spawn(&self, work: impl Future<Output = ()> + Send + 'static) {
        let stop = self.stop.clone();
        let work = async move {
            tokio::select! {
                () = stop.cancelled() => {}
                () = work => {}
            }
        };
        self.tracker.spawn_on(work, tauri::async_runtime::handle().inner());
    }

    async fn end(&self) {
        self.stop.cancel();
        self.tracker.close();
        self.tracker.wait().await;
    }
}

/// Whether the handles are there: whoever comes while they are being opened waits for them.
#[derive(Default)]
pub struct Opened(OnceCell<()>);

/// Opens the ledger and everything that stands on it. Does nothing if that was done before.
///
/// # Errors
/// `LedgerUnreadable`: nothing is managed then, and the next call tries again.
///
/// # Cancellation
/// Dropped early, nothing is managed.
pub async fn open(app: &AppHandle) -> Result<()> {
    app.state::<Opened>().0.get_or_try_init(|| open_once(app)).await.copied()
}

async fn open_once(app: &AppHandle) -> Result<()> {
    let homeless = || Error::new(Code::LedgerUnreadable, Operation::Save);
    let ledger = Ledger::open(&Ledger::state_dir_by_default().ok_or_else(homeless)?).await?;
    let clipboard = Clipboard::start().map_err(|cause| homeless().because(cause))?;
    let places = Places::new(ledger.clone(), KeyRooms::default());
    let settings = KeptSettings::open(&ledger).await;
    let practice = Practice::new(ledger.state_dir(), places.clone(), settings.limiter().clone());
    let problems = app.state::<Problems>().inner().clone();
    let marks = Marks::default();
    let tasks = app.state::<Tasks>().inner().clone();
    let links = SharedLinks::new(ledger.clone(), practice.clone(), marks.clone(), tasks);
    let listings = Listings::new(practice.clone(), marks.clone(), links.clone(), problems.clone());
    let journal = Journal::open(&ledger).await;
    let transfers = Transfers::start_with(Limits::default(), journal);
    let uploads = Uploads::new(transfers.clone(), problems, marks);
    let sharing = Sharing::new(
        practice.clone(),
        listings.clone(),
        uploads.clone(),
        links.clone(),
        clipboard.clone(),
        ledger.clone(),
    );
    let making = sharing.watch_making();
    app.manage(ledger);
    app.manage(transfers);
    app.manage(clipboard);
    app.manage(settings);
    app.manage(practice);
    app.manage(listings.clone());
    app.manage(uploads.clone());
    app.manage(sharing);
    app.manage(links.clone());
    app.manage(places);
    bridge::follow_transfers(app, uploads.clone());
    freshness::follow(app, uploads.clone(), listings);
    notify::follow_batches(app, uploads.clone());
    tray::follow(app, uploads.clone());
    tray::follow_links(app, links.clone());
    shared_links::follow(app, links, making);
    power::follow(app, uploads.clone());
    go_on(app, uploads);
    Ok(())
}

/// Goes on with what was interrupted. The places' keys are asked for when the first request needs them.
fn go_on(app: &AppHandle, uploads: Uploads) {
    let practice = app.state::<Practice>().inner().clone();
    app.state::<Tasks>().spawn(async move {
        let open = |place: Place| {
            let practice = practice.clone();
            async move {
                // What is known of it now, not what was written down with the transfer.
                let place = practice.places().find(place.id.as_str()).await?;
                practice.storage_later(&place).await
            }
        };
        uploads.restore(open).await;
    });
}

/// Stops what moves, keeps what is needed to go on at the next start. Takes two seconds at most.
pub async fn close(app: &AppHandle) {
    const LONGEST: Duration = Duration::from_secs(2);
    let all = async {
        app.state::<Tasks>().end().await;
        if let Some(transfers) = app.try_state::<Transfers>() {
            transfers.shut_down().await;
        }
    };
    if tokio::time::timeout(LONGEST, all).await.is_err() {
        tracing::warn!("not everything stopped in time; it is found at the next start");
    }
}
