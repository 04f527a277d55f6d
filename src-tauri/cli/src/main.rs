//! `satchel`: reads the command line, runs one command, stops it cleanly when asked to, and ends with the right exit code.

mod arguments;
mod commands;
mod exit;
mod handover;
mod output;
mod place;
mod progress;
mod report;

use crate::arguments::{Arguments, Global};
use crate::commands::Call;
use crate::exit::{Exit, Failure};
use crate::output::Output;
use clap::Parser;
use clap::error::ErrorKind;
use satchel_core::credentials::KeyRooms;
use satchel_core::mask::Net;
use satchel_core::{Error, Operation};
use std::io;
use std::pin::pin;
use std::process::ExitCode;
use std::time::Duration;
use tokio_util::sync::CancellationToken;
use tracing_subscriber::EnvFilter;

/// How long a command may tidy up after it was told to stop. With what comes after it stays under a second.
const TIDYING: Duration = Duration::from_millis(800);
/// How long threads that can't be stopped are waited for: a prompt that nobody answers, for example.
const LAST_THREADS: Duration = Duration::from_millis(100);

fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => return misunderstood(&error),
    };
    log(&arguments.global);
    let output = Output::new(&arguments.global);
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(cause) => {
            output.failure(&Failure::from(cause));
            return Exit::Trouble.into();
        }
    };
    // Lives longer than the runtime: the password store may only be closed where nothing asynchronous runs.
    let rooms = KeyRooms::default();
    let exit = runtime.block_on(run(&output, rooms.clone(), arguments));
    runtime.shutdown_timeout(LAST_THREADS);
    drop(rooms);
    exit.into()
}

async fn run(output: &Output, rooms: KeyRooms, arguments: Arguments) -> Exit {
    let stop = CancellationToken::new();
    let call = Call { output, global: arguments.global, rooms, stop: stop.clone() };
    let mut work = pin!(commands::run(&call, arguments.command));
    let ended = tokio::select! {
        ended = &mut work => ended,
        () = asked_to_stop() => {
            stop.cancel();
            tokio::time::timeout(TIDYING, work).await.unwrap_or_else(|_| Err(Error::cancelled(Operation::Connect).into()))
        }
    };
    let exit = ended.unwrap_or_else(|failure| {
        output.failure(&failure);
        failure.exit()
    });
    match output.flush() {
        Ok(()) => exit,
        Err(failure) => {
            output.failure(&failure);
            failure.exit()
        }
    }
}

/// Ends when a person or the system wants this call to end.
async fn asked_to_stop() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let listen = |kind| async move {
            match signal(kind) {
                Ok(mut signal) => drop(signal.recv().await),
                Err(_) => std::future::pending().await,
            }
        };
        tokio::select! {
            () = listen(SignalKind::interrupt()) => {}
            () = listen(SignalKind::terminate()) => {}
            () = listen(SignalKind::hangup()) => {}
        }
    }
    #[cfg(not(unix))]
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending().await
    }
}

/// Help and version are results; everything else is a usage error, as JSON too if that was asked for.
fn misunderstood(error: &clap::Error) -> ExitCode {
    let wants_json = || std::env::args_os().take_while(|word| word != "--").any(|word| word == "--json");
    let is_question = matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion);
    if !is_question && wants_json() {
        let output = Output::for_usage();
        output.failure(&Failure::Usage(what_was_wrong(error)));
        // Where it can't be written there is nobody left to tell.
        let _ = output.flush();
    } else {
        let _ = error.print();
    }
    if is_question { Exit::Done.into() } else { Exit::Usage.into() }
}

/// All that was not understood or is missing, in one line; not how the command is used.
fn what_was_wrong(error: &clap::Error) -> String {
    if matches!(error.kind(), ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand | ErrorKind::MissingSubcommand) {
        return "A command is missing; --help lists them.".to_owned();
    }
    let rendered = error.render().to_string();
    let told = rendered.lines().map(str::trim).take_while(|line| !line.starts_with("Usage:"));
    let told: Vec<&str> = told.filter(|line| !line.is_empty() && !line.starts_with("For more")).collect();
    told.join(" ").trim_start_matches("error: ").to_owned()
}

/// What the engine notes, on stderr, if that was asked for. Other people's crates never speak: they know our secrets.
fn log(global: &Global) {
    if !global.verbose {
        return;
    }
    let ours = EnvFilter::new("off,satchel=debug,satchel_core=debug,satchel_practice=debug");
    let installed =
        tracing_subscriber::fmt().with_env_filter(ours).with_writer(|| Net(io::stderr())).with_ansi(false).try_init();
    debug_assert!(installed.is_ok(), "there is one subscriber, and it is set here");
}
