//! All transfers of the present batch in one line.

use super::{Direction, Line, State, Transfer};

impl Line {
    /// Counts what is under way and what came of it. What was skipped does not count.
    pub(crate) fn add(&mut self, transfer: &Transfer) {
        match transfer.state {
            State::Skipped => return,
            State::Waiting => self.waiting += 1,
            State::Moving | State::Checking => self.running += 1,
            State::Done => self.finished += 1,
            State::Stopped => self.stopped += 1,
            State::Paused => self.paused += 1,
            State::Held(_) => self.held += 1,
            State::NeedsYou(..) => self.needs_you += 1,
        }
        self.total += 1;
        self.downloads += usize::from(transfer.direction == Direction::Download);
        // Bytes that will not move now would hold the bar back for ever.
        if !matches!(transfer.state, State::Stopped | State::NeedsYou(..)) {
            self.total_bytes += transfer.size_bytes;
            self.done_bytes += transfer.done_bytes;
        }
    }

    /// Says how fast all that was counted moves. What stands still has no speed.
    pub(crate) fn set_speed(&mut self, bytes_per_second: Option<u64>) {
        if self.running > 0 {
            let left = self.total_bytes.saturating_sub(self.done_bytes);
            self.bytes_per_second = bytes_per_second;
            self.seconds_left = bytes_per_second.filter(|speed| *speed > 0).map(|speed| left.div_ceil(speed));
        }
    }
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
            group: None,
        }
    }

    fn line(transfers: &[Transfer]) -> Line {
        let mut line = Line::default();
        transfers.iter().for_each(|transfer| line.add(transfer));
        line.set_speed(Some(16));
        line
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
        let line = line(&all);
        assert_eq!((line.total, line.finished, line.running, line.waiting, line.stopped), (4, 1, 1, 1, 1));
        assert_eq!((line.done_bytes, line.total_bytes, line.seconds_left), (140, 300, Some(10)));
    }

    #[test]
    fn a_line_that_stands_still_has_no_speed() {
        let line = line(&[transfer(State::Done, 100)]);
        assert_eq!((line.bytes_per_second, line.seconds_left), (None, None));
    }
}
