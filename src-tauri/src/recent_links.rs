//! The newest links in the tray's menu: copied again or stopped without the window. One notification says how it went.

use crate::problems::Trouble;
use crate::quick_upload::tell;
use crate::shared_links::{self, SharedLinks};
use crate::sharing::Sharing;
use crate::state::{self, Tasks};
use crate::{messages, notify};
use jiff::{Timestamp, ZonedDateTime};
use satchel_core::ledger::Ledger;
use satchel_core::links;
use satchel_core::{Code, Error, Operation};
use tauri::{AppHandle, Manager};

/// Puts a link on the clipboard once more.
pub fn copy(app: &AppHandle, id: &str) {
    let id = id.to_owned();
    run(app, |app| async move {
        let sharing = app.state::<Sharing>().inner().clone();
        let copied = sharing.copy_again(&id, false).await?;
        let end: Timestamp = copied.ends_at.parse().unwrap_or_default();
        let end = links::until(end, &ZonedDateTime::now());
        say(&app, "shell.notification.link_copied", &[("file", &copied.name), ("end", &end)]);
        Ok(())
    });
}

/// Stops the newest link. If that one can't be stopped, none is: an older one is not what is meant.
pub fn stop_last(app: &AppHandle) {
    run(app, |app| async move {
        let (ledger, links) = (app.state::<Ledger>().inner().clone(), app.state::<SharedLinks>().inner().clone());
        let newest = shared_links::recent(&ledger, 1).await?.pop();
        let newest = newest.ok_or_else(|| Error::new(Code::LinkOver, Operation::Link))?;
        let name = links.stop(&newest.id).await?;
        say(&app, "shell.notification.link_stopped", &[("file", &name)]);
        Ok(())
    });
}

fn run<F>(app: &AppHandle, deed: impl FnOnce(AppHandle) -> F + Send + 'static)
where
    F: Future<Output = Result<(), Trouble>> + Send,
{
    let app = app.clone();
    app.clone().state::<Tasks>().spawn(async move {
        let done = match state::open(&app).await {
            Ok(()) => deed(app.clone()).await,
            Err(error) => Err(error.into()),
        };
        if let Err(trouble) = done {
            tell(&app, trouble);
        }
    });
}

fn say(app: &AppHandle, news: &str, values: &[(&str, &str)]) {
    notify::show(
        app,
        messages::filled(&format!("{news}.title"), values),
        messages::filled(&format!("{news}.body"), values),
    );
}
