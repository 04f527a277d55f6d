//! The built program against the practice store, as a script sees it: words in, bytes, JSON and exit codes out.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that can’t go on has failed")]

mod answers;
mod conflicts;
mod going_on;
mod journey;
mod links;
mod listing;
mod names;
mod places;
mod practice;
mod resuming;
mod stopping;
mod store;
mod support;
mod troubles;
mod words;

use crate::store::Store;

#[tokio::test(flavor = "multi_thread")]
async fn a_file_goes_up_shows_in_the_list_gives_a_link_and_comes_back() {
    let store = Store::start().await;
    journey::put_ls_link_get(&store.satchel()).await;
}
