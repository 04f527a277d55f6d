//! The log: warnings to stderr, and a net under it that lets no key, signature or header through.
//!
//! Nothing should write a secret in the first place; this is the second net.

use satchel_core::mask::Net;
use std::io;
use tracing_subscriber::EnvFilter;

/// Starts logging. `SATCHEL_LOG` takes the usual filters; nothing else is read.
pub fn start() {
    let filter = EnvFilter::try_from_env("SATCHEL_LOG").unwrap_or_else(|_| EnvFilter::new("warn"));
    // The practice place's protocol library logs whole requests, signatures included.
    let filter = match "s3s=off".parse() {
        Ok(directive) => filter.add_directive(directive),
        Err(_) => filter,
    };
    let subscriber =
        tracing_subscriber::fmt().with_env_filter(filter).with_ansi(false).with_writer(|| Net(io::stderr()));
    // A second start finds the first one's: that is fine.
    let _ = subscriber.try_init();
}
