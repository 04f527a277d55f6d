//! The practice place, asked the way clients ask: by the AWS SDK, and by raw requests where the SDK is
//! too well-behaved.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

mod bodies;
mod buckets;
mod conditions;
mod copies;
mod faults;
mod forms;
mod listings;
mod names;
mod place;
mod proxy;
mod rights;
mod signatures;
mod uploads;
mod versions;
