//! Pictures of the page as it stands, for people to look at.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result};

use crate::page::Page;
use crate::places;

impl Page {
    /// Takes one picture; gives its path.
    pub async fn picture(&self, name: &str) -> Result<PathBuf> {
        self.still().await?;
        let folder = places::screenshots();
        fs::create_dir_all(&folder).with_context(|| format!("the folder {}", folder.display()))?;
        let file = folder.join(format!("{name}.png"));
        let picture = self.client.screenshot().await.context("a picture of the page")?;
        fs::write(&file, picture).with_context(|| format!("the picture {}", file.display()))?;
        Ok(file)
    }

    /// Light and dark, each looked at by axe-core, each left as a picture.
    pub async fn show_in_both_themes(&self, name: &str) -> Result<()> {
        for theme in ["light", "dark"] {
            self.set_theme(theme).await?;
            self.picture(&format!("{name}-{theme}")).await?;
            self.expect_accessible(&format!("{name}, {theme}")).await?;
        }
        self.script("delete document.documentElement.dataset.theme", vec![]).await?;
        self.still().await
    }
}
