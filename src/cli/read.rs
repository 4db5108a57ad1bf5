//! `guichet read`: reads documents without storing anything.

use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::Args;
use serde_json::{Map, Value as Json, json};

use super::at::block_on;
use super::phrases::Phrases;
use super::show::doubted;
use super::table::{shown, table};
use super::walls::{Walls, behind_walls, pictured};
use super::{NO, OK};
use crate::domain::document::{Kind, Reading};
use crate::domain::field::{Extraction, Field, Place, Trust, Value};
use crate::domain::notification::Language;
use crate::isolation::Isolation;
use crate::rules::Rules;
use crate::schemas::Forms;
use crate::templates::Templates;

const EXAMPLES: &str = "\
Examples:
  guichet read formulaire.pdf fiche.xlsx            what is read, for people
  guichet read --json scan.pdf                      the same for programs, with places and doubts
  guichet read --picture images dossier.zip         each page with a frame round every value
  guichet read --models /srv/guichet/var/models scan.jpg
  guichet read formulaires/ --out lectures          a whole folder, one JSON file per document";

/// Reads documents and shows what was found, where, and what is doubtful.
///
/// Exit code 1 when a document holds no form, 66 when a file is not there.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Read {
    /// Files, or folders to walk
    #[arg(required = true)]
    paths: Vec<PathBuf>,
    /// One JSON object per document on standard output
    #[arg(long, conflicts_with = "out")]
    json: bool,
    /// Write one JSON file per document into this folder
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Name sources relative to this folder
    #[arg(long, value_name = "DIR")]
    relative_to: Option<PathBuf>,
    /// Draw what was read on the pages it was read from: one PNG per page or sheet into this folder
    #[arg(long, value_name = "DIR")]
    picture: Option<PathBuf>,
    /// Folder of the models that read scans (`make ocr-models` fetches them)
    #[arg(long, value_name = "DIR", env = crate::extraction::MODELS)]
    models: Option<PathBuf>,
    /// Take this date for today (checks on certificates and signatures)
    #[arg(long, value_name = "YYYY-MM-DD")]
    today: Option<jiff::civil::Date>,
    /// Folder of form schemas; those built in when absent
    #[arg(long, value_name = "DIR")]
    schemas: Option<PathBuf>,
    /// Ignore label wordings learnt only from this layout (to measure what an unseen layout gets)
    #[arg(long, value_name = "LAYOUT", hide = true)]
    leave_out: Option<String>,
    #[command(flatten)]
    walls: Walls,
}

impl Read {
    pub(super) fn run(&self) -> anyhow::Result<u8> {
        let forms = match &self.schemas {
            Some(folder) => Forms::load(folder)?,
            None => Forms::built_in(),
        };
        let forms = match &self.leave_out {
            Some(layout) => forms.leaving_out(layout),
            None => forms,
        };
        let rules = match &self.schemas {
            Some(folder) => Rules::load(folder, &forms)?,
            None => Rules::built_in(&forms),
        };
        let today = self.today.unwrap_or_else(|| crate::clock::Clock::today(&crate::clock::SystemClock::start()));
        let files = self.files()?;
        let words = if self.json || self.out.is_some() {
            None
        } else {
            Some(Words { phrases: Phrases::load(None, "procedure/fr.toml")?, templates: Templates::built_in() })
        };
        let progress = progress(files.len());
        let mut refused = false;
        let mut told = |index: usize, reading: &Reading| {
            refused |= reading.extractions.is_empty();
            progress.inc(1);
            self.tell(index, &files[index], reading, &forms, words.as_ref())
        };
        let settings = self.walls.settings(self.models.as_deref());
        if let Some(folder) = &self.picture {
            block_on(async {
                let isolation = Isolation::new(settings, &forms)?;
                for (index, file) in files.iter().enumerate() {
                    progress.set_message(shown(&file.to_string_lossy()));
                    let (reading, pages) = pictured(&isolation, file).await?;
                    let reading = checked(reading, &forms, &rules, today);
                    let drawn = super::picture::write(folder, &self.source_of(file), &reading, &pages, &forms)?;
                    for path in &drawn {
                        eprintln!("{}", shown(&path.to_string_lossy()));
                    }
                    told(index, &reading)?;
                }
                Ok(())
            })?;
        } else {
            block_on(async {
                let mut readings = behind_walls(Isolation::new(settings, &forms)?, files.clone());
                for (index, file) in files.iter().enumerate() {
                    progress.set_message(shown(&file.to_string_lossy()));
                    let Some(reading) = readings.next().await else { break };
                    told(index, &checked(reading?, &forms, &rules, today))?;
                }
                Ok(())
            })?;
        }
        progress.finish_and_clear();
        Ok(if refused { NO } else { OK })
    }

    /// One document's reading, the way it was asked for.
    fn tell(
        &self,
        index: usize,
        file: &Path,
        reading: &Reading,
        forms: &Forms,
        words: Option<&Words>,
    ) -> anyhow::Result<()> {
        let source = self.source_of(file);
        match &self.out {
            Some(folder) => write_one(folder, index, &as_json(&source, reading))?,
            None if self.json => println!("{}", as_json(&source, reading)),
            None => print_for_people(&source, reading, forms, words.expect("made for people"))?,
        }
        Ok(())
    }

    /// Files named, and those under folders named, in order; the labels and hidden files beside them are not documents.
    fn files(&self) -> anyhow::Result<Vec<PathBuf>> {
        let mut files = Vec::new();
        for path in &self.paths {
            if !path.is_dir() {
                files.push(path.clone());
                continue;
            }
            for entry in walkdir::WalkDir::new(path).sort_by_file_name() {
                let entry = entry.with_context(|| format!("reading folder {}", path.display()))?;
                let name = entry.file_name().to_string_lossy();
                let described =
                    ["json", "md", "py", "sha256"].iter().any(|e| entry.path().extension().is_some_and(|x| x == *e));
                if entry.file_type().is_file() && !name.starts_with('.') && !described {
                    files.push(entry.into_path());
                }
            }
        }
        Ok(files)
    }

    fn source_of(&self, file: &Path) -> String {
        let relative = self.relative_to.as_deref().and_then(|base| file.strip_prefix(base).ok());
        relative.unwrap_or(file).to_string_lossy().into_owned()
    }
}

/// A reading with what is wrong within its forms and between them.
fn checked(mut reading: Reading, forms: &Forms, rules: &Rules, today: jiff::civil::Date) -> Reading {
    let of = |kind| reading.extractions.iter().find(|extraction| extraction.kind == kind);
    let mut findings = Vec::new();
    for extraction in &reading.extractions {
        if let Some(form) = forms.of(extraction.kind) {
            findings.extend(crate::validation::examine(extraction, form, rules, today));
        }
    }
    if let (Some(adhesion), Some(fiche)) = (of(Kind::Adhesion), of(Kind::FicheTechnique)) {
        findings.extend(crate::validation::compare(adhesion, fiche, rules));
    }
    reading.findings.extend(findings);
    reading
}

fn progress(files: usize) -> indicatif::ProgressBar {
    if files < 4 || !std::io::stderr().is_terminal() {
        return indicatif::ProgressBar::hidden();
    }
    let style = indicatif::ProgressStyle::with_template("{bar:30} {pos}/{len} {eta} {wide_msg}")
        .unwrap_or_else(|_| indicatif::ProgressStyle::default_bar());
    indicatif::ProgressBar::new(files as u64).with_style(style)
}

fn write_one(folder: &Path, index: usize, document: &Json) -> anyhow::Result<()> {
    std::fs::create_dir_all(folder).with_context(|| format!("creating {}", folder.display()))?;
    let path = folder.join(format!("{:05}.json", index + 1));
    let mut text = serde_json::to_string_pretty(document)?;
    text.push('\n');
    std::fs::write(&path, text).with_context(|| format!("writing {}", path.display()))
}

/// One document as JSON: kind, fields with provenance, parts, findings.
fn as_json(source: &str, reading: &Reading) -> Json {
    let mut document = Map::new();
    document.insert("source".into(), source.into());
    document.insert("kind".into(), json!(reading.kind));
    document.insert("format".into(), json!(reading.format));
    // The whole document's fields: the first form that has a field wins, adhesion before technical sheet.
    let mut all: Vec<&Extraction> = reading.extractions.iter().collect();
    all.sort_by_key(|extraction| extraction.kind);
    let mut fields = Map::new();
    for extraction in &all {
        for (key, field) in fields_of(extraction) {
            fields.entry(key).or_insert(field);
        }
    }
    document.insert("fields".into(), fields.into());
    let parts: Vec<Json> = reading
        .extractions
        .iter()
        .map(|extraction| {
            json!({
                "kind": extraction.kind, "member": extraction.member, "pages": extraction.pages,
                "fields": fields_of(extraction), "gaps": extraction.gaps,
            })
        })
        .collect();
    document.insert("parts".into(), parts.into());
    document.insert("findings".into(), json!(reading.findings));
    document.into()
}

fn fields_of(extraction: &Extraction) -> Map<String, Json> {
    extraction.fields.values().map(|field| (field.key.to_string(), field_json(field))).collect()
}

fn field_json(field: &Field) -> Json {
    let mut object = Map::new();
    let value = match &field.value {
        Value::Rows(rows) => rows
            .iter()
            .map(|row| row.iter().map(|cell| (cell.key.to_string(), field_json(cell))).collect::<Map<_, _>>().into())
            .collect::<Vec<Json>>()
            .into(),
        other => json!(other),
    };
    object.insert("value".into(), value);
    object.insert("raw".into(), field.raw.as_str().into());
    object.insert("trusted".into(), (field.trust == Trust::Trusted).into());
    object.insert("confidence".into(), json!(field.confidence));
    if let Trust::Doubtful(doubts) = &field.trust {
        object.insert("doubts".into(), json!(doubts));
    }
    match &field.place {
        Some(Place::Page { page, bbox }) => {
            object.insert("page".into(), json!(page));
            object.insert("bbox".into(), json!(bbox));
        }
        Some(Place::Cell { sheet, cell }) => {
            object.insert("sheet".into(), sheet.as_str().into());
            object.insert("cell".into(), cell.as_str().into());
        }
        None => {}
    }
    object.insert("method".into(), json!(field.method));
    if let Some(label) = &field.label {
        object.insert("label".into(), label.as_str().into());
    }
    object.into()
}

/// Where a value stands, in short: `p. 2`, `Feuil1!C31`.
pub(super) fn place(place: Option<&Place>) -> String {
    match place {
        Some(Place::Page { page, .. }) => format!("p. {page}"),
        Some(Place::Cell { sheet, cell }) => format!("{}!{cell}", shown(sheet)),
        None => String::new(),
    }
}

/// What people are told in words.
struct Words {
    phrases: Phrases,
    templates: Templates,
}

fn print_for_people(source: &str, reading: &Reading, forms: &Forms, words: &Words) -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    let french = words.templates.words(Language::Fr);
    writeln!(out, "{} : {}", shown(source), french.of("kind", reading.kind.as_str()))?;
    for extraction in &reading.extractions {
        let form = forms.of(extraction.kind);
        let member = extraction.member.as_deref().map(|m| format!(" ({})", shown(m))).unwrap_or_default();
        writeln!(out, "\n{}{member}", form.map_or(extraction.kind.as_str(), |form| form.title.as_str()))?;
        let mut rows = table(&["Champ", "Valeur", "Lu", "Confiance"]);
        for spec in form.into_iter().flat_map(|form| &form.fields) {
            let Some(field) = extraction.fields.get(&spec.key) else { continue };
            let trust = match &field.trust {
                Trust::Trusted => "sûr".to_owned(),
                Trust::Settled { by } => format!("réglé par {}", shown(by)),
                Trust::Doubtful(doubts) => format!("à vérifier : {}", doubted(&words.phrases, doubts)),
            };
            rows.add_row([spec.title.clone(), shown(&field.value.shown()), place(field.place.as_ref()), trust]);
        }
        writeln!(out, "{rows}")?;
    }
    if !reading.findings.is_empty() {
        let mut rows = table(&["Effet", "Champ", "Où", "Constat"]);
        for finding in &reading.findings {
            let label =
                finding.label.clone().or_else(|| finding.field.as_ref().map(ToString::to_string)).unwrap_or_default();
            let severity = json!(finding.severity).as_str().unwrap_or_default().to_owned();
            let said = words.templates.say(finding, Language::Fr);
            rows.add_row([
                french.of("severity", &severity),
                shown(&label),
                place(finding.place.as_ref()),
                format!("{} ({})", shown(&said.text), finding.code),
            ]);
        }
        writeln!(out, "\n{rows}")?;
    }
    writeln!(out)?;
    Ok(())
}
