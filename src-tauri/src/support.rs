//! Getting help: details for IT on the clipboard, mails to IT, the computer's own settings.

use crate::messages;
use crate::problems::Trouble;
use crate::wire::problems::{Action, Problem};

/// What is copied for IT: what the person saw, and what IT needs. No secret, no link.
pub fn details(problem: &Problem) -> String {
    format!("{}\n{}\n\n{}", problem.title, problem.sentence, problem.detail)
}

/// Opens a mail about a problem.
///
/// # Errors
/// `NoProgram` when no mail program opens.
pub fn mail_about(problem: &Problem) -> Result<(), Trouble> {
    if let (Action::AskIt, Some(folder), Some(place)) =
        (problem.action, problem.values.get("folder"), problem.values.get("place"))
    {
        let values = [("folder", folder.as_str()), ("place", place), ("detail", &problem.detail)];
        return mail(
            &messages::filled("shell.mail.access_subject", &values),
            &messages::filled("shell.mail.access_body", &values),
        );
    }
    let values = [("title", problem.title.as_str()), ("detail", &details(problem))];
    mail(
        &messages::filled("shell.mail.problem_subject", &values),
        &messages::filled("shell.mail.problem_body", &values),
    )
}

/// Opens a mail that asks for what is needed to begin.
///
/// # Errors
/// `NoProgram` when no mail program opens.
pub fn mail_for_access() -> Result<(), Trouble> {
    mail(&messages::text("shell.mail.no_setup_subject"), &messages::text("shell.mail.no_setup_body"))
}

/// Opens a mail. What is in it is an argument of a program: never a link.
///
/// # Errors
/// `NoProgram` when no mail program opens.
pub fn mail(subject: &str, body: &str) -> Result<(), Trouble> {
    open(&format!("mailto:?subject={}&body={}", percent_encoded(subject), percent_encoded(body)))
}

#[cfg(target_os = "linux")]
fn open(address: &str) -> Result<(), Trouble> {
    start_one_of(&[("xdg-open", &[address]), ("gio", &["open", address])])
        .ok_or_else(|| Trouble::NoProgram("no program of this desktop opens addresses".to_owned()))
}

#[cfg(not(target_os = "linux"))]
fn open(address: &str) -> Result<(), Trouble> {
    tauri_plugin_opener::open_url(address, None::<&str>).map_err(|cause| Trouble::NoProgram(cause.to_string()))
}

/// Starts the first of these programs that is there.
#[cfg(target_os = "linux")]
fn start_one_of(programs: &[(&str, &[&str])]) -> Option<()> {
    let started = |(program, arguments): &(&str, &[&str])| {
        let mut command = tokio::process::Command::new(program);
        command.args(*arguments).stdin(std::process::Stdio::null());
        without_keys(&mut command, std::env::vars_os().map(|(name, _)| name));
        command.spawn().is_ok()
    };
    programs.iter().any(started).then_some(())
}

/// Takes away what another program never needs, and what may hold keys.
#[cfg(target_os = "linux")]
fn without_keys(command: &mut tokio::process::Command, names: impl IntoIterator<Item = std::ffi::OsString>) {
    for name in names.into_iter().filter(|name| name.to_string_lossy().starts_with("AWS_")) {
        command.env_remove(name);
    }
}

/// RFC 6068 wants CRLF, and everything that is not a plain letter encoded.
fn percent_encoded(text: &str) -> String {
    let text = text.replace("\r\n", "\n").replace('\n', "\r\n");
    let encode = |byte: u8| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => char::from(byte).to_string(),
        byte => format!("%{byte:02X}"),
    };
    text.bytes().map(encode).collect()
}

/// Opens the computer's date and time settings, with whatever this desktop has for it.
///
/// # Errors
/// `NoProgram` when it has nothing that we know.
#[cfg(target_os = "linux")]
pub async fn open_date_and_time() -> Result<(), Trouble> {
    const PROGRAMS: &[(&str, &[&str])] = &[
        ("gnome-control-center", &["datetime"]),
        ("systemsettings", &["kcm_clock"]),
        ("kcmshell6", &["kcm_clock"]),
        ("kcmshell5", &["clock"]),
        ("cinnamon-settings", &["calendar"]),
        ("mate-time-admin", &[]),
        ("time-admin", &[]),
    ];
    start_one_of(PROGRAMS).ok_or_else(|| Trouble::NoProgram("no settings program of a known desktop".to_owned()))
}

#[cfg(target_os = "windows")]
pub async fn open_date_and_time() -> Result<(), Trouble> {
    open("ms-settings:dateandtime")
}

#[cfg(target_os = "macos")]
pub async fn open_date_and_time() -> Result<(), Trouble> {
    open("x-apple.systempreferences:com.apple.Date-Time-Settings.extension")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(target_os = "linux")]
    #[test]
    fn a_program_of_the_desktop_is_started_without_the_keys_of_this_one() {
        let mut command = tokio::process::Command::new("xdg-open");
        without_keys(&mut command, ["PATH", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE"].map(Into::into));
        let removed: Vec<_> = command.as_std().get_envs().collect();
        assert_eq!(removed, [("AWS_PROFILE".as_ref(), None), ("AWS_SECRET_ACCESS_KEY".as_ref(), None)]);
    }

    #[test]
    fn a_mail_keeps_its_lines_and_its_letters() {
        assert_eq!(percent_encoded("a b&c\nü"), "a%20b%26c%0D%0A%C3%BC");
    }
}
