//! The company's proxy: what it is sent, and what it says.

use super::secured::{Certificate, secured};
use super::server::{Server, answer, forever, head, whole};
use super::*;
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;

/// A proxy that wants a name and a password, and lets through to any port of this computer.
async fn tunnel(mut stream: impl AsyncRead + AsyncWrite + Unpin, seen: Arc<Mutex<Vec<String>>>) {
    let head = head(&mut stream).await.unwrap();
    seen.lock().unwrap().push(head.clone());
    if !head.contains("Proxy-Authorization: Basic YW5uYTpwdw==\r\n") {
        return answer(&mut stream, "407 Proxy Authentication Required", "sign in").await;
    }
    let target = head.split(' ').nth(1).unwrap();
    let mut onward = TcpStream::connect(target).await.unwrap();
    stream.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n").await.unwrap();
    // One side hangs up sooner or later.
    let _ = tokio::io::copy_bidirectional(&mut stream, &mut onward).await;
}

async fn tunnelling() -> (Server, Arc<Mutex<Vec<String>>>) {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let heads = Arc::clone(&seen);
    (Server::start(move |stream| tunnel(stream, Arc::clone(&heads))).await, seen)
}

#[tokio::test]
async fn an_open_address_is_asked_for_by_its_whole_name_and_the_proxy_gets_its_password() {
    let proxy = Server::start(|mut stream| async move {
        let head = whole(&mut stream).await.unwrap();
        answer(&mut stream, "200 OK", &head).await;
    })
    .await;
    let address = proxy.address().replace("http://", "http://anna:p%77@");
    let connection = through(&address, Trust::with_bundle(b"").unwrap());
    let reply = send(&connection, request("PUT", "http://files.example/a?b", vec![7; 10])).await.unwrap();
    let head = String::from_utf8(reply.body).unwrap();
    assert!(head.starts_with("PUT http://files.example/a?b HTTP/1.1\r\n"), "{head}");
    assert!(head.contains("proxy-authorization: Basic YW5uYTpwdw==\r\n"), "{head}");
    assert!(head.contains("host: files.example\r\n"), "{head}");
}

#[tokio::test]
async fn a_secured_address_is_reached_through_a_tunnel_that_knows_the_password() {
    let certificate = Certificate::new("127.0.0.1");
    let server = secured(&certificate).await;
    let (proxy, seen) = tunnelling().await;
    let address = proxy.address().replace("http://", "http://anna:pw@");
    let connection = through(&address, Trust::with_bundle(certificate.bundle()).unwrap());
    let reply = send(&connection, request("PUT", &server.secured_address(), vec![7; 1 << 20])).await.unwrap();
    assert_eq!(reply.body, b"fine");
    let seen = seen.lock().unwrap();
    let target = server.secured_address().replace("https://", "");
    assert_eq!(seen.len(), 1);
    assert!(seen[0].starts_with(&format!("CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n")), "{}", seen[0]);
}

#[tokio::test]
async fn a_proxy_that_is_secured_itself_leads_to_a_secured_address() {
    let certificate = Certificate::new("127.0.0.1");
    let server = secured(&certificate).await;
    let acceptor = certificate.acceptor();
    let proxy = Server::start(move |stream| {
        let acceptor = acceptor.clone();
        async move { tunnel(acceptor.accept(stream).await.unwrap(), Arc::default()).await }
    })
    .await;
    let address = proxy.secured_address().replace("https://", "https://anna:pw@");
    let connection = through(&address, Trust::with_bundle(certificate.bundle()).unwrap());
    for _ in 0..2 {
        let reply = send(&connection, request("PUT", &server.secured_address(), vec![7; 1 << 20])).await.unwrap();
        assert_eq!(reply.body, b"fine");
    }
    assert_eq!((proxy.connections(), server.connections()), (1, 1));
}

#[tokio::test]
async fn a_proxy_that_wants_a_sign_in_is_told_as_that() {
    let (proxy, seen) = tunnelling().await;
    let connection = through(&proxy.address(), Trust::with_bundle(b"").unwrap());
    let error = connection.exchange.call(request("GET", "https://files.example/", "")).await.unwrap_err();
    assert!(!error.is_io() && !error.is_timeout(), "asking again helps nobody: {error:?}");
    assert_eq!(s3::from_connector(error, Operation::List).code(), Code::ProxySignIn);
    assert_eq!(seen.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn a_proxy_that_takes_the_call_and_says_nothing_is_given_up_after_the_stall() {
    let proxy = Server::start(|mut stream| async move {
        head(&mut stream).await;
        forever().await;
    })
    .await;
    let connection = through(&proxy.address(), Trust::with_bundle(b"").unwrap());
    let (result, took) = timed(&connection, request("GET", "https://files.example/", "")).await;
    too_slow(result);
    assert!(took >= timings().stall, "{took:?}");
}
