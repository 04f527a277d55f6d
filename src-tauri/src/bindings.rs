//! The commands and events of the app in one list, from which the page's types are generated.

use crate::commands::{files, links, places, settings, shared_links, support, transfers};
use crate::wire::files::ListingChanged;
use crate::wire::links::LinkProgress;
use crate::wire::places::PlaceChecked;
use crate::wire::shared_links::LinksChanged;
use crate::wire::transfers::{ConnectionChanged, DropHovered, DropLanded, DropLeft, TransfersChanged};
use tauri_specta::{Builder, collect_commands, collect_events};

/// Everything that the page can ask for and hear.
pub fn builder() -> Builder<tauri::Wry> {
    Builder::new()
        // One type for each name: what is null one way is null the other way too.
        .disable_serde_phases()
        .commands(collect_commands![
            places::get_start,
            places::get_place_setup,
            places::check_and_add_place,
            places::open_practice_place,
            places::select_place,
            files::open_folder,
            files::get_rows,
            files::search_folder,
            files::sort_folder,
            files::refresh_folder,
            files::take_drops,
            transfers::choose_files_to_upload,
            transfers::paste_files,
            transfers::get_transfers,
            transfers::get_transfer_rows,
            transfers::pause_transfers,
            transfers::resume_transfers,
            transfers::try_held_now,
            transfers::show_transfer,
            transfers::download_rows,
            transfers::get_connection,
            transfers::cancel_transfers,
            transfers::retry_transfers,
            transfers::settle_cause,
            transfers::open_transfer,
            transfers::decide_conflicts,
            transfers::put_off_conflicts,
            transfers::clear_transfers,
            links::copy_link,
            links::get_share_options,
            links::cancel_link_making,
            links::undo_link,
            shared_links::get_links,
            shared_links::copy_link_again,
            shared_links::renew_link,
            shared_links::stop_link,
            shared_links::set_link_note,
            shared_links::email_link,
            shared_links::get_link_qr,
            shared_links::save_link_qr,
            settings::get_settings,
            settings::replace_settings,
            support::copy_problem_details,
            support::ask_it,
            support::ask_it_for_access,
            support::open_date_and_time_settings,
        ])
        .events(collect_events![
            PlaceChecked,
            ListingChanged,
            TransfersChanged,
            ConnectionChanged,
            LinksChanged,
            LinkProgress,
            DropHovered,
            DropLeft,
            DropLanded
        ])
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    const COMMITTED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/ui/src/lib/backend/bindings.ts");

    #[test]
    fn bindings_are_up_to_date() {
        let folder = tempfile::tempdir().unwrap();
        let fresh = folder.path().join("bindings.ts");
        builder().export(specta_typescript::Typescript::default(), &fresh).unwrap();
        let fresh = std::fs::read_to_string(fresh).unwrap();
        let target = std::env::var_os("SATCHEL_BINDINGS_FILE").unwrap_or_else(|| COMMITTED.into());
        if std::env::var_os("SATCHEL_WRITE_BINDINGS").is_some_and(|write| write == "1") {
            std::fs::write(&target, &fresh).unwrap();
        }
        let committed = std::fs::read_to_string(Path::new(&target)).unwrap_or_default();
        assert!(committed == fresh, "the page's types are out of date: run `cargo xtask bindings`");
    }
}
