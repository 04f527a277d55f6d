//! Links that are being made: how far their private copies are, and the person's wish to stop.

use satchel_core::Result;
use satchel_core::links::{Copied, Course};
use std::sync::{Arc, PoisonError, RwLock};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

/// Cheap to clone.
#[derive(Clone, Default)]
pub struct Making(Arc<Shared>);

#[derive(Default)]
struct Shared {
    /// Stops all that began before it is replaced.
    stop: RwLock<CancellationToken>,
    copied: watch::Sender<Copied>,
}

impl Making {
    /// Runs what makes a link, and tells how far it is.
    ///
    /// # Errors
    /// What it says itself; `Cancelled` after [`Making::stop`].
    pub async fn run<T, F: Future<Output = Result<T>>>(&self, make: impl FnOnce(Course) -> F) -> Result<T> {
        let stop = self.0.stop.read().unwrap_or_else(PoisonError::into_inner).child_token();
        let course = Course::new(stop);
        let mut copied = course.watch();
        let mut making = std::pin::pin!(make(course));
        loop {
            tokio::select! {
                made = &mut making => return made,
                Ok(()) = copied.changed() => {
                    let now = *copied.borrow_and_update();
                    self.0.copied.send_replace(now);
                }
            }
        }
    }

    /// Stops everything that is being made.
    pub fn stop(&self) {
        std::mem::take(&mut *self.0.stop.write().unwrap_or_else(PoisonError::into_inner)).cancel();
    }

    pub fn watch(&self) -> watch::Receiver<Copied> {
        self.0.copied.subscribe()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use satchel_core::{Code, Error, Operation};

    #[tokio::test]
    async fn stopping_ends_what_is_being_made_and_nothing_that_comes_later() {
        let making = Making::default();
        let waits = async |course: Course| {
            course.stop.cancelled().await;
            Err::<(), _>(Error::new(Code::Cancelled, Operation::Copy))
        };
        let (made, ()) = tokio::join!(making.run(waits), async { making.stop() });
        assert_eq!(made.unwrap_err().code(), Code::Cancelled);
        let later = making.run(async |course: Course| Ok(course.stop.is_cancelled())).await;
        assert!(!later.unwrap());
    }
}
