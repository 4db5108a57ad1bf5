//! A notification: what someone must be told. How it is worded and sent is the letter's business.

use serde::{Deserialize, Serialize};

use super::bank::Bank;
use super::dossier::DossierRef;
use super::finding::Finding;
use super::personal::discreet;

/// Who is written to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Recipient {
    Merchant,
    Bank,
    /// Webmaster and contact named on the technical sheet.
    Webmaster,
    Monetique,
    Operations,
    /// A consultation user.
    User,
}

/// One letter per row of the procedure's table of e-mails; the template has this name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Subject {
    DossierOpened,
    FormsReceived,
    FormsToCorrect,
    DocumentSetAside,
    AcknowledgementSetAside,
    DossierSent,
    TestDeclared,
    TestRejected,
    TestsStart,
    TestsReminder,
    TestsComplete,
    TestsPassed,
    TestsFailed,
    ProductionToDeclare,
    ProductionDone,
    ServerDone,
    UsersToCreate,
    UserAccess,
    Live,
    ChangeOfState,
    AcknowledgementLate,
    CertificateExpiring,
    FormsReminder,
}

impl Subject {
    /// Name of the template folder under `templates/letters/<language>/`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::DossierOpened => "dossier_opened",
            Self::FormsReceived => "forms_received",
            Self::FormsToCorrect => "forms_to_correct",
            Self::DocumentSetAside => "document_set_aside",
            Self::AcknowledgementSetAside => "acknowledgement_set_aside",
            Self::DossierSent => "dossier_sent",
            Self::TestDeclared => "test_declared",
            Self::TestRejected => "test_rejected",
            Self::TestsStart => "tests_start",
            Self::TestsReminder => "tests_reminder",
            Self::TestsComplete => "tests_complete",
            Self::TestsPassed => "tests_passed",
            Self::TestsFailed => "tests_failed",
            Self::ProductionToDeclare => "production_to_declare",
            Self::ProductionDone => "production_done",
            Self::ServerDone => "server_done",
            Self::UsersToCreate => "users_to_create",
            Self::UserAccess => "user_access",
            Self::Live => "live",
            Self::ChangeOfState => "change_of_state",
            Self::AcknowledgementLate => "acknowledgement_late",
            Self::CertificateExpiring => "certificate_expiring",
            Self::FormsReminder => "forms_reminder",
        }
    }
}

/// Language of a letter: the merchant's for merchants, French for all others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Language {
    #[default]
    Fr,
    Ar,
    En,
}

impl Language {
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Fr => "fr",
            Self::Ar => "ar",
            Self::En => "en",
        }
    }
}

/// One letter to write.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct Notification {
    pub subject: Subject,
    /// `None` for documents that belong to no dossier.
    pub dossier: Option<DossierRef>,
    pub to: Recipient,
    /// Addresses: from the configuration for the bank side, firm fields of the form for the merchant side.
    pub addresses: Vec<String>,
    pub copies: Vec<String>,
    pub language: Language,
    /// Tells this letter from another of the same subject (a document's id, a declaration's name, a reminder's number):
    /// with the dossier and the subject it makes the Message-ID, so that a repeat is recognised.
    pub occasion: String,
    /// Documents that were set aside, when the letter is about these.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub documents: Vec<SetAside>,
}

/// A document that was set aside, and why.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct SetAside {
    /// As dropped, escaped for showing.
    pub name: String,
    pub finding: Finding,
}

discreet!(Notification { subject, dossier, to, language, occasion, documents; addresses, copies });
discreet!(SetAside { finding; name });

/// Documents named in one letter; a folder may hold hundreds.
const MOST_NAMED: usize = 20;

impl Notification {
    /// One letter about all documents of a deposit that were set aside: to the bank, a copy to those who run the
    /// installation; to these alone when no bank can be written to. `None` when there is nobody or nothing to tell.
    #[must_use]
    pub fn set_aside(
        mut documents: Vec<SetAside>,
        bank: Option<&Bank>,
        operations: &[String],
        occasion: String,
    ) -> Option<Self> {
        documents.truncate(MOST_NAMED);
        let mailboxes = bank.map(|bank| bank.mailboxes.clone()).unwrap_or_default();
        let (to, addresses, copies) = if mailboxes.is_empty() {
            (Recipient::Operations, operations.to_vec(), Vec::new())
        } else {
            (Recipient::Bank, mailboxes, operations.to_vec())
        };
        let told = !documents.is_empty() && !addresses.is_empty();
        told.then_some(Self {
            subject: Subject::DocumentSetAside,
            dossier: None,
            to,
            addresses,
            copies,
            language: Language::Fr,
            occasion,
            documents,
        })
    }

    /// To those who run the installation: an answer to a declaration was set aside, and its dossiers still wait for one. `None`
    /// when there is nobody to tell.
    #[must_use]
    pub fn acknowledgement_set_aside(aside: SetAside, operations: &[String], occasion: String) -> Option<Self> {
        (!operations.is_empty()).then(|| Self {
            subject: Subject::AcknowledgementSetAside,
            dossier: None,
            to: Recipient::Operations,
            addresses: operations.to_vec(),
            copies: Vec::new(),
            language: Language::Fr,
            occasion,
            documents: vec![aside],
        })
    }
}
