//! The main window: built when it is wanted, destroyed when it is closed. What happens then is decided here.
//!
//! A web page costs more memory than the rest of the app, so a window that nobody sees does not exist.

use crate::listings::Listings;
use crate::state::Tasks;
use crate::tray::Tray;
use crate::uploads::Uploads;
use crate::{drops, messages, notify};
use satchel_core::ledger::Ledger;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tauri::webview::{NewWindowResponse, PageLoadEvent};
use tauri::{AppHandle, Manager, Url, WebviewUrl, WebviewWindow, WebviewWindowBuilder, Window, WindowEvent};

/// The label of the main window; its capabilities name it.
pub const MAIN: &str = "main";
/// A page that has not said that it is there by then is shown as it is.
const LONGEST_HIDDEN: Duration = Duration::from_secs(3);
/// What a notification may take before the app is gone.
const LAST_WORDS: Duration = Duration::from_secs(2);
/// What the last notification may take before the app ends without it.
const LAST_NOTE: Duration = Duration::from_millis(500);
const SAID_THAT_IT_GOES_ON: &str = "said_that_it_goes_on";

/// Whether the person wants to quit: nothing keeps the app then.
#[derive(Debug, Clone, Default)]
pub struct Leaving(Arc<AtomicBool>);

impl Leaving {
    pub fn mean_it(&self) {
        self.0.store(true, Ordering::SeqCst);
    }

    pub fn is_meant(&self) -> bool {
        self.0.load(Ordering::SeqCst)
    }
}

/// Shows the window, built anew if it was closed.
pub fn open(app: &AppHandle) {
    let app = app.clone();
    // Building a window inside an event of another one locks up on Windows.
    app.clone().state::<Tasks>().spawn(async move {
        match app.get_webview_window(MAIN) {
            Some(window) => bring_to_front(&window),
            None => match build(&app) {
                Ok(window) => show_at_last(window).await,
                Err(cause) => tracing::error!(%cause, "the window can't be opened"),
            },
        }
    });
}

fn build(app: &AppHandle) -> tauri::Result<WebviewWindow> {
    WebviewWindowBuilder::new(app, MAIN, WebviewUrl::default())
        .title(messages::text("shell.window.title"))
        .inner_size(1120.0, 720.0)
        .min_inner_size(720.0, 480.0)
        .center()
        .visible(false)
        .on_navigation(is_our_page)
        .on_new_window(|_, _| NewWindowResponse::Deny)
        .on_page_load(|window, page| {
            if page.event() == PageLoadEvent::Finished {
                bring_to_front(&window);
            }
        })
        .build()
}

async fn show_at_last(window: WebviewWindow) {
    tokio::time::sleep(LONGEST_HIDDEN).await;
    if !window.is_visible().unwrap_or(true) {
        bring_to_front(&window);
    }
}

fn bring_to_front(window: &WebviewWindow) {
    let done = window.unminimize().and_then(|()| window.show()).and_then(|()| window.set_focus());
    if let Err(cause) = done {
        tracing::debug!(%cause, "the window could not be brought to the front");
    }
}

/// Whether the window may go there: the app's own page, and nothing else.
fn is_our_page(url: &Url) -> bool {
    match url.scheme() {
        "tauri" => url.host_str() == Some("localhost"),
        "http" | "https" if url.host_str() == Some("tauri.localhost") => true,
        "http" => cfg!(dev) && url.host_str() == Some("127.0.0.1") && url.port() == Some(1420),
        "about" => url.as_str() == "about:blank",
        _ => false,
    }
}

/// Whether our window is the one that the person looks at.
pub async fn is_in_front(app: &AppHandle) -> bool {
    let Some(window) = app.get_webview_window(MAIN) else { return false };
    // The main thread answers, and at the end of the app it does not: whoever asks has to be free to go.
    tokio::task::spawn_blocking(move || window.is_focused().unwrap_or(false)).await.unwrap_or(false)
}

/// What happens to the window.
pub fn on_event(window: &Window, event: &WindowEvent) {
    match event {
        WindowEvent::CloseRequested { .. } => say_once_that_it_goes_on(window.app_handle()),
        WindowEvent::Destroyed => {
            if let Some(listings) = window.app_handle().try_state::<Listings>() {
                listings.close_all();
            }
        }
        WindowEvent::DragDrop(event) => drops::on_event(window.app_handle(), event),
        _ => {}
    }
}

/// Whether the app lives on without a window: it can be reached in the tray, or it has work to finish.
pub fn stays(app: &AppHandle) -> bool {
    !app.state::<Leaving>().is_meant() && (app.state::<Tray>().can_be_seen() || is_moving(app))
}

fn is_moving(app: &AppHandle) -> bool {
    app.try_state::<Uploads>().is_some_and(|uploads| uploads.is_moving())
}

/// Quits, whatever is going on. The end of `run` sees to what moves.
pub fn leave(app: &AppHandle) {
    app.state::<Leaving>().mean_it();
    let left = app.try_state::<Uploads>().filter(|uploads| uploads.is_moving()).map(|uploads| uploads.sentence());
    let Some(sentence) = left else { return app.exit(0) };
    let app = app.clone();
    app.clone().state::<Tasks>().spawn(async move {
        let title = messages::text("shell.notification.goes_on_at_next_start.title");
        let body = messages::filled("shell.notification.goes_on_at_next_start.body", &[("sentence", &sentence)]);
        // Nobody has to be there to show it, and nobody is waited for.
        let _ = tokio::time::timeout(LAST_NOTE, notify::say_and_go(&title, &body)).await;
        app.exit(0);
    });
}

/// When the last upload is over, the window is closed and there is no tray to come back from: quits, or shows the
/// window if something needs the person.
pub async fn leave_if_nothing_is_left(app: &AppHandle) {
    let nobody_comes_back = || app.get_webview_window(MAIN).is_none() && !stays(app);
    if !nobody_comes_back() {
        return;
    }
    if app.try_state::<Uploads>().is_some_and(|uploads| uploads.needs_the_person()) {
        open(app);
        return;
    }
    // The notification of how it went comes first.
    tokio::time::sleep(LAST_WORDS).await;
    if nobody_comes_back() {
        leave(app);
    }
}

fn say_once_that_it_goes_on(app: &AppHandle) {
    if !stays(app) {
        return;
    }
    let sentence = if app.state::<Tray>().can_be_seen() {
        "shell.notification.still_running.body"
    } else {
        "shell.notification.still_running_no_tray.body"
    };
    let app = app.clone();
    app.clone().state::<Tasks>().spawn(async move {
        let Some(ledger) = app.try_state::<Ledger>().map(|ledger| ledger.inner().clone()) else { return };
        let said = ledger.setting(SAID_THAT_IT_GOES_ON).await.ok().flatten().is_some();
        if !said && ledger.set_setting(SAID_THAT_IT_GOES_ON, "yes").await.is_ok() {
            notify::show(&app, messages::text("shell.notification.still_running.title"), messages::text(sentence));
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_window_goes_nowhere_but_to_our_own_page() {
        assert!(is_our_page(&"tauri://localhost/index.html".parse().unwrap()));
        for elsewhere in [
            "https://example.com/",
            "file:///etc/passwd",
            "data:text/html,x",
            "javascript:1",
            "http://127.0.0.1:9000/",
            "tauri://elsewhere/",
        ] {
            assert!(!is_our_page(&elsewhere.parse().unwrap()), "{elsewhere}");
        }
    }
}
