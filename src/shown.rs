//! Values and findings as people outside may see them: what the schemas call masked is masked, in answers, letters and on
//! the command line alike, and what is asked is told in the same words.

use crate::domain::document::Kind;
use crate::domain::field::{FieldKey, Value};
use crate::domain::finding::Finding;
use crate::domain::masking;
use crate::domain::notification::Language;
use crate::domain::requirement::Requirement;
use crate::schemas::{FieldSpec, Forms};
use crate::templates::{Said, Templates, folded};

/// A value of a form for people, masked where it is an identifier.
#[must_use]
pub fn value(forms: &Forms, kind: Kind, key: &FieldKey, value: &Value) -> String {
    let text = value.shown();
    spec(forms, Some(kind), key).map_or(text.clone(), |spec| mask(spec, &text))
}

/// A table of several rows, a line for each; nothing for any other value.
#[must_use]
pub fn lines(forms: &Forms, kind: Kind, key: &FieldKey, value: &Value) -> Vec<String> {
    let Value::Rows(rows) = value else { return Vec::new() };
    if rows.len() < 2 {
        return Vec::new();
    }
    let spec = spec(forms, Some(kind), key);
    let line = |cells: Vec<String>| {
        let text = cells.into_iter().filter(|cell| !cell.trim().is_empty()).collect::<Vec<_>>().join(" · ");
        spec.map_or(text.clone(), |spec| mask(spec, &text))
    };
    rows.iter().map(|row| line(row.iter().map(|cell| cell.value.shown()).collect())).collect()
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
        let rib = Value::Text("08006012345678901231".into());
        assert_eq!(value(&forms, Kind::Adhesion, &"rib".into(), &rib), "08 006 *** 31");
        let told = Finding::new("rib_key", Severity::Reject)
            .about(&"rib".into(), None, None)
            .with("value", "08006012345678901232");
        let shown = finding(&forms, &told);
        assert_eq!(shown.details["value"], "08 006 *** 32");
        assert_eq!(shown.label.as_deref(), Some("RIB"));
        let name = Value::Text("Amélie".into());
        assert_eq!(value(&forms, Kind::Adhesion, &"raison_sociale".into(), &name), "Amélie");
    }
}
