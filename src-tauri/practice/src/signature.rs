//! Signatures, Version 4, in headers, in a query and in a form: whether they are right, in time, for
//! this region and by somebody known. Judged by the practice place's own clock, with S3's own codes.

pub mod canonical;
pub mod scope;

use std::sync::Arc;

use time::{Duration, OffsetDateTime};

use crate::gate::head::Head;
use crate::gate::refusal::Refusal;
use crate::identity::Identity;
use canonical::{canonical_request, signature_of, string_to_sign};
use scope::{AUTHORIZATION_MALFORMED, QUERY_MALFORMED, Scope, parse_date, show_date};

const MAX_SKEW: Duration = Duration::minutes(15);
const MAX_EXPIRES_SECONDS: i64 = 604_800;
pub const UNSIGNED: &str = "UNSIGNED-PAYLOAD";

/// What a request's signature says about its body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Payload {
    Unsigned,
    /// The body must have this SHA-256 (hexadecimal).
    Sha256(String),
    /// The body comes in chunks that carry signatures or trailers of their own.
    Chunked,
}

/// A request whose signature holds.
#[derive(Debug, Clone)]
pub struct Signed {
    pub identity: Arc<Identity>,
    pub payload: Payload,
}

/// Who is known here, where, and what time it is.
pub struct Judge<'a> {
    pub identities: &'a [Arc<Identity>],
    pub region: &'a str,
    pub now: OffsetDateTime,
}

impl Judge<'_> {
    /// `None` for a request that carries no signature at all.
    pub fn request(&self, head: &Head) -> Result<Option<Signed>, Refusal> {
        let in_query = head.queries.iter().any(|(name, _)| {
            name.eq_ignore_ascii_case("X-Amz-Signature")
                || name.eq_ignore_ascii_case("X-Amz-Credential")
                || name == "Signature"
        });
        match (head.headers.contains_key("authorization"), in_query) {
            (true, true) => Err(Refusal::new(
                400,
                "InvalidArgument",
                "Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter, Signature query string parameter or the Authorization header should be specified",
            )),
            (true, false) => self.header(head).map(Some),
            (false, true) => self.query(head).map(Some),
            (false, false) => Ok(None),
        }
    }

    fn header(&self, head: &Head) -> Result<Signed, Refusal> {
        let text = head.header("authorization").unwrap_or_default();
        if text.starts_with("AWS ") {
            return Err(only_version_4());
        }
        let Some(fields) = text.strip_prefix("AWS4-HMAC-SHA256") else {
            return Err(Refusal::new(400, "InvalidArgument", "Unsupported Authorization Type")
                .with("ArgumentName", "Authorization"));
        };
        let field =
            |name: &str| fields.split(',').map(str::trim).find_map(|part| part.strip_prefix(name)?.strip_prefix('='));
        let malformed = |message: &str| Refusal::new(400, AUTHORIZATION_MALFORMED, message);
        let credential = field("Credential").ok_or_else(|| {
            malformed("The authorization header is malformed; the authorization component \"Credential\" is missing.")
        })?;
        let signed_headers = field("SignedHeaders").ok_or_else(|| {
            malformed(
                "The authorization header is malformed; the authorization component \"SignedHeaders\" is missing.",
            )
        })?;
        let given = field("Signature").unwrap_or_default();
        let scope = Scope::parse(credential, AUTHORIZATION_MALFORMED)?;
        let date_text = head
            .header("x-amz-date")
            .ok_or_else(|| Refusal::access_denied("AWS authentication requires a valid Date or x-amz-date header"))?;
        let date = parse_date(date_text)
            .ok_or_else(|| Refusal::access_denied("AWS authentication requires a valid Date or x-amz-date header"))?;
        scope.check(date_text, self.region, AUTHORIZATION_MALFORMED)?;
        let identity = self.known(scope.access_key_id)?;
        self.check_token(&identity, head.header("x-amz-security-token"))?;
        if (self.now - date).abs() > MAX_SKEW {
            return Err(self.skewed(date_text));
        }
        let payload_text = head.header("x-amz-content-sha256").ok_or_else(|| {
            Refusal::new(400, "InvalidRequest", "Missing required header for this request: x-amz-content-sha256")
        })?;
        let payload = payload(payload_text)?;
        check_signed_headers(head, signed_headers, &[])?;
        let request = canonical_request(head, signed_headers, payload_text, false);
        check_signature(&identity, &scope, &string_to_sign(date_text, &scope, &request), given)?;
        Ok(Signed { identity, payload })
    }

    fn query(&self, head: &Head) -> Result<Signed, Refusal> {
        if head.has_query("Signature") && !head.has_query("X-Amz-Signature") {
            return Err(only_version_4());
        }
        let malformed = |message: &str| Refusal::new(400, QUERY_MALFORMED, message);
        let required = |name: &str| {
            head.query(name).ok_or_else(|| malformed("Query-string authentication version 4 requires the X-Amz-Algorithm, X-Amz-Credential, X-Amz-Signature, X-Amz-Date, X-Amz-SignedHeaders, and X-Amz-Expires parameters."))
        };
        let algorithm = required("X-Amz-Algorithm")?;
        let credential = required("X-Amz-Credential")?;
        let given = required("X-Amz-Signature")?;
        let date_text = required("X-Amz-Date")?;
        let signed_headers = required("X-Amz-SignedHeaders")?;
        let expires_text = required("X-Amz-Expires")?;
        if algorithm != "AWS4-HMAC-SHA256" {
            return Err(malformed("X-Amz-Algorithm only supports \"AWS4-HMAC-SHA256 and AWS4-ECDSA-P256-SHA256\""));
        }
        let date = parse_date(date_text)
            .ok_or_else(|| malformed("X-Amz-Date must be in the ISO8601 Long Format \"yyyyMMdd'T'HHmmss'Z'\""))?;
        let expires: i64 = expires_text.parse().map_err(|_| malformed("X-Amz-Expires should be a number"))?;
        if expires < 0 {
            return Err(malformed("X-Amz-Expires must be non-negative"));
        }
        if expires > MAX_EXPIRES_SECONDS {
            return Err(malformed(
                "X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires must be less than 604800 seconds",
            ));
        }
        let scope = Scope::parse(credential, QUERY_MALFORMED)?;
        scope.check(date_text, self.region, QUERY_MALFORMED)?;
        let identity = self.known(scope.access_key_id)?;
        self.check_token(&identity, head.query("X-Amz-Security-Token").or(head.header("x-amz-security-token")))?;
        if date - self.now > MAX_SKEW {
            return Err(Refusal::access_denied("Request is not yet valid").with("ServerTime", show_date(self.now)));
        }
        let end = date + Duration::seconds(expires);
        if self.now >= end {
            return Err(Refusal::access_denied("Request has expired")
                .with("X-Amz-Expires", expires_text)
                .with("Expires", show_date(end))
                .with("ServerTime", show_date(self.now)));
        }
        check_signed_headers(head, signed_headers, &["x-amz-content-sha256"])?;
        let header = head.header("x-amz-content-sha256");
        let is_signed = signed_headers.split(';').any(|name| name == "x-amz-content-sha256");
        let payload_text = head.query("X-Amz-Content-Sha256").or(header.filter(|_| is_signed)).unwrap_or(UNSIGNED);
        let request = canonical_request(head, signed_headers, payload_text, true);
        check_signature(&identity, &scope, &string_to_sign(date_text, &scope, &request), given)?;
        Ok(Signed { identity, payload: payload(header.unwrap_or(payload_text))? })
    }

    /// The signature of a form's policy.
    pub fn form(&self, fields: &FormSignature<'_>) -> Result<Arc<Identity>, Refusal> {
        if fields.algorithm != "AWS4-HMAC-SHA256" {
            return Err(Refusal::new(400, "InvalidArgument", "Only AWS4-HMAC-SHA256 is supported for X-Amz-Algorithm"));
        }
        let scope = Scope::parse(fields.credential, "InvalidArgument")?;
        parse_date(fields.date).ok_or_else(|| {
            Refusal::new(400, "InvalidArgument", "X-Amz-Date must be formatted via ISO8601 Long format")
        })?;
        scope.check(fields.date, self.region, AUTHORIZATION_MALFORMED)?;
        let identity = self.known(scope.access_key_id)?;
        self.check_token(&identity, fields.token)?;
        check_signature(&identity, &scope, fields.policy, fields.signature)?;
        Ok(identity)
    }

    fn known(&self, access_key_id: &str) -> Result<Arc<Identity>, Refusal> {
        self.identities.iter().find(|identity| identity.access_key_id == access_key_id).cloned().ok_or_else(|| {
            Refusal::new(403, "InvalidAccessKeyId", "The AWS Access Key Id you provided does not exist in our records.")
                .with("AWSAccessKeyId", access_key_id)
        })
    }

    fn check_token(&self, identity: &Identity, given: Option<&str>) -> Result<(), Refusal> {
        match (&identity.session_token, given) {
            (Some(_), None) => {
                return Err(Refusal::new(
                    403,
                    "InvalidAccessKeyId",
                    "The AWS Access Key Id you provided does not exist in our records.",
                )
                .with("AWSAccessKeyId", identity.access_key_id.as_str()));
            }
            (Some(right), Some(given)) if right != given => return Err(invalid_token()),
            (None, Some(_)) => return Err(invalid_token()),
            _ => {}
        }
        let ended = identity.ends_at.is_some_and(|end| self.now >= OffsetDateTime::from(end));
        if ended {
            return Err(Refusal::new(400, "ExpiredToken", "The provided token has expired."));
        }
        Ok(())
    }

    fn skewed(&self, date_text: &str) -> Refusal {
        Refusal::new(
            403,
            "RequestTimeTooSkewed",
            "The difference between the request time and the current time is too large.",
        )
        .with("RequestTime", date_text)
        .with("ServerTime", show_date(self.now))
        .with("MaxAllowedSkewMilliseconds", "900000")
    }
}

/// The fields of a form that sign its policy.
pub struct FormSignature<'a> {
    pub algorithm: &'a str,
    pub credential: &'a str,
    pub date: &'a str,
    pub policy: &'a str,
    pub signature: &'a str,
    pub token: Option<&'a str>,
}

fn check_signature(identity: &Identity, scope: &Scope<'_>, text: &str, given: &str) -> Result<(), Refusal> {
    let right = signature_of(&identity.secret_access_key, scope, text);
    let same = right.len() == given.len()
        && right.bytes().zip(given.bytes()).fold(0, |difference, (a, b)| difference | (a ^ b)) == 0;
    if same {
        return Ok(());
    }
    Err(Refusal::new(
        403,
        "SignatureDoesNotMatch",
        "The request signature we calculated does not match the signature you provided. Check your key and signing method.",
    )
    .with("AWSAccessKeyId", identity.access_key_id.as_str())
    .with("StringToSign", text)
    .with("SignatureProvided", given))
}

/// S3 refuses `x-amz-` headers that the signature does not cover.
fn check_signed_headers(head: &Head, signed: &str, exempt: &[&str]) -> Result<(), Refusal> {
    let covers = |name: &str| signed.split(';').any(|covered| covered.eq_ignore_ascii_case(name));
    let uncovered: Vec<&str> = head
        .headers
        .keys()
        .map(|name| name.as_str())
        .filter(|name| name.starts_with("x-amz-") && !exempt.contains(name) && !covers(name))
        .collect();
    if uncovered.is_empty() && covers("host") {
        return Ok(());
    }
    let names = if uncovered.is_empty() { "host".to_owned() } else { uncovered.join(", ") };
    Err(Refusal::access_denied("There were headers present in the request which were not signed")
        .with("HeadersNotSigned", names))
}

fn payload(text: &str) -> Result<Payload, Refusal> {
    match text {
        UNSIGNED => Ok(Payload::Unsigned),
        _ if text.starts_with("STREAMING-") => Ok(Payload::Chunked),
        _ if text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit()) => {
            Ok(Payload::Sha256(text.to_ascii_lowercase()))
        }
        _ => Err(Refusal::new(
            400,
            "InvalidArgument",
            "x-amz-content-sha256 must be UNSIGNED-PAYLOAD, STREAMING-UNSIGNED-PAYLOAD-TRAILER, STREAMING-AWS4-HMAC-SHA256-PAYLOAD, STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER or a valid sha256 value.",
        )
        .with("ArgumentName", "x-amz-content-sha256")),
    }
}

fn only_version_4() -> Refusal {
    Refusal::new(
        400,
        "InvalidRequest",
        "The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256.",
    )
}

fn invalid_token() -> Refusal {
    Refusal::new(400, "InvalidToken", "The provided token is malformed or otherwise invalid.")
}
