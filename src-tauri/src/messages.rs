//! The texts that are shown outside the page: tray, notifications, file choosers, mails. From the page's own catalogue.
//!
//! Only plain `{name}` values: whatever needs plurals belongs to the page.

use std::collections::HashMap;
use std::sync::LazyLock;

static ENGLISH: LazyLock<HashMap<String, String>> =
    LazyLock::new(|| serde_json::from_str(include_str!("../../ui/src/lib/i18n/messages/en.json")).unwrap_or_default());

/// Every key that is used here. A test holds them against the catalogue.
#[cfg(test)]
const KEYS: &[&str] = &[
    "problem.clipboardRefused.sentence",
    "problem.clipboardRefused.title",
    "problem.placeNameTaken.sentence",
    "problem.placeNameTaken.title",
    "problem.detailsGone.sentence",
    "problem.detailsGone.title",
    "problem.programMissing.sentence",
    "problem.programMissing.title",
    "shell.dialog.choose_files.title",
    "shell.dialog.save_qr.title",
    "shell.mail.access_body",
    "shell.mail.access_subject",
    "shell.mail.link_body",
    "shell.mail.link_subject",
    "shell.mail.no_setup_body",
    "shell.mail.no_setup_subject",
    "shell.mail.problem_body",
    "shell.mail.problem_subject",
    "shell.notification.copy_link",
    "shell.notification.link_copied.body",
    "shell.notification.link_copied.title",
    "shell.notification.link_ends.body",
    "shell.notification.link_ends.title",
    "shell.notification.link_stopped.body",
    "shell.notification.link_stopped.title",
    "shell.notification.links_end.body",
    "shell.notification.links_end.title",
    "shell.notification.open",
    "shell.notification.still_running.body",
    "shell.notification.still_running.title",
    "shell.notification.still_running_no_tray.body",
    "shell.notification.uploaded_late.body",
    "shell.notification.uploaded_late.title",
    "shell.notification.goes_on_at_next_start.body",
    "shell.notification.goes_on_at_next_start.title",
    "shell.page.title",
    "shell.share_folder",
    "shell.tray.open",
    "shell.tray.quick_upload",
    "shell.tray.quit",
    "shell.tray.recent_links",
    "shell.tray.stop_last_link",
    "shell.tray.status.idle",
    "shell.tray.tooltip",
    "shell.window.title",
];

/// A text without values. A key that is missing shows itself: better than nothing, and a test finds it first.
pub fn text(key: &str) -> String {
    ENGLISH.get(key).cloned().unwrap_or_else(|| key.to_owned())
}

/// A text with values. What a value contains is never read as a name of another.
pub fn filled(key: &str, values: &[(&str, &str)]) -> String {
    fill(&text(key), values)
}

fn fill(template: &str, values: &[(&str, &str)]) -> String {
    let mut out = String::with_capacity(template.len() + 32);
    let mut rest = template;
    while let Some((head, tail)) = rest.split_once('{') {
        out.push_str(head);
        let Some((name, after)) = tail.split_once('}') else {
            out.push('{');
            rest = tail;
            continue;
        };
        match values.iter().find(|(known, _)| *known == name) {
            Some((_, value)) => out.push_str(value),
            None => {
                out.push('{');
                out.push_str(name);
                out.push('}');
            }
        }
        rest = after;
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_text_of_the_shell_is_in_the_catalogue() {
        let missing: Vec<_> = KEYS.iter().filter(|key| !ENGLISH.contains_key(**key)).collect();
        assert!(missing.is_empty(), "missing in en.json: {missing:?}");
    }

    #[test]
    fn no_text_of_the_shell_needs_more_than_plain_values() {
        for key in KEYS {
            assert!(!text(key).contains("plural,"), "{key}");
        }
    }

    #[test]
    fn a_value_that_looks_like_a_name_stays_what_it_is() {
        assert_eq!(fill("{file} until {end}", &[("file", "{end}.pdf"), ("end", "18:00")]), "{end}.pdf until 18:00");
        assert_eq!(fill("{unknown} {", &[]), "{unknown} {");
    }
}
