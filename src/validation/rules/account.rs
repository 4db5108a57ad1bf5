//! The account that is credited: of a known bank, of the branch named, of the merchant.

use super::super::names;
use super::{Case, Rule};
use crate::domain::finding::Finding;
use crate::domain::values::Rib;

pub(super) const RULES: &[Rule] = &[account_is_of_its_bank, account_is_of_its_branch, account_is_the_merchants];

fn account_is_of_its_bank(case: &Case<'_>) -> Vec<Finding> {
    let Some((field, printed)) = case.text("rib") else { return Vec::new() };
    let Ok(rib) = Rib::parse(printed) else { return Vec::new() };
    let mut findings = Vec::new();
    if !case.rules.banks.contains_key(rib.bank()) {
        findings.push(case.about("unknown_bank", field).with("bank", rib.bank()));
    }
    if let Some((_, code)) = case.text("code_banque")
        && code != rib.bank()
    {
        findings.push(case.about("rib_bank_mismatch", field).with("expected", code).with("bank", rib.bank()));
    }
    findings
}

fn account_is_of_its_branch(case: &Case<'_>) -> Vec<Finding> {
    let (Some((field, printed)), Some((_, code))) = (case.text("rib"), case.text("code_agence")) else {
        return Vec::new();
    };
    match Rib::parse(printed) {
        Ok(rib) if rib.branch() != code => {
            vec![case.about("rib_branch_mismatch", field).with("expected", code).with("branch", rib.branch())]
        }
        _ => Vec::new(),
    }
}

/// Held by the company, under its name or its sign, or by the person who represents it.
fn account_is_the_merchants(case: &Case<'_>) -> Vec<Finding> {
    let (Some((field, holder)), Some((_, company))) = (case.text("titulaire_compte"), case.text("raison_sociale"))
    else {
        return Vec::new();
    };
    let person = format!("{} {}", case.printed("representant_nom"), case.printed("representant_prenom"));
    let owners = [company, case.printed("nom_commercial"), &person];
    if owners.iter().any(|owner| names::close(holder, owner)) {
        return Vec::new();
    }
    vec![case.about("account_holder", field).with("expected", company)]
}
