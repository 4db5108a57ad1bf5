//! What a letter's template is given. Every name is always there, empty where there is nothing to say.

use std::collections::BTreeSet;

use serde::Serialize;

use super::{Desk, Matter};
use crate::domain::dossier::{Declared, DeclaredState, Dossier, DossierRef};
use crate::domain::event::Verdict;
use crate::domain::field::{Extraction, Field, Value};
use crate::domain::finding::Severity;
use crate::domain::grid::Scenario;
use crate::domain::login;
use crate::domain::masking;
use crate::domain::notification::{Language, Notification, Recipient, SetAside, Subject};
use crate::domain::requirement::{Requirement, State};
use crate::domain::values::{ValueType, parse_date};
use crate::shown;
use crate::templates::{Words, folded};

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
    operation_name: String,
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
        let dossier = match matter.dossier {
            Some(dossier) => dossier,
            None => {
                none = Dossier::open(DossierRef::new(0, 0), None, at);
                &none
            }
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

/// Turns what the dossier knows into words of one language.
struct Teller<'a> {
    desk: &'a Desk<'a>,
    words: &'a Words,
    language: Language,
}

impl Teller<'_> {
    fn line(&self, requirement: &Requirement) -> Line {
        let finding = shown::finding(self.desk.forms, &requirement.finding);
        let said = self.desk.templates.say(&finding, self.language);
        let own = finding.label.as_deref().map(folded).filter(|label| !label.is_empty());
        let label = finding.field.as_ref().map(|key| own.unwrap_or_else(|| self.words.of("field", key.as_str())));
        let form = finding.kind.map(|kind| self.words.of("kind", kind.as_str()));
        let place = finding.place.as_ref().map(|place| self.words.place(place));
        let state_name = self.words.of("state", &code_of(&requirement.state));
        let parts: Vec<String> = [label, form, place].into_iter().flatten().collect();
        let heading = match self.language {
            _ if parts.is_empty() => state_name.clone(),
            // Each part keeps its own direction.
            Language::Ar => parts.iter().map(|part| format!("\u{2068}{part}\u{2069}")).collect::<Vec<_>>().join("، "),
            _ => parts.join(", "),
        };
        // Not twice: many sentences hold it.
        let value = finding.details.get("value").map(|value| folded(value));
        let value = value.filter(|value| finding.field.is_some() && !said.text.contains(value.as_str()));
        Line {
            heading,
            state_name,
            actor_name: self.words.of("actor", &code_of(&requirement.actor)),
            value: value.unwrap_or_default(),
            text: said.text,
            remedy: said.remedy,
        }
    }

    /// A document that was set aside: its name, why, and what to do.
    fn aside(&self, aside: &SetAside) -> Line {
        let finding = shown::finding(self.desk.forms, &aside.finding);
        let said = self.desk.templates.say(&finding, self.language);
        let name = folded(&aside.name);
        Line {
            heading: if self.language == Language::Ar { format!("\u{2068}{name}\u{2069}") } else { name },
            state_name: String::new(),
            actor_name: self.words.of("actor", "bank"),
            value: String::new(),
            text: said.text,
            remedy: said.remedy,
        }
    }

    fn file(&self, declared: &Declared, notification: &Notification) -> File {
        // The occasion of a letter about a file is the file's name, or ends with it.
        let named = declared.file.clone().filter(|file| notification.occasion.ends_with(file.as_str()));
        File {
            name: named.unwrap_or_default(),
            type_name: self.words.of("file", declared.file_type.as_str()),
            operation_name: self.words.of("operation", &code_of(&declared.operation)),
        }
    }

    fn reasons(&self, declared: &Declared) -> Vec<Coded> {
        let DeclaredState::Rejected { reasons } = &declared.state else { return Vec::new() };
        let known = |code: &str| self.desk.layouts.reasons.get(code).cloned();
        reasons
            .iter()
            .map(|(code, label)| Coded {
                code: folded(code),
                text: known(code).filter(|_| label.trim().is_empty()).unwrap_or_else(|| folded(label)),
            })
            .collect()
    }

    fn numbers(&self, dossier: &Dossier) -> Vec<Number> {
        let number = |key: &str| {
            let value = dossier.number(key)?.as_text()?;
            Some(Number { label: self.words.of("field", key), value: folded(value) })
        };
        ["numero_affiliation", "numero_terminal", "code_mcc"].into_iter().filter_map(number).collect()
    }

    fn lacking(&self, dossier: &Dossier) -> String {
        let keys = ["numero_affiliation", "numero_terminal", "code_mcc"];
        let lacking = keys.into_iter().filter(|key| dossier.number(key).is_none());
        lacking.map(|key| self.words.of("the_field", key)).collect::<Vec<_>>().join(", ")
    }

    fn failing(&self, dossier: &Dossier) -> Vec<Coded> {
        let Some(Value::List(codes)) = dossier.allocated.get("tests_a_reprendre") else { return Vec::new() };
        codes
            .iter()
            .map(|code| match self.desk.grid.scenarios.iter().find(|scenario| scenario.code == *code) {
                Some(scenario) => self.test(scenario),
                None => Coded { code: folded(code), text: String::new() },
            })
            .collect()
    }

    /// A number of days, in the forms that Arabic has and the others have in part.
    fn days(&self, days: i64) -> String {
        let form = match days {
            1 => "one",
            2 => "two",
            3..=10 => "few",
            _ => "many",
        };
        self.words.of("days", form).replace("{n}", &days.to_string())
    }

    /// The tests that this merchant runs, in their order.
    fn scenarios(&self, dossier: &Dossier) -> Vec<Coded> {
        let applying = self.desk.grid.applying(dossier.adhesion.as_ref(), dossier.fiche.as_ref());
        applying.into_iter().map(|scenario| self.test(scenario)).collect()
    }

    /// Of these, those that have not been passed.
    fn remaining(&self, dossier: &Dossier) -> Vec<Coded> {
        let applying = self.desk.grid.applying(dossier.adhesion.as_ref(), dossier.fiche.as_ref());
        let open = |code: &str| {
            let passed = dossier.tests.get(code).is_some_and(|result| result.verdict != Verdict::NonConforme);
            !passed || dossier.to_run_again(code)
        };
        applying.into_iter().filter(|scenario| open(&scenario.code)).map(|scenario| self.test(scenario)).collect()
    }

    fn test(&self, scenario: &Scenario) -> Coded {
        let language = self.language.as_str();
        Coded { code: scenario.code.clone(), text: scenario.title_in(language).to_owned() }
    }

    fn history(&self, dossier: &Dossier) -> Vec<Reached> {
        let reached = dossier
            .history
            .iter()
            .map(|reached| Reached { date: day(reached.at), step_name: self.words.of("step", reached.step.as_str()) });
        reached.collect()
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

fn day(at: jiff::Timestamp) -> String {
    at.to_zoned(tunis()).strftime("%d/%m/%Y").to_string()
}

/// Tunisia keeps one hour ahead of UTC all year.
fn tunis() -> jiff::tz::TimeZone {
    jiff::tz::TimeZone::fixed(jiff::tz::offset(1))
}

fn code_of(value: &impl Serialize) -> String {
    serde_json::to_value(value).ok().and_then(|code| code.as_str().map(ToOwned::to_owned)).unwrap_or_default()
}
