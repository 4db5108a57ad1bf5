//! What each unit is: label, second language of a label, part of an account, running text, or free to answer.

use std::collections::{HashMap, HashSet};

use super::{LEAST_ROW_HEAD, Reader};
use crate::domain::field::Rect;
use crate::domain::values::ValueType;
use crate::extraction::engine::answers;
use crate::extraction::engine::fold;
use crate::extraction::engine::neighbours::{Neighbours, Role};
use crate::extraction::engine::questions::Question;
use crate::extraction::engine::sections;
use crate::extraction::engine::units::Unit;

/// And before a form field when it is this near.
const LEAST_FIELD_HEAD: f32 = 0.4;

/// So many Arabic texts in one column beside labels are the labels' other language.
const LEAST_ECHOES: usize = 3;

/// So many labels in two languages make a page of two languages.
const LEAST_BILINGUAL: usize = 2;

impl Reader<'_> {
    pub(super) fn roles(&self, questions: &[Vec<Question>]) -> Vec<Role> {
        self.units
            .iter()
            .zip(questions)
            .map(|(unit, questions)| {
                let asks = questions.iter().any(|question| question.marked && question.likeness >= 0.6);
                // A column of colons parts labels from answers, and is neither.
                let colon = unit.tokens.len() == 1 && matches!(unit.tokens[0].text.as_str(), ":" | "：");
                if colon {
                    Role::Echo
                } else if answers::is_prose(unit) && !asks {
                    Role::Prose
                } else if questions.is_empty() {
                    Role::Free
                } else {
                    Role::Label
                }
            })
            .collect()
    }

    /// Wordings nobody has listed, where a label stands: at the head of a row, before something that asks for one.
    pub(super) fn add_row_heads(&self, questions: &mut [Vec<Question>], options: &[bool]) {
        let roles = self.roles(questions);
        let near = Neighbours::new(self.units, self.pages, roles);
        let (size, bold) = self.label_type(questions);
        let out = |unit: &Unit| sections::stands_out(unit, size, bold);
        let mut found = Vec::new();
        for (at, unit) in self.units.iter().enumerate() {
            if near.roles[at] != Role::Free || unit.widget.is_some() || options[at] || unit.tokens.len() > 10 {
                continue;
            }
            let row = near.row(unit.page, &unit.area);
            let left = row.iter().rev().find(|other| self.units[**other].area.x1 <= unit.area.x0 + 3.0);
            let right = row.iter().find(|other| self.units[**other].area.x0 >= unit.area.x1 - 3.0);
            let heads = left.is_none_or(|left| {
                near.roles[*left] != Role::Label || questions[*left].iter().any(|question| !question.content.is_empty())
            });
            let asks_under = right.is_none() && near.below(unit).is_some_and(|below| near.roles[below] == Role::Free);
            let asks_field = near.asks_a_field(at);
            // Two texts side by side that are both set apart from the labels head two blocks.
            let heads_block = |right: &Unit| out(unit) && out(right) && unit.bold == right.bold && !right.has_ticks();
            if right.is_some_and(|right| heads_block(&self.units[*right])) && !asks_field {
                continue;
            }
            if !heads || !asks_under && !asks_field && right.is_none_or(|right| near.roles[*right] != Role::Free) {
                continue;
            }
            let text = unit.text();
            let meaning = self.lexicon.meaning(&text);
            let likeness = self.lexicon.label_likeness(&meaning);
            // Under a label that waits for its answer only words that all say something are a label of their own.
            let answers_above = near.above(unit).is_some_and(|above| {
                near.roles[above] == Role::Label && questions[above].iter().all(|question| question.content.is_empty())
            });
            let known = likeness >= LEAST_ROW_HEAD && !((answers_above || asks_under) && meaning.has_unknown());
            // What stands before a form field asks for it, in whatever words.
            if !meaning.near && (known || likeness >= LEAST_FIELD_HEAD && asks_field) {
                found.push(Question {
                    unit: at,
                    page: unit.page,
                    label: text,
                    meaning,
                    label_box: unit.ink,
                    marked: false,
                    split: false,
                    likeness,
                    content: unit.tokens.len()..unit.tokens.len(),
                });
            }
        }
        for question in found {
            let at = question.unit;
            questions[at].push(question);
        }
    }

    /// The Arabic half of a bilingual form: beside or under a label in Latin letters.
    pub(super) fn mark_echoes(&self, questions: &[Vec<Question>], roles: &mut [Role]) {
        let is_arabic = |at: &usize| {
            let unit = &self.units[*at];
            unit.widget.is_none() && !unit.has_ticks() && fold::is_arabic_only(&unit.text())
        };
        let written: Vec<usize> = (0..self.units.len()).filter(is_arabic).collect();
        if written.is_empty() {
            return;
        }
        let near = Neighbours::new(self.units, self.pages, roles.to_vec());
        let latin =
            |at: usize| questions[at].iter().any(|question| question.label.chars().any(|c| c.is_ascii_alphabetic()));
        for at in self.echo_columns(&written, &near, latin) {
            roles[at] = Role::Echo;
        }
        let arabic: Vec<usize> =
            written.into_iter().filter(|at| self.lexicon.is_arabic_label(&self.units[*at].text())).collect();
        for at in arabic {
            let unit = &self.units[at];
            // One line of slack: the Arabic half may be wrapped under the row it belongs to.
            let reach = Rect { y0: unit.area.y0 - unit.size.max(6.0), ..unit.area };
            let beside = near.row(unit.page, &unit.area).into_iter().chain(near.row(unit.page, &reach));
            if beside.into_iter().any(|other| other != at && latin(other)) {
                roles[at] = Role::Echo;
            }
        }
    }

    /// Arabic in words nobody has listed, in a column of its own beside labels in Latin letters and their answers: the other
    /// language of the labels.
    fn echo_columns(&self, arabic: &[usize], near: &Neighbours<'_>, latin: impl Fn(usize) -> bool) -> Vec<usize> {
        let mut columns: HashMap<(usize, bool, i32), Vec<(usize, bool)>> = HashMap::new();
        for at in arabic {
            let unit = &self.units[*at];
            let row = near.row(unit.page, &unit.area);
            if !row.iter().any(|other| *other != *at && latin(*other)) {
                continue;
            }
            // An empty cell is an answer too.
            let answered = row.iter().any(|other| {
                near.roles[*other] == Role::Free && !fold::is_arabic_only(&self.units[*other].text()) && other != at
            });
            for (right, edge) in [(false, unit.area.x0), (true, unit.area.x1)] {
                #[expect(clippy::cast_possible_truncation, reason = "saturates, and pages are small")]
                let edge = (edge / 4.0).round() as i32;
                columns.entry((unit.page, right, edge)).or_default().push((*at, answered));
            }
        }
        let mut echoes: Vec<usize> = columns
            .into_values()
            .filter(|column| {
                let answered = column.iter().filter(|(_, answered)| *answered).count();
                column.len() >= LEAST_ECHOES && 2 * answered > column.len()
            })
            .flatten()
            .map(|(at, _)| at)
            .collect();
        echoes.sort_unstable();
        echoes.dedup();
        echoes
    }

    /// Pages on which labels are printed in two languages, side by side or in one.
    pub(super) fn bilingual(&self, questions: &[Vec<Question>], roles: &[Role]) -> HashSet<usize> {
        let mut seen: HashMap<usize, usize> = HashMap::new();
        for (at, unit) in self.units.iter().enumerate() {
            let both = |question: &Question| {
                question.label.chars().any(fold::is_arabic) && question.label.chars().any(|c| c.is_ascii_alphabetic())
            };
            if roles[at] == Role::Echo && fold::is_arabic_only(&unit.text()) || questions[at].iter().any(both) {
                *seen.entry(unit.page).or_default() += 1;
            }
        }
        seen.into_iter().filter(|(_, times)| *times >= LEAST_BILINGUAL).map(|(page, _)| page).collect()
    }

    /// `Code banque`, `Clé` above or between the boxes of one account name its parts; the account has its own label.
    pub(super) fn mark_account_parts(&self, questions: &[Vec<Question>], roles: &mut [Role]) {
        for account in self.units.iter().filter(|unit| unit.account) {
            let reach = Rect { y0: account.area.y0 - 2.0 * account.area.height().clamp(8.0, 16.0), ..account.area };
            for (at, unit) in self.units.iter().enumerate() {
                let (x, y) = unit.ink.centre();
                if unit.account
                    || unit.page != account.page
                    || !reach.contains((x, y))
                    || roles[at] != Role::Label && roles[at] != Role::Free
                {
                    continue;
                }
                let names_part = questions[at].iter().any(|question| {
                    let best = self.lexicon.fields(self.number, &question.meaning, None).into_iter().next();
                    let kind = best.map(|best| self.form().fields[best.field].hints.value_type);
                    matches!(kind, Some(ValueType::CodeBanque | ValueType::CodeAgence))
                });
                if names_part || account.area.contains((x, y)) {
                    roles[at] = Role::Echo;
                }
            }
        }
    }
}
