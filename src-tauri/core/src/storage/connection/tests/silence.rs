//! Peers that fall silent, and those that are only slow.

use super::server::{Server, answer, forever, head, length, polite, whole};
use super::*;
use bytes::Bytes;
use http_body::Frame;
use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

fn body(bytes: usize) -> Vec<u8> {
    vec![7; bytes]
}

#[tokio::test]
async fn a_peer_that_never_reads_is_given_up_after_the_stall() {
    let server = Server::start(|stream| async move {
        forever().await;
        drop(stream);
    })
    .await;
    let (result, took) = timed(&direct().await, request("PUT", &server.address(), body(8 << 20))).await;
    too_slow(result);
    assert!(took >= timings().stall, "{took:?}");
}

#[tokio::test]
async fn a_peer_that_reads_all_and_never_answers_gets_its_time_and_then_twice_that() {
    let silent = Arc::new(AtomicBool::new(true));
    let keeps_silent = Arc::clone(&silent);
    let server = Server::start(move |mut stream| {
        let silent = Arc::clone(&keeps_silent);
        async move {
            whole(&mut stream).await;
            if silent.load(Ordering::SeqCst) {
                forever().await;
            }
            answer(&mut stream, "200 OK", "fine").await;
        }
    })
    .await;
    let connection = direct().await;
    let put = || request("PUT", &server.address(), body(64 << 10));
    let start = Instant::now();
    let error = connection.exchange.call(put()).await.unwrap_err();
    let first = start.elapsed();
    assert!(!error.is_timeout(), "the SDK leaves it to us: {error:?}");
    let (result, second) = timed(&connection, put()).await;
    too_slow(result);
    silent.store(false, Ordering::SeqCst);
    send(&connection, put()).await.unwrap();
    silent.store(true, Ordering::SeqCst);
    let (result, third) = timed(&connection, put()).await;
    too_slow(result);
    let minute = timings().answer;
    assert!(first >= minute && second >= 2 * minute && third >= minute, "{first:?} {second:?} {third:?}");
    assert!(first < second && third < second, "{first:?} {second:?} {third:?}");
}

#[tokio::test]
async fn joining_parts_may_take_longer_than_any_other_answer() {
    let server = Server::start(|mut stream| async move {
        whole(&mut stream).await;
        stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n").await.unwrap();
        tokio::time::sleep(2 * timings().stall).await;
        stream.write_all(b"fine").await.unwrap();
        whole(&mut stream).await;
        tokio::time::sleep(timings().answer + timings().stall).await;
        answer(&mut stream, "200 OK", "").await;
    })
    .await;
    let connection = direct().await;
    let address = format!("{}/file?uploadId=5&x=1", server.address());
    for _ in 0..2 {
        assert_eq!(send(&connection, request("POST", &address, body(100))).await.unwrap().status, 200);
    }
    assert_eq!(server.connections(), 1);
}

#[tokio::test]
async fn a_peer_that_thinks_for_longer_than_a_stall_is_waited_for() {
    let server = Server::start(|mut stream| async move {
        whole(&mut stream).await;
        tokio::time::sleep(2 * timings().stall).await;
        answer(&mut stream, "200 OK", "at last").await;
    })
    .await;
    let reply = send(&direct().await, request("PUT", &server.address(), body(64 << 10))).await.unwrap();
    assert_eq!(reply.body, b"at last");
}

/// Fifty times so many bytes a second.
async fn read_slowly(mut stream: tokio::net::TcpStream, pace: usize) {
    let head = head(&mut stream).await.unwrap();
    let mut rest = length(&head);
    let mut ticks = tokio::time::interval(Duration::from_millis(20));
    let mut piece = vec![0; pace];
    while rest > 0 {
        ticks.tick().await;
        let take = rest.min(piece.len());
        rest -= stream.read_exact(&mut piece[..take]).await.unwrap();
    }
    answer(&mut stream, "200 OK", "").await;
}

#[tokio::test]
async fn a_peer_that_reads_slowly_is_never_given_up() {
    let server = Server::start_narrow(|stream| read_slowly(stream, 8 * 1024)).await;
    let (result, took) = timed(&direct().await, request("PUT", &server.address(), body(1 << 20))).await;
    assert_eq!(result.unwrap().status, 200);
    assert!(took > 5 * timings().stall, "it was slow: {took:?}");
}

#[tokio::test]
async fn a_peer_that_reads_slowly_what_its_system_took_ahead_is_never_given_up() {
    let server = Server::start(|stream| read_slowly(stream, 20 * 1024)).await;
    let (result, took) = timed(&direct().await, request("PUT", &server.address(), body(2 << 20))).await;
    assert_eq!(result.unwrap().status, 200);
    assert!(took > 4 * timings().stall, "it was slow: {took:?}");
}

#[tokio::test]
async fn a_peer_that_opens_its_window_seldom_is_understood_after_some_tries_and_then_at_once() {
    let server = Server::start(|mut stream| async move {
        tokio::time::sleep(timings().stall * 5 / 2).await;
        whole(&mut stream).await;
        answer(&mut stream, "200 OK\r\nConnection: close", "fine").await;
    })
    .await;
    let connection = direct().await;
    let put = || request("PUT", &server.address(), body(8 << 20));
    let mut tries = 1;
    while let Err(error) = send(&connection, put()).await {
        assert_eq!(error.code(), Code::TooSlow, "{error:?}");
        tries += 1;
    }
    assert_eq!(tries, 3);
    send(&connection, put()).await.unwrap();
}

#[tokio::test]
async fn an_answer_that_trickles_is_read_to_its_end() {
    let server = Server::start(|mut stream| async move {
        whole(&mut stream).await;
        stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 6000\r\n\r\n").await.unwrap();
        for _ in 0..6 {
            tokio::time::sleep(timings().stall / 2).await;
            stream.write_all(&[b'x'; 1000]).await.unwrap();
        }
        forever().await;
    })
    .await;
    let reply = send(&direct().await, request("GET", &server.address(), "")).await.unwrap();
    assert_eq!(reply.body.len(), 6000);
}

#[tokio::test]
async fn an_answer_that_stops_in_the_middle_is_given_up_and_its_connection_with_it() {
    let gone = Arc::new(tokio::sync::Notify::new());
    let tell = Arc::clone(&gone);
    let server = Server::start(move |mut stream| {
        let tell = Arc::clone(&tell);
        async move {
            whole(&mut stream).await;
            stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 6000\r\n\r\nonly this").await.unwrap();
            assert_eq!(stream.read(&mut [0]).await.unwrap_or(0), 0);
            tell.notify_one();
        }
    })
    .await;
    let (result, took) = timed(&direct().await, request("GET", &server.address(), "")).await;
    too_slow(result);
    assert!(took >= timings().stall, "{took:?}");
    gone.notified().await;
}

#[tokio::test]
async fn an_answer_may_lie_there_unread_as_long_as_its_reader_likes() {
    let server = Server::start(polite).await;
    let (_, body) = begin(&direct().await, request("GET", &server.address(), "")).await.unwrap();
    tokio::time::sleep(2 * timings().stall).await;
    let body = aws_smithy_types::byte_stream::ByteStream::new(body).collect().await.unwrap();
    assert_eq!(body.to_vec(), b"fine");
}

/// Bytes that come from a slow disk.
struct Slow {
    pieces: usize,
    pause: Pin<Box<tokio::time::Sleep>>,
}

impl http_body::Body for Slow {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<std::result::Result<Frame<Bytes>, Infallible>>> {
        if self.pieces == 0 {
            return Poll::Ready(None);
        }
        std::task::ready!(self.pause.as_mut().poll(context));
        self.pieces -= 1;
        self.pause.set(tokio::time::sleep(2 * timings().stall));
        Poll::Ready(Some(Ok(Frame::data(Bytes::from_static(b"piece")))))
    }

    fn size_hint(&self) -> http_body::SizeHint {
        http_body::SizeHint::with_exact(5 * self.pieces as u64)
    }
}

#[tokio::test]
async fn a_disk_that_is_slow_is_not_held_against_the_line() {
    let server = Server::start(polite).await;
    let slow = Slow { pieces: 2, pause: Box::pin(tokio::time::sleep(2 * timings().stall)) };
    let (result, took) = timed(&direct().await, request("PUT", &server.address(), SdkBody::from_body_1_x(slow))).await;
    assert_eq!(result.unwrap().status, 200);
    assert!(took > 3 * timings().stall, "it was slow: {took:?}");
}
