//! HTTP to the store: the system's proxy, the system's trusted certificates, one pool, and a watch over every request.
//!
//! The same pool fetches links without keys, from the address as it is: never through a URL type, which would
//! turn `a/../b` into `b`.

mod body;
mod exchange;
mod line;
mod reach;
#[cfg(test)]
mod tests;
mod trust;
mod tunnel;

use super::limiter::Limiter;
use super::timings::Timings;
use crate::error::{Code, Error, Operation, Result, s3};
use aws_smithy_runtime_api::client::http::{HttpConnector, SharedHttpClient, SharedHttpConnector, http_client_fn};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_types::body::SdkBody;
use exchange::Exchange;
use reach::Reach;
use trust::Trust;

pub(crate) use line::Kernel;
pub(crate) use tunnel::Refused;

/// An error page is read no further than this.
const LONGEST_PLAIN_BODY: usize = 64 * 1024;

/// One pool of connections.
#[derive(Clone, Debug)]
pub(crate) struct Connection {
    exchange: Exchange,
    timings: Timings,
}

/// What a plain fetch brought.
pub(crate) struct PlainAnswer {
    pub(crate) status: u16,
    pub(crate) headers: http::HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Connection {
    /// `direct` leaves the proxy out: for the practice place, which is this computer.
    ///
    /// # Errors
    /// `TlsUntrusted` if the administrator's certificates can't be read.
    pub(crate) async fn new(direct: bool, timings: Timings) -> Result<Self> {
        let proxy = if direct { None } else { super::proxy::system_proxy().await };
        let trust = Trust::from_environment().await?;
        Ok(Self::through(Reach::new(proxy, trust, timings), timings))
    }

    fn through(reach: Reach, timings: Timings) -> Self {
        Connection { exchange: Exchange::new(reach, timings), timings }
    }

    /// Everything that begins from now on passes this limiter.
    pub(crate) fn limit(&self, limiter: &Limiter) {
        self.exchange.limit(limiter);
    }

    /// The pool as the SDK wants it.
    pub(crate) fn http_client(&self) -> SharedHttpClient {
        let connector = SharedHttpConnector::new(self.exchange.clone());
        http_client_fn(move |_settings, _components| connector.clone())
    }

    /// Fetches the first byte behind an address, as somebody without keys.
    ///
    /// # Errors
    /// What the connection says; any answer is an answer.
    pub(crate) async fn fetch_first_byte(&self, address: &str) -> Result<PlainAnswer> {
        let refused = |cause: http::Error| Error::new(Code::Unreachable, Operation::Link).because(cause);
        let request = http::Request::builder().method("GET").uri(address).header("range", "bytes=0-0");
        let request = request.body(SdkBody::empty()).map_err(refused)?;
        let request = HttpRequest::try_from(request)
            .map_err(|cause| Error::new(Code::Unreachable, Operation::Link).because(cause))?;
        let fetch = async {
            let response =
                self.exchange.call(request).await.map_err(|error| s3::from_connector(error, Operation::Link))?;
            let status = response.status().as_u16();
            let mut headers = http::HeaderMap::new();
            for (name, value) in response.headers() {
                if let (Ok(name), Ok(value)) = (http::HeaderName::try_from(name), http::HeaderValue::try_from(value)) {
                    headers.append(name, value);
                }
            }
            let body = read_some(response.into_body()).await?;
            Ok(PlainAnswer { status, headers, body })
        };
        let patience = self.timings.fetch;
        tokio::time::timeout(patience, fetch).await.unwrap_or_else(|_| {
            Err(Error::new(Code::TooSlow, Operation::Link).with("seconds", patience.as_secs().max(1).to_string()))
        })
    }
}

async fn read_some(body: SdkBody) -> Result<Vec<u8>> {
    let mut stream = aws_smithy_types::byte_stream::ByteStream::new(body);
    let mut bytes = Vec::new();
    while bytes.len() < LONGEST_PLAIN_BODY {
        match stream.next().await {
            Some(Ok(chunk)) => bytes.extend_from_slice(&chunk),
            Some(Err(cause)) => return Err(s3::from_body(cause, Operation::Link)),
            None => break,
        }
    }
    Ok(bytes)
}
