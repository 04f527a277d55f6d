//! What a person does in several movements again and again: connect, try it, open a folder, copy a link.

use std::path::Path;

use anyhow::{Context, Result};
use satchel_practice::Identity;

use crate::app::App;
use crate::clipboard::Offer;
use crate::deadlines::until;
use crate::spot::{row, spot, transfer};
use crate::store::{BUCKET, Store};

impl App<'_> {
    /// From the welcome screen to the filled-in form, not yet sent.
    pub async fn fill_in_access_key(&self, address: &str, who: &Identity) -> Result<()> {
        self.screen("welcome").await?;
        self.click(&spot("welcome-access-key")).await?;
        self.screen("accessKey").await?;
        self.fill(&spot("field-bucket"), BUCKET).await?;
        self.fill(&spot("field-key-id"), &who.access_key_id).await?;
        self.fill(&spot("field-secret-key"), &who.secret_access_key).await?;
        self.click(&spot("access-key-more")).await?;
        self.fill(&spot("field-address"), address).await
    }

    /// From the welcome screen to the files of a store.
    pub async fn connect(&self, store: &Store, who: &Identity) -> Result<()> {
        self.connect_to(&store.address(), who).await
    }

    /// The same by another way than the store's own address.
    pub async fn connect_to(&self, address: &str, who: &Identity) -> Result<()> {
        self.fill_in_access_key(address, who).await?;
        self.click(&spot("access-key-submit")).await?;
        self.see(&spot("access-key-connected")).await.context("the store did not let us in")?;
        self.click(&spot("access-key-open")).await?;
        self.files_are_there().await
    }

    /// From the welcome screen to the files of the practice place.
    pub async fn just_try_it(&self) -> Result<()> {
        self.screen("welcome").await?;
        self.click(&spot("welcome-practice")).await?;
        self.files_are_there().await
    }

    /// Waits until a folder is shown, whole. An empty one has no list.
    pub async fn files_are_there(&self) -> Result<()> {
        self.screen("files").await?;
        let whole = spot("file-list").having("data-complete", "true");
        until("the folder, whole", async || {
            let there = self.has(&whole).await? || self.has(&spot("empty-folder")).await?;
            Ok(there.then_some(()))
        })
        .await
    }

    pub async fn open_folder(&self, name: &str) -> Result<()> {
        self.double_click(&row(name)).await?;
        self.until_text(&spot("crumb-current"), |crumb| crumb == name).await?;
        self.files_are_there().await
    }

    /// Waits until the store has confirmed an upload.
    pub async fn uploaded(&self, name: &str) -> Result<()> {
        self.open_transfers().await?;
        self.until_attribute(&transfer(name), "data-state", |state| state == "uploaded").await?;
        Ok(())
    }

    /// Shows the list of transfers, if it is not shown already.
    pub async fn open_transfers(&self) -> Result<()> {
        self.see(&spot("transfers-bar")).await?;
        if !self.has(&spot("transfers-list")).await? {
            self.click(&spot("transfers-toggle")).await?;
            self.see(&spot("transfers-list")).await?;
        }
        Ok(())
    }

    /// Goes to the screen of all transfers.
    pub async fn show_transfers(&self) -> Result<()> {
        self.click(&spot("nav-transfers")).await?;
        self.screen("transfers").await?;
        self.see(&spot("transfers")).await?;
        Ok(())
    }

    /// Goes back to the folder that was open.
    pub async fn show_files(&self) -> Result<()> {
        self.click(&spot("nav-files")).await?;
        self.files_are_there().await
    }

    /// Waits until a transfer is in this state.
    pub async fn transfer_is(&self, name: &str, state: &str) -> Result<()> {
        self.until_attribute(&transfer(name), "data-state", |now| now == state).await?;
        Ok(())
    }

    /// Copies files as in the file manager, and pastes them into the folder that is open. They stay on the clipboard as long
    /// as the answer is kept.
    pub async fn paste_files(&self, files: &[&Path]) -> Result<Offer> {
        let copied = self.desktop().clipboard().put_files(files).await?;
        self.click(&spot("breadcrumb")).await?;
        self.press("Ctrl+V").await?;
        Ok(copied)
    }

    /// Drags files from the file manager into the middle of the list, and lets go.
    pub async fn drop_files(&self, files: &[&Path]) -> Result<()> {
        let list = self.area(&spot("file-list")).await?;
        let (x, y) = self.on_screen(list.x + list.width / 2.0, list.y + list.height / 2.0).await?;
        let mut drag = self.desktop().drag(files).await?;
        drag.over(x, y).await?;
        self.see(&spot("drop-overlay").having("data-allowed", "true")).await?;
        drag.drop_here().await?;
        self.gone(&spot("drop-overlay")).await
    }

    /// *Copy link* on the row; gives what is on the clipboard then.
    pub async fn copy_link_of(&self, name: &str) -> Result<String> {
        self.after_copying(async || {
            self.click(&row(name)).await?;
            self.click(&row(name).inside("row-copy-link")).await
        })
        .await
    }

    /// Does what copies a link, and waits for the link and for the words that say so.
    pub async fn after_copying(&self, deed: impl AsyncFnOnce() -> Result<()>) -> Result<String> {
        let clipboard = self.desktop().clipboard();
        // Something else is there first, so that an older link is not taken for the new one.
        let _before = clipboard.put_text("copied before").await?;
        deed().await?;
        let link = clipboard.link().await?;
        self.until_text(&spot("toast-text"), |text| text.contains("Link copied")).await?;
        Ok(link)
    }
}
