//! `guichet sandbox-test`: tries to break out of the process a document is read in.

use std::io::Write;

use clap::Args;
use serde_json::json;

use super::table::table;
use super::{NO, OK};
use crate::isolation::{Escape, Layers, Settings, Verdict, sandbox_test};
use crate::schemas::Forms;

/// Tries every known escape from the sandbox documents are read in, and says which are blocked
///
/// Ends with 1 when one is open or a wall is missing on this machine.
#[derive(Debug, Args)]
pub(super) struct SandboxTest {
    /// One JSON object instead of a table
    #[arg(long)]
    json: bool,
}

impl SandboxTest {
    pub(super) fn run(&self) -> anyhow::Result<u8> {
        // A missing wall is part of the report, not the end of it.
        let (layers, escapes) =
            sandbox_test(Settings { best_effort: true, ..Settings::default() }, &Forms::built_in())?;
        let safe = layers.complete() && escapes.iter().all(|escape| escape.verdict != Verdict::Open);
        let mut out = std::io::stdout().lock();
        if self.json {
            writeln!(out, "{}", json!({ "safe": safe, "layers": layers, "escapes": escapes }))?;
        } else {
            print_for_people(&mut out, layers, &escapes)?;
        }
        Ok(if safe { OK } else { NO })
    }
}

fn print_for_people(out: &mut impl Write, layers: Layers, escapes: &[Escape]) -> std::io::Result<()> {
    writeln!(out, "{layers}")?;
    let mut rows = table(&["Walls", "Attempt", "Result", "How"]);
    for Escape { walls, name, verdict, how } in escapes {
        let verdict = match verdict {
            Verdict::Blocked => "blocked",
            Verdict::Open => "OPEN",
            Verdict::Unproven => "unproven",
        };
        rows.add_row([walls, name, verdict, how.as_str()]);
    }
    writeln!(out, "{rows}")?;
    let count = |verdict| escapes.iter().filter(|escape| escape.verdict == verdict).count();
    let (blocked, open, unproven) = (count(Verdict::Blocked), count(Verdict::Open), count(Verdict::Unproven));
    writeln!(out, "{blocked} blocked, {open} open, {unproven} unproven (impossible here without a sandbox too)")
}
