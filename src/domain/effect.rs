//! All that guichet may do to the world. If it is not in this file, guichet does not do it.

use serde::{Deserialize, Serialize};

use super::bank::BankFolder;
use super::declaration::{Declaration, Departure, FileType, Seen};
use super::document::DocumentId;
use super::notification::Notification;

/// An intention of the core. It becomes bytes in the transaction that saves the decision, and an act later.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Effect {
    /// A declaration decided on. What leaves at once is numbered, laid out and put in an outbox; what waits is kept without a number,
    /// so that the receiver never sees a gap.
    Publish { declaration: Box<Declaration>, leaves: Departure },
    /// A second person has released what waited: it leaves as it was seen, or waits for the batch.
    Release { file_type: FileType, seen: Seen, leaves: Departure },
    /// Write a letter and send it.
    Send(Box<Notification>),
    /// Leave an answer beside the file the bank dropped.
    Answer(Answer),
    /// Drop a declaration that still waits, for release or for the batch: its dossier has changed.
    Recall { file_type: FileType },
}

/// The answer to one dropped file: which document it answers. The page is made of the dossier as decided.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    pub document: DocumentId,
    /// Folder the file was dropped in; `None` is the inbox itself.
    pub folder: Option<BankFolder>,
}
