//! What the forms of a dossier amount to.

use serde::{Deserialize, Serialize};

use super::document::Kind;
use super::dossier::{Dossier, Overridden, Terms};
use super::field::{Doubt, Extraction, Field, FieldKey, Method, Trust, Value};
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
    /// trusted, settled or confirmed by the other form.
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
            .filter(|(form, field)| carried.contains(&field.key) && !self.is_firm(form.kind, field))
    }

    /// Nobody needs to look at this value of the form of a kind: it is firm by itself, or the other form says the same for
    /// certain.
    #[must_use]
    pub fn is_firm(&self, kind: Kind, field: &Field) -> bool {
        is_firm(field) || self.is_confirmed(kind, field)
    }

    /// The other form says the same letter for letter, where it was read for certain. A key means the same on both.
    fn is_confirmed(&self, kind: Kind, field: &Field) -> bool {
        let other = match kind {
            Kind::Adhesion => &self.fiche,
            Kind::FicheTechnique => &self.adhesion,
            _ => return false,
        };
        let Trust::Doubtful(doubts) = &field.trust else { return false };
        let twin = other.as_ref().and_then(|form| form.fields.get(&field.key));
        let certain = |twin: &&Field| is_firm(twin) && twin.method != Method::Derived;
        is_telling(&field.value)
            && doubts.iter().copied().all(is_of_the_reading)
            && twin.filter(certain).is_some_and(|twin| twin.value == field.value)
    }
}

/// Does it doubt how the paper was read, and not what stands on it?
fn is_of_the_reading(doubt: Doubt) -> bool {
    match doubt {
        Doubt::LabelUnsure | Doubt::WeakReading | Doubt::Repaired | Doubt::Handwritten | Doubt::BoundsUnsure => true,
        Doubt::WitnessesDisagree | Doubt::CheckFails | Doubt::LostGlyph | Doubt::PrecisionLost | Doubt::Ambiguous => {
            false
        }
    }
}

/// Letters and digits from which on two papers do not say the same by chance.
const TELLING: usize = 5;

/// Ticks are the same on two papers by chance, and so are short texts.
fn is_telling(value: &Value) -> bool {
    value.as_text().is_some_and(|text| text.chars().filter(|c| c.is_alphanumeric()).count() >= TELLING)
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
