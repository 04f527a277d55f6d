//! How a call ends: what went wrong on the way, and the exit code that scripts go by. The only place that maps one to the other.

use satchel_core::{Action, Code, Error};
use serde::Serialize;
use std::io;
use std::process::ExitCode;
use std::sync::Arc;

/// The exit codes of cli.md.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    Done,
    Trouble,
    Usage,
    Partial,
    NotFound,
    NotAllowed,
    Unreachable,
    SignInEnded,
    Stopped,
}

impl Exit {
    /// The exit code of one cause.
    pub fn of(code: Code) -> Self {
        match code {
            Code::LinkEndRefused => Exit::Usage,
            Code::FileGone | Code::PlaceNotFound | Code::PlaceUnknown | Code::FileMissing | Code::LinkUnknown => {
                Exit::NotFound
            }
            Code::ListDenied
            | Code::UploadDenied
            | Code::DeleteDenied
            | Code::ReadDenied
            | Code::LinkRefused
            | Code::CopyDenied
            | Code::RecordDenied
            | Code::KeyUnknown
            | Code::SecretWrong
            | Code::NoKeys
            | Code::EncryptionDenied => Exit::NotAllowed,
            Code::Unreachable
            | Code::Offline
            | Code::TooSlow
            | Code::WrongAddress
            | Code::CaptivePortal
            | Code::TlsUntrusted
            | Code::TlsUnsafe
            | Code::ProxySignIn => Exit::Unreachable,
            Code::SignInEnded | Code::SignInRefused | Code::CompanySignIn | Code::CodeNeeded => Exit::SignInEnded,
            Code::Cancelled => Exit::Stopped,
            Code::ClockWrong
            | Code::LinkOver
            | Code::LinkKeysGone
            | Code::NotStoppable
            | Code::StopUnproven
            | Code::TooManyFiles
            | Code::LinkTooLongForQr
            | Code::SetupRefused
            | Code::NotPrivate
            | Code::Busy
            | Code::StorageTrouble
            | Code::FileTooBig
            | Code::Archived
            | Code::ArchiveComing
            | Code::NameTaken
            | Code::UploadLost
            | Code::Damaged
            | Code::StorageFull
            | Code::NameRefused
            | Code::PasswordStoreLocked
            | Code::PasswordStoreMissing
            | Code::DiskFull
            | Code::FolderUnwritable
            | Code::FileUnreadable
            | Code::FileChanging
            | Code::NotOrdinary
            | Code::LedgerUnreadable
            | Code::PracticeUnavailable
            | Code::Unknown => Exit::Trouble,
        }
    }

    /// The exit code of a call that had several things to do.
    pub fn of_many(done: usize, causes: impl IntoIterator<Item = Code>) -> Self {
        let mut together = Exit::Done;
        for exit in causes.into_iter().map(Exit::of) {
            together = match together {
                _ if exit == Exit::Stopped => return Exit::Stopped,
                _ if done > 0 => Exit::Partial,
                Exit::Done => exit,
                same if same == exit => exit,
                _ => Exit::Trouble,
            };
        }
        together
    }

    fn number(self) -> u8 {
        match self {
            Exit::Done => 0,
            Exit::Trouble => 1,
            Exit::Usage => 2,
            Exit::Partial => 3,
            Exit::NotFound => 4,
            Exit::NotAllowed => 5,
            Exit::Unreachable => 6,
            Exit::SignInEnded => 7,
            Exit::Stopped => 130,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        ExitCode::from(exit.number())
    }
}

/// Why a call did nothing, or did not go on.
#[derive(Debug)]
pub enum Failure {
    /// What the engine says.
    Engine(Arc<Error>),
    /// The words don't fit together.
    Usage(String),
    /// This program could not write its results, or read what it was to be told.
    Terminal(io::Error),
}

impl Failure {
    pub fn usage(sentence: impl Into<String>) -> Self {
        Failure::Usage(sentence.into())
    }

    pub fn exit(&self) -> Exit {
        match self {
            Failure::Engine(error) => Exit::of(error.code()),
            Failure::Usage(_) => Exit::Usage,
            Failure::Terminal(_) => Exit::Trouble,
        }
    }
}

impl Failure {
    /// The engine's error in it, for those who only know those.
    pub fn into_error(self) -> Error {
        match self {
            Failure::Engine(error) => {
                Arc::try_unwrap(error).unwrap_or_else(|shared| Error::new(shared.code(), shared.operation()))
            }
            Failure::Usage(_) => Error::new(Code::PlaceUnknown, satchel_core::Operation::Connect),
            Failure::Terminal(cause) => Error::new(Code::Unknown, satchel_core::Operation::Connect).because(cause),
        }
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Failure::Engine(Arc::new(error))
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Failure::Terminal(error)
    }
}

/// A failure as it is said, to people and in JSON.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Problem {
    #[serde(serialize_with = "code_or_usage")]
    pub code: Option<Code>,
    pub title: String,
    pub sentence: String,
    /// The one next action.
    pub action: Action,
    /// For IT; no secret and no link in it.
    pub detail: String,
}

impl Problem {
    /// The next action in words. Where the window has a button, the command line has an option.
    pub fn next_step(&self) -> &'static str {
        match self.action {
            Action::KeepBoth => "Choose with --conflict keep-both, replace or skip",
            Action::ChooseFolder | Action::ChooseAnotherFolder => "Choose another folder with --to",
            Action::Refresh => "See with `satchel ls` what is there",
            Action::UseAllowedTime => "Choose another end with --expires",
            Action::UseForSession => {
                "Take the keys from a profile (`satchel places add --profile NAME`) or from the environment (--bucket)"
            }
            Action::NewLink => "Make a new one with `satchel links renew` or `satchel link`",
            Action::ChooseFiles => "Share fewer files at once",
            Action::FindFile => "Check how the path is written",
            Action::RemoveFromList | Action::Hide => "Leave it out",
            Action::Pause | Action::PauseAll | Action::TryNow => Action::TryAgain.label(),
            Action::AskIt
            | Action::EnterKeys
            | Action::EnterSecret
            | Action::OpenClockSettings
            | Action::SignIn
            | Action::EnterCode
            | Action::CheckSetup
            | Action::UseRightAddress
            | Action::TryAgain
            | Action::BringBack
            | Action::RenameAndUpload
            | Action::OpenSignInPage
            | Action::SendDetails
            | Action::OpenProxySettings
            | Action::Unlock
            | Action::UploadAgain
            | Action::None => self.action.label(),
        }
    }
}

impl From<&Error> for Problem {
    fn from(error: &Error) -> Self {
        let advice = error.advice();
        Problem {
            code: Some(advice.code),
            title: advice.title.to_owned(),
            sentence: advice.sentence,
            action: advice.action,
            detail: error.detail(),
        }
    }
}

impl From<&Failure> for Problem {
    fn from(failure: &Failure) -> Self {
        match failure {
            Failure::Engine(error) => Problem::from(error.as_ref()),
            Failure::Usage(sentence) => Problem {
                code: None,
                title: "This can’t be understood".to_owned(),
                sentence: sentence.clone(),
                action: Action::None,
                detail: String::new(),
            },
            Failure::Terminal(cause) => Problem {
                code: Some(Code::Unknown),
                title: "The terminal doesn’t answer".to_owned(),
                sentence: "What was to be said could not be written, or what was asked could not be read.".to_owned(),
                action: Action::TryAgain,
                detail: cause.to_string(),
            },
        }
    }
}

fn code_or_usage<S: serde::Serializer>(code: &Option<Code>, serializer: S) -> Result<S::Ok, S::Error> {
    match code {
        Some(code) => code.serialize(serializer),
        None => serializer.serialize_str("usage"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn several_causes_are_partial_once_something_was_done_and_named_by_their_cause_otherwise() {
        assert_eq!(Exit::of_many(0, []), Exit::Done);
        assert_eq!(Exit::of_many(2, []), Exit::Done);
        assert_eq!(Exit::of_many(2, [Code::FileGone]), Exit::Partial);
        assert_eq!(Exit::of_many(0, [Code::FileGone, Code::FileMissing]), Exit::NotFound);
        assert_eq!(Exit::of_many(0, [Code::FileGone, Code::UploadDenied]), Exit::Trouble);
        assert_eq!(Exit::of_many(2, [Code::FileGone, Code::Cancelled]), Exit::Stopped);
    }
}
