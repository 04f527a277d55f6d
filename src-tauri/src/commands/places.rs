//! Commands about places.

use crate::places;
use crate::problems::Problems;
use crate::wire::places::{CheckAndAddPlace, GetPlaceSetup, Place, PlaceCheck, PlaceSetup, SelectPlace, Start};
use crate::wire::problems::Answer;
use tauri::{AppHandle, State};

/// What the first screen needs.
#[tauri::command]
#[specta::specta]
pub async fn get_start(app: AppHandle, problems: State<'_, Problems>) -> Answer<Start> {
    problems.answer(places::start(&app).await)
}

/// How a saved place is reached, without its keys.
#[tauri::command]
#[specta::specta]
pub async fn get_place_setup(req: GetPlaceSetup, app: AppHandle, problems: State<'_, Problems>) -> Answer<PlaceSetup> {
    problems.answer(places::find(&app, &req.place).await.map(|place| PlaceSetup::from(&place)))
}

/// Checks a place step by step (see `PlaceChecked`) and saves it if it can be used.
#[tauri::command]
#[specta::specta]
pub async fn check_and_add_place(
    req: CheckAndAddPlace,
    app: AppHandle,
    problems: State<'_, Problems>,
) -> Answer<PlaceCheck> {
    problems.answer(places::check_and_add(&app, req).await)
}

/// Opens the practice place.
#[tauri::command]
#[specta::specta]
pub async fn open_practice_place(app: AppHandle, problems: State<'_, Problems>) -> Answer<Place> {
    problems.answer(places::open_practice(&app).await.map(|place| Place::from(&place)))
}

/// Uses a place from now on.
#[tauri::command]
#[specta::specta]
pub async fn select_place(req: SelectPlace, app: AppHandle, problems: State<'_, Problems>) -> Answer<()> {
    problems.answer(places::select(&app, &req.place).await)
}
