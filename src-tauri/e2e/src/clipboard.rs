//! The desktop's clipboard, read and filled as another program would, through xclip.

use std::path::Path;

use anyhow::{Context, Result, bail};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::deadlines::{until, until_value};
use crate::desktop::Desktop;
use crate::process::Process;

pub struct Clipboard<'a> {
    desktop: &'a Desktop,
}

/// A program that offers something on the clipboard, as long as it is kept.
pub struct Offer(#[expect(dead_code, reason = "kept for its end")] Process);

/// What a file manager leaves as it is in `file://…`.
const PATH_CHARACTERS: &AsciiSet = &NON_ALPHANUMERIC.remove(b'/').remove(b'-').remove(b'_').remove(b'.').remove(b'~');

impl Desktop {
    pub fn clipboard(&self) -> Clipboard<'_> {
        Clipboard { desktop: self }
    }
}

impl Clipboard<'_> {
    /// What pastes as plain text; none when nothing that is text is there.
    pub async fn text(&self) -> Result<Option<String>> {
        self.read("UTF8_STRING").await
    }

    /// What pastes with formatting.
    pub async fn html(&self) -> Result<Option<String>> {
        self.read("text/html").await
    }

    /// In which forms its owner offers it.
    pub async fn forms(&self) -> Result<Vec<String>> {
        let forms = self.read("TARGETS").await?.unwrap_or_default();
        Ok(forms.lines().map(str::to_owned).collect())
    }

    /// Waits until a text is there that `right` accepts.
    pub async fn wait_for(&self, what: &str, right: impl Fn(&str) -> bool) -> Result<String> {
        let text = until_value(what, async || self.text().await, |text| text.as_deref().is_some_and(&right)).await?;
        text.context("a text")
    }

    /// Waits for a link, which is what Satchel puts there.
    pub async fn link(&self) -> Result<String> {
        self.wait_for("a link on the clipboard", |text| text.starts_with("http")).await
    }

    /// As when the person copied these files in the file manager.
    pub async fn put_files(&self, files: &[&Path]) -> Result<Offer> {
        let addresses: Vec<String> = files.iter().map(|file| file_address(file)).collect();
        let list = addresses.join("\r\n") + "\r\n";
        self.offer("text/uri-list", list.as_bytes()).await
    }

    /// As when the person copied a text anywhere.
    pub async fn put_text(&self, text: &str) -> Result<Offer> {
        self.offer("UTF8_STRING", text.as_bytes()).await
    }

    async fn offer(&self, form: &str, content: &[u8]) -> Result<Offer> {
        let mut command = self.desktop.command("xclip");
        // Without `-quiet` it would go on in the background, out of our hands.
        command.args(["-quiet", "-selection", "clipboard", "-in", "-t", form]);
        let process = Process::start_with_input("xclip", &mut command, &self.desktop.log("xclip"), content)?;
        let content = String::from_utf8_lossy(content);
        until("xclip to own the clipboard", async || {
            process.expect_running()?;
            Ok((self.read(form).await?.as_deref() == Some(&*content)).then_some(()))
        })
        .await?;
        Ok(Offer(process))
    }

    async fn read(&self, form: &str) -> Result<Option<String>> {
        let output = self.desktop.run("xclip", &["-selection", "clipboard", "-out", "-t", form]).await?;
        if output.status.success() {
            return Ok(Some(String::from_utf8(output.stdout).context("the clipboard is not UTF-8")?));
        }
        let complaint = String::from_utf8_lossy(&output.stderr);
        // No owner, or an owner that does not offer this form.
        if complaint.contains("not available") || complaint.contains("no owner") {
            return Ok(None);
        }
        bail!("xclip: {}", complaint.trim())
    }
}

/// `file:///…`, as file managers write it.
pub fn file_address(file: &Path) -> String {
    format!("file://{}", utf8_percent_encode(&file.to_string_lossy(), PATH_CHARACTERS))
}
