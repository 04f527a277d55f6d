//! One writer a name: two files of this computer that want the same name come one after the other, so that the second
//! finds the first and is asked about.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::{Mutex as Turn, OwnedMutexGuard};

/// The names that are being written.
#[derive(Default)]
pub(crate) struct Writers(Mutex<HashMap<String, Arc<Turn<()>>>>);

/// The right to write one name, as long as it lives.
pub(crate) struct Writing {
    writers: Arc<Writers>,
    name: String,
    turn: Option<OwnedMutexGuard<()>>,
}

impl Writers {
    /// Waits until nobody else writes this name. `name` says the place too.
    pub(crate) async fn alone(self: &Arc<Self>, name: String) -> Writing {
        let turn = Arc::clone(self.0.lock().unwrap_or_else(PoisonError::into_inner).entry(name.clone()).or_default());
        // Made before the wait: whoever is dropped while waiting leaves the list too.
        let mut writing = Writing { writers: Arc::clone(self), name, turn: None };
        writing.turn = Some(turn.lock_owned().await);
        writing
    }
}

impl Drop for Writing {
    fn drop(&mut self) {
        let mut names = self.writers.0.lock().unwrap_or_else(PoisonError::into_inner);
        drop(self.turn.take());
        // Only the list itself still knows of it.
        if names.get(&self.name).is_some_and(|turn| Arc::strong_count(turn) == 1) {
            names.remove(&self.name);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;
    use tokio::time::timeout;

    #[tokio::test]
    async fn a_name_has_one_writer_and_is_forgotten_after_the_last() {
        let writers = Arc::new(Writers::default());
        let first = writers.alone("a".to_owned()).await;
        let other = writers.alone("b".to_owned()).await;
        let mut second = Box::pin(writers.alone("a".to_owned()));
        assert!(timeout(Duration::ZERO, &mut second).await.is_err(), "the second waits");
        drop(first);
        let second = second.await;
        drop((second, other));
        assert!(writers.0.lock().unwrap().is_empty());
        let held = writers.alone("a".to_owned()).await;
        assert!(timeout(Duration::ZERO, writers.alone("a".to_owned())).await.is_err());
        drop(held);
        assert!(writers.0.lock().unwrap().is_empty(), "whoever gave up is forgotten too");
    }
}
