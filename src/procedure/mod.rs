//! THE pipeline: from the inbox to a decision, from a decision to the world, and back.
//!
//! `inbox → intake → extraction → validation → dossier (decide) → outbox → declaration / letter / answer → event …`
//! Only this file knows the order of the rooms. Each step is small enough to be done again: what an errand has done is written
//! down in the transaction that closes it.

mod pair;
mod reading;
mod setback;

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use serde_json::json;
use tokio::sync::{Mutex, watch};

use crate::blobs::Blobs;
use crate::clock::Clock;
use crate::config::Config;
use crate::domain::document::{DocumentId, Kind};
use crate::domain::dossier::{Dossier, DossierRef, Terms};
use crate::domain::effect::{Answer, Effect};
use crate::domain::event::{Event, Examined};
use crate::domain::field::FieldKey;
use crate::domain::finding::{Code, Finding, Severity};
use crate::outbox::{Inboxes, Outboxes};
use crate::post::Post;
use crate::rules::Rules;
use crate::schemas::Forms;
use crate::store::{Cause, Decided, Errand, ErrandKind, Examination, Filed, Minute, Scribe, Store, Stored};
use crate::validation;

pub use reading::Reader;
pub use setback::Setback;

/// What the procedure has at hand.
pub struct Desk {
    pub config: Config,
    pub store: Arc<dyn Store>,
    pub blobs: Blobs,
    pub clock: Arc<dyn Clock>,
    pub forms: Arc<Forms>,
    pub rules: Arc<Rules>,
    pub reader: Reader,
    pub scribe: Arc<dyn Scribe>,
    pub outboxes: Outboxes,
    pub inboxes: Inboxes,
    pub post: Post,
    /// One decision at a time: two documents of one merchant read side by side must not open two dossiers.
    pub deciding: Mutex<()>,
    /// Rung when there is new work for the errand boys.
    pub bell: watch::Sender<u64>,
}

/// From a deposit (a file, a folder or a ZIP) to the decision: all its documents, one decision per dossier.
pub async fn treat(desk: &Desk, errand: &Errand) -> Result<(), Setback> {
    let deposit = DocumentId(uuid::Uuid::parse_str(&errand.subject).map_err(Setback::park)?);
    let documents = desk.store.deposit(deposit).await?;
    let mut readings = Vec::with_capacity(documents.len());
    for document in &documents {
        readings.push(reading::read_document(desk, document).await?);
    }
    let readings = readings.into_iter().map(|reading| examine(desk, reading)).collect::<Vec<_>>();

    let _turn = desk.deciding.lock().await;
    let now = desk.clock.now();
    let mut minute = Minute::new(Cause::Errand(errand.loan.clone()), now);
    let cases = pair::pair(desk, deposit, &documents, &readings).await?;
    for case in cases {
        let before = case.filed.as_ref().map(|filed| filed.version);
        let dossier = match case.filed {
            Some(Filed { dossier, .. }) => dossier,
            None => {
                let bank = case.bank.clone();
                let year = crate::clock::in_tunis(now).year();
                Dossier::open(desk.store.next_reference(year).await?, bank, now)
            }
        };
        let reference = dossier.reference.clone();
        let detail = json!({ "documents": case.examined.iter().map(|examined| examined.document).collect::<Vec<_>>() });
        let answers: Vec<_> = case.examined.iter().map(|examined| examined.document).collect();
        match decide(desk, dossier, Event::Examined(case.examined), now) {
            Ok(decision) => {
                for examination in minute_readings(&documents, &readings, &answers) {
                    minute.readings.push(Examination { dossier: Some(reference.clone()), ..examination });
                }
                let marks = pair::marks_of(&decision.dossier);
                minute.decisions.push(Decided { before, decision, marks, event: "examined", document: None, detail });
            }
            // A document for a dossier that cannot take it any more: answered, held for a person.
            Err(out_of_order) => {
                tracing::warn!(dossier.reference = %reference, "Documents came out of order: {out_of_order}");
                let finding = Finding::new(Code::from(out_of_order.gate), Severity::Warning);
                for mut examination in minute_readings(&documents, &readings, &answers) {
                    examination.reading.findings.push(finding.clone().with("dossier", reference.as_str()));
                    minute.effects.push(answer_to(&documents, examination.document));
                    minute.readings.push(examination);
                }
            }
        }
    }
    // What belongs to no dossier is answered all the same.
    let placed: Vec<_> = minute.readings.iter().map(|examination| examination.document).collect();
    let left: Vec<_> = documents.iter().map(|stored| stored.arrival.document).filter(|id| !placed.contains(id)).collect();
    for examination in minute_readings(&documents, &readings, &left) {
        minute.effects.push(answer_to(&documents, examination.document));
        minute.readings.push(examination);
    }
    desk.store.commit(minute, &*desk.scribe).await?;
    desk.ring();
    Ok(())
}

/// From the decision to the world: carries stored bytes, renders nothing; what was done is an event in its turn.
pub async fn fulfil(desk: &Desk, errand: &Errand) -> Result<Option<(DossierRef, Event)>, Setback> {
    match errand.kind {
        ErrandKind::Publish => {
            let file = desk.outboxes.publish(&*desk.store, &errand.subject).await?;
            Ok(Some((file.dossier, Event::Published { file_type: file.file_type, file: file.name })))
        }
        ErrandKind::Send => {
            let letter = desk.store.envelope(&errand.subject).await?.ok_or_else(|| Setback::gone(errand))?;
            desk.post.send(&letter).await?;
            Ok(None)
        }
        ErrandKind::Answer => {
            let reply = desk.store.reply(&errand.subject).await?.ok_or_else(|| Setback::gone(errand))?;
            let inboxes = desk.inboxes.clone();
            tokio::task::spawn_blocking(move || inboxes.leave(&reply)).await.map_err(Setback::park)??;
            Ok(None)
        }
        ErrandKind::Examine | ErrandKind::Write => Err(Setback::gone(errand)),
    }
}

/// Writes down that an errand is done, and decides what follows from it.
pub async fn conclude(desk: &Desk, errand: &Errand, event: Option<(DossierRef, Event)>) -> Result<(), Setback> {
    let _turn = desk.deciding.lock().await;
    let mut minute = Minute::new(Cause::Errand(errand.loan.clone()), desk.clock.now());
    if let Some((reference, event)) = event {
        match decided(desk, &reference, event, minute.at).await? {
            Ok(decided) => minute.decisions.push(decided),
            // The file is out whatever the dossier has become meanwhile.
            Err(refusal) => tracing::warn!(dossier.reference = %reference, "After {}: {refusal}", errand.subject),
        }
    }
    desk.store.commit(minute, &*desk.scribe).await?;
    desk.ring();
    Ok(())
}

/// An event from a person, an acknowledgement or the calendar, for one dossier.
pub async fn happen(desk: &Desk, reference: &DossierRef, event: Event, by: &str) -> Result<(), Refused> {
    let _turn = desk.deciding.lock().await;
    let mut minute = Minute::new(Cause::Event, desk.clock.now());
    by.clone_into(&mut minute.by);
    minute.decisions.push(decided(desk, reference, event, minute.at).await.map_err(Refused::Inside)??);
    desk.store.commit(minute, &*desk.scribe).await.map_err(|err| Refused::Inside(err.into()))?;
    desk.ring();
    Ok(())
}

/// Why an event changes nothing.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    #[error("dossier {0} is not known")]
    Unknown(DossierRef),
    #[error(transparent)]
    OutOfOrder(#[from] crate::domain::dossier::OutOfOrder),
    #[error(transparent)]
    Inside(Setback),
}

/// Sends an effect round again that could not be written before.
pub async fn write_again(desk: &Desk, errand: &Errand) -> Result<(), Setback> {
    #[derive(serde::Deserialize)]
    struct Unwritten {
        dossier: String,
        effect: Effect,
    }
    let unwritten: Unwritten = serde_json::from_str(&errand.payload).map_err(Setback::park)?;
    let _turn = desk.deciding.lock().await;
    let mut minute = Minute::new(Cause::Errand(errand.loan.clone()), desk.clock.now());
    match DossierRef::parse(&unwritten.dossier) {
        Err(_) => minute.effects.push(unwritten.effect),
        Ok(reference) => {
            let Filed { dossier, version } =
                desk.store.dossier(&reference).await?.ok_or_else(|| Setback::gone(errand))?;
            let marks = pair::marks_of(&dossier);
            let decision = crate::domain::dossier::Decision { dossier, effects: vec![unwritten.effect] };
            let before = Some(version);
            minute.decisions.push(Decided {
                before,
                decision,
                marks,
                event: "written_again",
                document: None,
                detail: serde_json::Value::Null,
            });
        }
    }
    desk.store.commit(minute, &*desk.scribe).await?;
    desk.ring();
    Ok(())
}

impl Desk {
    /// Tells the errand boys that there is work.
    pub fn ring(&self) {
        self.bell.send_modify(|count| *count = count.wrapping_add(1));
    }
}

async fn decided(
    desk: &Desk,
    reference: &DossierRef,
    event: Event,
    now: Timestamp,
) -> Result<Result<Decided, Refused>, Setback> {
    let Some(Filed { dossier, version }) = desk.store.dossier(reference).await? else {
        return Ok(Err(Refused::Unknown(reference.clone())));
    };
    let (name, detail) = (event.name(), pair::journalled(&event));
    Ok(match decide(desk, dossier, event, now) {
        Ok(decision) => {
            let marks = pair::marks_of(&decision.dossier);
            Ok(Decided { before: Some(version), decision, marks, event: name, document: None, detail })
        }
        Err(out_of_order) => Err(Refused::OutOfOrder(out_of_order)),
    })
}

fn decide(
    desk: &Desk,
    dossier: Dossier,
    event: Event,
    now: Timestamp,
) -> Result<crate::domain::dossier::Decision, crate::domain::dossier::OutOfOrder> {
    let bank = dossier.bank.as_ref().and_then(|folder| desk.config.bank(folder)).cloned();
    let carried: Vec<FieldKey> = Vec::new();
    let terms = Terms {
        bank: bank.as_ref(),
        held: &desk.config.declarations.held,
        carried: &carried,
        monetique: &desk.config.monetique.mailboxes,
        today: crate::clock::in_tunis(now).date(),
    };
    dossier.decide(&event, &terms, now)
}

/// A reading with what validation finds in it.
fn examine(desk: &Desk, mut reading: reading::Read) -> reading::Read {
    for extraction in &reading.reading.extractions {
        if let Some(form) = desk.forms.of(extraction.kind) {
            let found = validation::examine(extraction, form, &desk.rules, desk.clock.today());
            reading.findings.extend(found);
        }
    }
    reading
}

/// The rows of these documents, in their order.
fn minute_readings(documents: &[Stored], readings: &[reading::Read], wanted: &[DocumentId]) -> Vec<Examination> {
    documents
        .iter()
        .zip(readings)
        .filter(|(document, _)| wanted.contains(&document.arrival.document))
        .map(|(document, read)| {
            let mut reading = read.reading.clone();
            reading.findings.extend(read.findings.iter().cloned());
            Examination { document: document.arrival.document, reading, dossier: None, quarantined: read.quarantined }
        })
        .collect()
}

fn answer_to(documents: &[Stored], document: DocumentId) -> Effect {
    let folder = documents.iter().find(|stored| stored.arrival.document == document);
    Effect::Answer(Answer { document, folder: folder.and_then(|stored| stored.arrival.bank.clone()) })
}

/// Pauses between attempts: a minute, then five, half an hour, two hours, and so on every six.
#[must_use]
pub fn pause(failures: u32) -> Duration {
    let minutes = match failures {
        0 => 1,
        1 => 5,
        2 => 30,
        3 => 120,
        _ => 360,
    };
    Duration::from_secs(minutes * 60)
}

/// A form of ours, filled in.
fn is_form(kind: Kind) -> bool {
    matches!(kind, Kind::Adhesion | Kind::FicheTechnique | Kind::Both)
}

/// What a document adds to a dossier.
fn examined(document: &Stored, read: &reading::Read) -> Examined {
    Examined {
        document: document.arrival.document,
        name: document.arrival.name.clone(),
        extractions: read.reading.extractions.clone(),
        findings: read.reading.findings.iter().chain(&read.findings).cloned().collect(),
    }
}
