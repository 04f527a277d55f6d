//! How long troubles that pass are waited out. The app waits as long as it runs; a command answers.

use super::attempts::jittered;
use crate::error::Code;
use std::time::Duration;

/// What is waited for, and how long.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Patience {
    /// The first wait before something is repeated; doubles.
    pub first_wait: Duration,
    /// No wait is longer.
    pub longest_wait: Duration,
    /// A store that is busy or has trouble is given up after so long.
    pub trouble: Duration,
    /// A line that is down is given up after so long. `None` is never.
    pub unreachable: Option<Duration>,
    /// The same as long as the store has not answered once.
    pub first_answer: Option<Duration>,
}

impl Default for Patience {
    /// As long as the app runs.
    fn default() -> Self {
        Patience {
            first_wait: Duration::from_millis(250),
            longest_wait: Duration::from_secs(8),
            trouble: Duration::from_secs(600),
            unreachable: None,
            first_answer: None,
        }
    }
}

impl Patience {
    /// A command tells at once that it can't begin, and waits out what happens on the way.
    pub fn of_a_command() -> Self {
        let five_minutes = Duration::from_secs(300);
        Patience {
            trouble: five_minutes,
            unreachable: Some(five_minutes),
            first_answer: Some(Duration::ZERO),
            ..Patience::default()
        }
    }

    /// Everything so many times quicker, for tests.
    #[must_use]
    pub fn scaled(self, by: u32) -> Self {
        let by = by.max(1);
        Patience {
            first_wait: self.first_wait / by,
            longest_wait: self.longest_wait / by,
            trouble: self.trouble / by,
            unreachable: self.unreachable.map(|time| time / by),
            first_answer: self.first_answer.map(|time| time / by),
        }
    }

    /// The wait after so many waits.
    pub(crate) fn wait(&self, waits: u32) -> Duration {
        jittered(self.first_wait.saturating_mul(1 << waits.min(16)).min(self.longest_wait))
    }

    /// How long this trouble is waited for.
    pub(crate) fn of(&self, code: Code, answered: bool) -> Option<Duration> {
        match code {
            code if is_store_trouble(code) => Some(self.trouble),
            _ if answered => self.unreachable,
            _ => self.first_answer.or(self.unreachable),
        }
    }
}

/// Whether the store was reached and has a trouble of its own.
pub(crate) fn is_store_trouble(code: Code) -> bool {
    matches!(code, Code::Busy | Code::StorageTrouble)
}

/// How far a refusal reaches: what was refused to one file is refused to all that are like it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reach {
    File,
    Folder,
    Place,
}

pub(crate) fn reach(code: Code) -> Reach {
    match code {
        Code::UploadDenied => Reach::Folder,
        code if waits_for_the_person(code) => Reach::Place,
        _ => Reach::File,
    }
}

/// Refusals that a person can lift without touching a file: what was sent before is kept for then.
pub(crate) fn waits_for_the_person(code: Code) -> bool {
    matches!(
        code,
        Code::KeyUnknown
            | Code::SecretWrong
            | Code::ClockWrong
            | Code::SignInEnded
            | Code::SignInRefused
            | Code::CompanySignIn
            | Code::CodeNeeded
            | Code::PlaceNotFound
            | Code::WrongAddress
            | Code::TlsUntrusted
            | Code::TlsUnsafe
            | Code::ProxySignIn
            | Code::PasswordStoreLocked
            | Code::PasswordStoreMissing
            | Code::NoKeys
            | Code::EncryptionDenied
    )
}

/// Whether the keys are read again before another try.
pub(crate) fn wants_new_keys(code: Code) -> bool {
    matches!(
        code,
        Code::KeyUnknown
            | Code::SecretWrong
            | Code::SignInEnded
            | Code::SignInRefused
            | Code::CompanySignIn
            | Code::CodeNeeded
            | Code::PasswordStoreLocked
            | Code::PasswordStoreMissing
            | Code::NoKeys
    )
}

/// Troubles that pass by themselves: the whole place waits, and somebody looks from time to time.
pub(crate) fn passes(code: Code) -> bool {
    matches!(
        code,
        Code::Unreachable | Code::Offline | Code::TooSlow | Code::Busy | Code::StorageTrouble | Code::CaptivePortal
    )
}
