//! THE pipeline: from the inbox to a decision, from a decision to the world, and back.
//!
//! `inbox → intake → extraction → validation → dossier (decide) → outbox → declaration / letter / answer → event …`
//! Only this module knows the order of the rooms. Each step may be done again: what an errand has done is written down
//! in the transaction that closes it.

mod batch;
mod grids;
mod journalled;
mod letters;
mod link;
mod pair;
mod reading;
mod setback;

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use serde_json::json;
use tokio::sync::{Mutex, watch};

use crate::blobs::Blobs;
use crate::clock::{Clock, in_tunis};
use crate::config::Config;
use crate::counsel::Advice;
use crate::domain::bank::BankFolder;
use crate::domain::document::{DocumentId, Sha256};
use crate::domain::dossier::{Decision, Dossier, DossierRef, OutOfOrder, Terms};
use crate::domain::effect::{Answer, Effect};
use crate::domain::event::Event;
use crate::domain::field::FieldKey;
use crate::outbox::{Inboxes, Outboxes};
use crate::post::Post;
use crate::rules::Rules;
use crate::schemas::Forms;
use crate::store::{Cause, Decided, Errand, ErrandKind, Examination, Filed, Minute, Scribe, Store, StoreError, Stored};

pub use batch::{close_batches, last_hour, shown_for_release};
pub use link::{Joined, join, part};
use pair::Case;
use reading::Read;
pub use reading::Reader;
pub use setback::Setback;

/// What the procedure has at hand.
pub struct Desk {
    pub config: Config,
    /// Banks that have a folder of their own in the inbox; the configuration may know more.
    pub bank_folders: Vec<BankFolder>,
    pub store: Arc<dyn Store>,
    pub blobs: Blobs,
    pub clock: Arc<dyn Clock>,
    pub forms: Arc<Forms>,
    pub rules: Arc<Rules>,
    /// Keys that a declaration or a letter carries: they must be firm before a dossier is complete.
    pub carried: Vec<FieldKey>,
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

/// How often an event is decided anew because another process moved the dossier meanwhile.
const ATTEMPTS: u32 = 5;

/// From a deposit (a file, a folder or a ZIP) to the decision: all its documents, one decision per dossier.
pub async fn treat(desk: &Desk, errand: &Errand) -> Result<(), Setback> {
    let deposit = DocumentId(uuid::Uuid::parse_str(&errand.subject).map_err(Setback::park)?);
    let documents = desk.store.deposit(deposit).await?;
    let mut readings = Vec::with_capacity(documents.len());
    for document in &documents {
        readings.push(reading::read_document(desk, document).await?);
    }
    let _turn = desk.deciding.lock().await;
    let mut minute = Minute::new(Cause::Errand(errand.loan.clone()), desk.clock.now());
    let mut placed = Vec::new();
    for case in pair::pair(desk, deposit, &documents, &readings).await? {
        let (ids, reference, decided) = place(desk, case, minute.at).await?;
        match decided {
            Ok(decided) => {
                placed.extend(ids.into_iter().map(|id| (id, reference.clone())));
                minute.decisions.push(decided);
            }
            // Documents for a dossier that takes none any more: they are answered, and a person sees them.
            Err(why) => tracing::warn!(dossier.reference = %reference, "Documents of deposit {deposit}: {why}"),
        }
    }
    placed.extend(grids::file(desk, &documents, &mut readings, &mut minute).await?);
    minute.effects.extend(letters::about_set_aside(desk, deposit, &documents, &readings, &placed));
    for (document, read) in documents.iter().zip(readings) {
        let id = document.arrival.document;
        let place = placed.iter().find(|(placed, _)| *placed == id).map(|(_, reference)| reference.clone());
        // What goes into no dossier is answered all the same.
        if place.is_none() {
            minute.effects.push(Effect::Answer(Answer { document: id, folder: document.arrival.bank.clone() }));
        }
        minute.readings.push(examination(document, read, place));
    }
    desk.store.commit(minute, &*desk.scribe).await?;
    desk.ring();
    Ok(())
}

/// From the decision to the world: carries stored bytes, renders nothing; what was done is an event in its turn.
pub async fn fulfil(desk: &Desk, errand: &Errand) -> Result<Vec<(DossierRef, Event)>, Setback> {
    match errand.kind {
        ErrandKind::Publish => {
            let file = desk.outboxes.publish(&*desk.store, &errand.subject).await?;
            let published =
                |dossier| (dossier, Event::Published { file_type: file.file_type, file: file.name.clone() });
            Ok(file.dossiers.into_iter().map(published).collect())
        }
        ErrandKind::Send => {
            let letter = desk.store.envelope(&errand.subject).await?.ok_or_else(|| Setback::gone(errand))?;
            letters::send(desk, letter).await
        }
        ErrandKind::Answer => {
            let reply = desk.store.reply(&errand.subject).await?.ok_or_else(|| Setback::gone(errand))?;
            let inboxes = desk.inboxes.clone();
            tokio::task::spawn_blocking(move || inboxes.leave(&reply)).await.map_err(Setback::park)??;
            Ok(Vec::new())
        }
        ErrandKind::Examine | ErrandKind::Write => Err(Setback::gone(errand)),
    }
}

/// Writes down that an errand is done, and decides what follows from it.
pub async fn conclude(desk: &Desk, errand: &Errand, events: Vec<(DossierRef, Event)>) -> Result<(), Setback> {
    // A letter sent or an answer left decides nothing: it need not wait for those who decide.
    let _turn = if events.is_empty() { None } else { Some(desk.deciding.lock().await) };
    let mut minute = Minute::new(Cause::Errand(errand.loan.clone()), desk.clock.now());
    for (reference, event) in events {
        match apply(desk, &reference, &event, minute.at).await? {
            Ok(decided) => minute.decisions.push(decided),
            // The file is out, whatever the dossier has become meanwhile.
            Err(why) => tracing::warn!(dossier.reference = %reference, "After {}: {why}", errand.subject),
        }
    }
    desk.store.commit(minute, &*desk.scribe).await?;
    desk.ring();
    Ok(())
}

/// An event from a person, an acknowledgement or the calendar, for one dossier.
pub async fn happen(desk: &Desk, reference: &DossierRef, event: &Event, by: &str) -> Result<(), Refused> {
    happen_together(desk, &[(reference.clone(), event.clone())], by, None).await
}

/// Events of several dossiers that happen together or not at all: what one file answers, what one person reports. `proof` is the
/// hash of what a person kept for it.
pub async fn happen_together(
    desk: &Desk,
    events: &[(DossierRef, Event)],
    by: &str,
    proof: Option<Sha256>,
) -> Result<(), Refused> {
    let _turn = desk.deciding.lock().await;
    let mut attempts = 0;
    loop {
        let mut minute = Minute::new(Cause::Event, desk.clock.now());
        by.clone_into(&mut minute.by);
        minute.proof = proof;
        for (reference, event) in events {
            let decided = apply(desk, reference, event, minute.at).await.map_err(Refused::Inside)??;
            // Most days pass without anything to do: nothing is written then.
            if *event == Event::DayPassed && decided.decision.effects.is_empty() {
                continue;
            }
            minute.decisions.push(decided);
        }
        if minute.decisions.is_empty() {
            return Ok(());
        }
        match desk.store.commit(minute, &*desk.scribe).await {
            Ok(()) => break,
            // The daemon and a command are two processes: the other was faster, and what it decided is read now.
            Err(StoreError::Moved(_)) if attempts < ATTEMPTS => attempts += 1,
            Err(StoreError::SeenDiffers(_)) => return Err(Refused::SeenDiffers),
            Err(err) => return Err(Refused::Inside(err.into())),
        }
    }
    desk.ring();
    Ok(())
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
            let filed = desk.store.dossier(&reference).await?.ok_or_else(|| Setback::gone(errand))?;
            let decision = Decision { dossier: filed.dossier, effects: vec![unwritten.effect] };
            minute.decisions.push(filing(Some(filed.version), decision, "written_again", serde_json::Value::Null));
        }
    }
    desk.store.commit(minute, &*desk.scribe).await?;
    desk.ring();
    Ok(())
}

/// Why an event changes nothing.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    #[error("le dossier {0} n'est pas connu")]
    Unknown(DossierRef),
    #[error(transparent)]
    OutOfOrder(#[from] OutOfOrder),
    #[error("ce qui est validé n'est pas ce qui a été montré")]
    SeenDiffers,
    #[error("l'événement n'a pas pu être enregistré")]
    Inside(#[source] Setback),
}

impl Desk {
    /// Tells the errand boys that there is work.
    pub fn ring(&self) {
        self.bell.send_modify(|count| *count = count.wrapping_add(1));
    }

    /// What deciding needs beside the dossier.
    pub fn with_terms<T>(&self, dossier: &Dossier, now: Timestamp, use_them: impl FnOnce(&Terms<'_>) -> T) -> T {
        use_them(&Terms {
            bank: dossier.bank.as_ref().and_then(|folder| self.config.bank(folder)),
            departures: self.config.departures(dossier.bank.as_ref().and_then(|folder| self.config.bank(folder))),
            pieces: self.config.declarations.pieces,
            carried: &self.carried,
            monetique: &self.config.monetique.mailboxes,
            operations: &self.config.monetique.operations,
            delays: &self.rules.delays,
            grid: &self.rules.grid,
            counsel: &Advice { forms: &self.forms, rules: &self.rules },
            today: in_tunis(now).date(),
        })
    }
}

/// Decides on the documents of one dossier, opening it when it is new.
async fn place(
    desk: &Desk,
    case: Case,
    now: Timestamp,
) -> Result<(Vec<DocumentId>, DossierRef, Result<Decided, OutOfOrder>), Setback> {
    let (before, dossier) = if let Some(Filed { dossier, version }) = case.filed {
        (Some(version), dossier)
    } else {
        let reference = desk.store.next_reference(in_tunis(now).year()).await?;
        (None, Dossier { proposals: case.proposals, ..Dossier::open(reference, case.bank, now) })
    };
    let ids: Vec<_> = case.examined.iter().map(|examined| examined.document).collect();
    let reference = dossier.reference.clone();
    let event = Event::Examined(case.examined);
    let decided = desk
        .with_terms(&dossier.clone(), now, |terms| dossier.decide(&event, terms, now))
        .map(|decision| filing(before, decision, event.name(), json!({ "documents": ids })));
    Ok((ids, reference, decided))
}

/// Decides on an event for a dossier that exists.
async fn apply(
    desk: &Desk,
    reference: &DossierRef,
    event: &Event,
    now: Timestamp,
) -> Result<Result<Decided, Refused>, Setback> {
    let Some(Filed { dossier, version }) = desk.store.dossier(reference).await? else {
        return Ok(Err(Refused::Unknown(reference.clone())));
    };
    let decided = desk.with_terms(&dossier.clone(), now, |terms| dossier.decide(event, terms, now));
    Ok(decided
        .map(|decision| filing(Some(version), decision, event.name(), journalled::journalled(event)))
        .map_err(Refused::OutOfOrder))
}

fn filing(before: Option<i64>, decision: Decision, event: &'static str, detail: serde_json::Value) -> Decided {
    let marks = pair::marks_of(&decision.dossier);
    Decided { before, decision, marks, event, document: None, detail }
}

fn examination(document: &Stored, read: Read, place: Option<DossierRef>) -> Examination {
    let dossier = place.or(read.dossier);
    Examination { document: document.arrival.document, reading: read.reading, dossier, quarantined: read.quarantined }
}

/// Pauses between attempts. A mail server is given time (greylisting wants five minutes): a minute, five, half an hour, two hours,
/// then every six. What fails on this machine (a full disk, a share that is away) is over at once when it is over: five
/// seconds, half a minute, then every two minutes.
#[must_use]
pub fn pause(kind: ErrandKind, failures: u32) -> Duration {
    let seconds = match (kind, failures) {
        (ErrandKind::Send, 0) => 60,
        (ErrandKind::Send, 1) => 5 * 60,
        (ErrandKind::Send, 2) => 30 * 60,
        (ErrandKind::Send, 3) => 2 * 3600,
        (ErrandKind::Send, _) => 6 * 3600,
        (_, 0) => 5,
        (_, 1) => 30,
        (_, _) => 120,
    };
    Duration::from_secs(seconds)
}
