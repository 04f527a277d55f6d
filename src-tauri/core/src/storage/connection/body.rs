//! Bodies on their way: what the watchdog has to know of a request's, and the watch over an answer's.
//!
//! Nothing is copied, and nothing is counted here: the line counts.

use super::line::Watched;
use super::reach::Cause;
use crate::storage::limiter::Gate;
use crate::storage::watchdog::Stalled;
use aws_smithy_types::body::SdkBody;
use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use hyper::body::Incoming;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tokio::time::{Instant, Sleep};

/// How far the sending of a request has come.
#[derive(Debug, Default)]
pub(super) struct Sending {
    finished: AtomicBool,
    starved: AtomicBool,
}

impl Sending {
    /// All of it has been handed to the connection.
    pub(super) fn is_finished(&self) -> bool {
        self.finished.load(Ordering::Relaxed)
    }

    /// The connection would take more than there is at the moment.
    pub(super) fn is_starved(&self) -> bool {
        self.starved.load(Ordering::Relaxed)
    }
}

/// The body of a request.
pub(super) struct Outgoing {
    body: SdkBody,
    gate: Gate,
    sending: Arc<Sending>,
}

impl Outgoing {
    pub(super) fn new(body: SdkBody, gate: Gate) -> (Self, Arc<Sending>) {
        let sending = Arc::new(Sending::default());
        sending.finished.store(body.is_end_stream(), Ordering::Relaxed);
        (Outgoing { body, gate, sending: Arc::clone(&sending) }, sending)
    }

    fn poll_next(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Cause>>> {
        ready!(self.gate.poll_open(context));
        if let Some(piece) = self.gate.rest() {
            return Poll::Ready(Some(Ok(Frame::data(piece))));
        }
        let next = ready!(Pin::new(&mut self.body).poll_frame(context));
        Poll::Ready(next.map(|frame| pass(frame, &mut self.gate)))
    }
}

impl Body for Outgoing {
    type Data = Bytes;
    type Error = Cause;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Cause>>> {
        let next = self.poll_next(context);
        self.sending.starved.store(next.is_pending(), Ordering::Relaxed);
        if matches!(next, Poll::Ready(None)) {
            self.sending.finished.store(true, Ordering::Relaxed);
        }
        next
    }

    fn is_end_stream(&self) -> bool {
        self.gate.is_empty() && self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        with_held(Body::size_hint(&self.body), &self.gate)
    }
}

impl Drop for Outgoing {
    /// The connection drops a body with a known length as soon as it has all of it, without asking for its end.
    fn drop(&mut self) {
        self.sending.finished.store(true, Ordering::Relaxed);
        self.sending.starved.store(false, Ordering::Relaxed);
    }
}

/// More than any answer has that is not a file. What is longer comes from somebody who wants to fill our memory.
const LONGEST_DOCUMENT: u64 = 16 * 1024 * 1024;

/// An answer that has more bytes than any store's.
#[derive(Debug, thiserror::Error)]
#[error("the answer has no end: more than {LONGEST_DOCUMENT} bytes")]
pub(super) struct Endless;

/// The body of an answer. Ends with [`Endless`] when it is longer than it may be, and with [`Stalled`] when nothing comes although somebody waits for it.
pub(super) struct Arriving {
    body: Incoming,
    gate: Gate,
    line: Option<Watched>,
    sending: Arc<Sending>,
    patience: Duration,
    /// Bytes that may still come, if that is limited.
    room: Option<u64>,
    waiting_since: Option<Instant>,
    alarm: Option<Pin<Box<Sleep>>>,
}

impl Arriving {
    pub(super) fn new(
        body: Incoming,
        gate: Gate,
        line: Option<Watched>,
        sending: Arc<Sending>,
        patience: Duration,
        is_file: bool,
    ) -> Self {
        let room = (!is_file).then_some(LONGEST_DOCUMENT);
        Arriving { body, gate, line, sending, patience, room, waiting_since: None, alarm: None }
    }

    fn fits(&mut self, frame: &Frame<Bytes>) -> bool {
        let (Some(room), Some(data)) = (&mut self.room, frame.data_ref()) else { return true };
        let left = room.checked_sub(data.len() as u64);
        *room = left.unwrap_or_default();
        left.is_some()
    }

    fn poll_silence(&mut self, context: &mut Context<'_>) -> Poll<Stalled> {
        let since = *self.waiting_since.get_or_insert_with(Instant::now);
        let due = since + self.patience;
        let alarm = self.alarm.get_or_insert_with(|| Box::pin(tokio::time::sleep_until(due)));
        // Set once and not for every chunk: it may ring for an earlier silence, and is put forward then.
        while alarm.as_mut().poll(context).is_ready() {
            if Instant::now() >= due {
                return Poll::Ready(Stalled::moving(self.patience));
            }
            alarm.as_mut().reset(due);
        }
        Poll::Pending
    }
}

impl Body for Arriving {
    type Data = Bytes;
    type Error = Cause;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Cause>>> {
        let this = &mut *self;
        ready!(this.gate.poll_open(context));
        if let Some(piece) = this.gate.rest() {
            return Poll::Ready(Some(Ok(Frame::data(piece))));
        }
        if let Poll::Ready(next) = Pin::new(&mut this.body).poll_frame(context) {
            this.waiting_since = None;
            if let Some(Ok(frame)) = &next
                && !this.fits(frame)
            {
                if let Some(line) = &this.line {
                    line.cut();
                }
                return Poll::Ready(Some(Err(Endless.into())));
            }
            return Poll::Ready(next.map(|frame| pass(frame, &mut this.gate)));
        }
        let stalled = ready!(this.poll_silence(context));
        if let Some(line) = &this.line {
            line.cut();
        }
        Poll::Ready(Some(Err(stalled.into())))
    }

    fn is_end_stream(&self) -> bool {
        self.gate.is_empty() && self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        with_held(Body::size_hint(&self.body), &self.gate)
    }
}

impl Drop for Arriving {
    /// A store that answered before it had read everything may never read the rest.
    fn drop(&mut self) {
        if let (false, Some(line)) = (self.sending.is_finished(), &self.line) {
            line.cut();
        }
    }
}

fn pass<E: Into<Cause>>(frame: Result<Frame<Bytes>, E>, gate: &mut Gate) -> Result<Frame<Bytes>, Cause> {
    match frame.map_err(Into::into)?.into_data() {
        Ok(bytes) => Ok(Frame::data(gate.pass(bytes))),
        Err(other) => Ok(other),
    }
}

fn with_held(mut hint: SizeHint, gate: &Gate) -> SizeHint {
    let held = gate.held();
    if held == 0 {
        return hint;
    }
    let (lower, upper) = (hint.lower() + held, hint.upper().map(|upper| upper + held));
    hint = SizeHint::new();
    hint.set_lower(lower);
    if let Some(upper) = upper {
        hint.set_upper(upper);
    }
    hint
}
