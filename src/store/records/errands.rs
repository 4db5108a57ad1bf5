//! What is to be done, lent to one worker at a time.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::domain::personal::discreet;

/// What an errand is about; the subject makes it unique.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ErrandKind {
    /// Read and decide on a deposit.
    Examine,
    /// Offer a declaration, by name.
    Publish,
    /// Send a letter, by Message-ID.
    Send,
    /// Leave an answer, by id.
    Answer,
    /// Write an effect that could not be written: the payload holds it. A person sends it round again.
    Write,
}

impl ErrandKind {
    pub const ALL: [Self; 5] = [Self::Examine, Self::Publish, Self::Send, Self::Answer, Self::Write];

    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Examine => "examine",
            Self::Publish => "publish",
            Self::Send => "send",
            Self::Answer => "answer",
            Self::Write => "write",
        }
    }
}

/// An errand in the hands of a worker.
#[derive(Clone, PartialEq)]
pub struct Errand {
    pub loan: Loan,
    pub kind: ErrandKind,
    pub subject: String,
    pub payload: String,
    /// Times it ended with a setback.
    pub failures: u32,
    /// Times it was lent since its last report; 1 now.
    pub loans: u32,
    pub give_up: Timestamp,
}

discreet!(Errand { loan, kind, subject, failures, loans, give_up; payload });

/// The borrower's right to an errand; a later loan of the same errand voids it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Loan {
    pub errand: String,
    pub number: i64,
}
