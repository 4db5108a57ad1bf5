//! What can happen to a dossier. Events come from documents, acknowledgements, people and the clock, all through one door.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::declaration::{FileType, Seen};
use super::document::{DocumentId, Sha256};
use super::dossier::DossierRef;
use super::field::{Extraction, FieldKey, Value};
use super::finding::{Code, Finding};
use super::release::User;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    /// Documents dropped together (or their parts that belong to this dossier) have been read and checked: one event, so that
    /// a pair dropped as one is never told that half of it is missing.
    Examined(Vec<Examined>),
    /// A person settled a value that was in doubt or wrong.
    Settled {
        field: FieldKey,
        kind: super::document::Kind,
        settlement: Settlement,
        by: String,
    },
    /// A person overrides a rejecting finding, with a reason.
    Overridden {
        code: Code,
        field: Option<FieldKey>,
        /// Of this form only, where both have the field.
        kind: Option<super::document::Kind>,
        reason: String,
        by: String,
    },
    /// A declaration has reached its outbox.
    Published {
        file_type: FileType,
        file: String,
    },
    /// An answer to a declaration, for this merchant.
    Acknowledged {
        file: String,
        file_type: FileType,
        outcome: Acknowledged,
        by: String,
    },
    /// Results of test scenarios, from a filled grid or by hand.
    TestsRecorded {
        results: Vec<TestResult>,
        by: String,
        /// The filled grid they stand on, when they came by one.
        grid: Option<Box<Examined>>,
    },
    /// The tests are done: report reference, date, conclusion.
    TestsReported {
        favourable: bool,
        reference: String,
        date: Date,
        failing: Vec<String>,
        /// Who signs it for Monétique-Tunisie, when it was said.
        signatory: Option<String>,
        by: String,
    },
    /// The bank gave what production needs.
    Completed {
        field: FieldKey,
        value: Value,
        by: String,
    },
    /// The last declaration of a type is to be sent again under a new number.
    Reissued {
        file_type: FileType,
        by: String,
    },
    /// The batch of the day was closed: what waited for it is in its file.
    Gathered {
        file_type: FileType,
    },
    /// A second person released a held declaration as seen, or refused it.
    Released {
        file: String,
        seen: Seen,
        by: User,
    },
    ReleaseRefused {
        file: String,
        reason: String,
        by: User,
    },
    /// A person found that another dossier is the same merchant's: its documents that are missing here.
    Joined {
        from: DossierRef,
        documents: Vec<Examined>,
        by: String,
    },
    /// All that this dossier held has gone into another one.
    Merged {
        into: DossierRef,
        by: String,
    },
    /// A person took a document out: what is left.
    Parted {
        document: DocumentId,
        remaining: Vec<Examined>,
        by: String,
    },
    /// A person said that a proposed dossier is another merchant's.
    PairDeclined {
        with: DossierRef,
        by: String,
    },
    Withdrawn {
        reason: String,
        by: String,
    },
    Refused {
        reason: String,
        by: String,
    },
    Suspended {
        reason: String,
        by: String,
    },
    Resumed {
        by: String,
    },
    StruckOff {
        reason: String,
        by: String,
    },
    Reopened {
        by: String,
    },
    /// What the mail server said of a letter's recipients: those it took, and those it will not take, with its reason.
    Posted {
        delivered: Vec<String>,
        refused: Vec<(String, String)>,
    },
    /// A day has passed: reminders and deadlines.
    DayPassed,
}

impl Event {
    /// Why a person stops or suspends a dossier.
    #[must_use]
    pub fn reason(&self) -> Option<&str> {
        match self {
            Self::Withdrawn { reason, .. }
            | Self::Refused { reason, .. }
            | Self::Suspended { reason, .. }
            | Self::StruckOff { reason, .. } => Some(reason),
            _ => None,
        }
    }

    /// What a person wrote in words of their own; all of it goes into the journal, the dossier or a letter.
    #[must_use]
    pub fn free_texts(&self) -> Vec<&str> {
        match self {
            Self::ReleaseRefused { reason, .. } | Self::Overridden { reason, .. } => vec![reason],
            Self::TestsReported { reference, failing, signatory, .. } => {
                failing.iter().chain([reference]).chain(signatory).map(String::as_str).collect()
            }
            Self::Acknowledged { outcome: Acknowledged::Rejected { reasons }, .. } => {
                reasons.iter().flat_map(|(code, label)| [code.as_str(), label]).collect()
            }
            Self::Acknowledged { outcome: Acknowledged::Pending { reason }, .. } => vec![reason],
            Self::Completed { value: Value::Text(text), .. } => vec![text],
            _ => self.reason().into_iter().collect(),
        }
    }

    /// Name in the journal.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Examined(_) => "examined",
            Self::Settled { .. } => "settled",
            Self::Overridden { .. } => "overridden",
            Self::Published { .. } => "published",
            Self::Acknowledged { .. } => "acknowledged",
            Self::TestsRecorded { .. } => "tests_recorded",
            Self::TestsReported { .. } => "tests_reported",
            Self::Completed { .. } => "completed",
            Self::Reissued { .. } => "reissued",
            Self::Gathered { .. } => "gathered",
            Self::Released { .. } => "released",
            Self::ReleaseRefused { .. } => "release_refused",
            Self::Joined { .. } => "joined",
            Self::Merged { .. } => "merged",
            Self::Parted { .. } => "parted",
            Self::PairDeclined { .. } => "pair_declined",
            Self::Withdrawn { .. } => "withdrawn",
            Self::Refused { .. } => "refused",
            Self::Suspended { .. } => "suspended",
            Self::Resumed { .. } => "resumed",
            Self::StruckOff { .. } => "struck_off",
            Self::Reopened { .. } => "reopened",
            Self::Posted { .. } => "posted",
            Self::DayPassed => "day_passed",
        }
    }
}

/// A document read and checked: what it adds to a dossier.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Examined {
    pub document: DocumentId,
    /// As the bank named it, escaped for showing.
    pub name: String,
    pub sha256: Sha256,
    /// Forms of this document that belong to the dossier; none for a blank or foreign document dropped with it.
    pub extractions: Vec<Extraction>,
    /// What is wrong within the document itself. Findings across documents are worked out by the dossier.
    pub findings: Vec<Finding>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Settlement {
    /// The value read is right.
    Accept,
    /// The right value.
    Value(Value),
    /// Nothing stands on the paper.
    Absent,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Acknowledged {
    Accepted {
        numero_affiliation: Option<String>,
        numero_terminal: Option<String>,
        identifiant_sps: Option<String>,
    },
    Pending {
        reason: String,
    },
    Rejected {
        /// Reason codes of the declaration format with their labels.
        reasons: Vec<(String, String)>,
    },
}

/// What became of one test scenario.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TestResult {
    /// Code of the scenario in the grid.
    pub code: String,
    pub verdict: Verdict,
    /// Network of the card (CIB, Visa, …). Never its number.
    #[serde(default)]
    pub network: Option<String>,
    /// What was seen, in the words of who ran the test.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub observed: Option<String>,
    /// Authorisation number of an accepted payment. Never a card number.
    #[serde(default)]
    pub authorisation: Option<String>,
    /// Number of the order that was paid, as the merchant's site gave it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order: Option<String>,
    /// When the test was run, as it was written: some write the hour alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time: Option<String>,
    #[serde(default)]
    pub remark: Option<String>,
}

impl TestResult {
    /// A verdict, and nothing else known yet.
    #[must_use]
    pub fn new(code: impl Into<String>, verdict: Verdict) -> Self {
        Self {
            code: code.into(),
            verdict,
            network: None,
            observed: None,
            authorisation: None,
            order: None,
            time: None,
            remark: None,
        }
    }

    /// Every text that was written about it; of a waiver its reason too.
    pub fn texts(&self) -> impl Iterator<Item = &str> {
        let waiver = match &self.verdict {
            Verdict::Derogation { reason, .. } => Some(reason.as_str()),
            Verdict::Conforme | Verdict::NonConforme => None,
        };
        let noted =
            [&self.network, &self.observed, &self.authorisation, &self.order, &self.time, &self.remark].into_iter();
        noted.flatten().map(String::as_str).chain(waiver)
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    Conforme,
    NonConforme,
    /// Waived: why, and by whom.
    Derogation {
        reason: String,
        by: String,
    },
}
