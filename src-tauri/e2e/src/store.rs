//! The company's storage of a journey: the practice server with people of the company on it, outside the desktop and its home.

use std::time::Duration;

use anyhow::{Context, Result};
use satchel_practice::{
    Allow, Fault, Hold, Identity, Operation, Permissions, Practice, PracticeOptions, Rule, UnfinishedUpload,
};
use tempfile::TempDir;

use crate::deadlines::{PATIENCE, until};

pub const BUCKET: &str = "company-files";
/// Everything that a secret may contain and that needs care in addresses and forms.
pub const SECRET: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYq4T=SATCHEL";

pub struct Store {
    practice: Practice,
    _folder: TempDir,
}

/// May do everything with files; nothing about buckets, as most staff keys.
pub fn colleague() -> Identity {
    let files = Permissions { administer: false, list_buckets: false, ..Permissions::all() };
    Identity::new("SATCHELCOLLEAGUE001", SECRET).allowed(files)
}

/// May see and download, and nothing else.
pub fn reader() -> Identity {
    let files = colleague().allow.write(Allow::Nowhere).delete(Allow::Nowhere);
    Identity::new("SATCHELREADER000001", "rEaDeRsEcReT/0123456789+abcdefghijklmnop").allowed(files)
}

/// May not see what is in the folder `Board/`, but everything else.
pub fn outsider() -> Identity {
    let files = colleague().allow.list(Allow::Under("Press/".into()));
    Identity::new("SATCHELOUTSIDER0001", "oUtSiDeRsEcReT/0123456789+abcdefghijklmno").allowed(files)
}

impl Store {
    /// With the usual people, and empty.
    pub async fn start() -> Result<Self> {
        let folder = tempfile::Builder::new().prefix("satchel-store-").tempdir().context("a folder for the store")?;
        let options = PracticeOptions::new(folder.path())
            .bucket(BUCKET)
            .identity(colleague())
            .identity(reader())
            .identity(outsider());
        let practice = Practice::start(options).await.context("the store does not start")?;
        Ok(Self { practice, _folder: folder })
    }

    /// With some folders and files of a company.
    pub async fn furnished() -> Result<Self> {
        let store = Self::start().await?;
        for name in FILES {
            store.put(name, &crate::samples::content(name, 2_000)).await?;
        }
        Ok(store)
    }

    pub fn address(&self) -> String {
        self.practice.endpoint()
    }

    /// Faults, requests and clock of the server.
    pub fn practice(&self) -> &Practice {
        &self.practice
    }

    pub async fn put(&self, name: &str, content: &[u8]) -> Result<()> {
        self.practice.put(name, content).await.with_context(|| format!("putting {name} into the store"))
    }

    pub async fn content(&self, name: &str) -> Result<Option<Vec<u8>>> {
        Ok(self.practice.content(name).await?)
    }

    pub async fn names(&self, below: &str) -> Result<Vec<String>> {
        Ok(self.practice.keys(below).await?)
    }

    /// What uploads have begun and not ended.
    pub async fn unfinished(&self) -> Result<Vec<UnfinishedUpload>> {
        Ok(self.practice.unfinished_uploads().await?)
    }

    /// Carries out so many of these requests, and lets all others wait.
    pub fn hold_after(&self, count: u64, operation: Operation) -> Hold {
        let hold = Hold::new();
        self.practice.faults().add(Rule::new(Fault::Hold(hold.clone())).on(operation).after(count).always());
        hold
    }

    /// Waits until so many requests stand before a hold.
    pub async fn reached(&self, hold: &Hold, count: u64) -> Result<()> {
        let all = tokio::time::timeout(PATIENCE, hold.reached(count)).await;
        all.with_context(|| format!("fewer than {count} requests came within {} s", PATIENCE.as_secs()))
    }

    /// Waits until so many parts of large files have been taken, and says which.
    pub async fn parts_taken(&self, count: usize) -> Result<Vec<u32>> {
        let taken = || {
            let parts = self.practice.requests().of(Operation::UploadPart).into_iter();
            parts.filter(|part| part.finished && part.status == 200).filter_map(|part| part.part_number).collect()
        };
        until(&format!("{count} parts in the store"), async || {
            let taken: Vec<u32> = taken();
            Ok((taken.len() >= count).then_some(taken))
        })
        .await
    }

    /// From now on it is so much later for the store, and every link so much nearer to its end.
    pub fn let_time_pass(&self, time: Duration) {
        self.practice.clock().run_ahead(time);
    }
}

/// Two folders and three files at the top.
pub const FILES: [&str; 7] = [
    "Contracts/Rental agreement.pdf",
    "Contracts/2026/Supplier.docx",
    "Press/Logo.svg",
    "Press/Release March.txt",
    "Annual report 2026.pdf",
    "Budget überarbeitet.xlsx",
    "Team photo 🙂.jpg",
];
