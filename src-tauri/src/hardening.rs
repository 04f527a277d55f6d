//! What the process gives up before it starts: debugging doors of the web view, core dumps, panics that print data.

/// Variables that open a door into the page: WebDriver, the inspector, GTK's own.
#[cfg_attr(feature = "automation", allow(dead_code))]
const DOORS: &[&str] = &[
    "TAURI_WEBVIEW_AUTOMATION",
    "TAURI_AUTOMATION",
    "WEBKIT_INSPECTOR_SERVER",
    "WEBKIT_INSPECTOR_HTTP_SERVER",
    "WEBKIT_DEBUG",
    "WEBVIEW2_ADDITIONAL_BROWSER_ARGUMENTS",
    "WEBVIEW2_USER_DATA_FOLDER",
    "GTK_DEBUG",
    "GTK_MODULES",
    "GTK3_MODULES",
    "GDK_DEBUG",
    "G_MESSAGES_DEBUG",
];

/// Has to be the first thing in `main`, while there is one thread.
pub fn harden() {
    #[cfg(not(feature = "automation"))]
    close_doors();
    #[cfg(target_os = "linux")]
    {
        keep_files_private();
        refuse_dumps();
    }
    std::panic::set_hook(Box::new(|panic| {
        // The place, not the message: a message may hold data.
        let place = panic.location().map(|location| format!("{}:{}", location.file(), location.line()));
        tracing::error!(place = place.as_deref().unwrap_or("unknown"), "something in Satchel stopped unexpectedly");
    }));
}

#[cfg(not(feature = "automation"))]
fn close_doors() {
    for door in DOORS {
        // SAFETY: called first in `main`; no other thread reads the environment yet.
        #[allow(unsafe_code, reason = "the web view reads these variables; nothing else can close them")]
        unsafe {
            std::env::remove_var(door);
        }
    }
}

/// Whatever this process or the web view writes is for this person alone. What is saved for a person says its own rights.
#[cfg(target_os = "linux")]
fn keep_files_private() {
    use rustix::fs::Mode;
    rustix::process::umask(Mode::RWXG | Mode::RWXO);
}

/// Keys are in this memory: no core file, and no debugger of another process of the same person.
#[cfg(target_os = "linux")]
fn refuse_dumps() {
    use rustix::process::{DumpableBehavior, Resource, Rlimit, set_dumpable_behavior, setrlimit};
    if let Err(cause) = setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) }) {
        tracing::warn!(%cause, "core dumps could not be switched off");
    }
    if let Err(cause) = set_dumpable_behavior(DumpableBehavior::NotDumpable) {
        tracing::warn!(%cause, "the process can be dumped");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_doors_that_the_web_view_knows_are_on_the_list() {
        for door in ["TAURI_WEBVIEW_AUTOMATION", "WEBKIT_INSPECTOR_SERVER", "GTK_DEBUG"] {
            assert!(DOORS.contains(&door), "{door}");
        }
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_hardened_process_leaves_no_core_file() {
        use rustix::process::{DumpableBehavior, Resource, dumpable_behavior, getrlimit};
        refuse_dumps();
        assert_eq!(getrlimit(Resource::Core).current, Some(0));
        assert_eq!(dumpable_behavior().unwrap(), DumpableBehavior::NotDumpable);
    }
}
