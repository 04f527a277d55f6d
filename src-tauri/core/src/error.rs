//! The one error of the engine: what did not happen, why, and what the person can do.
//!
//! Four faces: [`Code`] for machines, title and sentence for people, one [`Action`], and a detail for IT
//! that holds no secret and no link. Only `error/s3.rs` reads what a store answered.

mod advice;
mod local;
mod remembered;
pub(crate) mod s3;

use crate::mask::mask;
use std::collections::BTreeMap;
use std::fmt;

pub use advice::{Action, Advice, Retry};

/// What every fallible function of the engine returns.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// The reason something did not happen, one for each row of the table in `docs/ERRORS.md`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Code {
    ListDenied,
    UploadDenied,
    DeleteDenied,
    ReadDenied,
    LinkRefused,
    LinkEndRefused,
    LinkUnknown,
    LinkOver,
    LinkKeysGone,
    NotStoppable,
    StopUnproven,
    CopyDenied,
    TooManyFiles,
    RecordDenied,
    LinkTooLongForQr,
    SetupRefused,
    KeyUnknown,
    SecretWrong,
    ClockWrong,
    SignInEnded,
    SignInRefused,
    CompanySignIn,
    CodeNeeded,
    PlaceNotFound,
    PlaceUnknown,
    WrongAddress,
    NotPrivate,
    FileGone,
    Busy,
    StorageTrouble,
    FileTooBig,
    Archived,
    ArchiveComing,
    EncryptionDenied,
    NameTaken,
    UploadLost,
    Damaged,
    StorageFull,
    NameRefused,
    Unreachable,
    Offline,
    TooSlow,
    CaptivePortal,
    TlsUntrusted,
    TlsUnsafe,
    ProxySignIn,
    PasswordStoreLocked,
    PasswordStoreMissing,
    NoKeys,
    DiskFull,
    FolderUnwritable,
    FileUnreadable,
    FileMissing,
    FileChanging,
    NotOrdinary,
    LedgerUnreadable,
    PracticeUnavailable,
    Cancelled,
    Unknown,
}

/// What was being done. Together with the store's own code it chooses the row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Operation {
    Connect,
    List,
    Read,
    Upload,
    Delete,
    Copy,
    Link,
    Save,
}

impl Operation {
    /// The store's name for what was done, for the detail that IT reads.
    pub fn technical_name(self) -> &'static str {
        match self {
            Operation::Connect => "connect",
            Operation::List => "ListObjectsV2",
            Operation::Read => "GetObject",
            Operation::Upload => "PutObject",
            Operation::Delete => "DeleteObject",
            Operation::Copy => "CopyObject",
            Operation::Link => "presigned GetObject",
            Operation::Save => "save",
        }
    }
}

/// What a store said about a request that it did not do, as far as support needs it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StoreAnswer {
    /// The store's own code, `AccessDenied` for example.
    pub code: Option<String>,
    pub status: Option<u16>,
    pub request_id: Option<String>,
    pub host_id: Option<String>,
}

type Cause = Box<dyn std::error::Error + Send + Sync + 'static>;

struct Inner {
    code: Code,
    operation: Operation,
    values: BTreeMap<&'static str, String>,
    answer: StoreAnswer,
    region_hint: Option<String>,
    cause: Option<Cause>,
}

/// Why something did not happen.
pub struct Error(Box<Inner>);

impl Error {
    /// An error of our own making, without a cause.
    pub fn new(code: Code, operation: Operation) -> Self {
        Error(Box::new(Inner {
            code,
            operation,
            values: BTreeMap::new(),
            answer: StoreAnswer::default(),
            region_hint: None,
            cause: None,
        }))
    }

    /// Stopped by the person: not a failure.
    pub fn cancelled(operation: Operation) -> Self {
        Error::new(Code::Cancelled, operation)
    }

    /// Keeps what led to this.
    #[must_use]
    pub fn because(mut self, cause: impl Into<Cause>) -> Self {
        self.0.cause = Some(cause.into());
        self
    }

    /// Gives the sentence one of its values: `file`, `folder`, `place`, `size`, `minutes`, `free`, `disk`, `host`, `time`, `why`.
    /// A value that is already there stays: whoever was nearest knew best.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.0.values.entry(name).or_insert_with(|| value.into());
        self
    }

    pub(crate) fn answered(mut self, answer: StoreAnswer) -> Self {
        self.0.answer = answer;
        self
    }

    pub(crate) fn with_region_hint(mut self, region: Option<String>) -> Self {
        self.0.region_hint = region;
        self
    }

    pub fn code(&self) -> Code {
        self.0.code
    }

    pub fn operation(&self) -> Operation {
        self.0.operation
    }

    /// The region that a store named when it sent us elsewhere.
    pub(crate) fn region_hint(&self) -> Option<&str> {
        self.0.region_hint.as_deref()
    }

    pub fn is_cancelled(&self) -> bool {
        self.0.code == Code::Cancelled
    }

    /// The values of the sentence, for translations.
    pub fn values(&self) -> &BTreeMap<&'static str, String> {
        &self.0.values
    }

    /// What the store answered, for the detail.
    pub fn answer(&self) -> &StoreAnswer {
        &self.0.answer
    }

    /// Whether trying again makes sense, and who has to do something first.
    pub fn retry(&self) -> Retry {
        advice::row(self.0.code).retry
    }

    /// Title, sentence and the one next action, in English.
    pub fn advice(&self) -> Advice {
        advice::advice(self.0.code, &self.0.values)
    }

    /// What IT needs to find the cause: codes, support code and causes. No secret, no link, no key of a file.
    pub fn detail(&self) -> String {
        let answer = &self.0.answer;
        let mut parts = vec![answer.code.clone().unwrap_or_else(|| format!("{:?}", self.0.code))];
        parts.push(self.0.operation.technical_name().to_owned());
        if let Some(status) = answer.status {
            parts.push(format!("HTTP {status}"));
        }
        let mut lines = vec![parts.join(" · ")];
        if let Some(request_id) = &answer.request_id {
            lines.push(format!("Support code {request_id}"));
        }
        if let Some(host_id) = &answer.host_id {
            lines.push(format!("Host {host_id}"));
        }
        let mut cause: Option<&dyn std::error::Error> = self.0.cause.as_deref().map(|cause| cause as _);
        let mut causes = Vec::new();
        while let Some(current) = cause {
            // A foreign text may have lines of its own.
            let text = mask(&current.to_string()).split_whitespace().collect::<Vec<_>>().join(" ");
            if causes.last() != Some(&text) {
                causes.push(text);
            }
            cause = current.source();
        }
        if !causes.is_empty() {
            lines.push(causes.join(": "));
        }
        lines.join("\n")
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let advice = self.advice();
        write!(f, "{}. {}", advice.title, advice.sentence)
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Error")
            .field("code", &self.0.code)
            .field("operation", &self.0.operation)
            .field("detail", &self.detail())
            .finish()
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0.cause.as_deref().map(|cause| cause as _)
    }
}
