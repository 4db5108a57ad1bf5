//! What the forms of a dossier amount to.

use serde::{Deserialize, Serialize};

use super::dossier::{Dossier, Overridden, Terms};
use super::field::{Extraction, Field, FieldKey, Trust, Value};
use super::finding::{Finding, Severity};

/// Rejected wins over incomplete, incomplete over in doubt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    Complete,
    /// Nothing is asked of anyone outside; a person must look at values first.
    InDoubt,
    Incomplete,
    Rejected,
}

impl Outcome {
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Complete => "complete",
            Self::InDoubt => "in_doubt",
            Self::Incomplete => "incomplete",
            Self::Rejected => "rejected",
        }
    }
}

impl Dossier {
    /// Complete: both forms linked, nothing rejected or missing, and every value that a declaration or a letter carries
    /// trusted or settled.
    #[must_use]
    pub fn outcome(&self, terms: &Terms<'_>) -> Outcome {
        let sure = |finding: &&Finding| !finding.is_unsure();
        let worst = self.standing().filter(sure).map(|finding| finding.severity).max();
        match worst {
            Some(Severity::Reject) => Outcome::Rejected,
            Some(Severity::Incomplete) => Outcome::Incomplete,
            _ if self.standing().any(Finding::blocks) || self.doubts(terms.carried).next().is_some() => {
                Outcome::InDoubt
            }
            _ => Outcome::Complete,
        }
    }

    /// Findings in force that nobody has overridden.
    pub fn standing(&self) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(|finding| !self.overridden.iter().any(|over| same(over, finding)))
    }

    /// Carried values that are neither trusted nor settled, with the form they stand on.
    pub fn doubts<'a>(&'a self, carried: &'a [FieldKey]) -> impl Iterator<Item = (&'a Extraction, &'a Field)> {
        let forms = [&self.adhesion, &self.fiche].into_iter().flatten();
        forms
            .flat_map(|form| form.fields.values().map(move |field| (form, field)))
            .filter(|(_, field)| carried.contains(&field.key) && !is_firm(field))
    }
}

/// A table is firm when each of its cells is.
#[must_use]
pub fn is_firm(field: &Field) -> bool {
    match &field.value {
        Value::Rows(rows) if !matches!(field.trust, Trust::Settled { .. }) => {
            rows.iter().flatten().all(|cell| cell.trust.is_firm()) && field.trust.is_firm()
        }
        _ => field.trust.is_firm(),
    }
}

/// The same code about the same value of the same form: a new value is a new finding.
fn same(over: &Overridden, finding: &Finding) -> bool {
    let told = &over.finding;
    told.code == finding.code
        && told.field == finding.field
        && told.kind == finding.kind
        && told.details.get("value") == finding.details.get("value")
}
