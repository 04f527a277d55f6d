//! One request and its answer, through the pool and under watch.
//!
//! Keeps no request: the SDK repeats what is worth repeating, and learns from the kind of error whether it is.

use super::body::{Arriving, Outgoing, Sending};
use super::line::Watched;
use super::reach::{Cause, Reach};
use super::tunnel;
use crate::storage::limiter::{Gate, Limiter};
use crate::storage::timings::Timings;
use crate::storage::watchdog::{Allowed, Glance, Moment, Patience, Silence, Stalled, Watch};
use aws_smithy_runtime_api::client::connection::{CaptureSmithyConnection, ConnectionMetadata};
use aws_smithy_runtime_api::client::http::{HttpConnector, HttpConnectorFuture};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::retry::ErrorKind;
use http::header::PROXY_AUTHORIZATION;
use http::{Method, Request, Response};
use http_body::Body;
use hyper::body::Incoming;
use hyper_util::client::legacy::connect::{CaptureConnection, capture_connection};
use hyper_util::client::legacy::{Client, ResponseFuture};
use hyper_util::rt::{TokioExecutor, TokioTimer};
use std::error::Error as StdError;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// What a peer may take before it has to read any of it. A smaller request says nothing about how it reads.
const MORE_THAN_A_WINDOW: u64 = 1024 * 1024;

/// A pool of connections, and everything that is known about how they behave.
#[derive(Clone)]
pub(super) struct Exchange(Arc<Shared>);

struct Shared {
    reach: Reach,
    pool: Mutex<Pool>,
    timings: Timings,
    limiter: Mutex<Limiter>,
    with_body: Patience,
    without_body: Patience,
    closed: Patience,
}

struct Pool {
    client: Client<Reach, Outgoing>,
    used: Moment,
}

impl std::fmt::Debug for Exchange {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Exchange").field("timings", &self.0.timings).finish_non_exhaustive()
    }
}

impl HttpConnector for Exchange {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let exchange = self.clone();
        HttpConnectorFuture::new(async move { exchange.send(request).await })
    }
}

impl Exchange {
    pub(super) fn new(reach: Reach, timings: Timings) -> Self {
        let pool = Mutex::new(Pool { client: client(&reach, &timings), used: Moment::now() });
        let answer = || Patience::new(timings.answer, timings.complete);
        let (with_body, without_body) = (answer(), answer());
        let closed = Patience::new(timings.stall, timings.closed);
        let limiter = Mutex::default();
        Exchange(Arc::new(Shared { reach, pool, timings, limiter, with_body, without_body, closed }))
    }

    pub(super) fn limit(&self, limiter: &Limiter) {
        *self.0.limiter.lock().unwrap_or_else(PoisonError::into_inner) = limiter.clone();
    }

    fn gate(&self) -> Gate {
        Gate::new(self.0.limiter.lock().unwrap_or_else(PoisonError::into_inner).clone())
    }

    /// The pool, or a new one if the computer slept since: the old one's connections look alive and are not.
    pub(super) fn pool(&self, now: Moment) -> Client<Reach, Outgoing> {
        let shared = &self.0;
        let mut pool = shared.pool.lock().unwrap_or_else(PoisonError::into_inner);
        if now.slept_since(&pool.used) > shared.timings.idle {
            pool.client = client(&shared.reach, &shared.timings);
        }
        pool.used = now;
        pool.client.clone()
    }

    /// # Cancellation
    /// Dropped, it closes the connection at once: what the system still holds of the request goes no further.
    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, ConnectorError> {
        let mut request = request.try_into_http1x().map_err(|cause| ConnectorError::user(cause.into()))?;
        if let Some(sign_in) = self.0.reach.proxy_sign_in(request.uri()) {
            request.headers_mut().entry(PROXY_AUTHORIZATION).or_insert(sign_in);
        }
        let size = request.body().size_hint().lower();
        let answers = if request.body().is_end_stream() { &self.0.without_body } else { &self.0.with_body };
        let (long, asks_for_a_file) = (takes_long(&request), asks_for_a_file(&request));
        let Shared { timings, closed, .. } = &*self.0;
        let answer = if long { timings.complete } else { answers.allows() };
        let connection = capture(&mut request);
        let (request, sending) = under_way(request, self.gate());
        let pending = Pending { connection, sending, over: false };
        let now = Moment::now();
        let mut watch = Watch::new(*timings, Allowed { closed: closed.allows(), answer }, now);
        let answered = pending.wait(self.pool(now).request(request), &mut watch).await;
        let (response, line, sending) = answered.map_err(|failure| match failure {
            Failure::Broken(cause) => broken(cause),
            Failure::Stalled(stalled) => {
                match stalled.silence {
                    Silence::Answer if !long => answers.ran_out(stalled.after),
                    Silence::Closed => closed.ran_out(stalled.after),
                    Silence::Answer | Silence::Bytes | Silence::Wake => {}
                }
                silent(stalled)
            }
        })?;
        answers.learn(Duration::ZERO);
        if size >= MORE_THAN_A_WINDOW {
            closed.learn(watch.closed_for());
        }
        // While it joins or copies, a store says yes first and then nothing until it is done.
        let silence = if long { timings.complete } else { timings.stall };
        let is_file = asks_for_a_file && response.status().is_success();
        let response = response.map(|body| Arriving::new(body, self.gate(), line, sending, silence, is_file));
        HttpResponse::try_from(response.map(SdkBody::from_body_1_x))
            .map_err(|cause| ConnectorError::other(cause.into(), None))
    }
}

fn client(reach: &Reach, timings: &Timings) -> Client<Reach, Outgoing> {
    Client::builder(TokioExecutor::new())
        .pool_timer(TokioTimer::new())
        .pool_idle_timeout(timings.idle)
        .build(reach.clone())
}

/// Joining parts and copying inside the store.
fn takes_long(request: &Request<SdkBody>) -> bool {
    let joins = || {
        let query = request.uri().query().unwrap_or_default();
        query.split('&').any(|pair| pair.starts_with("uploadId="))
    };
    match *request.method() {
        Method::POST => joins(),
        Method::PUT => request.headers().contains_key("x-amz-copy-source"),
        _ => false,
    }
}

/// The only answers that may be of any length.
fn asks_for_a_file(request: &Request<SdkBody>) -> bool {
    let query = request.uri().query().unwrap_or_default();
    *request.method() == Method::GET && query.split('&').any(|pair| pair == "x-id=GetObject")
}

/// Which connection the request takes. The SDK wants to know too, so that it can leave one that answers badly.
fn capture(request: &mut Request<SdkBody>) -> CaptureConnection {
    let captured = capture_connection(request);
    if let Some(asked) = request.extensions().get::<CaptureSmithyConnection>() {
        let captured = captured.clone();
        asked.set_connection_retriever(move || {
            let proxied = captured.connection_metadata().as_ref()?.is_proxied();
            let captured = captured.clone();
            let leave = move || {
                if let Some(connection) = captured.connection_metadata().as_ref() {
                    connection.poison();
                }
            };
            Some(ConnectionMetadata::builder().proxied(proxied).poison_fn(leave).build())
        });
    }
    captured
}

fn under_way(request: Request<SdkBody>, gate: Gate) -> (Request<Outgoing>, Arc<Sending>) {
    let (head, body) = request.into_parts();
    let (body, sending) = Outgoing::new(body, gate);
    (Request::from_parts(head, body), sending)
}

/// A request whose answer has not begun.
struct Pending {
    connection: CaptureConnection,
    sending: Arc<Sending>,
    over: bool,
}

enum Failure {
    Stalled(Stalled),
    Broken(hyper_util::client::legacy::Error),
}

type Answered = (Response<Incoming>, Option<Watched>, Arc<Sending>);

impl Pending {
    async fn wait(mut self, mut response: ResponseFuture, watch: &mut Watch) -> Result<Answered, Failure> {
        let pause = watch.pause();
        loop {
            match tokio::time::timeout(pause, &mut response).await {
                Ok(result) => {
                    self.over = true;
                    let line = self.line();
                    return result.map(|response| (response, line, Arc::clone(&self.sending))).map_err(Failure::Broken);
                }
                Err(_) => self.look(watch).map_err(Failure::Stalled)?,
            }
        }
    }

    fn look(&self, watch: &mut Watch) -> Result<(), Stalled> {
        let now = Moment::now();
        let line = self.line();
        let Some((line, moved)) = line.and_then(|line| line.moved().map(|moved| (line, moved))) else {
            watch.look_at_nothing(now);
            return Ok(());
        };
        let glance = Glance { moved, finished: self.sending.is_finished(), starved: self.sending.is_starved() };
        watch.look(now, glance, || line.kernel())
    }

    fn line(&self) -> Option<Watched> {
        let mut found = http::Extensions::new();
        self.connection.connection_metadata().as_ref()?.get_extras(&mut found);
        found.remove()
    }
}

impl Drop for Pending {
    fn drop(&mut self) {
        if let (false, Some(line)) = (self.over, self.line()) {
            line.cut();
        }
    }
}

/// What the SDK has to know about silence: whether to try again.
fn silent(stalled: Stalled) -> ConnectorError {
    match stalled.silence {
        Silence::Bytes | Silence::Closed | Silence::Wake => ConnectorError::timeout(stalled.into()),
        // Whoever waited for so long decides what is next, and says so; the SDK would go on in silence.
        Silence::Answer => ConnectorError::other(stalled.into(), None),
    }
}

/// What the SDK has to know about a connection that broke or did not come about: whether to try again.
fn broken(cause: hyper_util::client::legacy::Error) -> ConnectorError {
    let refused = find::<tunnel::Refused>(&cause).is_some() || is_tls(&cause);
    let hyper = find::<hyper::Error>(&cause);
    let is = |question: fn(&hyper::Error) -> bool| hyper.is_some_and(question);
    let silent = find::<Stalled>(&cause).is_some() || is(hyper::Error::is_timeout);
    let lost = cause.is_connect() || find::<std::io::Error>(&cause).is_some();
    let lost = lost || is(hyper::Error::is_closed) || is(hyper::Error::is_canceled);
    let ended_early = is(hyper::Error::is_incomplete_message);
    let ours = is(hyper::Error::is_user);
    let cause: Cause = cause.into();
    match () {
        () if refused => ConnectorError::other(cause, None),
        () if silent => ConnectorError::timeout(cause),
        () if ours => ConnectorError::user(cause),
        () if lost => ConnectorError::io(cause),
        () if ended_early => ConnectorError::other(cause, Some(ErrorKind::TransientError)),
        () => ConnectorError::other(cause, None),
    }
}

/// A certificate does not become right by asking again.
fn is_tls(cause: &(dyn StdError + 'static)) -> bool {
    chain(cause).filter_map(|link| link.downcast_ref::<std::io::Error>()?.get_ref()).any(|inner| {
        let inner: &(dyn StdError + 'static) = inner;
        inner.is::<rustls::Error>() || is_tls(inner)
    })
}

fn find<'e, T: StdError + 'static>(cause: &'e (dyn StdError + 'static)) -> Option<&'e T> {
    chain(cause).find_map(|link| link.downcast_ref())
}

fn chain<'e>(cause: &'e (dyn StdError + 'static)) -> impl Iterator<Item = &'e (dyn StdError + 'static)> {
    std::iter::successors(Some(cause), |link: &&'e (dyn StdError + 'static)| (*link).source())
}
