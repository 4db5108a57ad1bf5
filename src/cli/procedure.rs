//! `guichet procedure`: the ten steps on one page, from the very table that moves dossiers.

use std::fmt::Write;

use clap::{Args, ValueEnum};
use serde_json::json;

use super::OK;
use super::phrases::Phrases;
use super::table::table;
use crate::domain::step::Step;
use crate::domain::table::{Row, TABLE};

/// Prints the procedure: at each step what may happen, who may cause it, what must hold and where it leads.
#[derive(Debug, Args)]
pub(super) struct Procedure {
    /// A table for the terminal, Markdown, a Mermaid diagram of the ways between steps, or JSON
    #[arg(long, value_enum, default_value_t = As::Text)]
    format: As,
    /// The same as --format json
    #[arg(long)]
    json: bool,
    /// Only the lines of one step: its number, or its name in the table
    #[arg(long, value_name = "STEP")]
    step: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum As {
    Text,
    Markdown,
    Diagram,
    Json,
}

impl Procedure {
    pub(super) fn run(&self) -> anyhow::Result<u8> {
        let phrases = Phrases::load(None, "procedure/fr.toml")?;
        let format = if self.json { As::Json } else { self.format };
        let rows: Vec<&Row> = ordered().filter(|row| self.step.as_ref().is_none_or(|step| is_at(row, step))).collect();
        anyhow::ensure!(!rows.is_empty(), "no such step; `guichet procedure` names them all");
        print!("{}", page(format, &rows, &phrases));
        Ok(OK)
    }
}

fn is_at(row: &Row, step: &str) -> bool {
    row.from.as_str() == step || row.from.number().to_string() == step
}

fn page(format: As, rows: &[&Row], phrases: &Phrases) -> String {
    match format {
        As::Text => {
            let mut lines = table(&["Étape", "Événement", "Par", "À condition", "Mène à"]);
            for row in rows {
                lines.add_row(cells(row, phrases));
            }
            format!("{lines}\n")
        }
        As::Markdown => {
            let mut page = String::from("| Étape | Événement | Par | À condition | Mène à |\n|---|---|---|---|---|\n");
            for row in rows {
                let _ = writeln!(page, "| {} |", cells(row, phrases).join(" | "));
            }
            page
        }
        As::Diagram => diagram(phrases),
        As::Json => {
            let lines: Vec<_> = rows
                .iter()
                .map(|row| {
                    json!({ "step": row.from, "number": row.from.number(), "event": row.event, "by": row.by, "gate": row.gate,
                        "to": row.to })
                })
                .collect();
            serde_json::to_string_pretty(&lines).unwrap_or_default() + "\n"
        }
    }
}

/// Only what moves a dossier; several ways between two steps share one arrow.
fn diagram(phrases: &Phrases) -> String {
    let mut page = String::from("stateDiagram-v2\n");
    for step in Step::ALL {
        let _ = writeln!(page, "    {step} : {}", phrases.say("step", step.as_str()));
    }
    page.push_str("    [*] --> forms\n");
    for from in Step::ALL {
        for to in Step::ALL.into_iter().filter(|to| *to != from) {
            let causes: Vec<&str> = TABLE
                .iter()
                .filter(|row| row.from == from && row.to.contains(&to))
                .map(|row| phrases.say("event", row.event))
                .collect();
            if !causes.is_empty() {
                let _ = writeln!(page, "    {from} --> {to} : {}", causes.join(", "));
            }
        }
    }
    page
}

fn ordered() -> impl Iterator<Item = &'static Row> {
    Step::ALL.into_iter().flat_map(|step| TABLE.iter().filter(move |row| row.from == step))
}

fn cells(row: &Row, phrases: &Phrases) -> [String; 5] {
    let by = serde_json::to_value(row.by).unwrap_or_default();
    let to: Vec<&str> = row
        .to
        .iter()
        .map(|step| if *step == row.from { "reste" } else { phrases.say("step", step.as_str()) })
        .collect();
    let gate = if row.gate.is_empty() { "" } else { phrases.say("gate", row.gate) };
    [
        phrases.say("step", row.from.as_str()).to_owned(),
        phrases.say("event", row.event).to_owned(),
        phrases.say("by", by.as_str().unwrap_or_default()).to_owned(),
        gate.to_owned(),
        to.join(", sinon "),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_of_the_procedure_has_its_words() {
        let phrases = Phrases::load(None, "procedure/fr.toml").unwrap();
        for row in TABLE {
            assert!(phrases.knows("event", row.event), "{}", row.event);
            assert!(row.gate.is_empty() || phrases.knows("gate", row.gate), "{}", row.gate);
        }
        for step in Step::ALL {
            assert!(phrases.knows("step", step.as_str()), "{step}");
        }
    }

    #[test]
    fn the_readme_shows_the_procedure_as_it_is() {
        let readme = include_str!("../../README.md");
        let picture = diagram(&Phrases::load(None, "procedure/fr.toml").unwrap());
        assert!(
            readme.contains(&format!("```mermaid\n{picture}```")),
            "README.md: replace the picture of the procedure by `guichet procedure --format diagram`:\n{picture}"
        );
    }

    #[test]
    fn the_ways_between_steps() {
        insta::assert_snapshot!(diagram(&Phrases::load(None, "procedure/fr.toml").unwrap()));
    }
}
