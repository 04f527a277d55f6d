//! The figures beside the bars they have to keep.

use std::fmt::Debug;
use std::time::Duration;

use satchel_e2e::memory::Memory;

use crate::watch::Times;

/// What was measured, and whether all of it was kept.
#[derive(Default)]
pub struct Verdict {
    broken: Vec<String>,
}

const MIB: u64 = 1024 * 1024;

impl Verdict {
    pub fn times(&mut self, what: &str, times: &Times, bar: Duration) {
        let (max, p99) = (times.max().as_millis(), times.p99.as_millis());
        self.say(what, &format!("longest {max} ms, p99 {p99} ms of {}", times.count), &bar, times.max() <= bar);
        for (doing, time) in &times.longest {
            eprintln!("        {:>6} ms  {doing}", time.as_millis());
        }
    }

    pub fn time(&mut self, what: &str, took: Duration, bar: Duration) {
        self.say(what, &format!("{} ms", took.as_millis()), &bar, took <= bar);
    }

    /// The app's own process; of the page's there is no bar, since most of it is WebKit's.
    pub fn memory(&mut self, when: &str, app: Memory, page: Memory, bar_bytes: u64) {
        let [app_now, app_most, page_now, page_most] =
            [app.now_bytes, app.most_bytes, page.now_bytes, page.most_bytes].map(|bytes| bytes / MIB);
        let seen = format!("app {app_now} MiB (most {app_most}), page {page_now} MiB (most {page_most})");
        self.say(
            &format!("memory {when}"),
            &seen,
            &format!("{} MB", bar_bytes / 1_000_000),
            app.most_bytes <= bar_bytes,
        );
    }

    fn say(&mut self, what: &str, seen: &str, bar: &impl Debug, kept: bool) {
        let word = if kept { "kept  " } else { "BROKEN" };
        let line = format!("{word}  {what}: {seen} (bar {bar:?})");
        eprintln!("{line}");
        if !kept {
            self.broken.push(line);
        }
    }

    pub fn insist(self) {
        assert!(self.broken.is_empty(), "what has to be kept and was not:\n{}", self.broken.join("\n"));
    }
}
