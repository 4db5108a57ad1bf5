//! EDGE. What guichet remembers: documents, dossiers, declarations, errands, journal. One trait, one contract suite.
//!
//! Every method is one transaction. Methods are named after the procedure, not after tables.

use async_trait::async_trait;
use jiff::Timestamp;

use crate::domain::bank::BankFolder;
use crate::domain::declaration::{Declaration, FileType, Sequence};
use crate::domain::document::{DocumentId, Reading, Sha256};
use crate::domain::dossier::{Decision, Dossier, DossierRef};
use crate::domain::effect::{Answer, Effect};
use crate::domain::notification::Notification;

/// A claimed file, its bytes already durable in the blob store.
#[derive(Debug, Clone, PartialEq)]
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
}

/// What became of an arrival.
#[derive(Debug, Clone, PartialEq)]
pub enum Received {
    New,
    /// The same bytes came before from the same bank: the first document.
    Repeat(DocumentId),
}

/// What a transaction turns effects into. Pure rendering, called inside the transaction so that the number printed in a
/// file is the number stored.
pub trait Scribe: Send + Sync {
    /// Lays out a declaration under its number; `at` gives date and time in the header.
    fn declaration(&self, declaration: &Declaration, sequence: Sequence, at: Timestamp) -> Result<Laid, Unwritable>;
    fn letter(&self, notification: &Notification, dossier: &Dossier, at: Timestamp) -> Result<Written, Unwritable>;
    fn answer(&self, answer: &Answer, dossier: Option<&Dossier>, document: &Treated) -> Result<Page, Unwritable>;
}

/// A declaration as bytes, with what goes beside it.
#[derive(Debug, Clone, PartialEq)]
pub struct Laid {
    pub name: String,
    pub bytes: Vec<u8>,
    /// Companions by suffix (`.json`, `.xlsx`, `.pieces.zip`): published before the file itself; `.sha256` is added by the outbox.
    pub beside: Vec<(String, Vec<u8>)>,
}

/// A letter as bytes: a whole RFC 5322 message with its fixed Message-ID.
#[derive(Debug, Clone, PartialEq)]
pub struct Written {
    pub message_id: String,
    pub to: Vec<String>,
    pub message: Vec<u8>,
}

/// An answer as bytes, by file name.
#[derive(Debug, Clone, PartialEq)]
pub struct Page {
    pub files: Vec<(String, Vec<u8>)>,
}

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
