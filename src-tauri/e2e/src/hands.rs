//! A person's hands: keys and the mouse, as the display server sees them, through xdotool. For what belongs to no web page:
//! the file chooser, dragging between windows, keys that the app itself must catch.

use anyhow::Result;

use crate::desktop::Desktop;

pub struct Hands<'a> {
    desktop: &'a Desktop,
}

impl Desktop {
    pub fn hands(&self) -> Hands<'_> {
        Hands { desktop: self }
    }
}

impl Hands<'_> {
    /// Presses a key with its modifiers, such as `ctrl+l` or `Return`, in the window that has the focus.
    pub async fn press(&self, key: &str) -> Result<()> {
        self.xdotool(&["key", key]).await
    }

    /// Types letters that are on a keyboard. Names beyond ASCII come by drag or by paste.
    pub async fn type_text(&self, text: &str) -> Result<()> {
        self.xdotool(&["type", "--delay", "2", "--", text]).await
    }

    pub async fn move_to(&self, x: i32, y: i32) -> Result<()> {
        self.xdotool(&["mousemove", &x.to_string(), &y.to_string()]).await
    }

    pub async fn hold(&self) -> Result<()> {
        self.xdotool(&["mousedown", "1"]).await
    }

    pub async fn let_go(&self) -> Result<()> {
        self.xdotool(&["mouseup", "1"]).await
    }

    pub async fn give_focus(&self, window: u32) -> Result<()> {
        self.xdotool(&["windowactivate", "--sync", &window.to_string()]).await
    }

    async fn xdotool(&self, arguments: &[&str]) -> Result<()> {
        self.desktop.ask("xdotool", arguments).await?;
        Ok(())
    }
}
