//! A declaration: what is told to Monétique-Tunisie or to the bank about a merchant. How it is laid out is data.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::dossier::DossierRef;

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
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Dts => "DTS",
            Self::Dpr => "DPR",
            Self::Sps => "SPS",
            Self::Uti => "UTI",
        }
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
}

/// A declaration decided on, not yet numbered nor laid out: the values it carries, by field key.
///
/// Every value is firm (trusted or settled): [`super::dossier`] sees to it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
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
