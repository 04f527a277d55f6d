//! The clipboard. One thread owns it, because on X11 whoever copied has to serve it. It reads on the person's paste; and
//! before it changes what may be somebody else's by then: of that, only a fingerprint is kept, in memory.

use crate::handover::Handover;
use crate::problems::Trouble;
use arboard::Clipboard as System;
use std::hash::{BuildHasher, RandomState};
use std::path::PathBuf;
use std::sync::mpsc::{self, SyncSender};
use std::time::{Duration, Instant};
use tokio::sync::oneshot;

/// Nobody copies more often than that before the first one is done.
const WAITING: usize = 16;

enum Wish {
    Link(Handover, oneshot::Sender<Result<(), Trouble>>),
    LinkIfUntouched(Handover, Untouched, oneshot::Sender<Result<bool, Trouble>>),
    TakeBack(String, oneshot::Sender<()>),
    Look(oneshot::Sender<Option<u64>>),
    Text(String, oneshot::Sender<Result<(), Trouble>>),
    Files(oneshot::Sender<Vec<PathBuf>>),
}

/// The clipboard as it was when something began that may end with a link on it: until when it is ours to change.
#[derive(Debug, Clone, Copy)]
pub struct Untouched {
    /// `None` where it could not be read.
    content: Option<u64>,
    until: Instant,
}

impl Untouched {
    /// Whether too much time went by, whatever is on the clipboard.
    pub fn is_over(&self) -> bool {
        Instant::now() > self.until
    }

    fn holds(&self, content: Option<u64>) -> bool {
        !self.is_over() && self.content == content
    }
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
    pub async fn put_link(&self, link: Handover) -> Result<(), Trouble> {
        self.ask(|reply| Wish::Link(link, reply)).await.unwrap_or_else(|| Err(gone()))
    }

    /// What is there now, and is to be there still when [`Clipboard::put_link_if`] is asked.
    pub async fn as_it_is(&self, lasts: Duration) -> Untouched {
        let until = Instant::now() + lasts;
        Untouched { content: self.ask(Wish::Look).await.flatten(), until }
    }

    /// Puts a link on the clipboard if nothing else was copied meanwhile and it is not too late. True if it was put there.
    ///
    /// # Errors
    /// When no clipboard takes it.
    pub async fn put_link_if(&self, link: Handover, untouched: Untouched) -> Result<bool, Trouble> {
        self.ask(|reply| Wish::LinkIfUntouched(link, untouched, reply)).await.unwrap_or_else(|| Err(gone()))
    }

    /// Empties the clipboard if the link of this id is still there. Whatever was copied since stays.
    pub async fn take_back(&self, id: &str) {
        self.ask(|reply| Wish::TakeBack(id.to_owned(), reply)).await;
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
    // Made for this process alone: a fingerprint says nothing to anybody else.
    let hasher = RandomState::new();
    // Which link is there, if it is one, and what the clipboard looked like with it.
    let mut ours: Option<(String, u64)> = None;
    while let Ok(wish) = inbox.recv() {
        // Whoever asked may have gone: then nobody needs the answer.
        match wish {
            Wish::Link(link, reply) => {
                let put = put_link(&mut system, &link);
                ours = put.is_ok().then(|| (link.id().to_owned(), fingerprint(&hasher, link.plain())));
                drop(reply.send(put));
            }
            Wish::LinkIfUntouched(link, untouched, reply) if untouched.holds(look(&mut system, &hasher)) => {
                let put = put_link(&mut system, &link);
                ours = put.is_ok().then(|| (link.id().to_owned(), fingerprint(&hasher, link.plain())));
                drop(reply.send(put.map(|()| true)));
            }
            Wish::LinkIfUntouched(_, _, reply) => drop(reply.send(Ok(false))),
            Wish::TakeBack(id, reply) => {
                if let Some((_, print)) = ours.take_if(|(ours, _)| *ours == id)
                    && look(&mut system, &hasher) == Some(print)
                {
                    empty(&mut system);
                }
                let _ = reply.send(());
            }
            Wish::Look(reply) => drop(reply.send(look(&mut system, &hasher))),
            Wish::Text(text, reply) => drop(reply.send(put_text(&mut system, text))),
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

fn put_link(system: &mut Option<System>, link: &Handover) -> Result<(), Trouble> {
    put(system, |set| secretly(set).html(link.html(), Some(link.plain())))
}

fn put_text(system: &mut Option<System>, text: String) -> Result<(), Trouble> {
    put(system, |set| set.text(text))
}

fn put(
    system: &mut Option<System>,
    how: impl FnOnce(arboard::Set<'_>) -> Result<(), arboard::Error>,
) -> Result<(), Trouble> {
    open(system).and_then(|open| how(open.set())).map_err(|cause| {
        // The display may have gone and come back: the next wish opens it afresh.
        *system = None;
        Trouble::Clipboard(cause.to_string())
    })
}

fn empty(system: &mut Option<System>) {
    if let Err(cause) = open(system).and_then(System::clear) {
        tracing::debug!(%cause, "the clipboard could not be emptied");
        *system = None;
    }
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

/// A fingerprint of what is there: text, else files, else something else. `None` if the clipboard does not answer.
fn look(system: &mut Option<System>, hasher: &RandomState) -> Option<u64> {
    let open = open(system).ok()?;
    let print = match open.get_text() {
        Ok(text) => fingerprint(hasher, &text),
        Err(arboard::Error::ContentNotAvailable) => match open.get().file_list() {
            Ok(files) => hasher.hash_one(("files", files)),
            // Pictures are not told apart: to read one takes longer than it is worth.
            Err(_) => hasher.hash_one("something else"),
        },
        Err(_) => return None,
    };
    Some(print)
}

fn fingerprint(hasher: &RandomState, text: &str) -> u64 {
    hasher.hash_one(("text", text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_copied_meanwhile_stays_and_so_does_everything_after_half_a_minute() {
        let soon = Instant::now() + Duration::from_secs(30);
        let before = Untouched { content: Some(1), until: soon };
        assert!(before.holds(Some(1)));
        assert!(!before.holds(Some(2)));
        assert!(!before.holds(None));
        let late = Untouched { content: Some(1), until: Instant::now() - Duration::from_millis(1) };
        assert!(late.is_over() && !late.holds(Some(1)));
    }
}
