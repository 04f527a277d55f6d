//! The watchdog's judgement, with clocks that stand still: no connection, no waiting.

use super::*;

const SENDING: Glance = Glance { moved: 5, finished: false, starved: false };
const SENT: Glance = Glance { moved: 9, finished: true, starved: false };

fn later(start: Moment, seconds: u64) -> Moment {
    let by = Duration::from_secs(seconds);
    Moment { running: start.running + by, wall: start.wall + by }
}

fn kernel(acknowledged: u64, owes: bool) -> Option<Kernel> {
    Some(Kernel { acknowledged, owes, heard: Duration::from_secs(3600) })
}

fn closed(acknowledged: u64) -> Option<Kernel> {
    Some(Kernel { acknowledged, owes: true, heard: Duration::from_secs(7) })
}

struct Desk {
    watch: Watch,
    start: Moment,
}

impl Desk {
    fn new() -> Self {
        let start = Moment::now();
        let allowed = Allowed { closed: Duration::from_secs(40), answer: Duration::from_secs(60) };
        Desk { watch: Watch::new(Timings::default(), allowed, start), start }
    }

    /// Looks every second of this time, at what is there to see in it.
    fn see(&mut self, seconds: std::ops::Range<u64>, glance: Glance, kernel: impl Fn(u64) -> Option<Kernel>) {
        for second in seconds {
            assert_eq!(self.look(second, glance, kernel(second)), Ok(()), "in second {second}");
        }
    }

    fn look(&mut self, second: u64, glance: Glance, kernel: Option<Kernel>) -> Result<(), Stalled> {
        self.watch.look(later(self.start, second), glance, || kernel)
    }
}

#[test]
fn a_line_that_takes_no_byte_is_given_up_after_the_stall() {
    let mut desk = Desk::new();
    desk.see(1..22, SENDING, |_| kernel(4, true));
    assert_eq!(desk.look(22, SENDING, kernel(4, true)), Err(Stalled::moving(Duration::from_secs(20))));
}

#[test]
fn a_line_whose_bytes_are_confirmed_one_by_one_is_never_given_up() {
    let mut desk = Desk::new();
    desk.see(1..100_000, SENDING, |second| kernel(second / 19, true));
}

#[test]
fn bytes_that_were_handed_over_and_not_confirmed_count_as_being_sent() {
    let mut desk = Desk::new();
    desk.see(1..300, SENT, |second| kernel(second, true));
    desk.see(300..319, SENT, |_| kernel(299, true));
    let stalled = desk.look(319, SENT, kernel(299, true)).unwrap_err();
    assert_eq!(stalled.silence, Silence::Bytes);
}

#[test]
fn the_answer_has_its_minute_from_the_last_confirmed_byte_on() {
    let mut desk = Desk::new();
    desk.see(1..100, SENT, |second| kernel(second, true));
    desk.see(100..159, SENT, |_| kernel(99, false));
    let stalled = desk.look(159, SENT, kernel(99, false)).unwrap_err();
    assert_eq!(stalled, Stalled { silence: Silence::Answer, after: Duration::from_secs(60) });
}

#[test]
fn a_request_that_waits_for_its_own_disk_is_not_the_lines_fault() {
    let mut desk = Desk::new();
    desk.see(1..1000, Glance { starved: true, ..SENDING }, |_| kernel(4, false));
    desk.see(1000..1019, SENDING, |_| kernel(4, false));
    assert!(desk.look(1020, SENDING, kernel(4, false)).is_err());
}

#[test]
fn where_the_system_does_not_tell_a_slow_line_gets_longer() {
    let mut desk = Desk::new();
    desk.see(1..61, SENDING, |_| None);
    assert!(desk.look(61, SENDING, None).is_err());
}

#[test]
fn after_sleep_a_connection_has_to_show_life_soon() {
    let mut desk = Desk::new();
    desk.see(1..4, SENT, |_| kernel(9, false));
    // Ten minutes that this program did not see.
    desk.start.wall += Duration::from_secs(600);
    desk.see(4..9, SENT, |_| kernel(9, false));
    assert_eq!(desk.look(9, SENT, kernel(9, false)).unwrap_err().silence, Silence::Wake);
}

#[test]
fn after_sleep_a_connection_that_lives_goes_on_as_before() {
    let mut desk = Desk::new();
    desk.see(1..4, SENT, |_| kernel(9, false));
    // Stopped, not asleep: both clocks ran.
    desk.see(600..602, SENT, |_| kernel(9, false));
    desk.see(602..660, SENT, |_| kernel(10, false));
}

#[test]
fn a_wall_clock_that_is_set_back_changes_nothing() {
    let mut desk = Desk::new();
    desk.start.wall -= Duration::from_secs(3600);
    desk.see(1..22, SENDING, |_| kernel(4, true));
    assert!(desk.look(22, SENDING, kernel(4, true)).is_err());
}

#[test]
fn a_peer_that_is_there_and_takes_nothing_gets_what_was_learnt() {
    let mut desk = Desk::new();
    desk.see(1..40, SENDING, |_| closed(4));
    desk.see(40..80, SENDING, |_| closed(5));
    assert_eq!(desk.look(80, SENDING, closed(5)).unwrap_err().silence, Silence::Closed);
    assert_eq!(desk.watch.closed_for(), Duration::from_secs(40));
    let mut desk = Desk::new();
    desk.see(1..21, SENDING, |_| kernel(4, true));
    assert_eq!(desk.look(22, SENDING, kernel(4, true)).unwrap_err().silence, Silence::Bytes, "one that is not there");
}

#[test]
fn a_silence_that_was_too_long_doubles_the_next_wait_once_and_one_that_went_well_ends_that() {
    let patience = Patience::new(Duration::from_secs(60), Duration::from_secs(600));
    let seconds = || patience.allows().as_secs();
    assert_eq!(seconds(), 60);
    for _ in 0..8 {
        patience.ran_out(Duration::from_secs(60));
    }
    assert_eq!(seconds(), 120);
    patience.ran_out(Duration::from_secs(120));
    assert_eq!(seconds(), 240);
    patience.ran_out(Duration::from_secs(480));
    assert_eq!(seconds(), 600);
    patience.ran_out(Duration::from_secs(600));
    assert_eq!(seconds(), 600);
    patience.learn(Duration::from_secs(90));
    assert_eq!(seconds(), 180);
    patience.learn(Duration::ZERO);
    assert_eq!(seconds(), 60);
}
