//! Lines that lists show: to the command line and to the console.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Serialize;

use super::{OutgoingState, Recipient};
use crate::domain::document::DocumentId;
use crate::domain::dossier::DossierRef;
use crate::domain::personal::discreet;

/// Counts of everything, for one page.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Overview {
    /// Documents by state.
    pub documents: BTreeMap<String, u64>,
    /// Dossiers by step.
    pub dossiers: BTreeMap<String, u64>,
    /// Declarations by state.
    pub declarations: BTreeMap<String, u64>,
    /// Letters by state.
    pub letters: BTreeMap<String, u64>,
    /// Errands by kind and state, `done` left out: `send live`, `publish parked`.
    pub errands: BTreeMap<String, u64>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct DossierLine {
    pub reference: DossierRef,
    pub bank: String,
    pub step: String,
    pub since: Timestamp,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct JournalLine {
    pub number: i64,
    pub at: Timestamp,
    pub who: String,
    pub event: String,
    pub dossier: String,
    pub document: String,
    pub detail: serde_json::Value,
    pub hash: String,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ErrandLine {
    pub id: String,
    pub kind: String,
    pub subject: String,
    pub state: String,
    /// In a worker's hands until `due`.
    pub lent: bool,
    pub due: Timestamp,
    pub failures: u32,
    pub last_error: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct DeclarationLine {
    pub name: String,
    pub file_type: String,
    pub bank_code: String,
    pub sequence: i64,
    /// Whom it declares: one, or all those of a batch.
    pub dossiers: Vec<DossierRef>,
    pub outbox: String,
    pub sha256: String,
    pub state: OutgoingState,
    pub decided: Timestamp,
    pub published: Option<Timestamp>,
}

#[derive(Clone, PartialEq, Serialize)]
pub struct LetterLine {
    pub message_id: String,
    pub dossier: Option<DossierRef>,
    pub subject: String,
    pub to: Vec<String>,
    /// What became of it for each recipient.
    pub recipients: Vec<Recipient>,
    pub state: String,
    pub written: Timestamp,
    pub sent: Option<Timestamp>,
}

discreet!(LetterLine { message_id, dossier, subject, recipients, state, written, sent; to });

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct AnswerLine {
    pub id: String,
    pub document: DocumentId,
    pub folder: String,
    pub files: Vec<String>,
    pub state: String,
    pub written: Timestamp,
}
