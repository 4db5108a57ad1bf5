//! What is kept no longer: the instants before which each class ends, and what was found to lie before them.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::domain::document::{DocumentId, Sha256};
use crate::domain::dossier::DossierRef;

/// The instants before which each class has had its time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Expiry {
    /// Documents of a merchant who is live.
    pub completed: Timestamp,
    /// What was extracted from them: it goes later.
    pub extracts: Timestamp,
    /// Documents and extracts of a dossier that came to nothing, and documents of no dossier.
    pub abandoned: Timestamp,
    /// Documents that hold a card number.
    pub quarantine: Timestamp,
    pub declarations: Timestamp,
    pub letters: Timestamp,
    pub answers: Timestamp,
    pub journal: Timestamp,
}

impl Expiry {
    /// Nothing but what may never be kept longer: card numbers, and answers, which are copies of what the store holds.
    #[must_use]
    pub fn strictly(self) -> Self {
        let never = Timestamp::UNIX_EPOCH;
        Self {
            completed: never,
            extracts: never,
            abandoned: never,
            declarations: never,
            letters: never,
            journal: never,
            ..self
        }
    }
}

/// Why something is erased.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Class {
    CardNumber,
    Completed,
    Abandoned,
    /// Never part of a dossier: no form of ours, unreadable, refused.
    Apart,
}

/// A document whose bytes and reading go.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExpiredDocument {
    pub document: DocumentId,
    pub deposit: DocumentId,
    pub sha256: Sha256,
    pub class: Class,
    pub dossier: Option<DossierRef>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExpiredDossier {
    pub reference: DossierRef,
    pub class: Class,
}

/// What proved an event of a dossier: kept as long as the declarations it is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExpiredProof {
    pub sha256: Sha256,
    pub dossier: DossierRef,
}

/// A declaration file whose bytes go; its name, number and hash stay.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExpiredDeclaration {
    pub name: String,
    pub sha256: Sha256,
}

/// An answer whose files go from the bank's folder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExpiredAnswer {
    pub id: String,
    /// Empty for the inbox itself.
    pub folder: String,
    /// Of its files, those that no later answer has replaced.
    pub files: Vec<String>,
}

/// The journal's beginning is cut off after this row; its hash stays as the anchor of what follows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct JournalCut {
    pub through: i64,
    pub hash: String,
}

/// All that has had its time.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Expired {
    pub documents: Vec<ExpiredDocument>,
    pub dossiers: Vec<ExpiredDossier>,
    pub proofs: Vec<ExpiredProof>,
    pub declarations: Vec<ExpiredDeclaration>,
    /// Message-IDs; the row stays, the letter and its addresses go.
    pub letters: Vec<String>,
    pub answers: Vec<ExpiredAnswer>,
    pub journal: Option<JournalCut>,
}

impl Expired {
    #[must_use]
    pub fn is_empty(&self) -> bool {
        let Self { documents, dossiers, proofs, declarations, letters, answers, journal } = self;
        documents.is_empty()
            && dossiers.is_empty()
            && proofs.is_empty()
            && declarations.is_empty()
            && letters.is_empty()
            && answers.is_empty()
            && journal.is_none()
    }
}
