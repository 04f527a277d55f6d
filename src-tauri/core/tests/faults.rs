//! The faults F01 to F40, as far as the engine alone can show them: every test begins with the number of its fault.
//! Those for which a process has to be killed are with the command line.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "faults/answers.rs"]
mod answers;
#[path = "faults/bytes.rs"]
mod bytes;
#[allow(dead_code, reason = "what other tests of transfers need of it is more")]
#[path = "transfers/desk.rs"]
mod desk;
#[path = "faults/disk.rs"]
mod disk;
#[path = "faults/files.rs"]
mod files;
#[path = "faults/held.rs"]
mod held;
#[allow(dead_code, reason = "here only the status counts")]
#[path = "support/http.rs"]
mod http;
#[path = "faults/journal.rs"]
mod journal;
#[path = "faults/ledger.rs"]
mod ledger;
#[path = "faults/line.rs"]
mod line;
#[path = "faults/names.rs"]
mod names;
#[path = "faults/network.rs"]
mod network;
#[path = "faults/pauses.rs"]
mod pauses;
#[path = "faults/refusals.rs"]
mod refusals;
#[path = "faults/scale.rs"]
mod scale;
#[path = "faults/stalls.rs"]
mod stalls;
#[path = "support/store.rs"]
mod store;
#[path = "faults/strangers.rs"]
mod strangers;
