//! What leaves: declarations, letters recipient by recipient, answers.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::domain::bank::BankFolder;
use crate::domain::declaration::{Declaration, FileType};
use crate::domain::document::{DocumentId, Sha256};
use crate::domain::dossier::DossierRef;
use crate::domain::personal::discreet;
use crate::domain::pieces::Piece;

/// A declaration on its way out.
#[derive(Clone, PartialEq)]
pub struct Outgoing {
    pub file_type: FileType,
    pub name: String,
    /// Folder under the outbox.
    pub outbox: String,
    /// Whom it declares, in their order in the file: one, or all those of a batch.
    pub dossiers: Vec<DossierRef>,
    pub state: OutgoingState,
    pub bytes: Vec<u8>,
    pub sha256: Sha256,
    pub beside: Vec<(String, Vec<u8>)>,
    /// The documents that go along; their bytes are in the blob store until it leaves.
    pub pieces: Vec<Piece>,
    /// A file of the same type and bank with a smaller number has yet to be published.
    pub behind: bool,
}

discreet!(Outgoing { file_type, name, outbox, dossiers, state, sha256, pieces, behind; bytes, beside });

impl Outgoing {
    /// Its files by name: companions first, the hash before the file it is of, the declaration last.
    #[must_use]
    pub fn files(&self) -> Vec<(String, Vec<u8>)> {
        let beside = self.beside.iter().map(|(suffix, bytes)| (format!("{}{suffix}", self.name), bytes.clone()));
        let mut files: Vec<_> = beside.collect();
        let hash = format!("{}  {}\n", self.sha256, self.name);
        files.push((format!("{}.sha256", self.name), hash.into_bytes()));
        files.push((self.name.clone(), self.bytes.clone()));
        files
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OutgoingState {
    New,
    Staged,
    Published,
    /// Numbered while it was held, and never offered: only in what an early version wrote down.
    Recalled,
}

/// A declaration that has not left, and has no number yet.
#[derive(Debug, Clone, PartialEq)]
pub struct Waiting {
    pub id: String,
    /// As people call it: `DPR00008.D26-000123`.
    pub name: String,
    /// Folder under the outbox it will go to.
    pub outbox: String,
    pub state: WaitingState,
    pub decided: Timestamp,
    pub declaration: Declaration,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WaitingState {
    /// For a second person.
    Held,
    /// For the batch of the day.
    Batch,
    Left,
    Recalled,
}

/// A batch to be closed: one file of a type for a bank, with what these dossiers have waiting.
#[derive(Debug, Clone, PartialEq)]
pub struct Batch {
    pub file_type: FileType,
    pub bank_code: String,
    pub dossiers: Vec<DossierRef>,
}

/// A letter on its way out.
#[derive(Clone, PartialEq)]
pub struct Envelope {
    pub message_id: String,
    pub to: Vec<String>,
    pub message: Vec<u8>,
    /// `None` for a letter about documents that belong to none.
    pub dossier: Option<DossierRef>,
}

discreet!(Envelope { message_id, dossier; to, message });

/// What became of a letter for one of its recipients.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Delivery {
    Queued,
    /// The mail server has taken it.
    Sent,
    /// The mail server will not take it for this address.
    Refused,
    /// It could not be handed over yet; it is tried again.
    Retrying,
    /// Kept: in trial mode this address is not written to.
    Held,
}

impl Delivery {
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Sent => "sent",
            Self::Refused => "refused",
            Self::Retrying => "retrying",
            Self::Held => "held",
        }
    }

    /// Nothing more is done for this recipient.
    #[must_use]
    pub fn is_final(self) -> bool {
        matches!(self, Self::Sent | Self::Refused | Self::Held)
    }
}

/// A recipient of a letter and what became of it there.
#[derive(Clone, PartialEq, Serialize)]
pub struct Recipient {
    pub address: String,
    pub delivery: Delivery,
    /// What the mail server said, in short.
    pub detail: String,
}

discreet!(Recipient { delivery; address, detail });

/// An answer on its way to a bank's folder.
#[derive(Clone, PartialEq)]
pub struct Reply {
    pub document: DocumentId,
    pub folder: Option<BankFolder>,
    pub files: Vec<(String, Vec<u8>)>,
}

discreet!(Reply { document, folder; files });
