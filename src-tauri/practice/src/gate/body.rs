//! Bodies on their way in and out: counted, and harmed where a fault asks for it.

use std::future::Future;
use std::pin::Pin;
use std::sync::Mutex;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use hyper::body::{Body, Frame, Incoming, SizeHint};
use s3s::StdError;
use tokio::sync::oneshot;
use tokio::time::Instant;

use crate::faults::{Fault, Hold};
use crate::requests::Entry;

/// The connection is to be closed without further words.
#[derive(Debug, thiserror::Error)]
#[error("the practice place closes the connection on order")]
pub struct Dropped;

/// Time for the connection to send what was passed before it is cut.
const FLUSH: Duration = Duration::from_millis(50);

type Wait = Pin<Box<dyn Future<Output = ()> + Send + Sync>>;

/// Harm done to a body, byte for byte.
#[derive(Default)]
pub struct Harm {
    passed: u64,
    cut: Option<u64>,
    flips: Vec<u64>,
    pace: Option<(u64, Instant)>,
    stall: Option<(u64, Hold)>,
    wait: Option<Wait>,
    is_flushed: bool,
}

impl Harm {
    pub fn to_request(faults: &[Fault]) -> Self {
        let mut harm = Self::default();
        for fault in faults {
            match fault {
                Fault::CutRequest { after } => harm.cut = Some(*after),
                Fault::FlipRequest { at } => harm.flips.push(*at),
                Fault::SlowRequest { bytes_per_second } => harm.pace = Some((*bytes_per_second, Instant::now())),
                Fault::StallRequest { after, hold } => harm.stall = Some((*after, hold.clone())),
                _ => {}
            }
        }
        harm
    }

    pub fn to_reply(faults: &[Fault]) -> Self {
        let mut harm = Self::default();
        for fault in faults {
            match fault {
                Fault::CutReply { after } => harm.cut = Some(*after),
                Fault::FlipReply { at } => harm.flips.push(*at),
                Fault::SlowReply { bytes_per_second } => harm.pace = Some((*bytes_per_second, Instant::now())),
                Fault::StallReply { after, hold } => harm.stall = Some((*after, hold.clone())),
                _ => {}
            }
        }
        harm
    }

    fn is_none(&self) -> bool {
        self.cut.is_none() && self.flips.is_empty() && self.pace.is_none() && self.stall.is_none()
    }

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<()> {
        if let Some(wait) = &mut self.wait {
            ready!(wait.as_mut().poll(context));
            self.wait = None;
        }
        Poll::Ready(())
    }

    /// How many bytes may go before something happens.
    fn room(&self) -> u64 {
        let until = |limit: u64| limit.saturating_sub(self.passed);
        let cut = self.cut.map_or(u64::MAX, until);
        let stall = self.stall.as_ref().map_or(u64::MAX, |(after, _)| until(*after));
        let pace = self.pace.map_or(u64::MAX, |(speed, _)| (speed / 20).max(1));
        cut.min(stall).min(pace)
    }

    /// The part of the bytes that goes on now; the rest stays in `waiting`.
    fn pass(&mut self, waiting: &mut Bytes) -> Result<Bytes, Dropped> {
        let room = usize::try_from(self.room()).unwrap_or(usize::MAX);
        let mut now = waiting.split_to(room.min(waiting.len()));
        for flip in &self.flips {
            let place = flip.checked_sub(self.passed).and_then(|place| usize::try_from(place).ok());
            if let Some(place) = place.filter(|place| *place < now.len()) {
                let mut changed = BytesMut::from(now.as_ref());
                if let Some(byte) = changed.get_mut(place) {
                    *byte ^= 1;
                }
                now = changed.freeze();
            }
        }
        self.passed += now.len() as u64;
        if now.is_empty() && self.cut.is_some_and(|cut| self.passed >= cut) {
            if self.is_flushed {
                return Err(Dropped);
            }
            // An error would take along what has been passed but lies in the connection's buffer still.
            self.is_flushed = true;
            self.wait = Some(Box::pin(tokio::time::sleep(FLUSH)));
            return Ok(now);
        }
        if let Some((_, hold)) = self.stall.take_if(|(after, _)| self.passed >= *after) {
            self.wait = Some(Box::pin(hold.pass()));
        }
        if let Some((speed, since)) = self.pace {
            let due = since + Duration::from_secs_f64(self.passed as f64 / speed.max(1) as f64);
            self.wait = Some(Box::pin(tokio::time::sleep_until(due)));
        }
        Ok(now)
    }
}

/// A request's body as the rest of the server sees it.
pub struct RequestBody {
    inner: Option<Incoming>,
    waiting: Bytes,
    ended: bool,
    harm: Harm,
    entry: Entry,
    give_back: Mutex<Option<oneshot::Sender<Unread>>>,
}

/// What was left of a request's body when the server lost interest in it.
pub enum Unread {
    Nothing,
    Rest(Incoming),
    /// A fault ended it: the connection has to go.
    Cut,
}

impl RequestBody {
    pub fn new(inner: Incoming, harm: Harm, entry: Entry) -> (Self, oneshot::Receiver<Unread>) {
        let (give_back, unread) = oneshot::channel();
        let body = Self {
            inner: Some(inner),
            waiting: Bytes::new(),
            ended: false,
            harm,
            entry,
            give_back: Mutex::new(Some(give_back)),
        };
        (body, unread)
    }

    fn settle(&self, unread: Unread) {
        let sender = self.give_back.lock().ok().and_then(|mut slot| slot.take());
        if let Some(sender) = sender {
            // Nobody waits for it once the request has been given up.
            let _ = sender.send(unread);
        }
    }
}

impl Drop for RequestBody {
    fn drop(&mut self) {
        let unread = match self.inner.take() {
            Some(rest) if !self.ended => Unread::Rest(rest),
            _ => Unread::Nothing,
        };
        self.settle(unread);
    }
}

impl Body for RequestBody {
    type Data = Bytes;
    type Error = StdError;

    fn poll_frame(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, StdError>>> {
        let this = self.get_mut();
        loop {
            ready!(this.harm.poll_ready(context));
            if !this.waiting.is_empty() {
                let passed = match this.harm.pass(&mut this.waiting) {
                    Ok(passed) => passed,
                    Err(dropped) => {
                        this.settle(Unread::Cut);
                        return Poll::Ready(Some(Err(Box::new(dropped))));
                    }
                };
                if passed.is_empty() {
                    continue;
                }
                return Poll::Ready(Some(Ok(Frame::data(passed))));
            }
            let Some(inner) = &mut this.inner else { return Poll::Ready(None) };
            match ready!(Pin::new(inner).poll_frame(context)) {
                Some(Ok(frame)) => match frame.into_data() {
                    Ok(data) => {
                        this.entry.received(data.len());
                        if this.harm.is_none() {
                            return Poll::Ready(Some(Ok(Frame::data(data))));
                        }
                        this.waiting = data;
                    }
                    Err(other) => return Poll::Ready(Some(Ok(other))),
                },
                Some(Err(error)) => {
                    this.settle(Unread::Cut);
                    return Poll::Ready(Some(Err(Box::new(error))));
                }
                None => {
                    this.ended = true;
                    return Poll::Ready(None);
                }
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.waiting.is_empty() && self.inner.as_ref().is_none_or(Body::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        match &self.inner {
            Some(inner) => {
                let mut hint = SizeHint::new();
                let kept = self.waiting.len() as u64;
                hint.set_lower(inner.size_hint().lower() + kept);
                if let Some(upper) = inner.size_hint().upper() {
                    hint.set_upper(upper + kept);
                }
                hint
            }
            None => SizeHint::with_exact(self.waiting.len() as u64),
        }
    }
}

/// An answer's body on its way to the connection.
pub struct ReplyBody {
    inner: s3s::Body,
    waiting: Bytes,
    harm: Harm,
    entry: Option<Entry>,
}

impl ReplyBody {
    pub fn full(bytes: Bytes) -> Self {
        Self::from_inner(s3s::Body::from(bytes))
    }

    pub fn from_inner(inner: s3s::Body) -> Self {
        Self { inner, waiting: Bytes::new(), harm: Harm::default(), entry: None }
    }

    pub fn watched(mut self, harm: Harm, entry: Entry) -> Self {
        self.harm = harm;
        self.entry = Some(entry);
        self
    }

    pub fn into_inner(mut self) -> s3s::Body {
        std::mem::take(&mut self.inner)
    }
}

impl Drop for ReplyBody {
    fn drop(&mut self) {
        if let Some(entry) = self.entry.take() {
            entry.finish();
        }
    }
}

impl Body for ReplyBody {
    type Data = Bytes;
    type Error = StdError;

    fn poll_frame(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, StdError>>> {
        let this = self.get_mut();
        loop {
            ready!(this.harm.poll_ready(context));
            if !this.waiting.is_empty() {
                let passed = this.harm.pass(&mut this.waiting)?;
                if passed.is_empty() {
                    continue;
                }
                if let Some(entry) = &this.entry {
                    entry.sent(passed.len());
                }
                return Poll::Ready(Some(Ok(Frame::data(passed))));
            }
            match ready!(Pin::new(&mut this.inner).poll_frame(context)) {
                Some(Ok(frame)) => match frame.into_data() {
                    Ok(data) if this.harm.is_none() => {
                        if let Some(entry) = &this.entry {
                            entry.sent(data.len());
                        }
                        return Poll::Ready(Some(Ok(Frame::data(data))));
                    }
                    Ok(data) => this.waiting = data,
                    Err(other) => return Poll::Ready(Some(Ok(other))),
                },
                Some(Err(error)) => return Poll::Ready(Some(Err(error))),
                None => return Poll::Ready(None),
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.waiting.is_empty() && self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        if self.waiting.is_empty() { Body::size_hint(&self.inner) } else { SizeHint::default() }
    }
}
