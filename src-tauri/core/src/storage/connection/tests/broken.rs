//! Connections that break, and answers that are none from a store.

use super::server::{Server, answer, forever, head, whole};
use super::*;
use std::sync::Arc;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::Notify;

#[tokio::test]
async fn a_reset_in_the_middle_of_an_upload_is_a_connection_that_broke() {
    let server = Server::start(|mut stream| async move {
        head(&mut stream).await;
        stream.read_exact(&mut [0; 10_000]).await.unwrap();
        // Unread bytes and no linger: the peer sees a reset.
        socket2::SockRef::from(&stream).set_linger(Some(Duration::ZERO)).unwrap();
    })
    .await;
    let connection = direct().await;
    let error = connection.exchange.call(request("PUT", &server.address(), vec![7; 8 << 20])).await.unwrap_err();
    assert!(error.is_io(), "worth another try: {error:?}");
    assert_eq!(s3::from_connector(error, Operation::Upload).code(), Code::Unreachable);
}

#[tokio::test]
async fn a_peer_that_hangs_up_instead_of_answering_is_a_connection_that_broke() {
    let server = Server::start(|mut stream| async move {
        whole(&mut stream).await;
    })
    .await;
    let error = send(&direct().await, request("PUT", &server.address(), vec![7; 1000])).await.unwrap_err();
    assert_eq!(error.code(), Code::Unreachable, "{error:?}");
}

#[tokio::test]
async fn an_answer_that_is_cut_short_is_a_connection_that_broke() {
    let server = Server::start(|mut stream| async move {
        whole(&mut stream).await;
        stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 6000\r\n\r\nonly this").await.unwrap();
    })
    .await;
    let error = send(&direct().await, request("GET", &server.address(), "")).await.unwrap_err();
    assert_eq!(error.code(), Code::Unreachable, "{error:?}");
}

#[tokio::test]
async fn a_port_where_nobody_listens_is_told_at_once() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let (result, took) = timed(&direct().await, request("GET", &address, "")).await;
    assert_eq!(result.unwrap_err().code(), Code::Unreachable);
    assert!(took < timings().connect, "{took:?}");
}

#[tokio::test]
async fn the_page_of_a_captive_portal_passes_as_an_answer() {
    let server = Server::start(|mut stream| async move {
        whole(&mut stream).await;
        answer(&mut stream, "302 Found\r\nLocation: http://wifi.example/", "<html>sign in</html>").await;
    })
    .await;
    let reply = send(&direct().await, request("PUT", &server.address(), vec![7; 1000])).await.unwrap();
    assert_eq!((reply.status, reply.body.as_slice()), (302, b"<html>sign in</html>".as_slice()));
}

/// Reads whatever comes until nothing more does.
async fn drained(mut stream: tokio::net::TcpStream, over: Arc<Notify>) {
    let mut piece = vec![0; 64 * 1024];
    while stream.read(&mut piece).await.is_ok_and(|length| length > 0) {}
    over.notify_one();
}

#[tokio::test]
async fn a_request_that_is_given_up_by_its_sender_ends_its_connection_at_once() {
    let (begun, over) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let (tell_begun, tell_over) = (Arc::clone(&begun), Arc::clone(&over));
    let server = Server::start(move |mut stream| {
        let (begun, over) = (Arc::clone(&tell_begun), Arc::clone(&tell_over));
        async move {
            head(&mut stream).await;
            begun.notify_one();
            drained(stream, over).await;
        }
    })
    .await;
    let connection = direct().await;
    tokio::select! {
        () = begun.notified() => {}
        reply = send(&connection, request("GET", &server.address(), "")) => panic!("{reply:?}"),
    }
    over.notified().await;
}

#[tokio::test]
async fn a_store_that_refuses_before_it_has_read_everything_is_heard_and_then_left() {
    let over = Arc::new(Notify::new());
    let tell = Arc::clone(&over);
    let server = Server::start(move |mut stream| {
        let tell = Arc::clone(&tell);
        async move {
            head(&mut stream).await;
            answer(&mut stream, "403 Forbidden", "no").await;
            let mut watched = stream;
            while watched.writable().await.is_ok() {
                if watched.write_all(b" ").await.is_err() {
                    break;
                }
                tokio::task::yield_now().await;
            }
            tell.notify_one();
            forever().await;
        }
    })
    .await;
    let reply = send(&direct().await, request("PUT", &server.address(), vec![7; 16 << 20])).await.unwrap();
    assert_eq!(reply.status, 403);
    over.notified().await;
}
