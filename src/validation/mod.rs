//! Room 3. An extraction becomes findings: what the form lacks, what fails its check, what does not agree.
//!
//! Pure. The JSON Schema says what must be there and in what form; named rules look across fields and documents. Every
//! fault is told at once, in form order, pointing at the paper.
//!
//! A rejecting finding about a value that was read with doubt (for more than its failing check) carries the detail
//! `unsure`: the paper may be right and the reading wrong, so a person looks before anyone is told it is rejected.

mod across;
mod fields;
mod names;
mod rules;

use jiff::civil::Date;

use crate::domain::field::{Doubt, Extraction, Field, FieldKey, Trust};
use crate::domain::finding::Finding;
use crate::rules::Rules;
use crate::schemas::Form;

/// What is wrong within one form.
#[must_use]
pub fn examine(extraction: &Extraction, form: &Form, rules: &Rules, today: Date) -> Vec<Finding> {
    let mut findings = fields::check(extraction, form, rules);
    findings.extend(self::rules::check(extraction, rules, today));
    let position = |finding: &Finding| {
        let key = finding.field.as_ref();
        key.and_then(|key| form.fields.iter().position(|spec| spec.key == *key)).unwrap_or(usize::MAX)
    };
    findings.sort_by_key(position);
    for finding in &mut findings {
        finding.kind = Some(form.kind);
        if finding.label.is_none() {
            let spec = form.fields.iter().find(|spec| finding.field.as_ref() == Some(&spec.key));
            finding.label = spec.map(|spec| spec.title.clone());
        }
    }
    findings
}

/// What does not agree between the two forms of one merchant.
#[must_use]
pub fn compare(adhesion: &Extraction, fiche: &Extraction, rules: &Rules) -> Vec<Finding> {
    across::compare(adhesion, fiche, rules)
}

/// A finding about a field, with its label and place on this paper.
fn about(rules: &Rules, code: &str, field: &Field) -> Finding {
    let finding = rules.finding(code).about(&field.key, field.label.clone(), field.place.clone());
    let finding = finding.with("value", field.value.shown());
    if sound(field) { finding } else { finding.with("unsure", "true") }
}

/// The reading can be relied on, whatever the value is worth.
fn sound(field: &Field) -> bool {
    match &field.trust {
        Trust::Trusted | Trust::Settled { .. } => true,
        Trust::Doubtful(doubts) => doubts.iter().all(|doubt| *doubt == Doubt::CheckFails),
    }
}

fn field<'a>(extraction: &'a Extraction, key: &str) -> Option<&'a Field> {
    extraction.fields.get(&FieldKey::from(key))
}

#[cfg(test)]
mod tests;
