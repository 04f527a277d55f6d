//! The person's settings: one snapshot, replaced whole, kept in the ledger. What can't be read is the default.

use crate::error::{Code, Error, Operation, Result};
use crate::ledger::Ledger;
use crate::storage::Limiter;
use serde::{Deserialize, Serialize};
use std::ops::RangeInclusive;
use std::sync::Arc;
use tokio::sync::{Mutex, watch};

const NAME: &str = "settings";

/// What the person chose.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Settings {
    pub speed: Speed,
    /// A notification a day before a link ends.
    pub tell_before_end: bool,
}

/// How fast uploads and downloads may be, all of them together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Speed {
    pub limited: bool,
    /// Remembered while there is no limit.
    pub bytes_per_second: u64,
}

impl Speed {
    /// Slower, and nothing that is asked would be answered in time; faster, and it is no limit.
    pub const ALLOWED: RangeInclusive<u64> = 100_000..=1_000_000_000;

    /// Bytes a second, or `None` for as fast as the line allows.
    pub fn limit(&self) -> Option<u64> {
        self.limited.then_some(self.bytes_per_second)
    }

    fn fitting(self) -> Self {
        let (slowest, fastest) = (*Self::ALLOWED.start(), *Self::ALLOWED.end());
        Speed { bytes_per_second: self.bytes_per_second.clamp(slowest, fastest), ..self }
    }
}

impl Default for Speed {
    fn default() -> Self {
        Speed { limited: false, bytes_per_second: 5_000_000 }
    }
}

/// The settings as they are kept, and what obeys them. Cheap to clone.
#[derive(Debug, Clone)]
pub struct KeptSettings(Arc<Kept>);

#[derive(Debug)]
struct Kept {
    ledger: Ledger,
    now: watch::Sender<Settings>,
    limiter: Limiter,
    writing: Mutex<()>,
}

impl KeptSettings {
    /// Reads them. Without any, and where they can't be read, they are the default.
    ///
    /// # Cancellation
    /// Dropped early, nothing was changed.
    pub async fn open(ledger: &Ledger) -> Self {
        let text = ledger.setting(NAME).await.unwrap_or_else(|cause| {
            tracing::warn!(%cause, "the settings can't be read; the default is used");
            None
        });
        let mut settings: Settings = text.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default();
        settings.speed = settings.speed.fitting();
        let limiter = Limiter::new(settings.speed.limit());
        let (now, writing) = (watch::Sender::new(settings), Mutex::default());
        KeptSettings(Arc::new(Kept { ledger: ledger.clone(), now, limiter, writing }))
    }

    /// As they are now.
    pub fn now(&self) -> Settings {
        self.0.now.borrow().clone()
    }

    /// Holds everything that passes it to the speed that is set, also when that changes while it moves.
    pub fn limiter(&self) -> &Limiter {
        &self.0.limiter
    }

    /// Writes them down and obeys them from then on; says what they are now. A speed beyond what is allowed is the nearest
    /// that is.
    ///
    /// # Errors
    /// `LedgerUnreadable`, `DiskFull`: nothing has changed then.
    ///
    /// # Cancellation
    /// Dropped early, they may be written down and be obeyed from the next start on.
    pub async fn replace(&self, settings: Settings) -> Result<Settings> {
        let settings = Settings { speed: settings.speed.fitting(), ..settings };
        let text = serde_json::to_string(&settings)
            .map_err(|cause| Error::new(Code::LedgerUnreadable, Operation::Save).because(cause))?;
        // Two at once: what is written last is obeyed last.
        let _writing = self.0.writing.lock().await;
        self.0.ledger.set_setting(NAME, &text).await?;
        let before = self.0.now.send_replace(settings.clone());
        if before.speed.limit() != settings.speed.limit() {
            self.0.limiter.set(settings.speed.limit());
        }
        Ok(settings)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limited(bytes_per_second: u64) -> Settings {
        Settings { speed: Speed { limited: true, bytes_per_second }, ..Settings::default() }
    }

    #[tokio::test]
    async fn settings_are_the_same_after_the_next_start() {
        let folder = tempfile::tempdir().unwrap();
        let ledger = Ledger::open(folder.path()).await.unwrap();
        let settings = KeptSettings::open(&ledger).await;
        assert_eq!(settings.now().speed.limit(), None);
        assert!(!settings.now().tell_before_end);
        settings.replace(Settings { tell_before_end: true, ..limited(2_500_000) }).await.unwrap();
        let again = KeptSettings::open(&Ledger::open(folder.path()).await.unwrap()).await;
        assert_eq!((again.now().speed.limit(), again.now().tell_before_end), (Some(2_500_000), true));
    }

    #[tokio::test]
    async fn a_speed_that_can_not_be_is_the_nearest_that_can() {
        let settings = KeptSettings::open(&Ledger::in_memory().unwrap()).await;
        assert_eq!(settings.replace(limited(0)).await.unwrap(), limited(*Speed::ALLOWED.start()));
        assert_eq!(settings.replace(limited(u64::MAX)).await.unwrap(), limited(*Speed::ALLOWED.end()));
    }

    #[tokio::test]
    async fn settings_that_nobody_can_read_are_the_default() {
        let ledger = Ledger::in_memory().unwrap();
        for torn in ["", "{", "[]", r#"{"speed":{"bytesPerSecond":-1}}"#] {
            ledger.set_setting(NAME, torn).await.unwrap();
            assert_eq!(KeptSettings::open(&ledger).await.now(), Settings::default(), "{torn}");
        }
        ledger.set_setting(NAME, r#"{"speed":{"limited":true,"bytesPerSecond":1}}"#).await.unwrap();
        assert_eq!(
            KeptSettings::open(&ledger).await.now(),
            limited(*Speed::ALLOWED.start()),
            "and none stops everything"
        );
    }
}
