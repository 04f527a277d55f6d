//! Keeps the computer from falling asleep by itself while files are on their way. Whoever closes the lid still may.

use crate::state::Tasks;
use crate::uploads::Uploads;
use keepawake::{Builder, KeepAwake};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use tauri::{AppHandle, Manager};

/// Follows the transfers for as long as the app lives.
pub fn follow(app: &AppHandle, uploads: Uploads) {
    let (wish, wishes) = sync_channel(1);
    // A thread of its own: on Windows the wish belongs to the thread that has it, and the desktop's services block. It
    // ends with the channel.
    let thread = std::thread::Builder::new().name("power".to_owned()).spawn(move || grant(&wishes));
    if let Err(cause) = thread {
        tracing::warn!(%cause, "the computer may fall asleep while files are on their way");
        return;
    }
    app.state::<Tasks>().spawn(async move { tell(uploads, wish).await });
}

async fn tell(uploads: Uploads, wish: SyncSender<bool>) {
    let mut pictures = uploads.watch();
    let mut told = false;
    loop {
        let moves = pictures.borrow_and_update().line.running > 0;
        // A full channel means that the thread is at the last wish: the next picture tells again.
        if moves != told && wish.try_send(moves).is_ok() {
            told = moves;
        }
        if pictures.changed().await.is_err() {
            return;
        }
    }
}

fn grant(wishes: &Receiver<bool>) {
    let mut awake: Option<KeepAwake> = None;
    while let Ok(wanted) = wishes.recv() {
        awake = match wanted {
            true => stay_awake().or(awake),
            false => None,
        };
    }
}

fn stay_awake() -> Option<KeepAwake> {
    let request = Builder::default()
        .idle(true)
        .reason("Files are on their way")
        .app_name("Satchel")
        .app_reverse_domain("org.satchel.Satchel")
        .create();
    match request {
        Ok(awake) => Some(awake),
        Err(cause) => {
            tracing::debug!(%cause, "nobody here keeps the computer awake");
            None
        }
    }
}
