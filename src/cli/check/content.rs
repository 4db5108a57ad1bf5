//! Schemas, templates and models: that they can be read, that what they ask for is given, and that they are of this version.

use std::path::Path;
use std::sync::Arc;

use super::super::phrases::Phrases;
use super::Report;
use crate::config::Config;
use crate::layouts::Layouts;
use crate::rules::Rules;
use crate::schemas::Forms;
use crate::shipped::{self, InForce, Standing};
use crate::templates::{Templates, difference};

/// Schemas, rules, layouts and templates, each with all its faults; then everything written once for an invented merchant, because
/// a template may be well formed and still ask for what nobody gives it.
pub(super) fn content(config: &Config, report: &mut Report) {
    let schemas = config.schemas();
    let (forms, rules, layouts) = if schemas.is_dir() {
        let forms = Forms::load(&schemas).map_err(|faults| report.in_folder(&schemas, faults.0)).ok();
        let rules = forms.as_ref().map(|forms| Rules::load(&schemas, forms));
        let rules = rules.and_then(|rules| rules.map_err(|faults| report.in_folder(&schemas, faults.0)).ok());
        age("schemas", &crate::schemas::SHIPPED, &schemas, config, report);
        let layouts = Layouts::load(&schemas).map_err(|faults| report.in_folder(&schemas, faults.0)).ok();
        (forms, rules, layouts)
    } else {
        report.warnings.push(format!("{}: no such folder; the schemas built in are used", schemas.display()));
        let forms = Forms::built_in();
        let rules = Rules::built_in(&forms);
        (Some(forms), Some(rules), Some(Layouts::built_in()))
    };
    if let Some(forms) = forms.as_ref().filter(|_| rules.is_some() && layouts.is_some()) {
        report.sound.push(format!("schemas: {} form(s)", forms.forms.len()));
    }
    let templates = config.templates();
    let mut older = Vec::new();
    let read = if templates.is_dir() {
        older = age("templates", &crate::templates::SHIPPED, &templates, config, report);
        Templates::load(&templates).map_err(|faults| report.in_folder(&templates, faults.0)).is_ok()
    } else {
        report.warnings.push(format!("{}: no such folder; the templates built in are used", templates.display()));
        true
    };
    for name in ["gates/fr.toml", "procedure/fr.toml"] {
        if let Err(err) = Phrases::load(Some(config), name) {
            report.in_folder(&templates, [format!("{err:#}")]);
        }
    }
    let in_force = InForce::of(&crate::templates::SHIPPED, &templates);
    for name in ["words/fr.toml", "words/ar.toml", "words/en.toml", "gates/fr.toml", "procedure/fr.toml"] {
        let Ok(Some(text)) = in_force.text(name) else { continue };
        let found = difference(name, &text);
        // What a newer version no longer reads is no slip of whoever changed the file.
        if older.contains(&name.to_owned()) {
            report.warnings.extend(found.unknown.iter().map(|word| templates.join(word).display().to_string()));
        } else {
            report.in_folder(&templates, found.unknown);
        }
        report.warnings.extend(found.missing.iter().map(|word| templates.join(word).display().to_string()));
    }
    if let (true, Some(forms), Some(rules), Some(layouts)) = (read, forms, rules, layouts) {
        rehearse(config, forms, rules, layouts, report);
    }
}

/// Which files are of an earlier version of the program, which were changed here, and what is to be done about it. Gives those that
/// were changed from an earlier version's.
fn age(what: &str, carried: &include_dir::Dir<'_>, folder: &Path, config: &Config, report: &mut Report) -> Vec<String> {
    let pieces = shipped::survey(&shipped::carried(carried), folder).unwrap_or_else(|err| {
        report.faults.push(format!("{}: {err}", folder.display()));
        Vec::new()
    });
    let mut older = Vec::new();
    let init = format!("`guichet init {}`", config.root.display());
    let mut changed = Vec::new();
    for piece in pieces {
        let path = folder.join(&piece.name);
        let path = path.display();
        if matches!(piece.standing, Standing::BothChanged | Standing::Unrecorded) {
            older.push(piece.name.clone());
        }
        let told = match piece.standing {
            Standing::Missing if piece.name.ends_with(".schema.json") => {
                Some(format!("{path}: missing; what it says is not known here; {init} lays it out"))
            }
            Standing::Missing => Some(format!("{path}: missing; the program's own is used; {init} lays it out")),
            Standing::Earlier => Some(format!(
                "{path}: of an earlier version of the program, not changed here; the program's own is used, {init} lays it out"
            )),
            Standing::BothChanged => Some(format!(
                "{path}: changed here, and changed in the program since; {init} lays the program's beside it, for you to compare"
            )),
            Standing::Unrecorded => Some(format!(
                "{path}: not the program's (changed here or of an earlier version, nobody noted which); {init} lays the program's \
                 beside it, for you to compare"
            )),
            Standing::NoLonger => {
                Some(format!("{path}: of an earlier version of the program; this one does not ship it"))
            }
            Standing::ChangedHere if piece.beside => {
                Some(format!("{path}.new: the program's; bring over what you want, then remove it"))
            }
            Standing::ChangedHere => {
                changed.push(piece.name);
                None
            }
            Standing::AsCarried => None,
        };
        report.warnings.extend(told);
    }
    if !changed.is_empty() {
        report.sound.push(format!("{what}: {} changed here: {}", changed.len(), changed.join(", ")));
    }
    older
}

/// Scans are read with models that the program does not carry, or with Tesseract; without either they go to a person.
pub(super) fn models(config: &Config, report: &mut Report) {
    let folder = std::env::var_os(crate::extraction::MODELS).map_or_else(|| config.models(), Into::into);
    let found = crate::extraction::engines(&folder);
    let second = match (found.tesseract, found.arabic) {
        (true, true) => "Tesseract as second opinion and for Arabic",
        (true, false) => {
            "Tesseract as second opinion; without its Arabic (tesseract-ocr-ara) a name in Arabic goes to a person"
        }
        (false, _) => "no Tesseract for a second opinion or for Arabic",
    };
    match (found.models, found.tesseract) {
        (true, _) => report.sound.push(format!("scans: models in {}; {second}", folder.display())),
        (false, true) => report.warnings.push(format!(
            "scans: no models in {} (`make ocr-models` fetches them); Tesseract alone reads them, with more doubts",
            folder.display()
        )),
        (false, false) => report.warnings.push(format!(
            "scans: no models in {} (`make ocr-models` fetches them) and no Tesseract; scanned pages go to a person",
            folder.display()
        )),
    }
}

/// Writes every letter, answer and declaration for an invented merchant.
fn rehearse(config: &Config, forms: Forms, rules: Rules, layouts: Layouts, report: &mut Report) {
    match crate::scribe::open(config, Arc::new(forms), Arc::new(rules), Arc::new(layouts)) {
        Err(err) => report.faults.push(format!("{err:#}")),
        Ok(pen) => match pen.rehearse() {
            Ok(written) => report.sound.push(format!("templates: {written} letters, answers and declarations written")),
            Err(faults) => report.faults.extend(faults.into_iter().map(|fault| format!("templates: {fault}"))),
        },
    }
}
