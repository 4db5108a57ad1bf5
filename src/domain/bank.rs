//! The bank that sends: known by its folder in the inbox, never by what a form says.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::declaration::FileType;

/// Name of a bank's folder under `inbox/` and `outbox/`: 1 to 32 of `a-z`, `0-9`, `-`, starting with a letter or digit.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct BankFolder(String);

impl BankFolder {
    /// Takes a folder name, refusing all that could leave the inbox or clash with our own folders.
    pub fn parse(name: &str) -> Result<Self, InvalidBankFolder> {
        let ok = (1..=32).contains(&name.len())
            && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
            && !name.starts_with('-')
            && !matches!(name, "monetique" | "reponses" | "accuses");
        if ok { Ok(Self(name.to_owned())) } else { Err(InvalidBankFolder(name.to_owned())) }
    }

    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A folder name that no bank may have.
#[derive(Debug, thiserror::Error)]
#[error("{0:?} cannot be a bank's folder: use 1 to 32 of a-z, 0-9 and '-' (not monetique, reponses or accuses)")]
pub struct InvalidBankFolder(String);

impl TryFrom<String> for BankFolder {
    type Error = InvalidBankFolder;

    fn try_from(name: String) -> Result<Self, Self::Error> {
        Self::parse(&name)
    }
}

impl From<BankFolder> for String {
    fn from(folder: BankFolder) -> Self {
        folder.0
    }
}

impl fmt::Display for BankFolder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A bank as the configuration describes it; all that the core needs to know of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bank {
    pub folder: BankFolder,
    /// First two digits of its RIBs.
    pub code: String,
    pub name: String,
    /// Where letters to the bank go: from the configuration only, never from a form.
    #[serde(default)]
    pub mailboxes: Vec<String>,
    /// Card department, in copy.
    #[serde(default)]
    pub monetique: Vec<String>,
    #[serde(default)]
    pub conditions: Conditions,
    /// Creations of this bank that a second person must release; those of `[declarations]` when absent.
    #[serde(default)]
    pub held: Option<Vec<FileType>>,
    /// The same for modifications, suspensions and radiations.
    #[serde(default)]
    pub held_changes: Option<Vec<FileType>>,
    /// Write to the merchant when a form has faults.
    #[serde(default = "yes")]
    pub merchant_copies: bool,
}

fn yes() -> bool {
    true
}

/// What the contract fixes and the form may not say; amounts in millimes, rates in thousandths of a percent.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Conditions {
    pub plafond_transaction: u64,
    pub plafond_jour: u64,
    pub commission_nationale: u32,
    pub commission_internationale: u32,
}
