//! How far transfers are, on stderr: a bar for a person at a terminal, lines of JSON for a program, nothing for a log file.

use crate::arguments::{Global, ProgressStyle};
use crate::output::Output;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle as BarStyle};
use satchel_core::links::Course;
use satchel_core::summary;
use satchel_core::transfers::{Line, Transfers};
use serde::Serialize;
use std::time::Duration;

/// Five a second is as much as anybody reads.
const PAUSE: Duration = Duration::from_millis(200);
const BAR: &str = "{msg}  [{bar:30}]  {decimal_bytes} of {decimal_total_bytes}  {prefix}";

const COPYING: &str = "Making private copies…";

/// What follows the transfers of this call.
pub enum Progress<'o> {
    Nothing,
    Bar(ProgressBar),
    Json(&'o Output),
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Report {
    progress: Figures,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Figures {
    total: usize,
    finished: usize,
    waiting: usize,
    running: usize,
    needs_you: usize,
    stopped: usize,
    done_bytes: u64,
    total_bytes: u64,
    bytes_per_second: Option<u64>,
    seconds_left: Option<u64>,
    sentence: String,
}

#[derive(Serialize)]
struct Copies {
    progress: CopyFigures,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct CopyFigures {
    done_bytes: u64,
    total_bytes: u64,
    sentence: &'static str,
}

impl<'o> Progress<'o> {
    pub fn new(output: &'o Output, global: &Global) -> Self {
        match global.progress {
            _ if global.no_progress => Progress::Nothing,
            ProgressStyle::Json => Progress::Json(output),
            ProgressStyle::Auto if output.quiet || !output.stderr_is_terminal => Progress::Nothing,
            ProgressStyle::Auto => Progress::Bar(bar()),
        }
    }

    /// Shows every state of the transfers until it is dropped. Never ends by itself.
    pub async fn follow(&self, transfers: &Transfers) {
        if matches!(self, Progress::Nothing) {
            return std::future::pending().await;
        }
        let mut states = transfers.watch();
        loop {
            let line = states.borrow_and_update().line.clone();
            self.show(&line);
            tokio::time::sleep(PAUSE).await;
            if states.changed().await.is_err() {
                return std::future::pending().await;
            }
        }
    }

    /// Shows how far private copies are until it is dropped. Never ends by itself.
    pub async fn follow_copies(&self, course: &Course) {
        let mut copies = course.watch();
        while !matches!(self, Progress::Nothing) && copies.changed().await.is_ok() {
            let copied = *copies.borrow_and_update();
            match self {
                Progress::Nothing => {}
                Progress::Bar(bar) => {
                    bar.set_length(copied.of_bytes);
                    bar.set_position(copied.bytes);
                    bar.set_message(COPYING);
                }
                Progress::Json(output) => output.progress(&Copies {
                    progress: CopyFigures { done_bytes: copied.bytes, total_bytes: copied.of_bytes, sentence: COPYING },
                }),
            }
            tokio::time::sleep(PAUSE).await;
        }
        std::future::pending().await
    }

    /// Clears the way for what is printed next.
    pub fn clear(&self) {
        if let Progress::Bar(bar) = self {
            bar.finish_and_clear();
        }
    }

    /// Shows the last state and clears the way for what is printed next.
    pub fn finish(&self, line: &Line) {
        match self {
            Progress::Nothing => {}
            Progress::Bar(bar) => bar.finish_and_clear(),
            Progress::Json(_) => self.show(line),
        }
    }

    fn show(&self, line: &Line) {
        match self {
            Progress::Nothing => {}
            Progress::Bar(bar) => {
                bar.set_length(line.total_bytes);
                bar.set_position(line.done_bytes);
                bar.set_prefix(pace(line));
                bar.set_message(summary::sentence(line));
            }
            Progress::Json(output) => output.progress(&Report {
                progress: Figures {
                    total: line.total,
                    finished: line.finished,
                    waiting: line.waiting,
                    running: line.running,
                    needs_you: line.needs_you,
                    stopped: line.stopped,
                    done_bytes: line.done_bytes,
                    total_bytes: line.total_bytes,
                    bytes_per_second: line.bytes_per_second,
                    seconds_left: line.seconds_left,
                    sentence: summary::sentence(line),
                },
            }),
        }
    }
}

fn bar() -> ProgressBar {
    let bar = ProgressBar::with_draw_target(Some(0), ProgressDrawTarget::stderr());
    match BarStyle::with_template(BAR) {
        Ok(style) => bar.with_style(style.progress_chars("=> ")),
        Err(_) => bar,
    }
}

/// The speed and the time that is left, once there is enough to go by.
fn pace(line: &Line) -> String {
    let speed = line.bytes_per_second.map(|speed| format!("{}/s", indicatif::DecimalBytes(speed)));
    let left =
        line.seconds_left.map(|seconds| format!("{} left", indicatif::HumanDuration(Duration::from_secs(seconds))));
    [speed, left].into_iter().flatten().collect::<Vec<_>>().join("  ")
}
