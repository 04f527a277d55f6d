//! One store, one local folder and one queue for one test.

use crate::store::Store;
use satchel_core::Code;
use satchel_core::storage::Storage;
use satchel_core::transfers::{
    Conflict, Done, Download, Limits, OnConflict, Patience, State, Transfer, TransferId, Transfers, Upload,
};
use satchel_practice::{Fault, Operation, Rule, RuleId};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tempfile::TempDir;

pub const MIB: usize = 1024 * 1024;
/// Sent in three parts.
pub const LARGE: usize = 20 * MIB + 12_345;

pub struct Desk {
    pub store: Store,
    pub storage: Storage,
    pub folder: TempDir,
    pub transfers: Transfers,
}

impl Desk {
    pub async fn new() -> Self {
        Self::with(Limits::default()).await
    }

    /// Troubles that pass are told at once instead of being waited out.
    pub async fn impatient() -> Self {
        let at_once = Some(Duration::ZERO);
        let patience = Patience { trouble: Duration::ZERO, unreachable: at_once, ..Patience::default().scaled(50) };
        Self::with(Limits { patience, ..Limits::default() }).await
    }

    pub async fn with(limits: Limits) -> Self {
        let store = Store::start().await;
        let storage = store.storage().await;
        Desk { store, storage, folder: tempfile::tempdir().unwrap(), transfers: Transfers::start(limits).unwrap() }
    }

    /// The first files find out whether the store keeps conditions; from then on it is trusted with them.
    pub async fn learn_the_store(&self) {
        for number in 0..3 {
            done(&self.send(&format!("learn/{number}.txt"), b"x").await);
        }
        self.store.forget_requests();
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn file(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, bytes).unwrap();
        path
    }

    pub fn item(&self, path: PathBuf, name: &str, on_conflict: OnConflict) -> Upload {
        Upload { storage: self.storage.clone(), path, name: name.to_owned(), on_conflict, group: None }
    }

    pub async fn begin(&self, path: PathBuf, name: &str, on_conflict: OnConflict) -> TransferId {
        self.transfers.upload(vec![self.item(path, name, on_conflict)]).await[0]
    }

    pub async fn settled(&self, id: TransferId) -> Arc<Transfer> {
        self.transfers.settled(&[id]).await.remove(0)
    }

    pub async fn upload(&self, path: PathBuf, name: &str, on_conflict: OnConflict) -> Arc<Transfer> {
        let id = self.begin(path, name, on_conflict).await;
        self.settled(id).await
    }

    /// Sends bytes under a name and asks if it is used.
    pub async fn send(&self, name: &str, bytes: &[u8]) -> Arc<Transfer> {
        let path = self.file(&format!("local-{}", uuid()), bytes);
        self.upload(path, name, OnConflict::Ask).await
    }

    pub async fn download(&self, name: &str, on_conflict: OnConflict) -> Arc<Transfer> {
        let ids = self.transfers.download(vec![self.saving(name, on_conflict)]).await;
        self.settled(ids[0]).await
    }

    pub fn saving(&self, name: &str, on_conflict: OnConflict) -> Download {
        let folder = self.folder.path().join("down");
        Download {
            storage: self.storage.clone(),
            name: name.to_owned(),
            size_bytes: 0,
            folder,
            below: None,
            on_conflict,
            group: None,
        }
    }

    /// What is in the folder for downloads, hidden files too.
    pub fn saved(&self) -> Vec<String> {
        let Ok(entries) = std::fs::read_dir(self.path("down")) else { return Vec::new() };
        let mut names: Vec<String> =
            entries.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect();
        names.sort();
        names
    }

    pub async fn content(&self, name: &str) -> Option<Vec<u8>> {
        self.store.practice.content(name).await.unwrap()
    }

    pub async fn assert_holds(&self, name: &str, bytes: &[u8]) {
        let content = self.content(name).await.unwrap_or_else(|| panic!("{name:?} is not there"));
        assert!(content == bytes, "{name:?} holds {} other bytes", content.len());
    }

    pub async fn assert_no_leftovers(&self) {
        assert_eq!(self.store.practice.unfinished_uploads().await.unwrap(), []);
    }

    pub fn fault(&self, operation: Operation, fault: Fault) -> RuleId {
        self.rule(Rule::new(fault).on(operation))
    }

    pub fn rule(&self, rule: Rule) -> RuleId {
        self.store.practice.faults().add(rule)
    }

    pub fn count(&self, operation: Operation) -> usize {
        self.store.practice.requests().count(operation)
    }
}

/// Bytes that repeat nowhere within a part.
pub fn noise(length: usize) -> Vec<u8> {
    let mut state = 0x9E37_79B9_7F4A_7C15_u64 ^ length as u64;
    let mut bytes = Vec::with_capacity(length + 8);
    while bytes.len() < length {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        bytes.extend_from_slice(&state.to_le_bytes());
    }
    bytes.truncate(length);
    bytes
}

pub fn done(transfer: &Arc<Transfer>) -> &Done {
    match (&transfer.state, &transfer.done) {
        (State::Done, Some(done)) => done,
        _ => panic!("not done but {:?}", transfer.state),
    }
}

pub fn needs_you(transfer: &Arc<Transfer>) -> (Code, Option<&Conflict>) {
    match &transfer.state {
        State::NeedsYou(error, conflict) => (error.code(), conflict.as_deref()),
        state => panic!("needs nobody but is {state:?}"),
    }
}

fn uuid() -> String {
    use std::sync::atomic::{AtomicU64, Ordering};
    static NEXT: AtomicU64 = AtomicU64::new(0);
    NEXT.fetch_add(1, Ordering::Relaxed).to_string()
}
