//! The requirement list of a dossier: what is still asked, of whom, and why. Answers, letters, command line and console
//! all show this one list.

use serde::{Deserialize, Serialize};

use super::document::Kind;
use super::dossier::{DeclaredState, Dossier, Terms};
use super::event::Verdict;
use super::finding::{Finding, Severity};
use super::masking;
use super::step::Step;
use super::values::ValueType;

/// What a requirement waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Given, and wrong.
    InError,
    /// Should have come by now.
    Late,
    /// To be given; nothing is wrong yet.
    Due,
    /// With guichet, a reviewer, Monétique-Tunisie or the bank.
    BeingChecked,
}

impl State {
    /// Name under which there are words for it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::InError => "in_error",
            Self::Late => "late",
            Self::Due => "due",
            Self::BeingChecked => "being_checked",
        }
    }
}

/// Who must act.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Actor {
    Merchant,
    Bank,
    Monetique,
    /// The operator who reviews and releases.
    Operator,
}

impl Actor {
    /// Name under which there are words for it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Merchant => "merchant",
            Self::Bank => "bank",
            Self::Monetique => "monetique",
            Self::Operator => "operator",
        }
    }
}

/// One line of the list. The sentence and the remedy are those of the finding's code.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Requirement {
    pub state: State,
    pub actor: Actor,
    pub finding: Finding,
}

/// What is still asked, what is wrong first. Empty once the merchant is live and nothing is pending.
#[must_use]
pub fn requirements(dossier: &Dossier, terms: &Terms<'_>) -> Vec<Requirement> {
    let mut list = Vec::new();
    if !dossier.step.is_closed() {
        list.extend(of_the_forms(dossier, terms));
        list.extend(of_the_proposals(dossier, terms));
        list.extend(of_the_step(dossier, terms));
        list.extend(of_addresses(dossier, terms));
    }
    list.extend(of_the_declarations(dossier, terms));
    list.sort_by_key(|requirement| requirement.state);
    list
}

fn of_the_forms<'a>(dossier: &'a Dossier, terms: &'a Terms<'_>) -> impl Iterator<Item = Requirement> + 'a {
    let idle_since = terms.delays.idle.first().copied().unwrap_or(i32::MAX);
    let late = days_since(dossier.since, terms) >= idle_since;
    let findings = dossier.standing().filter(|finding| finding.blocks()).map(move |finding| {
        let by_the_bank = matches!(finding.code.as_str(), "unknown_mcc" | "missing_document" | "other_bank")
            || finding.field.as_ref().is_some_and(|key| key.as_str() == "code_mcc");
        let (state, actor) = match finding.severity {
            _ if finding.is_unsure() => (State::BeingChecked, Actor::Operator),
            Severity::Reject => (State::InError, if by_the_bank { Actor::Bank } else { Actor::Merchant }),
            _ => (if late { State::Late } else { State::Due }, if by_the_bank { Actor::Bank } else { Actor::Merchant }),
        };
        Requirement { state, actor, finding: finding.clone() }
    });
    let doubts = dossier.doubts(terms.carried).filter(|(form, field)| {
        // A value whose check fails is already told as such.
        !dossier.standing().any(|finding| {
            finding.blocks() && finding.field.as_ref() == Some(&field.key) && finding.kind == Some(form.kind)
        })
    });
    let doubts = doubts.map(|(form, field)| Requirement {
        state: State::BeingChecked,
        actor: Actor::Operator,
        finding: terms
            .counsel
            .finding("doubtful_value")
            .in_kind(form.kind)
            .about(&field.key, field.label.clone(), field.place.clone())
            .with("value", field.value.shown()),
    });
    findings.chain(doubts)
}

/// Dossiers that may be the same merchant's, while a form is missing here.
fn of_the_proposals<'a>(dossier: &'a Dossier, terms: &'a Terms<'_>) -> impl Iterator<Item = Requirement> + 'a {
    let lacks = dossier.adhesion.is_none() || dossier.fiche.is_none();
    dossier.proposals.iter().filter(move |proposal| lacks && !proposal.declined).map(|proposal| Requirement {
        state: State::BeingChecked,
        actor: Actor::Operator,
        finding: terms.counsel.finding("pair_proposed").with("dossier", proposal.with.to_string()),
    })
}

/// What the step itself waits for.
fn of_the_step(dossier: &Dossier, terms: &Terms<'_>) -> Vec<Requirement> {
    let ask = |state, actor, code: &str| Requirement { state, actor, finding: terms.counsel.finding(code) };
    match dossier.step {
        Step::Tests => of_the_tests(dossier, terms),
        Step::TestsPassed => super::decide::NUMBERED
            .iter()
            .filter(|key| dossier.number(key).is_none())
            .map(|key| Requirement {
                state: State::Due,
                actor: Actor::Bank,
                finding: terms.counsel.finding("number_needed").about(&(*key).into(), None, None),
            })
            .collect(),
        Step::Users if dossier.users().is_empty() => {
            vec![ask(State::Due, Actor::Merchant, "users_needed")]
        }
        _ => Vec::new(),
    }
}

/// Whole days between an instant and today; none when the clock went back.
fn days_since(then: jiff::Timestamp, terms: &Terms<'_>) -> i32 {
    (terms.today - then.to_zoned(jiff::tz::TimeZone::UTC).date()).get_days().max(0)
}

/// One line per scenario that is to be run or run again; once all are passed, the report.
fn of_the_tests(dossier: &Dossier, terms: &Terms<'_>) -> Vec<Requirement> {
    let applying = terms.grid.applying(dossier.adhesion.as_ref(), dossier.fiche.as_ref());
    let last = dossier.tested.map_or(dossier.since, |tested| tested.max(dossier.since));
    let idle = terms.delays.idle.first().copied().unwrap_or(i32::MAX);
    let to_run = if days_since(last, terms) >= idle { State::Late } else { State::Due };
    let mut list: Vec<Requirement> = applying
        .into_iter()
        .filter_map(|scenario| {
            let (state, code) = match dossier.tests.get(&scenario.code).map(|result| &result.verdict) {
                _ if dossier.to_run_again(&scenario.code) => (State::InError, "test_failed"),
                Some(Verdict::Conforme | Verdict::Derogation { .. }) => return None,
                Some(Verdict::NonConforme) => (State::InError, "test_failed"),
                None => (to_run, "test_to_run"),
            };
            let mut finding = terms.counsel.finding(code).with("test", scenario.code.clone());
            for (language, title) in &scenario.title {
                finding = finding.with(&format!("title.{language}"), title.clone());
            }
            Some(Requirement { state, actor: Actor::Merchant, finding })
        })
        .collect();
    if list.is_empty() {
        let finding = terms.counsel.finding("report_awaited");
        list.push(Requirement { state: State::BeingChecked, actor: Actor::Monetique, finding });
    }
    list
}

/// Someone who cannot be written to is a requirement, not a silence.
fn of_addresses(dossier: &Dossier, terms: &Terms<'_>) -> Vec<Requirement> {
    let mut list = Vec::new();
    let mut ask = |state, actor, finding| list.push(Requirement { state, actor, finding });
    let mailboxes = terms.bank.map(|bank| [bank.mailboxes.as_slice(), &bank.monetique].concat());
    if terms.bank.is_some_and(|bank| bank.mailboxes.is_empty()) && dossier.step != Step::Live {
        ask(State::Due, Actor::Operator, terms.counsel.finding("no_bank_mailbox"));
    }
    // On the forms a missing or faulty address is told as such; after them only an override leaves none to write to.
    if dossier.step != Step::Forms && dossier.merchant_addresses().is_empty() {
        ask(State::InError, Actor::Merchant, terms.counsel.finding("no_merchant_address").in_kind(Kind::Adhesion));
    }
    let of_merchant = [dossier.merchant_addresses(), dossier.webmaster_addresses(), dossier.user_addresses()].concat();
    for unreached in &dossier.unreached {
        let is = |address: &String| address.eq_ignore_ascii_case(&unreached.address);
        let actor = match &mailboxes {
            _ if of_merchant.iter().any(is) => Actor::Merchant,
            Some(mailboxes) if mailboxes.iter().any(|mailbox| mailbox.contains(unreached.address.as_str())) => {
                Actor::Operator
            }
            _ if terms.monetique.iter().chain(terms.operations).any(is) => Actor::Operator,
            // The address has been corrected since.
            _ => continue,
        };
        let finding = terms.counsel.finding("letter_refused").with("why", unreached.why.clone());
        ask(State::InError, actor, finding.with("address", masking::masked(ValueType::Email, &unreached.address)));
    }
    list
}

/// Declarations on their way: held, unanswered, rejected.
fn of_the_declarations(dossier: &Dossier, terms: &Terms<'_>) -> Vec<Requirement> {
    let mut list = Vec::new();
    for (at, declared) in dossier.declared.iter().enumerate() {
        let replaced = dossier.declared[at + 1..].iter().any(|later| later.file_type == declared.file_type);
        let days = days_since(declared.at, terms);
        let counter = if declared.file_type.to_bank() { Actor::Bank } else { Actor::Monetique };
        let (state, actor, code) = match &declared.state {
            DeclaredState::Held => (State::BeingChecked, Actor::Operator, "release_needed"),
            DeclaredState::Batched => (State::BeingChecked, Actor::Operator, "batch_awaited"),
            DeclaredState::Published if days >= terms.delays.acknowledgement => {
                (State::Late, counter, "acknowledgement_due")
            }
            DeclaredState::Published => (State::BeingChecked, counter, "acknowledgement_due"),
            DeclaredState::Rejected { .. } if !replaced => (State::InError, Actor::Operator, "declaration_rejected"),
            _ => continue,
        };
        let mut finding = terms.counsel.finding(code).with("type", declared.file_type.as_str());
        finding = finding.with("operation", declared.operation.as_str());
        if let Some(file) = &declared.file {
            finding = finding.with("file", file.clone());
        }
        if let DeclaredState::Rejected { reasons } = &declared.state {
            let told: Vec<String> =
                reasons.iter().map(|(code, label)| format!("{code} {label}").trim().to_owned()).collect();
            finding = finding.with("reasons", told.join(", "));
        }
        list.push(Requirement { state, actor, finding });
    }
    list
}
