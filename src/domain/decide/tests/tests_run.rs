//! Steps 6 and 7: the grid and its report.

use super::*;

#[test]
fn the_tests_are_those_of_the_sheet_and_a_failed_one_shuts_production() {
    let mut world = World::new();
    world.grid.scenarios = vec![scenario("0001", vec![]), scenario("C05", vec![Trait::Notification])];
    let mut dossier = in_tests(&world);
    let asked = |dossier: &Dossier, world: &World| -> Vec<String> {
        requirements(dossier, &world.terms()).iter().map(|r| r.finding.code.to_string()).collect()
    };
    assert_eq!(asked(&dossier, &world), ["test_to_run"]);
    assert_eq!(world.refusal(&dossier, &reported(true, "PV-0")), "tests_missing", "nothing was tested");
    let record = |code: &str, verdict| Event::TestsRecorded {
        results: vec![TestResult::new(code, verdict)],
        by: "commercant".into(),
        grid: None,
    };
    assert_eq!(world.refusal(&dossier, &record("C05", Verdict::Conforme)), "unknown_scenario");
    world.tell(&mut dossier, &record("0001", Verdict::NonConforme));
    assert_eq!(asked(&dossier, &world), ["test_failed"]);
    assert_eq!(world.refusal(&dossier, &reported(true, "PV-1")), "tests_failing");
    let waived = |reason: &str| Verdict::Derogation { reason: reason.into(), by: "SMT".into() };
    assert_eq!(world.refusal(&dossier, &record("0001", waived(" "))), "reason_needed");
    world.tell(&mut dossier, &record("0001", waived("environnement de test")));
    assert_eq!(asked(&dossier, &world), ["report_awaited"]);
    world.tell(&mut dossier, &reported(false, "PV-1"));
    let again = Event::TestsReported {
        favourable: false,
        reference: "PV-2".into(),
        date: date(2026, 11, 24),
        failing: vec!["0001".into()],
        signatory: None,
        by: "operateur".into(),
    };
    world.tell(&mut dossier, &again);
    assert_eq!(world.refusal(&dossier, &reported(true, "PV-3")), "tests_missing", "0001 has not been run again");
    assert_eq!(dossier.test("0001"), None, "the next grid asks for it");
    assert_eq!(dossier.report_in_force().map(|report| &*report.reference), Some("PV-2"));
    let done = world.tell(&mut dossier, &record("0001", waived("environnement de test")));
    assert_eq!(done, ["tests_complete to Monetique"], "run again, it may end as before");
    assert_eq!(dossier.report_in_force(), None, "PV-2 says nothing of what was run since");
    assert_eq!(dossier.test("0001"), dossier.tests.get("0001"));
    world.tell(&mut dossier, &record("0001", Verdict::Conforme));
    world.tell(&mut dossier, &reported(true, "PV-3"));
    assert_eq!(dossier.report_in_force().map(|report| &*report.reference), Some("PV-3"));
    assert_eq!(dossier.step, Step::Production);
    world.tell(&mut dossier, &Event::Withdrawn { reason: "le commerçant renonce".into(), by: "banque".into() });
    world.tell(&mut dossier, &Event::Reopened { by: "operateur".into() });
    assert!(dossier.tests.is_empty(), "taken up again, the tests begin anew");
    assert_eq!(dossier.report_in_force(), None);
}

#[test]
fn what_the_merchant_writes_on_the_grid_stands_in_the_dossier() {
    let mut world = World::new();
    world.grid.scenarios = vec![scenario("0001", vec![])];
    let mut dossier = in_tests(&world);
    let mut grid = form(Kind::GrilleTests, &[("version_module", "3.2"), ("debut_tests", "2026-11-20")]);
    let doubted = field("fin_tests", Value::Text("2026-11-23".into()));
    grid.fields.insert("fin_tests".into(), Field { trust: Trust::Doubtful(vec![Doubt::WeakReading]), ..doubted });
    let grid = Examined {
        document: DocumentId(uuid::Uuid::from_u128(2)),
        name: "grille.pdf".into(),
        sha256: Sha256::of(b"grille"),
        extractions: vec![grid],
        findings: vec![],
    };
    let results = vec![TestResult::new("0001", Verdict::Conforme)];
    let filed = Event::TestsRecorded { results, by: "guichet".into(), grid: Some(Box::new(grid)) };
    world.tell(&mut dossier, &filed);
    let written = |key: &str| dossier.allocated.get(key).cloned();
    assert_eq!(written("version_module"), Some(Value::Text("3.2".into())));
    assert_eq!(written("debut_tests"), Some(Value::Text("2026-11-20".into())));
    assert_eq!(written("fin_tests"), None, "what is in doubt is not repeated on a report");
}

#[test]
fn no_order_carries_a_card_number_and_none_that_stops_a_merchant_goes_without_a_reason() {
    let world = World::new();
    let dossier = after(&world, &to_live());
    let card = ["4", &"1".repeat(15)].concat();
    let suspended = |reason: &str| Event::Suspended { reason: reason.into(), by: "banque".into() };
    assert_eq!(world.refusal(&dossier, &suspended(" ")), "reason_needed");
    assert_eq!(world.refusal(&dossier, &suspended(&format!("carte {card}"))), "card_number");
    assert_eq!(world.refusal(&dossier, &given_terminal(&card)), "card_number");
}

#[test]
fn results_and_reports_of_earlier_installations_are_read() {
    let result =
        r#"{ "code": "0001", "verdict": "conforme", "network": "Visa", "authorisation": "084512", "remark": null }"#;
    let kept: TestResult = serde_json::from_str(result).unwrap();
    let expected = TestResult {
        network: Some("Visa".into()),
        authorisation: Some("084512".into()),
        ..TestResult::new("0001", Verdict::Conforme)
    };
    assert_eq!(kept, expected);
    let report = format!(
        r#"{{ "reference": "PV-1", "date": "2026-11-24", "favourable": true, "failing": [],
              "results": {{ "0001": {result} }}, "by": "smt", "at": "2026-11-24T09:00:00Z" }}"#
    );
    let kept: crate::domain::dossier::Report = serde_json::from_str(&report).unwrap();
    assert_eq!((kept.results.len(), kept.signatory), (1, None));
}

#[test]
fn no_part_of_a_result_carries_a_card_number() {
    let mut world = World::new();
    world.grid.scenarios = vec![scenario("0001", vec![])];
    let mut dossier = in_tests(&world);
    let card = ["4", &"1".repeat(15)].concat();
    let plain = TestResult::new("0001", Verdict::Conforme);
    let noted = Some(format!("carte {card}"));
    for result in [
        TestResult { network: noted.clone(), ..plain.clone() },
        TestResult { observed: noted.clone(), ..plain.clone() },
        TestResult { authorisation: noted.clone(), ..plain.clone() },
        TestResult { order: noted.clone(), ..plain.clone() },
        TestResult { time: noted.clone(), ..plain.clone() },
        TestResult { remark: noted.clone(), ..plain.clone() },
        TestResult::new("0001", Verdict::Derogation { reason: card.clone(), by: "SMT".into() }),
    ] {
        let event = Event::TestsRecorded { results: vec![result], by: "commercant".into(), grid: None };
        assert_eq!(world.refusal(&dossier, &event), "card_number");
    }
}
