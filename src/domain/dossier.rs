//! The dossier: one merchant's case, from the first document to the last step.
//!
//! Pure: the same dossier, event and instant give the same decision.

use std::collections::BTreeMap;
use std::fmt;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::bank::{Bank, BankFolder};
use super::declaration::{Departures, FileType, Operation};
use super::document::{DocumentId, Kind, Sha256};
use super::effect::Effect;
use super::event::TestResult;
use super::field::{Extraction, Field, FieldKey, Value};
use super::finding::Finding;
use super::grid::Grid;
use super::notification::Language;
use super::pairing::Proposal;
use super::personal::discreet;
use super::step::Step;

/// Reference shown to everyone, 10 characters (the declaration format gives it 12): `D26-000123`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct DossierRef(String);

impl DossierRef {
    /// The reference of the `number`th dossier of a year.
    #[must_use]
    pub fn new(year: i16, number: u32) -> Self {
        Self(format!("D{:02}-{number:06}", year.rem_euclid(100)))
    }

    /// Reads a reference as a person types it; case and spaces around do not matter.
    pub fn parse(text: &str) -> Result<Self, InvalidReference> {
        let text = text.trim().to_ascii_uppercase();
        let bytes = text.as_bytes();
        let ok = bytes.len() == 10
            && bytes[0] == b'D'
            && bytes[3] == b'-'
            && bytes[1..3].iter().chain(&bytes[4..]).all(u8::is_ascii_digit);
        if ok { Ok(Self(text)) } else { Err(InvalidReference(text)) }
    }

    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[derive(Debug, thiserror::Error)]
#[error("{0:?} n'est pas une référence de dossier (elles sont de la forme D26-000123)")]
pub struct InvalidReference(String);

impl TryFrom<String> for DossierRef {
    type Error = InvalidReference;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text)
    }
}

impl From<DossierRef> for String {
    fn from(reference: DossierRef) -> Self {
        reference.0
    }
}

impl fmt::Display for DossierRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The case file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Dossier {
    pub reference: DossierRef,
    /// Folder of the bank that sent it; `None` while no document has told the bank.
    pub bank: Option<BankFolder>,
    pub step: Step,
    pub opened: Timestamp,
    /// Since when the dossier stands at this step.
    pub since: Timestamp,
    /// Every document received for it, oldest first; newer ones of a kind supersede older ones.
    pub documents: Vec<Held>,
    /// The forms in force: as read, with what people settled.
    pub adhesion: Option<Extraction>,
    pub fiche: Option<Extraction>,
    /// Findings in force, across documents included.
    pub findings: Vec<Finding>,
    /// Of these, what was found about the files as such, by document.
    pub noted: Vec<(DocumentId, Finding)>,
    /// Findings a person has overridden, with the reason.
    pub overridden: Vec<Overridden>,
    /// `numero_affiliation`, `numero_terminal`, `identifiant_sps`, `date_pv_recette`, …: given after the deposit.
    pub allocated: BTreeMap<String, Value>,
    /// The merchant's language: letters to it are written in it.
    pub language: Language,
    /// Everyone who settled, completed or overrode something: none of them may release what follows.
    pub hands: Vec<String>,
    /// Results of the test scenarios, by code.
    #[serde(default)]
    pub tests: BTreeMap<String, TestResult>,
    /// When results last came in.
    #[serde(default)]
    pub tested: Option<Timestamp>,
    /// Reports on the tests, oldest first, each with the results it was drawn up on.
    #[serde(default)]
    pub reports: Vec<Report>,
    /// Addresses that the mail server refuses, or that a letter came back from.
    #[serde(default)]
    pub unreached: Vec<Unreached>,
    /// Reminders already sent, so that each is sent once.
    pub reminded: Vec<String>,
    /// Dossiers that may be the same merchant's.
    #[serde(default)]
    pub proposals: Vec<Proposal>,
    /// The dossier that has taken this one's documents.
    #[serde(default)]
    pub joined: Option<DossierRef>,
    /// Declarations decided on, oldest first.
    pub declared: Vec<Declared>,
    /// So many of these belong to the time before the dossier was last reopened: what is answered to them moves no step.
    #[serde(default)]
    pub past: usize,
    /// Steps reached, oldest first; never rewritten.
    pub history: Vec<Reached>,
}

/// A document of the dossier.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct Held {
    pub document: DocumentId,
    pub name: String,
    /// Of its bytes; absent in what was written down before documents travelled with declarations.
    #[serde(default)]
    pub sha256: Option<Sha256>,
    pub kinds: Vec<Kind>,
    pub received: Timestamp,
    pub superseded: bool,
}

discreet!(Held { document, sha256, kinds, received, superseded; name });

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Overridden {
    pub finding: Finding,
    pub reason: String,
    pub by: String,
    pub at: Timestamp,
}

/// A declaration of this dossier and what became of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Declared {
    pub file_type: FileType,
    pub operation: Operation,
    /// `None` until it is published (then its number is known for good).
    pub file: Option<String>,
    /// Hash of what it says, to tell whether a new version says something else.
    pub content: Sha256,
    pub state: DeclaredState,
    /// Hashes of the documents that travel with it.
    #[serde(default)]
    pub pieces: Vec<Sha256>,
    /// The numbers that came with its acceptance, to tell a repeat from a contradiction.
    #[serde(default)]
    pub given: BTreeMap<String, String>,
    pub at: Timestamp,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeclaredState {
    /// Waits for release by a second person.
    Held,
    /// Waits for the batch of the day: it can still be recalled.
    Batched,
    /// Decided; on its way to the outbox.
    Ready,
    Published,
    Accepted,
    Rejected {
        reasons: Vec<(String, String)>,
    },
    Recalled,
}

impl DeclaredState {
    /// Has not left: nobody outside has seen it, and it can be taken back.
    #[must_use]
    pub fn waits(&self) -> bool {
        matches!(self, Self::Held | Self::Batched)
    }

    /// Is on its way to the receiver, or with it, and was not refused.
    #[must_use]
    pub fn is_out(&self) -> bool {
        matches!(self, Self::Ready | Self::Published | Self::Accepted)
    }
}

/// An address that letters do not reach.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unreached {
    pub address: String,
    /// What the mail server said, in short.
    pub why: String,
    pub at: Timestamp,
}

discreet!(Unreached { at; address, why });

/// A report on the tests (procès-verbal de recette). It keeps its results: later ones do not change what was concluded.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Report {
    pub reference: String,
    pub date: Date,
    pub favourable: bool,
    /// Codes of the tests to run again.
    pub failing: Vec<String>,
    pub results: BTreeMap<String, TestResult>,
    /// Who signs it for Monétique-Tunisie, when it was said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signatory: Option<String>,
    pub by: String,
    pub at: Timestamp,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Reached {
    pub step: Step,
    pub at: Timestamp,
    /// Name of the event.
    pub cause: String,
    /// Why, when a person said so: of a withdrawal, a refusal, a suspension.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// What the core decided: the dossier as it now is, and what is to be done in the world.
#[derive(Debug, Clone, PartialEq)]
pub struct Decision {
    pub dossier: Dossier,
    pub effects: Vec<Effect>,
}

/// An event that does not fit the dossier's step: a finding for a person, never a setback.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("{event} ne convient pas à un dossier à l'étape {step}")]
pub struct OutOfOrder {
    pub step: Step,
    pub event: &'static str,
    /// Which gate is shut, as a finding code with its own words.
    pub gate: &'static str,
}

/// What deciding needs beside the dossier: parts of the configuration and rules that are data. Given, never fetched.
#[derive(Clone, Copy)]
pub struct Terms<'a> {
    pub bank: Option<&'a Bank>,
    /// What waits for a second person, and what for the batch of the day.
    pub departures: Departures<'a>,
    /// Do the documents travel with the test declaration?
    pub pieces: bool,
    /// Keys that a declaration or a letter carries: they must be firm before the dossier is complete.
    pub carried: &'a [FieldKey],
    /// Mailboxes of Monétique-Tunisie's operators.
    pub monetique: &'a [String],
    /// Mailboxes of those who run this installation.
    pub operations: &'a [String],
    pub delays: &'a Delays,
    /// Scenarios of the test phase.
    pub grid: &'a Grid,
    pub counsel: &'a dyn Counsel,
    pub today: Date,
}

/// Days after which someone is reminded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delays {
    /// A dossier whose forms are awaited, or whose tests do not advance.
    pub idle: Vec<i32>,
    /// A declaration without acknowledgement.
    pub acknowledgement: i32,
    /// Before the certificate of the site expires.
    pub certificate: i32,
}

/// What the core asks of the rooms and of the data: checks it does not make itself.
pub trait Counsel: Sync {
    /// What is wrong within one form.
    fn examine(&self, extraction: &Extraction, today: Date) -> Vec<Finding>;
    /// What does not agree between the two forms.
    fn compare(&self, adhesion: &Extraction, fiche: &Extraction) -> Vec<Finding>;
    /// Values that follow from others, method `derived`; never over a value that is printed.
    fn derive(&self, adhesion: &Extraction) -> Vec<Field>;
    /// Two-digit code of the bank that a form names, by code or by name; `None` when it names none that is known.
    fn bank_named(&self, extraction: &Extraction) -> Option<String>;
    /// A finding about the dossier, with the severity the data gives its code.
    fn finding(&self, code: &str) -> Finding;
}

impl Dossier {
    /// Opens an empty dossier.
    #[must_use]
    pub fn open(reference: DossierRef, bank: Option<BankFolder>, now: Timestamp) -> Self {
        Self {
            reference,
            bank,
            step: Step::Forms,
            opened: now,
            since: now,
            documents: Vec::new(),
            adhesion: None,
            fiche: None,
            findings: Vec::new(),
            noted: Vec::new(),
            language: Language::default(),
            hands: Vec::new(),
            tests: BTreeMap::new(),
            tested: None,
            reports: Vec::new(),
            unreached: Vec::new(),
            reminded: Vec::new(),
            proposals: Vec::new(),
            joined: None,
            overridden: Vec::new(),
            allocated: BTreeMap::new(),
            declared: Vec::new(),
            past: 0,
            history: vec![Reached { step: Step::Forms, at: now, cause: "opened".to_owned(), reason: None }],
        }
    }
}
