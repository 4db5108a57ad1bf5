//! What goes into the store and what comes out of it.

mod errands;
mod leaving;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::domain::bank::BankFolder;
use crate::domain::declaration::{Declaration, Sequence};
use crate::domain::document::{DocumentId, Reading, Sha256};
use crate::domain::dossier::{Decision, Dossier, DossierRef};
use crate::domain::effect::{Answer, Effect};
use crate::domain::finding::Code;
use crate::domain::notification::Notification;
use crate::domain::personal::discreet;
use crate::domain::release::User;

pub use errands::{Errand, ErrandKind, Loan};
pub use leaving::{Batch, Delivery, Envelope, Outgoing, OutgoingState, Recipient, Reply, Waiting, WaitingState};

/// A claimed file, its bytes already durable in the blob store.
#[derive(Clone, PartialEq)]
pub struct Arrival {
    pub document: DocumentId,
    /// Claims of one folder or drop share a deposit; documents of a deposit belong together.
    pub deposit: DocumentId,
    pub sha256: Sha256,
    pub size: u64,
    /// As dropped, escaped for showing; data, never a path.
    pub name: String,
    pub bank: Option<BankFolder>,
    pub received: Timestamp,
    /// Never opened, for this reason: a link, a device, a file with two names. Its hash is that of nothing.
    pub refusal: Option<Code>,
}

discreet!(Arrival { document, deposit, sha256, size, bank, received, refusal; name });

/// What became of an arrival.
#[derive(Debug, Clone, PartialEq)]
pub enum Received {
    New,
    /// The same bytes came before from the same bank: the first document.
    Repeat(DocumentId),
    /// This very claim was received before a crash.
    Known,
}

/// What a transaction turns effects into. Pure rendering, called inside the transaction so that the number printed in a
/// file is the number stored.
pub trait Scribe: Send + Sync {
    /// Lays declarations of one type and bank out in one file under its number; `at` gives date and time in the header.
    fn declarations(&self, declared: &[Declaration], sequence: Sequence, at: Timestamp) -> Result<Laid, Unwritable>;
    /// A letter about a dossier, or about documents that belong to none.
    fn letter(
        &self,
        notification: &Notification,
        dossier: Option<&Dossier>,
        at: Timestamp,
    ) -> Result<Written, Unwritable>;
    fn answer(&self, answer: &Answer, dossier: Option<&Dossier>, document: &Treated) -> Result<Page, Unwritable>;
}

/// A declaration as bytes, with what goes beside it.
#[derive(Clone, PartialEq)]
pub struct Laid {
    pub name: String,
    pub bytes: Vec<u8>,
    /// Companions by suffix (`.json`, `.xlsx`): published before the file itself; `.sha256` and `.pieces.zip` are added by the outbox.
    pub beside: Vec<(String, Vec<u8>)>,
}

discreet!(Laid { name; bytes, beside });

/// A letter as bytes: a whole RFC 5322 message with its fixed Message-ID.
#[derive(Clone, PartialEq)]
pub struct Written {
    pub message_id: String,
    pub to: Vec<String>,
    pub message: Vec<u8>,
}

discreet!(Written { message_id; to, message });

/// An answer as bytes, by file name.
#[derive(Clone, PartialEq)]
pub struct Page {
    pub files: Vec<(String, Vec<u8>)>,
}

discreet!(Page { ; files });

/// The effect cannot be written: a person must look. Carries a sentence for the journal and the operator.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("{0}")]
pub struct Unwritable(pub String);

/// A document with what reading it gave.
#[derive(Debug, Clone, PartialEq)]
pub struct Treated {
    pub arrival: Arrival,
    pub reading: Reading,
}

/// A document as the store knows it.
#[derive(Debug, Clone, PartialEq)]
pub struct Stored {
    pub arrival: Arrival,
    pub repeat_of: Option<DocumentId>,
    /// `None` until it has been examined, or once it has been erased.
    pub reading: Option<Reading>,
    pub state: DocumentState,
    pub dossier: Option<DossierRef>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DocumentState {
    Received,
    Examined,
    /// Set aside: it holds a card number, or kills its reader.
    Quarantined,
    /// Its bytes are gone, at the end of their retention.
    Erased,
}

/// A dossier with the version it was read at: [`super::Store::commit`] refuses it if it has moved.
#[derive(Debug, Clone, PartialEq)]
pub struct Filed {
    pub dossier: Dossier,
    pub version: i64,
}

/// An identifier by which a later document finds its dossier: `rib`, `matricule_fiscal`, a folded `raison_sociale`, …
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Mark {
    pub name: String,
    pub value: String,
}

discreet!(Mark { name; value });

/// All that one transaction writes down.
#[derive(Debug, Clone, PartialEq)]
pub struct Minute {
    pub cause: Cause,
    pub at: Timestamp,
    /// Who did it: `guichet`, or a person's name.
    pub by: String,
    pub readings: Vec<Examination>,
    pub decisions: Vec<Decided>,
    /// Documents that are another dossier's from now on.
    pub moves: Vec<(DocumentId, DossierRef)>,
    /// Effects that belong to no dossier: answers to documents that are no form of ours.
    pub effects: Vec<Effect>,
    /// Batches of the day that are closed: what their dossiers have waiting leaves in one file each.
    pub batches: Vec<Batch>,
    /// Hash of what proves the decisions: kept with the other originals.
    pub proof: Option<Sha256>,
    /// What belongs to no dossier and is only written into the journal: name and identifiers.
    pub notes: Vec<(&'static str, serde_json::Value)>,
}

impl Minute {
    /// An empty minute of guichet's own doing.
    #[must_use]
    pub fn new(cause: Cause, at: Timestamp) -> Self {
        Self {
            cause,
            at,
            by: "guichet".to_owned(),
            readings: vec![],
            decisions: vec![],
            moves: vec![],
            effects: vec![],
            batches: vec![],
            proof: None,
            notes: vec![],
        }
    }
}

/// Why the transaction is written.
#[derive(Debug, Clone, PartialEq)]
pub enum Cause {
    /// Closes this errand, and with it what it was about: the declaration is published, the letter sent, the answer left.
    Errand(Loan),
    /// A person, an acknowledgement or the calendar.
    Event,
}

/// What reading one document gave, for its row.
#[derive(Debug, Clone, PartialEq)]
pub struct Examination {
    pub document: DocumentId,
    pub reading: Reading,
    pub dossier: Option<DossierRef>,
    pub quarantined: bool,
}

/// A decision about one dossier.
#[derive(Debug, Clone, PartialEq)]
pub struct Decided {
    /// The version it was read at; `None` opens it.
    pub before: Option<i64>,
    pub decision: Decision,
    /// All identifiers of the dossier as it now is; replaces those stored.
    pub marks: Vec<Mark>,
    /// Journal: name of the event, and identifiers that tell which (never values of a form).
    pub event: &'static str,
    pub document: Option<DocumentId>,
    pub detail: serde_json::Value,
}

/// A person who works with guichet, with the hash of the password (a PHC string; never the password).
#[derive(Clone, PartialEq, Eq)]
pub struct Account {
    pub user: User,
    pub password: String,
    /// Closed: it signs nothing any more.
    pub disabled: bool,
    /// Wrong passwords in a row, and when the last was given.
    pub failures: u32,
    pub failed: Option<Timestamp>,
}

discreet!(Account { user, disabled, failures, failed; password });
