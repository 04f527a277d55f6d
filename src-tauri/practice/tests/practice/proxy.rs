//! The proxy does to a line what it is told, counts what passes, and leaves every signature whole.

use std::time::Duration;

use satchel_practice::proxy::{Dice, End, Line, Proxy};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio::time::Instant;

use crate::support::raw::send;
use crate::support::signer::Signer;
use crate::support::{pattern, place};

const SECOND: Duration = Duration::from_secs(1);

/// A server that gives back whatever it gets, and a proxy before it.
struct Echo {
    proxy: Proxy,
    _server: JoinSet<()>,
}

async fn echo() -> Echo {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let proxy = Proxy::start(listener.local_addr().unwrap().port(), 7).await.unwrap();
    let mut server = JoinSet::new();
    server.spawn(async move {
        let mut connections = JoinSet::new();
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            connections.spawn(async move {
                let (mut from, mut to) = stream.split();
                let _ = tokio::io::copy(&mut from, &mut to).await;
            });
        }
    });
    Echo { proxy, _server: server }
}

impl Echo {
    async fn connect(&self) -> TcpStream {
        TcpStream::connect(("127.0.0.1", self.proxy.port())).await.unwrap()
    }
}

async fn say(stream: &mut TcpStream, bytes: &[u8]) -> std::io::Result<Vec<u8>> {
    stream.write_all(bytes).await?;
    let mut answer = vec![0; bytes.len()];
    stream.read_exact(&mut answer).await?;
    Ok(answer)
}

#[tokio::test]
async fn a_signed_request_passes_and_every_byte_is_counted() {
    let place = place().await;
    let proxy = Proxy::start(place.practice.port(), 1).await.unwrap();
    let body = pattern(300_000);
    let host = format!("127.0.0.1:{}", proxy.port());
    let signer = Signer { host, ..Signer::of(&place.practice) };
    let headers = signer.headers("PUT", "/bucket/k", &[], &[], "UNSIGNED-PAYLOAD");
    let answer = send(proxy.port(), "PUT", "/bucket/k", &headers, &body).await.unwrap();
    assert_eq!(answer.status, 200);
    assert!(place.practice.content("k").await.unwrap().unwrap() == body);
    proxy.wait_until(|all| all[0].ended == Some(End::Closed)).await;
    let [connection] = &proxy.connections()[..] else { panic!("{:?}", proxy.connections()) };
    assert!(connection.bytes_up > 300_000 && connection.bytes_up < 301_000, "{connection:?}");
    assert!(connection.bytes_down > 0 && proxy.bytes_down() == connection.bytes_down);
}

#[tokio::test]
async fn a_line_is_cut_or_closed_after_the_byte_that_was_named() {
    let echo = echo().await;
    for (line, end) in [
        (Line::ResetAfter { up: 100_000 }, End::Cut),
        (Line::ResetAfterAnswer { down: 100_000 }, End::Cut),
        (Line::CloseAfter { up: 100_000 }, End::Closed),
    ] {
        echo.proxy.new_connections(line);
        let mut stream = echo.connect().await;
        assert!(say(&mut stream, &pattern(300_000)).await.is_err(), "{line:?}");
        drop(stream);
        echo.proxy.wait_until(|all| all.last().unwrap().ended.is_some()).await;
        let seen = echo.proxy.connections().pop().unwrap();
        assert_eq!(seen.ended, Some(end), "{line:?}");
        assert_eq!(seen.bytes_up.min(seen.bytes_down).max(100_000), 100_000, "{seen:?}");
    }
}

#[tokio::test]
async fn old_connections_can_die_while_new_ones_pass() {
    let echo = echo().await;
    let mut old = echo.connect().await;
    assert_eq!(say(&mut old, b"hello").await.unwrap(), b"hello");
    echo.proxy.old_connections(Line::BlackHole);
    old.write_all(b"anybody?").await.unwrap();
    let mut new = echo.connect().await;
    assert_eq!(say(&mut new, b"hello").await.unwrap(), b"hello");
    assert_eq!(echo.proxy.connections()[0].bytes_up, 5, "nothing of it has passed");
    echo.proxy.connection(0, Line::Pass);
    let mut answer = [0; 8];
    old.read_exact(&mut answer).await.unwrap();
    assert_eq!(&answer, b"anybody?");
}

#[tokio::test]
async fn a_closed_door_refuses_and_opens_at_the_same_port() {
    let echo = echo().await;
    let mut old = echo.connect().await;
    assert_eq!(say(&mut old, b"hello").await.unwrap(), b"hello");
    echo.proxy.go_down().await.unwrap();
    let refused = TcpStream::connect(("127.0.0.1", echo.proxy.port())).await.unwrap_err();
    assert_eq!(refused.kind(), std::io::ErrorKind::ConnectionRefused);
    assert!(old.read_u8().await.is_err());
    echo.proxy.come_up().await.unwrap();
    assert_eq!(say(&mut echo.connect().await, b"again").await.unwrap(), b"again");
    echo.proxy.new_connections(Line::Cut);
    assert!(say(&mut echo.connect().await, b"again").await.is_err());
}

#[tokio::test]
async fn all_connections_share_the_bandwidth() {
    let echo = echo().await;
    echo.proxy.bandwidth(Some(200_000), None);
    let since = Instant::now();
    let (mut one, mut other) = (echo.connect().await, echo.connect().await);
    let bytes = pattern(100_000);
    let (one, other) = tokio::join!(say(&mut one, &bytes), say(&mut other, &bytes));
    assert!(one.unwrap() == bytes && other.unwrap() == bytes);
    let took = since.elapsed();
    assert!(took > SECOND * 9 / 10 && took < SECOND * 3, "{took:?}");
}

#[tokio::test]
async fn the_same_seed_deals_the_same_lines() {
    let deal = |seed| {
        let mut dice = Dice::new(seed);
        (0..50)
            .map(|_| (dice.percent(30), dice.below(1000), dice.one_of(&['a', 'b', 'c']).copied()))
            .collect::<Vec<_>>()
    };
    assert_eq!(deal(5), deal(5));
    assert_ne!(deal(5), deal(6));
    let echo = echo().await;
    echo.proxy.deal(|number, dice| if dice.percent(50) && number > 0 { Line::Cut } else { Line::Pass });
    let mut seen = Vec::new();
    for number in 0..8 {
        let passes = say(&mut echo.connect().await, b"x").await.is_ok();
        assert_eq!(passes, echo.proxy.connections()[number].line == Line::Pass);
        seen.push(passes);
    }
    assert!(seen.contains(&true) && seen.contains(&false), "{seen:?}");
}
