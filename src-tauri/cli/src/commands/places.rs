//! `satchel places`: the saved places of this computer. A place is checked before it is saved; its secret comes from the
//! environment, a prompt without echo or stdin, goes into the password store and is never printed.

mod add;
mod link_key;

use super::Call;
use crate::arguments::PlacesCommand;
use crate::exit::{Exit, Failure, Problem};
use crate::output::{Output, Tint};
use crate::place::{self, OpenPlace};
use satchel_core::names;
use satchel_core::place::check::{CheckReport, Step, StepState, check};
use satchel_core::place::{KeySource, Place};
use serde::Serialize;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PlaceLine<'p> {
    id: &'p str,
    name: &'p str,
    organisation: Option<&'p str>,
    bucket: &'p str,
    prefix: &'p str,
    region: Option<&'p str>,
    endpoint_url: Option<&'p str>,
    keys: &'p KeySource,
    default: bool,
}

impl<'p> PlaceLine<'p> {
    fn of(place: &'p Place, default: Option<&Place>) -> Self {
        PlaceLine {
            id: place.id.as_str(),
            name: &place.name,
            organisation: place.organisation.as_deref(),
            bucket: &place.bucket,
            prefix: &place.prefix,
            region: place.region.as_deref(),
            endpoint_url: place.endpoint.as_deref(),
            keys: &place.keys,
            default: default.is_some_and(|default| default.id == place.id),
        }
    }
}

#[derive(Serialize)]
struct Checked<'c> {
    place: PlaceLine<'c>,
    usable: bool,
    steps: Vec<CheckedStep>,
    folders: usize,
    files: usize,
    more: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<Problem>,
}

#[derive(Serialize)]
struct CheckedStep {
    step: Step,
    state: StepState,
    problem: Option<Problem>,
}

impl<'c> Checked<'c> {
    fn of(place: &'c Place, default: Option<&Place>, report: &CheckReport) -> Self {
        let step = |step: &satchel_core::place::check::StepReport| CheckedStep {
            step: step.step,
            state: step.state,
            problem: step.error.as_deref().map(Problem::from),
        };
        let steps: Vec<CheckedStep> = report.steps.iter().map(step).collect();
        let refused = steps.iter().find(|step| step.state == StepState::Refused).and_then(|step| step.problem.clone());
        Checked {
            place: PlaceLine::of(place, default),
            usable: report.place.is_some(),
            steps,
            folders: report.folders,
            files: report.files,
            more: report.more,
            error: refused,
        }
    }
}

pub async fn run(call: &Call<'_>, command: PlacesCommand) -> Result<Exit, Failure> {
    match command {
        PlacesCommand::List => call.until_stopped(list(call)).await,
        PlacesCommand::Add(arguments) => call.until_stopped(add::run(call, arguments)).await,
        PlacesCommand::Test { name } => call.until_stopped(test(call, name)).await,
        PlacesCommand::Default { name } => call.until_stopped(set_default(call, &name)).await,
        PlacesCommand::LinkKey { name, key_id } => call.until_stopped(link_key::run(call, &name, key_id)).await,
        PlacesCommand::Remove { name } => call.until_stopped(remove(call, &name)).await,
    }
}

async fn list(call: &Call<'_>) -> Result<Exit, Failure> {
    let places = place::saved(&call.global, &call.rooms).await?;
    let (all, default) = (places.all().await?, places.default_place().await?);
    let output = call.output;
    if output.json {
        let lines: Vec<PlaceLine<'_>> = all.iter().map(|place| PlaceLine::of(place, default.as_ref())).collect();
        output.document(&serde_json::json!({ "places": lines }))?;
        return Ok(Exit::Done);
    }
    for place in &all {
        if output.is_for_a_person() {
            let mark = if default.as_ref().is_some_and(|default| default.id == place.id) { "*" } else { " " };
            let there = names::display(&format!("{}/{}", place.bucket, place.prefix));
            let name = names::display(&place.name);
            output.line(format_args!("{mark} {name}  {}", output.tinted(Tint::Faint, &there)))?;
        } else {
            output.name(&place.name)?;
        }
    }
    if all.is_empty() {
        output.say("No places yet. `satchel places add NAME --bucket BUCKET` adds one.");
    }
    Ok(Exit::Done)
}

async fn test(call: &Call<'_>, name: Option<String>) -> Result<Exit, Failure> {
    let mut global = call.global.clone();
    if name.is_some() {
        if global.bucket.is_some() {
            return Err(Failure::usage("Name a saved place, or describe one with --bucket; not both."));
        }
        global.place = name;
    }
    let open = OpenPlace::open(&global, &call.rooms).await?;
    let place = open.storage.place();
    let report = check(place, &open.storage, |_| {}).await;
    let output = call.output;
    if output.json {
        let default = match place.is_of_one_call() {
            true => None,
            false => place::saved(&global, &call.rooms).await?.default_place().await?,
        };
        output.document(&Checked::of(place, default.as_ref(), &report))?;
    } else {
        print_steps(output, &report)?;
    }
    match refusal(&report) {
        Some(failure) => Err(failure),
        None => {
            if !output.json {
                output.line(connected(&report))?;
            }
            Ok(Exit::Done)
        }
    }
}

async fn set_default(call: &Call<'_>, name: &str) -> Result<Exit, Failure> {
    let places = place::saved(&call.global, &call.rooms).await?;
    let place = places.find(name).await?;
    places.set_default(&place.id).await?;
    if call.output.json {
        call.output.document(&serde_json::json!({ "default": PlaceLine::of(&place, Some(&place)) }))?;
    }
    call.output.say(format_args!("“{}” is used when no place is named.", names::display(&place.name)));
    Ok(Exit::Done)
}

async fn remove(call: &Call<'_>, name: &str) -> Result<Exit, Failure> {
    let places = place::saved(&call.global, &call.rooms).await?;
    let place = places.find(name).await?;
    places.remove(&place.id).await?;
    if call.output.json {
        call.output.document(&serde_json::json!({ "removed": PlaceLine::of(&place, None) }))?;
    }
    call.output.say(format_args!("“{}” is forgotten. Its files stay where they are.", names::display(&place.name)));
    Ok(Exit::Done)
}

/// Why a place can't be used, if it can't.
fn refusal(report: &CheckReport) -> Option<Failure> {
    if report.place.is_some() {
        return None;
    }
    let error = report.steps.iter().find(|step| step.state == StepState::Refused).and_then(|step| step.error.clone());
    Some(error.map_or_else(|| Failure::usage("The place could not be checked."), Failure::Engine))
}

fn print_steps(output: &Output, report: &CheckReport) -> Result<(), Failure> {
    for step in &report.steps {
        let (word, tint) = match step.state {
            StepState::Passed => ("yes", Tint::Good),
            StepState::Refused => ("no", Tint::Trouble),
            StepState::NotAllowed => ("not allowed", Tint::Faint),
            StepState::Waiting | StepState::Running => ("not tried", Tint::Faint),
        };
        let what = match step.step {
            Step::Answers => "The storage answers",
            Step::Private => "Nobody can listen",
            Step::Recognised => "The account is recognised",
            Step::See => "You can see what is there",
            Step::Upload => "You can upload",
            Step::Delete => "You can delete",
        };
        output.line(format_args!("{what:<28}{}", output.tinted(tint, word)))?;
    }
    Ok(())
}

/// What a working place is greeted with.
fn connected(report: &CheckReport) -> String {
    let more = if report.more { "more than " } else { "" };
    let counted =
        |count: usize, thing: &str| format!("{more}{count} {thing}{} found.", if count == 1 { "" } else { "s" });
    let found = match (report.folders, report.files) {
        (0, 0) => "Nothing there yet.".to_owned(),
        (0, files) => counted(files, "file"),
        (folders, _) => counted(folders, "folder"),
    };
    let mut letters = found.chars();
    let found: String = letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default();
    format!("Connected. {found}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_working_place_says_what_was_found() {
        let said =
            |folders, files, more| connected(&CheckReport { steps: Vec::new(), place: None, folders, files, more });
        assert_eq!(said(12, 3, false), "Connected. 12 folders found.");
        assert_eq!(said(1, 0, false), "Connected. 1 folder found.");
        assert_eq!(said(0, 2, false), "Connected. 2 files found.");
        assert_eq!(said(1000, 0, true), "Connected. More than 1000 folders found.");
        assert_eq!(said(0, 0, false), "Connected. Nothing there yet.");
    }
}
