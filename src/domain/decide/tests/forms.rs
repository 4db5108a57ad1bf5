//! Steps 1 to 4: forms corrected, doubts settled, findings overridden.

use super::*;
use crate::domain::field::FieldKey;

#[test]
fn a_rejected_form_is_corrected_by_a_newer_one() {
    let world = World::new();
    let mut dossier = opened(&world);
    let done = world.tell(&mut dossier, &dropped(1, vec![adhesion("wrong"), fiche()]));
    assert_eq!(done, ["answer", "dossier_opened to Bank", "forms_to_correct to Bank", "forms_to_correct to Merchant"]);
    assert_eq!(dossier.outcome(&world.terms()), Outcome::Rejected);
    world.tell(&mut dossier, &dropped(2, vec![adhesion("right")]));
    assert_eq!(dossier.step, Step::TestDeclaration);
    assert!(!dossier.documents[0].superseded, "its technical sheet is still in force");
}

#[test]
fn a_doubt_waits_for_a_person_and_an_override_gives_its_reason() {
    let world = World::new();
    let mut dossier = opened(&world);
    let mut doubtful = adhesion("right");
    doubtful.fields.get_mut(&"rib".into()).unwrap().trust = Trust::Doubtful(vec![Doubt::LabelUnsure]);
    world.tell(&mut dossier, &dropped(1, vec![doubtful, fiche()]));
    assert_eq!((dossier.outcome(&world.terms()), dossier.step), (Outcome::InDoubt, Step::Forms));
    let settled = Event::Settled {
        field: "rib".into(),
        kind: Kind::Adhesion,
        settlement: Settlement::Value(Value::Text("wrong".into())),
        by: "operateur".into(),
    };
    world.tell(&mut dossier, &settled);
    assert_eq!(dossier.outcome(&world.terms()), Outcome::Rejected);
    let over = |reason: &str| Event::Overridden {
        code: Code::from("rib_key"),
        field: None,
        kind: None,
        reason: reason.into(),
        by: "operateur".into(),
    };
    assert_eq!(world.refusal(&dossier, &over(" ")), "reason_needed");
    world.tell(&mut dossier, &over("RIB confirmé par la banque"));
    assert_eq!(dossier.step, Step::TestDeclaration);
    assert_eq!(dossier.adhesion.unwrap().fields[&"rib".into()].changes[0].before, Some(Value::Text("right".into())));
}

#[test]
fn a_value_that_the_other_form_says_for_certain_needs_nobody() {
    let world = World::new();
    let name = |text: &str, trust: Trust| {
        let name = field("raison_sociale", Value::Text(text.into()));
        ("raison_sociale".into(), Field { trust, ..name })
    };
    let weak = || Trust::Doubtful(vec![Doubt::WeakReading, Doubt::BoundsUnsure]);
    let outcome = |ours: (FieldKey, Field), theirs: (FieldKey, Field)| {
        let (mut one, mut other) = (adhesion("right"), fiche());
        one.fields.extend([ours]);
        other.fields.extend([theirs]);
        let mut dossier = opened(&world);
        world.tell(&mut dossier, &dropped(1, vec![one, other]));
        dossier.outcome(&world.terms())
    };
    let told = |ours: &str, theirs: &str| outcome(name(ours, weak()), name(theirs, Trust::Trusted));
    assert_eq!(told("Médina Café", "Médina Café"), Outcome::Complete);
    assert_eq!(told("Médina Café", "Médine Café"), Outcome::InDoubt);
    assert_eq!(told("ABC", "ABC"), Outcome::InDoubt, "too short to tell");
    let both = outcome(name("Médina Café", weak()), name("Médina Café", weak()));
    assert_eq!(both, Outcome::InDoubt, "one engine makes the same slip twice");
    let wrong = Trust::Doubtful(vec![Doubt::CheckFails]);
    assert_eq!(outcome(name("Médina Café", wrong), name("Médina Café", Trust::Trusted)), Outcome::InDoubt);
}

#[test]
fn while_a_person_reads_nobody_is_asked_to_correct() {
    let world = World::new();
    let letters = |severity| {
        let mut dossier = opened(&world);
        let mut event = dropped(1, vec![adhesion("right")]);
        let Event::Examined(documents) = &mut event else { unreachable!("a document is examined") };
        documents[0].findings.push(Finding::new("something", severity));
        let done = world.tell(&mut dossier, &event);
        done.into_iter().filter(|what| what.contains(" to Merchant")).collect::<Vec<_>>()
    };
    assert_eq!(letters(Severity::Doubt), ["forms_received to Merchant"]);
    assert_eq!(letters(Severity::Incomplete), ["forms_to_correct to Merchant"]);
}

#[test]
fn what_was_said_of_one_wrong_value_does_not_cover_the_next() {
    let world = World::new();
    let mut dossier = opened(&world);
    world.tell(&mut dossier, &dropped(1, vec![adhesion("wrong"), fiche()]));
    let over = |kind| Event::Overridden {
        code: Code::from("rib_key"),
        field: Some("rib".into()),
        kind,
        reason: "RIB confirmé par la banque".into(),
        by: "operateur".into(),
    };
    assert_eq!(
        world.refusal(&dossier, &over(Some(Kind::FicheTechnique))),
        "no_such_finding",
        "it is on the other form"
    );
    world.tell(&mut dossier, &over(Some(Kind::Adhesion)));
    assert_eq!(dossier.outcome(&world.terms()), Outcome::Complete);
    let said = dossier.overridden.len();
    world.tell(&mut dossier, &over(None));
    assert_eq!(dossier.overridden.len(), said, "said again, it changes nothing");
    world.tell(&mut dossier, &dropped(2, vec![adhesion("wrong, too")]));
    assert_eq!(dossier.outcome(&world.terms()), Outcome::Rejected);
    world.tell(&mut dossier, &over(None));
    assert_eq!((dossier.outcome(&world.terms()), dossier.overridden.len()), (Outcome::Complete, said + 1));
}

#[test]
fn a_form_of_another_bank_is_held() {
    let world = World::new();
    let mut dossier = opened(&world);
    let mut foreign = adhesion("right");
    foreign.fields.insert("code_banque".into(), field("code_banque", Value::Text("10".into())));
    world.tell(&mut dossier, &dropped(1, vec![foreign, fiche()]));
    assert_eq!((dossier.outcome(&world.terms()), dossier.step), (Outcome::Incomplete, Step::Forms));
}

#[test]
fn what_is_missing_is_not_overridden() {
    let world = World::new();
    let mut dossier = opened(&world);
    world.tell(&mut dossier, &dropped(1, vec![adhesion("right")]));
    let over = Event::Overridden {
        code: Code::from("missing_document"),
        field: None,
        kind: None,
        reason: "tant pis".into(),
        by: "operateur".into(),
    };
    assert_eq!(world.refusal(&dossier, &over), "not_overridable");
}
