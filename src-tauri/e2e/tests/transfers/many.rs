//! Two thousand files at once: the counts are right, the filters work, and the window answers all the time.

use std::time::{Duration, Instant};

use satchel_e2e::deadlines::until;
use satchel_e2e::samples::borrowed;
use satchel_e2e::{App, spot};
use satchel_practice::Operation;

use crate::desk::Desk;

const COUNT: usize = 2_000;
/// What the store takes before it lets the others wait. One of them may be a question about names.
const TAKEN: usize = 300;
const AT_ONCE: Duration = Duration::from_secs(1);
/// Two cores that run the store, the app and the display draw late while files pass, but they draw.
const FROZEN: Duration = Duration::from_secs(4);

async fn filter_says(app: &App<'_>, filter: &str, count: &str) {
    let button = spot("transfers-filter").having("data-filter", filter);
    app.until_text(&button, |text| text.ends_with(count)).await.unwrap();
}

async fn show(app: &App<'_>, filter: &str) {
    let button = spot("transfers-filter").having("data-filter", filter);
    app.click(&button).await.unwrap();
    app.until_attribute(&button, "aria-pressed", |pressed| pressed == "true").await.unwrap();
}

fn grouped(count: usize) -> String {
    format!("{},{:03}", count / 1_000, count % 1_000)
}

/// Waits until the page counts as finished what the store has, and nothing more comes.
async fn settled(desk: &Desk, app: &App<'_>) -> usize {
    let button = spot("transfers-filter").having("data-filter", "finished");
    until("the count of what the store has", async || {
        let stored = desk.store.names("Scan ").await?.len();
        let shown = app.text(&button).await?;
        Ok((stored + 1 >= TAKEN && shown.ends_with(&format!(" {stored}"))).then_some(stored))
    })
    .await
    .unwrap()
}

/// Counts the time between two frames of the page until `longest_gap` is called.
const WATCH: &str = "
    window.gaps = { last: performance.now(), longest: 0, on: true };
    const frame = (now) => {
        window.gaps.longest = Math.max(window.gaps.longest, now - window.gaps.last);
        window.gaps.last = now;
        if (window.gaps.on) requestAnimationFrame(frame);
    };
    requestAnimationFrame(frame);";

async fn longest_gap(app: &App<'_>) -> Duration {
    let gap = app.script("window.gaps.on = false; return window.gaps.longest", vec![]).await.unwrap();
    Duration::from_secs_f64(gap.as_f64().unwrap() / 1_000.0)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_thousand_files_leave_the_screen_usable_and_are_all_cancelled_at_once() {
    let desk = Desk::new().await;
    let files = desk.numbered(COUNT, 400);
    let app = desk.open().await;
    let hold = desk.store.hold_after(TAKEN as u64, Operation::PutObject);
    app.script(WATCH, vec![]).await.unwrap();
    app.drop_files(&borrowed(&files)).await.unwrap();
    app.show_transfers().await.unwrap();
    filter_says(&app, "all", "2,000").await;
    let stored = settled(&desk, &app).await;
    let left = COUNT - stored;
    filter_says(&app, "active", &grouped(left)).await;
    filter_says(&app, "needsYou", "0").await;
    let title = format!("Uploading {} of 2,000", stored + 1);
    app.until_text(&spot("transfers-title"), |text| text == title).await.unwrap();

    show(&app, "finished").await;
    app.until_attribute(&spot("transfer-rows"), "data-count", |count| count == stored.to_string()).await.unwrap();
    app.see(&spot("transfer").having("data-state", "uploaded")).await.unwrap();
    assert_eq!(app.count(&spot("transfer").having("data-state", "waiting")).await.unwrap(), 0);
    show(&app, "needsYou").await;
    app.see(&spot("empty-filter")).await.unwrap();
    show(&app, "active").await;
    app.until_attribute(&spot("transfer-rows"), "data-count", |count| count == left.to_string()).await.unwrap();
    app.click(&spot("transfer").having("data-index", "0")).await.unwrap();
    app.press("End").await.unwrap();
    let last = (left - 1).to_string();
    app.see(&spot("transfer").having("data-index", &last).having("data-state", "waiting")).await.unwrap();
    assert!(app.count(&spot("transfer")).await.unwrap() < 100, "only what is near the window is drawn");
    show(&app, "all").await;
    let gap = longest_gap(&app).await;
    assert!(gap < FROZEN, "the window stood still for {gap:?}");
    app.show_in_both_themes("transfers-many").await.unwrap();

    app.script(WATCH, vec![]).await.unwrap();
    let asked = Instant::now();
    app.click(&spot("transfers-cancel")).await.unwrap();
    filter_says(&app, "active", "0").await;
    let took = asked.elapsed();
    assert!(took < AT_ONCE, "cancelling took {took:?}");
    let gap = longest_gap(&app).await;
    assert!(gap < AT_ONCE, "the window stood still for {gap:?}");
    let title = format!("{stored} of 2,000 uploaded, {} stopped", grouped(left));
    app.until_text(&spot("transfers-title"), |text| text == title).await.unwrap();
    hold.release();
    app.click(&spot("transfers-clear")).await.unwrap();
    app.see(&spot("empty-transfers")).await.unwrap();
    app.close().await.unwrap();
}
