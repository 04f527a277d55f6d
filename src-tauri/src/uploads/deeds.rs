//! What the person does about transfers, one by one, a whole folder, or all of them.

use super::Uploads;
use super::folders::{FIRST_FOLDER, Folder};
use super::late::Wish;
use super::refused::FIRST_REFUSED;
use satchel_core::transfers::{Group, GroupId, State, TransferId};
use std::collections::{HashMap, HashSet};
use std::sync::{Arc, PoisonError};

/// What ids of the page stand for.
struct Meant {
    /// Of the engine and of files that were refused.
    ids: Vec<u64>,
    groups: HashSet<GroupId>,
}

impl Uploads {
    /// Stops these; without ids, all.
    pub async fn cancel(&self, ids: &[u64]) {
        if ids.is_empty() {
            std::mem::take(&mut *self.0.looking.write().unwrap_or_else(PoisonError::into_inner)).cancel();
            self.0.late.wish(self.all_groups(), Some(Wish::Stop));
            self.take_refused(|_| true);
            self.0.transfers.cancel_all().await;
            return;
        }
        let meant = self.meant(ids, |_, _| true);
        self.0.late.wish(meant.groups, Some(Wish::Stop));
        let refused = refused_ids(&meant.ids);
        self.take_refused(|file| refused.contains(&file.id));
        self.0.transfers.cancel(&engine_ids(&meant.ids)).await;
    }

    /// Lets these rest; without ids, all.
    pub async fn pause(&self, ids: &[u64]) {
        if ids.is_empty() {
            self.0.late.wish(self.all_groups(), Some(Wish::Rest));
            return self.0.transfers.pause(None).await;
        }
        let meant = self.meant(ids, |_, _| true);
        self.0.late.wish(meant.groups, Some(Wish::Rest));
        self.0.transfers.pause(Some(engine_ids(&meant.ids))).await;
    }

    /// Lets these go on; without ids, all, and looks at once whether what can't be reached answers again.
    pub async fn resume(&self, ids: &[u64]) {
        if ids.is_empty() {
            self.0.late.wish(self.all_groups(), None);
            return self.0.transfers.resume(None).await;
        }
        let meant = self.meant(ids, |_, _| true);
        self.0.late.wish(meant.groups, None);
        self.0.transfers.resume(Some(engine_ids(&meant.ids))).await;
    }

    /// Tries these again; of a folder what needs the person, and only if nothing does what was stopped.
    pub async fn retry(&self, ids: &[u64]) {
        let meant = self.meant(ids, is_tried_again);
        self.0.late.wish(meant.groups, None);
        let refused = refused_ids(&meant.ids);
        for file in self.take_refused(|file| refused.contains(&file.id)) {
            self.look(&file.storage, &file.folder, vec![file.path.clone()], file.group.as_ref()).await;
        }
        self.0.transfers.retry(&engine_ids(&meant.ids)).await;
    }

    /// Shows the files of a folder below it, or shows them no more.
    pub fn open_folder(&self, id: u64, open: bool) {
        self.0.opened.send_modify(|opened| {
            opened.revision += 1;
            match open {
                true => opened.ids.insert(id),
                false => opened.ids.remove(&id),
            };
        });
    }

    /// Of folders those files that are `wanted`, and all that could not even be begun.
    fn meant(&self, ids: &[u64], wanted: impl Fn(&Folder, &State) -> bool) -> Meant {
        let (folder_ids, mut ids): (Vec<u64>, Vec<u64>) = ids.iter().partition(|id| **id >= FIRST_FOLDER);
        if folder_ids.is_empty() {
            return Meant { ids, groups: HashSet::new() };
        }
        let order = self.order();
        let found = folder_ids.iter().filter_map(|id| order.folder(*id));
        let folders: HashMap<GroupId, &Folder> = found.map(|folder| (folder.group.id, folder)).collect();
        let folder_of = |group: &Option<Arc<Group>>| folders.get(&group.as_ref()?.id).copied();
        let refused = order.refused.files.iter().filter(|file| folder_of(&file.group).is_some());
        ids.extend(refused.map(|file| file.id));
        let files = order.snapshot.transfers.iter();
        let files = files.filter(|file| folder_of(&file.group).is_some_and(|folder| wanted(folder, &file.state)));
        ids.extend(files.map(|file| file.id.0));
        Meant { ids, groups: folders.into_keys().collect() }
    }

    fn all_groups(&self) -> Vec<GroupId> {
        self.order().folders.iter().map(|folder| folder.group.id).collect()
    }
}

/// A name that is taken is a question of its own.
fn is_tried_again(folder: &Folder, state: &State) -> bool {
    match state {
        State::NeedsYou(_, conflict) => conflict.is_none(),
        State::Stopped => folder.needs_you() == 0,
        _ => false,
    }
}

fn refused_ids(ids: &[u64]) -> HashSet<u64> {
    ids.iter().copied().filter(|id| *id >= FIRST_REFUSED).collect()
}

pub(super) fn engine_ids(ids: &[u64]) -> Vec<TransferId> {
    ids.iter().copied().filter(|id| *id < FIRST_REFUSED).map(TransferId).collect()
}

#[cfg(test)]
mod tests {
    use super::super::tests::{refused_ids, unreachable};
    use super::*;
    use crate::wire::transfers::{GetTransferRows, Transfer, TransferFilter, TransferState};
    use satchel_core::storage::Storage;
    use std::path::Path;

    #[test]
    fn numbers_of_refused_files_and_folders_never_reach_the_engine() {
        assert_eq!(engine_ids(&[1, FIRST_REFUSED, FIRST_FOLDER, 2]), [TransferId(1), TransferId(2)]);
    }

    /// Drops a folder with so many files in it, and one beside it.
    async fn drop_folder(uploads: &Uploads, storage: &Storage, root: &Path, count: usize) -> Transfer {
        let photos = root.join("Photos");
        std::fs::create_dir(&photos).unwrap();
        for number in 0..count {
            std::fs::write(photos.join(number.to_string()), "a").unwrap();
        }
        std::fs::write(root.join("single"), "a").unwrap();
        uploads.start(storage, "press", vec![photos, root.join("single")]).await;
        folder_row(uploads)
    }

    fn folder_row(uploads: &Uploads) -> Transfer {
        uploads.draw().items.into_iter().find(|row| row.files.is_some()).unwrap()
    }

    /// Waits until the row of the folder is in a state.
    async fn until(uploads: &Uploads, state: TransferState) -> Transfer {
        let mut pictures = uploads.watch();
        loop {
            let row = folder_row(uploads);
            if row.state == state {
                return row;
            }
            pictures.changed().await.unwrap();
        }
    }

    fn rows(uploads: &Uploads) -> Vec<Transfer> {
        uploads.rows(&GetTransferRows { filter: TransferFilter::All, from: 0, count: 99 }).rows
    }

    #[tokio::test]
    async fn a_dropped_folder_is_one_row_and_everything_is_done_about_all_of_it() {
        let root = tempfile::tempdir().unwrap();
        let (uploads, storage) = unreachable().await;
        let folder = drop_folder(&uploads, &storage, root.path(), 3).await;
        assert_eq!((folder.name.as_str(), folder.folder.as_str(), folder.size_bytes), ("Photos", "press", 3));
        assert_eq!((folder.files.unwrap().total, uploads.draw().counts.all, uploads.draw().rows.all), (3, 4, 2));
        assert_eq!(uploads.local_path(folder.id), Some(root.path().join("Photos")));

        uploads.pause(&[folder.id]).await;
        let paused = until(&uploads, TransferState::Paused).await;
        assert!(paused.files.unwrap().can_resume && !paused.can_pause);
        let single = rows(&uploads).into_iter().find(|row| row.files.is_none()).unwrap();
        assert_ne!(single.state, TransferState::Paused, "what is beside it goes on");
        uploads.resume(&[folder.id]).await;
        assert!(folder_row(&uploads).can_pause);

        uploads.cancel(&[folder.id]).await;
        let stopped = until(&uploads, TransferState::Stopped).await;
        assert!(stopped.files.unwrap().can_retry);
        uploads.retry(&[folder.id]).await;
        assert!(folder_row(&uploads).can_pause, "all of it is tried again");
        uploads.cancel(&[folder.id]).await;
        until(&uploads, TransferState::Stopped).await;
        uploads.clear().await;
        assert!(rows(&uploads).iter().all(|row| row.files.is_none()));
        // Its number stands for nothing now, and least of all for everything.
        uploads.pause(&[folder.id]).await;
        assert_ne!(rows(&uploads)[0].state, TransferState::Paused);
    }

    #[tokio::test]
    async fn an_open_folder_has_its_files_below_it_and_one_of_them_can_be_stopped_alone() {
        let root = tempfile::tempdir().unwrap();
        let (uploads, storage) = unreachable().await;
        let folder = drop_folder(&uploads, &storage, root.path(), 3).await;
        let before = uploads.draw().revision;
        let mut news = uploads.news();
        uploads.open_folder(folder.id, true);
        assert!(news.next().await, "whoever draws hears of it");
        assert!(uploads.draw().revision > before);
        let shown = rows(&uploads);
        let place = shown.iter().position(|row| row.id == folder.id).unwrap();
        let inside: Vec<_> = shown.iter().map(|row| row.in_folder).collect();
        assert_eq!((inside.len(), &inside[place..place + 4]), (5, &[false, true, true, true][..]));
        assert_eq!(shown[place + 1].folder, "Photos");
        uploads.cancel(&[shown[place + 1].id]).await;
        let stopped = |row: &Transfer| row.state == TransferState::Stopped;
        let mut pictures = uploads.watch();
        while !rows(&uploads).iter().any(stopped) {
            pictures.changed().await.unwrap();
        }
        assert_eq!(rows(&uploads).iter().filter(|row| stopped(row)).count(), 1);
        uploads.open_folder(folder.id, false);
        assert_eq!(rows(&uploads).len(), 2);
    }

    #[cfg(unix)]
    #[tokio::test]
    async fn what_could_not_be_begun_counts_in_the_row_of_its_folder_and_comes_back_to_it() {
        let root = tempfile::tempdir().unwrap();
        let (uploads, storage) = unreachable().await;
        let photos = root.path().join("Photos");
        std::fs::create_dir(&photos).unwrap();
        std::os::unix::fs::symlink("nowhere", photos.join("lost")).unwrap();
        uploads.start(&storage, "press", vec![photos.clone()]).await;
        let row = folder_row(&uploads);
        assert_eq!(
            (row.state, row.files.unwrap().needs_you, row.files.unwrap().total),
            (TransferState::NeedsYou, 1, 1)
        );
        assert_eq!(uploads.draw().counts.needs_you, 1);
        assert_eq!(rows(&uploads).len(), 1);
        std::fs::remove_file(photos.join("lost")).unwrap();
        std::fs::write(photos.join("lost"), "a").unwrap();
        uploads.retry(&[row.id]).await;
        assert!(refused_ids(&uploads).is_empty());
        let again = folder_row(&uploads);
        assert_eq!((again.id, again.files.unwrap().total, again.files.unwrap().needs_you), (row.id, 1, 0));
    }

    #[tokio::test]
    async fn files_that_are_found_later_rest_or_stop_with_their_folder() {
        let root = tempfile::tempdir().unwrap();
        let (uploads, storage) = unreachable().await;
        let folder = drop_folder(&uploads, &storage, root.path(), 1).await;
        let group = uploads.order().folder(folder.id).unwrap().group.clone();
        let later = root.path().join("later");
        std::fs::write(&later, "a").unwrap();
        let come = || uploads.look(&storage, "press/Photos", vec![later.clone()], Some(&group));
        uploads.pause(&[folder.id]).await;
        come().await;
        let paused = until(&uploads, TransferState::Paused).await;
        assert_eq!(paused.files.unwrap().total, 2);
        uploads.cancel(&[folder.id]).await;
        come().await;
        let stopped = until(&uploads, TransferState::Stopped).await;
        assert_eq!(stopped.files.unwrap().total, 2, "no more of it is taken");
    }
}
