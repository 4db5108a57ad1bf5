//! What follows from events: the world they happen in, and the events. The tests stand in files of their own.

mod changes;
mod forms;
mod model;
mod orders;
mod releases;
mod tests_run;
mod way;

use std::collections::BTreeMap;

use jiff::civil::{Date, date};
use jiff::{Span, Timestamp};

use crate::domain::bank::{Bank, BankFolder, Conditions};
use crate::domain::declaration::{Departure, Departures, FileType, Operation, Seen};
use crate::domain::document::{DocumentId, Kind, Sha256};
use crate::domain::dossier::{Counsel, DeclaredState, Delays, Dossier, DossierRef, Terms};
use crate::domain::effect::Effect;
use crate::domain::event::{Acknowledged, Event, Examined, Settlement, TestResult, Verdict};
use crate::domain::field::{Doubt, Extraction, Field, Method, Trust, Value};
use crate::domain::finding::{Code, Finding, Severity};
use crate::domain::grid::{Grid, Scenario, Trait};
use crate::domain::outcome::Outcome;
use crate::domain::release::{Role, User};
use crate::domain::requirement::requirements;
use crate::domain::step::Step;

/// Rejects what says so: a RIB that begins with `wrong`.
struct Plain;

impl Counsel for Plain {
    fn examine(&self, extraction: &Extraction, _: Date) -> Vec<Finding> {
        let wrong = extraction.fields.get(&"rib".into()).filter(|field| field.value.shown().starts_with("wrong"));
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
    held_changes: Vec<FileType>,
    batch: Vec<FileType>,
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
                held: None,
                held_changes: None,
                merchant_copies: true,
            },
            held: vec![FileType::Dpr, FileType::Sps],
            held_changes: FileType::ALL.to_vec(),
            batch: vec![],
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
            pieces: true,
            departures: Departures { held: &self.held, held_changes: &self.held_changes, batch: &self.batch },
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
        let mut done: Vec<String> = decision.effects.iter().map(shown).collect();
        // How many documents are answered is their number's matter.
        done.dedup_by(|a, b| a == "answer" && b == "answer");
        done
    }

    fn refusal(&self, dossier: &Dossier, event: &Event) -> &'static str {
        dossier.clone().decide(event, &self.terms(), self.now).unwrap_err().gate
    }
}

fn shown(effect: &Effect) -> String {
    match effect {
        Effect::Publish { declaration, leaves } => {
            let waits = match leaves {
                Departure::Now => "",
                Departure::Held => " held",
                Departure::Batch => " for the batch",
            };
            format!("{} {}{waits}", declaration.file_type, declaration.operation.code())
        }
        Effect::Release { file_type, leaves: Departure::Batch, .. } => format!("{file_type} to the batch"),
        Effect::Release { file_type, .. } => format!("{file_type} leaves"),
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
        sha256: Sha256::of(&number.to_be_bytes()),
        extractions,
        findings: vec![],
    }])
}

fn opened(world: &World) -> Dossier {
    Dossier::open(DossierRef::new(2026, 1), Some(world.bank.folder.clone()), world.now)
}

/// Name of the `number`th file of a type.
fn file(file_type: FileType, number: u32) -> String {
    format!("{file_type}00008.20261124.{number:06}")
}

fn published(file_type: FileType) -> Event {
    published_as(file_type, 1)
}

fn published_as(file_type: FileType, number: u32) -> Event {
    Event::Published { file_type, file: file(file_type, number) }
}

fn accepted(file_type: FileType) -> Event {
    accepted_as(file_type, 1)
}

fn accepted_as(file_type: FileType, sequence: u32) -> Event {
    let number = |text: &str| Some(text.to_owned());
    Event::Acknowledged {
        file: file(file_type, sequence),
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
    rejected_as(file_type, 1)
}

fn rejected_as(file_type: FileType, number: u32) -> Event {
    Event::Acknowledged {
        file: file(file_type, number),
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
        signatory: None,
        by: "operateur".into(),
    }
}

fn released(file_type: FileType, by: &str) -> Event {
    Event::Released { file: format!("{file_type}00008.D26-000001"), seen: seen(), by: releaser(by) }
}

fn seen() -> Seen {
    Seen { sha256: Sha256::of(b"as it will leave"), at: "2026-11-24T09:00:00Z".parse().unwrap() }
}

fn releaser(name: &str) -> User {
    User { name: name.into(), roles: [Role::Releaser].into() }
}

fn given_terminal(number: &str) -> Event {
    Event::Completed { field: "numero_terminal".into(), value: Value::Text(number.into()), by: "operateur".into() }
}

/// Everything from the first drop to a merchant that is live, each declaration released where it must be.
fn to_live() -> Vec<Event> {
    vec![
        dropped(1, vec![adhesion("right"), fiche()]),
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
    ]
}

/// A dossier after these events.
fn after(world: &World, events: &[Event]) -> Dossier {
    let mut dossier = opened(world);
    for event in events {
        world.tell(&mut dossier, event);
    }
    dossier
}

/// A dossier of which the tests are to be run.
fn in_tests(world: &World) -> Dossier {
    let forms = dropped(1, vec![adhesion("right"), fiche()]);
    after(world, &[forms, published(FileType::Dts), accepted(FileType::Dts)])
}

/// A test of the grid, of merchants of whom all of `when` holds.
fn scenario(code: &str, when: Vec<Trait>) -> Scenario {
    Scenario { code: code.into(), title: [].into(), expected: [].into(), authorised: false, when }
}
