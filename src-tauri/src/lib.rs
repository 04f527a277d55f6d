//! The desktop shell: what needs a window, a tray, a clipboard or a notification, and nothing that does not.

#[cfg(target_os = "linux")]
mod alone;
mod bindings;
mod bridge;
#[cfg(test)]
mod capabilities;
mod choose;
mod clipboard;
mod commands;
mod downloads;
mod drops;
mod ends;
mod freshness;
mod handover;
mod hardening;
mod listings;
mod logging;
mod marks;
mod messages;
mod notify;
mod pictures;
mod places;
mod power;
mod practice;
mod problems;
mod quick_upload;
mod recent_links;
#[cfg(test)]
mod sample;
mod shared_links;
mod sharing;
mod state;
mod support;
mod tray;
mod uploads;
mod windows;
mod wire;

pub use hardening::harden;

use tauri::{App, AppHandle, Manager, RunEvent};

/// Runs the app until the person quits.
///
/// # Errors
/// When the system gives no window at all.
pub fn run() -> anyhow::Result<()> {
    logging::start();
    let leaving = windows::Leaving::default();
    // First of all: a second start has to end before it does anything.
    #[cfg(target_os = "linux")]
    let (alone, starts) = match tauri::async_runtime::block_on(alone::start(&leaving)) {
        alone::Start::First(alone, starts) => (alone, starts),
        alone::Start::HandedOver => return Ok(()),
    };
    let builder = tauri::Builder::default();
    #[cfg(target_os = "linux")]
    let builder = builder.manage(alone);
    #[cfg(not(target_os = "linux"))]
    let builder =
        builder.plugin(tauri_plugin_single_instance::init(|app, arguments, _folder| started_again(app, &arguments)));
    let commands = bindings::builder();
    let app = builder
        .plugin(tauri_plugin_dialog::init())
        .manage(state::Tasks::default())
        .manage(state::Opened::default())
        .manage(problems::Problems::default())
        .manage(tray::Tray::default())
        .manage(drops::Drags::default())
        .manage(leaving)
        .manage(places::PracticeWanted::default())
        .invoke_handler(commands.invoke_handler())
        .on_window_event(windows::on_event)
        .setup(move |app| {
            commands.mount_events(app);
            start(app);
            #[cfg(target_os = "linux")]
            follow_starts(app, starts);
            Ok(())
        })
        .build(tauri::generate_context!())?;
    app.run(on_event);
    Ok(())
}

fn start(app: &App) {
    let handle = app.handle().clone();
    app.state::<places::PracticeWanted>().read(std::env::args_os());
    windows::open(&handle);
    let tasks = app.state::<state::Tasks>();
    let tray = handle.clone();
    tasks.spawn(async move {
        if let Err(cause) = tray::start(&tray).await {
            tracing::warn!(%cause, "there is no tray");
        }
    });
    tasks.spawn(async move {
        asked_to_end().await;
        windows::leave(&handle);
    });
}

/// Hears of later starts for as long as the app lives.
#[cfg(target_os = "linux")]
fn follow_starts(app: &App, mut starts: tokio::sync::mpsc::Receiver<Vec<String>>) {
    let handle = app.handle().clone();
    app.state::<state::Tasks>().spawn(async move {
        while let Some(arguments) = starts.recv().await {
            started_again(&handle, &arguments);
        }
    });
}

/// The person started the app although it runs: they want to see it. Arguments other than `--practice` mean nothing.
fn started_again(app: &AppHandle, arguments: &[String]) {
    let practice = app.state::<places::PracticeWanted>().read(arguments);
    match app.get_webview_window(windows::MAIN).filter(|_| practice) {
        // The page asks for its first screen again, and gets the practice place.
        Some(window) => {
            if let Err(cause) = window.reload() {
                tracing::warn!(%cause, "the page could not be loaded again");
            }
        }
        None => windows::open(app),
    }
}

fn on_event(app: &AppHandle, event: RunEvent) {
    match event {
        RunEvent::ExitRequested { api, code: None, .. } if windows::stays(app) => api.prevent_exit(),
        RunEvent::Exit => tauri::async_runtime::block_on(state::close(app)),
        _ => {}
    }
}

/// Waits until the system or the person's session ends the app.
#[cfg(unix)]
async fn asked_to_end() {
    use tokio::signal::unix::{SignalKind, signal};
    let (Ok(mut terminate), Ok(mut interrupt)) = (signal(SignalKind::terminate()), signal(SignalKind::interrupt()))
    else {
        return std::future::pending().await;
    };
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
}

#[cfg(not(unix))]
async fn asked_to_end() {
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending().await
    }
}
