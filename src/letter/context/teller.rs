//! What a dossier knows, in the words of one language.

use super::super::Desk;
use super::{Coded, File, Line, Number, Reached};
use crate::domain::dossier::{Declared, DeclaredState, Dossier};
use crate::domain::event::Verdict;
use crate::domain::field::Value;
use crate::domain::grid::Scenario;
use crate::domain::notification::{Language, Notification, SetAside};
use crate::domain::requirement::Requirement;
use crate::shown;
use crate::templates::{Words, folded};

/// Turns what the dossier knows into words of one language.
pub(super) struct Teller<'a> {
    pub(super) desk: &'a Desk<'a>,
    pub(super) words: &'a Words,
    pub(super) language: Language,
}

impl Teller<'_> {
    pub(super) fn line(&self, requirement: &Requirement) -> Line {
        let shown::Asked { told, state_name, actor_name } =
            shown::asked(self.desk.forms, self.desk.templates, requirement, self.language);
        let parts: Vec<String> = [told.label, told.form, told.place].into_iter().flatten().collect();
        let heading = match self.language {
            _ if parts.is_empty() => state_name.clone(),
            // Each part keeps its own direction.
            Language::Ar => parts.iter().map(|part| format!("\u{2068}{part}\u{2069}")).collect::<Vec<_>>().join("، "),
            _ => parts.join(", "),
        };
        Line {
            heading,
            state_name,
            actor_name,
            value: told.value.unwrap_or_default(),
            text: told.text,
            remedy: told.remedy,
        }
    }

    /// A document that was set aside: its name, why, and what to do.
    pub(super) fn aside(&self, aside: &SetAside) -> Line {
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

    pub(super) fn file(&self, declared: &Declared, notification: &Notification) -> File {
        // The occasion of a letter about a file is the file's name, or ends with it.
        let named = declared.file.clone().filter(|file| notification.occasion.ends_with(file.as_str()));
        File {
            type_name: self.words.of("file", declared.file_type.as_str()),
            operation: declared.operation.as_str(),
            operation_name: self.words.of("operation", declared.operation.as_str()),
            accepted: named.is_some() && declared.state == DeclaredState::Accepted,
            name: named.unwrap_or_default(),
        }
    }

    pub(super) fn reasons(&self, declared: &Declared) -> Vec<Coded> {
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

    pub(super) fn numbers(&self, dossier: &Dossier) -> Vec<Number> {
        let number = |key: &str| {
            let value = dossier.number(key)?.as_text()?;
            Some(Number { label: self.words.of("field", key), value: folded(value) })
        };
        ["numero_affiliation", "numero_terminal", "code_mcc"].into_iter().filter_map(number).collect()
    }

    pub(super) fn lacking(&self, dossier: &Dossier) -> String {
        let keys = ["numero_affiliation", "numero_terminal", "code_mcc"];
        let lacking = keys.into_iter().filter(|key| dossier.number(key).is_none());
        lacking.map(|key| self.words.of("the_field", key)).collect::<Vec<_>>().join(", ")
    }

    pub(super) fn failing(&self, dossier: &Dossier) -> Vec<Coded> {
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
    pub(super) fn days(&self, days: i64) -> String {
        let form = match days {
            1 => "one",
            2 => "two",
            3..=10 => "few",
            _ => "many",
        };
        self.words.of("days", form).replace("{n}", &days.to_string())
    }

    /// The tests that this merchant runs, in their order.
    pub(super) fn scenarios(&self, dossier: &Dossier) -> Vec<Coded> {
        let applying = self.desk.grid.applying(dossier.adhesion.as_ref(), dossier.fiche.as_ref());
        applying.into_iter().map(|scenario| self.test(scenario)).collect()
    }

    /// Of these, those that have not been passed.
    pub(super) fn remaining(&self, dossier: &Dossier) -> Vec<Coded> {
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

    pub(super) fn history(&self, dossier: &Dossier) -> Vec<Reached> {
        let reached = dossier
            .history
            .iter()
            .map(|reached| Reached { date: day(reached.at), step_name: self.words.of("step", reached.step.as_str()) });
        reached.collect()
    }
}

pub(super) fn day(at: jiff::Timestamp) -> String {
    at.to_zoned(tunis()).strftime("%d/%m/%Y").to_string()
}

/// Tunisia keeps one hour ahead of UTC all year.
pub(super) fn tunis() -> jiff::tz::TimeZone {
    jiff::tz::TimeZone::fixed(jiff::tz::offset(1))
}
