//! Whether a request is still alive. Decides from what moved and what the peer has confirmed, never from how long it
//! takes in all: a slow line that lives is left alone.
//!
//! Touches no connection; [`super::connection`] shows it what there is to see.

use super::timings::Timings;
use std::fmt;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant, SystemTime};

/// Where the system does not tell what the peer has confirmed, it may hold so much that a slow line needs this much
/// longer before it takes more.
const WITHOUT_ACKNOWLEDGEMENTS: u32 = 3;

/// Nothing came in time. What the error table calls too slow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Stalled {
    pub(crate) silence: Silence,
    pub(crate) after: Duration,
}

/// What did not come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Silence {
    /// Not a byte, in either direction.
    Bytes,
    /// Everything went out; no answer.
    Answer,
    /// No sign of life after the computer had slept.
    Wake,
}

impl Stalled {
    pub(crate) fn moving(after: Duration) -> Self {
        Stalled { silence: Silence::Bytes, after }
    }

    /// For the sentence. Never none: a person would not believe it.
    pub(crate) fn seconds(&self) -> u64 {
        self.after.as_secs().max(1)
    }
}

impl fmt::Display for Stalled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = match self.silence {
            Silence::Bytes => "no byte moved",
            Silence::Answer => "no answer came",
            Silence::Wake => "no sign of life after sleep",
        };
        write!(f, "{what} for {:?}", self.after)
    }
}

impl std::error::Error for Stalled {}

/// A moment by both clocks: only one of them runs while the computer sleeps.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Moment {
    pub(crate) running: Instant,
    pub(crate) wall: SystemTime,
}

impl Moment {
    pub(crate) fn now() -> Self {
        Moment { running: Instant::now(), wall: SystemTime::now() }
    }

    /// How long ago `earlier` was, by the clock that says more. A wall clock that was set back says nothing.
    pub(crate) fn since(&self, earlier: &Moment) -> Duration {
        let wall = self.wall.duration_since(earlier.wall).unwrap_or_default();
        wall.max(self.running.saturating_duration_since(earlier.running))
    }

    /// How much longer that was than this program saw.
    pub(crate) fn slept_since(&self, earlier: &Moment) -> Duration {
        self.since(earlier).saturating_sub(self.running.saturating_duration_since(earlier.running))
    }
}

/// What there is to see of a request at one moment.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Glance {
    /// Bytes that went out and came in on its connection.
    pub(crate) moved: u64,
    /// Its last byte has been handed over.
    pub(crate) finished: bool,
    /// It has nothing to send at the moment, and more later: our own doing.
    pub(crate) starved: bool,
}

/// Watches one request until its answer begins.
#[derive(Debug)]
pub(crate) struct Watch {
    timings: Timings,
    answer: Duration,
    moved_at: Instant,
    moved: u64,
    acknowledged: u64,
    looked: Moment,
    woke: bool,
}

impl Watch {
    /// `answer` is how long an answer may take once everything has arrived.
    pub(crate) fn new(timings: Timings, answer: Duration, now: Moment) -> Self {
        let moved_at = now.running;
        Watch { timings, answer, moved_at, moved: 0, acknowledged: 0, looked: now, woke: false }
    }

    /// How long to wait before looking again.
    pub(crate) fn pause(&self) -> Duration {
        self.timings.look
    }

    /// There is no connection yet; whoever makes it has their own limits.
    pub(crate) fn look_at_nothing(&mut self, now: Moment) {
        self.looked = now;
        self.life(now.running);
    }

    /// Looks once. The system is asked only when nothing else moved.
    pub(crate) fn look(
        &mut self,
        now: Moment,
        glance: Glance,
        kernel: impl FnOnce() -> Option<super::connection::Kernel>,
    ) -> Result<(), Stalled> {
        if now.since(&self.looked) > self.timings.stall {
            // We did not look for so long that silence proves nothing; but what is dead now shall not cost a minute.
            self.life(now.running);
            self.woke = true;
        }
        self.looked = now;
        if glance.moved != self.moved {
            self.moved = glance.moved;
            self.life(now.running);
            return Ok(());
        }
        let kernel = kernel();
        if let Some(kernel) = kernel
            && kernel.acknowledged != self.acknowledged
        {
            self.acknowledged = kernel.acknowledged;
            self.life(now.running);
            return Ok(());
        }
        let owes = kernel.is_some_and(|kernel| kernel.owes);
        if glance.starved && !owes {
            self.life(now.running);
            return Ok(());
        }
        let (silence, allowed) = self.allowed(owes || !glance.finished, kernel.is_some());
        if now.running.saturating_duration_since(self.moved_at) < allowed {
            return Ok(());
        }
        Err(Stalled { silence, after: allowed })
    }

    fn allowed(&self, sending: bool, acknowledgements: bool) -> (Silence, Duration) {
        match (self.woke, sending) {
            (true, _) => (Silence::Wake, self.timings.wake),
            (false, true) if acknowledgements => (Silence::Bytes, self.timings.stall),
            (false, true) => (Silence::Bytes, self.timings.stall * WITHOUT_ACKNOWLEDGEMENTS),
            (false, false) => (Silence::Answer, self.answer),
        }
    }

    fn life(&mut self, now: Instant) {
        self.moved_at = now;
        self.woke = false;
    }
}

/// How long answers may take, learnt from those that took longer. Shared by all requests of a kind.
#[derive(Debug)]
pub(crate) struct Patience {
    times: AtomicU32,
}

impl Default for Patience {
    fn default() -> Self {
        Patience { times: AtomicU32::new(1) }
    }
}

impl Patience {
    pub(crate) fn allows(&self, timings: &Timings) -> Duration {
        timings.answer.saturating_mul(self.times.load(Ordering::Relaxed)).min(timings.complete.max(timings.answer))
    }

    /// An answer came: the next is expected as soon as any.
    pub(crate) fn answered(&self) {
        if self.times.load(Ordering::Relaxed) != 1 {
            self.times.store(1, Ordering::Relaxed);
        }
    }

    /// None came in this time. Many requests may find that out at once; it doubles only once.
    pub(crate) fn ran_out(&self, allowed: Duration, timings: &Timings) {
        let times = allowed.as_secs_f64() / timings.answer.as_secs_f64().max(f64::MIN_POSITIVE);
        let longest = timings.complete.as_secs_f64() / timings.answer.as_secs_f64().max(f64::MIN_POSITIVE);
        self.times.fetch_max((times * 2.0).min(longest).round() as u32, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests;
