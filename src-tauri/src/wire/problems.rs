//! Why something did not happen, as the page shows it: code for translation, English to fall back on, one next action.

use super::mirror;
use satchel_core::Error;
use serde::{Deserialize, Serialize};
use specta::Type;
use std::collections::BTreeMap;

/// What a command gives back. The refusal is boxed: it is large and rare.
pub type Answer<T> = Result<T, Box<Problem>>;

/// One thing that did not happen.
#[derive(Debug, Clone, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct Problem {
    /// The app remembers it under this number for “Copy details for IT”.
    pub id: u32,
    pub code: Code,
    pub title: String,
    pub sentence: String,
    /// The named values of the sentence, for its translation.
    pub values: BTreeMap<String, String>,
    pub action: Action,
    pub retry: Retry,
    /// For IT: codes, support code, time, version. No secret, no link.
    pub detail: String,
}

#[derive(Debug, Clone, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct CopyProblemDetails {
    pub problem: u32,
}

#[derive(Debug, Clone, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct AskIt {
    pub problem: u32,
}

macro_rules! codes {
    ($($member:ident)*; of the shell: $($own:ident)*) => {
        /// The row of the table that a problem belongs to.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Type)]
        #[serde(rename_all = "camelCase")]
        #[allow(clippy::enum_variant_names, reason = "“a code is needed” is a code like the others")]
        pub enum Code { $($member,)* $($own,)* }

        impl From<satchel_core::Code> for Code {
            fn from(code: satchel_core::Code) -> Self {
                match code { $(satchel_core::Code::$member => Code::$member,)* }
            }
        }
    };
}

codes! {
    ListDenied UploadDenied DeleteDenied ReadDenied LinkRefused LinkEndRefused KeyUnknown SecretWrong ClockWrong SignInEnded
    SignInRefused CompanySignIn CodeNeeded PlaceNotFound PlaceUnknown WrongAddress NotPrivate FileGone Busy StorageTrouble
    FileTooBig Archived ArchiveComing EncryptionDenied NameTaken UploadLost Damaged StorageFull NameRefused Unreachable Offline
    TooSlow CaptivePortal TlsUntrusted TlsUnsafe ProxySignIn PasswordStoreLocked PasswordStoreMissing NoKeys DiskFull
    FolderUnwritable FileUnreadable FileMissing FileChanging NotOrdinary LedgerUnreadable PracticeUnavailable Cancelled Unknown LinkUnknown
    LinkOver LinkKeysGone NotStoppable StopUnproven CopyDenied TooManyFiles RecordDenied LinkTooLongForQr SetupRefused;
    of the shell: ClipboardRefused ProgramMissing PlaceNameTaken DetailsGone
}

mirror! {
    /// The one next action.
    Action of satchel_core::Action:
    AskIt ChooseFolder EnterKeys EnterSecret OpenClockSettings SignIn EnterCode CheckSetup UseRightAddress Refresh Pause TryNow
    TryAgain RemoveFromList BringBack KeepBoth Hide RenameAndUpload OpenSignInPage SendDetails OpenProxySettings Unlock
    UseForSession ChooseAnotherFolder FindFile UploadAgain UseAllowedTime NewLink ChooseFiles PauseAll None
}

mirror! {
    /// Who has to do what before another try makes sense.
    Retry of satchel_core::Retry: Never Backoff AfterPerson
}

impl Problem {
    /// How the engine's error looks on the page. `note` is what the shell adds for IT: when, and which version.
    pub(crate) fn of(id: u32, error: &Error, note: &str) -> Self {
        let advice = error.advice();
        Problem {
            id,
            code: advice.code.into(),
            title: advice.title.to_owned(),
            sentence: advice.sentence,
            values: error
                .values()
                .iter()
                .map(|(name, value)| ((*name).to_owned(), satchel_core::names::display(value)))
                .collect(),
            action: advice.action.into(),
            retry: error.retry().into(),
            detail: format!("{}\n{note}", error.detail()),
        }
    }
}
