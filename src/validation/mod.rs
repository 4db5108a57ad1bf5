//! Room 3. An extraction becomes findings: what the form lacks, what fails its check, what does not agree.
//!
//! Pure. The JSON Schema says what must be there and in what form; named rules look across fields and documents. Every
//! fault is told at once, in form order, pointing at the paper. What a fault does (reject, incomplete, doubt, warning, info,
//! off) is data: `schemas/findings.json`.
//!
//! **Who is at fault, the paper or the reading?** A finding judges a value, and the value may be misread. It carries the
//! detail `unsure` when the reading is not sound: a person looks before anyone is told that the form is rejected. A reading
//! is sound when the value is trusted or settled; or when its failing check is the only doubt and the characters were in
//! the file as such (form field, cell, printed text). A failing check on characters that OCR made out proves nothing about
//! the paper. A value that was read so weakly, or may be cut, is not judged at all: `to_be_read` asks a person for it, as it
//! does for a mandatory field where something stands that nobody made out.

mod across;
mod derive;
mod fields;
mod names;
mod rules;

use jiff::civil::Date;

use crate::domain::field::{Doubt, Extraction, Field, FieldKey, Method, Trust};
use crate::domain::finding::{Finding, Severity};
use crate::rules::Rules;
use crate::schemas::Form;

/// What is wrong within one form, in form order.
#[must_use]
pub fn examine(extraction: &Extraction, form: &Form, rules: &Rules, today: Date) -> Vec<Finding> {
    let mut findings = fields::check(extraction, form, rules);
    findings.extend(self::rules::check(extraction, rules, today));
    // Where the paper is known, its own rule says more than that the number is none of any paper.
    let told_by_paper = findings.iter().any(|finding| matches!(finding.code.as_str(), "piece_form" | "cin_lost_zero"));
    findings.retain(|finding| rules.applies(&finding.code) && !(told_by_paper && finding.code.as_str() == "bad_piece"));
    let position = |finding: &Finding| {
        let key = finding.field.as_ref();
        key.and_then(|key| form.fields.iter().position(|spec| spec.key == *key)).unwrap_or(usize::MAX)
    };
    findings.sort_by_key(position);
    for finding in &mut findings {
        finding.kind = Some(form.kind);
        if finding.label.is_none() {
            let spec = finding.field.as_ref().and_then(|key| form.field(key.as_str()));
            finding.label = spec.map(|spec| spec.title.clone());
        }
    }
    findings
}

/// What does not agree between the two forms of one merchant.
#[must_use]
pub fn compare(adhesion: &Extraction, fiche: &Extraction, rules: &Rules) -> Vec<Finding> {
    let mut findings = across::compare(adhesion, fiche, rules);
    findings.retain(|finding| rules.applies(&finding.code));
    findings
}

/// Values that follow from those of an adhesion form, method `derived`, for the dossier only; none that is printed.
#[must_use]
pub fn derive(adhesion: &Extraction, rules: &Rules) -> Vec<Field> {
    derive::derive(adhesion, rules)
}

/// A value that was not read well enough to be judged.
const TO_BE_READ: &str = "to_be_read";

/// A finding about a field, with its label and place on this paper. No value rejects a form that was not read well enough
/// to be judged.
fn about(rules: &Rules, code: &str, field: &Field) -> Finding {
    let rejects = rules.finding(code).severity == Severity::Reject;
    let code = if rejects && !can_be_judged(field) { TO_BE_READ } else { code };
    let finding = rules.finding(code).about(&field.key, field.label.clone(), field.place.clone());
    // Ink is there or not; nobody wrote `non` where a signature is missing.
    let finding = if field.method == Method::Ink { finding } else { finding.with("value", field.value.shown()) };
    if sound(field) { finding } else { finding.with("unsure", "true") }
}

/// The reading can be relied on, whatever the value is worth.
fn sound(field: &Field) -> bool {
    match &field.trust {
        Trust::Trusted | Trust::Settled { .. } => true,
        Trust::Doubtful(doubts) => {
            field.method != Method::Ocr && doubts.iter().all(|doubt| *doubt == Doubt::CheckFails)
        }
    }
}

/// Neither does the value look cut or run into its neighbour, nor is it a guess of one weak witness.
fn can_be_judged(field: &Field) -> bool {
    let spoils = |doubt: &Doubt| matches!(doubt, Doubt::BoundsUnsure | Doubt::WeakReading);
    !matches!(&field.trust, Trust::Doubtful(doubts) if doubts.iter().any(spoils))
}

fn field<'a>(extraction: &'a Extraction, key: &str) -> Option<&'a Field> {
    extraction.fields.get(&FieldKey::from(key))
}

#[cfg(test)]
mod tests;
