//! A declaration: what is told to Monétique-Tunisie or to the bank about a merchant. How it is laid out is data.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::document::Sha256;
use super::dossier::DossierRef;
use super::personal::discreet;
use super::pieces::Piece;

/// The four files guichet writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum FileType {
    /// Step 5, to Monétique-Tunisie: test environment.
    Dts,
    /// Step 8, to the bank: production.
    Dpr,
    /// Step 9, to Monétique-Tunisie: payment server.
    Sps,
    /// Step 10, to the bank: consultation users.
    Uti,
}

impl FileType {
    /// In the order of the steps.
    pub const ALL: [Self; 4] = [Self::Dts, Self::Dpr, Self::Sps, Self::Uti];

    /// The type that a declaration's name begins with.
    #[must_use]
    pub fn of_name(file: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|known| file.starts_with(known.as_str()))
    }

    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Dts => "DTS",
            Self::Dpr => "DPR",
            Self::Sps => "SPS",
            Self::Uti => "UTI",
        }
    }

    /// Number of the step it is declared at.
    #[must_use]
    pub fn step(self) -> u8 {
        match self {
            Self::Dts => 5,
            Self::Dpr => 8,
            Self::Sps => 9,
            Self::Uti => 10,
        }
    }

    /// Monétique-Tunisie gets the documents themselves with the test declaration (step 4 of the procedure).
    #[must_use]
    pub fn takes_documents(self) -> bool {
        self == Self::Dts
    }

    /// To the bank (its officer types or loads it), else to Monétique-Tunisie.
    #[must_use]
    pub fn to_bank(self) -> bool {
        matches!(self, Self::Dpr | Self::Uti)
    }
}

impl fmt::Display for FileType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// `code_operation` of the declaration format.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Operation {
    Creation,
    Modification,
    Suspension,
    Radiation,
}

impl Operation {
    /// The two digits of the format.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Creation => "01",
            Self::Modification => "02",
            Self::Suspension => "03",
            Self::Radiation => "04",
        }
    }

    /// Name under which there are words for it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Creation => "creation",
            Self::Modification => "modification",
            Self::Suspension => "suspension",
            Self::Radiation => "radiation",
        }
    }
}

/// A declaration decided on, not yet numbered nor laid out: the values it carries, by field key.
///
/// Every value is firm (trusted or settled): [`super::dossier`] sees to it.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct Declaration {
    pub file_type: FileType,
    pub operation: Operation,
    pub dossier: DossierRef,
    /// Two digits; written as five (`00008`) in names and records.
    pub bank_code: String,
    /// Values by field key, adhesion first, canonical; derived ones included.
    pub adhesion: BTreeMap<String, serde_json::Value>,
    /// Values of the technical sheet.
    pub fiche: BTreeMap<String, serde_json::Value>,
    /// What the dossier has been allocated or the bank's contract fixes: `numero_affiliation`, `numero_terminal`,
    /// `identifiant_sps`, `plafond_transaction`, `date_pv_recette`, …
    pub allocated: BTreeMap<String, serde_json::Value>,
    /// The documents that travel with it; none where they are switched off or not asked for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub pieces: Vec<Piece>,
}

discreet!(Declaration { file_type, operation, dossier, bank_code, pieces; adhesion, fiche, allocated });

/// When a declaration that was decided on leaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Departure {
    /// At once, in a file of its own.
    Now,
    /// Once a second person has released it.
    Held,
    /// With the others of its type and bank, when the batch of the day is closed.
    Batch,
}

/// What waits for whom before it leaves: parts of the configuration, for one bank.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Departures<'a> {
    /// Creations that a second person must release.
    pub held: &'a [FileType],
    /// Modifications, suspensions, resumptions and radiations that a second person must release.
    pub held_changes: &'a [FileType],
    /// Types that leave once a day, one file for all merchants of a bank.
    pub batch: &'a [FileType],
}

impl Departures<'_> {
    /// When a declaration just decided on leaves.
    #[must_use]
    pub fn of(&self, file_type: FileType, operation: Operation) -> Departure {
        let held = if operation == Operation::Creation { self.held } else { self.held_changes };
        if held.contains(&file_type) { Departure::Held } else { self.once_released(file_type) }
    }

    /// When it leaves once nobody holds it.
    #[must_use]
    pub fn once_released(&self, file_type: FileType) -> Departure {
        if self.batch.contains(&file_type) { Departure::Batch } else { Departure::Now }
    }
}

/// What a second person was shown before releasing: the declaration laid out at this instant, and the hash of those bytes.
/// What leaves is laid out at the same instant, and must have the same hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seen {
    pub sha256: Sha256,
    pub at: jiff::Timestamp,
}

/// Number of a file: per type and bank, from 1, without gap, never used again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Sequence(pub u32);

impl fmt::Display for Sequence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:06}", self.0)
    }
}

/// `TTTbbbbb.AAAAMMJJ.NNNNNN`, date in Africa/Tunis time.
#[must_use]
pub fn file_name(file_type: FileType, bank_code: &str, date: jiff::civil::Date, sequence: Sequence) -> String {
    format!("{file_type}{bank_code:0>5}.{:04}{:02}{:02}.{sequence}", date.year(), date.month(), date.day())
}
