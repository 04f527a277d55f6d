//! Those who want to know how transfers ended. Told once, after everybody else can see it.

use super::{Transfer, TransferId};
use std::collections::HashSet;
use std::sync::Arc;
use tokio::sync::oneshot;

/// Somebody who waits until each of these has settled.
pub(crate) struct Waiter {
    pub(crate) ids: Vec<TransferId>,
    open: HashSet<TransferId>,
    pub(crate) reply: oneshot::Sender<Vec<Arc<Transfer>>>,
}

/// All who wait.
#[derive(Default)]
pub(crate) struct Waiters {
    waiting: Vec<Waiter>,
    ready: Vec<Waiter>,
}

impl Waiters {
    /// Adds somebody. `open` are those of the ids that have not settled yet.
    pub(crate) fn add(
        &mut self,
        ids: Vec<TransferId>,
        open: HashSet<TransferId>,
        reply: oneshot::Sender<Vec<Arc<Transfer>>>,
    ) {
        let waiter = Waiter { ids, open, reply };
        let list = if waiter.open.is_empty() { &mut self.ready } else { &mut self.waiting };
        list.push(waiter);
    }

    /// Notes that a transfer has settled.
    pub(crate) fn settled(&mut self, id: TransferId) {
        for waiter in &mut self.waiting {
            waiter.open.remove(&id);
        }
        self.ready.extend(self.waiting.extract_if(.., |waiter| waiter.open.is_empty()));
    }

    /// Whether somebody can be told.
    pub(crate) fn any_ready(&self) -> bool {
        !self.ready.is_empty()
    }

    /// Those who can be told now.
    pub(crate) fn take_ready(&mut self) -> Vec<Waiter> {
        std::mem::take(&mut self.ready)
    }

    /// Nothing more happens: everybody can be told.
    pub(crate) fn end(&mut self) {
        self.ready.append(&mut self.waiting);
    }
}
