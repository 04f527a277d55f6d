//! How long the network is waited for. One value, handed in where a place is opened; tests run the same rules faster.
//!
//! None of these ends a request that is alive: a slow line may take all day.

use std::time::Duration;

/// How long silence may last, by what is being waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timings {
    /// Finding an address and reaching it. No address that answers needs longer.
    pub connect: Duration,
    /// Not a byte went out or came in: nobody is there any more.
    pub stall: Duration,
    /// The same while the peer is there but takes nothing more, as far as that may grow. Slow proxies open their window
    /// once in a hundred kilobytes.
    pub closed: Duration,
    /// Everything has arrived over there, and no answer came.
    pub answer: Duration,
    /// The same for what a store does at length, joining and copying; and as far as `answer` may grow.
    pub complete: Duration,
    /// How long an unused connection is kept. Dead ones after sleep must not be found by waiting.
    pub idle: Duration,
    /// How soon after the computer slept a connection has to show that it is alive.
    pub wake: Duration,
    /// After so long the system asks a silent peer whether it is there, and gives it up after as long again.
    pub keepalive: Duration,
    /// How long a fetch without keys may take in all.
    pub fetch: Duration,
    /// How often a silent connection is looked at.
    pub look: Duration,
}

impl Default for Timings {
    fn default() -> Self {
        Timings {
            connect: Duration::from_secs(5),
            stall: Duration::from_secs(20),
            closed: Duration::from_secs(160),
            answer: Duration::from_secs(60),
            complete: Duration::from_secs(600),
            idle: Duration::from_secs(20),
            wake: Duration::from_secs(5),
            keepalive: Duration::from_secs(30),
            fetch: Duration::from_secs(30),
            look: Duration::from_secs(1),
        }
    }
}

impl Timings {
    /// The same rules, so many times as fast.
    pub fn scaled(times: u32) -> Self {
        let times = times.max(1);
        let real = Timings::default();
        Timings {
            connect: real.connect / times,
            stall: real.stall / times,
            closed: real.closed / times,
            answer: real.answer / times,
            complete: real.complete / times,
            idle: real.idle / times,
            wake: real.wake / times,
            keepalive: real.keepalive / times,
            fetch: real.fetch / times,
            look: real.look / times,
        }
    }
}
