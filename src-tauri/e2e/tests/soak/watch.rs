//! What the page notes about itself while it is used, and what its processes hold in memory.

use std::time::Duration;

use satchel_e2e::App;
use satchel_e2e::deadlines::until;
use serde_json::{Value, json};

const WATCH: &str = include_str!("watch.js");

/// How long something took: how often it was measured, all but one of a hundred, and the longest with what was being done.
#[derive(Debug)]
pub struct Times {
    pub count: u64,
    pub p99: Duration,
    pub longest: Vec<(String, Duration)>,
}

impl Times {
    pub fn max(&self) -> Duration {
        self.longest.first().map_or(Duration::ZERO, |(_, time)| *time)
    }
}

pub async fn start(app: &App<'_>) {
    app.script(WATCH, vec![]).await.unwrap();
}

/// What follows is noted under this name.
pub async fn doing(app: &App<'_>, what: &str) {
    app.script("window.watch.doing = arguments[0]", vec![json!(what)]).await.unwrap();
}

/// One list of what was noted: gaps, trips, rows, inputs.
pub async fn told(app: &App<'_>, name: &str) -> Times {
    let told = app.script("return window.watch.told(arguments[0])", vec![json!(name)]).await.unwrap();
    let longest = told["longest"].as_array().unwrap().iter();
    Times {
        count: told["count"].as_u64().unwrap(),
        p99: time(&told["p99"]),
        longest: longest.map(|one| (one[0].as_str().unwrap().to_owned(), time(&one[1]))).collect(),
    }
}

/// From the click on Cancel until the page says that nothing moves.
pub async fn cancelling(app: &App<'_>) -> Duration {
    let read = async || {
        let took = app.script("return window.watch.cancelled", vec![]).await?;
        Ok(took.is_number().then(|| time(&took)))
    };
    until("nothing to move after Cancel", read).await.unwrap()
}

fn time(milliseconds: &Value) -> Duration {
    Duration::from_secs_f64(milliseconds.as_f64().unwrap() / 1_000.0)
}
