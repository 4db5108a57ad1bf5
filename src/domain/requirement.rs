//! The requirement list of a dossier: what is still asked, of whom, and why. Answers, letters, command line and console
//! all show this one list.

use serde::{Deserialize, Serialize};

use super::dossier::{DeclaredState, Dossier, Terms};
use super::event::Verdict;
use super::finding::{Finding, Severity};
use super::step::Step;

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
    let late = (terms.today - dossier.since.to_zoned(jiff::tz::TimeZone::UTC).date()).get_days() >= idle_since;
    let findings = dossier.standing().filter(|finding| finding.blocks()).map(move |finding| {
        let unsure = finding.details.contains_key("unsure");
        let by_the_bank = matches!(finding.code.as_str(), "unknown_mcc" | "missing_document" | "other_bank")
            || finding.field.as_ref().is_some_and(|key| key.as_str() == "code_mcc");
        let (state, actor) = match finding.severity {
            _ if unsure => (State::BeingChecked, Actor::Operator),
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

/// One line per scenario that is to be run or run again; once all are passed, the report.
fn of_the_tests(dossier: &Dossier, terms: &Terms<'_>) -> Vec<Requirement> {
    let applying = terms.grid.applying(dossier.adhesion.as_ref(), dossier.fiche.as_ref());
    let mut list: Vec<Requirement> = applying
        .into_iter()
        .filter_map(|scenario| {
            let (state, code) = match dossier.tests.get(&scenario.code).map(|result| &result.verdict) {
                Some(Verdict::Conforme | Verdict::Derogation { .. }) => return None,
                Some(Verdict::NonConforme) => (State::InError, "test_failed"),
                None => (State::Due, "test_to_run"),
            };
            let title = scenario.title.get("fr").cloned().unwrap_or_default();
            let finding = terms.counsel.finding(code).with("test", scenario.code.clone()).with("title", title);
            Some(Requirement { state, actor: Actor::Merchant, finding })
        })
        .collect();
    if list.is_empty() {
        let finding = terms.counsel.finding("report_awaited");
        list.push(Requirement { state: State::BeingChecked, actor: Actor::Monetique, finding });
    }
    list
}

/// A merchant who cannot be written to is a requirement, not a silence.
fn of_addresses(dossier: &Dossier, terms: &Terms<'_>) -> Vec<Requirement> {
    let bank_unreachable = terms.bank.is_some_and(|bank| bank.mailboxes.is_empty());
    let finding = || terms.counsel.finding("no_bank_mailbox");
    if bank_unreachable && dossier.step != Step::Live {
        vec![Requirement { state: State::Due, actor: Actor::Operator, finding: finding() }]
    } else {
        Vec::new()
    }
}

/// Declarations on their way: held, unanswered, rejected.
fn of_the_declarations(dossier: &Dossier, terms: &Terms<'_>) -> Vec<Requirement> {
    let mut list = Vec::new();
    for (at, declared) in dossier.declared.iter().enumerate() {
        let replaced = dossier.declared[at + 1..].iter().any(|later| later.file_type == declared.file_type);
        let days = (terms.today - declared.at.to_zoned(jiff::tz::TimeZone::UTC).date()).get_days();
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
