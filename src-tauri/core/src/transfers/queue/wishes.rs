//! What other processes wish of the transfers that this one has: heard from the ledger, obeyed, and answered there once
//! it is so.

use super::Queue;
use crate::transfers::entry::Entry;
use crate::transfers::journal::{Noted, Wish};
use crate::transfers::{State, TransferId};
use std::collections::BTreeMap;
use std::time::Duration;

/// How often the ledger is asked whether somebody else has written, while anything is unfinished.
pub(super) const BETWEEN_LOOKS: Duration = Duration::from_millis(400);

/// Wishes that are not answered yet.
#[derive(Default)]
pub(super) struct Wishes {
    open: BTreeMap<TransferId, Wish>,
    /// Of the ledger, when it was last looked at.
    seen: Option<i64>,
}

impl Wishes {
    pub(super) fn are_open(&self) -> bool {
        !self.open.is_empty()
    }
}

impl Queue {
    /// Looks for new wishes and does what can be done for all of them.
    ///
    /// # Cancellation
    /// Nothing is lost: what is not answered is heard again.
    pub(super) async fn hear(&mut self) {
        match self.journal.wishes(self.wishes.seen).await {
            Ok(heard) => {
                self.wishes.seen = Some(heard.version);
                if let Some(wishes) = heard.wishes {
                    self.wishes.open = wishes.into_iter().collect();
                }
            }
            Err(cause) => tracing::debug!(%cause, "what others wish can't be read now"),
        }
        let open: Vec<(TransferId, Wish)> = self.wishes.open.iter().map(|(id, wish)| (*id, *wish)).collect();
        if open.is_empty() {
            return;
        }
        self.changed = true;
        for (id, wish) in open {
            self.fulfil(id, wish).await;
        }
        self.start_ready();
        self.write_down().await;
        self.publish();
    }

    /// How those stand for which wishes were obeyed. To be written down together with what came of them: whoever asked
    /// may look.
    pub(super) fn answers(&self) -> Vec<(TransferId, Wish, Noted)> {
        let stands = |(id, wish): (&TransferId, &Wish)| Some((*id, *wish, standing(self.entries.get(id), *wish)?));
        self.wishes.open.iter().filter_map(stands).collect()
    }

    /// That was said.
    pub(super) fn answered(&mut self, answers: &[(TransferId, Wish, Noted)]) {
        for (id, ..) in answers {
            self.wishes.open.remove(id);
        }
    }

    async fn fulfil(&mut self, id: TransferId, wish: Wish) {
        if !self.entries.contains_key(&id) {
            // Just taken over: it waits for its place to open, or is let go of.
            return;
        }
        match wish {
            Wish::Pause => self.pause(id),
            Wish::Cancel => self.cancel(id).await,
            Wish::Resume => {
                self.resume(id);
                let needs_you = |entry: &Entry| matches!(entry.transfer.state, State::NeedsYou(..));
                if self.entries.get(&id).is_some_and(needs_you) {
                    self.with_the_same_cause(vec![id]).into_iter().for_each(|id| self.try_again(id, None));
                }
            }
        }
    }
}

/// How a transfer stands after a wish; `None` while that is not decided.
fn standing(entry: Option<&Entry>, wish: Wish) -> Option<Noted> {
    let entry = entry?;
    let ends = entry.running.as_ref().is_some_and(|running| running.stop.is_stopped());
    match (&entry.transfer.state, wish) {
        (State::Done, _) => Some(Noted::Done),
        (State::Stopped, _) => Some(Noted::Stopped),
        (State::Skipped, _) => Some(Noted::Skipped),
        (State::Paused, Wish::Pause) => Some(Noted::Paused),
        (State::NeedsYou(..), Wish::Pause | Wish::Resume) => Some(Noted::NeedsYou),
        (State::Waiting | State::Moving | State::Checking | State::Held(_), Wish::Resume) if !ends => {
            Some(Noted::Waiting)
        }
        _ => None,
    }
}
