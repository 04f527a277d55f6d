//! One plain sentence about all transfers, the same in the window, the tray and the command line.

use crate::error::Code;
use crate::transfers::Line;

/// What is under way or came of it, in English. Empty when there is nothing to say.
pub fn sentence(line: &Line) -> String {
    if line.total == 0 {
        return String::new();
    }
    let words = words(line);
    let left = line.running + line.waiting + line.held + line.paused;
    let (mut text, mut separator) = (String::new(), ", ");
    if line.running == 0 && line.held > 0 {
        text = format!("{}: {} left", holdup(line), files(left));
    } else if line.running + line.waiting > 0 {
        let current = (line.finished + line.needs_you + line.stopped + 1).min(line.total);
        text = match line.total {
            1 => format!("{} 1 file", words.under_way),
            total => format!("{} {current} of {total}", words.under_way),
        };
    } else if line.paused > 0 {
        text = format!("Paused: {} left", files(left));
    } else if line.finished == line.total {
        text = format!("{} {}", files(line.total), words.finished);
    } else if line.finished > 0 || line.total > line.needs_you {
        text = format!("{} of {} {}", line.finished, line.total, words.finished);
    } else {
        separator = "";
    }
    if line.needs_you > 0 {
        let verb = if line.needs_you == 1 { "needs" } else { "need" };
        text.push_str(&format!("{separator}{} {verb} you", line.needs_you));
        separator = ", ";
    }
    if line.stopped > 0 {
        text.push_str(&format!("{separator}{} stopped", line.stopped));
    }
    text
}

fn files(count: usize) -> String {
    if count == 1 { "1 file".to_owned() } else { format!("{count} files") }
}

/// What everything waits for.
fn holdup(line: &Line) -> &'static str {
    match line.holdup.as_ref() {
        Some(error) if error.code() == Code::Offline => "Waiting for the internet",
        Some(error) => error.advice().title,
        None => "Waiting",
    }
}

struct Words {
    under_way: &'static str,
    finished: &'static str,
}

fn words(line: &Line) -> Words {
    match line.downloads {
        0 => Words { under_way: "Uploading", finished: "uploaded" },
        all if all == line.total => Words { under_way: "Downloading", finished: "downloaded" },
        _ => Words { under_way: "Transferring", finished: "done" },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::{Error, Operation};
    use std::sync::Arc;

    #[test]
    fn the_sentence_says_what_is_so_and_never_more() {
        let line = |total, finished, running, waiting, needs_you, stopped| Line {
            total,
            finished,
            running,
            waiting,
            needs_you,
            stopped,
            ..Line::default()
        };
        for (line, text) in [
            (line(0, 0, 0, 0, 0, 0), ""),
            (line(14, 2, 8, 4, 0, 0), "Uploading 3 of 14"),
            (line(1, 0, 1, 0, 0, 0), "Uploading 1 file"),
            (line(12, 11, 0, 0, 1, 0), "11 of 12 uploaded, 1 needs you"),
            (line(12, 10, 0, 0, 2, 0), "10 of 12 uploaded, 2 need you"),
            (line(14, 2, 1, 10, 1, 0), "Uploading 4 of 14, 1 needs you"),
            (line(12, 12, 0, 0, 0, 0), "12 files uploaded"),
            (line(1, 1, 0, 0, 0, 0), "1 file uploaded"),
            (line(3, 1, 0, 0, 0, 2), "1 of 3 uploaded, 2 stopped"),
            (line(4, 1, 0, 0, 1, 2), "1 of 4 uploaded, 1 needs you, 2 stopped"),
        ] {
            assert_eq!(sentence(&line), text);
        }
    }

    #[test]
    fn what_waits_says_for_what() {
        let held = |code| Line {
            total: 9,
            finished: 2,
            held: 5,
            needs_you: 2,
            holdup: Some(Arc::new(Error::new(code, Operation::Upload))),
            ..Line::default()
        };
        assert_eq!(sentence(&held(Code::Offline)), "Waiting for the internet: 5 files left, 2 need you");
        assert_eq!(sentence(&held(Code::Unreachable)), "Can’t reach the company storage: 5 files left, 2 need you");
        let paused = Line { total: 4, finished: 3, paused: 1, ..Line::default() };
        assert_eq!(sentence(&paused), "Paused: 1 file left");
        assert_eq!(sentence(&Line { total: 2, needs_you: 2, ..Line::default() }), "2 need you");
    }

    #[test]
    fn what_comes_down_is_not_called_an_upload() {
        let line = Line { total: 2, downloads: 2, finished: 1, running: 1, ..Line::default() };
        assert_eq!(sentence(&line), "Downloading 2 of 2");
        assert_eq!(sentence(&Line { downloads: 1, ..line }), "Transferring 2 of 2");
    }
}
