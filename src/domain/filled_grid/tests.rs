//! Grids as merchants fill them in.

use jiff::civil::Date;

use super::*;
use crate::domain::declaration::Departures;
use crate::domain::dossier::{Counsel, Delays};
use crate::domain::field::{Doubt, Method, Trust};
use crate::domain::finding::Severity;
use crate::domain::grid::Grid;

struct Plain;

impl Counsel for Plain {
    fn examine(&self, _: &Extraction, _: Date) -> Vec<Finding> {
        Vec::new()
    }
    fn compare(&self, _: &Extraction, _: &Extraction) -> Vec<Finding> {
        Vec::new()
    }
    fn derive(&self, _: &Extraction) -> Vec<Field> {
        Vec::new()
    }
    fn bank_named(&self, _: &Extraction) -> Option<String> {
        None
    }
    fn finding(&self, code: &str) -> Finding {
        Finding::new(code, Severity::Warning)
    }
}

fn field(key: &str, value: Value) -> Field {
    Field {
        key: key.into(),
        value,
        raw: String::new(),
        place: None,
        label: None,
        method: Method::Cell,
        confidence: 1.0,
        trust: Trust::Trusted,
        changes: vec![],
    }
}

fn row(cells: &[(&str, &str)]) -> Vec<Field> {
    cells.iter().map(|(key, text)| field(key, Value::Text((*text).to_owned()))).collect()
}

fn grid(rows: Vec<Vec<Field>>) -> Extraction {
    let mut fields = BTreeMap::new();
    for (key, value) in [
        ("reference_dossier", Value::Text("D26-000123".into())),
        ("raison_sociale", Value::Text("STE AMELIE SARL".into())),
        ("signataire", Value::Text("Inès Trabelsi".into())),
        ("resultats", Value::Rows(rows)),
    ] {
        fields.insert(key.into(), field(key, value));
    }
    Extraction { kind: Kind::GrilleTests, member: None, pages: vec![1], fields, gaps: vec![] }
}

fn amelie() -> Dossier {
    let mut dossier = Dossier::open(DossierRef::new(2026, 123), None, "2026-11-24T09:00:00Z".parse().unwrap());
    let mut form = grid(vec![]);
    form.fields.insert("raison_sociale".into(), field("raison_sociale", Value::Text("Amélie".into())));
    dossier.adhesion = Some(form);
    dossier
}

/// What is recorded and what is told, in short.
fn said(grid: &Extraction) -> (Vec<String>, Vec<String>) {
    let scenarios: Grid = serde_json::from_str(
        r#"{ "verdicts": { "conforme": { "fr": ["Conforme"], "ar": ["مطابق"] },
               "non_conforme": { "fr": ["Non conforme"], "ar": ["غير مطابق"] }, "derogation": { "fr": ["Dérogation"] } },
             "scenarios": [
               { "code": "0001", "title": {}, "expected": {}, "authorised": true },
               { "code": "0004", "title": {}, "expected": {} },
               { "code": "C05", "title": {}, "expected": {}, "when": ["notification"] },
               { "code": "C13", "title": {}, "expected": {} } ] }"#,
    )
    .unwrap();
    let delays = Delays { idle: vec![7], acknowledgement: 3, certificate: 30 };
    let terms = Terms {
        bank: None,
        departures: Departures { held: &[], held_changes: &[], batch: &[] },
        pieces: false,
        carried: &[],
        monetique: &[],
        operations: &[],
        delays: &delays,
        grid: &scenarios,
        counsel: &Plain,
        today: jiff::civil::date(2026, 11, 24),
    };
    let Filled { results, findings } = filled(grid, &amelie(), &terms);
    let result = |result: TestResult| match result.verdict {
        Verdict::Derogation { reason, by } => format!("{} waived: {reason} ({by})", result.code),
        Verdict::Conforme => format!("{} ok {}", result.code, result.authorisation.unwrap_or_default()),
        Verdict::NonConforme => format!("{} failed {}", result.code, result.remark.unwrap_or_default()),
    };
    let told = |finding: Finding| {
        format!("{} {}", finding.code, finding.details.get("test").map_or("", String::as_str)).trim().to_owned()
    };
    (results.into_iter().map(result).collect(), findings.into_iter().map(told).collect())
}

#[test]
fn verdicts_are_understood_however_they_are_written() {
    let (results, told) = said(&grid(vec![
        row(&[("code", "1"), ("verdict", "CONFORME "), ("autorisation", "084512")]),
        row(&[("code", "0004"), ("verdict", "non-conforme"), ("remarque", "accepté\n à tort")]),
        row(&[("code", "c13"), ("verdict", "derogation"), ("remarque", "pas de console")]),
    ]));
    assert_eq!(results, ["0001 ok 084512", "0004 failed accepté à tort", "C13 waived: pas de console (Inès Trabelsi)"]);
    assert_eq!(told, [""; 0]);
    let (results, _) = said(&grid(vec![row(&[("code", "0004"), ("verdict", "غير مُطابق")])]));
    assert_eq!(results, ["0004 failed "]);
}

#[test]
fn what_cannot_be_recorded_is_told() {
    let mut doubtful = row(&[("code", "0004"), ("verdict", "Conforme")]);
    doubtful[1].trust = Trust::Doubtful(vec![Doubt::WeakReading]);
    for (rows, expected) in [
        (vec![], "grid_empty"),
        (vec![row(&[("code", "0004"), ("remarque", "plus tard")])], "grid_empty"),
        (vec![row(&[("verdict", "Conforme")])], "grid_row_without_test"),
        (vec![doubtful], "grid_doubtful 0004"),
        (vec![row(&[("code", "C05"), ("verdict", "Conforme")])], "grid_unknown_test C05"),
        (vec![row(&[("code", "9999"), ("verdict", "Conforme")])], "grid_unknown_test 9999"),
        (vec![row(&[("code", "0004"), ("verdict", "oui")])], "grid_unknown_verdict 0004"),
        (vec![row(&[("code", "0004"), ("verdict", "Dérogation")])], "grid_waiver_without_reason 0004"),
    ] {
        assert_eq!(said(&grid(rows)), (vec![], vec![expected.to_owned()]));
    }
    let twice =
        vec![row(&[("code", "0004"), ("verdict", "Conforme")]), row(&[("code", "0004"), ("verdict", "Non conforme")])];
    assert_eq!(said(&grid(twice)), (vec![], vec!["grid_contradicts 0004".to_owned()]));
    // Recorded, and told all the same.
    let (results, told) = said(&grid(vec![row(&[("code", "0001"), ("verdict", "Conforme")])]));
    assert_eq!((results.len(), told), (1, vec!["grid_no_authorisation 0001".to_owned()]));
}

#[test]
fn the_reference_of_another_merchant_records_nothing() {
    let mut other = grid(vec![row(&[("code", "0004"), ("verdict", "Conforme")])]);
    other.fields.insert("raison_sociale".into(), field("raison_sociale", Value::Text("Jasmin SARL".into())));
    assert_eq!(said(&other), (vec![], vec!["grid_other_merchant".to_owned()]));
}

#[test]
fn a_reference_that_is_not_plain_is_none() {
    let mut grid = grid(vec![]);
    assert_eq!(reference(&grid), Some(DossierRef::new(2026, 123)));
    let mut doubtful = field("reference_dossier", Value::Text("D26-000123".into()));
    doubtful.trust = Trust::Doubtful(vec![Doubt::WeakReading]);
    grid.fields.insert("reference_dossier".into(), doubtful);
    assert_eq!(reference(&grid), None);
    grid.fields.insert("reference_dossier".into(), field("reference_dossier", Value::Text("26-123".into())));
    assert_eq!(reference(&grid), None);
}
