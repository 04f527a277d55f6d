//! What takes minutes: `cargo xtask soak --window` runs it, the tests of every day do not.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#![allow(clippy::print_stderr, reason = "the figures are what it is run for")]

#[path = "soak/person.rs"]
mod person;
#[path = "soak/verdict.rs"]
mod verdict;
#[path = "soak/watch.rs"]
mod watch;
#[path = "soak/window.rs"]
mod window;
