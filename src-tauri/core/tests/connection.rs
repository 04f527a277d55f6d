//! What a person is told when the network does not do its part: whole places, at a fiftieth of the real waits.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[allow(dead_code, reason = "the tests of the connection itself use the rest")]
#[path = "../src/storage/connection/tests/server.rs"]
mod server;

use satchel_core::files::{Listing, stat};
use satchel_core::place::{KeySource, Place};
use satchel_core::secrets::AccessKey;
use satchel_core::storage::{Storage, Timings};
use satchel_core::{Code, Error};
use server::{Server, answer, forever, whole};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::io::AsyncWriteExt;

fn timings() -> Timings {
    Timings { connect: Duration::from_secs(5), ..Timings::scaled(50) }
}

async fn storage(address: &str) -> Storage {
    let place = Place::new("Test", "files", "", KeySource::ThisSession).unwrap();
    let place = place.with_endpoint(Some(address)).unwrap().with_region(Some("us-east-1"));
    Storage::open_timed(&place, &AccessKey::pasted("key", "secret"), timings()).await.unwrap()
}

async fn listing_fails(address: &str) -> Arc<Error> {
    let listing = Listing::open(storage(address).await, "");
    let mut states = listing.watch();
    states.wait_for(|state| !state.loading).await.unwrap().error.clone().unwrap()
}

#[tokio::test]
async fn a_store_that_never_answers_is_too_slow_and_is_not_asked_again_in_silence() {
    let server = Server::start(|mut stream| async move {
        whole(&mut stream).await;
        forever().await;
    })
    .await;
    let start = Instant::now();
    let error = stat(&storage(&server.address()).await, "a").await.unwrap_err();
    assert_eq!(error.code(), Code::TooSlow, "{error:?}");
    assert!(error.to_string().contains("Nothing moved for 1 seconds"), "{error}");
    assert!(start.elapsed() >= timings().answer);
    assert_eq!(server.connections(), 1);
}

#[tokio::test]
async fn a_listing_that_stops_in_the_middle_is_too_slow_and_never_a_short_folder() {
    let server = Server::start(|mut stream| async move {
        whole(&mut stream).await;
        let begun =
            "HTTP/1.1 200 OK\r\nContent-Type: application/xml\r\nContent-Length: 5000\r\n\r\n<ListBucketResult>";
        stream.write_all(begun.as_bytes()).await.unwrap();
        forever().await;
    })
    .await;
    let error = listing_fails(&server.address()).await;
    assert_eq!(error.code(), Code::TooSlow, "{error:?}");
}

#[tokio::test]
async fn a_listing_that_is_cut_short_is_a_connection_that_broke_and_never_a_short_folder() {
    let server = Server::start(|mut stream| async move {
        whole(&mut stream).await;
        let begun =
            "HTTP/1.1 200 OK\r\nContent-Type: application/xml\r\nContent-Length: 5000\r\n\r\n<ListBucketResult>";
        stream.write_all(begun.as_bytes()).await.unwrap();
    })
    .await;
    let error = listing_fails(&server.address()).await;
    assert_eq!(error.code(), Code::Unreachable, "{error:?}");
}

#[tokio::test]
async fn a_web_page_where_a_store_should_be_wants_a_sign_in() {
    let server = Server::start(|mut stream| async move {
        whole(&mut stream).await;
        answer(&mut stream, "200 OK\r\nContent-Type: text/html", "<html>sign in</html>").await;
    })
    .await;
    let error = listing_fails(&server.address()).await;
    assert_eq!(error.code(), Code::CaptivePortal, "{error:?}");
}

#[tokio::test]
async fn a_proxy_that_wants_a_name_and_password_is_told_as_that() {
    let server = Server::start(|mut stream| async move {
        whole(&mut stream).await;
        answer(&mut stream, "407 Proxy Authentication Required", "").await;
    })
    .await;
    let error = stat(&storage(&server.address()).await, "a").await.unwrap_err();
    assert_eq!(error.code(), Code::ProxySignIn, "{error:?}");
}

#[tokio::test]
async fn a_port_where_nobody_listens_cannot_be_reached() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let start = Instant::now();
    let error = stat(&storage(&address).await, "a").await.unwrap_err();
    assert_eq!(error.code(), Code::Unreachable, "{error:?}");
    assert!(start.elapsed() < Duration::from_secs(5), "{:?}", start.elapsed());
}
