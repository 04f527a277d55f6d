//! The speed limit on real connections.

use super::server::{Server, answer, polite, whole};
use super::*;

#[tokio::test]
async fn an_upload_and_a_download_share_one_limit() {
    let text = "x".repeat(64 << 10);
    let server = Server::start(move |mut stream| {
        let text = text.clone();
        async move {
            while whole(&mut stream).await.is_some() {
                answer(&mut stream, "200 OK", &text).await;
            }
        }
    })
    .await;
    let connection = direct().await;
    connection.limit(&Limiter::new(Some(256 << 10)));
    let (result, took) = timed(&connection, request("PUT", &server.address(), vec![7; 64 << 10])).await;
    assert_eq!(result.unwrap().body.len(), 64 << 10);
    // The last piece goes when its turn has come, not when it has passed.
    assert!(took >= Duration::from_millis(350), "{took:?}");
    connection.limit(&Limiter::default());
    let (result, unlimited) = timed(&connection, request("PUT", &server.address(), vec![7; 64 << 10])).await;
    assert_eq!(result.unwrap().body.len(), 64 << 10);
    assert!(unlimited < took, "{unlimited:?}");
}

#[tokio::test]
async fn a_limit_that_holds_a_request_back_is_not_held_against_the_line() {
    let server = Server::start(polite).await;
    let connection = direct().await;
    connection.limit(&Limiter::new(Some(1536)));
    let (result, took) = timed(&connection, request("PUT", &server.address(), vec![7; 3 << 10])).await;
    assert_eq!(result.unwrap().status, 200);
    assert!(took > 2 * timings().stall, "it was slow: {took:?}");
}
