//! Commands about folders and rows.

use crate::bridge;
use crate::listings::Listings;
use crate::problems::Problems;
use crate::wire::files::{GetRows, Listing, OpenFolder, RefreshFolder, Rows, SearchFolder, SortFolder, TakeDrops};
use crate::wire::problems::Answer;
use tauri::{AppHandle, State};

/// Opens a folder and answers with the first of it. The rest arrives by and by (see `ListingChanged`).
#[tauri::command]
#[specta::specta]
pub async fn open_folder(
    req: OpenFolder,
    app: AppHandle,
    listings: State<'_, Listings>,
    problems: State<'_, Problems>,
) -> Answer<Listing> {
    let open = problems.answer(listings.open(&req).await)?;
    listings.first_page(&open).await;
    bridge::follow_listing(&app, &listings, &open);
    Ok(listings.now(&open))
}

/// A window of rows.
#[tauri::command]
#[specta::specta]
pub async fn get_rows(req: GetRows, listings: State<'_, Listings>, problems: State<'_, Problems>) -> Answer<Rows> {
    problems.answer(listings.rows(&req))
}

/// Shows only rows with a text in their name.
#[tauri::command]
#[specta::specta]
pub async fn search_folder(
    req: SearchFolder,
    listings: State<'_, Listings>,
    problems: State<'_, Problems>,
) -> Answer<Listing> {
    let open = problems.answer(listings.find(req.listing))?;
    let state = open.listing.search(&req.text).await;
    Ok(listings.draw(&open, &state))
}

/// Changes the order.
#[tauri::command]
#[specta::specta]
pub async fn sort_folder(
    req: SortFolder,
    listings: State<'_, Listings>,
    problems: State<'_, Problems>,
) -> Answer<Listing> {
    let open = problems.answer(listings.find(req.listing))?;
    let state = open.listing.sort(req.by.into(), req.descending).await;
    Ok(listings.draw(&open, &state))
}

/// Reads a folder again.
#[tauri::command]
#[specta::specta]
pub async fn refresh_folder(
    req: RefreshFolder,
    listings: State<'_, Listings>,
    problems: State<'_, Problems>,
) -> Answer<Listing> {
    let open = problems.answer(listings.find(req.listing))?;
    let state = open.listing.refresh().await;
    Ok(listings.draw(&open, &state))
}

/// Says which folder takes what is dropped on the window, or that none does.
#[tauri::command]
#[specta::specta]
pub async fn take_drops(req: TakeDrops, listings: State<'_, Listings>, problems: State<'_, Problems>) -> Answer<()> {
    problems.answer(listings.show(req.listing))
}
