//! What passed through the proxy: every connection with its bytes and its end, and the handle to turn its line.

use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;

use super::line::{Line, Way};

/// One connection as the proxy saw it.
#[derive(Debug, Clone)]
pub struct Connection {
    /// From 0, in the order in which they came.
    pub number: u64,
    pub line: Line,
    pub bytes_up: u64,
    pub bytes_down: u64,
    /// `None` while it is there.
    pub ended: Option<End>,
}

/// How a connection ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// Both sides had said all, or a line that closes politely did.
    Closed,
    /// The line cut it.
    Cut,
    /// One of the two sides broke it off.
    Broken,
}

#[derive(Default)]
pub(crate) struct Log {
    lines: Mutex<Vec<Entry>>,
    changes: watch::Sender<u64>,
}

struct Entry {
    seen: Connection,
    turn: watch::Sender<Line>,
}

impl Log {
    /// Notes a connection that came. What its line is from now on can be watched.
    pub(crate) fn begin(&self, choose: impl FnOnce(u64) -> Line) -> (u64, watch::Receiver<Line>) {
        let mut lines = self.lines();
        let number = lines.len() as u64;
        let line = choose(number);
        let (turn, turned) = watch::channel(line);
        let seen = Connection { number, line, bytes_up: 0, bytes_down: 0, ended: None };
        lines.push(Entry { seen, turn });
        drop(lines);
        self.announce();
        (number, turned)
    }

    pub(crate) fn moved(&self, number: u64, way: Way, bytes: u64) {
        self.change(number, |entry| match way {
            Way::Up => entry.seen.bytes_up += bytes,
            Way::Down => entry.seen.bytes_down += bytes,
        });
    }

    pub(crate) fn ended(&self, number: u64, end: End) {
        self.change(number, |entry| entry.seen.ended = Some(end));
    }

    pub(crate) fn turn(&self, number: u64, line: Line) {
        self.change(number, |entry| entry.turn_to(line));
    }

    pub(crate) fn turn_all(&self, line: Line) {
        self.lines().iter_mut().filter(|entry| entry.seen.ended.is_none()).for_each(|entry| entry.turn_to(line));
        self.announce();
    }

    pub(crate) fn all(&self) -> Vec<Connection> {
        self.lines().iter().map(|entry| entry.seen.clone()).collect()
    }

    pub(crate) async fn wait_until(&self, condition: impl Fn(&[Connection]) -> bool) {
        let mut changes = self.changes.subscribe();
        loop {
            if condition(&self.all()) || changes.changed().await.is_err() {
                return;
            }
        }
    }

    fn change(&self, number: u64, change: impl FnOnce(&mut Entry)) {
        let Ok(place) = usize::try_from(number) else { return };
        if let Some(entry) = self.lines().get_mut(place) {
            change(entry);
        }
        self.announce();
    }

    fn announce(&self) {
        self.changes.send_modify(|count| *count = count.wrapping_add(1));
    }

    fn lines(&self) -> MutexGuard<'_, Vec<Entry>> {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Entry {
    fn turn_to(&mut self, line: Line) {
        self.seen.line = line;
        self.turn.send_replace(line);
    }
}
