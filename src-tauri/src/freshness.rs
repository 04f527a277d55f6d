//! New rows for the folder that is shown, when an upload was stored in it. One listing for many uploads, never one each.

use crate::bridge::PAUSE;
use crate::listings::{Listings, Open};
use crate::state::Tasks;
use crate::uploads::Uploads;
use satchel_core::transfers::{Direction, State, Transfer, TransferId};
use std::time::Duration;
use tauri::{AppHandle, Manager};

/// Between two readings of the same folder while uploads go on.
const BETWEEN: Duration = Duration::from_secs(1);
/// A folder with more rows is read again only when all uploads are over: it takes many requests.
const SMALL: usize = 2_000;

/// Follows the uploads for as long as the app lives.
pub fn follow(app: &AppHandle, uploads: Uploads, listings: Listings) {
    app.state::<Tasks>().spawn(async move {
        let mut pictures = uploads.watch();
        let mut known = Vec::new();
        let mut stale: Option<u32> = None;
        loop {
            tokio::select! {
                changed = pictures.changed() => if changed.is_err() { return },
                () = tokio::time::sleep(PAUSE), if stale.is_some() => {}
            }
            let snapshot = pictures.borrow_and_update().clone();
            let fresh = newly_stored(&mut known, &snapshot.transfers);
            let Some(open) = listings.shown() else { continue };
            if fresh.iter().any(|transfer| shows_in(&open, transfer)) {
                stale = Some(open.id);
            }
            let moves = snapshot.line.waiting + snapshot.line.running > 0;
            if stale == Some(open.id) && may_read(&open, moves) {
                open.listing.refresh().await;
                stale = None;
                drop(open);
                tokio::time::sleep(BETWEEN).await;
            } else {
                stale = stale.filter(|id| *id == open.id);
            }
        }
    });
}

/// What was stored since the last picture. Forgets what is no longer in the picture.
fn newly_stored(known: &mut Vec<TransferId>, transfers: &[std::sync::Arc<Transfer>]) -> Vec<std::sync::Arc<Transfer>> {
    let is_stored =
        |transfer: &Transfer| transfer.direction == Direction::Upload && matches!(transfer.state, State::Done);
    // A picture is in the order of the numbers, so both are gone through side by side.
    let mut before = std::mem::take(known).into_iter().peekable();
    let mut fresh = Vec::new();
    for transfer in transfers.iter().filter(|transfer| is_stored(transfer)) {
        while before.next_if(|id| *id < transfer.id).is_some() {}
        if before.next_if_eq(&transfer.id).is_none() {
            fresh.push(std::sync::Arc::clone(transfer));
        }
        known.push(transfer.id);
    }
    fresh
}

/// Whether a stored file, or the folder it is in, is a row of this folder.
fn shows_in(open: &Open, transfer: &Transfer) -> bool {
    open.place.id == transfer.place
        && transfer.name.starts_with(open.listing.folder())
        && !open.place.is_in_share_folder(&transfer.name)
}

/// Reading that is under way is never begun anew, or it might never end.
fn may_read(open: &Open, uploads_move: bool) -> bool {
    let states = open.listing.watch();
    let state = states.borrow();
    !state.loading && (!uploads_move || state.total < SMALL)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::transfer;

    #[test]
    fn a_stored_file_is_new_once() {
        let mut known = Vec::new();
        assert!(newly_stored(&mut known, &[transfer(1, State::Moving)]).is_empty());
        assert_eq!(newly_stored(&mut known, &[transfer(1, State::Done), transfer(2, State::Moving)]).len(), 1);
        assert!(newly_stored(&mut known, &[transfer(1, State::Done)]).is_empty());
        assert_eq!(newly_stored(&mut known, &[transfer(2, State::Done)]).len(), 1);
        assert_eq!(known.len(), 1);
    }
}
