//! Repairs what can be repaired without thinking: format, and the lints that know their own answer.

use anyhow::Result;

use crate::process::{ALL_FEATURES, cargo, npm, run};
use crate::setup::{self, Need};

pub fn fix() -> Result<()> {
    setup::prepare(&[Need::Build, Need::CheckingTools])?;
    setup::build_page()?;
    run(cargo()
        .args(["clippy", "--locked", "--fix", "--allow-dirty", "--allow-staged", "--workspace", "--all-targets"])
        .args(ALL_FEATURES))?;
    run(cargo().args(["fmt", "--all"]))?;
    run(npm().args(["run", "--silent", "lint", "--", "--fix"]))?;
    run(npm().args(["run", "--silent", "format"]))
}
