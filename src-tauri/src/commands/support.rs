//! Commands about getting help.

use crate::clipboard::Clipboard;
use crate::problems::Problems;
use crate::support;
use crate::wire::problems::{Answer, AskIt, CopyProblemDetails};
use tauri::State;

/// Puts what IT needs to know about a problem on the clipboard.
#[tauri::command]
#[specta::specta]
pub async fn copy_problem_details(
    req: CopyProblemDetails,
    clipboard: State<'_, Clipboard>,
    problems: State<'_, Problems>,
) -> Answer<()> {
    let problem = problems.answer(problems.find(req.problem))?;
    problems.answer(clipboard.put_text(support::details(&problem)).await)
}

/// Opens a mail to IT about a problem.
#[tauri::command]
#[specta::specta]
pub async fn ask_it(req: AskIt, problems: State<'_, Problems>) -> Answer<()> {
    problems.answer(problems.find(req.problem).and_then(|problem| support::mail_about(&problem)))
}

/// Opens a mail to IT that asks for what is needed to begin.
#[tauri::command]
#[specta::specta]
pub async fn ask_it_for_access(problems: State<'_, Problems>) -> Answer<()> {
    problems.answer(support::mail_for_access())
}

/// Opens this computer's date and time settings.
#[tauri::command]
#[specta::specta]
pub async fn open_date_and_time_settings(problems: State<'_, Problems>) -> Answer<()> {
    problems.answer(support::open_date_and_time().await)
}
