//! One plain sentence about all transfers, the same in the window, the tray and the command line. It is made here alone:
//! the tray and the command line have no catalogue of messages, so another language of it is another table here.

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
            total => format!("{} {} of {}", words.under_way, count(current), count(total)),
        };
    } else if line.paused > 0 {
        text = format!("Paused: {} left", files(left));
    } else if line.finished == line.total {
        text = format!("{} {}", files(line.total), words.finished);
    } else if line.finished > 0 || line.total > line.needs_you {
        text = format!("{} of {} {}", count(line.finished), count(line.total), words.finished);
    } else {
        separator = "";
    }
    if line.needs_you > 0 {
        let verb = if line.needs_you == 1 { "needs" } else { "need" };
        text.push_str(&format!("{separator}{} {verb} you", count(line.needs_you)));
        separator = ", ";
    }
    if line.stopped > 0 {
        text.push_str(&format!("{separator}{} stopped", count(line.stopped)));
    }
    text
}

fn files(number: usize) -> String {
    if number == 1 { "1 file".to_owned() } else { format!("{} files", count(number)) }
}

/// How many there are, as the page writes it in English (`count` in its `formats.ts`): "100,000".
fn count(number: usize) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
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
    fn large_numbers_are_grouped_as_in_the_window() {
        // What `Intl.NumberFormat` makes of them in English.
        for (number, text) in [
            (0, "0"),
            (999, "999"),
            (1000, "1,000"),
            (12_345, "12,345"),
            (100_000, "100,000"),
            (1_234_567, "1,234,567"),
        ] {
            assert_eq!(count(number), text);
        }
        let line = Line { total: 12_345, finished: 1_233, running: 8, waiting: 11_104, ..Line::default() };
        assert_eq!(sentence(&line), "Uploading 1,234 of 12,345");
        assert_eq!(sentence(&Line { total: 12_345, finished: 12_345, ..Line::default() }), "12,345 files uploaded");
        let some = Line { total: 12_345, finished: 10_000, needs_you: 1_345, stopped: 1_000, ..Line::default() };
        assert_eq!(sentence(&some), "10,000 of 12,345 uploaded, 1,345 need you, 1,000 stopped");
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
