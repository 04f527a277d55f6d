//! Commands about links. The link itself never crosses to the page.

use crate::problems::Problems;
use crate::sharing::Sharing;
use crate::wire::links::{CopyLink, GetShareOptions, LinkCopied, LinkUndone, ShareOptions, UndoLink};
use crate::wire::problems::Answer;
use tauri::State;

/// Makes a link, tests it and puts it on the clipboard.
#[tauri::command]
#[specta::specta]
pub async fn copy_link(
    req: CopyLink,
    sharing: State<'_, Sharing>,
    problems: State<'_, Problems>,
) -> Answer<LinkCopied> {
    problems.answer(sharing.copy_link(&req).await)
}

/// What the Share sheet offers.
#[tauri::command]
#[specta::specta]
pub async fn get_share_options(
    req: GetShareOptions,
    sharing: State<'_, Sharing>,
    problems: State<'_, Problems>,
) -> Answer<ShareOptions> {
    problems.answer(sharing.options(&req.target).await)
}

/// Stops the private copy that is being made; the link that needed it is not made.
#[tauri::command]
#[specta::specta]
pub async fn cancel_link_making(sharing: State<'_, Sharing>) -> Answer<()> {
    sharing.cancel_making();
    Ok(())
}

/// Takes a link back that was just made: off the clipboard, off the list, and stopped if it can be.
#[tauri::command]
#[specta::specta]
pub async fn undo_link(
    req: UndoLink,
    sharing: State<'_, Sharing>,
    problems: State<'_, Problems>,
) -> Answer<LinkUndone> {
    problems.answer(sharing.undo(&req.id).await)
}
