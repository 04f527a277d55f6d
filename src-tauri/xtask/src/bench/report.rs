//! What came out: a table for each job, the quickest first, and then the goals with yes or no.

use std::collections::BTreeMap;

use super::cost::Cost;
use super::job::Job;
use super::options::Options;
use super::tool::Tool;
use super::{Trouble, store::StoreKind};

/// A wall time this near to the first is no difference on a machine that does other things too.
const NEAR_THE_FIRST: f64 = 1.05;
const AHEAD_OF: [(Tool, f64); 3] = [(Tool::S5cmd, 1.3), (Tool::Rclone, 1.3), (Tool::AwsCli, 3.0)];
const CPU_SECONDS_PER_GIB: f64 = 0.8;
const MEMORY_BYTES: u64 = 100_000_000;
const LINK_SECONDS: f64 = 0.03;
const GIB: f64 = 1_073_741_824.0;

#[derive(Default)]
pub struct Results {
    /// The jobs that were done, in their order.
    pub titles: Vec<(Job, String)>,
    pub missing: Vec<(Tool, String)>,
    /// What a run is not allowed to end well with.
    pub wrong: Vec<String>,
    pub file_bytes: u64,
    costs: BTreeMap<(Job, Tool), Vec<Cost>>,
    failed: Vec<String>,
}

/// One line of a table.
pub struct Row {
    pub tool: Tool,
    pub cost: Cost,
    pub runs: Vec<Cost>,
}

pub struct Goal {
    pub job: Job,
    pub text: String,
    pub found: String,
    pub reached: bool,
}

impl Results {
    pub fn add(&mut self, job: Job, tool: Tool, cost: Cost) {
        self.costs.entry((job, tool)).or_default().push(cost);
    }

    /// Somebody else's failure is told; ours, and anything wrong in the store, is a failure of the run.
    pub fn trouble(&mut self, what: String, tool: Tool, trouble: &Trouble) {
        let told = format!("{what}: {:#}", trouble.error);
        if trouble.wrong || tool == Tool::Satchel { self.wrong.push(told) } else { self.failed.push(told) }
    }

    /// The quickest first. Who failed once has no place here.
    pub fn rows(&self, job: Job, rounds: usize) -> Vec<Row> {
        let of_job = self.costs.iter().filter(|((its, _), costs)| *its == job && costs.len() == rounds);
        let mut rows: Vec<Row> = of_job
            .filter_map(|((_, tool), costs)| {
                Some(Row { tool: *tool, cost: Cost::median(costs).ok()?, runs: costs.clone() })
            })
            .collect();
        rows.sort_by(|one, other| one.cost.wall_seconds.total_cmp(&other.cost.wall_seconds));
        rows
    }

    pub fn goals(&self, rounds: usize) -> Vec<Goal> {
        self.titles.iter().flat_map(|(job, _)| goals(*job, &self.rows(*job, rounds), self.file_bytes)).collect()
    }
}

/// None where Satchel was not measured: there is nothing to say.
fn goals(job: Job, rows: &[Row], file_bytes: u64) -> Vec<Goal> {
    let (Some(ours), Some(first)) = (rows.iter().find(|row| row.tool == Tool::Satchel), rows.first()) else {
        return Vec::new();
    };
    let goal = |text: String, found: String, reached| Goal { job, text, found, reached };
    let to_first = ratio(ours.cost.wall_seconds, first.cost.wall_seconds);
    let mut goals = vec![goal(
        "first or within 5 % of the first".to_owned(),
        if first.tool == Tool::Satchel {
            "first".to_owned()
        } else {
            format!("{to_first:.2} times {}", first.tool.name())
        },
        to_first <= NEAR_THE_FIRST,
    )];
    if job == Job::Link {
        let found = format!("{:.0} ms", ours.cost.wall_seconds * 1000.0);
        goals.push(goal("from start to link in 30 ms".to_owned(), found, ours.cost.wall_seconds < LINK_SECONDS));
        return goals;
    }
    for (tool, wanted) in AHEAD_OF {
        if let Some(theirs) = rows.iter().find(|row| row.tool == tool) {
            let ahead = ratio(theirs.cost.wall_seconds, ours.cost.wall_seconds);
            let text = format!("ahead of {} by {wanted}", tool.name());
            goals.push(goal(text, format!("{ahead:.2}"), ahead >= wanted));
        }
    }
    if !job.is_folder() {
        let cpu = ours.cost.cpu_seconds * GIB / bytes(file_bytes);
        let text = format!("CPU under {CPU_SECONDS_PER_GIB} s per GiB");
        goals.push(goal(text, format!("{cpu:.2} s"), cpu < CPU_SECONDS_PER_GIB));
    }
    let memory = ours.cost.memory_kib * 1024;
    let text = format!("memory under {} MB", MEMORY_BYTES / 1_000_000);
    goals.push(goal(text, format!("{} MB", memory.div_ceil(1_000_000)), memory < MEMORY_BYTES));
    goals
}

/// GNU time counts hundredths; what took none took less than half of one.
fn ratio(one: f64, other: f64) -> f64 {
    one.max(0.005) / other.max(0.005)
}

fn bytes(count: u64) -> f64 {
    count.max(1) as f64
}

pub fn print(options: &Options, results: &Results) {
    let store = match options.store {
        StoreKind::Practice => "the practice store",
        StoreKind::SeaweedFs => "SeaweedFS",
    };
    println!(
        "To {store} on loopback; rounds: {}; medians, of memory the highest; seed {}",
        options.rounds, options.seed
    );
    for (job, title) in &results.titles {
        print_table(title, &results.rows(*job, options.rounds));
    }
    println!();
    results.missing.iter().for_each(|(tool, why)| println!("not measured: {}: {why}", tool.name()));
    results.failed.iter().for_each(|what| println!("not counted: {what}"));
    for goal in results.goals(options.rounds) {
        let reached = if goal.reached { "yes" } else { "NO" };
        println!("{reached:<3}  {:<5}  {}: {}", goal.job.word(), goal.text, goal.found);
    }
}

fn print_table(title: &str, rows: &[Row]) {
    let ours = rows.iter().find(|row| row.tool == Tool::Satchel).map(|row| row.cost);
    println!("\n{title:<35}   wall       CPU     memory   to satchel: wall    CPU");
    for Row { tool, cost, .. } in rows {
        let mib = cost.memory_kib / 1024;
        let figures = format!("{:>6.3} s {:>6.2} s  {mib:>5} MiB", cost.wall_seconds, cost.cpu_seconds);
        let ratios = ours.map_or_else(String::new, |ours| {
            let (wall, cpu) = (ratio(cost.wall_seconds, ours.wall_seconds), ratio(cost.cpu_seconds, ours.cpu_seconds));
            format!("{wall:>20.2} {cpu:>6.2}")
        });
        println!("  {:<32} {figures}{ratios}", tool.name());
    }
}

#[cfg(test)]
mod tests {
    use super::{Cost, Job, Results, Tool, Trouble};

    fn cost(wall_seconds: f64, cpu_seconds: f64, memory_mib: u64) -> Cost {
        Cost { wall_seconds, cpu_seconds, memory_kib: memory_mib * 1024 }
    }

    fn results(costs: &[(Tool, Cost)]) -> Results {
        let mut results = Results { file_bytes: 2 << 30, ..Results::default() };
        results.titles.push((Job::FileUp, String::new()));
        costs.iter().for_each(|(tool, cost)| results.add(Job::FileUp, *tool, *cost));
        results
    }

    fn reached(results: &Results) -> Vec<(String, bool)> {
        results.goals(1).into_iter().map(|goal| (goal.text, goal.reached)).collect()
    }

    #[test]
    fn the_goals_are_those_of_wall_time_cpu_and_memory() {
        let costs = [
            (Tool::Satchel, cost(1.05, 1.59, 95)),
            (Tool::Curl, cost(1.0, 0.1, 9)),
            (Tool::S5cmd, cost(1.3, 1.0, 50)),
            (Tool::AwsCli, cost(4.0, 1.0, 50)),
        ];
        let expected = [
            ("first or within 5 % of the first", true),
            ("ahead of s5cmd by 1.3", false),
            ("ahead of aws-cli by 3", true),
            ("CPU under 0.8 s per GiB", true),
            ("memory under 100 MB", true),
        ];
        assert_eq!(reached(&results(&costs)), expected.map(|(text, met)| (text.to_owned(), met)));
        let missed = results(&[(Tool::Satchel, cost(1.06, 1.6, 96)), (Tool::Curl, cost(1.0, 0.1, 9))]);
        assert!(reached(&missed).iter().all(|(_, met)| !met));
    }

    #[test]
    fn who_failed_in_one_round_stands_in_no_table() {
        let mut results = results(&[(Tool::Satchel, cost(1.0, 1.0, 1)), (Tool::Curl, cost(0.5, 1.0, 1))]);
        results.add(Job::FileUp, Tool::Satchel, cost(2.0, 1.0, 1));
        let tools: Vec<Tool> = results.rows(Job::FileUp, 2).iter().map(|row| row.tool).collect();
        assert_eq!(tools, [Tool::Satchel]);
    }

    #[test]
    fn only_our_own_failure_and_wrong_bytes_fail_the_run() {
        let mut results = Results::default();
        results.trouble("up, s5cmd".to_owned(), Tool::S5cmd, &Trouble::failed(anyhow::anyhow!("it ended with 1")));
        assert!(results.wrong.is_empty());
        results.trouble("up, satchel".to_owned(), Tool::Satchel, &Trouble::failed(anyhow::anyhow!("it ended with 1")));
        results.trouble("up, curl".to_owned(), Tool::Curl, &Trouble::wrong(anyhow::anyhow!("other bytes")));
        assert_eq!(results.wrong, ["up, satchel: it ended with 1", "up, curl: other bytes"]);
    }
}
