//! What was wished for a whole folder holds for the files of it that are found later.

use satchel_core::transfers::{Group, GroupId, TransferId, Transfers};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wish {
    Rest,
    Stop,
}

/// The wishes that stand. A folder without one goes on.
#[derive(Debug, Default)]
pub(super) struct Late(Mutex<HashMap<GroupId, Wish>>);

impl Late {
    pub(super) fn wish(&self, groups: impl IntoIterator<Item = GroupId>, wish: Option<Wish>) {
        let mut standing = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for group in groups {
            match wish {
                Some(wish) => standing.insert(group, wish),
                None => standing.remove(&group),
            };
        }
    }

    /// Whether the person wants no more of it.
    pub(super) fn is_stopped(&self, group: Option<&Arc<Group>>) -> bool {
        group.is_some_and(|group| self.of(group.id) == Some(Wish::Stop))
    }

    /// For what has just come to the queue: the person may have wished while it did.
    pub(super) async fn fulfil(&self, transfers: &Transfers, ids: &[TransferId], groups: &[Option<GroupId>]) {
        let having = |wish: Wish| {
            let pairs = ids.iter().zip(groups);
            let wanted = pairs.filter(|(_, group)| group.is_some_and(|group| self.of(group) == Some(wish)));
            wanted.map(|(id, _)| *id).collect::<Vec<TransferId>>()
        };
        let (rest, stop) = (having(Wish::Rest), having(Wish::Stop));
        if !rest.is_empty() {
            transfers.pause(Some(rest)).await;
        }
        if !stop.is_empty() {
            transfers.cancel(&stop).await;
        }
    }

    fn of(&self, group: GroupId) -> Option<Wish> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(&group).copied()
    }
}
