//! A server by hand: what it does with a connection is written in the test.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

pub(super) struct Server {
    port: u16,
    accepted: Arc<AtomicUsize>,
    _tasks: JoinSet<()>,
}

impl Server {
    pub(super) async fn start<F>(serve: impl Fn(TcpStream) -> F + Send + 'static) -> Self
    where
        F: Future<Output = ()> + Send + 'static,
    {
        Self::start_on(TcpListener::bind("127.0.0.1:0").await.unwrap(), serve)
    }

    /// Takes as little ahead as the system allows, so that the peer feels how fast it reads.
    pub(super) async fn start_narrow<F>(serve: impl Fn(TcpStream) -> F + Send + 'static) -> Self
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let socket = tokio::net::TcpSocket::new_v4().unwrap();
        socket.set_recv_buffer_size(16 * 1024).unwrap();
        socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
        Self::start_on(socket.listen(16).unwrap(), serve)
    }

    fn start_on<F>(listener: TcpListener, serve: impl Fn(TcpStream) -> F + Send + 'static) -> Self
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let port = listener.local_addr().unwrap().port();
        let accepted = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&accepted);
        let mut tasks = JoinSet::new();
        tasks.spawn(async move {
            let mut connections = JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                count.fetch_add(1, Ordering::SeqCst);
                connections.spawn(serve(stream));
            }
        });
        Server { port, accepted, _tasks: tasks }
    }

    pub(super) fn address(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    pub(super) fn secured_address(&self) -> String {
        format!("https://127.0.0.1:{}", self.port)
    }

    pub(super) fn connections(&self) -> usize {
        self.accepted.load(Ordering::SeqCst)
    }
}

/// Reads a request's head. None if the peer has gone.
pub(super) async fn head<S: AsyncRead + Unpin>(stream: &mut S) -> Option<String> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.ok()?);
    }
    String::from_utf8(head).ok()
}

pub(super) fn length(head: &str) -> usize {
    let line =
        head.lines().find_map(|line| line.to_ascii_lowercase().strip_prefix("content-length:").map(str::to_owned));
    line.map_or(0, |length| length.trim().parse().unwrap())
}

/// Reads a request to its end.
pub(super) async fn whole<S: AsyncRead + Unpin>(stream: &mut S) -> Option<String> {
    let head = head(stream).await?;
    let mut body = vec![0; length(&head)];
    stream.read_exact(&mut body).await.ok()?;
    Some(head)
}

pub(super) async fn answer<S: AsyncWrite + Unpin>(stream: &mut S, status: &str, body: &str) {
    let text = format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\n\r\n{body}", body.len());
    // The peer may have gone, which is what some tests are about.
    let _ = stream.write_all(text.as_bytes()).await;
}

/// Answers everything with the same words.
pub(super) async fn polite<S: AsyncRead + AsyncWrite + Unpin>(mut stream: S) {
    while whole(&mut stream).await.is_some() {
        answer(&mut stream, "200 OK", "fine").await;
    }
}

pub(super) async fn forever() {
    std::future::pending().await
}
