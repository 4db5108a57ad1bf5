use std::collections::BTreeMap;

use jiff::civil::date;

use super::{compare, examine};
use crate::domain::document::Kind;
use crate::domain::field::{Absence, Doubt, Extraction, Field, FieldKey, Gap, Method, Trust, Value};
use crate::domain::finding::{Finding, Severity};
use crate::domain::notification::Language;
use crate::rules::Rules;
use crate::schemas::Forms;
use crate::templates::Templates;

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
        "Incomplete unsigned signature_presente (unsure)",
    ]
    "#);
}

#[test]
fn a_value_that_may_be_cut_is_not_judged() {
    let mut form = whole_adhesion();
    put(&mut form, "email", text("direction@medina-cafe.t"));
    form.fields.get_mut(&"email".into()).unwrap().trust = Trust::Doubtful(vec![Doubt::CheckFails, Doubt::BoundsUnsure]);
    assert_eq!(told(&form), ["Doubt to_be_read email (unsure)"]);
}

#[test]
fn a_mandatory_field_that_nobody_made_out_is_not_missing() {
    let mut form = whole_adhesion();
    let name = FieldKey::from("raison_sociale");
    form.fields.remove(&name);
    let told_of = |absence| {
        let gap = Gap { key: name.clone(), absence, label: None, place: None };
        told(&Extraction { gaps: vec![gap], ..form.clone() })
    };
    assert_eq!(told_of(Absence::Blank), ["Incomplete missing raison_sociale"]);
    assert_eq!(told_of(Absence::LabelNotFound), ["Incomplete missing raison_sociale (unsure)"]);
    for absence in [Absence::Unreadable, Absence::Ambiguous] {
        assert_eq!(told_of(absence), ["Doubt to_be_read raison_sociale"]);
    }
}

#[test]
fn what_the_bank_says_of_itself_rejects_no_merchant() {
    let mut form = whole_adhesion();
    let bank = extraction(Kind::Adhesion, &[("charge_dossier_email", text("nour.saidi@atb"))]);
    form.fields.extend(bank.fields);
    assert_eq!(told(&form), ["Warning bad_email charge_dossier_email"]);
}

#[test]
fn a_form_of_which_a_part_is_missing_is_told_once() {
    let mut form = whole_adhesion();
    let lost = [
        "rib",
        "titulaire_compte",
        "devises",
        "cartes",
        "date_signature",
        "signature_presente",
        "activite",
        "code_mcc",
    ];
    for key in lost {
        form.fields.remove(&key.into());
        let absence = Absence::LabelNotFound;
        form.gaps.push(Gap { key: key.into(), absence, label: None, place: None });
    }
    assert_eq!(told(&form), ["Incomplete half_form  (unsure)"]);
    // One label that is not found is one field that a person looks for.
    let mut form = whole_adhesion();
    form.fields.remove(&"rib".into());
    form.gaps.push(Gap { key: "rib".into(), absence: Absence::LabelNotFound, label: None, place: None });
    assert_eq!(told(&form), ["Incomplete missing rib (unsure)"]);
}

#[test]
fn one_identifier_of_the_company_is_enough() {
    let mut form = whole_adhesion();
    form.fields.remove(&"matricule_fiscal".into());
    assert_eq!(told(&form), ["Incomplete missing matricule_fiscal (unsure)"]);
    let rne = extraction(Kind::Adhesion, &[("identifiant_rne", text("1234567R"))]);
    form.fields.extend(rne.fields);
    assert_eq!(told(&form), [""; 0]);
}

#[test]
fn what_was_hardly_read_is_read_by_a_person_before_it_is_judged() {
    let mut form = whole_adhesion();
    put(&mut form, "rib", text("08006012345678901232"));
    let rib = form.fields.get_mut(&"rib".into()).unwrap();
    rib.trust = Trust::Doubtful(vec![Doubt::CheckFails]);
    assert_eq!(told(&form), ["Reject rib_key rib"]);
    form.fields.get_mut(&"rib".into()).unwrap().trust = Trust::Doubtful(vec![Doubt::WeakReading, Doubt::CheckFails]);
    assert_eq!(told(&form), ["Doubt to_be_read rib (unsure)"]);
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
fn every_finding_has_its_words_in_three_languages() {
    let rules = Rules::built_in(&Forms::built_in());
    let languages = [
        ("fr", include_str!("../../templates/findings/fr.toml")),
        ("en", include_str!("../../templates/findings/en.toml")),
        ("ar", include_str!("../../templates/findings/ar.toml")),
    ];
    for (language, text) in languages {
        let words: toml::Table = toml::from_str(text).unwrap();
        for code in rules.codes() {
            let entry = words.get(code.as_str()).unwrap_or_else(|| panic!("{code} has no words in {language}"));
            for part in ["text", "remedy"] {
                assert!(
                    entry.get(part).is_some_and(|text| text.as_str().is_some_and(|text| text.ends_with('.'))),
                    "{language}: {code}.{part}"
                );
            }
        }
        for code in words.keys() {
            assert!(rules.codes().any(|known| known.as_str() == code), "{language}: {code} is no finding");
        }
    }
    assert_eq!(rules.finding("no_such_code").severity, Severity::Warning);
}

/// What a bank officer reads about a form.
fn sentences(findings: &[Finding]) -> String {
    let templates = Templates::built_in();
    let mut page = String::new();
    for finding in findings {
        let said = templates.say(finding, Language::Fr);
        let label = finding.label.as_deref().unwrap_or_default();
        page.push_str(&format!("{label} : {} {}\n", said.text, said.remedy));
    }
    page
}

#[test]
fn findings_read_well_in_french() {
    let mut form = whole_adhesion();
    put(&mut form, "rib", text("0800601234567890123"));
    put(&mut form, "code_postal", text("4000"));
    put(&mut form, "piece_numero", text("7201301"));
    put(&mut form, "date_signature", text("2026-12-01"));
    put(&mut form, "email", text("direction@@medina-cafe.tn"));
    let email = form.fields.get_mut(&"email".into()).unwrap();
    email.method = Method::Ocr;
    email.trust = Trust::Doubtful(vec![Doubt::CheckFails]);
    form.fields.remove(&"adresse".into());
    form.fields.remove(&"signature_presente".into());
    form.gaps.push(Gap { key: "adresse".into(), absence: Absence::Unreadable, label: None, place: None });
    form.gaps.push(Gap { key: "fax".into(), absence: Absence::Ambiguous, label: None, place: None });
    let cell = |key: &str, value: &str| {
        let row = extraction(Kind::Adhesion, &[(key, text(value))]);
        row.fields.into_values().next().unwrap()
    };
    let rows = Value::Rows(vec![vec![cell("nom", "BEN SALAH"), cell("email", "leila@medina")]]);
    form.fields.extend(extraction(Kind::Adhesion, &[("utilisateurs", rows)]).fields);
    let forms = Forms::built_in();
    let rules = Rules::built_in(&forms);
    let findings = examine(&form, forms.of(Kind::Adhesion).unwrap(), &rules, date(2026, 11, 20));
    insta::assert_snapshot!(sentences(&findings));
}

#[test]
fn a_label_not_found_is_not_a_field_not_filled_in() {
    let mut form = whole_adhesion();
    form.fields.remove(&"adresse".into());
    assert_eq!(told(&form), ["Incomplete missing adresse (unsure)"]);
    form.fields.get_mut(&"rib".into()).unwrap().method = Method::Ocr;
    assert_eq!(told(&form), ["Doubt to_be_read adresse"]);
    form.gaps.push(Gap { key: "adresse".into(), absence: Absence::Blank, label: None, place: None });
    assert_eq!(told(&form), ["Incomplete missing adresse"]);
}

#[test]
fn a_check_that_fails_on_a_picture_proves_nothing_about_the_paper() {
    let mut form = whole_adhesion();
    put(&mut form, "rib", text("08006012345678901232"));
    let rib = form.fields.get_mut(&"rib".into()).unwrap();
    rib.trust = Trust::Doubtful(vec![Doubt::CheckFails]);
    rib.method = Method::Ocr;
    assert_eq!(told(&form), ["Reject rib_key rib (unsure)"]);
}

#[test]
fn two_private_addresses_are_one_finding_that_names_both() {
    let sheet =
        extraction(Kind::FicheTechnique, &[("adresses_ip", list(&["10.0.0.1", "41.226.18.10", "192.168.1.4"]))]);
    let forms = Forms::built_in();
    let findings =
        examine(&sheet, forms.of(Kind::FicheTechnique).unwrap(), &Rules::built_in(&forms), date(2026, 11, 20));
    let private: Vec<_> = findings.iter().filter(|finding| finding.code.as_str() == "private_ip").collect();
    assert_eq!(private.len(), 1);
    assert_eq!(private[0].details["value"], "10.0.0.1, 192.168.1.4");
}

/// A code that the data does not know would be a warning, whatever it ought to do.
#[test]
fn every_code_that_is_found_is_in_the_data() {
    let rules = Rules::built_in(&Forms::built_in());
    let mut sources = String::new();
    for entry in walkdir::WalkDir::new(concat!(env!("CARGO_MANIFEST_DIR"), "/src")).into_iter().flatten() {
        if entry.path().extension().is_some_and(|extension| extension == "rs") && !entry.path().ends_with("tests.rs") {
            sources.push_str(&std::fs::read_to_string(entry.path()).unwrap());
        }
    }
    let mut met = 0;
    for opening in ["rules.finding(\"", "case.about(\"", "Fails(\"", "counsel.finding(\"", "about(rules, \""] {
        for rest in sources.split(opening).skip(1) {
            let code = rest.split('"').next().unwrap();
            assert!(rules.codes().any(|known| known.as_str() == code), "{code} is not in findings.json");
            met += 1;
        }
    }
    assert!(met > 40, "only {met} codes met");
}
