//! All transfers of the present batch in one line.

use super::{Direction, Line, State, Transfer};

/// Adds up what is under way and what came of it. What was skipped does not count.
pub(crate) fn line<'t>(transfers: impl Iterator<Item = &'t Transfer>, bytes_per_second: Option<u64>) -> Line {
    let mut line = Line::default();
    for transfer in transfers {
        match transfer.state {
            State::Skipped => continue,
            State::Waiting => line.waiting += 1,
            State::Moving | State::Checking => line.running += 1,
            State::Done => line.finished += 1,
            State::Stopped => line.stopped += 1,
            State::Paused => line.paused += 1,
            State::Held(_) => line.held += 1,
            State::NeedsYou(..) => line.needs_you += 1,
        }
        line.total += 1;
        line.downloads += usize::from(transfer.direction == Direction::Download);
        // Bytes that will not move now would hold the bar back for ever.
        if !matches!(transfer.state, State::Stopped | State::NeedsYou(..)) {
            line.total_bytes += transfer.size_bytes;
            line.done_bytes += transfer.done_bytes;
        }
    }
    if line.running > 0 {
        let left = line.total_bytes.saturating_sub(line.done_bytes);
        line.bytes_per_second = bytes_per_second;
        line.seconds_left = bytes_per_second.filter(|speed| *speed > 0).map(|speed| left.div_ceil(speed));
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::place::PlaceId;
    use crate::transfers::TransferId;

    fn transfer(state: State, done_bytes: u64) -> Transfer {
        Transfer {
            id: TransferId(1),
            direction: Direction::Upload,
            place: PlaceId::from_text("p"),
            name: "a".to_owned(),
            path: "a".into(),
            size_bytes: 100,
            done_bytes,
            state,
            done: None,
            seconds: 0.0,
            bytes_per_second: None,
            seconds_left: None,
            finished_at: None,
        }
    }

    #[test]
    fn the_line_counts_what_can_still_move() {
        let all = [
            transfer(State::Done, 100),
            transfer(State::Moving, 40),
            transfer(State::Waiting, 0),
            transfer(State::Stopped, 0),
            transfer(State::Skipped, 0),
        ];
        let line = line(all.iter(), Some(16));
        assert_eq!((line.total, line.finished, line.running, line.waiting, line.stopped), (4, 1, 1, 1, 1));
        assert_eq!((line.done_bytes, line.total_bytes, line.seconds_left), (140, 300, Some(10)));
    }

    #[test]
    fn a_line_that_stands_still_has_no_speed() {
        let line = line([transfer(State::Done, 100)].iter(), Some(16));
        assert_eq!((line.bytes_per_second, line.seconds_left), (None, None));
    }
}
