//! The faults for which a process has to die, sleep or meet another, against the built program. Every test begins with
//! the number of its fault; the random run throws dice.

#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that can’t go on has failed")]

#[path = "faults/crash.rs"]
mod crash;
#[path = "faults/disk.rs"]
mod disk;
#[path = "faults/network.rs"]
mod network;
#[path = "faults/office.rs"]
mod office;
#[path = "faults/pairs.rs"]
mod pairs;
#[path = "faults/random.rs"]
mod random;
#[path = "faults/scale.rs"]
mod scale;
#[path = "faults/secured.rs"]
mod secured;
#[allow(dead_code, reason = "what other tests of the program need of it is more")]
#[path = "cli/support.rs"]
mod support;
