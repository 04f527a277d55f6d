//! The table of what to say: one row for each code, English, with named values.
//!
//! A title is what did not happen, in at most six words; a sentence says why; one action follows.

use super::Code;
use std::collections::BTreeMap;

/// Who has to do what before another try makes sense.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Retry {
    /// Trying again gives the same answer.
    Never,
    /// The app tries again by itself, later.
    Backoff,
    /// A person has to change something first.
    AfterPerson,
}

/// The one next action.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Action {
    AskIt,
    ChooseFolder,
    EnterKeys,
    EnterSecret,
    OpenClockSettings,
    SignIn,
    EnterCode,
    CheckSetup,
    UseRightAddress,
    Refresh,
    Pause,
    TryNow,
    TryAgain,
    RemoveFromList,
    BringBack,
    KeepBoth,
    Hide,
    RenameAndUpload,
    OpenSignInPage,
    SendDetails,
    OpenProxySettings,
    Unlock,
    UseForSession,
    ChooseAnotherFolder,
    FindFile,
    UploadAgain,
    UseAllowedTime,
    NewLink,
    ChooseFiles,
    PauseAll,
    None,
}

impl Action {
    /// The words for the action, in English, for places that have no translation.
    pub fn label(self) -> &'static str {
        match self {
            Action::AskIt => "Ask IT for access",
            Action::ChooseFolder => "Choose another folder",
            Action::EnterKeys => "Enter new keys",
            Action::EnterSecret => "Enter the secret key again",
            Action::OpenClockSettings => "Open date and time settings",
            Action::SignIn => "Sign in again",
            Action::EnterCode => "Enter the code",
            Action::CheckSetup => "Check the setup",
            Action::UseRightAddress => "Use the right address",
            Action::Refresh => "Refresh the list",
            Action::Pause => "Pause",
            Action::TryNow => "Try now",
            Action::TryAgain => "Try again",
            Action::RemoveFromList => "Remove from list",
            Action::BringBack => "Ask to bring it back",
            Action::KeepBoth => "Keep both",
            Action::Hide => "OK, hide",
            Action::RenameAndUpload => "Rename and upload",
            Action::OpenSignInPage => "Open the sign-in page",
            Action::SendDetails => "Send details to IT",
            Action::OpenProxySettings => "Open proxy settings",
            Action::Unlock => "Unlock",
            Action::UseForSession => "Use for this session only",
            Action::ChooseAnotherFolder => "Choose another folder",
            Action::FindFile => "Find the file",
            Action::UploadAgain => "Upload again",
            Action::UseAllowedTime => "Use the allowed time",
            Action::NewLink => "Make a new link",
            Action::ChooseFiles => "Choose fewer files",
            Action::PauseAll => "Pause all",
            Action::None => "",
        }
    }
}

/// What a person is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Advice {
    pub code: Code,
    pub title: &'static str,
    pub sentence: String,
    pub action: Action,
}

pub(super) struct Row {
    pub(super) title: &'static str,
    pub(super) sentence: &'static str,
    pub(super) action: Action,
    pub(super) retry: Retry,
}

pub(super) fn advice(code: Code, values: &BTreeMap<&'static str, String>) -> Advice {
    let row = row(code);
    Advice { code, title: row.title, sentence: fill(row.sentence, values), action: row.action }
}

/// Puts the values into the sentence. What is not known is said in general words, never as a hole.
fn fill(sentence: &str, values: &BTreeMap<&'static str, String>) -> String {
    let mut out = String::with_capacity(sentence.len() + 32);
    let mut rest = sentence;
    while let Some(start) = rest.find('{') {
        let Some(length) = rest.get(start..).and_then(|tail| tail.find('}')) else { break };
        let name = rest.get(start + 1..start + length).unwrap_or_default();
        let quoted = rest.get(..start).is_some_and(|head| head.ends_with('“'));
        let value = values.get(name).map(|value| crate::names::display(value));
        match value {
            Some(value) => {
                out.push_str(rest.get(..start).unwrap_or_default());
                out.push_str(&value);
                rest = rest.get(start + length + 1..).unwrap_or_default();
            }
            None => {
                let head = rest.get(..start).unwrap_or_default();
                let head = if quoted { head.strip_suffix('“').unwrap_or(head) } else { head };
                out.push_str(head);
                let word = general_words(name);
                if out.is_empty() {
                    out.push_str(&capitalised(word));
                } else {
                    out.push_str(word);
                }
                rest = rest.get(start + length + 1..).unwrap_or_default();
                if quoted {
                    rest = rest.strip_prefix('”').unwrap_or(rest);
                }
            }
        }
    }
    out.push_str(rest);
    out
}

fn capitalised(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

fn general_words(name: &str) -> &'static str {
    match name {
        "file" => "this file",
        "folder" => "this folder",
        "place" => "this place",
        "disk" => "this disk",
        "host" => "this address",
        "size" => "more room",
        "free" => "less",
        "minutes" => "too many",
        "seconds" => "some",
        "max" => "less",
        "time" => "a while ago",
        "allowed" => "a shorter time",
        _ => "something",
    }
}

macro_rules! rows {
    ($($code:ident: $title:literal, $sentence:literal, $action:ident, $retry:ident;)*) => {
        pub(super) fn row(code: Code) -> Row {
            match code {
                $(Code::$code => Row { title: $title, sentence: $sentence, action: Action::$action, retry: Retry::$retry },)*
            }
        }

        /// Every code there is, in the order of the table.
        #[cfg(test)]
        pub(super) const ALL: &[Code] = &[$(Code::$code,)*];
    };
}

rows! {
    ListDenied: "You can’t open this folder", "Your account isn’t allowed to see what is in “{folder}”.", AskIt, AfterPerson;
    UploadDenied: "You can’t upload here", "Your account may read “{folder}” but not add files.", ChooseFolder, AfterPerson;
    DeleteDenied: "This file is protected", "Your account isn’t allowed to delete “{file}”.", AskIt, AfterPerson;
    ReadDenied: "You can’t open this file", "Your account isn’t allowed to download “{file}”.", AskIt, AfterPerson;
    LinkRefused: "This link would not work", "The storage doesn’t accept links to “{file}” from your account.", AskIt, AfterPerson;
    LinkEndRefused: "This link would not work", "A link works for at least 1 second and at most {allowed}.", UseAllowedTime, AfterPerson;
    LinkUnknown: "This link isn’t known here", "This computer has no link “{file}” on its list.", Refresh, AfterPerson;
    LinkOver: "This link has ended", "The link to “{file}” no longer works.", NewLink, AfterPerson;
    LinkKeysGone: "This link can’t be copied again", "It was made with a sign-in that is over, and nobody kept it.", NewLink, AfterPerson;
    NotStoppable: "This link can’t be called back", "It opens “{file}” itself, and works until its end or until the file is deleted.", Hide, Never;
    StopUnproven: "The link still works", "The storage still hands out “{file}”, although we deleted its private copy.", TryAgain, AfterPerson;
    CopyDenied: "No link that can be stopped", "Your account isn’t allowed to make a private copy of “{file}”.", AskIt, AfterPerson;
    TooManyFiles: "Too many files for one link", "One link can hold 1,000 files; this is more.", ChooseFiles, Never;
    RecordDenied: "This link can’t be recorded", "Your company wants a record of each link, and your account isn’t allowed to write one.", AskIt, AfterPerson;
    LinkTooLongForQr: "Too long for a QR code", "A phone could hardly read a code of that size; the link itself works.", Hide, Never;
    SetupRefused: "This setup file can’t be used", "Nothing was changed: {why}.", AskIt, Never;
    KeyUnknown: "Account not recognised", "The storage doesn’t know the key ID you are using; IT may have replaced it.", EnterKeys, AfterPerson;
    SecretWrong: "The secret key doesn’t fit", "The secret key doesn’t belong to this key ID.", EnterSecret, AfterPerson;
    ClockWrong: "Your computer’s clock is wrong", "It is {minutes} minutes off, and the storage accepts 15 at most.", OpenClockSettings, AfterPerson;
    SignInEnded: "Your sign-in has ended", "It ended at {time}; your uploads are kept.", SignIn, AfterPerson;
    SignInRefused: "Your sign-in isn’t accepted", "The storage wants a fresh sign-in.", SignIn, AfterPerson;
    CompanySignIn: "Company sign-in needed", "Your company sign-in has run out.", SignIn, AfterPerson;
    CodeNeeded: "A code is needed", "This place asks for the code from your phone.", EnterCode, AfterPerson;
    PlaceNotFound: "Storage place not found", "“{place}” doesn’t exist or was renamed.", CheckSetup, AfterPerson;
    PlaceUnknown: "This place isn’t set up", "There is no place called “{place}” on this computer.", CheckSetup, AfterPerson;
    WrongAddress: "Wrong storage address", "“{place}” lives at another address than the one in the setup.", UseRightAddress, AfterPerson;
    NotPrivate: "This connection isn’t private", "The address “{host}” has to start with https, so that nobody can listen.", CheckSetup, AfterPerson;
    FileGone: "This file is no longer there", "Someone moved, renamed or deleted “{file}”.", Refresh, AfterPerson;
    Busy: "The storage is busy", "It asked us to slow down; your work goes on more slowly.", TryAgain, Backoff;
    StorageTrouble: "The storage has a problem", "It isn’t something you did; trying again later often helps.", TryAgain, Backoff;
    FileTooBig: "This file is too big", "“{file}” is {size}; this storage takes {max} at most.", RemoveFromList, Never;
    Archived: "This file is in the archive", "It must be brought back first, which can take hours.", BringBack, AfterPerson;
    ArchiveComing: "Already on its way", "“{file}” is being brought back from the archive.", TryAgain, AfterPerson;
    EncryptionDenied: "Company encryption blocks this", "Your account may not use the key that protects this place.", AskIt, AfterPerson;
    NameTaken: "This name is already used", "There is already a file called “{file}” in “{folder}”.", KeepBoth, AfterPerson;
    UploadLost: "Starting this upload again", "The storage removed the unfinished upload.", TryAgain, Backoff;
    Damaged: "The file arrived damaged", "Something on the way changed it, so we threw that copy away.", TryAgain, Backoff;
    StorageFull: "The company storage is full", "There is no room for “{file}” ({size}).", AskIt, AfterPerson;
    NameRefused: "This name can’t be used", "“{file}” has a name the storage can’t keep ({why}).", RenameAndUpload, Never;
    Unreachable: "Can’t reach the company storage", "Your computer is online but this address doesn’t answer; a VPN may be needed.", TryAgain, Backoff;
    Offline: "No internet", "Uploads go on by themselves when you are back online.", TryAgain, Backoff;
    TooSlow: "The connection is too slow", "Nothing moved for {seconds} seconds, so we stopped waiting.", TryAgain, Backoff;
    CaptivePortal: "This Wi-Fi wants a sign-in", "Open its page in the browser; the upload goes on afterwards.", OpenSignInPage, AfterPerson;
    TlsUntrusted: "The connection isn’t trusted", "Something between you and the storage, perhaps a company filter, shows an unknown certificate.", SendDetails, Never;
    TlsUnsafe: "The connection isn’t safe", "The storage’s certificate isn’t right for “{host}”.", SendDetails, Never;
    ProxySignIn: "The company proxy wants a sign-in", "Your network asks for a name and password before letting us out.", OpenProxySettings, AfterPerson;
    PasswordStoreLocked: "Your password store is locked", "Your keys are kept there, and it needs unlocking.", Unlock, AfterPerson;
    PasswordStoreMissing: "No password store found", "This computer has no safe place to keep your keys.", UseForSession, AfterPerson;
    NoKeys: "No keys for this place", "This computer has no keys for “{place}”.", EnterKeys, AfterPerson;
    DiskFull: "Your disk is full", "“{file}” needs {size}; {free} is free on “{disk}”.", ChooseAnotherFolder, AfterPerson;
    FolderUnwritable: "Nothing can be saved here", "Your computer doesn’t allow us to save in “{folder}”.", ChooseAnotherFolder, AfterPerson;
    FileUnreadable: "This file can’t be opened", "Your computer doesn’t allow us to read “{file}”, or another program holds it.", TryAgain, AfterPerson;
    FileMissing: "The file is no longer there", "“{file}” was moved or its disk was removed.", FindFile, AfterPerson;
    FileChanging: "This file is still being changed", "“{file}” was saved again during the upload; close it to send a finished copy.", UploadAgain, AfterPerson;
    NotOrdinary: "Skipped: not an ordinary file", "“{file}” is a shortcut loop or a device and can’t be uploaded.", Hide, Never;
    LedgerUnreadable: "Satchel’s notes can’t be read", "Your computer doesn’t allow us to read or write “{file}”.", TryAgain, AfterPerson;
    PracticeUnavailable: "The practice place didn’t start", "Your computer doesn’t allow it, or another Satchel has it open.", TryAgain, AfterPerson;
    Cancelled: "Stopped", "You stopped this.", None, Never;
    Unknown: "That didn’t work", "The storage gave an answer we don’t know; your file is safe on your computer.", TryAgain, AfterPerson;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_keeps_to_the_words_that_staff_know() {
        let forbidden_in_titles =
            ["error", "failed", "invalid", "illegal", "bad", "abort", "kill", "fatal", "please", "oops"];
        let forbidden = [
            "bucket",
            "object",
            "prefix",
            "region",
            "endpoint",
            "presign",
            "multipart",
            "iam",
            "acl",
            "etag",
            "checksum",
            "s3",
            "aws",
            "403",
            "404",
            "keyring",
            "keychain",
        ];
        for code in ALL {
            let row = row(*code);
            assert!(row.title.split_whitespace().count() <= 6, "{code:?}: title has more than six words");
            assert!(row.sentence.split_whitespace().count() <= 25, "{code:?}: sentence has more than 25 words");
            let words = |text: &str| {
                text.to_lowercase()
                    .split(|letter: char| !letter.is_alphanumeric())
                    .map(str::to_owned)
                    .collect::<Vec<_>>()
            };
            for word in words(row.title) {
                assert!(!forbidden_in_titles.contains(&word.as_str()), "{code:?}: {word}");
            }
            for word in words(row.title).into_iter().chain(words(row.sentence)) {
                assert!(!forbidden.contains(&word.as_str()), "{code:?}: {word}");
            }
        }
    }

    #[test]
    fn a_sentence_without_its_values_has_no_holes() {
        for code in ALL {
            let advice = advice(*code, &BTreeMap::new());
            assert!(!advice.sentence.contains('{'), "{code:?}: {}", advice.sentence);
            assert!(!advice.sentence.contains("“this"), "{code:?}: {}", advice.sentence);
        }
    }

    #[test]
    fn values_are_put_into_the_sentence_and_control_characters_are_drawn() {
        let values = BTreeMap::from([("file", "a\nb.pdf".to_owned())]);
        assert_eq!(advice(Code::FileGone, &values).sentence, "Someone moved, renamed or deleted “a␊b.pdf”.");
    }
}
