//! An end in words, in English, for notifications and the terminal. The window has its own, in the person's language.

use jiff::{Timestamp, ZonedDateTime};

/// "today, 18:00", "tomorrow, 14:05", "Fri 27 Nov, 17:00". Minutes are cut, so that it never says more than is true.
pub fn until(end: Timestamp, now: &ZonedDateTime) -> String {
    let end = end.to_zoned_datetime(now.time_zone().clone());
    let time = if end.timestamp().as_second() - now.timestamp().as_second() < 120 {
        end.strftime("%H:%M:%S").to_string()
    } else {
        end.strftime("%H:%M").to_string()
    };
    let day = end.date();
    if day == now.date() {
        return format!("today, {time}");
    }
    if now.date().tomorrow().is_ok_and(|tomorrow| tomorrow == day) {
        return format!("tomorrow, {time}");
    }
    format!("{}, {time}", end.strftime("%a %-d %b"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_end_is_said_as_people_say_it() {
        let now: ZonedDateTime = "2026-11-23T12:00:00+01:00[Europe/Berlin]".parse().unwrap();
        let said = |end: &str| until(end.parse().unwrap(), &now);
        assert_eq!(said("2026-11-23T17:00:59Z"), "today, 18:00");
        assert_eq!(said("2026-11-24T13:05:00Z"), "tomorrow, 14:05");
        assert_eq!(said("2026-11-27T16:00:00Z"), "Fri 27 Nov, 17:00");
        assert_eq!(said("2026-11-23T11:00:02Z"), "today, 12:00:02");
    }

    #[test]
    fn summer_time_does_not_move_an_end() {
        let now: ZonedDateTime = "2026-10-23T12:00:00+02:00[Europe/Berlin]".parse().unwrap();
        assert_eq!(until("2026-10-25T16:00:00Z".parse().unwrap(), &now), "Sun 25 Oct, 17:00");
    }
}
