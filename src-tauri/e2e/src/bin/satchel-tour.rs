//! The main job, once through, for somebody without a display: opens the real app on a virtual one, uploads a file through
//! its window, copies the link and fetches it. Says what it saw; fails if any of it is not so.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a tool for a terminal: printing is its job")]

use std::process::ExitCode;

use anyhow::{Context, Result, ensure};
use satchel_e2e::fetch::fetch;
use satchel_e2e::link::LinkText;
use satchel_e2e::{Desktop, Launch, row, spot};

const NAME: &str = "Tour of Satchel.txt";
const TEXT: &str = "This file went through Satchel's window into the practice place, and came back by its link.\n";

#[tokio::main]
async fn main() -> ExitCode {
    match tour().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn tour() -> Result<()> {
    let desktop = Desktop::start().await.context("no virtual desktop")?;
    let file = desktop.file_with(NAME, TEXT.as_bytes())?;
    let app = desktop.launch_app(Launch { arguments: &["--practice"], ..Launch::default() }).await?;
    app.files_are_there().await.context("the practice place does not open")?;

    app.click(&spot("upload")).await?;
    desktop.file_chooser().await?.choose(&file).await?;
    app.uploaded(NAME).await.context("the file is not uploaded")?;
    app.see(&row(NAME)).await?;
    let link = app.copy_link_of(NAME).await.context("there is no link on the clipboard")?;
    let picture = app.picture("tour").await?;

    let fetched = fetch(&link).await?;
    ensure!(fetched.status.is_success(), "the link answers {}", fetched.status);
    ensure!(fetched.body == TEXT.as_bytes(), "the link gives other bytes than were uploaded");
    ensure!(
        fetched.file_name().as_deref() == Some(NAME),
        "the link gives the file another name: {:?}",
        fetched.file_name()
    );
    let ends_at = LinkText::of(&link).ends_at()?;
    println!("Uploaded “{NAME}” through the window and copied its link, which works until {ends_at}:");
    println!("{link}");
    println!("Fetched by plain HTTP: {} bytes, the same as uploaded.", fetched.body.len());
    println!("Picture: {}", picture.display());
    app.close().await
}
