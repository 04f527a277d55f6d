//! `satchel links report`: who shared what until when, from the share folder's log: as a table, for spreadsheets, as JSON.

use crate::arguments::Report as Arguments;
use crate::commands::Call;
use crate::exit::{Exit, Failure};
use crate::place::OpenPlace;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use satchel_core::links::{self, Record, shown_name};
use satchel_core::place::Place;
use serde::Serialize;

const COLUMNS: [&str; 8] = ["made", "ends", "stopped", "who", "file", "files", "stoppable", "id"];

#[derive(Serialize)]
struct Line<'r> {
    made: Timestamp,
    ends: Timestamp,
    stopped: Option<Timestamp>,
    who: &'r str,
    file: &'r str,
    files: u32,
    stoppable: bool,
    id: &'r str,
}

impl<'r> Line<'r> {
    fn of(place: &Place, record: &'r Record) -> Self {
        Line {
            made: record.made_at,
            ends: record.ends_at,
            stopped: record.stopped.as_ref().map(|stopped| stopped.at),
            who: &record.who,
            file: shown_name(place, &record.name),
            files: record.files,
            stoppable: record.stoppable,
            id: &record.id,
        }
    }

    fn cells(&self) -> [String; 8] {
        [
            self.made.to_string(),
            self.ends.to_string(),
            self.stopped.map(|at| at.to_string()).unwrap_or_default(),
            self.who.to_owned(),
            self.file.to_owned(),
            self.files.to_string(),
            if self.stoppable { "yes" } else { "no" }.to_owned(),
            self.id.to_owned(),
        ]
    }
}

pub async fn run(call: &Call<'_>, arguments: &Arguments) -> Result<Exit, Failure> {
    let zone = TimeZone::system();
    let from = moment(&arguments.from, &zone, Edge::Begin)?;
    let until = arguments.to.as_deref().map(|to| moment(to, &zone, Edge::End)).transpose()?;
    if until.is_some_and(|until| until <= from) {
        return Err(Failure::usage("--from has to be before --to."));
    }
    let place = OpenPlace::open(&call.global, &call.rooms).await?;
    let records = links::read_records(&place.storage, from, until).await?;
    let lines: Vec<Line<'_>> = records.iter().map(|record| Line::of(place.storage.place(), record)).collect();
    let output = call.output;
    if output.json {
        output.document(&serde_json::json!({ "links": lines }))?;
    } else if arguments.csv {
        output.bytes(csv_row(&COLUMNS.map(str::to_owned)).as_bytes())?;
        for line in &lines {
            output.bytes(csv_row(&line.cells()).as_bytes())?;
        }
    } else {
        for line in &lines {
            let [made, ends, stopped, who, file, files, stoppable, id] = line.cells();
            let cells = [&made, &ends, &stopped, &who, &files, &stoppable, &id].map(String::as_str);
            output.row(&cells, &if output.is_for_a_person() { satchel_core::names::display(&file) } else { file })?;
        }
        if lines.is_empty() {
            output.say("Nobody shared anything in that time, as far as the share folder’s log knows.");
        }
    }
    Ok(Exit::Done)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Edge {
    Begin,
    End,
}

/// The beginning of a day or moment, or the first second after it. Days are those of this computer.
fn moment(text: &str, zone: &TimeZone, edge: Edge) -> Result<Timestamp, Failure> {
    let wrong = || Failure::usage(format!("“{text}” is no day, such as 2026-11-27, and no moment by RFC 3339."));
    if let Ok(day) = text.parse::<Date>()
        && text.len() == "2026-11-27".len()
    {
        let day = if edge == Edge::Begin { day } else { day.tomorrow().map_err(|_| wrong())? };
        return day.to_zoned_datetime(zone.clone()).map(|day| day.timestamp()).map_err(|_| wrong());
    }
    let at: Timestamp = text.parse().map_err(|_| wrong())?;
    let second = SignedDuration::from_secs(if edge == Edge::Begin { 0 } else { 1 });
    at.checked_add(second).map_err(|_| wrong())
}

/// A line by RFC 4180.
fn csv_row(cells: &[String]) -> String {
    let cells: Vec<String> = cells.iter().map(|cell| csv_cell(cell)).collect();
    format!("{}\r\n", cells.join(","))
}

/// What spreadsheets would compute stays text.
fn csv_cell(cell: &str) -> String {
    let harmless = match cell.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']) {
        true => format!("'{cell}"),
        false => cell.to_owned(),
    };
    match harmless.contains(['"', ',', '\r', '\n']) {
        true => format!("\"{}\"", harmless.replace('"', "\"\"")),
        false => harmless,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_is_quoted_where_it_has_to_be_and_never_computed() {
        for (cell, written) in [
            ("Offer.pdf", "Offer.pdf"),
            ("a, b", "\"a, b\""),
            ("a \"b\"", "\"a \"\"b\"\"\""),
            ("a\nb", "\"a\nb\""),
            ("=1+1", "'=1+1"),
            ("+1", "'+1"),
            ("-1", "'-1"),
            ("@x", "'@x"),
            ("\tx", "'\tx"),
            ("=HYPERLINK(\"x\",1)", "\"'=HYPERLINK(\"\"x\"\",1)\""),
            ("", ""),
        ] {
            assert_eq!(csv_cell(cell), written);
        }
    }

    #[test]
    fn days_are_whole_and_local_and_moments_are_themselves() {
        let berlin = TimeZone::get("Europe/Berlin").unwrap();
        let at = |text, edge| moment(text, &berlin, edge).ok().map(|at| at.to_string());
        assert_eq!(at("2026-11-27", Edge::Begin).as_deref(), Some("2026-11-26T23:00:00Z"));
        assert_eq!(at("2026-11-27", Edge::End).as_deref(), Some("2026-11-27T23:00:00Z"));
        // The day on which summer time ends has 25 hours.
        assert_eq!(at("2026-10-25", Edge::Begin).as_deref(), Some("2026-10-24T22:00:00Z"));
        assert_eq!(at("2026-10-25", Edge::End).as_deref(), Some("2026-10-25T23:00:00Z"));
        assert_eq!(at("2026-11-27T12:00:00Z", Edge::Begin).as_deref(), Some("2026-11-27T12:00:00Z"));
        assert_eq!(at("2026-11-27T12:00:00+01:00", Edge::End).as_deref(), Some("2026-11-27T11:00:01Z"));
        for wrong in ["", "yesterday", "27.11.2026", "2026-13-01", "2026-11-27T12:00"] {
            assert_eq!(at(wrong, Edge::Begin), None, "{wrong}");
        }
    }
}
