//! The random run: files come, grow, change and go, the store and the line misbehave, the program is killed, and when all
//! is quiet again every promise is still kept. What happens follows from a seed, which is printed.
//!
//! `SATCHEL_RANDOM_SEED=7` runs one seed alone; `SATCHEL_RANDOM_SEEDS=200` as many as wished, from 1 on.

#[path = "random/deeds.rs"]
mod deeds;
#[path = "random/promises.rs"]
mod promises;
#[path = "random/world.rs"]
mod world;

use std::time::Instant;
use world::World;

/// As many as every test run does.
const USUAL_SEEDS: u64 = 6;

fn number(variable: &str) -> Option<u64> {
    let text = std::env::var(variable).ok()?;
    Some(text.parse().unwrap_or_else(|_| panic!("{variable}={text} is no number")))
}

#[tokio::test(flavor = "multi_thread")]
async fn after_random_deeds_faults_and_kills_every_promise_is_kept() {
    let seeds = match number("SATCHEL_RANDOM_SEED") {
        Some(one) => one..=one,
        None => 1..=number("SATCHEL_RANDOM_SEEDS").unwrap_or(USUAL_SEEDS),
    };
    let (begun, mut count) = (Instant::now(), 0);
    for seed in seeds {
        eprintln!("seed {seed} (alone: SATCHEL_RANDOM_SEED={seed})");
        let mut world = World::new(seed).await;
        for _ in 0..world.dice.below(6) + 6 {
            world.something_happens().await;
        }
        world.all_is_quiet().await;
        count += 1;
    }
    eprintln!("{count} seeds in {:?}", begun.elapsed());
}
