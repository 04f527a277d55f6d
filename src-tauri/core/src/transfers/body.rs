//! A request's body that counts its bytes as the connection takes them, and can be sent again.

use super::checksum::{Crc, CrcRun};
use super::limits::PIECE_BYTES;
use super::payload::{Content, Payload};
use super::progress::PartProgress;
use super::source::{Read, Source};
use crate::error::{Code, Error, Operation, Result};
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::byte_stream::ByteStream;
use bytes::{Bytes, BytesMut};
use http_body::{Body, Frame, SizeHint};
use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use tokio::task::JoinHandle;

/// So much is handed over at once: fine enough for a calm bar, coarse enough to cost nothing.
const AT_ONCE: usize = 128 * 1024;

/// The body of one request. The SDK makes it anew for every attempt; the count starts over with it.
pub(crate) fn counted(payload: &Payload, progress: &Arc<PartProgress>) -> ByteStream {
    let (progress, length) = (Arc::clone(progress), payload.length());
    match payload.content.clone() {
        Content::Held(pieces) => ByteStream::new(SdkBody::retryable(move || {
            let rest = pieces.clone().into_iter();
            let (now, progress) = (Bytes::new(), Arc::clone(&progress));
            SdkBody::from_body_1_x(Held { rest, now, left: length, progress, started: false })
        })),
        Content::OnDisk { source, offset } => {
            let sum = payload.crc;
            ByteStream::new(SdkBody::retryable(move || {
                SdkBody::from_body_1_x(OnDisk::new(source.clone(), offset, sum, Arc::clone(&progress)))
            }))
        }
    }
}

/// From memory.
struct Held {
    rest: std::vec::IntoIter<Bytes>,
    now: Bytes,
    left: u64,
    progress: Arc<PartProgress>,
    started: bool,
}

impl Body for Held {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<std::result::Result<Frame<Bytes>, Infallible>>> {
        if !self.started {
            // Not when it is made: the SDK keeps a spare one beside the one that is being sent.
            self.started = true;
            self.progress.rewind();
        }
        while self.now.is_empty() {
            match self.rest.next() {
                Some(next) => self.now = next,
                None => return Poll::Ready(None),
            }
        }
        let length = self.now.len().min(AT_ONCE);
        let piece = self.now.split_to(length);
        self.left -= length as u64;
        self.progress.add(length as u64);
        Poll::Ready(Some(Ok(Frame::data(piece))))
    }

    fn is_end_stream(&self) -> bool {
        self.left == 0
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.left)
    }
}

/// From the file, one piece ahead. Ends with an error if it is no longer what was summed up.
struct OnDisk {
    source: Source,
    at: u64,
    end: u64,
    sum: Crc,
    run: CrcRun,
    reading: Option<JoinHandle<Result<Read>>>,
    progress: Arc<PartProgress>,
}

impl OnDisk {
    fn new(source: Source, offset: u64, sum: Crc, progress: Arc<PartProgress>) -> Self {
        let (at, end) = (offset, offset + sum.length);
        OnDisk { source, at, end, sum, run: CrcRun::default(), reading: None, progress }
    }

    fn read_on(&self) -> JoinHandle<Result<Read>> {
        let length = usize::try_from(self.end - self.at).unwrap_or(PIECE_BYTES).min(PIECE_BYTES);
        let (source, at) = (self.source.clone(), self.at);
        tokio::task::spawn_blocking(move || source.read_now(at, vec![BytesMut::zeroed(length)]))
    }
}

impl Body for OnDisk {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>>>> {
        if self.at == self.end {
            return Poll::Ready(None);
        }
        let mut reading = match self.reading.take() {
            Some(reading) => reading,
            None => {
                if self.run.is_empty() {
                    self.progress.rewind();
                }
                self.read_on()
            }
        };
        let Poll::Ready(read) = Pin::new(&mut reading).poll(context) else {
            self.reading = Some(reading);
            return Poll::Pending;
        };
        let read = read.map_err(|cause| Error::new(Code::Unknown, Operation::Upload).because(cause))??;
        let piece = read.0.into_iter().next().unwrap_or_default().freeze();
        self.run.update(&piece);
        self.at += piece.len() as u64;
        if self.at == self.end && self.run.clone().finish() != self.sum {
            return Poll::Ready(Some(Err(self.source.changing())));
        }
        self.progress.add(piece.len() as u64);
        Poll::Ready(Some(Ok(Frame::data(piece))))
    }

    fn is_end_stream(&self) -> bool {
        self.at == self.end
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.end - self.at)
    }
}
