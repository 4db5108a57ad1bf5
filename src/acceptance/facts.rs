//! What every paper says of the merchant, its site and its tests.

use super::{Case, Press};
use crate::domain::document::Kind;
use crate::domain::dossier::Dossier;
use crate::domain::event::{TestResult, Verdict};
use crate::domain::field::{Extraction, Value};
use crate::domain::grid::Scenario;
use crate::domain::notification::Language;
use crate::paper;
use crate::schemas::Labels;
use crate::templates::folded;

/// Columns of the table of tests, as its schema names them, in the order in which they are printed.
const COLUMNS: [&str; 10] =
    ["code", "scenario", "reseau", "attendu", "constate", "autorisation", "commande", "heure", "verdict", "remarque"];

/// The columns that the schema knows, each with its width of those given: what it does not know would not be read back.
pub(super) fn columns<W: Copy>(press: &Press<'_>, widths: [W; COLUMNS.len()]) -> Vec<(&'static str, W)> {
    COLUMNS.into_iter().zip(widths).filter(|(key, _)| labels(press, key).is_some()).collect()
}

/// Those of some fields of the grid that the schema knows.
pub(super) fn known(press: &Press<'_>, keys: &[&'static str]) -> Vec<&'static str> {
    keys.iter().copied().filter(|key| labels(press, key).is_some()).collect()
}

/// A line of a paper: name of the fact in `[papers]` of the words, and its value.
pub(super) type Fact = (&'static str, String);

/// The label of a field or column of the grid, as its schema gives it.
pub(super) fn label(press: &Press<'_>, key: &str, language: Language) -> String {
    let own = labels(press, key).and_then(|labels| match language {
        Language::Fr => labels.fr.first(),
        Language::Ar => labels.ar.first(),
        Language::En => labels.en.first(),
    });
    own.cloned().unwrap_or_else(|| key.to_owned())
}

fn labels<'a>(press: &Press<'a>, key: &str) -> Option<&'a Labels> {
    let form = press.forms.of(Kind::GrilleTests)?;
    let mut columns = form.fields.iter().flat_map(|field| &field.hints.columns);
    let of_column = || columns.find(|column| column.key.as_str() == key).map(|column| &column.labels);
    form.field(key).map(|field| &field.hints.labels).or_else(of_column)
}

pub(super) fn scenarios<'a>(press: &Press<'a>, dossier: &Dossier) -> Vec<&'a Scenario> {
    press.grid.applying(dossier.adhesion.as_ref(), dossier.fiche.as_ref())
}

/// The merchant's name: the Latin one where it is to be printed.
pub(super) fn merchant(dossier: &Dossier, latin: bool) -> String {
    let forms = || [&dossier.adhesion, &dossier.fiche].into_iter().flatten();
    let names = forms().flat_map(|form| [form.text("raison_sociale"), form.text("nom_commercial")]).flatten();
    let names: Vec<String> = names.map(folded).collect();
    let printable = names.iter().find(|name| !latin || paper::is_printable(name));
    printable.or(names.first()).cloned().unwrap_or_default()
}

/// Facts that stand on the grid and on the report, in their order; those that are not known are left out.
pub(super) fn facts(case: &Case<'_>) -> Vec<Fact> {
    let dossier = case.dossier;
    let number = |key: &str| dossier.number(key).and_then(Value::as_text).map(folded).unwrap_or_default();
    let (adhesion, fiche) = (dossier.adhesion.as_ref(), dossier.fiche.as_ref());
    let all = [
        ("bank", case.bank.map(folded).unwrap_or_default()),
        ("site", text(fiche, "url_site")),
        ("affiliation", number("numero_affiliation")),
        ("terminal", number("numero_terminal")),
        ("mode", text(fiche, "mode_integration")),
        ("platform", text(fiche, "plateforme")),
        ("cards", list(adhesion, "cartes")),
        ("currencies", list(adhesion, "devises")),
    ];
    all.into_iter().filter(|(_, value)| !value.is_empty()).collect()
}

/// What the merchant wrote on the grid beside the results.
pub(super) fn of_the_grid(dossier: &Dossier, key: &str) -> Option<String> {
    let written = dossier.allocated.get(key).and_then(Value::as_text).map(folded);
    written.filter(|text| !text.is_empty())
}

/// A value of a form, in one line.
pub(super) fn text(form: Option<&Extraction>, key: &str) -> String {
    form.and_then(|form| form.text(key)).map(folded).unwrap_or_default()
}

pub(super) fn list(form: Option<&Extraction>, key: &str) -> String {
    match form.and_then(|form| form.value(key)) {
        Some(Value::List(items)) => items.iter().map(|item| folded(item)).collect::<Vec<_>>().join(", "),
        Some(Value::Text(text)) => folded(text),
        _ => String::new(),
    }
}

/// The networks a test may be run with.
pub(super) fn networks(dossier: &Dossier) -> Vec<String> {
    match dossier.adhesion.as_ref().and_then(|form| form.value("cartes")) {
        Some(Value::List(cards)) => cards.iter().map(|card| folded(card)).collect(),
        _ => Vec::new(),
    }
}

/// The word for a verdict, of the three that are printed.
pub(super) fn verdict(result: &TestResult, [conforme, non_conforme, derogation]: &[String; 3]) -> String {
    match result.verdict {
        Verdict::Conforme => conforme.clone(),
        Verdict::NonConforme => non_conforme.clone(),
        Verdict::Derogation { .. } => derogation.clone(),
    }
}

/// What was remarked; of a waiver its reason and who grants it.
pub(super) fn remark(result: &TestResult) -> String {
    let remark = result.remark.as_deref().map(folded).unwrap_or_default();
    match &result.verdict {
        Verdict::Derogation { reason, by } => {
            let reason = folded(reason);
            format!("{reason} ({})", folded(by))
        }
        _ => remark,
    }
}

/// What the grid itself says of a scenario, in a column; `None` for a column to fill in.
pub(super) fn printed(scenario: &Scenario, column: &str, language: Language) -> Option<String> {
    let text = match column {
        "code" => &scenario.code,
        "scenario" => scenario.title_in(language.as_str()),
        "attendu" => scenario.expected_in(language.as_str()),
        _ => return None,
    };
    Some(text.to_owned())
}

/// What is noted of a test, in a column of the grid; `None` for a column that is printed, and for what was not noted.
pub(super) fn noted(result: &TestResult, column: &str) -> Option<String> {
    let text = match column {
        "reseau" => &result.network,
        "constate" => &result.observed,
        "autorisation" => &result.authorisation,
        "commande" => &result.order,
        "heure" => &result.time,
        "remarque" => &result.remark,
        _ => &None,
    };
    text.clone()
}

pub(super) fn day(date: jiff::civil::Date) -> String {
    date.strftime("%d/%m/%Y").to_string()
}
