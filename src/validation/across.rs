//! The two forms of one merchant must tell the same story.

use std::collections::BTreeSet;

use super::{about, can_be_judged, field, names, sound};
use crate::domain::field::{Extraction, Value};
use crate::domain::finding::{Finding, Severity};
use crate::domain::values::MatriculeFiscal;
use crate::rules::Rules;

/// Do two values say the same?
type Same = fn(&str, &str) -> bool;

/// What both forms may say: key, finding when they differ, and how one text is told from another.
const SHARED: [(&str, &str, Same); 7] = [
    ("matricule_fiscal", "mf_mismatch", same_matricule),
    ("numero_affiliation", "affiliation_mismatch", same_number),
    ("raison_sociale", "name_mismatch", names::same),
    ("devises", "currency_mismatch", same_text),
    ("url_retour_succes", "url_mismatch", same_page),
    ("url_retour_echec", "url_mismatch", same_page),
    ("url_notification", "url_mismatch", same_page),
];

/// Digits and letter of a matricule fiscal: what follows names the branch.
const COMPANY: usize = 8;

/// Findings point at the technical sheet; `expected` is what the adhesion form says.
pub(super) fn compare(adhesion: &Extraction, fiche: &Extraction, rules: &Rules) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (key, code, same) in SHARED {
        let (Some(ours), Some(theirs)) = (field(adhesion, key), field(fiche, key)) else { continue };
        if agree(&ours.value, &theirs.value, same) {
            continue;
        }
        let finding = about(rules, code, theirs).in_kind(fiche.kind).with("expected", ours.value.shown());
        // The letter proves the digits before it; what a doubtful reading says of the branch proves no difference.
        if key == "matricule_fiscal" && !(sound(ours) && sound(theirs)) && same_company(&ours.value, &theirs.value) {
            continue;
        }
        // One doubtful reading is enough to doubt the difference; one that cannot be judged proves none.
        findings.push(match finding.severity {
            Severity::Reject if !can_be_judged(ours) => about(rules, code, ours).in_kind(adhesion.kind),
            _ if sound(ours) => finding,
            _ => finding.with("unsure", "true"),
        });
    }
    findings
}

fn agree(ours: &Value, theirs: &Value, same: Same) -> bool {
    match (ours, theirs) {
        (Value::Text(ours), Value::Text(theirs)) => same(ours, theirs),
        (Value::List(ours), Value::List(theirs)) => {
            ours.iter().collect::<BTreeSet<_>>() == theirs.iter().collect::<BTreeSet<_>>()
        }
        _ => true,
    }
}

/// Well formed numbers compare by their parts, others by their letters and digits; where one form prints only the first
/// eight characters, these decide.
fn same_matricule(ours: &str, theirs: &str) -> bool {
    let (ours, theirs) = (bare(ours), bare(theirs));
    let shorter = ours.len().min(theirs.len());
    if shorter == COMPANY && ours.len() != theirs.len() { ours[..COMPANY] == theirs[..COMPANY] } else { ours == theirs }
}

/// Do the digits and their letter agree, whatever is said of the branch?
fn same_company(ours: &Value, theirs: &Value) -> bool {
    let (Some(ours), Some(theirs)) = (ours.as_text().map(bare), theirs.as_text().map(bare)) else { return false };
    ours.get(..COMPANY).is_some_and(|company| theirs.get(..COMPANY) == Some(company))
}

/// Letters and digits alone, the number padded to its seven digits.
fn bare(text: &str) -> String {
    let canonical = match MatriculeFiscal::parse(text) {
        Ok(matricule) => matricule.to_string(),
        Err(err) => err.printed().unwrap_or(text).to_owned(),
    };
    // An engine sees a cross where the letter stands.
    let letters = canonical.chars().map(|c| if c == '×' { 'X' } else { c });
    letters.filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_uppercase()).collect()
}

fn same_number(ours: &str, theirs: &str) -> bool {
    let bare = |text: &str| text.chars().filter(|c| c.is_alphanumeric()).collect::<String>();
    bare(ours).trim_start_matches('0') == bare(theirs).trim_start_matches('0')
}

fn same_text(ours: &str, theirs: &str) -> bool {
    ours == theirs
}

/// A last slash and the case of the host change nothing.
fn same_page(ours: &str, theirs: &str) -> bool {
    let parsed = |text: &str| url::Url::parse(text).ok();
    match (parsed(ours), parsed(theirs)) {
        (Some(ours), Some(theirs)) => ours.as_str().trim_end_matches('/') == theirs.as_str().trim_end_matches('/'),
        _ => ours == theirs,
    }
}
