//! When a link ends: the choice, 7 days, the keys' own end and what IT allows, whichever comes first.

use crate::credentials::KeySnapshot;
use crate::error::{Code, Error, Operation, Result};
use crate::place::Place;
use crate::storage::Storage;
use jiff::civil::DateTime;
use jiff::{SignedDuration, Timestamp, ZonedDateTime};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// The longest that S3 lets a pre-signed address live.
const SEVEN_DAYS: Duration = Duration::from_secs(7 * 24 * 3600);

/// What the person chose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EndChoice {
    /// The place's own time.
    Default,
    In(Duration),
    /// By this computer's clock.
    At(Timestamp),
}

/// Why it ends then.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum EndsBecause {
    Chosen,
    /// The keys that sign it end.
    SignIn,
    /// IT allows no more.
    Place,
    /// A session that does not say when it ends: it may be sooner.
    Unknown,
}

/// What keeps links from lasting longer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum LatestBecause {
    SevenDays,
    SignIn,
    Place,
}

/// The latest end that can be kept now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LatestEnd {
    pub at: Timestamp,
    pub because: LatestBecause,
}

/// An end that was settled, by the store's clock: what is signed and what is shown are the same second, also on a computer
/// whose own clock is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct End {
    pub(super) from: Timestamp,
    pub(super) lasts: Duration,
    pub(super) at: Timestamp,
    pub(super) because: EndsBecause,
}

/// The latest end that links of this place can have now: those that can be stopped, or those to the files themselves.
///
/// # Errors
/// What the keys say when they can't be had.
pub async fn latest_end(storage: &Storage, stoppable: bool) -> Result<LatestEnd> {
    let keys = storage.link_keys(stoppable).await?;
    let now = whole_second(storage.clock().store_now());
    let (lasts, because) = longest(storage.place(), keys.ends_at(), now)?;
    Ok(LatestEnd { at: later(now, lasts), because })
}

pub(super) fn resolve(storage: &Storage, keys: &KeySnapshot, choice: &EndChoice, exact: bool) -> Result<End> {
    let now = whole_second(storage.clock().store_now());
    settle(storage.place(), keys.ends_at(), keys.end_is_unknown(), choice, exact, now)
}

fn settle(
    place: &Place,
    keys_end: Option<Timestamp>,
    keys_end_unknown: bool,
    choice: &EndChoice,
    exact: bool,
    now: Timestamp,
) -> Result<End> {
    let chosen = match choice {
        EndChoice::Default => place.link_time(),
        EndChoice::In(lasts) => *lasts,
        // Chosen by this computer's clock, which may be a little ahead of the store's.
        EndChoice::At(at) => Duration::try_from(at.duration_since(now)).unwrap_or_default().min(longest_at(*at)),
    };
    let chosen = Duration::from_secs(chosen.as_secs());
    if chosen.is_zero() || (chosen > SEVEN_DAYS && *choice != EndChoice::Default) {
        return Err(refused("7 days"));
    }
    let (longest, because) = longest(place, keys_end, now)?;
    let (lasts, because) = if chosen <= longest {
        (chosen, if keys_end_unknown { EndsBecause::Unknown } else { EndsBecause::Chosen })
    } else if exact {
        return Err(refused(&plain_time(longest)));
    } else {
        let because = match because {
            LatestBecause::SignIn => EndsBecause::SignIn,
            LatestBecause::Place | LatestBecause::SevenDays => EndsBecause::Place,
        };
        (longest, because)
    };
    Ok(End { from: now, lasts, at: later(now, lasts), because })
}

/// Seven days for what is at most that by this computer's clock; else no bound.
fn longest_at(at: Timestamp) -> Duration {
    match Duration::try_from(at.duration_since(Timestamp::now())) {
        Ok(lasts) if lasts > SEVEN_DAYS + Duration::from_secs(1) => Duration::MAX,
        _ => SEVEN_DAYS,
    }
}

/// How long a link made now can last.
fn longest(place: &Place, keys_end: Option<Timestamp>, now: Timestamp) -> Result<(Duration, LatestBecause)> {
    let mut longest = (SEVEN_DAYS, LatestBecause::SevenDays);
    if let Some(seconds) = place.longest_link_seconds
        && Duration::from_secs(seconds) < longest.0
    {
        longest = (Duration::from_secs(seconds), LatestBecause::Place);
    }
    if let Some(end) = keys_end {
        // The store decides by its own clock when the keys have ended.
        let left = Duration::try_from(end.duration_since(now)).unwrap_or_default();
        let left = Duration::from_secs(left.as_secs());
        if left.is_zero() {
            return Err(Error::new(Code::SignInEnded, Operation::Link));
        }
        if left < longest.0 {
            longest = (left, LatestBecause::SignIn);
        }
    }
    Ok(longest)
}

/// Signatures count whole seconds; rounding down never promises more than is true.
fn whole_second(time: Timestamp) -> Timestamp {
    Timestamp::from_second(time.as_second()).unwrap_or(time)
}

fn later(from: Timestamp, lasts: Duration) -> Timestamp {
    SignedDuration::try_from(lasts).ok().and_then(|lasts| from.checked_add(lasts).ok()).unwrap_or(from)
}

fn refused(allowed: &str) -> Error {
    Error::new(Code::LinkEndRefused, Operation::Link).with("allowed", allowed)
}

fn plain_time(time: Duration) -> String {
    let (number, unit) = match time.as_secs() {
        seconds if seconds >= 2 * 24 * 3600 => (seconds / (24 * 3600), "day"),
        seconds if seconds >= 2 * 3600 => (seconds / 3600, "hour"),
        seconds if seconds >= 120 => (seconds / 60, "minute"),
        seconds => (seconds, "second"),
    };
    format!("{number} {unit}{}", if number == 1 { "" } else { "s" })
}

/// Reads `60s`, `10m`, `2h`, `7d`, `2026-11-27T17:00` (local time of `now`) or RFC 3339.
///
/// # Errors
/// `LinkEndRefused` when it is none of these, or not between 1 second and 7 days from now.
pub fn parse_when(text: &str, now: &ZonedDateTime) -> Result<EndChoice> {
    let bad = || refused("7 days");
    let text = text.trim();
    if let Some(lasts) = length(text) {
        return if (1..=SEVEN_DAYS.as_secs()).contains(&lasts) {
            Ok(EndChoice::In(Duration::from_secs(lasts)))
        } else {
            Err(bad())
        };
    }
    let at = text.parse::<Timestamp>().ok().or_else(|| {
        let local: DateTime = text.parse().ok()?;
        local.to_zoned_datetime(now.time_zone().clone()).ok().map(|zoned| zoned.timestamp())
    });
    let at = at.ok_or_else(bad)?;
    let seconds = at.as_second() - now.timestamp().as_second();
    let longest = i64::try_from(SEVEN_DAYS.as_secs()).unwrap_or(i64::MAX);
    if (1..=longest).contains(&seconds) { Ok(EndChoice::At(at)) } else { Err(bad()) }
}

fn length(text: &str) -> Option<u64> {
    let unit = text.chars().last()?;
    let seconds = match unit {
        's' => 1,
        'm' => 60,
        'h' => 3600,
        'd' => 24 * 3600,
        _ => return None,
    };
    let digits = text.strip_suffix(unit)?;
    if digits.is_empty() || !digits.chars().all(|letter| letter.is_ascii_digit()) {
        return None;
    }
    Some(digits.parse::<u64>().unwrap_or(u64::MAX).saturating_mul(seconds))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::place::KeySource;

    fn place() -> Place {
        Place::new("", "acme", "", KeySource::PasswordStore).unwrap()
    }

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn settled(choice: EndChoice, keys_end: Option<&str>) -> Result<End> {
        settle(&place(), keys_end.map(at), false, &choice, false, at("2026-11-23T12:00:00Z"))
    }

    #[test]
    fn a_link_ends_when_the_keys_end_if_that_is_sooner() {
        let end = settled(EndChoice::In(Duration::from_secs(3 * 3600)), Some("2026-11-23T13:00:00Z")).unwrap();
        assert_eq!((end.at, end.because), (at("2026-11-23T13:00:00Z"), EndsBecause::SignIn));
    }

    #[test]
    fn a_link_of_keys_that_have_ended_is_refused() {
        let error = settled(EndChoice::Default, Some("2026-11-23T11:59:59Z")).unwrap_err();
        assert_eq!(error.code(), Code::SignInEnded);
    }

    #[test]
    fn it_has_maximum_is_kept_and_named() {
        let place = Place { longest_link_seconds: Some(3600), ..place() };
        let end = settle(&place, None, false, &EndChoice::Default, false, at("2026-11-23T12:00:00Z")).unwrap();
        assert_eq!((end.lasts, end.because), (Duration::from_secs(3600), EndsBecause::Place));
        let exact = settle(&place, None, false, &EndChoice::Default, true, at("2026-11-23T12:00:00Z"));
        assert_eq!(exact.unwrap_err().advice().sentence, "A link works for at least 1 second and at most 60 minutes.");
    }

    #[test]
    fn nothing_longer_than_seven_days_and_nothing_in_the_past_is_signed() {
        for choice in [
            EndChoice::In(Duration::from_secs(604_801)),
            EndChoice::In(Duration::ZERO),
            EndChoice::At(at("2026-11-23T11:00:00Z")),
        ] {
            assert_eq!(settled(choice, None).unwrap_err().code(), Code::LinkEndRefused);
        }
        assert!(settled(EndChoice::In(SEVEN_DAYS), None).is_ok());
    }

    #[test]
    fn a_session_that_does_not_say_its_end_is_marked() {
        let end = settle(&place(), None, true, &EndChoice::Default, false, at("2026-11-23T12:00:00Z")).unwrap();
        assert_eq!(end.because, EndsBecause::Unknown);
    }

    #[test]
    fn ends_are_read_as_lengths_local_times_and_rfc_3339() {
        let now: ZonedDateTime = "2026-11-23T12:00:00+01:00[Europe/Berlin]".parse().unwrap();
        assert_eq!(parse_when("2h", &now).unwrap(), EndChoice::In(Duration::from_secs(7200)));
        assert_eq!(parse_when("2026-11-27T17:00", &now).unwrap(), EndChoice::At(at("2026-11-27T16:00:00Z")));
        assert_eq!(parse_when("2026-11-27T17:00:00Z", &now).unwrap(), EndChoice::At(at("2026-11-27T17:00:00Z")));
        for wrong in ["8d", "0s", "1w", "", "-1s", "2026-12-27T17:00", "2026-11-23T11:00", "99999999999999999999d"] {
            assert_eq!(parse_when(wrong, &now).unwrap_err().code(), Code::LinkEndRefused, "{wrong}");
        }
    }
}
