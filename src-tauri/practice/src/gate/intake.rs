//! What is checked or changed before s3s sees a request. s3s reads signatures by the machine's clock and
//! knows neither tokens nor ends, so it gets requests whose signature has been judged already; only bodies
//! in signed chunks keep theirs, since it is s3s that takes the chunks apart.

use bytes::Bytes;
use http_body_util::{BodyExt as _, Limited};
use hyper::header::{AUTHORIZATION, CONTENT_LENGTH, CONTENT_TYPE, HeaderName, HeaderValue, RANGE, TRANSFER_ENCODING};
use hyper::{HeaderMap, Request, Uri};
use sha2::{Digest as _, Sha256};

use crate::gate::head::Head;
use crate::gate::refusal::Refusal;
use crate::operation::Operation;
use crate::service::write::Promise;
use crate::signature::Payload;
use crate::signature::canonical::hex;
use crate::store::checksums::Hasher;

const MAX_DOCUMENT_BYTES: usize = 20 << 20;

/// What can be refused from the head alone, whatever the operation.
pub fn check_head(head: &Head) -> Result<(), Refusal> {
    if head.key.len() > 1024 {
        return Err(Refusal::new(400, "KeyTooLongError", "Your key is too long")
            .with("Size", head.key.len().to_string())
            .with("MaxSizeAllowed", "1024"));
    }
    let acl = head.header("x-amz-acl").or(head.query("x-amz-acl"));
    check_acl(acl)?;
    if head.headers.keys().any(|name| name.as_str().starts_with("x-amz-grant-")) {
        return Err(no_acls());
    }
    for (name, value) in head.queries.iter().filter(|(name, _)| name.starts_with("response-")) {
        if !value.bytes().all(|byte| (0x20..0x7f).contains(&byte) || byte == b'\t') {
            return Err(Refusal::new(400, "InvalidArgument", "Header value cannot be represented using ISO-8859-1.")
                .with("ArgumentName", name.as_str())
                .with("ArgumentValue", value.as_str()));
        }
    }
    Ok(())
}

/// ACLs are off, as they are in every new bucket of S3.
pub fn check_acl(acl: Option<&str>) -> Result<(), Refusal> {
    match acl {
        None | Some("private" | "bucket-owner-full-control") => Ok(()),
        Some(_) => Err(no_acls()),
    }
}

fn no_acls() -> Refusal {
    Refusal::new(400, "AccessControlListNotSupported", "The bucket does not allow ACLs")
}

pub async fn prepare(
    mut request: Request<s3s::Body>,
    head: &Head,
    operation: Operation,
    payload: &Payload,
) -> Result<Request<s3s::Body>, Refusal> {
    let missing_length =
        || Refusal::new(411, "MissingContentLength", "You must provide the Content-Length HTTP header.");
    let length = match request.headers().get(CONTENT_LENGTH) {
        None => None,
        Some(text) => Some(text.to_str().ok().and_then(|text| text.parse::<u64>().ok()).ok_or_else(missing_length)?),
    };
    if head.header("range").is_some_and(|range| s3s::dto::Range::parse(range).is_err()) {
        // S3 takes a range it cannot read for none.
        request.headers_mut().remove(RANGE);
    }
    if request.headers().get(CONTENT_TYPE).is_some_and(|kind| kind.to_str().is_err()) {
        request.headers_mut().remove(CONTENT_TYPE);
    }
    join_repeated(request.headers_mut());
    if *payload == Payload::Chunked {
        return Ok(request);
    }
    request.headers_mut().remove(AUTHORIZATION);
    forget_query_signature(&mut request)?;
    let has_document = operation != Operation::Other || request.headers().contains_key(TRANSFER_ENCODING);
    if operation.carries_file() {
        if length.is_none() {
            return Err(missing_length());
        }
        return Ok(request);
    }
    if !has_document && length.unwrap_or(0) == 0 {
        return Ok(request);
    }
    let (mut parts, body) = request.into_parts();
    let document = Limited::new(body, MAX_DOCUMENT_BYTES)
        .collect()
        .await
        .map_err(|error| match error.is::<http_body_util::LengthLimitError>() {
            true => Refusal::new(400, "MaxMessageLengthExceeded", "Your request was too big."),
            false => Refusal::new(400, "IncompleteBody", "The request body terminated unexpectedly"),
        })?
        .to_bytes();
    check_document(head, &document, payload)?;
    parts.headers.remove(TRANSFER_ENCODING);
    parts.headers.insert(CONTENT_LENGTH, HeaderValue::from(document.len()));
    Ok(Request::from_parts(parts, s3s::Body::from(document)))
}

/// s3s refuses headers that come twice; a list may come so, as `content-encoding` does from the SDK. The
/// joined form is the one signatures are made over.
fn join_repeated(headers: &mut HeaderMap) {
    let names: Vec<HeaderName> = headers.keys().cloned().collect();
    for name in names {
        let values: Vec<&[u8]> = headers.get_all(&name).iter().map(HeaderValue::as_bytes).collect();
        if values.len() > 1
            && let Ok(joined) = HeaderValue::from_bytes(&values.join(&b','))
        {
            headers.insert(name, joined);
        }
    }
}

/// A document's own digests: that of the signature, Content-MD5 and checksums.
fn check_document(head: &Head, document: &Bytes, payload: &Payload) -> Result<(), Refusal> {
    if let Payload::Sha256(right) = payload {
        let found = hex(&Sha256::digest(document));
        if found != *right {
            return Err(Refusal::new(
                400,
                "XAmzContentSHA256Mismatch",
                "The provided 'x-amz-content-sha256' header does not match what was computed.",
            )
            .with("ClientComputedContentSHA256", right.as_str())
            .with("S3ComputedContentSHA256", found));
        }
    }
    // There, a checksum is that of the finished file.
    if Operation::of(head) == Operation::CompleteMultipartUpload {
        return Ok(());
    }
    let promise = Promise::read(&head.headers).map_err(|error| Refusal::from(s3s::S3Error::from(error)))?;
    let digest: [u8; 16] = {
        use md5::Digest as _;
        md5::Md5::digest(document).into()
    };
    let mut hasher = Hasher::new(&promise.algorithms());
    hasher.update(document);
    let sums = hasher.finish();
    let wrong_sum = promise.checksums.iter().any(|(algorithm, value)| sums.get(algorithm) != Some(value));
    if wrong_sum || promise.md5.is_some_and(|md5| md5 != digest) {
        return Err(Refusal::new(400, "BadDigest", "The digest you specified did not match what we received."));
    }
    Ok(())
}

/// s3s would judge a signature it finds in the query.
fn forget_query_signature(request: &mut Request<s3s::Body>) -> Result<(), Refusal> {
    let Some(query) = request.uri().query() else { return Ok(()) };
    let kept: Vec<&str> = query
        .split('&')
        .filter(|pair| {
            let name = pair.split('=').next().unwrap_or_default();
            let name = urlencoding::decode(name).unwrap_or_default().to_ascii_lowercase();
            !name.is_empty() && !name.starts_with("x-amz-")
        })
        .collect();
    let path = request.uri().path();
    let text = if kept.is_empty() { path.to_owned() } else { format!("{path}?{}", kept.join("&")) };
    let path_and_query = text
        .parse::<hyper::http::uri::PathAndQuery>()
        .map_err(|_| Refusal::new(400, "InvalidURI", "Couldn't parse the specified URI."))?;
    *request.uri_mut() = Uri::from(path_and_query);
    Ok(())
}
