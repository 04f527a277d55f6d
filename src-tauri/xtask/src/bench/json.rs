//! The figures for other programs. Written by hand: there are few kinds of them, and this tool is built before anything else.

use super::cost::Cost;
use super::options::Options;
use super::report::{Goal, Results, Row};

pub fn document(options: &Options, results: &Results) -> String {
    let jobs = results.titles.iter().map(|(job, title)| {
        let rows = results.rows(*job, options.rounds);
        object(&[("job", text(job.word())), ("title", text(title)), ("results", array(rows.iter().map(row)))])
    });
    let missing = results.missing.iter().map(|(tool, why)| object(&[("tool", text(tool.name())), ("why", text(why))]));
    let document = object(&[
        ("store", text(options.store.word())),
        ("sizeMib", options.size_mib.to_string()),
        ("rounds", options.rounds.to_string()),
        ("seed", options.seed.to_string()),
        ("jobs", array(jobs)),
        ("goals", array(results.goals(options.rounds).iter().map(goal))),
        ("missing", array(missing)),
        ("wrong", array(results.wrong.iter().map(|wrong| text(wrong)))),
    ]);
    document + "\n"
}

fn row(row: &Row) -> String {
    object(&[("tool", text(row.tool.name())), ("median", cost(&row.cost)), ("runs", array(row.runs.iter().map(cost)))])
}

fn cost(cost: &Cost) -> String {
    object(&[
        ("wallSeconds", format!("{:.3}", cost.wall_seconds)),
        ("cpuSeconds", format!("{:.3}", cost.cpu_seconds)),
        ("memoryKib", cost.memory_kib.to_string()),
    ])
}

fn goal(goal: &Goal) -> String {
    object(&[
        ("job", text(goal.job.word())),
        ("goal", text(&goal.text)),
        ("found", text(&goal.found)),
        ("reached", goal.reached.to_string()),
    ])
}

fn object(members: &[(&str, String)]) -> String {
    let members = members.iter().map(|(name, value)| format!("{}:{value}", text(name)));
    format!("{{{}}}", members.collect::<Vec<_>>().join(","))
}

fn array(items: impl Iterator<Item = String>) -> String {
    format!("[{}]", items.collect::<Vec<_>>().join(","))
}

fn text(value: &str) -> String {
    let mut written = String::from("\"");
    for letter in value.chars() {
        match letter {
            '"' | '\\' => written.extend(['\\', letter]),
            control if control < ' ' => written.push_str(&format!("\\u{:04x}", u32::from(control))),
            other => written.push(other),
        }
    }
    written + "\""
}

#[cfg(test)]
mod tests {
    use super::{array, object, text};

    #[test]
    fn what_a_program_said_cannot_end_the_text_it_stands_in() {
        assert_eq!(text("a \"b\"\\\n“c”"), "\"a \\\"b\\\"\\\\\\u000a“c”\"");
        let value = object(&[("a", array([text("b"), "1".to_owned()].into_iter())), ("c", array(std::iter::empty()))]);
        assert_eq!(value, "{\"a\":[\"b\",1],\"c\":[]}");
    }
}
