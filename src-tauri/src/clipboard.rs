//! The clipboard. One thread owns it, because on X11 whoever copied has to serve it; it reads only on the person's paste.

use crate::problems::Trouble;
use arboard::Clipboard as System;
use satchel_core::links::SignedUrl;
use std::path::PathBuf;
use std::sync::mpsc::{self, SyncSender};
use tokio::sync::oneshot;

/// Nobody copies more often than that before the first one is done.
const WAITING: usize = 16;

enum Wish {
    Link(SignedUrl, oneshot::Sender<Result<(), Trouble>>),
    Text(String, oneshot::Sender<Result<(), Trouble>>),
    Files(oneshot::Sender<Vec<PathBuf>>),
}

/// The way to the owner of the clipboard. Cheap to clone; the owner ends with the last clone.
#[derive(Clone)]
pub struct Clipboard(SyncSender<Wish>);

impl Clipboard {
    /// Starts the owner. The clipboard itself is opened on first use.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub fn start() -> std::io::Result<Self> {
        let (wishes, inbox) = mpsc::sync_channel(WAITING);
        std::thread::Builder::new().name("clipboard".to_owned()).spawn(move || own(&inbox))?;
        Ok(Clipboard(wishes))
    }

    /// Puts a link on the clipboard, and asks clipboard histories not to keep it.
    ///
    /// # Errors
    /// When no clipboard takes it.
    pub async fn put_link(&self, link: SignedUrl) -> Result<(), Trouble> {
        self.ask(|reply| Wish::Link(link, reply)).await.unwrap_or_else(|| Err(gone()))
    }

    /// Puts an ordinary text on the clipboard.
    ///
    /// # Errors
    /// When no clipboard takes it.
    pub async fn put_text(&self, text: String) -> Result<(), Trouble> {
        self.ask(|reply| Wish::Text(text, reply)).await.unwrap_or_else(|| Err(gone()))
    }

    /// The files that were copied in a file manager; none if something else is there.
    pub async fn files(&self) -> Vec<PathBuf> {
        self.ask(Wish::Files).await.unwrap_or_default()
    }

    async fn ask<T>(&self, wish: impl FnOnce(oneshot::Sender<T>) -> Wish) -> Option<T> {
        let (reply, answer) = oneshot::channel();
        self.0.try_send(wish(reply)).ok()?;
        answer.await.ok()
    }
}

fn gone() -> Trouble {
    Trouble::Clipboard("the clipboard’s owner is busy or gone".to_owned())
}

fn own(inbox: &mpsc::Receiver<Wish>) {
    let mut system: Option<System> = None;
    while let Ok(wish) = inbox.recv() {
        // Whoever asked may have gone: then nobody needs the answer.
        match wish {
            Wish::Link(link, reply) => drop(reply.send(put(&mut system, link.reveal(), true))),
            Wish::Text(text, reply) => drop(reply.send(put(&mut system, &text, false))),
            Wish::Files(reply) => drop(reply.send(files(&mut system))),
        }
    }
}

fn open(system: &mut Option<System>) -> Result<&mut System, arboard::Error> {
    match system {
        Some(open) => Ok(open),
        closed => Ok(closed.insert(System::new()?)),
    }
}

fn put(system: &mut Option<System>, text: &str, keep_out_of_history: bool) -> Result<(), Trouble> {
    let done = open(system).and_then(|open| {
        let set = open.set();
        let set = if keep_out_of_history { secretly(set) } else { set };
        set.text(text)
    });
    done.map_err(|cause| {
        // The display may have gone and come back: the next wish opens it afresh.
        *system = None;
        Trouble::Clipboard(cause.to_string())
    })
}

#[cfg(target_os = "linux")]
fn secretly(set: arboard::Set<'_>) -> arboard::Set<'_> {
    arboard::SetExtLinux::exclude_from_history(set)
}

#[cfg(target_os = "windows")]
fn secretly(set: arboard::Set<'_>) -> arboard::Set<'_> {
    arboard::SetExtWindows::exclude_from_history(set)
}

#[cfg(target_os = "macos")]
fn secretly(set: arboard::Set<'_>) -> arboard::Set<'_> {
    arboard::SetExtApple::exclude_from_history(set)
}

fn files(system: &mut Option<System>) -> Vec<PathBuf> {
    match open(system).and_then(|open| open.get().file_list()) {
        Ok(files) => files,
        Err(arboard::Error::ContentNotAvailable) => Vec::new(),
        Err(_) => {
            *system = None;
            Vec::new()
        }
    }
}
