//! Room 4. A declaration becomes bytes: fixed-width records, their JSON twin, and a sheet to print for the bank's officer.
//!
//! Pure: the same declaration, number and instant give the same bytes for ever. The templates say which value stands in which
//! zone, `schemas/declarations.json` says where the zone is and what may be done to a value so that it fits. Nothing is
//! forced to fit: an identifier that is too long, a name that has no Latin letters, a mandatory zone left empty are refused,
//! all at once, and a name that had to be cut is told in the JSON twin.
//!
//! The bytes are read back and checked against the format before they leave the room, so that a fault in a template, which
//! anyone may edit, is found here and not at Monétique-Tunisie.

mod check;
mod fit;
mod json;
mod latin;
mod sheet;
mod trial;
mod values;
mod zones;

use std::sync::Arc;

use jiff::civil::DateTime;

use crate::domain::declaration::{Declaration, FileType, Sequence, file_name};
use crate::domain::document::Sha256;
use crate::domain::notification::Language;
use crate::layouts::Layouts;
use crate::schemas::Forms;
use crate::templates::{Family, Templates, Unrenderable};

/// Who writes the files, as the header names it.
#[derive(Debug, Clone)]
pub struct Issuer {
    /// Five digits.
    pub code: String,
    /// Six digits.
    pub faconnier: String,
    /// Up to 40 characters.
    pub name: String,
    /// `\r\n` or `\n`.
    pub line_end: &'static str,
}

/// What the room works with.
#[derive(Clone, Copy)]
pub struct Press<'a> {
    pub issuer: &'a Issuer,
    pub layouts: &'a Arc<Layouts>,
    pub forms: &'a Forms,
    pub templates: &'a Templates,
}

/// A declaration laid out.
#[derive(Debug, Clone, PartialEq)]
pub struct File {
    pub name: String,
    pub bytes: Vec<u8>,
    /// Companions by suffix: `.json`, and `.xlsx` for what a bank's officer types.
    pub beside: Vec<(String, Vec<u8>)>,
}

/// Why a declaration cannot be laid out.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Unfit {
    /// Values that do not fit their zones: one sentence each, for a person.
    #[error("{}", .0.join(" ; "))]
    Values(Vec<String>),
    #[error("le modèle ne peut être rempli : {0}")]
    Template(#[from] Unrenderable),
    /// The bytes are not what the format asks: one sentence each.
    #[error("le fichier n'est pas conforme au format : {}", .0.join(" ; "))]
    Format(Vec<String>),
    #[error("la feuille à imprimer ne peut être faite : {0}")]
    Sheet(String),
}

/// Lays out a file under its number: one merchant, or all those of a bank's batch; `at` is the local time in Tunis.
pub fn lay_out(press: &Press<'_>, declared: &[Declaration], sequence: Sequence, at: DateTime) -> Result<File, Unfit> {
    let words = press.templates.words(Language::Fr);
    let Some(declaration) = declared.first() else {
        return Err(Unfit::Values(vec![words.of("misfit", "no_merchant")]));
    };
    if declared
        .iter()
        .any(|other| (other.file_type, &other.bank_code) != (declaration.file_type, &declaration.bank_code))
    {
        return Err(Unfit::Values(vec![words.of("misfit", "mixed")]));
    }
    let contents = values::contents(press, declared, sequence, at);
    if declaration.file_type == FileType::Uti && contents.lacks_a_user() {
        return Err(Unfit::Values(vec![words.of("misfit", "no_user")]));
    }
    let fitting = fit::Fitting::new(Arc::clone(press.layouts));
    let template = format!("declarations/{}.tera", declaration.file_type);
    let text = press.templates.render_with(Family::Declarations, &template, &contents, |engine| fitting.equip(engine));
    let (misfits, cuts) = fitting.into_found();
    if !misfits.is_empty() {
        return Err(Unfit::Values(misfits.iter().map(|misfit| misfit.said(words)).collect()));
    }
    let text = text?;
    let records = check::check(press.layouts, declared, sequence, &text).map_err(Unfit::Format)?;
    let bytes = text.replace('\n', press.issuer.line_end).into_bytes();
    let name = file_name(declaration.file_type, &declaration.bank_code, at.date(), sequence);
    let sha256 = Sha256::of(&bytes);
    let summary = json::Summary { name: &name, declaration, declared, sequence, at, sha256 };
    let mut beside = vec![(".json".to_owned(), json::twin(press.layouts, &summary, &records, &cuts))];
    if declaration.file_type.to_bank() {
        let sheet = sheet::print(press.layouts, words, &summary, &records).map_err(Unfit::Sheet)?;
        beside.push((".xlsx".to_owned(), sheet));
    }
    Ok(File { name, bytes, beside })
}

/// Lays every file type out for an invented merchant, to find what is wrong with templates and layouts; says how many.
pub fn trial(press: &Press<'_>) -> Result<usize, Vec<String>> {
    trial::lay_all_out(press)
}

#[cfg(test)]
mod tampered;
#[cfg(test)]
pub(crate) mod tests;
