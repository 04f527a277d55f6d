//! What takes too long for every day: the random run over many seeds, and very many files at once.

mod window;

use anyhow::{Context, Result, bail};

use crate::process::{ALL_FEATURES, cargo, run_as_last};

const USUAL_SEEDS: u64 = 200;
const USUAL_FILES: u64 = 100_000;

#[derive(Debug, PartialEq, Eq)]
struct Wanted {
    seeds: u64,
    /// Only this one, to see again what went wrong.
    seed: Option<u64>,
    files: u64,
}

impl Wanted {
    fn from(arguments: &[String]) -> Result<Self> {
        let mut wanted = Self { seeds: USUAL_SEEDS, seed: None, files: USUAL_FILES };
        let mut words = arguments.iter();
        while let Some(word) = words.next() {
            let mut number = || -> Result<u64> {
                let text = words.next().with_context(|| format!("`{word}` wants a number"))?;
                text.parse().with_context(|| format!("`{word} {text}`: that is no number"))
            };
            match word.as_str() {
                "--seeds" => wanted.seeds = number()?,
                "--seed" => wanted.seed = Some(number()?),
                "--files" => wanted.files = number()?,
                other => bail!("`soak` understands only `--seeds N`, `--seed N` and `--files N`, not `{other}`"),
            }
        }
        Ok(wanted)
    }
}

pub fn soak(arguments: &[String]) -> Result<()> {
    if let Some(("--window", rest)) = arguments.split_first().map(|(word, rest)| (word.as_str(), rest)) {
        return window::soak(rest);
    }
    let wanted = Wanted::from(arguments)?;
    // Not by the runner of every day, which ends what takes long; one after the other, so that times mean something.
    let mut command = cargo();
    command.args(["test", "--locked", "--workspace"]).args(ALL_FEATURES).args(["--test", "faults", "--"]);
    command.args(["--nocapture", "--test-threads", "1", "random"]);
    match wanted.seed {
        Some(seed) => command.env("SATCHEL_RANDOM_SEED", seed.to_string()),
        None => command
            .arg("f40_very_many_files")
            .env("SATCHEL_RANDOM_SEEDS", wanted.seeds.to_string())
            .env("SATCHEL_SOAK_FILES", wanted.files.to_string()),
    };
    run_as_last(command.env("LC_ALL", "C.UTF-8"))
}

#[cfg(test)]
mod tests {
    use super::Wanted;

    fn wanted(words: &[&str]) -> anyhow::Result<Wanted> {
        Wanted::from(&words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>())
    }

    #[test]
    fn numbers_are_taken_and_everything_else_is_refused() {
        assert_eq!(wanted(&[]).unwrap(), Wanted { seeds: 200, seed: None, files: 100_000 });
        let some = wanted(&["--seeds", "3", "--seed", "7", "--files", "9"]).unwrap();
        assert_eq!(some, Wanted { seeds: 3, seed: Some(7), files: 9 });
        assert!(wanted(&["--seeds"]).is_err());
        assert!(wanted(&["--seeds", "many"]).is_err());
        assert!(wanted(&["all"]).is_err());
    }
}
