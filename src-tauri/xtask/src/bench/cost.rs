//! What one call of a program took, with everything that it started. Measured by GNU time, which asks the system.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};

use crate::process::program;

/// Under this, the time of a program counts with its start, to the millisecond.
const COUNTED_FINER: Duration = Duration::from_millis(500);

#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Cost {
    pub wall_seconds: f64,
    pub cpu_seconds: f64,
    /// The most that any one of its processes held at a time.
    pub memory_kib: u64,
}

/// Runs a command to its end. `room` takes the figures meanwhile.
pub fn measured(command: &Command, room: &Path) -> Result<Cost> {
    let figures = room.join("figures");
    let mut time = program("/usr/bin/time");
    time.args(["-f", "%e %U %S %M", "-o"]).arg(&figures).arg("--").arg(command.get_program());
    time.args(command.get_args()).stdin(Stdio::null()).stdout(Stdio::null());
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => time.env(name, value),
            None => time.env_remove(name),
        };
    }
    let begun = Instant::now();
    let status = time.status().context("GNU time could not be started")?;
    let took = begun.elapsed();
    ensure!(status.success(), "it did not do it ({status})");
    let cost = Cost::read(&fs::read_to_string(&figures)?)?;
    // GNU time counts hundredths of a second, which is too little for what is over in a few.
    Ok(if took < COUNTED_FINER { Cost { wall_seconds: took.as_secs_f64(), ..cost } } else { cost })
}

impl Cost {
    fn read(figures: &str) -> Result<Self> {
        let words: Vec<&str> = figures.lines().last().unwrap_or_default().split(' ').collect();
        let [wall, user, system, memory] = words.as_slice() else { bail!("`time` said “{figures}”") };
        Ok(Self {
            wall_seconds: wall.parse()?,
            cpu_seconds: user.parse::<f64>()? + system.parse::<f64>()?,
            memory_kib: memory.parse()?,
        })
    }

    /// The middle of each figure by itself; of memory the highest.
    pub fn median(costs: &[Cost]) -> Result<Cost> {
        let middle = |figure: fn(&Cost) -> f64| {
            let mut figures: Vec<f64> = costs.iter().map(figure).collect();
            figures.sort_by(f64::total_cmp);
            figures.get(figures.len() / 2).copied().context("no round was run")
        };
        Ok(Cost {
            wall_seconds: middle(|cost| cost.wall_seconds)?,
            cpu_seconds: middle(|cost| cost.cpu_seconds)?,
            memory_kib: costs.iter().map(|cost| cost.memory_kib).max().context("no round was run")?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::Cost;

    #[test]
    fn figures_are_the_last_line_of_what_time_wrote() {
        let cost = Cost::read("Command exited with non-zero status 1\n1.50 0.25 0.50 11796\n").unwrap();
        assert_eq!(cost, Cost { wall_seconds: 1.5, cpu_seconds: 0.75, memory_kib: 11_796 });
        assert!(Cost::read("").is_err());
    }

    #[test]
    fn the_median_is_of_each_figure_and_memory_is_the_highest() {
        let cost = |wall_seconds, memory_kib| Cost { wall_seconds, cpu_seconds: 1.0, memory_kib };
        let middle = Cost::median(&[cost(9.0, 1), cost(1.0, 3), cost(2.0, 2)]).unwrap();
        assert_eq!(middle, cost(2.0, 3));
        assert!(Cost::median(&[]).is_err());
    }
}
