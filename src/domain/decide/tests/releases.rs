//! Four eyes, and the batch of the day.

use super::*;

#[test]
fn who_had_a_hand_in_it_may_not_release_it() {
    let world = World::new();
    let mut dossier = opened(&world);
    for event in [
        dropped(1, vec![adhesion("right"), fiche()]),
        published(FileType::Dts),
        accepted(FileType::Dts),
        Event::Completed {
            field: "numero_terminal".into(),
            value: Value::Text("70000009".into()),
            by: "operateur".into(),
        },
        reported(true, "PV-1"),
    ] {
        world.tell(&mut dossier, &event);
    }
    assert_eq!(world.refusal(&dossier, &released(FileType::Dpr, "operateur")), "same_person");
    world.tell(&mut dossier, &released(FileType::Dpr, "valideur"));
    assert_eq!(dossier.declared.last().unwrap().state, DeclaredState::Ready);
}

#[test]
fn nobody_is_excepted_from_four_eyes() {
    let world = World::new();
    let mut dossier = opened(&world);
    for event in [
        dropped(1, vec![adhesion("right"), fiche()]),
        published(FileType::Dts),
        accepted(FileType::Dts),
        given_terminal("70000009"),
        reported(true, "PV-1"),
    ] {
        world.tell(&mut dossier, &event);
    }
    let bank = |folder: &str| Role::Bank(BankFolder::parse(folder).unwrap());
    let release = |name: &str, roles: &[Role]| Event::Released {
        file: "DPR00008.D26-000001".into(),
        seen: seen(),
        by: User { name: name.into(), roles: roles.iter().cloned().collect() },
    };
    let refused = |name: &str, roles: &[Role]| world.refusal(&dossier, &release(name, roles));
    assert_eq!(refused("admin", &[Role::Administrator]), "no_releaser");
    assert_eq!(refused("Operateur ", &[Role::Administrator, Role::Releaser]), "same_person");
    assert_eq!(refused("valideur", &[Role::Releaser, bank("stb")]), "other_bank");
    world.tell(&mut dossier, &release("valideur", &[Role::Releaser, bank("biat")]));
}

#[test]
fn what_is_being_corrected_is_neither_declared_nor_released() {
    let world = World::new();
    let mut dossier = opened(&world);
    for event in [
        dropped(1, vec![adhesion("right"), fiche()]),
        published(FileType::Dts),
        accepted(FileType::Dts),
        reported(true, "PV-1"),
    ] {
        world.tell(&mut dossier, &event);
    }
    assert_eq!(world.tell(&mut dossier, &dropped(2, vec![adhesion("wrong")])), ["answer", "recall DPR"]);
    assert_eq!(world.refusal(&dossier, &released(FileType::Dpr, "valideur")), "nothing_held");
    let done = world.tell(&mut dossier, &dropped(3, vec![adhesion("right")]));
    assert_eq!(done, ["answer", "DPR 01 held"]);
}

#[test]
fn the_batch_of_the_day_waits_and_can_be_taken_back() {
    let mut world = World::new();
    world.batch = vec![FileType::Dts, FileType::Dpr];
    let mut dossier = opened(&world);
    let done = world.tell(&mut dossier, &dropped(1, vec![adhesion("right"), fiche()]));
    assert_eq!(done.last().unwrap(), "DTS 01 for the batch");
    assert_eq!(
        world.tell(&mut dossier, &dropped(2, vec![adhesion("other")])),
        ["answer", "recall DTS", "DTS 01 for the batch"]
    );
    let gathered = |file_type| Event::Gathered { file_type };
    assert_eq!(world.refusal(&dossier, &gathered(FileType::Dpr)), "nothing_in_batch");
    assert!(world.tell(&mut dossier, &gathered(FileType::Dts)).is_empty());
    assert_eq!(world.refusal(&dossier, &gathered(FileType::Dts)), "nothing_in_batch");
    for event in [published(FileType::Dts), accepted(FileType::Dts), reported(true, "PV-1")] {
        world.tell(&mut dossier, &event);
    }
    assert_eq!(dossier.declared.last().unwrap().state, DeclaredState::Held);
    assert_eq!(world.tell(&mut dossier, &released(FileType::Dpr, "valideur")), ["DPR to the batch"]);
    assert_eq!(world.tell(&mut dossier, &released(FileType::Dpr, "valideur")), [""; 0], "released already");
    assert_eq!(dossier.declared.last().unwrap().state, DeclaredState::Batched);
}

#[test]
fn what_waits_for_a_second_person_is_configured() {
    let mut world = World::new();
    (world.held, world.held_changes) = (vec![FileType::Dts], vec![FileType::Sps]);
    let mut dossier = opened(&world);
    let done = world.tell(&mut dossier, &dropped(1, vec![adhesion("right"), fiche()]));
    assert_eq!(done.last().unwrap(), "DTS 01 held");
    for event in [released(FileType::Dts, "valideur"), published(FileType::Dts), accepted(FileType::Dts)] {
        world.tell(&mut dossier, &event);
    }
    assert_eq!(world.tell(&mut dossier, &dropped(2, vec![adhesion("other")])), ["answer", "DTS 02"]);
    assert_eq!(world.tell(&mut dossier, &reported(true, "PV-1")), ["tests_passed to Bank", "DPR 01"]);
}

#[test]
fn a_release_refused_is_taken_back_and_goes_again_only_by_hand_or_by_a_change() {
    let world = World::new();
    let mut events = to_live();
    events.truncate(4);
    let mut dossier = after(&world, &events);
    let refuse = |reason: &str, by: &str| Event::ReleaseRefused {
        file: "DPR00008.D26-000001".into(),
        reason: reason.into(),
        by: releaser(by),
    };
    assert_eq!(world.refusal(&dossier, &refuse(" ", "valideur")), "reason_needed");
    assert_eq!(world.refusal(&dossier, &refuse("plafond", "operateur")), "same_person");
    assert_eq!(world.tell(&mut dossier, &refuse("plafond", "valideur")), ["recall DPR"]);
    assert_eq!(world.refusal(&dossier, &released(FileType::Dpr, "valideur")), "nothing_held");
    let again = Event::Reissued { file_type: FileType::Dpr, by: "operateur".into() };
    assert_eq!(world.tell(&mut dossier, &again), ["DPR 01 held"]);
}
