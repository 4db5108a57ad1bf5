use std::collections::BTreeMap;

use jiff::civil::date;

use super::{compare, examine};
use crate::domain::document::Kind;
use crate::domain::field::{Absence, Doubt, Extraction, Field, Gap, Method, Trust, Value};
use crate::domain::finding::{Finding, Severity};
use crate::rules::Rules;
use crate::schemas::Forms;

fn extraction(kind: Kind, values: &[(&str, Value)]) -> Extraction {
    let field = |key: &str, value: &Value| Field {
        key: key.into(),
        value: value.clone(),
        raw: value.shown(),
        place: None,
        label: None,
        method: Method::Text,
        confidence: 1.0,
        trust: Trust::Trusted,
        changes: Vec::new(),
    };
    let fields: BTreeMap<_, _> = values.iter().map(|(key, value)| ((*key).into(), field(key, value))).collect();
    Extraction { kind, member: None, pages: vec![1], fields, gaps: Vec::new() }
}

fn text(value: &str) -> Value {
    Value::Text(value.to_owned())
}

fn list(items: &[&str]) -> Value {
    Value::List(items.iter().map(|item| (*item).to_owned()).collect())
}

fn whole_adhesion() -> Extraction {
    extraction(
        Kind::Adhesion,
        &[
            ("raison_sociale", text("Médina Café SARL")),
            ("matricule_fiscal", text("1234567R/A/M/000")),
            ("adresse", text("12 rue de Marseille")),
            ("code_postal", text("1002")),
            ("gouvernorat", text("Tunis")),
            ("telephone", text("+21671204300")),
            ("email", text("direction@medina-cafe.tn")),
            ("representant_nom", text("BEN SALAH")),
            ("representant_prenom", text("Leïla")),
            ("piece_type", text("CIN")),
            ("piece_numero", text("07201301")),
            ("activite", text("Salon de thé")),
            ("code_mcc", text("5812")),
            ("panier_moyen", text("620.900")),
            ("rib", text("08006012345678901231")),
            ("titulaire_compte", text("Médina Café")),
            ("devises", list(&["TND"])),
            ("cartes", list(&["CIB", "Visa"])),
            ("date_signature", text("2026-11-02")),
            ("signature_presente", Value::Flag(true)),
        ],
    )
}

fn told(extraction: &Extraction) -> Vec<String> {
    let forms = Forms::built_in();
    let rules = Rules::built_in(&forms);
    let form = forms.of(extraction.kind).unwrap();
    examine(extraction, form, &rules, date(2026, 11, 20)).iter().map(shown).collect()
}

fn shown(finding: &Finding) -> String {
    let unsure = if finding.details.contains_key("unsure") { " (unsure)" } else { "" };
    format!("{:?} {} {}{unsure}", finding.severity, finding.code, finding.field.as_ref().map_or("", |key| key.as_str()))
}

fn put(extraction: &mut Extraction, key: &str, value: Value) {
    extraction.fields.get_mut(&key.into()).unwrap().value = value;
}

#[test]
fn a_whole_form_has_nothing_to_say() {
    assert_eq!(told(&whole_adhesion()), [""; 0]);
}

#[test]
fn every_fault_is_told_at_once_in_form_order() {
    let mut form = whole_adhesion();
    put(&mut form, "rib", text("08006012345678901232"));
    put(&mut form, "matricule_fiscal", text("1234567A/A/M/000"));
    put(&mut form, "email", text("direction@medina"));
    put(&mut form, "code_mcc", text("0001"));
    put(&mut form, "code_postal", text("4000"));
    put(&mut form, "titulaire_compte", text("Oasis Voyages"));
    form.fields.remove(&"adresse".into());
    form.fields.remove(&"signature_presente".into());
    form.gaps.push(Gap { key: "adresse".into(), absence: Absence::Blank, label: Some("Adresse".into()), place: None });
    insta::assert_debug_snapshot!(told(&form), @r#"
    [
        "Reject mf_letter matricule_fiscal",
        "Incomplete missing adresse",
        "Warning postal_code_governorate code_postal",
        "Reject bad_email email",
        "Reject unknown_mcc code_mcc",
        "Reject rib_key rib",
        "Warning account_holder titulaire_compte",
        "Incomplete unsigned signature_presente",
    ]
    "#);
}

#[test]
fn one_identifier_of_the_company_is_enough() {
    let mut form = whole_adhesion();
    form.fields.remove(&"matricule_fiscal".into());
    assert_eq!(told(&form), ["Incomplete missing matricule_fiscal"]);
    let rne = extraction(Kind::Adhesion, &[("identifiant_rne", text("1234567R"))]);
    form.fields.extend(rne.fields);
    assert_eq!(told(&form), [""; 0]);
}

#[test]
fn a_doubtful_reading_rejects_nobody_unseen() {
    let mut form = whole_adhesion();
    put(&mut form, "rib", text("08006012345678901232"));
    let rib = form.fields.get_mut(&"rib".into()).unwrap();
    rib.trust = Trust::Doubtful(vec![Doubt::CheckFails]);
    assert_eq!(told(&form), ["Reject rib_key rib"]);
    form.fields.get_mut(&"rib".into()).unwrap().trust = Trust::Doubtful(vec![Doubt::WeakReading, Doubt::CheckFails]);
    assert_eq!(told(&form), ["Reject rib_key rib (unsure)"]);
}

#[test]
fn what_a_float_has_eaten_is_the_only_finding_about_it() {
    let mut form = whole_adhesion();
    put(&mut form, "rib", text("08006012345678900000"));
    form.fields.get_mut(&"rib".into()).unwrap().trust = Trust::Doubtful(vec![Doubt::PrecisionLost]);
    assert_eq!(told(&form), ["Incomplete precision_lost rib"]);
}

#[test]
fn the_sheet_is_checked_too() {
    let sheet = extraction(
        Kind::FicheTechnique,
        &[
            ("raison_sociale", text("Médina Café SARL")),
            ("matricule_fiscal", text("1234567R/A/M/000")),
            ("url_site", text("https://www.medina-cafe.tn")),
            ("adresses_ip", list(&["41.226.18.10", "192.168.1.4"])),
            ("url_retour_succes", text("https://shop.medina-cafe.tn/ok")),
            ("url_retour_echec", text("https://autre.tn/ko")),
            ("url_notification", text("http://www.medina-cafe.tn/n")),
            ("certificat_ssl", Value::Flag(true)),
            ("expiration_ssl", text("2025-03-15")),
            ("contact_technique_nom", text("TRABELSI")),
            ("contact_technique_email", text("technique@medina-cafe.tn")),
        ],
    );
    insta::assert_debug_snapshot!(told(&sheet), @r#"
    [
        "Reject private_ip adresses_ip",
        "Warning url_other_domain url_retour_echec",
        "Reject url_not_https url_notification",
        "Reject cert_expired expiration_ssl",
    ]
    "#);
}

#[test]
fn the_two_forms_must_be_of_one_merchant() {
    let sheet = extraction(
        Kind::FicheTechnique,
        &[
            ("raison_sociale", text("MEDINA CAFE")),
            ("matricule_fiscal", text("7654321X/A/M/000")),
            ("devises", list(&["EUR", "TND"])),
        ],
    );
    let rules = Rules::built_in(&Forms::built_in());
    let findings: Vec<String> = compare(&whole_adhesion(), &sheet, &rules).iter().map(shown).collect();
    assert_eq!(findings, ["Reject mf_mismatch matricule_fiscal", "Warning currency_mismatch devises"]);
}

#[test]
fn every_finding_has_its_french_words() {
    let rules = Rules::built_in(&Forms::built_in());
    let words: toml::Table = toml::from_str(include_str!("../../templates/findings/fr.toml")).unwrap();
    for code in rules.codes() {
        let entry = words.get(code.as_str()).unwrap_or_else(|| panic!("{code} has no words"));
        for part in ["text", "remedy"] {
            assert!(
                entry.get(part).is_some_and(|text| text.as_str().is_some_and(|text| text.ends_with('.'))),
                "{code}.{part}"
            );
        }
    }
    assert_eq!(rules.finding("no_such_code").severity, Severity::Warning);
}
