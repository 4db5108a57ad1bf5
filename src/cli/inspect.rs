//! `guichet inspect`: what the program sees in any file before any schema.

use std::io::Write;
use std::path::PathBuf;

use clap::Args;

use super::at::block_on;
use super::walls::{Walls, inspected};
use super::{NO, OK};
use crate::isolation::Isolation;
use crate::schemas::Forms;

/// Shows pages, form fields, text, cells and words of one file.
#[derive(Debug, Args)]
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

fn print_for_people(out: &mut impl Write, seen: &serde_json::Value) -> std::io::Result<()> {
    use super::table::shown;
    if let Some(error) = seen.get("error") {
        let text = |key: &str| error[key].as_str().unwrap_or_default().to_owned();
        return writeln!(out, "{}: {}", text("code"), shown(&text("reason")));
    }
    writeln!(out, "{} page(s)", seen["pages"])?;
    let section = |out: &mut dyn Write, title: &str, entries: &serde_json::Value| -> std::io::Result<()> {
        let Some(entries) = entries.as_object().filter(|entries| !entries.is_empty()) else { return Ok(()) };
        writeln!(out, "\n{title}")?;
        for (name, value) in entries {
            let value = value.as_str().map_or_else(|| value.to_string(), ToOwned::to_owned);
            writeln!(out, "  {}  {}", shown(name), shown(&value))?;
        }
        Ok(())
    };
    section(out, "Form fields", &seen["fields"])?;
    for (sheet, cells) in seen["cells"].as_object().into_iter().flatten() {
        section(out, &format!("Sheet {}", shown(sheet)), cells)?;
    }
    if let Some(text) = seen["text"].as_str().filter(|text| !text.is_empty()) {
        writeln!(out, "\nText")?;
        for line in text.lines() {
            writeln!(out, "  {}", shown(line))?;
        }
    }
    Ok(())
}
