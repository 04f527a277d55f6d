//! A request's body from memory that counts its bytes as the connection takes them, and can be sent again.

use super::progress::PartProgress;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::byte_stream::ByteStream;
use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

/// So much is handed over at once: fine enough for a calm bar, coarse enough to cost nothing.
const PIECE: usize = 128 * 1024;

struct Counted {
    rest: Bytes,
    progress: Arc<PartProgress>,
    started: bool,
}

/// The body of one request. The SDK makes it anew for every attempt; the count starts over with it.
pub(crate) fn counted(bytes: Bytes, progress: &Arc<PartProgress>) -> ByteStream {
    let progress = Arc::clone(progress);
    ByteStream::new(SdkBody::retryable(move || {
        SdkBody::from_body_1_x(Counted { rest: bytes.clone(), progress: Arc::clone(&progress), started: false })
    }))
}

impl Body for Counted {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        if !self.started {
            // Not when it is made: the SDK keeps a spare one beside the one that is being sent.
            self.started = true;
            self.progress.rewind();
        }
        if self.rest.is_empty() {
            return Poll::Ready(None);
        }
        let length = self.rest.len().min(PIECE);
        let piece = self.rest.split_to(length);
        self.progress.add(length as u64);
        Poll::Ready(Some(Ok(Frame::data(piece))))
    }

    fn is_end_stream(&self) -> bool {
        self.rest.is_empty()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.rest.len() as u64)
    }
}
