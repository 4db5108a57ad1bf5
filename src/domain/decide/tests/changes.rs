//! Corrections and changes of mind, at every step.

use super::*;

#[test]
fn a_new_version_of_what_is_declared_becomes_a_modification() {
    let world = World::new();
    let mut dossier = in_tests(&world);
    assert_eq!(world.tell(&mut dossier, &dropped(2, vec![adhesion("other")])), ["answer", "DTS 02 held"]);
    let again = world.tell(&mut dossier, &dropped(3, vec![adhesion("other")]));
    assert_eq!(again, ["answer", "recall DTS", "DTS 02 held"], "the same values, but other documents go along");
    assert_eq!(dossier.step, Step::Tests);
}

#[test]
fn suspension_and_striking_off_are_declared_and_held() {
    let world = World::new();
    let mut dossier = opened(&world);
    for event in [
        dropped(1, vec![adhesion("right"), fiche()]),
        published(FileType::Dts),
        accepted(FileType::Dts),
        reported(true, "PV-1"),
        released(FileType::Dpr, "v"),
        published(FileType::Dpr),
        accepted(FileType::Dpr),
        released(FileType::Sps, "v"),
        published(FileType::Sps),
        accepted(FileType::Sps),
        published(FileType::Uti),
        accepted(FileType::Uti),
    ] {
        world.tell(&mut dossier, &event);
    }
    let done = world.tell(&mut dossier, &Event::Suspended { reason: "impayés".into(), by: "banque".into() });
    assert_eq!(done, ["DPR 03 held", "SPS 03 held", "change_of_state to Bank", "change_of_state to Merchant"]);
    let done = world.tell(&mut dossier, &Event::StruckOff { reason: "fraude".into(), by: "banque".into() });
    assert_eq!(done[..4], ["recall DPR", "recall SPS", "DPR 04 held", "SPS 04 held"]);
}

fn withdrawn() -> Event {
    Event::Withdrawn { reason: "le commerçant renonce".into(), by: "banque".into() }
}

fn reopened() -> Event {
    Event::Reopened { by: "operateur".into() }
}

fn suspended() -> Event {
    Event::Suspended { reason: "impayés".into(), by: "banque".into() }
}

/// What a dossier does that is neither answer nor letter.
fn declared(done: Vec<String>) -> Vec<String> {
    done.into_iter().filter(|what| what != "answer" && !what.contains(" to ")).collect()
}

#[test]
fn a_rejected_modification_of_a_refused_creation_creates() {
    let world = World::new();
    let mut dossier = after(&world, &[dropped(1, vec![adhesion("right"), fiche()]), published(FileType::Dts)]);
    assert_eq!(declared(world.tell(&mut dossier, &dropped(2, vec![adhesion("other")]))), ["DTS 02 held"]);
    let done = world.tell(&mut dossier, &rejected(FileType::Dts));
    assert_eq!(declared(done), ["recall DTS", "DTS 01"]);
}

#[test]
fn withdrawn_and_taken_up_again_before_anyone_outside_was_told() {
    let world = World::new();
    let mut dossier = in_tests(&world);
    assert_eq!(declared(world.tell(&mut dossier, &withdrawn())), ["DTS 04 held"]);
    assert_eq!(dossier.step, Step::Withdrawn);
    assert_eq!(world.refusal(&dossier, &withdrawn()), "out_of_order");
    // The radiation never left: Monétique-Tunisie still knows the merchant, who is declared anew as a modification.
    assert_eq!(declared(world.tell(&mut dossier, &reopened())), ["recall DTS", "DTS 02 held"]);
    assert_eq!(dossier.step, Step::TestDeclaration);
    world.tell(&mut dossier, &released(FileType::Dts, "valideur"));
    world.tell(&mut dossier, &published_as(FileType::Dts, 2));
    world.tell(&mut dossier, &accepted_as(FileType::Dts, 2));
    assert_eq!(dossier.step, Step::Tests);
}

#[test]
fn withdrawn_told_and_taken_up_again_is_created_anew_and_passes_its_tests_again() {
    let world = World::new();
    let mut events = to_live();
    events.truncate(7);
    events.extend([
        withdrawn(),
        released(FileType::Dpr, "valideur"),
        published_as(FileType::Dpr, 2),
        accepted_as(FileType::Dpr, 2),
    ]);
    let mut dossier = after(&world, &events);
    assert_eq!(declared(world.tell(&mut dossier, &reopened())), ["DTS 02 held"]);
    for event in [
        released(FileType::Dts, "valideur"),
        published_as(FileType::Dts, 2),
        // Late news of the time before moves nothing.
        accepted(FileType::Dpr),
        accepted_as(FileType::Dts, 2),
    ] {
        world.tell(&mut dossier, &event);
    }
    assert_eq!(dossier.step, Step::Tests);
    assert_eq!(
        declared(world.tell(&mut dossier, &reported(true, "PV-1"))),
        ["DPR 01 held"],
        "the same report, drawn up again"
    );
}

#[test]
fn a_suspension_that_never_left_needs_no_end() {
    let world = World::new();
    let mut dossier = after(&world, &to_live());
    assert_eq!(declared(world.tell(&mut dossier, &suspended())), ["DPR 03 held", "SPS 03 held"]);
    assert_eq!(
        declared(world.tell(&mut dossier, &Event::Resumed { by: "banque".into() })),
        ["recall DPR", "recall SPS"]
    );
    assert_eq!(dossier.step, Step::Live);
}

#[test]
fn what_is_corrected_during_a_suspension_is_declared_at_its_end() {
    let world = World::new();
    let mut events = to_live();
    events.push(suspended());
    for file_type in [FileType::Dpr, FileType::Sps] {
        events.extend([released(file_type, "valideur"), published_as(file_type, 2), accepted_as(file_type, 2)]);
    }
    let mut dossier = after(&world, &events);
    assert_eq!(declared(world.tell(&mut dossier, &dropped(2, vec![adhesion("other")]))), [""; 0]);
    assert_eq!(
        declared(world.tell(&mut dossier, &Event::Resumed { by: "banque".into() })),
        ["DPR 02 held", "SPS 02 held"]
    );
}

#[test]
fn a_report_taken_back_before_the_bank_has_anything_takes_the_declaration_back() {
    let world = World::new();
    let mut events = to_live();
    events.truncate(4);
    let mut dossier = after(&world, &events);
    assert_eq!(declared(world.tell(&mut dossier, &reported(false, "PV-2"))), ["recall DPR"]);
    assert_eq!(dossier.step, Step::Tests);
    assert_eq!(declared(world.tell(&mut dossier, &reported(true, "PV-3"))), ["DPR 01 held"]);
    for event in [released(FileType::Dpr, "valideur"), published(FileType::Dpr)] {
        world.tell(&mut dossier, &event);
    }
    assert_eq!(world.refusal(&dossier, &reported(false, "PV-4")), "already_declared");
}

#[test]
fn a_dossier_refused_while_a_declaration_is_out_strikes_it_off_by_two_people() {
    let world = World::new();
    let mut dossier = after(&world, &[dropped(1, vec![adhesion("right"), fiche()]), published(FileType::Dts)]);
    let refused = Event::Refused { reason: "activité interdite".into(), by: "operateur".into() };
    assert_eq!(declared(world.tell(&mut dossier, &refused)), ["DTS 04 held"]);
    assert_eq!(world.refusal(&dossier, &released(FileType::Dts, "operateur")), "same_person");
    assert_eq!(world.tell(&mut dossier, &released(FileType::Dts, "valideur")), ["DTS leaves"]);
    assert_eq!(dossier.step, Step::Refused);
}

#[test]
fn only_what_belongs_to_the_step_goes_again() {
    let world = World::new();
    let mut events = to_live();
    events.truncate(4);
    events.push(reported(false, "PV-2"));
    let dossier = after(&world, &events);
    let again = |file_type| Event::Reissued { file_type, by: "operateur".into() };
    assert_eq!(world.refusal(&dossier, &again(FileType::Dpr)), "not_at_this_step");
    assert_eq!(world.refusal(&dossier, &again(FileType::Dts)), "still_pending");
    assert_eq!(world.refusal(&dossier, &again(FileType::Sps)), "unknown_declaration");
}

#[test]
fn a_merchant_hears_of_a_change_once_and_when_everyone_has_taken_it() {
    let world = World::new();
    let mut dossier = after(&world, &to_live());
    world.tell(&mut dossier, &dropped(2, vec![adhesion("other")]));
    let told = [FileType::Dts, FileType::Dpr, FileType::Sps];
    for file_type in told {
        world.tell(&mut dossier, &released(file_type, "valideur"));
        world.tell(&mut dossier, &published_as(file_type, 2));
    }
    let letters = told.map(|file_type| world.tell(&mut dossier, &accepted_as(file_type, 2)));
    let to_the_bank = ["change_of_state to Bank"];
    assert_eq!(letters[0], to_the_bank);
    assert_eq!(letters[1], to_the_bank);
    assert_eq!(letters[2], ["change_of_state to Bank", "change_of_state to Merchant"]);
}
