use std::collections::BTreeMap;

use jiff::civil::{Date, date};
use jiff::{Span, Timestamp};
use proptest::prelude::*;

use crate::domain::bank::{Bank, BankFolder, Conditions};
use crate::domain::declaration::{FileType, Operation};
use crate::domain::document::{DocumentId, Kind};
use crate::domain::dossier::{Counsel, DeclaredState, Delays, Dossier, DossierRef, Terms};
use crate::domain::effect::Effect;
use crate::domain::event::{Acknowledged, Event, Examined, Settlement, TestResult, Verdict};
use crate::domain::field::{Doubt, Extraction, Field, Method, Trust, Value};
use crate::domain::finding::{Code, Finding, Severity};
use crate::domain::grid::{Grid, Scenario};
use crate::domain::outcome::Outcome;
use crate::domain::release::{Role, User};
use crate::domain::requirement::requirements;
use crate::domain::step::Step;

/// Rejects what says so: a RIB `wrong`.
struct Plain;

impl Counsel for Plain {
    fn examine(&self, extraction: &Extraction, _: Date) -> Vec<Finding> {
        let wrong = extraction.fields.get(&"rib".into()).filter(|field| field.value == Value::Text("wrong".into()));
        let finding = |field: &Field| {
            self.finding("rib_key")
                .in_kind(extraction.kind)
                .about(&field.key, None, None)
                .with("value", field.value.shown())
        };
        wrong.map(finding).into_iter().collect()
    }

    fn compare(&self, _: &Extraction, _: &Extraction) -> Vec<Finding> {
        Vec::new()
    }

    fn derive(&self, _: &Extraction) -> Vec<Field> {
        Vec::new()
    }

    fn bank_named(&self, form: &Extraction) -> Option<String> {
        form.text("code_banque").map(str::to_owned)
    }

    fn finding(&self, code: &str) -> Finding {
        let severity = match code {
            "rib_key" => Severity::Reject,
            "missing_document" | "other_bank" => Severity::Incomplete,
            _ => Severity::Info,
        };
        Finding::new(code, severity)
    }
}

struct World {
    bank: Bank,
    held: Vec<FileType>,
    carried: Vec<crate::domain::field::FieldKey>,
    monetique: Vec<String>,
    delays: Delays,
    grid: Grid,
    now: Timestamp,
}

impl World {
    fn new() -> Self {
        Self {
            bank: Bank {
                folder: BankFolder::parse("biat").unwrap(),
                code: "08".into(),
                name: "BIAT".into(),
                mailboxes: vec!["agence@banque.example".into()],
                monetique: vec![],
                conditions: Conditions::default(),
                merchant_copies: true,
            },
            held: vec![FileType::Dpr, FileType::Sps],
            carried: ["rib", "email", "raison_sociale", "code_mcc", "utilisateurs"].map(Into::into).to_vec(),
            monetique: vec!["operateurs@monetique.example".into()],
            grid: Grid::default(),
            delays: Delays { idle: vec![7, 15, 30], acknowledgement: 3, certificate: 30 },
            now: "2026-11-24T09:00:00Z".parse().unwrap(),
        }
    }

    fn terms(&self) -> Terms<'_> {
        Terms {
            bank: Some(&self.bank),
            held: &self.held,
            carried: &self.carried,
            monetique: &self.monetique,
            operations: &[],
            delays: &self.delays,
            grid: &self.grid,
            counsel: &Plain,
            today: date(2026, 11, 24),
        }
    }

    /// Lets an event happen; says what was done, in short.
    fn tell(&self, dossier: &mut Dossier, event: &Event) -> Vec<String> {
        let decision =
            dossier.clone().decide(event, &self.terms(), self.now).unwrap_or_else(|err| panic!("{err} ({})", err.gate));
        *dossier = decision.dossier;
        decision.effects.iter().map(shown).collect()
    }

    fn refusal(&self, dossier: &Dossier, event: &Event) -> &'static str {
        dossier.clone().decide(event, &self.terms(), self.now).unwrap_err().gate
    }
}

fn shown(effect: &Effect) -> String {
    match effect {
        Effect::Publish { declaration, held } => {
            format!("{} {}{}", declaration.file_type, declaration.operation.code(), if *held { " held" } else { "" })
        }
        Effect::Send(letter) => format!("{} to {:?}", letter.subject.as_str(), letter.to),
        Effect::Answer(_) => "answer".into(),
        Effect::Recall { file_type } => format!("recall {file_type}"),
    }
}

fn field(key: &str, value: Value) -> Field {
    Field {
        key: key.into(),
        raw: value.shown(),
        value,
        place: None,
        label: None,
        method: Method::Text,
        confidence: 1.0,
        trust: Trust::Trusted,
        changes: Vec::new(),
    }
}

fn form(kind: Kind, values: &[(&str, &str)]) -> Extraction {
    let fields: BTreeMap<_, _> =
        values.iter().map(|(key, value)| ((*key).into(), field(key, Value::Text((*value).to_owned())))).collect();
    Extraction { kind, member: None, pages: vec![1], fields, gaps: Vec::new() }
}

fn adhesion(rib: &str) -> Extraction {
    let mut form = form(Kind::Adhesion, &[("rib", rib), ("email", "direction@medina.tn"), ("code_mcc", "5812")]);
    let user = vec![field("email", Value::Text("leila@medina.tn".into()))];
    form.fields.insert("utilisateurs".into(), field("utilisateurs", Value::Rows(vec![user])));
    form
}

fn fiche() -> Extraction {
    form(Kind::FicheTechnique, &[("contact_technique_email", "technique@medina.tn"), ("expiration_ssl", "2026-12-10")])
}

fn dropped(number: u128, extractions: Vec<Extraction>) -> Event {
    Event::Examined(vec![Examined {
        document: DocumentId(uuid::Uuid::from_u128(number)),
        name: "a.pdf".into(),
        extractions,
        findings: vec![],
    }])
}

fn opened(world: &World) -> Dossier {
    Dossier::open(DossierRef::new(2026, 1), Some(world.bank.folder.clone()), world.now)
}

fn published(file_type: FileType) -> Event {
    Event::Published { file_type, file: format!("{file_type}00008.20261124.000001") }
}

fn accepted(file_type: FileType) -> Event {
    let number = |text: &str| Some(text.to_owned());
    Event::Acknowledged {
        file: format!("{file_type}00008.20261124.000001"),
        file_type,
        outcome: Acknowledged::Accepted {
            numero_affiliation: number("5000000001"),
            numero_terminal: number("70000001"),
            identifiant_sps: None,
        },
        by: "monetique".into(),
    }
}

fn rejected(file_type: FileType) -> Event {
    Event::Acknowledged {
        file: format!("{file_type}00008.20261124.000001"),
        file_type,
        outcome: Acknowledged::Rejected { reasons: vec![("M005".into(), "RIB invalide".into())] },
        by: "monetique".into(),
    }
}

fn reported(favourable: bool, reference: &str) -> Event {
    Event::TestsReported {
        favourable,
        reference: reference.into(),
        date: date(2026, 11, 24),
        failing: vec![],
        by: "operateur".into(),
    }
}

fn released(file_type: FileType, by: &str) -> Event {
    Event::Released { file: format!("{file_type}00008.20261124.000001"), by: releaser(by) }
}

fn releaser(name: &str) -> User {
    User { name: name.into(), roles: [Role::Releaser].into() }
}

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
        reason: reason.into(),
        by: "operateur".into(),
    };
    assert_eq!(world.refusal(&dossier, &over(" ")), "reason_needed");
    world.tell(&mut dossier, &over("RIB confirmé par la banque"));
    assert_eq!(dossier.step, Step::TestDeclaration);
    assert_eq!(dossier.adhesion.unwrap().fields[&"rib".into()].changes[0].before, Some(Value::Text("right".into())));
}

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
fn a_new_version_of_what_is_declared_becomes_a_modification() {
    let world = World::new();
    let mut dossier = opened(&world);
    for event in [dropped(1, vec![adhesion("right"), fiche()]), published(FileType::Dts), accepted(FileType::Dts)] {
        world.tell(&mut dossier, &event);
    }
    assert_eq!(world.tell(&mut dossier, &dropped(2, vec![adhesion("other")])), ["answer", "DTS 02"]);
    assert_eq!(world.tell(&mut dossier, &dropped(3, vec![adhesion("other")])), ["answer"], "nothing new in it");
    assert_eq!(dossier.step, Step::Tests);
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

fn given_terminal(number: &str) -> Event {
    Event::Completed { field: "numero_terminal".into(), value: Value::Text(number.into()), by: "operateur".into() }
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
        reason: "tant pis".into(),
        by: "operateur".into(),
    };
    assert_eq!(world.refusal(&dossier, &over), "not_overridable");
}

#[test]
fn the_tests_are_those_of_the_sheet_and_a_failed_one_shuts_production() {
    let mut world = World::new();
    let scenario = |code: &str, when| Scenario { code: code.into(), title: [].into(), expected: [].into(), when };
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
        results: vec![TestResult { code: code.into(), verdict, authorisation: None, remark: None }],
        by: "commercant".into(),
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
        file: "DPR00008.20261124.000001".into(),
        by: User { name: name.into(), roles: roles.iter().cloned().collect() },
    };
    let refused = |name: &str, roles: &[Role]| world.refusal(&dossier, &release(name, roles));
    assert_eq!(refused("admin", &[Role::Administrator]), "no_releaser");
    assert_eq!(refused("Operateur ", &[Role::Administrator, Role::Releaser]), "same_person");
    assert_eq!(refused("valideur", &[Role::Releaser, bank("stb")]), "other_bank");
    world.tell(&mut dossier, &release("valideur", &[Role::Releaser, bank("biat")]));
}

fn any_event() -> impl Strategy<Value = Event> {
    let file_type = prop_oneof![Just(FileType::Dts), Just(FileType::Dpr), Just(FileType::Sps), Just(FileType::Uti)];
    let by = || "someone".to_owned();
    prop_oneof![
        4 => (1_u128..5, prop_oneof![Just("right"), Just("wrong"), Just("other")], 0..3_u8).prop_map(|(number, rib, forms)| {
            dropped(number, match forms { 0 => vec![adhesion(rib)], 1 => vec![fiche()], _ => vec![adhesion(rib), fiche()] })
        }),
        3 => file_type.clone().prop_map(published),
        3 => file_type.clone().prop_map(accepted),
        1 => file_type.clone().prop_map(rejected),
        2 => file_type.clone().prop_map(|file_type| released(file_type, "valideur")),
        1 => file_type.clone().prop_map(move |file_type| Event::Reissued { file_type, by: by() }),
        1 => file_type.prop_map(|file_type| Event::ReleaseRefused {
            file: format!("{file_type}00008.20261124.000001"),
            reason: "non".into(),
            by: releaser("valideur"),
        }),
        1 => prop_oneof![Just("70000009"), Just("70000010")].prop_map(given_terminal),
        1 => prop_oneof![Just("right"), Just("wrong")].prop_map(|rib| Event::Settled {
            field: "rib".into(),
            kind: Kind::Adhesion,
            settlement: Settlement::Value(Value::Text(rib.into())),
            by: "someone".into(),
        }),
        2 => (any::<bool>(), 1..3_u8).prop_map(|(favourable, n)| reported(favourable, &format!("PV-{n}"))),
        1 => Just(Event::Withdrawn { reason: "r".into(), by: "b".into() }),
        1 => Just(Event::Suspended { reason: "r".into(), by: "b".into() }),
        1 => Just(Event::Resumed { by: "b".into() }),
        1 => Just(Event::StruckOff { reason: "r".into(), by: "b".into() }),
        1 => Just(Event::Reopened { by: "b".into() }),
        1 => Just(Event::DayPassed),
    ]
}

proptest! {
    /// Any order, any repeat, with a restart (through the stored form) between any two: no step but by the table, no
    /// declaration but through its gate, and the same event twice adds nothing but answers.
    #[test]
    fn no_order_of_events_breaks_the_procedure(events in prop::collection::vec(any_event(), 1..40)) {
        let world = World::new();
        let mut dossier = opened(&world);
        for event in &events {
            let from = dossier.step;
            let Ok(decision) = dossier.clone().decide(event, &world.terms(), world.now) else { continue };
            let row = from.on(event.name()).expect("decided only by the table");
            prop_assert!(row.to.contains(&decision.dossier.step));
            for effect in &decision.effects {
                if let Effect::Publish { declaration, held } = effect {
                    let needs = match declaration.file_type {
                        FileType::Dts => None,
                        FileType::Dpr => Some(FileType::Dts),
                        FileType::Sps => Some(FileType::Dpr),
                        FileType::Uti => Some(FileType::Sps),
                    };
                    let open = needs.is_none_or(|needed| decision.dossier.declared.iter().any(|declared| {
                        declared.file_type == needed && declared.state == DeclaredState::Accepted
                    }));
                    prop_assert!(open, "{} before its gate", declaration.file_type);
                    let ends = matches!(declaration.operation, Operation::Suspension | Operation::Radiation);
                    let complete = decision.dossier.outcome(&world.terms()) == Outcome::Complete;
                    // A suspension or its end concerns the merchant as declared, whatever is being corrected meanwhile.
                    prop_assert!(ends || complete || matches!(event, Event::Resumed { .. }), "incomplete, and declared");
                    prop_assert!(*held || !matches!(declaration.file_type, FileType::Dpr | FileType::Sps));
                }
            }
            let stored = serde_json::to_string(&decision.dossier).unwrap();
            dossier = serde_json::from_str(&stored).unwrap();
            prop_assert_eq!(&dossier, &decision.dossier);
            if matches!(event, Event::Examined(_) | Event::Published { .. } | Event::Acknowledged { .. } | Event::DayPassed | Event::TestsReported { .. })
                && let Ok(again) = dossier.clone().decide(event, &world.terms(), world.now)
            {
                prop_assert!(again.effects.iter().all(|effect| matches!(effect, Effect::Answer(_))), "{:?}", again.effects);
                prop_assert_eq!(&again.dossier, &dossier);
            }
        }
    }
}
