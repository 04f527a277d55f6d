//! Starts Satchel's window and tray.
#![cfg_attr(not(debug_assertions), windows_subsystem = "windows")]

use std::process::ExitCode;

fn main() -> ExitCode {
    satchel_desktop::harden();
    match satchel_desktop::run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(cause) => {
            tracing::error!(%cause, "Satchel could not start");
            ExitCode::FAILURE
        }
    }
}
