//! Commands about the person's settings.

use crate::problems::Problems;
use crate::wire::problems::Answer;
use crate::wire::settings::Settings;
use satchel_core::settings::KeptSettings;
use tauri::State;

/// The settings as they are now.
#[tauri::command]
#[specta::specta]
pub async fn get_settings(settings: State<'_, KeptSettings>) -> Answer<Settings> {
    Ok(settings.now().into())
}

/// Replaces the settings, which are obeyed at once. Says what they are now.
#[tauri::command]
#[specta::specta]
pub async fn replace_settings(
    req: Settings,
    settings: State<'_, KeptSettings>,
    problems: State<'_, Problems>,
) -> Answer<Settings> {
    problems.answer(settings.replace(req.into()).await).map(Settings::from)
}
