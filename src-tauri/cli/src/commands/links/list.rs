//! `satchel links list`: the links that were made here, or everybody's as the share folder's log knows them. Never a link.

use super::{COULD_WORK, since};
use crate::commands::Call;
use crate::exit::{Exit, Failure};
use crate::output::{Output, Tint};
use crate::place::OpenPlace;
use jiff::{Timestamp, ZonedDateTime};
use satchel_core::links::{self, LinkState, Record, Shared, shown_name};
use satchel_core::names;
use satchel_core::place::Place;
use serde::Serialize;
use std::collections::HashMap;

/// Letters of an id that a person reads; more where two begin alike.
const SHORT: usize = 8;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Line {
    id: String,
    name: String,
    made_at: Timestamp,
    ends_at: Timestamp,
    state: &'static str,
    stoppable: bool,
    files: u32,
    note: Option<String>,
    mine: bool,
    /// Known of those in the log.
    who: Option<String>,
}

impl Line {
    fn own(place: &Place, shared: Shared, now: Timestamp) -> Self {
        Line {
            name: shown_name(place, &shared.name).to_owned(),
            made_at: shared.made_at,
            ends_at: shared.ends_at,
            state: word(shared.state(now)),
            stoppable: shared.stoppable,
            files: shared.files,
            mine: true,
            who: None,
            note: shared.note,
            id: shared.id,
        }
    }

    fn of(place: &Place, record: Record, now: Timestamp) -> Self {
        let state = match &record.stopped {
            Some(_) => LinkState::Stopped,
            None if record.ends_at > now => LinkState::Working,
            None => LinkState::Ended,
        };
        Line {
            name: shown_name(place, &record.name).to_owned(),
            made_at: record.made_at,
            ends_at: record.ends_at,
            state: word(state),
            stoppable: record.stoppable,
            files: record.files,
            note: None,
            mine: false,
            who: Some(record.who),
            id: record.id,
        }
    }
}

fn word(state: LinkState) -> &'static str {
    match state {
        LinkState::Working => "working",
        LinkState::Ended => "ended",
        LinkState::Stopped => "stopped",
    }
}

pub async fn own(call: &Call<'_>) -> Result<Exit, Failure> {
    let place = OpenPlace::open(&call.global, &call.rooms).await?;
    let lines = noted(&place).await?;
    print(call.output, &lines, false)
}

/// Those of the log together with those of this computer that it does not have.
pub async fn everybodys(call: &Call<'_>, all: bool) -> Result<Exit, Failure> {
    let place = OpenPlace::open(&call.global, &call.rooms).await?;
    let from = if all { Timestamp::UNIX_EPOCH } else { since(COULD_WORK) };
    let now = Timestamp::now();
    let records = links::read_records(&place.storage, from, None).await?;
    let mut own: HashMap<String, Line> = noted(&place).await?.into_iter().map(|line| (line.id.clone(), line)).collect();
    let mut lines = Vec::with_capacity(records.len());
    for record in records {
        let there = Line::of(place.storage.place(), record, now);
        lines.push(match own.remove(&there.id) {
            // Somebody else may have stopped it.
            Some(mine) => Line { note: mine.note, mine: true, ..there },
            None => there,
        });
    }
    lines.extend(own.into_values().filter(|line| line.made_at >= from));
    lines.sort_by(|one, other| other.made_at.cmp(&one.made_at).then_with(|| one.id.cmp(&other.id)));
    print(call.output, &lines, true)
}

async fn noted(place: &OpenPlace) -> Result<Vec<Line>, Failure> {
    let now = Timestamp::now();
    let id = &place.storage.place().id;
    let links = match place.ledger().await {
        Some(ledger) => links::history(ledger, id).await?,
        None => Vec::new(),
    };
    Ok(links.into_iter().map(|shared| Line::own(place.storage.place(), shared, now)).collect())
}

fn print(output: &Output, lines: &[Line], everybodys: bool) -> Result<Exit, Failure> {
    if output.json {
        output.document(&serde_json::json!({ "links": lines }))?;
        return Ok(Exit::Done);
    }
    let letters = short(lines);
    let now = ZonedDateTime::now();
    for line in lines {
        let id = line.id.get(..letters).unwrap_or(&line.id);
        let note = line.note.as_deref().unwrap_or_default();
        let who = line.who.as_deref().unwrap_or_default();
        if output.is_for_a_person() {
            output.line(for_a_person(output, line, id, everybodys.then_some(who), &now))?;
            continue;
        }
        let end = line.ends_at.to_string();
        match everybodys {
            true => output.row(&[id, line.state, &end, who, note], &line.name)?,
            false => output.row(&[id, line.state, &end, note], &line.name)?,
        }
    }
    if lines.is_empty() {
        output.say("No links yet. `satchel link NAME` makes one.");
    }
    Ok(Exit::Done)
}

fn for_a_person(output: &Output, line: &Line, id: &str, who: Option<&str>, now: &ZonedDateTime) -> String {
    let tint = if line.state == "working" { Tint::Good } else { Tint::Faint };
    let state = output.tinted(tint, &format!("{:<8}", line.state));
    let until = links::until(line.ends_at, now);
    let who = who.map(|who| format!("  {}", names::display(who))).unwrap_or_default();
    let name = names::display(&line.name);
    let files = if line.files > 1 { format!(" ({} files)", line.files) } else { String::new() };
    let note = line.note.as_deref().map(|note| format!("  {}", output.tinted(Tint::Faint, &names::display(note))));
    format!("{id}  {state}  {until:<18}{who}  {name}{files}{}", note.unwrap_or_default())
}

/// How many letters tell all ids apart.
fn short(lines: &[Line]) -> usize {
    let mut ids: Vec<&str> = lines.iter().map(|line| line.id.as_str()).collect();
    ids.sort_unstable();
    let alike = |(one, other): (&&str, &&str)| one.bytes().zip(other.bytes()).take_while(|(a, b)| a == b).count();
    ids.iter().zip(ids.iter().skip(1)).map(alike).max().map_or(SHORT, |most| SHORT.max(most + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_as_short_as_can_be_told_apart() {
        let now = Timestamp::now();
        let line = |id: &str| Line {
            id: id.to_owned(),
            name: String::new(),
            made_at: now,
            ends_at: now,
            state: "ended",
            stoppable: true,
            files: 1,
            note: None,
            mine: true,
            who: None,
        };
        assert_eq!(short(&[]), 8);
        assert_eq!(short(&[line("0123456789abcdef"), line("1123456789abcdef")]), 8);
        assert_eq!(short(&[line("0123456789abcdef"), line("0123456789bbcdef"), line("9")]), 11);
    }
}
