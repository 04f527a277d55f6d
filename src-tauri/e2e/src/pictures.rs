//! Pictures of the page as it stands, for people to look at.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result};

use crate::page::Page;
use crate::places;

const MOST_PICTURES: usize = 8;

impl Page {
    /// Takes one picture; gives its path.
    pub async fn picture(&self, name: &str) -> Result<PathBuf> {
        self.still().await?;
        let folder = places::screenshots();
        fs::create_dir_all(&folder).with_context(|| format!("the folder {}", folder.display()))?;
        let file = folder.join(format!("{name}.png"));
        fs::write(&file, self.painted().await?).with_context(|| format!("the picture {}", file.display()))?;
        Ok(file)
    }

    /// What the page looks like once it is painted: the driver gives the last picture it was sent, which may be an older one.
    async fn painted(&self) -> Result<Vec<u8>> {
        let mut before = Vec::new();
        // A caret that blinks never lets two be the same.
        for _ in 0..MOST_PICTURES {
            let frames = "for (let frame = 0; frame < 6; frame += 1) await new Promise((painted) => requestAnimationFrame(painted));";
            self.async_script(frames, vec![]).await?;
            let now = self.client.screenshot().await.context("a picture of the page")?;
            if now == before {
                break;
            }
            before = now;
        }
        Ok(before)
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
