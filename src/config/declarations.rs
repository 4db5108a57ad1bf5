//! `[declarations]`: how declaration files name their sender, what waits for a second person, and what leaves in batches.

use serde::Deserialize;

use super::Config;
use crate::domain::bank::Bank;
use crate::domain::declaration::{Departures, FileType};

/// What declaration files say of their sender, and what a second person must release.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Declarations {
    /// Creations that wait for a second person; a bank may have its own list.
    pub held: Vec<FileType>,
    /// Modifications, suspensions and radiations that wait for a second person; a bank may have its own list.
    pub held_changes: Vec<FileType>,
    /// File types that leave once a day, one file per bank; the others leave one merchant a file, at once.
    pub batch: Vec<FileType>,
    /// When the batch of the day is closed, in Africa/Tunis: `"16:00"`.
    pub batch_at: Hour,
    /// Header, record 01: five digits.
    pub code_emetteur: String,
    /// Header, record 01: six digits.
    pub code_faconnier: String,
    /// Header, record 01: up to 40 characters.
    pub nom_emetteur: String,
    pub line_end: LineEnd,
    /// Send the originals along as `.pieces.zip`.
    pub pieces: bool,
}

impl Default for Declarations {
    fn default() -> Self {
        Self {
            held: vec![FileType::Dpr, FileType::Sps],
            held_changes: FileType::ALL.to_vec(),
            batch: Vec::new(),
            batch_at: Hour(jiff::civil::Time::constant(16, 0, 0, 0)),
            code_emetteur: "00000".to_owned(),
            code_faconnier: "222222".to_owned(),
            nom_emetteur: "GUICHET CLICTOPAY".to_owned(),
            line_end: LineEnd::Crlf,
            pieces: true,
        }
    }
}

/// An hour of the day, written `"16:30"`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Hour(pub jiff::civil::Time);

impl TryFrom<String> for Hour {
    type Error = String;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let time = jiff::civil::Time::strptime("%H:%M", &text);
        time.map(Self).map_err(|_| format!("{text:?} is not an hour: write it like \"16:30\""))
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LineEnd {
    Crlf,
    Lf,
}

impl Config {
    /// What waits before it leaves, for a bank or in general.
    #[must_use]
    pub fn departures<'a>(&'a self, bank: Option<&'a Bank>) -> Departures<'a> {
        let general = &self.declarations;
        let of_bank = |own: fn(&Bank) -> Option<&Vec<FileType>>| bank.and_then(own);
        Departures {
            held: of_bank(|bank| bank.held.as_ref()).unwrap_or(&general.held),
            held_changes: of_bank(|bank| bank.held_changes.as_ref()).unwrap_or(&general.held_changes),
            batch: &general.batch,
        }
    }
}
