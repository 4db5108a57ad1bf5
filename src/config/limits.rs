//! `[limits]` and `[retention]`: what one document may cost, and how long things are kept.

use std::time::Duration;

use serde::Deserialize;

use crate::isolation::Children;

/// How much one document may cost.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// Larger files are refused, in bytes.
    pub file_bytes: u64,
    /// Files of one folder dropped as a whole.
    pub deposit_files: usize,
    /// Longest time one document may take to be read.
    #[serde(with = "jiff::fmt::serde::unsigned_duration::friendly::compact::required")]
    pub document: Duration,
    /// Processor time one document may take.
    #[serde(with = "jiff::fmt::serde::unsigned_duration::friendly::compact::required")]
    pub processor: Duration,
    /// Memory one document may take, in bytes.
    pub memory_bytes: u64,
    /// Documents read at once; 0 means one per processor.
    pub hands: usize,
    /// What to do where the kernel cannot close a document's process off.
    pub sandbox: Sandbox,
    /// How the process a document is read in is made: `copied` from one that knows the schemas, or `started` anew.
    pub children: Children,
}

/// The operator's word on a kernel without Landlock or seccomp.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Sandbox {
    /// Read nothing.
    Required,
    /// Go on with the walls there are, and say which at every start.
    BestEffort,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            file_bytes: 64 << 20,
            deposit_files: 200,
            document: Duration::from_secs(20),
            processor: Duration::from_secs(10),
            memory_bytes: 512 << 20,
            hands: 0,
            sandbox: Sandbox::Required,
            children: Children::Copied,
        }
    }
}

impl Limits {
    /// Documents read at once.
    #[must_use]
    pub fn hands(&self) -> usize {
        match self.hands {
            0 => std::thread::available_parallelism().map_or(1, usize::from),
            hands => hands,
        }
    }
}

/// After how many days each class of what is kept may be erased; `guichet purge` does it, and says what.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Retention {
    /// Documents of a dossier, after the merchant is live.
    pub completed_days: u32,
    /// What was extracted from them, after the documents have gone.
    pub extract_days: u32,
    /// Documents and extract of a dossier refused, withdrawn or struck off, and documents that belong to no dossier.
    pub abandoned_days: u32,
    pub declarations_days: u32,
    pub letters_days: u32,
    pub journal_days: u32,
    /// Documents set aside because they hold a card number.
    pub quarantine_days: u32,
}

impl Default for Retention {
    fn default() -> Self {
        Self {
            completed_days: 90,
            extract_days: 365,
            abandoned_days: 180,
            declarations_days: 3650,
            letters_days: 365,
            journal_days: 3650,
            quarantine_days: 7,
        }
    }
}
