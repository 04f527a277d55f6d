//! Transfers against the practice server: what arrives is what was sent, and the truth is told about everything else.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "transfers/desk.rs"]
mod desk;
#[path = "transfers/doubts.rs"]
mod doubts;
#[path = "transfers/down.rs"]
mod down;
#[path = "transfers/groups.rs"]
mod groups;
#[path = "transfers/local.rs"]
mod local;
#[path = "transfers/names.rs"]
mod names;
#[path = "transfers/queue.rs"]
mod queue;
#[path = "transfers/restored.rs"]
mod restored;
#[path = "transfers/resume.rs"]
mod resume;
#[path = "transfers/stops.rs"]
mod stops;
#[path = "support/store.rs"]
mod store;
#[path = "transfers/tree.rs"]
mod tree;
#[path = "transfers/trouble.rs"]
mod trouble;
#[path = "transfers/up.rs"]
mod up;
#[path = "transfers/walking.rs"]
mod walking;
