//! The native file chooser: found among the windows, and driven by keys as an experienced person does.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};

use crate::deadlines::{ABSENCE, POLL, until};
use crate::desktop::Desktop;
use crate::screen::Window;

pub struct FileChooser<'a> {
    desktop: &'a Desktop,
    pub window: Window,
}

impl Desktop {
    /// Waits for a file chooser that takes keys.
    pub async fn file_chooser(&self) -> Result<FileChooser<'_>> {
        let window = self.screen.focused("a file chooser with the focus", |window| window.is_dialog).await?;
        Ok(FileChooser { desktop: self, window })
    }
}

impl FileChooser<'_> {
    /// Types the file's path and confirms. The path has to be one that can be typed: ASCII.
    pub async fn choose(self, file: &Path) -> Result<()> {
        let path = file.to_str().filter(|path| path.is_ascii()).context("a path that can be typed")?;
        let hands = self.desktop.hands();
        hands.press("ctrl+l").await?;
        hands.type_text(path).await?;
        until("the file chooser to take the file", async || {
            // GTK loses a Return that meets its list of suggestions half open; the next one must not go to the window behind.
            if self.desktop.screen.has_focus(self.window.id)? {
                hands.press("Return").await?;
            }
            self.closes_within(ABSENCE).await
        })
        .await
    }

    pub async fn cancel(self) -> Result<()> {
        self.desktop.hands().press("Escape").await?;
        self.desktop.screen.wait_until_closed(self.window.id).await
    }

    async fn closes_within(&self, patience: Duration) -> Result<Option<()>> {
        let deadline = Instant::now() + patience;
        while self.desktop.screen.windows()?.iter().any(|window| window.id == self.window.id) {
            if Instant::now() > deadline {
                return Ok(None);
            }
            tokio::time::sleep(POLL).await;
        }
        Ok(Some(()))
    }
}
