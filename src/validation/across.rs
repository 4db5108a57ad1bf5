//! The two forms of one merchant must tell the same story.

use super::{about, field, names, sound};
use crate::domain::field::{Extraction, Value};
use crate::domain::finding::Finding;
use crate::domain::values::MatriculeFiscal;
use crate::rules::Rules;

pub(super) fn compare(adhesion: &Extraction, fiche: &Extraction, rules: &Rules) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut differ = |key: &str, code: &str, same: &dyn Fn(&Value, &Value) -> bool| {
        if let (Some(ours), Some(theirs)) = (field(adhesion, key), field(fiche, key))
            && !same(&ours.value, &theirs.value)
        {
            let finding = about(rules, code, theirs).in_kind(fiche.kind).with("expected", ours.value.shown());
            findings.push(if sound(ours) { finding } else { finding.with("unsure", "true") });
        }
    };
    let texts = |a: &Value, b: &Value, same: &dyn Fn(&str, &str) -> bool| match (a.as_text(), b.as_text()) {
        (Some(a), Some(b)) => same(a, b),
        _ => true,
    };
    differ("matricule_fiscal", "mf_mismatch", &|a, b| {
        texts(a, b, &|a, b| canonical_matricule(a) == canonical_matricule(b))
    });
    differ("numero_affiliation", "affiliation_mismatch", &|a, b| texts(a, b, &|a, b| a == b));
    differ("raison_sociale", "name_mismatch", &|a, b| texts(a, b, &names::same));
    differ("devises", "currency_mismatch", &|a, b| a == b);
    findings
}

/// Well formed numbers compare by their parts, others by their letters and digits.
fn canonical_matricule(text: &str) -> String {
    match MatriculeFiscal::parse(text) {
        Ok(matricule) => matricule.to_string(),
        Err(err) => err.printed().map_or_else(
            || text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_uppercase).collect(),
            ToOwned::to_owned,
        ),
    }
}
