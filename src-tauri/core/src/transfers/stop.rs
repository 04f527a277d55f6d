//! Why a job has to end: the person wants it gone, wants it to wait, or the program ends.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use tokio_util::sync::CancellationToken;

/// What is to become of what was begun.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Why {
    /// It is taken back.
    Cancel,
    /// It is kept: the person goes on later.
    Pause,
    /// It is kept: the next start goes on.
    Quit,
}

/// Tells one job to end. The first reason counts, except that a cancel outdoes the others.
#[derive(Debug, Clone)]
pub(crate) struct Stop {
    token: CancellationToken,
    why: Arc<AtomicU8>,
}

impl Stop {
    /// Also stops with its parent, which stops only when the program ends.
    pub(crate) fn below(parent: &CancellationToken) -> Self {
        Stop { token: parent.child_token(), why: Arc::new(AtomicU8::new(Why::Quit as u8)) }
    }

    pub(crate) fn stop(&self, why: Why) {
        if why == Why::Cancel || !self.token.is_cancelled() {
            self.why.store(why as u8, Ordering::SeqCst);
        }
        self.token.cancel();
    }

    pub(crate) fn is_stopped(&self) -> bool {
        self.token.is_cancelled()
    }

    /// Why, if it was stopped.
    pub(crate) fn why(&self) -> Option<Why> {
        self.is_stopped().then(|| match self.why.load(Ordering::SeqCst) {
            why if why == Why::Cancel as u8 => Why::Cancel,
            why if why == Why::Pause as u8 => Why::Pause,
            _ => Why::Quit,
        })
    }

    /// Returns when it was stopped.
    pub(crate) async fn stopped(&self) {
        self.token.cancelled().await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cancel_outdoes_a_pause_and_not_the_other_way_about() {
        let all = CancellationToken::new();
        let stop = Stop::below(&all);
        assert_eq!(stop.why(), None);
        stop.stop(Why::Pause);
        stop.stop(Why::Cancel);
        stop.stop(Why::Pause);
        assert_eq!(stop.why(), Some(Why::Cancel));
        let other = Stop::below(&all);
        all.cancel();
        assert_eq!(other.why(), Some(Why::Quit));
    }
}
