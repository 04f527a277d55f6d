//! A person who can't sit still: opens the transfers, looks through them, filters, goes to the files and searches.

use satchel_e2e::{App, spot};
use serde_json::json;

use crate::watch::doing;

/// Moves the list by a share of its height, as the thumb of the bar does.
const SCROLL: &str = "
    const scroller = document.querySelector('[data-testid=transfer-rows] .scroller');
    if (scroller) scroller.scrollTop = scroller.scrollHeight * arguments[0];
    await new Promise((done) => requestAnimationFrame(() => setTimeout(done)));";

/// Everything once.
pub async fn looks_around(app: &App<'_>) {
    doing(app, "opening the transfers").await;
    app.show_transfers().await.unwrap();
    app.see(&spot("transfers-filters")).await.unwrap();
    scrolls(app).await;
    for filter in ["active", "finished", "needsYou", "all"] {
        doing(app, &format!("filter {filter}")).await;
        app.click(&spot("transfers-filter").having("data-filter", filter)).await.unwrap();
    }
    doing(app, "going to the files").await;
    app.click(&spot("nav-files")).await.unwrap();
    app.screen("files").await.unwrap();
    doing(app, "searching").await;
    app.fill(&spot("search"), "report").await.unwrap();
    app.see(&spot("row").having("data-name", "Annual report 2026.pdf")).await.unwrap();
    app.click(&spot("search-clear")).await.unwrap();
    doing(app, "expecting nothing").await;
}

async fn scrolls(app: &App<'_>) {
    doing(app, "scrolling").await;
    for share in [0.1, 0.11, 0.12, 0.5, 0.9, 0.3] {
        app.async_script(SCROLL, vec![json!(share)]).await.unwrap();
    }
    doing(app, "keys in the list").await;
    if app.has(&spot("transfer").having("data-focus-home", "true")).await.unwrap() {
        app.script("document.querySelector('[data-testid=transfer-rows] [data-focus-home]').focus()", vec![])
            .await
            .unwrap();
        for key in ["End", "Home", "Down", "Down"] {
            app.press(key).await.unwrap();
        }
    }
}
