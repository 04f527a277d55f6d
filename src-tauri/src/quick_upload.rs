//! Quick upload from the tray: choose a file, and its link is on the clipboard. One notification says until when.

use crate::clipboard::Clipboard;
use crate::practice::Practice;
use crate::problems::{Problems, Trouble};
use crate::sharing::Sharing;
use crate::state::{self, Tasks};
use crate::uploads::Uploads;
use crate::{choose, messages, notify, places, windows};
use jiff::ZonedDateTime;
use satchel_core::links::{self, LinkRequest, PrivateFolder};
use satchel_core::names;
use satchel_core::transfers::State;
use std::ffi::OsStr;
use std::path::PathBuf;
use std::time::Duration;
use tauri::{AppHandle, Manager};

/// After this the person may have copied something else, which is theirs.
const CLIPBOARD_IS_OURS: Duration = Duration::from_secs(30);

/// Begins a quick upload. Asks for a file first.
pub fn begin(app: &AppHandle) {
    let app = app.clone();
    app.clone().state::<Tasks>().spawn(async move {
        if let Err(trouble) = choose_and_share(&app).await {
            let problem = app.state::<Problems>().tell(trouble);
            notify::show(&app, problem.title, problem.sentence);
        }
    });
}

async fn choose_and_share(app: &AppHandle) -> Result<(), Trouble> {
    state::open(app).await?;
    let Some(place) = places::for_quick_upload(app).await? else {
        windows::open(app);
        return Ok(());
    };
    match choose::file(app).await {
        Some(path) => share(app, &place, path).await,
        None => Ok(()),
    }
}

/// # Cancellation
/// Dropped early, the upload goes on in its queue; no link is made.
async fn share(app: &AppHandle, place: &satchel_core::place::Place, path: PathBuf) -> Result<(), Trouble> {
    let untouched = app.state::<Clipboard>().as_it_is(CLIPBOARD_IS_OURS).await;
    let storage = app.state::<Practice>().storage(place).await?;
    let file = names::stored_name(path.file_name().unwrap_or(OsStr::new("")))?;
    let name = PrivateFolder::for_upload(&storage, place.link_time()).holds(&file);
    let uploads = app.state::<Uploads>().inner().clone();
    let Some(transfer) = uploads.store_privately(&storage, path, name).await else { return Ok(()) };
    match &transfer.state {
        State::Done => {}
        State::NeedsYou(error, _) => return Err(error.clone().into()),
        // Stopped by the person, who knows.
        _ => return Ok(()),
    }
    let late = || say(app, "shell.notification.uploaded_late", &[("file", &names::display(&file))]);
    if untouched.is_over() {
        late();
        return Ok(());
    }
    let wished = LinkRequest::new(transfer.name.clone());
    let sharing = app.state::<Sharing>().inner().clone();
    let Some(link) = sharing.hand_over(&storage, &wished, untouched).await? else {
        late();
        return Ok(());
    };
    let end = links::until(link.ends_at, &ZonedDateTime::now());
    say(app, "shell.notification.link_copied", &[("file", &names::display(&file)), ("end", &end)]);
    Ok(())
}

fn say(app: &AppHandle, news: &str, values: &[(&str, &str)]) {
    notify::show(
        app,
        messages::filled(&format!("{news}.title"), values),
        messages::filled(&format!("{news}.body"), values),
    );
}
