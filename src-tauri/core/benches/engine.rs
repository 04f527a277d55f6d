//! What the engine itself costs, without a line: links that are signed, a folder that is listed, sorted and searched.

#![allow(clippy::unwrap_used, reason = "a measurement that can't be had ends here")]

#[path = "../tests/support/store.rs"]
mod store;

use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use satchel_core::files::{Listing, SortBy};
use satchel_core::links::{EndChoice, LinkRequest, Stoppable, make_link};
use std::time::Duration;
use store::Store;
use tokio::runtime::{Builder, Runtime};

const LINKS: usize = 10_000;
const FILES: usize = 10_000;

fn runtime() -> Runtime {
    Builder::new_current_thread().enable_all().build().unwrap()
}

fn links(criterion: &mut Criterion) {
    let runtime = runtime();
    let store = runtime.block_on(Store::start());
    let storage = runtime.block_on(store.storage());
    let requests: Vec<LinkRequest> = (0..LINKS)
        .map(|number| LinkRequest {
            end: EndChoice::In(Duration::from_hours(72)),
            stoppable: Stoppable::No,
            test: false,
            ..LinkRequest::new(format!("Angebote/Müller & Söhne {number}.pdf"))
        })
        .collect();
    criterion.bench_function("sign 10,000 links", |bench| {
        bench.iter(|| {
            runtime.block_on(async {
                for request in &requests {
                    make_link(&storage, request).await.unwrap();
                }
            });
        });
    });
}

fn folder(criterion: &mut Criterion) {
    let runtime = runtime();
    let store = runtime.block_on(Store::start());
    let storage = runtime.block_on(store.storage());
    runtime.block_on(store.put_many("", FILES));
    let whole = async || {
        let listing = Listing::open(storage.clone(), "");
        listing.watch().wait_for(|state| state.complete).await.unwrap();
        listing
    };
    criterion.bench_function("list 10,000 files", |bench| bench.iter(|| runtime.block_on(whole())));
    criterion.bench_function("sort 10,000 files", |bench| {
        let sort = |listing: Listing| runtime.block_on(listing.sort(SortBy::Size, true));
        bench.iter_batched(|| runtime.block_on(whole()), sort, BatchSize::PerIteration);
    });
    let listing = runtime.block_on(whole());
    criterion.bench_function("search 10,000 files", |bench| {
        let mut turn = 0;
        bench.iter(|| {
            turn = (turn + 1) % 10;
            runtime.block_on(listing.search(&turn.to_string()))
        });
    });
}

criterion_group! {
    name = engine;
    config = Criterion::default().sample_size(10).warm_up_time(Duration::from_secs(1));
    targets = links, folder
}
criterion_main!(engine);
