//! Reaching an address: its name looked up, the proxy asked, the line tuned and secured.
//!
//! Looking up and reaching share one short wait; what a proxy or a secured address says afterwards may come slowly.

use super::super::timings::Timings;
use super::line::{Line, Watched};
use super::trust::Trust;
use super::tunnel;
use crate::storage::watchdog::Stalled;
use http::uri::Scheme;
use http::{HeaderValue, Uri};
use hyper_util::client::legacy::connect::{Connected, Connection, HttpConnector};
use hyper_util::client::proxy::matcher::Matcher;
use hyper_util::rt::TokioIo;
use rustls::pki_types::ServerName;
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio_rustls::client::TlsStream;
use tower_service::Service;

pub(crate) type Cause = Box<dyn std::error::Error + Send + Sync>;

/// Makes connections for the pool.
#[derive(Clone)]
pub(super) struct Reach(Arc<Ways>);

struct Ways {
    tcp: HttpConnector,
    proxy: Option<Matcher>,
    trust: Trust,
    timings: Timings,
}

impl Reach {
    pub(super) fn new(proxy: Option<Matcher>, trust: Trust, timings: Timings) -> Self {
        let mut tcp = HttpConnector::new();
        tcp.enforce_http(false);
        tcp.set_nodelay(true);
        tcp.set_connect_timeout(Some(timings.connect));
        Reach(Arc::new(Ways { tcp, proxy, trust, timings }))
    }

    /// What a proxy wants to see on a request that it passes on in the open.
    pub(super) fn proxy_sign_in(&self, target: &Uri) -> Option<HeaderValue> {
        if target.scheme() != Some(&Scheme::HTTP) {
            return None;
        }
        self.0.proxy.as_ref()?.intercept(target)?.basic_auth().cloned()
    }

    async fn reach(&self, target: &Uri) -> Result<Stream, Cause> {
        let secured = target.scheme() == Some(&Scheme::HTTPS);
        let Some(proxy) = self.0.proxy.as_ref().and_then(|proxy| proxy.intercept(target)) else {
            let line = self.line(target.clone()).await?;
            let watched = line.watched();
            let channel = Channel::Plain(line);
            let channel = if secured { self.patiently(self.secure(target, channel)).await? } else { channel };
            return Ok(Stream { channel, watched, proxied: false });
        };
        let line = self.line(proxy.uri().clone()).await?;
        let watched = line.watched();
        let ask = async {
            let mut channel = Channel::Plain(line);
            if proxy.uri().scheme() == Some(&Scheme::HTTPS) {
                channel = self.secure(proxy.uri(), channel).await?;
            }
            if secured {
                tunnel::open(&mut channel, target, proxy.basic_auth()).await?;
                channel = self.secure(target, channel).await?;
            }
            Ok(channel)
        };
        let channel = self.patiently(ask).await?;
        Ok(Stream { channel, watched, proxied: !secured })
    }

    async fn line(&self, target: Uri) -> Result<Line, Cause> {
        let mut tcp = self.0.tcp.clone();
        match tokio::time::timeout(self.0.timings.connect, tcp.call(target)).await {
            Ok(stream) => Ok(Line::new(stream?.into_inner(), &self.0.timings)?),
            Err(_) => Err(io::Error::from(io::ErrorKind::TimedOut).into()),
        }
    }

    async fn secure(&self, target: &Uri, channel: Channel) -> Result<Channel, Cause> {
        let host = target.host().unwrap_or_default().trim_matches(['[', ']']).to_owned();
        let name = ServerName::try_from(host)?;
        let stream = self.0.trust.connector().await?.connect(name, channel).await?;
        Ok(Channel::Secured(Box::new(stream)))
    }

    async fn patiently<T>(&self, work: impl Future<Output = Result<T, Cause>>) -> Result<T, Cause> {
        let patience = self.0.timings.stall;
        tokio::time::timeout(patience, work).await.unwrap_or_else(|_| Err(Stalled::moving(patience).into()))
    }
}

impl Service<Uri> for Reach {
    type Response = TokioIo<Stream>;
    type Error = Cause;
    type Future = Pin<Box<dyn Future<Output = Result<TokioIo<Stream>, Cause>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Cause>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, target: Uri) -> Self::Future {
        let reach = self.clone();
        Box::pin(async move { reach.reach(&target).await.map(TokioIo::new) })
    }
}

/// A connection that requests go through.
pub(super) struct Stream {
    channel: Channel,
    watched: Watched,
    proxied: bool,
}

enum Channel {
    Plain(Line),
    Secured(Box<TlsStream<Channel>>),
}

impl Connection for Stream {
    fn connected(&self) -> Connected {
        Connected::new().proxy(self.proxied).extra(self.watched.clone())
    }
}

impl Stream {
    fn channel(self: Pin<&mut Self>) -> Pin<&mut Channel> {
        Pin::new(&mut self.get_mut().channel)
    }
}

/// What is done to a channel is done to whatever it is made of.
macro_rules! inner {
    ($channel:expr, $inner:ident => $deed:expr) => {
        match $channel.get_mut() {
            Channel::Plain($inner) => {
                let $inner = Pin::new($inner);
                $deed
            }
            Channel::Secured($inner) => {
                let $inner = Pin::new(&mut **$inner);
                $deed
            }
        }
    };
}

impl AsyncRead for Channel {
    fn poll_read(self: Pin<&mut Self>, context: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        inner!(self, inner => inner.poll_read(context, buffer))
    }
}

impl AsyncWrite for Channel {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        inner!(self, inner => inner.poll_write(context, bytes))
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        inner!(self, inner => inner.poll_write_vectored(context, slices))
    }

    fn is_write_vectored(&self) -> bool {
        match self {
            Channel::Plain(inner) => inner.is_write_vectored(),
            Channel::Secured(inner) => inner.is_write_vectored(),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        inner!(self, inner => inner.poll_flush(context))
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        inner!(self, inner => inner.poll_shutdown(context))
    }
}

impl AsyncRead for Stream {
    fn poll_read(self: Pin<&mut Self>, context: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        self.channel().poll_read(context, buffer)
    }
}

impl AsyncWrite for Stream {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.channel().poll_write(context, bytes)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.channel().poll_write_vectored(context, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.channel.is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.channel().poll_flush(context)
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.channel().poll_shutdown(context)
    }
}
