//! Places that nobody can get through to: their transfers wait together, and one of them looks from time to time.

use super::TransferId;
use super::patience::Patience;
use crate::error::Error;
use crate::place::PlaceId;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Why a place waits.
pub(crate) struct Hold {
    pub(crate) error: Arc<Error>,
    since: Instant,
    next: Instant,
    waits: u32,
    /// The transfer that looks.
    probe: Option<TransferId>,
}

/// All places that wait.
#[derive(Default)]
pub(crate) struct Holds(HashMap<PlaceId, Hold>);

/// What a trouble that was met leads to.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    Wait,
    /// It has lasted too long.
    GiveUp,
}

impl Holds {
    /// Notes that a transfer met a trouble that passes.
    pub(crate) fn met(
        &mut self,
        place: &PlaceId,
        id: TransferId,
        error: &Arc<Error>,
        patience: &Patience,
        answered: bool,
        now: Instant,
    ) -> Verdict {
        let hold = self.0.entry(place.clone()).or_insert_with(|| Hold {
            error: Arc::clone(error),
            since: now,
            next: now + patience.wait(0),
            waits: 0,
            probe: None,
        });
        hold.error = Arc::clone(error);
        if hold.probe == Some(id) {
            hold.probe = None;
            hold.waits += 1;
            hold.next = now + patience.wait(hold.waits);
        }
        let most = patience.of(error.code(), answered);
        if most.is_some_and(|most| now.duration_since(hold.since) >= most) {
            self.0.remove(place);
            return Verdict::GiveUp;
        }
        Verdict::Wait
    }

    pub(crate) fn of(&self, place: &PlaceId) -> Option<&Hold> {
        self.0.get(place)
    }

    /// The place answers again. True if it had to wait.
    pub(crate) fn lift(&mut self, place: &PlaceId) -> bool {
        self.0.remove(place).is_some()
    }

    /// Looks at once, not when its time has come. The waits begin anew.
    pub(crate) fn look_now(&mut self, place: &PlaceId, now: Instant) {
        if let Some(hold) = self.0.get_mut(place) {
            (hold.next, hold.waits) = (now, 0);
        }
    }

    /// The same for all.
    pub(crate) fn look_everywhere(&mut self, now: Instant) {
        for hold in self.0.values_mut() {
            (hold.next, hold.waits) = (now, 0);
        }
    }

    /// The transfer that looks has ended or was taken away.
    pub(crate) fn forget_probe(&mut self, id: TransferId) {
        for hold in self.0.values_mut().filter(|hold| hold.probe == Some(id)) {
            hold.probe = None;
        }
    }

    /// Places at which it is time to look, and where nobody does yet.
    pub(crate) fn due(&self, now: Instant) -> Vec<PlaceId> {
        let due = |hold: &Hold| hold.probe.is_none() && hold.next <= now;
        self.0.iter().filter(|(_, hold)| due(hold)).map(|(place, _)| place.clone()).collect()
    }

    pub(crate) fn probing(&mut self, place: &PlaceId, id: TransferId) {
        if let Some(hold) = self.0.get_mut(place) {
            hold.probe = Some(id);
        }
    }

    /// How long until it is time to look somewhere.
    pub(crate) fn wait(&self, now: Instant) -> Option<Duration> {
        let next = self.0.values().filter(|hold| hold.probe.is_none()).map(|hold| hold.next).min();
        next.map(|next| next.saturating_duration_since(now))
    }

    /// Why the first of them waits.
    pub(crate) fn reason(&self) -> Option<Arc<Error>> {
        self.0.values().min_by_key(|hold| hold.since).map(|hold| Arc::clone(&hold.error))
    }

    /// Probes whose transfers still look.
    pub(crate) fn probes(&self) -> Vec<(PlaceId, TransferId)> {
        self.0.iter().filter_map(|(place, hold)| Some((place.clone(), hold.probe?))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::{Code, Operation};

    #[test]
    fn a_place_waits_longer_each_time_somebody_looked_in_vain_and_is_given_up_in_the_end() {
        let place = PlaceId::from_text("p");
        let patience = Patience { unreachable: Some(Duration::from_secs(60)), ..Patience::default() };
        let error = Arc::new(Error::new(Code::Unreachable, Operation::Upload));
        let (mut holds, start) = (Holds::default(), Instant::now());
        let id = TransferId(1);
        assert_eq!(holds.met(&place, id, &error, &patience, true, start), Verdict::Wait);
        assert!(holds.due(start).is_empty());
        let later = start + Duration::from_secs(1);
        assert_eq!(holds.due(later), std::slice::from_ref(&place));
        holds.probing(&place, id);
        assert!(holds.due(later).is_empty());
        assert_eq!(holds.met(&place, id, &error, &patience, true, later), Verdict::Wait);
        assert!(holds.wait(later).unwrap() > Duration::from_millis(200));
        let end = start + Duration::from_secs(61);
        assert_eq!(holds.met(&place, TransferId(2), &error, &patience, true, end), Verdict::GiveUp);
        assert!(holds.reason().is_none());
    }
}
