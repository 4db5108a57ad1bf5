//! Values and findings as people outside may see them: what the schemas call masked is masked, in answers, letters and on
//! the command line alike, and what is asked is told in the same words.

use serde::Serialize;

use crate::domain::document::Kind;
use crate::domain::field::{Field, FieldKey, Value};
use crate::domain::finding::Finding;
use crate::domain::masking;
use crate::domain::notification::Language;
use crate::domain::requirement::Requirement;
use crate::domain::values::{Amount, AmountError, ValueType};
use crate::schemas::{FieldSpec, Forms};
use crate::templates::{Said, Templates, folded};

/// A value of a form for people, masked where it is an identifier.
#[must_use]
pub fn value(spec: &FieldSpec, value: &Value) -> String {
    match value {
        Value::Text(text) => worded(spec, text),
        Value::Rows(_) => {
            let line = |cells: Vec<Cell>| cells.into_iter().map(|cell| cell.value).collect::<Vec<_>>().join(" · ");
            rows(spec, value).into_iter().map(line).collect::<Vec<_>>().join(" ; ")
        }
        Value::Flag(_) | Value::List(_) => mask(spec, &value.shown()),
    }
}

/// A cell of a table under the heading of its column.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Cell {
    pub label: String,
    pub value: String,
}

/// The rows of a table without its empty cells; nothing for any other value.
#[must_use]
pub fn rows(spec: &FieldSpec, value: &Value) -> Vec<Vec<Cell>> {
    let Value::Rows(rows) = value else { return Vec::new() };
    let cell = |field: &Field| {
        let column = spec.hints.columns.iter().find(|column| column.key == field.key).map(FieldSpec::of_column);
        let shown = column.as_ref().map_or_else(|| field.value.shown(), |column| self::value(column, &field.value));
        let label = column.and_then(|column| column.hints.labels.fr.first().cloned());
        let label = label.unwrap_or_else(|| field.key.to_string());
        (!shown.trim().is_empty()).then_some(Cell { label, value: shown })
    };
    rows.iter().map(|row| row.iter().filter_map(cell).collect()).collect()
}

/// Dates, amounts and percentages as they are written in Tunisia.
fn worded(spec: &FieldSpec, text: &str) -> String {
    let written = match spec.hints.value_type {
        ValueType::Date => text.parse().ok().map(|date: jiff::civil::Date| date.strftime("%d/%m/%Y").to_string()),
        ValueType::Amount => match Amount::parse(text) {
            // Three decimals after a lone point, as amounts are kept.
            Ok(amount) | Err(AmountError::Ambiguous(amount)) => Some(amount.in_groups()),
            Err(AmountError::NotAnAmount) => None,
        },
        ValueType::Percent => Some(format!("{} %", text.replace('.', ","))),
        _ => None,
    };
    mask(spec, &written.unwrap_or_else(|| text.to_owned()))
}

/// A finding whose details are masked where it is about an identifier.
#[must_use]
pub fn finding(forms: &Forms, finding: &Finding) -> Finding {
    let mut shown = finding.clone();
    let spec = finding.field.as_ref().and_then(|key| spec(forms, finding.kind, key));
    if let Some(spec) = spec {
        for name in ["value", "expected"] {
            if let Some(text) = shown.details.get_mut(name) {
                *text = mask(spec, text);
            }
        }
        // Without a label of its own the paper's is that of the schema.
        shown.label.get_or_insert_with(|| spec.title.clone());
    }
    shown
}

/// A finding in words.
#[derive(Debug, Clone, PartialEq)]
pub struct Told {
    /// Masked where it is about an identifier.
    pub finding: Finding,
    pub label: Option<String>,
    pub form: Option<String>,
    pub place: Option<String>,
    /// The value, where the sentence does not hold it.
    pub value: Option<String>,
    pub text: String,
    pub remedy: String,
}

/// A line of the requirement list in words.
#[derive(Debug, Clone, PartialEq)]
pub struct Asked {
    pub told: Told,
    pub state_name: String,
    pub actor_name: String,
}

/// Tells a finding in a language.
#[must_use]
pub fn told(forms: &Forms, templates: &Templates, told: &Finding, language: Language) -> Told {
    let words = templates.words(language);
    let finding = finding(forms, told);
    let Said { text, remedy } = templates.say(&finding, language);
    let own = finding.label.as_deref().map(folded).filter(|label| !label.is_empty());
    let label = finding.field.as_ref().map(|key| own.unwrap_or_else(|| words.of("field", key.as_str())));
    let value = finding.details.get("value").map(|value| folded(value));
    let value = value.filter(|value| finding.field.is_some() && !value.is_empty() && !text.contains(value.as_str()));
    Told {
        label,
        form: finding.kind.map(|kind| words.of("kind", kind.as_str())),
        place: finding.place.as_ref().map(|place| words.place(place)),
        value,
        text,
        remedy,
        finding,
    }
}

/// Tells what is asked: the one way of telling it, for answers, letters and the command line.
#[must_use]
pub fn asked(forms: &Forms, templates: &Templates, requirement: &Requirement, language: Language) -> Asked {
    let words = templates.words(language);
    Asked {
        told: told(forms, templates, &requirement.finding, language),
        state_name: words.of("state", requirement.state.as_str()),
        actor_name: words.of("actor", requirement.actor.as_str()),
    }
}

fn mask(spec: &FieldSpec, text: &str) -> String {
    let value_type = spec.hints.value_type;
    let secret = spec.hints.masked || masking::is_secret(value_type);
    if secret { masking::masked(value_type, text) } else { text.to_owned() }
}

fn spec<'a>(forms: &'a Forms, kind: Option<Kind>, key: &FieldKey) -> Option<&'a FieldSpec> {
    let mut of_kind = forms.forms.iter().filter(|form| kind.is_none_or(|kind| form.kind == kind));
    of_kind.find_map(|form| form.fields.iter().find(|spec| spec.key == *key))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::finding::Severity;

    #[test]
    fn identifiers_are_masked_in_values_and_in_findings() {
        let forms = Forms::built_in();
        let of = |key: &str| forms.of(Kind::Adhesion).unwrap().field(key).unwrap();
        let rib = Value::Text("08006012345678901231".into());
        assert_eq!(value(of("rib"), &rib), "08 006 *** 31");
        let told = Finding::new("rib_key", Severity::Reject)
            .about(&"rib".into(), None, None)
            .with("value", "08006012345678901232");
        let shown = finding(&forms, &told);
        assert_eq!(shown.details["value"], "08 006 *** 32");
        assert_eq!(shown.label.as_deref(), Some("RIB"));
        for (key, read, written) in [
            ("raison_sociale", "Amélie", "Amélie"),
            ("date_signature", "2026-11-02", "02/11/2026"),
            ("chiffre_affaires_annuel", "1250000.500", "1\u{a0}250\u{a0}000,500"),
            ("panier_moyen", "85.500", "85,500"),
            ("taux_commission", "1.500", "1,500 %"),
            ("date_signature", "vers la mi-novembre", "vers la mi-novembre"),
        ] {
            let Some(spec) = forms.of(Kind::Adhesion).unwrap().field(key) else { panic!("{key}") };
            assert_eq!(value(spec, &Value::Text(read.into())), written, "{key}");
        }
    }
}
