//! The company's storage of a journey: the practice server with people of the company on it, outside the desktop and its home.

use std::time::Duration;

use anyhow::{Context, Result};
use satchel_practice::{Allow, Identity, Permissions, Practice, PracticeOptions};
use tempfile::TempDir;

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
