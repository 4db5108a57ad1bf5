//! Papers that are filled in, read back by the engine that reads every other form, and looked at.

use std::collections::BTreeMap;

use super::*;
use crate::counsel::Advice;
use crate::domain::declaration::Departures;
use crate::domain::document::Kind;
use crate::domain::dossier::{DossierRef, Terms};
use crate::domain::event::{TestResult, Verdict};
use crate::domain::field::{Extraction, Field, Method, Trust, Value};
use crate::domain::filled_grid::{self, Filled};
use crate::extraction::{Options, read};
use crate::rules::Rules;

struct House {
    forms: Forms,
    rules: Rules,
    templates: Templates,
}

impl House {
    fn new() -> Self {
        let forms = Forms::built_in();
        Self { rules: Rules::built_in(&forms), templates: Templates::built_in(), forms }
    }

    fn press(&self) -> Press<'_> {
        Press { grid: &self.rules.grid, forms: &self.forms, templates: &self.templates }
    }

    /// What the engine makes of a paper, and what of it may be recorded.
    fn filled(&self, bytes: &[u8], name: &str, dossier: &Dossier) -> (Option<DossierRef>, Filled) {
        let reading = read(bytes, name, &self.forms, &Options::default());
        assert_eq!(reading.kind, Kind::GrilleTests, "{name}: {reading:#?}");
        assert_eq!(reading.extractions.len(), 1, "{name}");
        let grid = &reading.extractions[0];
        show(&format!("{name}.json"), &serde_json::to_vec_pretty(grid).unwrap());
        let terms = Terms {
            bank: None,
            departures: Departures { held: &[], held_changes: &[], batch: &[] },
            pieces: false,
            carried: &[],
            monetique: &[],
            operations: &[],
            delays: &self.rules.delays,
            grid: &self.rules.grid,
            counsel: &Advice { forms: &self.forms, rules: &self.rules },
            today: TODAY,
        };
        (filled_grid::reference(grid), filled_grid::filled(grid, dossier, &terms))
    }
}

const TODAY: Date = jiff::civil::date(2026, 11, 24);

fn form(kind: Kind, values: &[(&str, serde_json::Value)]) -> Extraction {
    let field = |key: &str, value: &serde_json::Value| Field {
        key: key.into(),
        value: serde_json::from_value(value.clone()).unwrap(),
        raw: String::new(),
        place: None,
        label: None,
        method: Method::Text,
        confidence: 1.0,
        trust: Trust::Trusted,
        changes: vec![],
    };
    let fields = values.iter().map(|(key, value)| ((*key).into(), field(key, value))).collect();
    Extraction { kind, member: None, pages: vec![1], fields, gaps: vec![] }
}

fn dossier(name: &str) -> Dossier {
    let at = "2026-11-02T09:00:00Z".parse().unwrap();
    let mut dossier = Dossier::open(DossierRef::new(2026, 123), None, at);
    dossier.adhesion = Some(form(
        Kind::Adhesion,
        &[
            ("raison_sociale", name.into()),
            ("nom_commercial", "مرطبات أميلي".into()),
            ("cartes", serde_json::json!(["CIB", "Visa", "Mastercard"])),
            ("devises", serde_json::json!(["EUR", "TND"])),
            ("secure3d_national", true.into()),
            ("types_paiement", serde_json::json!(["immédiat", "pré-autorisation"])),
        ],
    ));
    dossier.fiche = Some(form(
        Kind::FicheTechnique,
        &[
            ("url_site", "https://boutique.patisserie-soeur-amelie-et-fils.example/accueil".into()),
            ("url_notification", "https://boutique.patisserie-soeur-amelie-et-fils.example/notification".into()),
            ("mode_integration", "API".into()),
            ("plateforme", "WooCommerce".into()),
        ],
    ));
    for (key, value) in [("numero_affiliation", "5000000001"), ("numero_terminal", "80000001")] {
        dossier.allocated.insert(key.to_owned(), Value::Text(value.to_owned()));
    }
    dossier
}

/// Every test run, one failed, one waived.
fn results(house: &House, dossier: &Dossier) -> BTreeMap<String, TestResult> {
    let scenarios = house.rules.grid.applying(dossier.adhesion.as_ref(), dossier.fiche.as_ref());
    let result = |code: &str, authorised: bool| TestResult {
        verdict: match code {
            "0004" => {
                let reason = "Environnement de test sans plafond".to_owned();
                Verdict::Derogation { reason, by: "Pâtisserie Sœur Amélie & Fils".to_owned() }
            }
            "C05" => Verdict::NonConforme,
            _ => Verdict::Conforme,
        },
        network: Some("Visa".to_owned()),
        observed: (code != "C13").then(|| format!("Vu en {code}")),
        authorisation: authorised.then(|| "084512".to_owned()),
        order: authorised.then(|| format!("CMD-{code}/26")),
        time: (code == "0001").then(|| "24/11/2026 10:42".to_owned()),
        remark: match code {
            "0004" => Some("Environnement de test sans plafond".to_owned()),
            "C05" => Some("Commande créditée deux fois".to_owned()),
            _ => None,
        },
        ..TestResult::new(code, Verdict::Conforme)
    };
    scenarios.iter().map(|scenario| (scenario.code.clone(), result(&scenario.code, scenario.authorised))).collect()
}

const NAME: &str = "Pâtisserie Sœur Amélie & Fils";

/// Leaves a paper where a person can look at it.
fn show(name: &str, bytes: &[u8]) {
    if let Ok(folder) = std::env::var("GUICHET_SHOW") {
        std::fs::write(std::path::Path::new(&folder).join(name), bytes).unwrap();
    }
}

#[test]
fn a_filled_workbook_is_read_back_in_every_language() {
    let house = House::new();
    let mut dossier = dossier(NAME);
    dossier.tests = results(&house, &dossier);
    let case = Case { dossier: &dossier, bank: Some("Banque Internationale Arabe de Tunisie"), today: TODAY };
    for language in [Language::Fr, Language::En, Language::Ar] {
        let bytes = workbook(&house.press(), &case, language).unwrap();
        let name = format!("grille.{}.xlsx", language.as_str());
        show(&name, &bytes);
        let (reference, filled) = house.filled(&bytes, &name, &dossier);
        assert_eq!(reference.as_ref(), Some(&dossier.reference), "{name}");
        assert_eq!(filled.findings, [], "{name}");
        assert_eq!(filled.results, in_order(&house, &dossier), "{name}");
    }
}

#[test]
fn a_filled_pdf_is_read_back() {
    let house = House::new();
    let mut dossier = dossier(NAME);
    dossier.tests = results(&house, &dossier);
    let case = Case { dossier: &dossier, bank: Some("Banque Internationale Arabe de Tunisie"), today: TODAY };
    let bytes = super::form(&house.press(), &case);
    show("grille.pdf", &bytes);
    let (reference, filled) = house.filled(&bytes, "grille.pdf", &dossier);
    assert_eq!(reference.as_ref(), Some(&dossier.reference));
    assert_eq!(filled.findings, []);
    assert_eq!(filled.results, in_order(&house, &dossier));
}

/// As they are run, which is how a grid gives them.
fn in_order(house: &House, dossier: &Dossier) -> Vec<TestResult> {
    let scenarios = house.rules.grid.applying(dossier.adhesion.as_ref(), dossier.fiche.as_ref());
    scenarios.iter().map(|scenario| dossier.tests[&scenario.code].clone()).collect()
}

#[test]
fn a_schema_of_an_earlier_version_has_the_columns_it_knows() {
    let mut house = House::new();
    for form in house.forms.forms.iter_mut().filter(|form| form.kind == Kind::GrilleTests) {
        form.fields.retain(|field| field.key.as_str() != "date_declaration");
        for field in &mut form.fields {
            field.hints.columns.retain(|column| !matches!(column.key.as_str(), "constate" | "commande" | "heure"));
        }
    }
    let mut dossier = dossier(NAME);
    dossier.tests = results(&house, &dossier);
    let case = Case { dossier: &dossier, bank: None, today: TODAY };
    let told = text_of(&super::report(&house.press(), &case, None));
    assert!(told.contains("084512") && !told.contains("CMD-0002/26"), "{told}");
    assert!(!told.lines().any(|line| ["commande", "N° de commande"].contains(&line.trim())), "{told}");
    let grid = text_of(&super::form(&house.press(), &case));
    assert!(grid.contains("Verdict") && !grid.contains("date_declaration"), "{grid}");
    for language in [Language::Fr, Language::Ar] {
        let name = format!("ancienne.{}.xlsx", language.as_str());
        let paper = workbook(&house.press(), &case, language).unwrap();
        // A grid that was sent before the upgrade comes back after it.
        assert_eq!(House::new().filled(&paper, &name, &dossier).1.results.len(), dossier.tests.len(), "{name}");
        let (_, filled) = house.filled(&paper, &name, &dossier);
        assert_eq!(filled.results.len(), dossier.tests.len(), "{name}");
        assert!(filled.results.iter().all(|result| result.order.is_none()), "{name}");
    }
}

#[test]
fn a_grid_that_is_not_filled_in_says_so() {
    let house = House::new();
    let dossier = dossier(NAME);
    let case = Case { dossier: &dossier, bank: None, today: TODAY };
    let papers = [
        ("vide.xlsx", workbook(&house.press(), &case, Language::Fr).unwrap()),
        ("vide.pdf", super::form(&house.press(), &case)),
    ];
    for (name, bytes) in papers {
        show(name, &bytes);
        let (reference, filled) = house.filled(&bytes, name, &dossier);
        assert_eq!(reference.as_ref(), Some(&dossier.reference), "{name}");
        assert_eq!(filled.results, [], "{name}");
        let codes: Vec<&str> = filled.findings.iter().map(|finding| finding.code.as_str()).collect();
        assert_eq!(codes, ["grid_empty"], "{name}");
    }
}

#[test]
fn what_a_form_said_is_never_a_formula() {
    let house = House::new();
    let dossier = dossier("=HYPERLINK(\"http://mal.example\";\"Amélie\")\t+1\r@SUM");
    let case = Case { dossier: &dossier, bank: Some("@BANQUE"), today: TODAY };
    let bytes = workbook(&house.press(), &case, Language::Fr).unwrap();
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(bytes)).unwrap();
    let mut part = |name: &str| std::io::read_to_string(archive.by_name(name).unwrap()).unwrap();
    assert!(!part("xl/worksheets/sheet1.xml").contains("<f>"));
    let strings = part("xl/sharedStrings.xml");
    assert!(strings.contains("=HYPERLINK") && !strings.contains(['\t', '\r']), "{strings}");
    assert!(part("xl/styles.xml").contains("quotePrefix=\"1\""));
}

#[test]
fn the_report_says_what_was_concluded_and_carries_no_card_number() {
    let house = House::new();
    let mut dossier = dossier(NAME);
    dossier.tests = results(&house, &dossier);
    for (key, text) in [("signataire", "Inès Trabelsi"), ("date_declaration", "2026-11-23")] {
        dossier.allocated.insert(key.into(), Value::Text(text.into()));
    }
    let case = Case { dossier: &dossier, bank: Some("Banque Internationale Arabe de Tunisie"), today: TODAY };
    show("projet.pdf", &super::report(&house.press(), &case, None));
    // Built here: no card number stands in the sources.
    let card: String = ["4", &"1".repeat(15)].concat();
    let mut results = dossier.tests.clone();
    results.get_mut("0001").unwrap().remark = Some(format!("payé avec {card} à la médina"));
    results.get_mut("0002").unwrap().remark = Some("دفع مقبول".to_owned());
    for (favourable, conclusion) in [(true, "Favorable avec réserves"), (false, "Défavorable")] {
        let report = Report {
            reference: "PV-2026-0042".into(),
            date: TODAY,
            favourable,
            failing: if favourable { vec![] } else { vec!["C05".into(), "0008".into()] },
            results: results.clone(),
            signatory: Some("Leïla Mansouri".into()),
            by: "A. Ben Salah".into(),
            at: "2026-11-24T09:00:00Z".parse().unwrap(),
        };
        let bytes = super::report(&house.press(), &case, Some(&report));
        show(if favourable { "pv.pdf" } else { "pv-defavorable.pdf" }, &bytes);
        assert_eq!(bytes, super::report(&house.press(), &case, Some(&report)), "the same report is the same bytes");
        let text = text_of(&bytes);
        let told = [conclusion, "PV-2026-0042", "D26-000123", NAME, "C05 – Non conforme", "5000000001"];
        let of_tests =
            ["Vu en 0002", "084512", "CMD-0002/26", "24/11/2026 10:42", "Inès Trabelsi, 23/11/2026", "Leïla Mansouri"];
        for told in told.into_iter().chain(of_tests) {
            assert!(text.contains(told), "{told} is not on the report:\n{text}");
        }
        assert!(!text.contains(&card) && text.contains("411111******1111"), "{text}");
        assert!(text.contains("(texte en arabe"), "{text}");
    }
}

/// The words of a PDF, in lines as they stand.
fn text_of(bytes: &[u8]) -> String {
    let document = lopdf::Document::load_mem(bytes).unwrap();
    let pages: Vec<u32> = document.get_pages().into_keys().collect();
    document.extract_text(&pages).unwrap()
}

#[test]
fn papers_carry_no_account_and_no_identity() {
    let house = House::new();
    let mut dossier = dossier(NAME);
    if let Some(adhesion) = &mut dossier.adhesion {
        let secret =
            form(Kind::Adhesion, &[("rib", "08006012345678901231".into()), ("piece_numero", "04567812".into())]);
        adhesion.fields.extend(secret.fields);
    }
    let case = Case { dossier: &dossier, bank: None, today: TODAY };
    for bytes in [super::form(&house.press(), &case), super::report(&house.press(), &case, None)] {
        let text = text_of(&bytes);
        assert!(!text.contains("04567812") && !text.contains("8901231"), "{text}");
    }
}
