//! Commands about links that were made. By their ids; the links themselves never cross to the page.

use crate::listings::Listings;
use crate::pictures;
use crate::problems::{Problems, Trouble};
use crate::shared_links::SharedLinks;
use crate::sharing::Sharing;
use crate::wire::links::LinkCopied;
use crate::wire::problems::Answer;
use crate::wire::shared_links::{
    CopyLinkAgain, EmailDraft, EmailLink, GetLinkQr, GetLinks, LinkQr, LinkStopped, LinkWindow, RenewLink, SaveLinkQr,
    SetLinkNote, StopLink,
};
use tauri::{AppHandle, State};

/// A window of the links that were made.
#[tauri::command]
#[specta::specta]
pub async fn get_links(
    req: GetLinks,
    links: State<'_, SharedLinks>,
    listings: State<'_, Listings>,
    problems: State<'_, Problems>,
) -> Answer<LinkWindow> {
    problems.answer(links.window(&req, &listings, &problems).await)
}

/// Puts a link that works on the clipboard once more.
#[tauri::command]
#[specta::specta]
pub async fn copy_link_again(
    req: CopyLinkAgain,
    sharing: State<'_, Sharing>,
    problems: State<'_, Problems>,
) -> Answer<LinkCopied> {
    problems.answer(sharing.copy_again(&req.id, req.with_text).await)
}

/// Makes a new link to the same, with a new end, and puts it on the clipboard.
#[tauri::command]
#[specta::specta]
pub async fn renew_link(
    req: RenewLink,
    sharing: State<'_, Sharing>,
    problems: State<'_, Problems>,
) -> Answer<LinkCopied> {
    problems.answer(sharing.renew(&req.id).await)
}

/// Stops a link, and makes sure that it is.
#[tauri::command]
#[specta::specta]
pub async fn stop_link(
    req: StopLink,
    links: State<'_, SharedLinks>,
    problems: State<'_, Problems>,
) -> Answer<LinkStopped> {
    problems.answer(links.stop(&req.id).await.map(|name| LinkStopped { name }))
}

/// Keeps what the person noted about a link, for their own list.
#[tauri::command]
#[specta::specta]
pub async fn set_link_note(
    req: SetLinkNote,
    links: State<'_, SharedLinks>,
    problems: State<'_, Problems>,
) -> Answer<()> {
    problems.answer(links.set_note(&req.id, &req.note).await)
}

/// Puts a link on the clipboard and opens a mail that says where to paste it.
#[tauri::command]
#[specta::specta]
pub async fn email_link(
    req: EmailLink,
    sharing: State<'_, Sharing>,
    problems: State<'_, Problems>,
) -> Answer<EmailDraft> {
    problems.answer(sharing.email(&req.id).await.map(|()| EmailDraft {}))
}

/// A link as a picture that phones read.
#[tauri::command]
#[specta::specta]
pub async fn get_link_qr(req: GetLinkQr, sharing: State<'_, Sharing>, problems: State<'_, Problems>) -> Answer<LinkQr> {
    problems.answer(sharing.qr(&req.id).await)
}

/// Asks where to, and saves that picture there. False: the person thought better of it.
#[tauri::command]
#[specta::specta]
pub async fn save_link_qr(
    req: SaveLinkQr,
    app: AppHandle,
    sharing: State<'_, Sharing>,
    problems: State<'_, Problems>,
) -> Answer<bool> {
    let picture = sharing.qr_png(&req.id).await.map_err(Trouble::from);
    let (name, png) = problems.answer(picture)?;
    problems.answer(pictures::save(&app, &name, png).await)
}
