//! From the engine's live values to events for the window: the latest state, at most five times a second each.

use crate::listings::{Listings, Open};
use crate::state::Tasks;
use crate::uploads::Uploads;
use crate::windows;
use crate::wire::files::ListingChanged;
use crate::wire::transfers::{ConnectionChanged, TransfersChanged};
use std::sync::Arc;
use std::time::Duration;
use tauri::{AppHandle, Manager};
use tauri_specta::Event;

/// Between two events of one kind.
pub const PAUSE: Duration = Duration::from_millis(200);

/// Tells the page about an event. A page that is gone needs no news.
pub fn tell<E: Event + serde::Serialize + Clone>(app: &AppHandle, event: E) {
    if let Err(cause) = event.emit_to(app, windows::MAIN) {
        tracing::debug!(%cause, "the window did not hear an event");
    }
}

/// Follows a folder for as long as it is open.
pub fn follow_listing(app: &AppHandle, listings: &Listings, open: &Arc<Open>) {
    let (mut states, mut marks) = (open.listing.watch(), listings.watch_marks());
    let (app, listings, open) = (app.clone(), listings.clone(), Arc::downgrade(open));
    app.clone().state::<Tasks>().spawn(async move {
        marks.mark_unchanged();
        // The answer that opened it goes first: the page lets go of news about folders that it does not know.
        tokio::time::sleep(PAUSE).await;
        loop {
            let alive = tokio::select! {
                changed = states.changed() => changed.is_ok(),
                changed = marks.changed() => changed.is_ok(),
            };
            let Some(open) = open.upgrade().filter(|_| alive) else { return };
            let state = states.borrow_and_update().clone();
            marks.mark_unchanged();
            tell(&app, ListingChanged(listings.draw(&open, &state)));
            drop(open);
            tokio::time::sleep(PAUSE).await;
        }
    });
}

/// Follows the transfers for as long as the app lives.
pub fn follow_transfers(app: &AppHandle, uploads: Uploads) {
    let app = app.clone();
    app.clone().state::<Tasks>().spawn(async move {
        let (mut news, pictures) = (uploads.news(), uploads.watch());
        let mut held_by = None;
        while news.next().await {
            tell(&app, TransfersChanged(uploads.draw()));
            let holdup = pictures.borrow().line.holdup.as_ref().map(|error| error.code());
            if std::mem::replace(&mut held_by, holdup) != holdup {
                tell(&app, ConnectionChanged(uploads.connection()));
            }
            windows::leave_if_nothing_is_left(&app).await;
            tokio::time::sleep(PAUSE).await;
        }
    });
}
