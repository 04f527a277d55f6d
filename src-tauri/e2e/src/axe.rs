//! axe-core on the page as it stands: no violation of any of the rules that Satchel keeps.

use std::fs;

use anyhow::{Context, Result, bail};
use serde::Deserialize;
use serde_json::json;

use crate::page::Page;
use crate::places;

const RULES: [&str; 6] = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

#[derive(Deserialize)]
struct Violation {
    id: String,
    impact: Option<String>,
    help: String,
    nodes: Vec<Node>,
}

#[derive(Deserialize)]
struct Node {
    html: String,
    #[serde(rename = "failureSummary")]
    summary: Option<String>,
}

impl Page {
    /// `state` says in the message which state of the page it was.
    pub async fn expect_accessible(&self, state: &str) -> Result<()> {
        self.load_axe().await?;
        self.still().await?;
        let check = "const found = await window.axe.run(document, { runOnly: { type: 'tag', values: given[0] }, resultTypes: ['violations'] });
             return found.violations;";
        let found = self.async_script(check, vec![json!(RULES)]).await.context("axe-core")?;
        let violations: Vec<Violation> = serde_json::from_value(found).context("what axe-core found")?;
        if !violations.is_empty() {
            let list: Vec<String> = violations.iter().map(described).collect();
            bail!("“{state}” is not accessible:\n{}", list.join("\n"));
        }
        Ok(())
    }

    async fn load_axe(&self) -> Result<()> {
        if self.script("return typeof window.axe === 'object'", vec![]).await? == json!(true) {
            return Ok(());
        }
        let file = places::axe();
        let source = fs::read_to_string(&file).with_context(|| format!("{} (`npm ci` in ui/)", file.display()))?;
        // As a function of its own, so that its `this` and its variables are not the page's.
        self.script(&format!("(function () {{ {source}\n}}).call(window); window.axe = window.axe || axe;"), vec![])
            .await?;
        Ok(())
    }
}

fn described(violation: &Violation) -> String {
    let impact = violation.impact.as_deref().unwrap_or("unknown");
    let nodes = violation.nodes.iter().map(|node| {
        let why = node.summary.as_deref().unwrap_or_default().replace('\n', "\n      ");
        format!("    {}\n      {why}", node.html)
    });
    format!("  {} ({impact}): {}\n{}", violation.id, violation.help, nodes.collect::<Vec<_>>().join("\n"))
}
