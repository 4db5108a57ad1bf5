//! Rules across the fields of one form. Each is a sentence that can be read; what it does is in `schemas/findings.json`.

use jiff::civil::Date;

use super::{about, field, names};
use crate::domain::field::{Extraction, Field, Value};
use crate::domain::finding::Finding;
use crate::domain::values::{IdentifiantRne, MatriculeFiscal, Rib, Url, parse_date, registrable_domain};
use crate::rules::Rules;

type Rule = fn(&Extraction, &Rules, Date) -> Vec<Finding>;

const RULES: [Rule; 15] = [
    rib_is_of_its_bank,
    matricule_and_rne_agree,
    category_fits_the_legal_form,
    forfait_is_unusual,
    postal_code_is_in_its_governorate,
    account_is_the_merchants,
    foreign_currency_needs_foreign_cards,
    international_3ds_needs_foreign_cards,
    signature_date_is_plausible,
    category_code_is_known,
    certificate_is_valid,
    pages_are_on_the_site,
    cin_begins_with_zero_or_one,
    consent_is_given,
    foreign_customers_are_told,
];

pub(super) fn check(extraction: &Extraction, rules: &Rules, today: Date) -> Vec<Finding> {
    RULES.iter().flat_map(|rule| rule(extraction, rules, today)).collect()
}

fn text<'a>(extraction: &'a Extraction, key: &str) -> Option<(&'a Field, &'a str)> {
    let field = field(extraction, key)?;
    Some((field, field.value.as_text()?))
}

fn list<'a>(extraction: &'a Extraction, key: &str) -> &'a [String] {
    match extraction.value(key) {
        Some(Value::List(items)) => items,
        _ => &[],
    }
}

fn date(extraction: &Extraction, key: &str) -> Option<Date> {
    text(extraction, key).and_then(|(_, text)| parse_date(text).ok())
}

fn rib_is_of_its_bank(extraction: &Extraction, rules: &Rules, _: Date) -> Vec<Finding> {
    let Some((field, rib)) = text(extraction, "rib") else { return Vec::new() };
    let Ok(rib) = Rib::parse(rib) else { return Vec::new() };
    let mut findings = Vec::new();
    if !rules.banks.contains_key(rib.bank()) {
        findings.push(about(rules, "unknown_bank", field).with("bank", rib.bank()));
    }
    if let Some((_, code)) = text(extraction, "code_banque")
        && code != rib.bank()
    {
        findings.push(about(rules, "rib_bank_mismatch", field).with("expected", code).with("bank", rib.bank()));
    }
    if let Some((_, code)) = text(extraction, "code_agence")
        && code != rib.branch()
    {
        findings.push(about(rules, "rib_branch_mismatch", field).with("expected", code).with("branch", rib.branch()));
    }
    findings
}

fn matricule_and_rne_agree(extraction: &Extraction, rules: &Rules, _: Date) -> Vec<Finding> {
    let matricule = text(extraction, "matricule_fiscal").and_then(|(_, text)| MatriculeFiscal::parse(text).ok());
    let rne = text(extraction, "identifiant_rne")
        .and_then(|(field, text)| IdentifiantRne::parse(text).ok().map(|rne| (field, rne)));
    match (matricule, rne) {
        (Some(matricule), Some((field, rne))) if matricule.serial() != rne.serial() => {
            vec![about(rules, "mf_rne_mismatch", field).with("expected", matricule.rne())]
        }
        _ => Vec::new(),
    }
}

fn category_fits_the_legal_form(extraction: &Extraction, rules: &Rules, _: Date) -> Vec<Finding> {
    let Some((field, printed)) = text(extraction, "matricule_fiscal") else { return Vec::new() };
    let (Ok(matricule), Some((_, form))) = (MatriculeFiscal::parse(printed), text(extraction, "forme_juridique"))
    else {
        return Vec::new();
    };
    let individual = form == "personne physique";
    let fits = match matricule.category() {
        Some('M') => !individual,
        Some('C' | 'P') => individual,
        _ => true,
    };
    if fits { Vec::new() } else { vec![about(rules, "mf_category", field).with("expected", form)] }
}

fn forfait_is_unusual(extraction: &Extraction, rules: &Rules, _: Date) -> Vec<Finding> {
    let Some((field, printed)) = text(extraction, "matricule_fiscal") else { return Vec::new() };
    match MatriculeFiscal::parse(printed) {
        Ok(matricule) if matricule.vat_code() == Some('F') => vec![about(rules, "mf_vat_f", field)],
        _ => Vec::new(),
    }
}

fn postal_code_is_in_its_governorate(extraction: &Extraction, rules: &Rules, _: Date) -> Vec<Finding> {
    let (Some((field, code)), Some((_, printed))) = (text(extraction, "code_postal"), text(extraction, "gouvernorat"))
    else {
        return Vec::new();
    };
    let Some(governorate) =
        rules.governorates.iter().find(|g| g.variantes.iter().chain([&g.nom]).any(|name| names::same(name, printed)))
    else {
        return Vec::new();
    };
    let fits = governorate.prefixes_postaux.iter().any(|prefix| code.starts_with(prefix.as_str()));
    if fits {
        Vec::new()
    } else {
        vec![about(rules, "postal_code_governorate", field).with("expected", governorate.nom.clone())]
    }
}

fn account_is_the_merchants(extraction: &Extraction, rules: &Rules, _: Date) -> Vec<Finding> {
    let (Some((field, holder)), Some((_, company))) =
        (text(extraction, "titulaire_compte"), text(extraction, "raison_sociale"))
    else {
        return Vec::new();
    };
    let part = |key| text(extraction, key).map_or("", |(_, text)| text);
    let person = format!("{} {}", part("representant_nom"), part("representant_prenom"));
    if names::close(holder, company) || names::close(holder, &person) {
        return Vec::new();
    }
    vec![about(rules, "account_holder", field).with("expected", company)]
}

fn foreign_currency_needs_foreign_cards(extraction: &Extraction, rules: &Rules, _: Date) -> Vec<Finding> {
    let foreign = list(extraction, "devises").iter().any(|currency| currency != "TND");
    let cards = list(extraction, "cartes");
    match field(extraction, "cartes") {
        Some(field) if foreign && cards == ["CIB"] => vec![about(rules, "currency_needs_cards", field)],
        _ => Vec::new(),
    }
}

fn international_3ds_needs_foreign_cards(extraction: &Extraction, rules: &Rules, _: Date) -> Vec<Finding> {
    let asked = extraction.value("secure3d_international") == Some(&Value::Flag(true));
    let cards = list(extraction, "cartes");
    let foreign = cards.iter().any(|card| card == "Visa" || card == "Mastercard");
    match field(extraction, "cartes") {
        Some(field) if asked && !foreign => vec![about(rules, "secure3d_needs_cards", field)],
        _ => Vec::new(),
    }
}

fn signature_date_is_plausible(extraction: &Extraction, rules: &Rules, today: Date) -> Vec<Finding> {
    let (Some(field), Some(signed)) = (field(extraction, "date_signature"), date(extraction, "date_signature")) else {
        return Vec::new();
    };
    if signed > today {
        return vec![about(rules, "signature_in_future", field)];
    }
    let Some(contract) = date(extraction, "date_contrat") else { return Vec::new() };
    if days_between(signed, contract) > rules.signature_before_contract_days {
        return vec![about(rules, "signature_before_contract", field).with("expected", contract.to_string())];
    }
    Vec::new()
}

fn category_code_is_known(extraction: &Extraction, rules: &Rules, _: Date) -> Vec<Finding> {
    let Some((field, code)) = text(extraction, "code_mcc") else { return Vec::new() };
    if rules.high_risk_mcc.contains(code) {
        vec![about(rules, "mcc_high_risk", field)]
    } else if code.len() == 4 && code.bytes().all(|b| b.is_ascii_digit()) && !rules.mcc.contains(code) {
        vec![about(rules, "unknown_mcc", field)]
    } else {
        Vec::new()
    }
}

fn certificate_is_valid(extraction: &Extraction, rules: &Rules, today: Date) -> Vec<Finding> {
    let (Some(field), Some(expiry)) = (field(extraction, "expiration_ssl"), date(extraction, "expiration_ssl")) else {
        return Vec::new();
    };
    if expiry < today {
        vec![about(rules, "cert_expired", field)]
    } else if days_between(today, expiry) <= rules.certificate_notice_days {
        vec![about(rules, "cert_soon", field)]
    } else {
        Vec::new()
    }
}

fn pages_are_on_the_site(extraction: &Extraction, rules: &Rules, _: Date) -> Vec<Finding> {
    let domain_of = |text: &str| {
        let url = Url::parse(text).ok()?;
        registrable_domain(url.host()).map(ToOwned::to_owned)
    };
    let Some(site) = text(extraction, "url_site").and_then(|(_, text)| domain_of(text)) else { return Vec::new() };
    ["url_retour_succes", "url_retour_echec", "url_notification", "url_cgv", "url_confidentialite"]
        .iter()
        .filter_map(|key| text(extraction, key))
        .filter(|(_, text)| domain_of(text).is_some_and(|domain| domain != site))
        .map(|(field, _)| about(rules, "url_other_domain", field).with("expected", site.clone()))
        .collect()
}

fn cin_begins_with_zero_or_one(extraction: &Extraction, rules: &Rules, _: Date) -> Vec<Finding> {
    let is_cin = text(extraction, "piece_type").is_some_and(|(_, kind)| kind == "CIN");
    match text(extraction, "piece_numero") {
        Some((field, number)) if is_cin && number.len() == 8 && !number.starts_with(['0', '1']) => {
            vec![about(rules, "cin_start", field)]
        }
        _ => Vec::new(),
    }
}

/// Law 2004-63, article 47: consent is written; a box left empty is shown, never blocking.
fn consent_is_given(extraction: &Extraction, rules: &Rules, _: Date) -> Vec<Finding> {
    match field(extraction, "consentement_donnees") {
        Some(field) if field.value == Value::Flag(false) => vec![about(rules, "no_consent", field)],
        _ => Vec::new(),
    }
}

fn foreign_customers_are_told(extraction: &Extraction, rules: &Rules, _: Date) -> Vec<Finding> {
    match text(extraction, "clientele") {
        Some((field, words)) if words.to_lowercase().contains("étrang") || words.to_lowercase().contains("etrang") => {
            vec![about(rules, "foreign_customers", field)]
        }
        _ => Vec::new(),
    }
}

/// Days from the first date to the second; negative when it comes before.
fn days_between(from: Date, to: Date) -> i32 {
    (to - from).get_days()
}
