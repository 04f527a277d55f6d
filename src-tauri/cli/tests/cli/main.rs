//! The built program against the practice store, as a script sees it: words in, bytes, JSON and exit codes out.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that can’t go on has failed")]

mod answers;
mod conflicts;
mod going_on;
mod journey;
mod links;
mod links_made;
mod links_of_everybody;
mod links_of_names;
mod listing;
mod names;
mod places;
mod practice;
mod resuming;
mod sharing;
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

#[tokio::test(flavor = "multi_thread")]
async fn links_are_stopped_copied_again_and_known_to_everybody_and_several_files_are_one_page() {
    let store = Store::start().await;
    journey::share_copy_stop(&store.satchel()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn links_are_stopped_in_a_place_that_keeps_versions_too() {
    let store = Store::start().await;
    store.keep_versions().await;
    journey::share_copy_stop(&store.satchel()).await;
    let left = store.versions_of_copies().await;
    assert!(
        matches!(left.as_slice(), [only] if only.ends_with("/Angebot für März.pdf")),
        "only the working one: {left:?}"
    );
}
