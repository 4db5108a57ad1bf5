//! What the merchant asks for: category, cards, currencies, customers.

use super::{Case, Rule};
use crate::domain::finding::Finding;

pub(super) const RULES: &[Rule] = &[
    category_code_is_known,
    foreign_currency_needs_foreign_cards,
    international_3ds_needs_foreign_cards,
    foreign_customers_are_told,
];

fn category_code_is_known(case: &Case<'_>) -> Vec<Finding> {
    let Some((field, code)) = case.text("code_mcc") else { return Vec::new() };
    let is_code = code.len() == 4 && code.bytes().all(|b| b.is_ascii_digit());
    if is_code && !case.rules.mcc.contains(code) {
        vec![case.about("unknown_mcc", field)]
    } else if case.rules.high_risk_mcc.contains(code) {
        vec![case.about("mcc_high_risk", field)]
    } else {
        Vec::new()
    }
}

fn has_foreign_cards(case: &Case<'_>) -> bool {
    case.list("cartes").iter().any(|card| card == "Visa" || card == "Mastercard")
}

fn foreign_currency_needs_foreign_cards(case: &Case<'_>) -> Vec<Finding> {
    let foreign = case.list("devises").iter().any(|currency| currency != "TND");
    match case.field("cartes") {
        Some(field) if foreign && !has_foreign_cards(case) => vec![case.about("currency_needs_cards", field)],
        _ => Vec::new(),
    }
}

fn international_3ds_needs_foreign_cards(case: &Case<'_>) -> Vec<Finding> {
    match case.field("cartes") {
        Some(field) if case.flag("secure3d_international") == Some(true) && !has_foreign_cards(case) => {
            vec![case.about("secure3d_needs_cards", field)]
        }
        _ => Vec::new(),
    }
}

/// The exchange code asks that receipts in foreign currency come home; the bank reminds the merchant.
fn foreign_customers_are_told(case: &Case<'_>) -> Vec<Finding> {
    match case.text("clientele") {
        Some((field, words))
            if ["étrang", "etrang", "foreign", "أجنب"].iter().any(|word| words.to_lowercase().contains(word)) =>
        {
            vec![case.about("foreign_customers", field)]
        }
        _ => Vec::new(),
    }
}
