//! The tray: quick upload, the newest links, open, quit. Built only where it can be, and known to be seen only where somebody shows it.

use crate::shared_links::{self, SharedLinks};
use crate::state::Tasks;
use crate::uploads::Uploads;
use crate::{handover, messages, quick_upload, recent_links, windows};
use satchel_core::ledger::Ledger;
use satchel_core::links::Shared as SharedLink;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;
use tauri::image::Image;
use tauri::menu::{Menu, MenuItem, PredefinedMenuItem};
use tauri::tray::TrayIconBuilder;
use tauri::{AppHandle, Manager, Wry};

const STATUS: &str = "status";
const QUICK_UPLOAD: &str = "quick-upload";
const STOP_LAST_LINK: &str = "stop-last-link";
const OPEN: &str = "open";
const QUIT: &str = "quit";

/// Whether there is a tray that a person can see. Managed from the start.
#[derive(Clone, Default)]
pub struct Tray(Arc<Shared>);

#[derive(Default)]
struct Shared {
    seen: AtomicBool,
    /// The entry that says how the transfers are.
    status: OnceLock<MenuItem<Wry>>,
    recent: OnceLock<Recent>,
}

/// The entries of the newest links.
struct Recent {
    menu: Menu<Wry>,
    stop: MenuItem<Wry>,
    /// Their heading and themselves, as far as there are any.
    shown: Mutex<Vec<MenuItem<Wry>>>,
}

/// How many of the newest links are in the menu.
const RECENT_LINKS: usize = 3;
/// What is before them: status, line, quick upload, line.
const BEFORE_RECENT_LINKS: usize = 4;
/// The entry of one link is called by this and its id.
const RECENT_LINK: &str = "recent:";

impl Tray {
    pub fn can_be_seen(&self) -> bool {
        self.0.seen.load(Ordering::SeqCst)
    }
}

/// Says in the menu how the transfers are, for as long as the app lives: the sentence of the window's bar.
pub fn follow(app: &AppHandle, uploads: Uploads) {
    /// Menus are read, not watched.
    const PAUSE: Duration = Duration::from_secs(1);
    let tray = app.state::<Tray>().inner().clone();
    app.state::<Tasks>().spawn(async move {
        let mut news = uploads.news();
        let mut shown = String::new();
        loop {
            let sentence = uploads.sentence();
            if let Some(status) = tray.0.status.get().filter(|_| sentence != shown) {
                match status.set_text(status_words(&sentence)) {
                    Ok(()) => shown = sentence,
                    Err(cause) => tracing::debug!(%cause, "the tray does not say how the transfers are"),
                }
            }
            tokio::time::sleep(PAUSE).await;
            if !news.next().await {
                return;
            }
        }
    });
}

/// Keeps the newest links in the menu, for as long as the app lives.
pub fn follow_links(app: &AppHandle, links: SharedLinks) {
    /// Links end by themselves, and places that are not open say nothing.
    const LOOKS: Duration = Duration::from_secs(60);
    let (tray, ledger) = (app.state::<Tray>().inner().clone(), app.state::<Ledger>().inner().clone());
    let app = app.clone();
    app.clone().state::<Tasks>().spawn(async move {
        let mut changes = links.watch();
        let mut shown = None;
        loop {
            let newest: Vec<SharedLink> = shared_links::recent(&ledger, RECENT_LINKS).await.unwrap_or_default();
            let ids: Vec<String> = newest.iter().map(|link| link.id.clone()).collect();
            if tray.0.recent.get().is_some() && shown.as_ref() != Some(&ids) {
                match tray.show_links(&app, &newest) {
                    Ok(()) => shown = Some(ids),
                    Err(cause) => tracing::debug!(%cause, "the tray does not show the newest links"),
                }
            }
            let pause = if shown.is_some() { LOOKS } else { Duration::from_secs(1) };
            if let Ok(Err(_)) = tokio::time::timeout(pause, changes.changed()).await {
                return;
            }
        }
    });
}

impl Tray {
    fn show_links(&self, app: &AppHandle, newest: &[SharedLink]) -> tauri::Result<()> {
        let Some(recent) = self.0.recent.get() else { return Ok(()) };
        let mut shown = recent.shown.lock().unwrap_or_else(PoisonError::into_inner);
        for entry in shown.drain(..) {
            recent.menu.remove(&entry)?;
        }
        let mut entries = Vec::with_capacity(newest.len() + 1);
        if !newest.is_empty() {
            let heading = messages::text("shell.tray.recent_links");
            entries.push(MenuItem::new(app, heading, false, None::<&str>)?);
        }
        for link in newest {
            let label = entry_label(&handover::label(&link.name, link.files));
            let id = format!("{RECENT_LINK}{}", link.id);
            entries.push(MenuItem::with_id(app, id, label, true, None::<&str>)?);
        }
        for (entry, position) in entries.into_iter().zip(BEFORE_RECENT_LINKS..) {
            recent.menu.insert(&entry, position)?;
            shown.push(entry);
        }
        recent.stop.set_enabled(newest.first().is_some_and(|link| link.stoppable))
    }
}

/// A file's name as an entry: not too wide, and without letters that menus take for keys.
fn entry_label(name: &str) -> String {
    const WIDEST: usize = 48;
    let length = name.chars().count();
    let short = if length <= WIDEST {
        name.to_owned()
    } else {
        let (start, end) = (name.chars().take(WIDEST / 2), name.chars().skip(length - WIDEST / 2 + 1));
        start.chain(['…']).chain(end).collect()
    };
    short.replace('&', "&&")
}

fn status_words(sentence: &str) -> String {
    match sentence {
        "" => messages::text("shell.tray.status.idle"),
        sentence => sentence.to_owned(),
    }
}

/// Builds the tray if this computer has one, and finds out whether anybody shows it.
///
/// # Errors
/// When the menu or the icon can't be made.
pub async fn start(app: &AppHandle) -> tauri::Result<()> {
    if !host::has_library() {
        tracing::warn!("no tray: libayatana-appindicator3 is not installed");
        return Ok(());
    }
    let tray = app.state::<Tray>().inner().clone();
    tray.0.seen.store(host::shows_trays().await, Ordering::SeqCst);
    let (on_main, waiting) = tokio::sync::oneshot::channel();
    let builder = app.clone();
    app.run_on_main_thread(move || drop(on_main.send(build(&builder))))?;
    waiting.await.unwrap_or(Ok(()))?;
    app.state::<Tasks>().spawn(async move { host::follow(&tray.0.seen).await });
    Ok(())
}

fn build(app: &AppHandle) -> tauri::Result<()> {
    let entry = |id: &str| {
        MenuItem::with_id(app, id, messages::text(&format!("shell.tray.{}", id.replace('-', "_"))), true, None::<&str>)
    };
    let (upload, open, quit) = (entry(QUICK_UPLOAD)?, entry(OPEN)?, entry(QUIT)?);
    let stop = entry(STOP_LAST_LINK)?;
    stop.set_enabled(false)?;
    let status = MenuItem::with_id(app, STATUS, status_words(""), false, None::<&str>)?;
    let (line, other_line) = (PredefinedMenuItem::separator(app)?, PredefinedMenuItem::separator(app)?);
    let last_line = PredefinedMenuItem::separator(app)?;
    let menu = Menu::with_items(app, &[&status, &line, &upload, &other_line, &stop, &last_line, &open, &quit])?;
    // Built once: a second one would not be shown.
    let tray = app.state::<Tray>();
    let _ = tray.0.status.set(status);
    let _ = tray.0.recent.set(Recent { menu: menu.clone(), stop, shown: Mutex::default() });
    TrayIconBuilder::with_id("satchel")
        .icon(Image::from_bytes(include_bytes!("../../icons/tray.png"))?)
        .tooltip(messages::text("shell.tray.tooltip"))
        .menu(&menu)
        .on_menu_event(|app, event| match event.id().as_ref() {
            QUICK_UPLOAD => quick_upload::begin(app),
            OPEN => windows::open(app),
            QUIT => windows::leave(app),
            STOP_LAST_LINK => recent_links::stop_last(app),
            link => {
                if let Some(id) = link.strip_prefix(RECENT_LINK) {
                    recent_links::copy(app, id);
                }
            }
        })
        .build(app)
        .map(drop)
}

#[cfg(target_os = "linux")]
mod host {
    //! Who shows trays here: a library that draws them, and a program of the desktop that has room for them.

    use std::sync::atomic::{AtomicBool, Ordering};
    use zbus::export::ordered_stream::OrderedStreamExt;
    use zbus::fdo::DBusProxy;
    use zbus::names::BusName;

    const WATCHER: &str = "org.kde.StatusNotifierWatcher";
    const LIBRARIES: &[&str] = &[
        "libayatana-appindicator3.so.1",
        "libappindicator3.so.1",
        "libayatana-appindicator3.so",
        "libappindicator3.so",
    ];

    /// The tray panics without it, so it is asked for first.
    pub fn has_library() -> bool {
        LIBRARIES.iter().any(|name| {
            // SAFETY: this library's initialisers only register types; the tray itself is about to load it.
            #[allow(unsafe_code, reason = "loading a library runs its initialisers")]
            let library = unsafe { libloading::Library::new(*name) };
            // It stays loaded: unloading a library that registered types with GTK is not allowed.
            library.map(std::mem::forget).is_ok()
        })
    }

    pub async fn shows_trays() -> bool {
        asked().await.unwrap_or(false)
    }

    async fn asked() -> zbus::Result<bool> {
        let bus = zbus::Connection::session().await?;
        Ok(DBusProxy::new(&bus).await?.name_has_owner(BusName::try_from(WATCHER)?).await?)
    }

    /// Keeps up with desktops that start or restart their tray.
    pub async fn follow(seen: &AtomicBool) {
        if let Err(cause) = followed(seen).await {
            tracing::debug!(%cause, "nobody says whether there is a tray");
        }
    }

    async fn followed(seen: &AtomicBool) -> zbus::Result<()> {
        let bus = zbus::Connection::session().await?;
        let proxy = DBusProxy::new(&bus).await?;
        let mut changes = proxy.receive_name_owner_changed_with_args(&[(0, WATCHER)]).await?;
        seen.store(proxy.name_has_owner(BusName::try_from(WATCHER)?).await?, Ordering::SeqCst);
        while let Some(change) = changes.next().await {
            seen.store(change.args()?.new_owner().is_some(), Ordering::SeqCst);
        }
        Ok(())
    }
}

#[cfg(not(target_os = "linux"))]
mod host {
    //! Windows and macOS always have a tray.

    pub fn has_library() -> bool {
        true
    }

    pub async fn shows_trays() -> bool {
        true
    }

    pub async fn follow(_seen: &std::sync::atomic::AtomicBool) {}
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_is_not_too_wide_and_names_no_key() {
        assert_eq!(entry_label("Huber & Co_2026.pdf"), "Huber && Co_2026.pdf");
        let long = entry_label(&format!("{}.pdf", "ü".repeat(300)));
        assert_eq!((long.chars().count(), long.ends_with(".pdf")), (48, true));
    }
}
