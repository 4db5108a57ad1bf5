//! Room: the papers of the test phase. The grid that the merchant fills in (workbook and PDF) and the report that concludes on
//! it (procès-verbal de recette).
//!
//! Pure. The labels printed on the grid are those of `schemas/grille_tests.schema.json`, so that the engine that reads every
//! other form reads this one too. No paper carries an account, an identity document or a card number: they may be sent to
//! the merchant's webmaster.
//!
//! PDFs are in French and in Latin letters, which the standard fonts have; a name is printed in its Latin form, the one that
//! is declared. The workbook speaks the merchant's language, Arabic from right to left.

mod facts;
mod form;
mod layout;
mod report;
mod workbook;

use jiff::civil::Date;

use crate::domain::dossier::{Dossier, Report};
use crate::domain::grid::Grid;
use crate::domain::notification::Language;
use crate::schemas::Forms;
use crate::templates::Templates;

/// What the room works with.
#[derive(Clone, Copy)]
pub struct Press<'a> {
    pub grid: &'a Grid,
    pub forms: &'a Forms,
    pub templates: &'a Templates,
}

/// Whose papers, and when.
#[derive(Clone, Copy)]
pub struct Case<'a> {
    pub dossier: &'a Dossier,
    pub bank: Option<&'a str>,
    pub today: Date,
}

/// The paper cannot be made.
#[derive(Debug, thiserror::Error)]
#[error("la grille ne peut être écrite : {0}")]
pub struct Unprintable(String);

/// The grid to fill in as a workbook, in the merchant's language; results known so far are filled in.
pub fn workbook(press: &Press<'_>, case: &Case<'_>, language: Language) -> Result<Vec<u8>, Unprintable> {
    workbook::write(press, case, language).map_err(|err| Unprintable(err.to_string()))
}

/// The grid to fill in as a PDF, on a screen or by hand.
#[must_use]
pub fn form(press: &Press<'_>, case: &Case<'_>) -> Vec<u8> {
    form::draw(press, case)
}

/// The report on the tests; without one drawn up yet, its draft with the results known so far.
#[must_use]
pub fn report(press: &Press<'_>, case: &Case<'_>, report: Option<&Report>) -> Vec<u8> {
    report::draw(press, case, report)
}

#[cfg(test)]
mod tests;
