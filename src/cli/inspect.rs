//! `guichet inspect`: what the program sees in any file before any schema.

use std::io::Write;
use std::path::PathBuf;

use clap::Args;
use serde_json::Value as Json;

use super::at::block_on;
use super::table::shown;
use super::walls::{Walls, inspected};
use super::{NO, OK};
use crate::isolation::Isolation;
use crate::schemas::Forms;

/// Shows pages, form fields, text, cells and words of one file.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  guichet inspect form.pdf\n  guichet inspect fiche.xlsx --json | jq .cells\n\nExit code 1 when the file cannot be read; the reason and its code are printed."
)]
pub(super) struct Inspect {
    /// Any file
    file: PathBuf,
    /// One JSON object instead of text for people
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    walls: Walls,
}

impl Inspect {
    pub(super) fn run(&self) -> anyhow::Result<u8> {
        let isolation = Isolation::new(self.walls.settings(None), &Forms::built_in())?;
        let seen = block_on(inspected(&isolation, &self.file))?;
        let mut out = std::io::stdout().lock();
        if self.json {
            serde_json::to_writer_pretty(&mut out, &seen)?;
            writeln!(out)?;
        } else {
            print_for_people(&mut out, &seen)?;
        }
        Ok(if seen.get("error").is_some() { NO } else { OK })
    }
}

fn print_for_people(out: &mut impl Write, seen: &Json) -> std::io::Result<()> {
    let Some(members) = seen["members"].as_array() else { return print_one(out, seen) };
    writeln!(out, "ZIP archive, {} document(s)", members.len())?;
    for member in members {
        writeln!(out, "\n── {}", shown(member["name"].as_str().unwrap_or_default()))?;
        print_one(out, member)?;
    }
    Ok(())
}

fn print_one(out: &mut impl Write, seen: &Json) -> std::io::Result<()> {
    if let Some(error) = seen.get("error") {
        let text = |key: &str| error[key].as_str().unwrap_or_default().to_owned();
        return writeln!(out, "{}: {}", text("code"), shown(&text("reason")));
    }
    writeln!(out, "{}, {} page(s)", seen["format"].as_str().unwrap_or_default(), seen["pages"])?;
    section(out, "Form fields", &seen["fields"])?;
    for (sheet, cells) in seen["cells"].as_object().into_iter().flatten() {
        section(out, &format!("Sheet {}", shown(sheet)), cells)?;
    }
    if let Some(text) = seen["text"].as_str().filter(|text| !text.trim().is_empty()) {
        writeln!(out, "\nText")?;
        for line in text.lines() {
            writeln!(out, "  {}", shown(line))?;
        }
    }
    let findings = seen["findings"].as_array().map(Vec::as_slice).unwrap_or_default();
    if !findings.is_empty() {
        writeln!(out, "\nFindings")?;
    }
    for finding in findings {
        let details = finding["details"].as_object().into_iter().flatten();
        let details: Vec<String> =
            details.map(|(name, value)| format!("{name} {}", shown(value.as_str().unwrap_or_default()))).collect();
        writeln!(out, "  {}  {}", finding["code"].as_str().unwrap_or_default(), details.join(", "))?;
    }
    Ok(())
}

fn section(out: &mut dyn Write, title: &str, entries: &Json) -> std::io::Result<()> {
    let Some(entries) = entries.as_object().filter(|entries| !entries.is_empty()) else { return Ok(()) };
    writeln!(out, "\n{title}")?;
    for (name, value) in entries {
        let value = match value {
            Json::Null => "–".to_owned(),
            Json::String(text) => text.clone(),
            other => other.to_string(),
        };
        writeln!(out, "  {}  {}", shown(name), shown(&value))?;
    }
    Ok(())
}
