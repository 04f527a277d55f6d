//! The tray: quick upload, open, quit. Built only where it can be, and known to be seen only where somebody shows it.

use crate::state::Tasks;
use crate::uploads::Uploads;
use crate::{messages, quick_upload, windows};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;
use tauri::image::Image;
use tauri::menu::{Menu, MenuItem, PredefinedMenuItem};
use tauri::tray::TrayIconBuilder;
use tauri::{AppHandle, Manager, Wry};

const STATUS: &str = "status";
const QUICK_UPLOAD: &str = "quick-upload";
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
}

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
    let status = MenuItem::with_id(app, STATUS, status_words(""), false, None::<&str>)?;
    let (line, other_line) = (PredefinedMenuItem::separator(app)?, PredefinedMenuItem::separator(app)?);
    let menu = Menu::with_items(app, &[&status, &line, &upload, &other_line, &open, &quit])?;
    // Built once: a second one would not be shown.
    let _ = app.state::<Tray>().0.status.set(status);
    TrayIconBuilder::with_id("satchel")
        .icon(Image::from_bytes(include_bytes!("../../icons/tray.png"))?)
        .tooltip(messages::text("shell.tray.tooltip"))
        .menu(&menu)
        .on_menu_event(|app, event| match event.id().as_ref() {
            QUICK_UPLOAD => quick_upload::begin(app),
            OPEN => windows::open(app),
            QUIT => windows::leave(app),
            _ => {}
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
