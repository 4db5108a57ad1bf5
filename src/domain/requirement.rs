//! The requirement list of a dossier: what is still asked, of whom, and why. Answers, letters, command line and console
//! all show this one list.

use serde::{Deserialize, Serialize};

use super::finding::{Finding, Severity};

/// What a requirement waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// To be given; nothing is wrong yet.
    Due,
    /// Should have come by now.
    Late,
    /// With guichet, a reviewer, Monétique-Tunisie or the bank.
    BeingChecked,
    /// Given, and wrong.
    InError,
}

/// Who must act.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Actor {
    Merchant,
    Bank,
    Monetique,
    Guichet,
}

/// One line of the list. The sentence and the remedy are those of the finding's code.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Requirement {
    pub state: State,
    pub actor: Actor,
    pub finding: Finding,
}

impl Requirement {
    /// A requirement that stands in the way, from a finding.
    #[must_use]
    pub fn from_finding(finding: Finding) -> Self {
        let (state, actor) = match (finding.severity, finding.code.as_str()) {
            (_, "doubtful_value") => (State::BeingChecked, Actor::Monetique),
            (Severity::Reject, _) => (State::InError, Actor::Merchant),
            _ => (State::Due, Actor::Merchant),
        };
        Self { state, actor, finding }
    }
}
