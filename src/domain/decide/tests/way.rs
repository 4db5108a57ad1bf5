//! The ordinary way, and what is repeated, late or contradictory on it.

use super::*;

#[test]
fn from_the_first_drop_to_live() {
    let world = World::new();
    let mut dossier = opened(&world);
    let way = [
        dropped(1, vec![adhesion("right")]),
        dropped(2, vec![fiche()]),
        published(FileType::Dts),
        accepted(FileType::Dts),
        reported(true, "PV-1"),
        released(FileType::Dpr, "valideur"),
        published(FileType::Dpr),
        accepted(FileType::Dpr),
        released(FileType::Sps, "valideur"),
        published(FileType::Sps),
        accepted(FileType::Sps),
        published(FileType::Uti),
        accepted(FileType::Uti),
    ];
    let told: Vec<String> = way
        .iter()
        .map(|event| {
            let done = world.tell(&mut dossier, event).join(", ");
            format!("{} -> {}: {done}", event.name(), dossier.step)
        })
        .collect();
    insta::assert_snapshot!(told.join("\n"));
    assert!(requirements(&dossier, &world.terms()).is_empty());
    assert_eq!(
        dossier.history.iter().map(|reached| reached.step.number()).collect::<Vec<_>>(),
        [3, 5, 6, 7, 8, 9, 10, 10]
    );
}

#[test]
fn events_repeated_are_harmless_and_contradictions_are_refused() {
    let world = World::new();
    let mut dossier = opened(&world);
    for event in [dropped(1, vec![adhesion("right"), fiche()]), published(FileType::Dts), accepted(FileType::Dts)] {
        world.tell(&mut dossier, &event);
        let before = dossier.clone();
        let again = world.tell(&mut dossier, &event);
        assert!(again.iter().all(|effect| effect == "answer"), "{again:?}");
        assert_eq!(dossier, before);
    }
    assert_eq!(world.refusal(&dossier, &rejected(FileType::Dts)), "contradiction");
    assert_eq!(world.refusal(&dossier, &accepted(FileType::Sps)), "unknown_declaration");
    assert_eq!(world.refusal(&dossier, &Event::StruckOff { reason: "x".into(), by: "y".into() }), "out_of_order");
}

#[test]
fn a_rejected_declaration_goes_again_under_a_new_number() {
    let world = World::new();
    let mut dossier = opened(&world);
    for event in [dropped(1, vec![adhesion("right"), fiche()]), published(FileType::Dts), rejected(FileType::Dts)] {
        world.tell(&mut dossier, &event);
    }
    let codes: Vec<String> =
        requirements(&dossier, &world.terms()).iter().map(|r| r.finding.code.to_string()).collect();
    assert_eq!(codes, ["declaration_rejected"]);
    let again = Event::Reissued { file_type: FileType::Dts, by: "operateur".into() };
    assert_eq!(world.tell(&mut dossier, &again), ["DTS 01"]);
    assert_eq!(world.refusal(&dossier, &again), "still_pending");
}

#[test]
fn an_answer_may_overtake_the_news_that_its_file_has_left() {
    let world = World::new();
    let mut dossier = opened(&world);
    world.tell(&mut dossier, &dropped(1, vec![adhesion("right"), fiche()]));
    world.tell(&mut dossier, &accepted(FileType::Dts));
    assert_eq!(dossier.step, Step::Tests);
    assert!(world.tell(&mut dossier, &published(FileType::Dts)).is_empty());
    assert_eq!(dossier.declared[0].state, DeclaredState::Accepted);
}

#[test]
fn numbers_allocated_on_the_way_are_no_change_of_the_merchant() {
    let world = World::new();
    let mut dossier = opened(&world);
    for event in [dropped(1, vec![adhesion("right"), fiche()]), published(FileType::Dts), accepted(FileType::Dts)] {
        world.tell(&mut dossier, &event);
    }
    assert_eq!(world.tell(&mut dossier, &given_terminal("70000009")), ["answer"]);
}

#[test]
fn reminders_are_sent_once_each() {
    let mut world = World::new();
    let mut dossier = opened(&world);
    world.tell(&mut dossier, &dropped(1, vec![adhesion("right")]));
    let mut told = Vec::new();
    for day in 1..=40 {
        world.now =
            "2026-11-24T09:00:00Z".parse::<Timestamp>().unwrap().checked_add(Span::new().hours(24 * day)).unwrap();
        for effect in world.tell(&mut dossier, &Event::DayPassed) {
            told.push(format!("{day}: {effect}"));
        }
    }
    assert_eq!(
        told,
        [
            "7: forms_reminder to Bank",
            "7: forms_reminder to Merchant",
            "15: forms_reminder to Bank",
            "15: forms_reminder to Merchant",
            "30: forms_reminder to Bank",
            "30: forms_reminder to Merchant",
        ]
    );
}
