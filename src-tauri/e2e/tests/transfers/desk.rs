//! What most of these journeys begin with: a store, a desktop, and one file of many parts.

use std::path::PathBuf;

use satchel_e2e::store::{Store, colleague};
use satchel_e2e::{App, Desktop};

/// Nine parts of 8 MiB, the last of them a little shorter.
pub const FILM: &str = "Company film.mp4";
pub const FILM_BYTES: usize = 72 * 1024 * 1024 - 4711;

pub struct Desk {
    pub store: Store,
    pub desktop: Desktop,
}

impl Desk {
    pub async fn new() -> Self {
        Self { store: Store::furnished().await.unwrap(), desktop: Desktop::start().await.unwrap() }
    }

    /// The app on the files of the store.
    pub async fn open(&self) -> App<'_> {
        let app = self.desktop.open_app().await.unwrap();
        app.connect(&self.store, &colleague()).await.unwrap();
        app
    }

    pub fn film(&self) -> PathBuf {
        self.desktop.file(FILM, FILM_BYTES).unwrap()
    }

    /// Files whose names have numbers and whose content is made from them.
    pub fn numbered(&self, count: usize, size: usize) -> Vec<PathBuf> {
        (1..=count).map(|number| self.desktop.file(&numbered(number), size).unwrap()).collect()
    }
}

pub fn numbered(number: usize) -> String {
    format!("Scan {number:04}.txt")
}
