//! Signature and consent.

use super::{Case, Rule, days_between, spoken};
use crate::domain::finding::Finding;

pub(super) const RULES: &[Rule] = &[signature_date_is_plausible, stamp_is_there, consent_is_given];

fn signature_date_is_plausible(case: &Case<'_>) -> Vec<Finding> {
    let Some((field, signed)) = case.date("date_signature") else { return Vec::new() };
    if signed > case.today {
        return vec![case.about("signature_in_future", field).with("value", spoken(signed))];
    }
    match case.date("date_contrat") {
        Some((_, contract)) if days_between(signed, contract) > case.rules.signature_before_contract_days => {
            vec![case.about("signature_before_contract", field).with("expected", spoken(contract))]
        }
        _ => Vec::new(),
    }
}

/// A company signs with its stamp; a person need not have one.
fn stamp_is_there(case: &Case<'_>) -> Vec<Finding> {
    let person = case.printed("forme_juridique") == "personne physique" || case.printed("type_personne") == "physique";
    match case.field("cachet_present") {
        Some(field) if case.flag("cachet_present") == Some(false) && !person => vec![case.about("no_stamp", field)],
        _ => Vec::new(),
    }
}

/// Law 2004-63, article 47: consent is written; a box left empty is shown, never blocking.
fn consent_is_given(case: &Case<'_>) -> Vec<Finding> {
    match case.field("consentement_donnees") {
        Some(field) if case.flag("consentement_donnees") == Some(false) => vec![case.about("no_consent", field)],
        _ => Vec::new(),
    }
}
