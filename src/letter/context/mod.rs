//! What a letter's template is given. Every name is always there, empty where there is nothing to say.

mod teller;

use std::collections::BTreeSet;

use serde::Serialize;

use super::{Desk, Matter};
use crate::domain::dossier::{Declared, Dossier, DossierRef};
use crate::domain::field::{Extraction, Field, Value};
use crate::domain::finding::Severity;
use crate::domain::login;
use crate::domain::masking;
use crate::domain::notification::{Notification, Recipient, Subject};
use crate::domain::requirement::{Requirement, State};
use crate::domain::values::{ValueType, parse_date};
use crate::templates::folded;
use teller::{Teller, day, tunis};

/// The context of every letter.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct Context {
    to: Recipient,
    dossier: About,
    /// Its name where it is firm, else « le commerçant ».
    merchant: String,
    bank: String,
    /// What comes next and who acts, by the dossier's step.
    next: Next,
    /// The same, but what is asked where something is.
    asked_next: String,
    requirements: Vec<Line>,
    /// Something is wrong, and not only missing.
    rejected: bool,
    /// The declaration the letter is about; its texts are empty when it is about none.
    file: File,
    reasons: Vec<Coded>,
    numbers: Vec<Number>,
    /// Numbers that the production declaration still lacks, joined by commas.
    lacking: String,
    report: Report,
    failing: Vec<Coded>,
    scenarios: Vec<Coded>,
    /// Of these, those that have not been passed.
    remaining: Vec<Coded>,
    cards: String,
    users: Vec<User>,
    site: String,
    expiry: String,
    expired: bool,
    /// How long something has been waited for, in words: `12 jours`.
    days: String,
    /// Since when the dossier stands where it stands, and why when somebody gave a reason.
    since: String,
    reason: String,
    /// Where consultation users look at transactions.
    console: String,
    history: Vec<Reached>,
    /// Documents that were set aside.
    documents: Vec<Line>,
    /// Names of what goes with the letter.
    attachments: Vec<String>,
}

/// What surrounds a letter in HTML; its parts are escaped already.
#[derive(Debug, Serialize)]
pub(super) struct Frame<'a> {
    pub language: &'a str,
    pub direction: &'a str,
    pub subject: &'a str,
    pub next_title: &'a str,
    pub greeting: String,
    pub next: String,
    pub body: String,
    pub closing: String,
    pub footer: String,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
struct About {
    /// Empty when the letter is about no dossier.
    reference: String,
    step: u8,
    /// `5/10`, in one piece so that no writing direction turns it around.
    progress: String,
    step_name: String,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
struct Next {
    text: String,
    who: String,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
struct Line {
    /// Label, form and place, in one line.
    heading: String,
    state_name: String,
    actor_name: String,
    value: String,
    text: String,
    remedy: String,
}

#[derive(Debug, Clone, Default, PartialEq, Serialize)]
struct File {
    name: String,
    type_name: String,
    operation: &'static str,
    operation_name: String,
    /// Its receiver has taken it.
    accepted: bool,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
struct Coded {
    code: String,
    text: String,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
struct Number {
    label: String,
    value: String,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
struct Report {
    reference: String,
    date: String,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
struct User {
    name: String,
    /// Masked: the letter goes to several people.
    email: String,
    login: String,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
struct Reached {
    date: String,
    step_name: String,
}

impl Context {
    pub(super) fn of(desk: &Desk<'_>, notification: &Notification, matter: &Matter<'_>) -> Self {
        let Matter { requirements, bank, at, .. } = *matter;
        let none;
        let dossier = if let Some(dossier) = matter.dossier {
            dossier
        } else {
            none = Dossier::open(DossierRef::new(0, 0), None, at);
            &none
        };
        let language = notification.language;
        let words = desk.templates.words(language);
        let teller = Teller { desk, words, language };
        let step = dossier.step;
        let declared = declared_of(dossier, notification);
        let next = Next { text: words.of("next", step.as_str()), who: words.of("who", step.as_str()) };
        let lines: Vec<Line> = requirements
            .iter()
            .filter(|requirement| concerns(notification, requirement))
            .map(|requirement| teller.line(requirement))
            .collect();
        let asked_next = match lines.as_slice() {
            [] => format!("{} ({})", next.text, next.who),
            [only] if !only.remedy.is_empty() => format!("{} ({})", only.remedy, only.actor_name),
            [only] => format!("{} ({})", only.text, only.actor_name),
            _ => words.of("asked", "many"),
        };
        let fiche = dossier.fiche.as_ref();
        let expiry = fiche.and_then(|form| form.text("expiration_ssl")).and_then(|text| parse_date(text).ok());
        let today = at.to_zoned(tunis()).date();
        let since = declared.filter(|_| notification.subject == Subject::AcknowledgementLate);
        let since = since.map_or(dossier.since, |declared| declared.at);
        let unnamed = || words.of("party", "merchant");
        Self {
            to: notification.to,
            dossier: About {
                reference: matter.dossier.map(|dossier| dossier.reference.to_string()).unwrap_or_default(),
                step: step.number(),
                progress: format!("{}/10", step.number()),
                step_name: words.of("step", step.as_str()),
            },
            merchant: firm(dossier.adhesion.as_ref(), "raison_sociale")
                .or_else(|| firm(fiche, "raison_sociale"))
                .unwrap_or_else(unnamed),
            bank: bank.map(folded).unwrap_or_default(),
            next,
            asked_next,
            rejected: requirements.iter().any(|requirement| {
                requirement.state == State::InError && requirement.finding.severity == Severity::Reject
            }),
            requirements: lines,
            file: declared.map(|declared| teller.file(declared, notification)).unwrap_or_default(),
            reasons: declared.map(|declared| teller.reasons(declared)).unwrap_or_default(),
            numbers: teller.numbers(dossier),
            lacking: teller.lacking(dossier),
            report: Report {
                reference: allocated(dossier, "reference_pv_recette"),
                date: day_of(&allocated(dossier, "date_pv_recette")),
            },
            failing: teller.failing(dossier),
            scenarios: teller.scenarios(dossier),
            remaining: teller.remaining(dossier),
            cards: list(dossier.adhesion.as_ref(), "cartes").join(", "),
            users: users(dossier.users(), notification),
            site: firm(fiche, "url_site").unwrap_or_default(),
            expiry: expiry.map(|date| date.strftime("%d/%m/%Y").to_string()).unwrap_or_default(),
            expired: expiry.is_some_and(|date| date < today),
            days: teller.days((at.as_second() - since.as_second()).max(0) / 86_400),
            since: day(dossier.since),
            reason: dossier.history.last().and_then(|last| last.reason.as_deref()).map(folded).unwrap_or_default(),
            console: words.of("address", "console"),
            history: teller.history(dossier),
            documents: notification.documents.iter().map(|aside| teller.aside(aside)).collect(),
            attachments: matter.attachments.iter().map(|attached| attached.name.clone()).collect(),
        }
    }
}

/// Merchants are not told what operators look at; receivers of files are told nothing of the forms.
fn concerns(notification: &Notification, requirement: &Requirement) -> bool {
    match notification.to {
        Recipient::Bank | Recipient::Operations => true,
        Recipient::Merchant | Recipient::Webmaster => requirement.state != State::BeingChecked,
        Recipient::Monetique | Recipient::User => false,
    }
}

/// The declaration a letter is about: the one its occasion names, else the last.
fn declared_of<'a>(dossier: &'a Dossier, notification: &Notification) -> Option<&'a Declared> {
    let named =
        |declared: &&Declared| declared.file.as_deref().is_some_and(|file| notification.occasion.ends_with(file));
    dossier.declared.iter().rev().find(named).or_else(|| dossier.declared.last())
}

/// A value that may be shown because it is trusted or settled.
fn firm(form: Option<&Extraction>, key: &str) -> Option<String> {
    let field = form?.fields.get(&key.into())?;
    let text = field.value.as_text()?;
    (field.trust.is_firm() && !text.trim().is_empty()).then(|| folded(text))
}

fn list(form: Option<&Extraction>, key: &str) -> Vec<String> {
    match form.and_then(|form| form.value(key)) {
        Some(Value::List(items)) => items.iter().map(|item| folded(item)).collect(),
        Some(Value::Text(text)) => vec![folded(text)],
        _ => Vec::new(),
    }
}

/// Consultation users with the login that is declared for them; of a letter to one of them, that one alone.
fn users(rows: &[Vec<Field>], notification: &Notification) -> Vec<User> {
    let mut taken = BTreeSet::new();
    let mut users = Vec::new();
    for row in rows {
        let of = |key: &str| {
            let cell = row.iter().find(|cell| cell.key.as_str() == key);
            cell.and_then(|cell| cell.value.as_text()).map(folded).unwrap_or_default()
        };
        let (nom, prenom, email) = (of("nom"), of("prenom"), of("email"));
        let login = login::login(&email, &nom, &mut taken);
        if notification.to == Recipient::User
            && !notification.addresses.iter().any(|to| to.eq_ignore_ascii_case(&email))
        {
            continue;
        }
        let name = format!("{prenom} {nom}").trim().to_owned();
        users.push(User { name, email: masking::masked(ValueType::Email, &email), login });
    }
    users
}

fn allocated(dossier: &Dossier, key: &str) -> String {
    dossier.allocated.get(key).and_then(Value::as_text).map(folded).unwrap_or_default()
}

/// An ISO date as people write it; anything else as it is.
fn day_of(iso: &str) -> String {
    iso.parse::<jiff::civil::Date>().map_or_else(|_| iso.to_owned(), |date| date.strftime("%d/%m/%Y").to_string())
}
