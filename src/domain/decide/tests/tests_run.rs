//! Steps 6 and 7: the grid and its report.

use super::*;

#[test]
fn the_tests_are_those_of_the_sheet_and_a_failed_one_shuts_production() {
    let mut world = World::new();
    let scenario = |code: &str, when| Scenario {
        code: code.into(),
        title: [].into(),
        expected: [].into(),
        authorised: false,
        when,
    };
    world.grid.scenarios =
        vec![scenario("0001", vec![]), scenario("C05", vec![crate::domain::grid::Trait::Notification])];
    let mut dossier = opened(&world);
    for event in [dropped(1, vec![adhesion("right"), fiche()]), published(FileType::Dts), accepted(FileType::Dts)] {
        world.tell(&mut dossier, &event);
    }
    let asked = |dossier: &Dossier, world: &World| -> Vec<String> {
        requirements(dossier, &world.terms()).iter().map(|r| r.finding.code.to_string()).collect()
    };
    assert_eq!(asked(&dossier, &world), ["test_to_run"]);
    let record = |code: &str, verdict| Event::TestsRecorded {
        results: vec![TestResult { code: code.into(), verdict, network: None, authorisation: None, remark: None }],
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
    world.tell(&mut dossier, &reported(true, "PV-1"));
    assert_eq!(dossier.step, Step::Production);
}
