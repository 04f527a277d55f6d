//! Connections that are kept, and those that are not.

use super::server::{Server, polite};
use super::*;
use crate::storage::watchdog::Moment;

#[tokio::test]
async fn one_connection_serves_many_requests() {
    let server = Server::start(polite).await;
    let connection = direct().await;
    for _ in 0..20 {
        send(&connection, request("PUT", &server.address(), vec![7; 300_000])).await.unwrap();
        send(&connection, request("GET", &server.address(), "")).await.unwrap();
    }
    assert_eq!(server.connections(), 1);
}

#[tokio::test]
async fn a_connection_that_lay_idle_for_too_long_is_not_used_again() {
    let server = Server::start(polite).await;
    let connection = direct().await;
    send(&connection, request("GET", &server.address(), "")).await.unwrap();
    tokio::time::sleep(timings().idle + timings().look).await;
    send(&connection, request("GET", &server.address(), "")).await.unwrap();
    assert_eq!(server.connections(), 2);
}

#[tokio::test]
async fn after_the_computer_slept_no_old_connection_is_used() {
    let server = Server::start(polite).await;
    let connection = direct().await;
    send(&connection, request("GET", &server.address(), "")).await.unwrap();
    let now = Moment::now();
    connection.exchange.pool(Moment { wall: now.wall + Duration::from_secs(600), ..now });
    send(&connection, request("GET", &server.address(), "")).await.unwrap();
    send(&connection, request("GET", &server.address(), "")).await.unwrap();
    assert_eq!(server.connections(), 2);
}

#[tokio::test]
async fn the_first_byte_behind_a_link_is_fetched_from_the_address_as_it_stands() {
    let server = Server::start(|mut stream| async move {
        let head = super::server::head(&mut stream).await.unwrap();
        super::server::answer(&mut stream, "206 Partial Content", head.lines().next().unwrap()).await;
    })
    .await;
    let answer = direct().await.fetch_first_byte(&format!("{}/a/../b%2e?x=%7E", server.address())).await.unwrap();
    assert_eq!(answer.status, 206);
    assert_eq!(String::from_utf8(answer.body).unwrap(), "GET /a/../b%2e?x=%7E HTTP/1.1");
}
