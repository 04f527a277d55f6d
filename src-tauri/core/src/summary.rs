//! One plain sentence about all transfers, the same in the window, the tray and the command line.

use crate::transfers::Line;

/// What is under way or came of it, in English. Empty when there is nothing to say.
pub fn sentence(line: &Line) -> String {
    if line.total == 0 {
        return String::new();
    }
    let words = words(line);
    let mut text = if line.running + line.waiting > 0 {
        let current = (line.finished + line.needs_you + line.stopped + 1).min(line.total);
        match line.total {
            1 => format!("{} 1 file", words.under_way),
            total => format!("{} {current} of {total}", words.under_way),
        }
    } else if line.finished == line.total {
        match line.total {
            1 => format!("1 file {}", words.finished),
            total => format!("{total} files {}", words.finished),
        }
    } else {
        format!("{} of {} {}", line.finished, line.total, words.finished)
    };
    if line.needs_you > 0 {
        let verb = if line.needs_you == 1 { "needs" } else { "need" };
        text.push_str(&format!(", {} {verb} you", line.needs_you));
    }
    if line.stopped > 0 {
        text.push_str(&format!(", {} stopped", line.stopped));
    }
    text
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
    fn what_comes_down_is_not_called_an_upload() {
        let line = Line { total: 2, downloads: 2, finished: 1, running: 1, ..Line::default() };
        assert_eq!(sentence(&line), "Downloading 2 of 2");
        assert_eq!(sentence(&Line { downloads: 1, ..line }), "Transferring 2 of 2");
    }
}
