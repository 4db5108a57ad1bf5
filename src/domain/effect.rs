//! All that guichet may do to the world. If it is not in this file, guichet does not do it.

use serde::{Deserialize, Serialize};

use super::bank::BankFolder;
use super::declaration::{Declaration, FileType};
use super::document::DocumentId;
use super::notification::Notification;

/// An intention of the core. It becomes bytes in the transaction that saves the decision, and an act later.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Effect {
    /// Number a declaration, lay it out, put it in an outbox. `held`: only after a second person releases it.
    Publish { declaration: Box<Declaration>, held: bool },
    /// Write a letter and send it.
    Send(Box<Notification>),
    /// Leave an answer beside the file the bank dropped.
    Answer(Answer),
    /// Drop a declaration that still waits for release: its dossier has changed. Its number stays used and is journalled.
    Recall { file_type: FileType },
}

/// The answer to one dropped file: which document it answers. The page is made of the dossier as decided.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    pub document: DocumentId,
    /// Folder the file was dropped in; `None` is the inbox itself.
    pub folder: Option<BankFolder>,
}
