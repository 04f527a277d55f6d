//! How long a journey waits, in one place. Nothing here sleeps and hopes: `until` asks again and again whether the thing has
//! happened and says, when it has not, what was awaited and what was seen last.

use std::time::{Duration, Instant};

use anyhow::{Result, bail};

/// For everything a person waits for on a busy machine with two cores.
pub const PATIENCE: Duration = Duration::from_secs(30);
/// For a small program that answers and ends: xclip, xdotool, secret-tool.
pub const ERRAND: Duration = Duration::from_secs(10);
/// What an ended program may take to clear up after itself before it is killed.
pub const FAREWELL: Duration = Duration::from_secs(3);
/// How long something must stay away to count as "did not come".
pub const ABSENCE: Duration = Duration::from_millis(700);
pub const POLL: Duration = Duration::from_millis(20);

/// Asks `probe` until it has an answer. An error ends it at once: a probe answers `None` for what may still come.
pub async fn until<T>(what: &str, probe: impl AsyncFnMut() -> Result<Option<T>>) -> Result<T> {
    until_within(PATIENCE, what, probe).await
}

pub async fn until_within<T>(
    patience: Duration,
    what: &str,
    mut probe: impl AsyncFnMut() -> Result<Option<T>>,
) -> Result<T> {
    let deadline = Instant::now() + patience;
    loop {
        if let Some(answer) = probe().await? {
            return Ok(answer);
        }
        if Instant::now() >= deadline {
            bail!("waited {} s in vain for {what}", patience.as_secs());
        }
        tokio::time::sleep(POLL).await;
    }
}

/// As `until`, for a value that is read again and again: the message of a failure carries the value read last.
pub async fn until_value<T: std::fmt::Debug>(
    what: &str,
    mut read: impl AsyncFnMut() -> Result<T>,
    right: impl Fn(&T) -> bool,
) -> Result<T> {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let value = read().await?;
        if right(&value) {
            return Ok(value);
        }
        if Instant::now() >= deadline {
            bail!("waited {} s in vain for {what}; last seen: {value:?}", PATIENCE.as_secs());
        }
        tokio::time::sleep(POLL).await;
    }
}
