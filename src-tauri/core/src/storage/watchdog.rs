//! Whether a request is still alive. Decides from what moved and what the peer has confirmed, never from how long it
//! takes in all: a slow line that lives is left alone.
//!
//! Touches no connection; [`super::connection`] shows it what there is to see.

use super::connection::Kernel;
use super::timings::Timings;
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
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
    /// Not a byte, from a peer that is there and takes nothing more.
    Closed,
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
            Silence::Closed => "the other side took no byte",
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
    allowed: Allowed,
    moved_at: Instant,
    moved: u64,
    acknowledged: u64,
    looked: Moment,
    woke: bool,
    closed_for: Duration,
}

/// What was learnt about how long silence may last.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Allowed {
    /// While the peer takes nothing more.
    pub(crate) closed: Duration,
    /// For an answer, once everything has arrived.
    pub(crate) answer: Duration,
}

impl Watch {
    pub(crate) fn new(timings: Timings, allowed: Allowed, now: Moment) -> Self {
        let (moved_at, closed_for) = (now.running, Duration::ZERO);
        Watch { timings, allowed, moved_at, moved: 0, acknowledged: 0, looked: now, woke: false, closed_for }
    }

    /// The longest time that the peer took nothing more.
    pub(crate) fn closed_for(&self) -> Duration {
        self.closed_for
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
        kernel: impl FnOnce() -> Option<Kernel>,
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
        let silent_for = now.running.saturating_duration_since(self.moved_at);
        let (silence, allowed) = self.allowed(silent_for, owes || !glance.finished, kernel);
        if silence == Silence::Closed {
            self.closed_for = self.closed_for.max(silent_for);
        }
        if silent_for < allowed { Ok(()) } else { Err(Stalled { silence, after: allowed }) }
    }

    fn allowed(&self, silent_for: Duration, sending: bool, kernel: Option<Kernel>) -> (Silence, Duration) {
        match (sending, kernel) {
            _ if self.woke => (Silence::Wake, self.timings.wake),
            (false, _) => (Silence::Answer, self.allowed.answer),
            (true, None) => (Silence::Bytes, self.timings.stall * WITHOUT_ACKNOWLEDGEMENTS),
            // It was asked and it answered, although it confirmed nothing new.
            (true, Some(kernel)) if kernel.heard < silent_for => (Silence::Closed, self.allowed.closed),
            (true, Some(_)) => (Silence::Bytes, self.timings.stall),
        }
    }

    fn life(&mut self, now: Instant) {
        self.moved_at = now;
        self.woke = false;
    }
}

/// How long a silence may last, learnt from those that lasted longer. Shared by all requests of a kind.
#[derive(Debug)]
pub(crate) struct Patience {
    usual: Duration,
    longest: Duration,
    milliseconds: AtomicU64,
}

impl Patience {
    pub(crate) fn new(usual: Duration, longest: Duration) -> Self {
        let patience = Patience { usual, longest: longest.max(usual), milliseconds: AtomicU64::new(0) };
        patience.learn(Duration::ZERO);
        patience
    }

    pub(crate) fn allows(&self) -> Duration {
        Duration::from_millis(self.milliseconds.load(Ordering::Relaxed))
    }

    /// It went well after so long a silence: twice that is allowed from now on, and never less than usual.
    pub(crate) fn learn(&self, silence: Duration) {
        self.milliseconds.store(self.within(silence * 2), Ordering::Relaxed);
    }

    /// This silence was too long. Many requests may find that out at once; it doubles only once.
    pub(crate) fn ran_out(&self, silence: Duration) {
        self.milliseconds.fetch_max(self.within(silence * 2), Ordering::Relaxed);
    }

    fn within(&self, time: Duration) -> u64 {
        u64::try_from(time.clamp(self.usual, self.longest).as_millis()).unwrap_or(u64::MAX)
    }
}

#[cfg(test)]
mod tests;
