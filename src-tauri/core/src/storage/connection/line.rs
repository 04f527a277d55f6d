//! One TCP connection that counts its bytes, and what the system knows about those it has taken.
//!
//! The system takes megabytes ahead and wakes the writer late: that it took nothing proves nothing. Only the peer's
//! acknowledgements do.

use super::super::timings::Timings;
use std::io::{self, IoSlice};
use std::net::Shutdown;
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Weak};
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

/// How much may lie in the system unsent. More makes a bar that lies and a stop that lags; less costs wake-ups.
#[cfg(target_os = "linux")]
const MOST_UNSENT: u32 = 128 * 1024;

/// How often a silent peer is asked before it is given up.
const QUESTIONS: u32 = 3;

/// The connection, for whoever reads and writes.
pub(super) struct Line {
    stream: TcpStream,
    wire: Arc<Wire>,
}

/// The same connection, for whoever watches it. Does not keep it open.
#[derive(Clone)]
pub(super) struct Watched(Weak<Wire>);

struct Wire {
    socket: socket2::Socket,
    written: AtomicU64,
    read: AtomicU64,
}

/// What the system knows about bytes that it was given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Kernel {
    /// Bytes that the peer has confirmed since the connection began.
    pub(crate) acknowledged: u64,
    /// Some that it has not.
    pub(crate) owes: bool,
    /// How long ago the peer said anything about bytes that it was sent, if only that it takes no more.
    pub(crate) heard: Duration,
}

impl Line {
    /// Takes a connection that has just been made.
    ///
    /// # Errors
    /// The system has no room for another handle.
    pub(super) fn new(stream: TcpStream, timings: &Timings) -> io::Result<Self> {
        let socket = socket2::SockRef::from(&stream).try_clone()?;
        tune(&socket, timings);
        let wire = Arc::new(Wire { socket, written: AtomicU64::new(0), read: AtomicU64::new(0) });
        Ok(Line { stream, wire })
    }

    pub(super) fn watched(&self) -> Watched {
        Watched(Arc::downgrade(&self.wire))
    }
}

/// A socket that takes none of this still works, only its end is noticed later.
fn tune(socket: &socket2::Socket, timings: &Timings) {
    let at_least_a_second = |time: Duration| time.max(Duration::from_secs(1));
    let alive = socket2::TcpKeepalive::new()
        .with_time(at_least_a_second(timings.keepalive))
        .with_interval(at_least_a_second(timings.keepalive / QUESTIONS));
    #[cfg(not(windows))]
    let alive = alive.with_retries(QUESTIONS);
    let asked = socket.set_tcp_keepalive(&alive);
    // No TCP_USER_TIMEOUT: it also ends a connection whose peer answers every question and only reads slowly.
    #[cfg(target_os = "linux")]
    let asked = asked.and(socket.set_tcp_notsent_lowat(MOST_UNSENT));
    if let Err(cause) = asked {
        tracing::debug!(%cause, "a connection could not be tuned");
    }
}

impl Watched {
    /// Bytes that went out and came in so far; nothing if the connection is gone.
    pub(super) fn moved(&self) -> Option<u64> {
        let wire = self.0.upgrade()?;
        Some(wire.written.load(Ordering::Relaxed) + wire.read.load(Ordering::Relaxed))
    }

    /// Asks the system. Nothing where it cannot say.
    pub(super) fn kernel(&self) -> Option<Kernel> {
        kernel(&self.0.upgrade()?.socket)
    }

    /// Ends the connection at once, whatever it is in the middle of.
    pub(super) fn cut(&self) {
        if let Some(wire) = self.0.upgrade() {
            // It may be closed already, which is what is wanted.
            let _ = wire.socket.shutdown(Shutdown::Both);
        }
    }
}

#[cfg(target_os = "linux")]
fn kernel(socket: &socket2::Socket) -> Option<Kernel> {
    use std::os::fd::AsRawFd;
    let mut info = std::mem::MaybeUninit::<libc::tcp_info>::zeroed();
    let mut length = libc::socklen_t::try_from(size_of::<libc::tcp_info>()).ok()?;
    #[allow(unsafe_code, reason = "nobody offers this option safely; all zeros is a valid value of plain numbers")]
    let (result, info) = unsafe {
        let place = info.as_mut_ptr().cast();
        let result = libc::getsockopt(socket.as_raw_fd(), libc::IPPROTO_TCP, libc::TCP_INFO, place, &raw mut length);
        (result, info.assume_init())
    };
    let known = std::mem::offset_of!(libc::tcp_info, tcpi_notsent_bytes) + size_of::<u32>();
    if result != 0 || (length as usize) < known {
        return None;
    }
    let owes = info.tcpi_unacked > 0 || info.tcpi_notsent_bytes > 0;
    let heard = Duration::from_millis(info.tcpi_last_ack_recv.into());
    Some(Kernel { acknowledged: info.tcpi_bytes_acked, owes, heard })
}

#[cfg(not(target_os = "linux"))]
fn kernel(_: &socket2::Socket) -> Option<Kernel> {
    None
}

impl AsyncRead for Line {
    fn poll_read(self: Pin<&mut Self>, context: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let before = buffer.filled().len();
        ready!(Pin::new(&mut this.stream).poll_read(context, buffer))?;
        this.wire.read.fetch_add((buffer.filled().len() - before) as u64, Ordering::Relaxed);
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Line {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let written = ready!(Pin::new(&mut this.stream).poll_write(context, bytes))?;
        this.wire.written.fetch_add(written as u64, Ordering::Relaxed);
        Poll::Ready(Ok(written))
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let written = ready!(Pin::new(&mut this.stream).poll_write_vectored(context, slices))?;
        this.wire.written.fetch_add(written as u64, Ordering::Relaxed);
        Poll::Ready(Ok(written))
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_flush(context)
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_shutdown(context)
    }
}
