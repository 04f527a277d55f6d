//! How often one request is repeated, and after which wait. A property of what went wrong, never of who asked.

use super::limits::Shared;
use crate::error::{Code, Error, Result};
use std::time::Duration;

/// How often the same bytes are sent when they arrive damaged.
const TRIES_WHEN_DAMAGED: u32 = 3;
/// How often a line that broke is tried again before the whole transfer waits for it.
const TRIES_WHEN_CUT: u32 = 4;
/// The same for a store that is busy or has trouble of its own.
const TRIES_WHEN_BUSY: u32 = 7;

/// The tries of one request.
pub(crate) struct Attempts<'s> {
    shared: &'s Shared,
    damaged: u32,
    cut: u32,
    busy: u32,
}

impl<'s> Attempts<'s> {
    pub(crate) fn new(shared: &'s Shared) -> Self {
        Attempts { shared, damaged: 1, cut: 1, busy: 1 }
    }

    /// Waits before the next try: longer each time, and not the same time as everybody else.
    ///
    /// # Errors
    /// The error itself, when another try makes no sense now.
    pub(crate) async fn after(&mut self, error: Error) -> Result<()> {
        let (tries, most) = match error.code() {
            Code::Damaged => (&mut self.damaged, TRIES_WHEN_DAMAGED),
            Code::Unreachable | Code::Offline | Code::TooSlow => (&mut self.cut, TRIES_WHEN_CUT),
            Code::Busy | Code::StorageTrouble => (&mut self.busy, TRIES_WHEN_BUSY),
            _ => return Err(error),
        };
        if error.code() == Code::Busy {
            self.shared.pace.slow_down();
            self.shared.pace_of_parts.slow_down();
        }
        if *tries >= most {
            return Err(error);
        }
        let wait = self.shared.limits.patience.wait(*tries - 1);
        *tries += 1;
        tokio::time::sleep(wait).await;
        Ok(())
    }
}

/// Between half and one and a half times as long, so that many do not come back at once.
pub(crate) fn jittered(wait: Duration) -> Duration {
    let (noise, _) = uuid::Uuid::new_v4().as_u64_pair();
    let whole = u64::try_from(wait.as_micros()).unwrap_or(u64::MAX).max(1);
    Duration::from_micros(whole / 2 + noise % whole)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_is_never_half_nor_twice_as_long() {
        let wait = Duration::from_millis(100);
        for _ in 0..1000 {
            let jittered = jittered(wait);
            assert!(jittered >= wait / 2 && jittered < wait * 3 / 2, "{jittered:?}");
        }
    }
}
