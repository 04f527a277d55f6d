//! What a store answered, turned into our codes. The only file that reads SDK errors, statuses and S3 codes.
//!
//! The S3 code decides before the HTTP status: a 403 may be wrong keys, a wrong clock or a missing right.

use super::{Cause, Code, Error, Operation, StoreAnswer};
use crate::clock::offset_from;
use crate::storage::{Refused, Stalled};
use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_s3::operation::{RequestId, RequestIdExt};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::http::Headers;
use jiff::Timestamp;
use std::error::Error as StdError;
use std::io;

/// The clock difference that S3 accepts.
const ACCEPTED_SKEW_SECONDS: i64 = 15 * 60;

/// Turns any SDK error into ours.
pub(crate) fn from_sdk<E>(error: SdkError<E, HttpResponse>, operation: Operation) -> Error
where
    E: ProvideErrorMetadata + StdError + Send + Sync + 'static,
{
    match &error {
        SdkError::ServiceError(service) => {
            let headers = service.raw().headers();
            let meta = service.err().meta();
            let answer = StoreAnswer {
                code: meta.code().map(str::to_owned),
                status: Some(service.raw().status().as_u16()),
                request_id: meta.request_id().or_else(|| headers.get("x-amz-request-id")).map(str::to_owned),
                host_id: meta.extended_request_id().map(str::to_owned),
            };
            let region = region_in(headers, service.raw().body().bytes());
            let seen = Seen { html: is_html(headers), offset: clock_offset(headers) };
            from_answer(answer, &seen, operation).with_region_hint(region).because(error)
        }
        SdkError::ResponseError(_) if lost(&error).is_some() => from_loss(error, operation),
        SdkError::ResponseError(response) => {
            let headers = response.raw().headers();
            let answer = StoreAnswer { status: Some(response.raw().status().as_u16()), ..StoreAnswer::default() };
            let seen = Seen { html: is_html(headers), offset: clock_offset(headers) };
            from_answer(answer, &seen, operation).because(error)
        }
        SdkError::DispatchFailure(failure) => {
            let code = failure.as_connector_error().map_or(Code::Unreachable, connection_code);
            from_cause(code, operation, error)
        }
        SdkError::TimeoutError(_) => Error::new(Code::TooSlow, operation).because(error),
        _ => from_cause(Code::Unknown, operation, error),
    }
}

/// Keys that could not be had arrive wrapped in dispatch and construction failures.
fn from_cause(otherwise: Code, operation: Operation, error: impl Into<Cause>) -> Error {
    let cause: Cause = error.into();
    // What the password store said is better known than what the chain makes of it.
    if let Some(own) = find::<Error>(cause.as_ref()) {
        return Error::new(own.code(), operation).because(cause);
    }
    let code = match find::<aws_credential_types::provider::error::CredentialsError>(cause.as_ref()) {
        Some(aws_credential_types::provider::error::CredentialsError::ProviderError(_)) => Code::CompanySignIn,
        Some(_) => Code::NoKeys,
        None => otherwise,
    };
    let seconds = find::<Stalled>(cause.as_ref()).map(Stalled::seconds);
    with_seconds(Error::new(code, operation), seconds).because(cause)
}

/// What a connection that did not come about says.
pub(crate) fn from_connector(error: ConnectorError, operation: Operation) -> Error {
    from_cause(connection_code(&error), operation, error)
}

/// What is said when an answer's body broke off.
pub(crate) fn from_body(error: impl Into<Cause>, operation: Operation) -> Error {
    from_loss(error, operation)
}

fn from_loss(error: impl Into<Cause>, operation: Operation) -> Error {
    let cause: Cause = error.into();
    from_cause(lost(cause.as_ref()).unwrap_or(Code::Unreachable), operation, cause)
}

fn with_seconds(error: Error, seconds: Option<u64>) -> Error {
    match seconds {
        Some(seconds) => error.with("seconds", seconds.to_string()),
        None => error,
    }
}

/// Whether an answer is missing because the connection went, and how.
fn lost(error: &(dyn StdError + 'static)) -> Option<Code> {
    if find::<Stalled>(error).is_some() {
        return Some(Code::TooSlow);
    }
    let broke = find::<io::Error>(error).is_some() || find::<hyper::Error>(error).is_some();
    broke.then_some(Code::Unreachable)
}

/// What a plain answer to a link says. `body` is what came, as far as it was read.
pub(crate) fn from_plain_answer(status: u16, headers: &http::HeaderMap, body: &[u8], operation: Operation) -> Error {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
    let answer = StoreAnswer {
        code: between(body, "<Code>", "</Code>"),
        status: Some(status),
        request_id: text("x-amz-request-id").or_else(|| between(body, "<RequestId>", "</RequestId>")),
        host_id: text("x-amz-id-2"),
    };
    let html = text("content-type").is_some_and(|kind| kind.starts_with("text/html"));
    let offset = text("date").and_then(|date| offset_from(&date, Timestamp::now()));
    let region = text("x-amz-bucket-region").or_else(|| between(body, "<Region>", "</Region>"));
    let region = region.filter(|region| region_is_possible(region));
    from_answer(answer, &Seen { html, offset }, operation).with_region_hint(region)
}

/// A store said yes without the proof that it kept what was sent.
pub(crate) fn unproven(operation: Operation) -> Error {
    Error::new(Code::Damaged, operation)
}

struct Seen {
    /// A web page came where a store answers XML.
    html: bool,
    /// Store's time minus ours, in seconds.
    offset: Option<i64>,
}

impl Seen {
    fn minutes_off(&self) -> Option<i64> {
        self.offset.filter(|offset| offset.abs() > ACCEPTED_SKEW_SECONDS).map(|offset| offset.abs() / 60)
    }
}

fn from_answer(answer: StoreAnswer, seen: &Seen, operation: Operation) -> Error {
    let code = answer.code.as_deref().and_then(|code| code_of_s3(code, seen, operation));
    let code = code.unwrap_or_else(|| code_of_status(answer.status.unwrap_or_default(), seen, operation));
    let error = Error::new(code, operation).answered(answer);
    match seen.minutes_off() {
        Some(minutes) if code == Code::ClockWrong => error.with("minutes", minutes.to_string()),
        _ => error,
    }
}

fn denied(operation: Operation) -> Code {
    match operation {
        Operation::List | Operation::Connect => Code::ListDenied,
        Operation::Read => Code::ReadDenied,
        Operation::Upload | Operation::Copy | Operation::Save => Code::UploadDenied,
        Operation::Delete => Code::DeleteDenied,
        Operation::Link => Code::LinkRefused,
    }
}

fn code_of_s3(code: &str, seen: &Seen, operation: Operation) -> Option<Code> {
    Some(match code {
        "AccessDenied" | "AllAccessDisabled" | "AccountProblem" | "Forbidden" | "UnauthorizedAccess" => {
            denied(operation)
        }
        "InvalidAccessKeyId" | "NotSignedUp" => Code::KeyUnknown,
        "SignatureDoesNotMatch" if seen.minutes_off().is_some() => Code::ClockWrong,
        "SignatureDoesNotMatch" => Code::SecretWrong,
        "RequestTimeTooSkewed" | "RequestExpired" => Code::ClockWrong,
        "ExpiredToken" | "ExpiredTokenException" => Code::SignInEnded,
        "InvalidToken" | "TokenRefreshRequired" => Code::SignInRefused,
        "UnauthorizedSSOTokenError" | "UnauthorizedException" => Code::CompanySignIn,
        "NoSuchBucket" | "InvalidBucketName" => Code::PlaceNotFound,
        "PermanentRedirect"
        | "TemporaryRedirect"
        | "AuthorizationHeaderMalformed"
        | "AuthorizationQueryParametersError"
        | "IllegalLocationConstraintException"
        | "IncorrectEndpoint" => Code::WrongAddress,
        "NoSuchKey" | "NoSuchVersion" | "NotFound" if operation != Operation::Connect => Code::FileGone,
        "SlowDown"
        | "ServiceUnavailable"
        | "Throttling"
        | "ThrottlingException"
        | "TooManyRequests"
        | "RequestLimitExceeded"
        | "BandwidthLimitExceeded"
        | "OperationAborted" => Code::Busy,
        "InternalError" | "InternalServerError" | "RequestTimeout" => Code::StorageTrouble,
        "EntityTooLarge" => Code::FileTooBig,
        "InvalidObjectState" => Code::Archived,
        "RestoreAlreadyInProgress" => Code::ArchiveComing,
        "PreconditionFailed" | "ConditionalRequestConflict" => Code::NameTaken,
        "NoSuchUpload" => Code::UploadLost,
        "BadDigest"
        | "InvalidDigest"
        | "XAmzContentSHA256Mismatch"
        | "XAmzContentChecksumMismatch"
        | "IncompleteBody" => Code::Damaged,
        "QuotaExceeded" | "XMinioStorageFull" | "InsufficientStorage" => Code::StorageFull,
        "KeyTooLongError" | "KeyTooLong" | "InvalidURI" | "XMinioInvalidObjectName" => Code::NameRefused,
        code if code.starts_with("KMS.") => Code::EncryptionDenied,
        _ => return None,
    })
}

fn code_of_status(status: u16, seen: &Seen, operation: Operation) -> Code {
    match status {
        407 => Code::ProxySignIn,
        // A yes that can't be read is no yes.
        200..=299 if !seen.html => Code::StorageTrouble,
        511 => Code::CaptivePortal,
        _ if seen.html && !(500..600).contains(&status) => Code::CaptivePortal,
        301 | 302 | 307 | 308 => Code::WrongAddress,
        401 => Code::KeyUnknown,
        403 if seen.minutes_off().is_some() => Code::ClockWrong,
        403 => denied(operation),
        404 if matches!(operation, Operation::Connect | Operation::List) => Code::PlaceNotFound,
        404 => Code::FileGone,
        409 | 412 => Code::NameTaken,
        413 => Code::FileTooBig,
        429 | 503 => Code::Busy,
        // Trying again does not teach a store what it can't do.
        501 => Code::Unknown,
        507 => Code::StorageFull,
        500..=599 => Code::StorageTrouble,
        _ => Code::Unknown,
    }
}

/// Whether a store said that it doesn't know a part of the request: a header of newer S3 versions, mostly.
pub(crate) fn is_unsupported(error: &Error) -> bool {
    let answer = error.answer();
    matches!(
        answer.code.as_deref(),
        Some("NotImplemented" | "InvalidRequest" | "InvalidArgument" | "UnsupportedOperation" | "MalformedXML")
    ) || answer.status == Some(501)
}

/// Whether a store refused because the condition of the request did not hold.
pub(crate) fn is_kept_condition(error: &Error) -> bool {
    error.answer().status == Some(412)
}

/// Whether two writers met on one name at the same moment; asking again settles it.
pub(crate) fn is_race(error: &Error) -> bool {
    error.answer().code.as_deref() == Some("ConditionalRequestConflict")
}

fn connection_code(error: &ConnectorError) -> Code {
    if find::<Stalled>(error).is_some() {
        return Code::TooSlow;
    }
    if let Some(refused) = find::<Refused>(error) {
        return if refused.status == 407 { Code::ProxySignIn } else { Code::Unreachable };
    }
    if let Some(tls) = find_tls(error) {
        return match tls {
            rustls::Error::InvalidCertificate(
                rustls::CertificateError::UnknownIssuer
                | rustls::CertificateError::BadSignature
                | rustls::CertificateError::UnhandledCriticalExtension,
            ) => Code::TlsUntrusted,
            rustls::Error::InvalidCertificate(_) => Code::TlsUnsafe,
            _ => Code::TlsUnsafe,
        };
    }
    if error.is_timeout() && find::<io::Error>(error).is_none() {
        return Code::Unreachable;
    }
    match find::<io::Error>(error).map(io::Error::kind) {
        Some(io::ErrorKind::NetworkUnreachable | io::ErrorKind::NetworkDown) => Code::Offline,
        _ => Code::Unreachable,
    }
}

/// TLS errors sit inside `io::Error`, which hides them from the chain of sources.
fn find_tls<'e>(error: &'e (dyn StdError + 'static)) -> Option<&'e rustls::Error> {
    let mut current = Some(error);
    while let Some(link) = current {
        if let Some(tls) = link.downcast_ref::<rustls::Error>() {
            return Some(tls);
        }
        if let Some(inner) = link.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
            let inner: &(dyn StdError + 'static) = inner;
            if let Some(tls) = find_tls(inner) {
                return Some(tls);
            }
        }
        current = link.source();
    }
    None
}

fn find<'e, T: StdError + 'static>(error: &'e (dyn StdError + 'static)) -> Option<&'e T> {
    let mut current = Some(error);
    while let Some(link) = current {
        if let Some(found) = link.downcast_ref::<T>() {
            return Some(found);
        }
        current = link.source();
    }
    None
}

fn is_html(headers: &Headers) -> bool {
    headers.get("content-type").is_some_and(|kind| kind.starts_with("text/html"))
}

fn clock_offset(headers: &Headers) -> Option<i64> {
    headers.get("date").and_then(|date| offset_from(date, Timestamp::now()))
}

fn region_in(headers: &Headers, body: Option<&[u8]>) -> Option<String> {
    let named = headers.get("x-amz-bucket-region").map(str::to_owned);
    named
        .or_else(|| body.and_then(|body| between(body, "<Region>", "</Region>")))
        .filter(|region| region_is_possible(region))
}

fn region_is_possible(region: &str) -> bool {
    (1..=64).contains(&region.len()) && region.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '-')
}

fn between(body: &[u8], start: &str, end: &str) -> Option<String> {
    let text = std::str::from_utf8(body).ok()?;
    let rest = text.get(text.find(start)? + start.len()..)?;
    let value = rest.get(..rest.find(end)?)?;
    (!value.is_empty() && value.len() <= 128).then(|| value.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(s3: &str, status: u16, operation: Operation, offset: Option<i64>) -> Code {
        let answer = StoreAnswer {
            code: (!s3.is_empty()).then(|| s3.to_owned()),
            status: Some(status),
            ..StoreAnswer::default()
        };
        from_answer(answer, &Seen { html: false, offset }, operation).code()
    }

    #[test]
    fn the_same_refusal_has_other_words_for_other_deeds() {
        assert_eq!(code("AccessDenied", 403, Operation::List, None), Code::ListDenied);
        assert_eq!(code("AccessDenied", 403, Operation::Upload, None), Code::UploadDenied);
        assert_eq!(code("AccessDenied", 403, Operation::Read, None), Code::ReadDenied);
        assert_eq!(code("", 403, Operation::Delete, None), Code::DeleteDenied);
    }

    #[test]
    fn a_signature_that_does_not_fit_may_be_the_clock() {
        assert_eq!(code("SignatureDoesNotMatch", 403, Operation::List, None), Code::SecretWrong);
        assert_eq!(code("SignatureDoesNotMatch", 403, Operation::List, Some(1300)), Code::ClockWrong);
    }

    #[test]
    fn a_region_that_can_be_none_is_not_gone_to() {
        let hint = |region: &str| {
            let body = format!("<Error><Code>PermanentRedirect</Code><Region>{region}</Region></Error>");
            let error = from_plain_answer(301, &http::HeaderMap::new(), body.as_bytes(), Operation::Link);
            error.region_hint().map(str::to_owned)
        };
        assert_eq!(hint("eu-central-1").as_deref(), Some("eu-central-1"));
        assert_eq!(hint("evil.example/?"), None);
    }

    #[test]
    fn a_web_page_is_never_a_store() {
        let answer = StoreAnswer { status: Some(200), ..StoreAnswer::default() };
        assert_eq!(
            from_answer(answer, &Seen { html: true, offset: None }, Operation::List).code(),
            Code::CaptivePortal
        );
    }

    #[test]
    fn an_unknown_code_falls_back_to_the_status_and_then_to_the_last_row() {
        assert_eq!(code("Brandnew", 503, Operation::List, None), Code::Busy);
        assert_eq!(code("Brandnew", 418, Operation::List, None), Code::Unknown);
    }
}
