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
    /// Declarations, the acknowledgements that answered them, and what people proved events with.
    pub declarations: Timestamp,
    /// Acknowledgements that were set aside.
    pub set_aside: Timestamp,
    pub letters: Timestamp,
    pub answers: Timestamp,
    /// What was done and is nothing but a number any more.
    pub errands: Timestamp,
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
            set_aside: never,
            letters: never,
            errands: never,
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

/// A file left at the counter of acknowledgements: no row names it, its own name begins with the id it was claimed under.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExpiredAcknowledgement {
    pub id: String,
    pub sha256: Sha256,
    pub fate: Fate,
}

/// What an acknowledgement came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fate {
    Applied,
    SetAside,
    /// Set aside, and a card number stands in it.
    CardNumber,
}

/// Finished errands that were due before this instant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErrandCut {
    pub before: Timestamp,
    pub count: u64,
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
    // Left out where there is none: the hash of an earlier list is taken of a text without them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub acknowledgements: Vec<ExpiredAcknowledgement>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub errands: Option<ErrandCut>,
    pub journal: Option<JournalCut>,
}

impl Expired {
    #[must_use]
    pub fn is_empty(&self) -> bool {
        let Self { documents, dossiers, proofs, declarations, letters, answers, acknowledgements, errands, journal } =
            self;
        documents.is_empty()
            && dossiers.is_empty()
            && proofs.is_empty()
            && declarations.is_empty()
            && letters.is_empty()
            && answers.is_empty()
            && acknowledgements.is_empty()
            && errands.is_none()
            && journal.is_none()
    }
}
