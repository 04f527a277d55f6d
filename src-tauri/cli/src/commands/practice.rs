//! `satchel practice`: the practice store in the foreground, until it is asked to stop. Its keys are printed: they open
//! nothing but this store, on this computer.

use super::Call;
use crate::arguments::Practice as Arguments;
use crate::exit::{Exit, Failure};
use crate::output::Output;
use satchel_core::{Code, Error, Operation, names};
use satchel_practice::{Practice, PracticeOptions};
use serde::Serialize;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// How to reach it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Address {
    endpoint: String,
    bucket: String,
    access_key_id: String,
    secret_access_key: String,
    region: String,
}

/// Where its files are, and what becomes of them at the end.
enum Folder {
    Lasting(PathBuf),
    Temporary(TempDir),
}

impl Folder {
    fn of(arguments: &Arguments) -> Result<Self, Failure> {
        if let Some(folder) = &arguments.dir {
            return Ok(Folder::Lasting(folder.clone()));
        }
        let temporary = tempfile::Builder::new().prefix("satchel-practice-").tempdir().map_err(unavailable)?;
        Ok(if arguments.keep { Folder::Lasting(temporary.keep()) } else { Folder::Temporary(temporary) })
    }

    fn path(&self) -> &Path {
        match self {
            Folder::Lasting(path) => path,
            Folder::Temporary(folder) => folder.path(),
        }
    }
}

/// # Cancellation
/// Dropped, the store stops at once and a temporary folder goes.
pub async fn run(call: &Call<'_>, arguments: Arguments) -> Result<Exit, Failure> {
    let folder = Folder::of(&arguments)?;
    let options = PracticeOptions::for_folder(folder.path()).port(arguments.port);
    let practice = call.until_stopped(async { Practice::start(options).await.map_err(unavailable) }).await?;
    if arguments.port != 0 && practice.port() != arguments.port {
        practice.stop().await;
        return Err(unavailable(format!("port {} is taken", arguments.port)));
    }
    announce(call.output, &practice, &folder)?;
    call.stop.cancelled().await;
    practice.stop().await;
    if let Folder::Temporary(folder) = folder {
        folder.close()?;
    }
    Ok(Exit::Stopped)
}

fn announce(output: &Output, practice: &Practice, folder: &Folder) -> Result<(), Failure> {
    let identity = practice.identity();
    let address = Address {
        endpoint: practice.endpoint(),
        bucket: practice.bucket().to_owned(),
        access_key_id: identity.access_key_id,
        secret_access_key: identity.secret_access_key,
        region: practice.region().to_owned(),
    };
    if output.json {
        output.document(&address)?;
    } else {
        output.line(format_args!("endpoint         {}", address.endpoint))?;
        output.line(format_args!("bucket           {}", address.bucket))?;
        output.line(format_args!("accessKeyId      {}", address.access_key_id))?;
        output.line(format_args!("secretAccessKey  {}", address.secret_access_key))?;
        output.line(format_args!("region           {}", address.region))?;
    }
    output.flush()?;
    let place = names::display(&folder.path().to_string_lossy());
    output.say(format_args!("The practice store is open; its files are in {place}. Ctrl+C closes it."));
    Ok(())
}

fn unavailable(cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Failure {
    Error::new(Code::PracticeUnavailable, Operation::Connect).because(cause).into()
}
