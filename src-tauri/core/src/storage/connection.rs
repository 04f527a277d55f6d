//! HTTP to the store: the system's proxy, the system's trusted certificates, a connect timeout, one pool.
//!
//! The same connector fetches links without keys, from the address as it is: never through a URL type, which would
//! turn `a/../b` into `b`.

use crate::error::{Code, Error, Operation, Result, s3};
use aws_smithy_http_client::Connector;
use aws_smithy_http_client::proxy::ProxyConfig;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_http_client::tls::{Provider, TlsContext, TrustStore};
use aws_smithy_runtime_api::client::http::{
    HttpConnector, HttpConnectorSettings, SharedHttpClient, SharedHttpConnector, http_client_fn,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_types::body::SdkBody;
use std::time::Duration;

/// Long enough for a slow line, short enough for a person: no address that answers needs longer.
pub(crate) const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// Dead connections after sleep must not be found by waiting.
const IDLE_CONNECTION: Duration = Duration::from_secs(20);
/// How long a fetch without keys may take in all.
const FETCH_TIMEOUT: Duration = Duration::from_secs(30);
/// An error page is read no further than this.
const LONGEST_PLAIN_BODY: usize = 64 * 1024;

/// One pool of connections.
#[derive(Clone, Debug)]
pub(crate) struct Connection {
    connector: SharedHttpConnector,
}

/// What a plain fetch brought.
pub(crate) struct PlainAnswer {
    pub(crate) status: u16,
    pub(crate) headers: http::HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Connection {
    /// `direct` leaves the proxy out: for the practice place, which is this computer.
    pub(crate) async fn new(direct: bool) -> Result<Self> {
        let proxy = if direct { ProxyConfig::disabled() } else { super::proxy::system_proxy().await };
        let mut trust = TrustStore::empty().with_native_roots(true);
        if let Some(path) = std::env::var_os("AWS_CA_BUNDLE").filter(|path| !path.is_empty()) {
            let bundle = tokio::fs::read(&path).await;
            let bundle = bundle.map_err(|cause| Error::new(Code::TlsUntrusted, Operation::Connect).because(cause))?;
            trust = trust.with_pem_certificate(bundle);
        }
        let context = TlsContext::builder().with_trust_store(trust).build();
        let context = context.map_err(|cause| Error::new(Code::TlsUntrusted, Operation::Connect).because(cause))?;
        let settings = HttpConnectorSettings::builder().connect_timeout(CONNECT_TIMEOUT).build();
        let connector = Connector::builder()
            .connector_settings(settings)
            .pool_idle_timeout(IDLE_CONNECTION)
            .proxy_config(proxy)
            .tls_provider(Provider::Rustls(CryptoMode::AwsLc))
            .tls_context(context)
            .build();
        Ok(Connection { connector: SharedHttpConnector::new(connector) })
    }

    /// The pool as the SDK wants it.
    pub(crate) fn http_client(&self) -> SharedHttpClient {
        let connector = self.connector.clone();
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
                self.connector.call(request).await.map_err(|error| s3::from_connector(error, Operation::Link))?;
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
        tokio::time::timeout(FETCH_TIMEOUT, fetch).await.unwrap_or_else(|_| {
            Err(Error::new(Code::TooSlow, Operation::Link).with("seconds", FETCH_TIMEOUT.as_secs().to_string()))
        })
    }
}

async fn read_some(body: SdkBody) -> Result<Vec<u8>> {
    let mut stream = aws_smithy_types::byte_stream::ByteStream::new(body);
    let mut bytes = Vec::new();
    while bytes.len() < LONGEST_PLAIN_BODY {
        match stream.next().await {
            Some(Ok(chunk)) => bytes.extend_from_slice(&chunk),
            Some(Err(cause)) => return Err(Error::new(Code::Unreachable, Operation::Link).because(cause)),
            None => break,
        }
    }
    Ok(bytes)
}
