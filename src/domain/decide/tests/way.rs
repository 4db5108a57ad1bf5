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
    let mut dossier = in_tests(&world);
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

#[test]
fn who_has_nothing_to_do_is_not_reminded() {
    let mut world = World::new();
    let mut in_doubt = opened(&world);
    let mut doubtful = adhesion("right");
    doubtful.fields.get_mut(&"rib".into()).unwrap().trust = Trust::Doubtful(vec![Doubt::LabelUnsure]);
    world.tell(&mut in_doubt, &dropped(1, vec![doubtful, fiche()]));
    // Every test that applies is done: the report is awaited.
    let mut tested = in_tests(&world);
    world.now += jiff::SignedDuration::from_hours(24 * 8);
    assert_eq!(world.tell(&mut in_doubt, &Event::DayPassed), ["forms_reminder to Bank"]);
    let mut reminded = world.tell(&mut tested, &Event::DayPassed);
    reminded.retain(|what| what.starts_with("tests"));
    assert_eq!(reminded, ["tests_complete to Monetique"]);
}

#[test]
fn a_missing_acknowledgement_is_asked_for_once_from_the_day_its_file_left() {
    let mut world = World::new();
    let mut events = to_live();
    events.truncate(4);
    let mut dossier = after(&world, &events);
    let later = |world: &mut World, days: i64| world.now += jiff::SignedDuration::from_hours(24 * days);
    let asked = |world: &World, dossier: &mut Dossier| -> Vec<String> {
        let mut done = world.tell(dossier, &Event::DayPassed);
        done.retain(|what| what.starts_with("acknowledgement"));
        done
    };
    // Held for ten days: nobody outside has anything to answer.
    later(&mut world, 10);
    assert_eq!(asked(&world, &mut dossier), [""; 0]);
    for event in [released(FileType::Dpr, "valideur"), published(FileType::Dpr)] {
        world.tell(&mut dossier, &event);
    }
    later(&mut world, 2);
    assert_eq!(asked(&world, &mut dossier), [""; 0]);
    later(&mut world, 1);
    assert_eq!(asked(&world, &mut dossier), ["acknowledgement_late to Bank"]);
    later(&mut world, 5);
    assert_eq!(asked(&world, &mut dossier), [""; 0], "asked for once");
}

#[test]
fn a_repeat_may_say_more_than_the_first_answer_and_never_something_else() {
    let world = World::new();
    let mut dossier = after(&world, &[dropped(1, vec![adhesion("right"), fiche()]), published(FileType::Dts)]);
    let answer = |affiliation: Option<&str>, terminal: Option<&str>| Event::Acknowledged {
        file: file(FileType::Dts, 1),
        file_type: FileType::Dts,
        outcome: Acknowledged::Accepted {
            numero_affiliation: affiliation.map(str::to_owned),
            numero_terminal: terminal.map(str::to_owned),
            identifiant_sps: None,
        },
        by: "monetique".into(),
    };
    world.tell(&mut dossier, &answer(Some("5000000001"), None));
    assert_eq!(world.tell(&mut dossier, &answer(Some("5000000001"), Some("70000001"))), [""; 0]);
    assert_eq!(dossier.number("numero_terminal"), Some(&Value::Text("70000001".into())));
    assert_eq!(world.refusal(&dossier, &answer(Some("5000000002"), None)), "contradiction");
    // The bank corrects a number by hand; the old answer, come again, stays without effect.
    world.tell(&mut dossier, &given_terminal("70000009"));
    assert_eq!(world.tell(&mut dossier, &answer(Some("5000000001"), Some("70000001"))), [""; 0]);
    assert_eq!(dossier.number("numero_terminal"), Some(&Value::Text("70000009".into())));
}
