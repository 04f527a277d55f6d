//! Connections against small servers that do one thing wrong, at a fiftieth of the real waits.

mod broken;
mod limited;
mod pool;
mod proxy;
mod secured;
mod server;
mod silence;

use super::*;
use crate::storage::connection::reach::Reach;
use hyper_util::client::proxy::matcher::Matcher;
use std::time::{Duration, Instant};

/// Reaching this computer is not what is tested, and two cores may be busy.
fn timings() -> Timings {
    Timings { connect: Duration::from_secs(5), ..Timings::scaled(50) }
}

async fn direct() -> Connection {
    Connection::new(true, timings()).await.unwrap()
}

fn through(proxy: &str, trust: Trust) -> Connection {
    let proxy = Matcher::builder().all(proxy.to_owned()).build();
    Connection::through(Reach::new(Some(proxy), trust, timings()), timings())
}

#[derive(Debug)]
struct Reply {
    status: u16,
    body: Vec<u8>,
}

fn request(method: &str, address: &str, body: impl Into<SdkBody>) -> HttpRequest {
    HttpRequest::try_from(http::Request::builder().method(method).uri(address).body(body.into()).unwrap()).unwrap()
}

async fn begin(connection: &Connection, request: HttpRequest) -> Result<(u16, SdkBody)> {
    let response = connection.exchange.call(request).await;
    let response = response.map_err(|error| s3::from_connector(error, Operation::Upload))?;
    Ok((response.status().as_u16(), response.into_body()))
}

async fn send(connection: &Connection, request: HttpRequest) -> Result<Reply> {
    let (status, body) = begin(connection, request).await?;
    let body = aws_smithy_types::byte_stream::ByteStream::new(body).collect().await;
    let body = body.map_err(|cause| s3::from_body(cause, Operation::Read))?;
    Ok(Reply { status, body: body.to_vec() })
}

/// What came of it, and how long that took.
async fn timed(connection: &Connection, request: HttpRequest) -> (Result<Reply>, Duration) {
    let start = Instant::now();
    let result = send(connection, request).await;
    (result, start.elapsed())
}

fn too_slow(result: Result<Reply>) {
    let error = result.unwrap_err();
    assert_eq!(error.code(), Code::TooSlow, "{error:?}");
    assert!(error.values().contains_key("seconds"), "{error:?}");
}
