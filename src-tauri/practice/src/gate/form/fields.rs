//! Takes a form apart as it arrives: small fields are kept, the file comes out as a stream.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::{Buf as _, Bytes, BytesMut};
use futures::{Stream, StreamExt as _};
use hyper::HeaderMap;
use hyper::header::{HeaderName, HeaderValue};

use crate::gate::refusal::Refusal;

const MAX_FIELDS_BYTES: usize = 64 * 1024;

/// The form could not be read to its end.
#[derive(Debug, thiserror::Error)]
#[error("the form ended before its file did")]
pub struct Incomplete;

/// The fields before the file, names in lower case, and the file.
pub struct Form {
    pub fields: Vec<(String, String)>,
    pub file_name: String,
    pub file: FileStream,
}

fn malformed(message: &str) -> Refusal {
    Refusal::new(400, "MalformedPOSTRequest", message)
}

pub fn boundary(content_type: &str) -> Result<String, Refusal> {
    content_type
        .split(';')
        .skip(1)
        .find_map(|part| {
            let (name, value) = part.trim().split_once('=')?;
            name.eq_ignore_ascii_case("boundary").then(|| value.trim_matches('"').to_owned())
        })
        .filter(|boundary| !boundary.is_empty() && boundary.len() <= 200)
        .ok_or_else(|| malformed("The body of your POST request is not well-formed multipart/form-data."))
}

fn find(text: &[u8], wanted: &[u8]) -> Option<usize> {
    let first = wanted.first()?;
    let mut from = 0;
    while let Some(place) = text.get(from..)?.iter().position(|byte| byte == first) {
        let start = from + place;
        if text.get(start..start + wanted.len()) == Some(wanted) {
            return Some(start);
        }
        from = start + 1;
    }
    None
}

impl Form {
    pub async fn read(mut body: s3s::Body, boundary: &str) -> Result<Self, Refusal> {
        let delimiter = format!("\r\n--{boundary}");
        // The first delimiter has no line break before it; given one, all are alike.
        let mut buffer = BytesMut::from(&b"\r\n"[..]);
        let mut fields = Vec::new();
        let mut seen = 0;
        until(&mut body, &mut buffer, delimiter.as_bytes(), &mut seen).await?;
        loop {
            while buffer.len() < 2 {
                more(&mut body, &mut buffer).await?;
            }
            if buffer.starts_with(b"--") {
                return Err(Refusal::new(400, "InvalidArgument", "POST requires exactly one file upload per request."));
            }
            buffer.advance(2);
            let head = until(&mut body, &mut buffer, b"\r\n\r\n", &mut seen).await?;
            let (name, file_name) = describe(&head)?;
            if name == "file" {
                let file = FileStream { body, buffer, delimiter: delimiter.into_bytes(), state: State::Reading };
                return Ok(Self { fields, file_name: file_name.unwrap_or_default(), file });
            }
            let value = until(&mut body, &mut buffer, delimiter.as_bytes(), &mut seen).await?;
            let value = String::from_utf8(value.to_vec())
                .map_err(|_| malformed("The fields of your POST request are not UTF-8."))?;
            if !fields.iter().any(|(known, _)| *known == name) {
                fields.push((name, value));
            }
        }
    }

    pub fn get(&self, name: &str) -> Option<&str> {
        self.fields.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    pub fn required(&self, name: &str) -> Result<&str, Refusal> {
        self.get(name).ok_or_else(|| {
            Refusal::new(400, "InvalidArgument", &format!("Bucket POST must contain a field named '{name}'.  If it is specified, please check the order of the fields."))
                .with("ArgumentName", name)
        })
    }

    pub fn set(&mut self, name: &str, value: &str) {
        for (known, old) in &mut self.fields {
            if known == name {
                value.clone_into(old);
            }
        }
    }

    /// The fields that stand for headers, as headers.
    pub fn headers(&self) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in &self.fields {
            if let (Ok(name), Ok(value)) = (HeaderName::from_bytes(name.as_bytes()), HeaderValue::from_str(value)) {
                headers.insert(name, value);
            }
        }
        headers
    }
}

/// The bytes before the next `wanted`, which is taken away.
async fn until(body: &mut s3s::Body, buffer: &mut BytesMut, wanted: &[u8], seen: &mut usize) -> Result<Bytes, Refusal> {
    loop {
        if let Some(place) = find(buffer, wanted) {
            let found = buffer.split_to(place).freeze();
            buffer.advance(wanted.len());
            *seen += found.len();
            if *seen > MAX_FIELDS_BYTES {
                return Err(too_long());
            }
            return Ok(found);
        }
        more(body, buffer).await?;
    }
}

async fn more(body: &mut s3s::Body, buffer: &mut BytesMut) -> Result<(), Refusal> {
    if buffer.len() > MAX_FIELDS_BYTES {
        return Err(too_long());
    }
    match body.next().await {
        Some(Ok(bytes)) => {
            buffer.extend_from_slice(&bytes);
            Ok(())
        }
        _ => Err(malformed("The body of your POST request is not well-formed multipart/form-data.")),
    }
}

fn too_long() -> Refusal {
    Refusal::new(
        400,
        "MaxPostPreDataLengthExceeded",
        "Your POST request fields preceding the upload file were too large.",
    )
}

/// Name and file name of a part.
fn describe(head: &[u8]) -> Result<(String, Option<String>), Refusal> {
    let text = std::str::from_utf8(head).map_err(|_| malformed("The fields of your POST request are not UTF-8."))?;
    let line = text
        .split("\r\n")
        .find_map(|line| {
            let (name, value) = line.split_once(':')?;
            name.trim().eq_ignore_ascii_case("content-disposition").then_some(value)
        })
        .ok_or_else(|| malformed("A part of your POST request has no Content-Disposition."))?;
    let name = parameter(line, "name").ok_or_else(|| malformed("A part of your POST request has no name."))?;
    let file_name = parameter(line, "filename").map(|name| {
        let bare = name.rsplit(['/', '\\']).next().unwrap_or_default();
        bare.to_owned()
    });
    Ok((name.to_ascii_lowercase(), file_name))
}

/// A quoted parameter the way browsers write it: only `"`, CR and LF are escaped, with percent signs.
fn parameter(line: &str, wanted: &str) -> Option<String> {
    let start = format!("; {wanted}=");
    let rest = line.split_once(start.as_str()).or_else(|| line.split_once(&format!(";{wanted}=")))?.1;
    let value = match rest.strip_prefix('"') {
        Some(quoted) => quoted.split_once('"').map_or(quoted, |(value, _)| value),
        None => rest.split(';').next().unwrap_or_default().trim(),
    };
    Some(value.replace("%22", "\"").replace("%0D", "\r").replace("%0A", "\n"))
}

enum State {
    Reading,
    Ended,
}

/// The bytes of the file up to the next delimiter. What follows is read and dropped.
pub struct FileStream {
    body: s3s::Body,
    buffer: BytesMut,
    delimiter: Vec<u8>,
    state: State,
}

impl Stream for FileStream {
    type Item = Result<Bytes, Incomplete>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.get_mut();
        loop {
            if matches!(this.state, State::Ended) {
                match ready!(Pin::new(&mut this.body).poll_next(context)) {
                    Some(Ok(_)) => continue,
                    _ => return Poll::Ready(None),
                }
            }
            if let Some(place) = find(&this.buffer, &this.delimiter) {
                let last = this.buffer.split_to(place).freeze();
                this.state = State::Ended;
                this.buffer.clear();
                if last.is_empty() {
                    continue;
                }
                return Poll::Ready(Some(Ok(last)));
            }
            let sure = this.buffer.len().saturating_sub(this.delimiter.len());
            if sure > 0 {
                return Poll::Ready(Some(Ok(this.buffer.split_to(sure).freeze())));
            }
            match ready!(Pin::new(&mut this.body).poll_next(context)) {
                Some(Ok(bytes)) => this.buffer.extend_from_slice(&bytes),
                _ => {
                    this.state = State::Ended;
                    return Poll::Ready(Some(Err(Incomplete)));
                }
            }
        }
    }
}
