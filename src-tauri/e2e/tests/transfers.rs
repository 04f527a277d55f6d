//! Transfers that lose nothing: paused, interrupted, refused, and still all there at the end.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "transfers/desk.rs"]
mod desk;
#[path = "transfers/down.rs"]
mod down;
#[path = "transfers/folders.rs"]
mod folders;
#[path = "transfers/interrupted.rs"]
mod interrupted;
#[path = "transfers/many.rs"]
mod many;
#[path = "transfers/names.rs"]
mod names;
#[path = "transfers/speed.rs"]
mod speed;
#[path = "transfers/trouble.rs"]
mod trouble;
#[path = "transfers/under_way.rs"]
mod under_way;
