//! A desk whose line to the store is a proxy that can be told to misbehave, and what is asked of both afterwards.

use crate::desk::Desk;
use crate::store::Store;
use satchel_core::Code;
use satchel_core::storage::{Storage, Timings};
use satchel_core::transfers::{Limits, Patience, State, Transfer, TransferId};
use satchel_practice::proxy::Proxy;
use satchel_practice::{Operation, Request};
use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

/// No state is waited for longer; one that does not come is a failing test, not a hanging one.
const PATIENCE: Duration = Duration::from_secs(30);

/// Waits between tries are a tenth of what they are for people.
pub fn quick() -> Limits {
    Limits { patience: Patience::default().scaled(10), ..Limits::default() }
}

/// A desk whose waits are short.
pub async fn quick_desk() -> Desk {
    Desk::with(quick()).await
}

/// Behind a proxy. The seed is the test's own, so that it always sees the same line.
pub async fn behind_a_proxy(limits: Limits, seed: u64) -> (Desk, Proxy) {
    let mut desk = Desk::with(limits).await;
    let proxy = Proxy::start(desk.store.practice.port(), seed).await.unwrap();
    desk.storage = through(&desk.store, &proxy).await;
    (desk, proxy)
}

/// Another way to the same place.
pub async fn through(store: &Store, proxy: &Proxy) -> Storage {
    let place = store.place().with_endpoint(Some(&proxy.endpoint())).unwrap();
    Storage::open_with(&place, &store.key()).await.unwrap()
}

/// The same, so many times as impatient with the line.
pub async fn timed(store: &Store, proxy: &Proxy, faster: u32) -> Storage {
    let place = store.place().with_endpoint(Some(&proxy.endpoint())).unwrap();
    Storage::open_timed(&place, &store.key(), Timings::scaled(faster)).await.unwrap()
}

/// Waits until a transfer shows what is asked for, and gives that picture of it.
pub async fn shows(desk: &Desk, id: TransferId, what: impl Fn(&Transfer) -> bool) -> Arc<Transfer> {
    let mut pictures = desk.transfers.watch();
    let shown = pictures.wait_for(|picture| picture.transfers.iter().any(|seen| seen.id == id && what(seen)));
    let picture = match tokio::time::timeout(PATIENCE, shown).await {
        Ok(picture) => picture.unwrap().clone(),
        Err(_) => {
            let now = desk.transfers.watch().borrow().clone();
            panic!("it never came to that: {:?}", now.transfers.iter().find(|seen| seen.id == id));
        }
    };
    Arc::clone(picture.transfers.iter().find(|seen| seen.id == id).unwrap())
}

pub fn is_done(transfer: &Transfer) -> bool {
    matches!(transfer.state, State::Done)
}

/// Whether it waits for something that comes by itself.
pub fn is_held(transfer: &Transfer) -> bool {
    matches!(transfer.state, State::Held(_))
}

/// Why it does not move.
pub fn code_of(transfer: &Transfer) -> Code {
    match &transfer.state {
        State::Held(error) | State::NeedsYou(error, _) => error.code(),
        other => panic!("nothing is told about it: {other:?}"),
    }
}

/// How many of these requests ran at the same moment, at most.
pub fn most_at_once(requests: &[Request]) -> usize {
    let overlaps = |at: &Request| {
        let runs = |other: &&Request| {
            other.began_at <= at.began_at && other.ended_at.is_none_or(|ended_at| ended_at > at.began_at)
        };
        requests.iter().filter(runs).count()
    };
    requests.iter().map(overlaps).max().unwrap_or_default()
}

/// How many uploads were begun.
pub fn begun(desk: &Desk) -> usize {
    desk.count(Operation::CreateMultipartUpload)
}

/// How many parts the store took more than once.
pub fn taken_twice(desk: &Desk) -> usize {
    let parts = desk.store.practice.requests().of(Operation::UploadPart);
    let taken: Vec<_> =
        parts.iter().filter(|part| part.status == 200).map(|part| (&part.key, part.part_number)).collect();
    taken.len() - taken.iter().collect::<HashSet<_>>().len()
}

/// Waits until so many bytes have gone up.
pub async fn sent(proxy: &Proxy, bytes: u64) {
    proxy.wait_until(|all| all.iter().map(|one| one.bytes_up).sum::<u64>() >= bytes).await;
}
