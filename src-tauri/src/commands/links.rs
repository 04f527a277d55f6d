//! Commands about links. The link itself never crosses to the page.

use crate::problems::Problems;
use crate::sharing::Sharing;
use crate::wire::links::{CopyLink, GetShareOptions, LinkCopied, ShareOptions};
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
    problems.answer(sharing.options(req.target).await)
}
