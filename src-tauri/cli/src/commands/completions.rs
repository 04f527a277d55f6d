//! `satchel completions`: what a shell needs to complete our words.

use crate::arguments::Arguments;
use crate::exit::{Exit, Failure};
use crate::output::Output;
use clap::CommandFactory;
use clap_complete::Shell;

pub fn run(output: &Output, shell: Shell) -> Result<Exit, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Arguments::command(), "satchel", &mut script);
    output.bytes(&script)?;
    Ok(Exit::Done)
}
