//! The way through a company proxy to a secured address: one CONNECT, and what the proxy said to it.

use http::{HeaderValue, Uri};
use std::fmt;
use std::io;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

/// A proxy says no in fewer bytes than these.
const LONGEST_ANSWER: usize = 16 * 1024;
const SECURED_PORT: u16 = 443;

/// A proxy that does not let us through.
#[derive(Debug)]
pub(crate) struct Refused {
    pub(crate) status: u16,
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the proxy answered {}", self.status)
    }
}

impl std::error::Error for Refused {}

/// Asks a proxy for the way. Afterwards what goes in comes out at the target.
///
/// # Errors
/// [`Refused`], or what the connection says.
pub(super) async fn open<S>(
    proxy: &mut S,
    target: &Uri,
    sign_in: Option<&HeaderValue>,
) -> Result<(), super::reach::Cause>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let host = target.host().unwrap_or_default();
    let port = target.port_u16().unwrap_or(SECURED_PORT);
    let mut request = format!("CONNECT {host}:{port} HTTP/1.1\r\nHost: {host}:{port}\r\n").into_bytes();
    if let Some(sign_in) = sign_in {
        request.extend_from_slice(b"Proxy-Authorization: ");
        request.extend_from_slice(sign_in.as_bytes());
        request.extend_from_slice(b"\r\n");
    }
    request.extend_from_slice(b"\r\n");
    proxy.write_all(&request).await?;
    proxy.flush().await?;
    match status(proxy).await? {
        200..=299 => Ok(()),
        status => Err(Refused { status }.into()),
    }
}

/// Reads byte by byte: what follows the head belongs to the target.
async fn status<S: AsyncRead + Unpin>(proxy: &mut S) -> io::Result<u16> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        if head.len() == LONGEST_ANSWER {
            return Err(io::ErrorKind::InvalidData.into());
        }
        head.push(proxy.read_u8().await?);
    }
    let text = String::from_utf8_lossy(&head);
    let mut words = text.split_ascii_whitespace();
    let status = match (words.next(), words.next()) {
        (Some(version), Some(status)) if version.starts_with("HTTP/1.") => status.parse().ok(),
        _ => None,
    };
    status.ok_or_else(|| io::ErrorKind::InvalidData.into())
}
