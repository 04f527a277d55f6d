//! The ends that the Share sheet offers: what people say on a phone, not lengths of time.

use jiff::civil::{Weekday, time};
use jiff::{SignedDuration, Timestamp, ZonedDateTime};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// The most choices beside “Pick…”.
const MOST: usize = 4;
const SEVEN_DAYS: SignedDuration = SignedDuration::from_hours(7 * 24);
/// A link for this evening has to work for at least this long.
const SHORTEST_EVENING: SignedDuration = SignedDuration::from_mins(30);

/// What an end is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Kind {
    TodayEvening,
    Tomorrow,
    Friday,
    NextWeek,
    ThreeDays,
    Week,
}

/// One end, and whether a link can really last until then.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Choice {
    pub at: Timestamp,
    pub kind: Kind,
    pub allowed: bool,
}

/// The choices in order of time, and which one to start with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choices {
    pub choices: Vec<Choice>,
    pub preferred: usize,
}

/// What to offer now, when links can last until `latest` and last for `by_default` where nobody chooses.
pub fn choices(now: &ZonedDateTime, latest: Timestamp, by_default: Duration) -> Choices {
    let wished = now.timestamp().saturating_add(by_default).unwrap_or(latest);
    let mut choices: Vec<Choice> =
        candidates(now, wished).into_iter().map(|(kind, at)| Choice { at, kind, allowed: at <= latest }).collect();
    choices.sort_by_key(|choice| choice.at);
    for superfluous in [Kind::Friday, Kind::NextWeek] {
        if choices.len() > MOST {
            choices.retain(|choice| choice.kind != superfluous);
        }
    }
    if !choices.iter().any(|choice| choice.allowed) {
        // An evening that is refused makes room for the one that is not.
        choices.retain(|choice| choice.kind != Kind::TodayEvening);
        choices.truncate(MOST - 1);
        choices.insert(0, Choice { at: latest, kind: Kind::TodayEvening, allowed: true });
    }
    let distance = |choice: &Choice| choice.at.duration_since(wished).abs();
    let nearest =
        choices.iter().enumerate().filter(|(_, choice)| choice.allowed).min_by_key(|(_, choice)| distance(choice));
    let preferred = nearest.map_or(0, |(index, _)| index);
    Choices { choices, preferred }
}

fn candidates(now: &ZonedDateTime, wished: Timestamp) -> Vec<(Kind, Timestamp)> {
    let today = now.date();
    let on = |date: jiff::civil::Date, hour: i8| {
        date.to_datetime(time(hour, 0, 0, 0)).to_zoned_datetime(now.time_zone().clone()).ok().map(|at| at.timestamp())
    };
    let tomorrow = today.tomorrow().ok();
    let friday = today.nth_weekday(1, Weekday::Friday).ok().filter(|friday| Some(*friday) != tomorrow);
    let monday = today.nth_weekday(1, Weekday::Monday).ok().filter(|monday| Some(*monday) != tomorrow);
    let fixed = [
        (Kind::TodayEvening, on(today, 18)),
        (Kind::Tomorrow, tomorrow.and_then(|date| on(date, 18))),
        (Kind::Friday, friday.and_then(|date| on(date, 17))),
        (Kind::NextWeek, monday.and_then(|date| on(date, 18))),
    ];
    let reachable = |at: &Timestamp| at.duration_since(now.timestamp()) <= SEVEN_DAYS;
    let mut found: Vec<(Kind, Timestamp)> =
        fixed.into_iter().filter_map(|(kind, at)| at.filter(reachable).map(|at| (kind, at))).collect();
    found.retain(|(kind, at)| *kind != Kind::TodayEvening || at.duration_since(now.timestamp()) >= SHORTEST_EVENING);
    let day = |at: Timestamp| at.to_zoned_datetime(now.time_zone().clone()).date();
    // The place's own time, unless another choice on that day is near enough and easier to say.
    if reachable(&wished) && !found.iter().any(|(_, at)| day(*at) == day(wished)) {
        let kind = if wished.duration_since(now.timestamp()) == SEVEN_DAYS { Kind::Week } else { Kind::ThreeDays };
        found.push((kind, wished));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    const THREE_DAYS: Duration = Duration::from_secs(3 * 24 * 3600);

    fn berlin(text: &str) -> ZonedDateTime {
        format!("{text}[Europe/Berlin]").parse().unwrap()
    }

    fn said(now: &ZonedDateTime, latest: &str) -> (Vec<(Kind, String, bool)>, usize) {
        let offered = choices(now, latest.parse().unwrap(), THREE_DAYS);
        let local = |at: Timestamp| at.to_zoned_datetime(now.time_zone().clone()).strftime("%a %H:%M").to_string();
        (
            offered.choices.iter().map(|choice| (choice.kind, local(choice.at), choice.allowed)).collect(),
            offered.preferred,
        )
    }

    #[test]
    fn on_a_tuesday_the_choices_are_those_of_the_picture() {
        let (offered, preferred) = said(&berlin("2026-11-24T11:00:00+01:00"), "2026-12-01T10:00:00Z");
        let expected = [
            (Kind::TodayEvening, "Tue 18:00"),
            (Kind::Tomorrow, "Wed 18:00"),
            (Kind::Friday, "Fri 17:00"),
            (Kind::NextWeek, "Mon 18:00"),
        ];
        assert_eq!(offered, expected.map(|(kind, at)| (kind, at.to_owned(), true)));
        assert_eq!(preferred, 2);
    }

    #[test]
    fn on_no_day_are_there_more_than_four_or_twice_the_same_day() {
        for day in 23..30 {
            for hour in [0, 9, 17, 18, 23] {
                let now = berlin(&format!("2026-11-{day}T{hour:02}:10:00+01:00"));
                let latest = now.timestamp().saturating_add(SEVEN_DAYS).unwrap();
                let offered = choices(&now, latest, THREE_DAYS);
                assert!((2..=MOST).contains(&offered.choices.len()), "{now}: {offered:?}");
                assert!(offered.choices.is_sorted_by(|one, two| one.at < two.at), "{now}: {offered:?}");
                assert!(
                    offered.choices.iter().all(|choice| choice.allowed && choice.at > now.timestamp()),
                    "{now}: {offered:?}"
                );
                let wished = now.timestamp().saturating_add(THREE_DAYS).unwrap();
                let preferred = offered.choices[offered.preferred].at;
                assert!(preferred.duration_since(wished).abs() < SignedDuration::from_hours(24), "{now}: {offered:?}");
            }
        }
    }

    #[test]
    fn ends_after_the_sign_in_can_be_seen_but_not_chosen() {
        let (offered, preferred) = said(&berlin("2026-11-24T11:00:00+01:00"), "2026-11-25T20:00:00Z");
        assert_eq!(offered.iter().map(|(_, _, allowed)| *allowed).collect::<Vec<_>>(), [true, true, false, false]);
        assert_eq!(preferred, 1);
    }

    #[test]
    fn a_sign_in_that_ends_first_is_itself_the_choice() {
        let (offered, preferred) = said(&berlin("2026-11-24T11:00:00+01:00"), "2026-11-24T11:30:00Z");
        assert_eq!(offered[0], (Kind::TodayEvening, "Tue 12:30".to_owned(), true));
        assert!(offered[1..].iter().all(|(_, _, allowed)| !allowed));
        assert_eq!((offered.len(), preferred), (4, 0));
        assert_eq!(offered.iter().filter(|(kind, ..)| *kind == Kind::TodayEvening).count(), 1);
    }

    #[test]
    fn an_evening_that_is_nearly_over_is_not_offered() {
        let (offered, _) = said(&berlin("2026-11-24T17:40:00+01:00"), "2026-12-01T10:00:00Z");
        assert_eq!(offered[0].0, Kind::Tomorrow);
    }

    #[test]
    fn summer_time_does_not_move_an_evening() {
        let (offered, _) = said(&berlin("2026-10-24T12:00:00+02:00"), "2026-10-31T10:00:00Z");
        assert_eq!(offered[1].1, "Sun 18:00");
    }
}
