//! Texts that sound like labels but answer one: options beside their boxes, values chosen from a list.

use super::{LEAST_ROW_HEAD, Reader};
use crate::extraction::engine::choices;
use crate::extraction::engine::fold;
use crate::extraction::engine::neighbours::{Neighbours, Role};
use crate::extraction::engine::questions::Question;
use crate::extraction::engine::units::{Unit, join};
use crate::schemas::Hints;

/// So many answers make a column of them.
const COLUMN: usize = 4;

impl Reader<'_> {
    /// An option that sounds like a label (`☒ C.I.N.`) is an option.
    pub(super) fn drop_options(&self, questions: &mut [Vec<Question>]) -> Vec<bool> {
        let near = Neighbours::new(self.units, self.pages, self.roles(questions));
        let mut options: Vec<bool> = self.units.iter().map(Unit::has_ticks).collect();
        for (at, unit) in self.units.iter().enumerate() {
            if options[at] || questions[at].iter().any(|question| question.marked && question.likeness >= 0.5) {
                continue;
            }
            let row = near.row(unit.page, &unit.ink);
            let before =
                row.into_iter().map(|other| &self.units[other]).filter(|other| other.ink.x1 <= unit.ink.x0 + 2.0);
            let Some(before) = before.max_by(|a, b| a.ink.x1.total_cmp(&b.ink.x1)) else { continue };
            let ends_in_box = before.tokens.last().is_some_and(|token| token.tick.is_some());
            if ends_in_box && unit.ink.x0 - before.ink.x1 < 2.4 * unit.size.max(8.0) {
                questions[at].clear();
                options[at] = true;
            }
        }
        options
    }

    /// A value that sounds like a label (`Type de pièce : C.I.N.`) is one of the options of the label before or above it. Gives
    /// those that are an option word for word: nothing makes them a label again.
    pub(super) fn drop_chosen(&self, questions: &mut [Vec<Question>]) -> Vec<usize> {
        let near = Neighbours::new(self.units, self.pages, self.roles(questions));
        let mut chosen = Vec::new();
        let mut options = Vec::new();
        for at in 0..self.units.len() {
            let unit = &self.units[at];
            let text = unit.text();
            let often = self.is_often_answered(&text);
            if questions[at].is_empty() && !often
                || questions[at].iter().any(|question| question.marked || !question.content.is_empty())
            {
                continue;
            }
            let row = near.row(unit.page, &unit.area);
            let left = row.iter().copied().rev().find(|other| self.units[*other].area.x1 <= unit.area.x0 + 3.0);
            let right = row.into_iter().find(|other| self.units[*other].area.x0 >= unit.area.x1 - 3.0);
            // An Arabic label stands on the right of its answer.
            let right = right.filter(|other| questions[*other].last().is_some_and(Question::is_arabic));
            let asks = |other: usize, offers: fn(&Hints, &str) -> bool| {
                let question = questions[other].last();
                if question.is_some_and(|question| !question.content.is_empty()) || question.is_none() && !often {
                    return false;
                }
                let unlisted = || self.lexicon.meaning(&self.units[other].text());
                let meaning = question.map_or_else(unlisted, |question| question.meaning.clone());
                let best = self.lexicon.fields(self.number, &meaning, None).into_iter().next();
                best.is_some_and(|best| {
                    best.score >= LEAST_ROW_HEAD && offers(&self.form().fields[best.field].hints, &text)
                })
            };
            let about = |hints: &Hints, text: &str| choices::canonical(hints, text).is_some();
            let of_arabic =
                right.is_some_and(|right| questions[right].iter().all(|question| question.content.is_empty()));
            if of_arabic && self.is_in_a_column_of_answers(at, &near) {
                chosen.push(at);
                options.push(at);
                continue;
            }
            if left.is_some_and(|left| self.answers_for(left, at, questions, &near)) {
                chosen.push(at);
                continue;
            }
            let sheet = near.is_sheet(unit.page);
            // What stands under a label that is answered beside it is the next label, whatever it sounds like.
            let answered_beside = |label: usize| {
                let label = &self.units[label];
                let mut row = near.row(label.page, &label.area).into_iter();
                row.any(|other| self.units[other].area.x0 >= label.area.x1 - 3.0 && near.roles[other] == Role::Free)
            };
            let above = near.above(unit).filter(|above| (left.is_none() || sheet) && !answered_beside(*above));
            let said = |hints: &Hints, text: &str| often_answers(hints, text);
            let mut around = [left, right, above].into_iter().flatten();
            let word_for_word =
                around.clone().any(|at| asks(at, choices::all_offered)) || often && around.any(|at| asks(at, said));
            if word_for_word {
                options.push(at);
            }
            if word_for_word || left.is_some_and(|left| asks(left, about)) {
                chosen.push(at);
            }
        }
        for at in chosen {
            questions[at].clear();
        }
        options
    }

    /// Is a text, word for word, what some field is often answered with?
    pub(super) fn is_often_answered(&self, text: &str) -> bool {
        self.form().fields.iter().any(|field| often_answers(&field.hints, text))
    }

    /// A label wrapped over two lines is one label, not a label and its answer, where an answer stands beside or under it, or
    /// where this paper keeps its answers in cells of their own.
    pub(super) fn mend_splits(&self, questions: &mut [Vec<Question>]) {
        let near = Neighbours::new(self.units, self.pages, self.roles(questions));
        let beside = |at: usize| {
            let unit = &self.units[at];
            let row = near.row(unit.page, &unit.area);
            row.into_iter()
                .find(|other| *other != at && self.units[*other].area.x0 >= unit.area.x1 - 3.0)
                .is_some_and(|other| near.roles[other] == Role::Free)
        };
        let plain = |at: &usize| questions[*at].iter().any(|question| question.content.is_empty());
        let apart = (0..self.units.len()).filter(plain).filter(|at| beside(*at)).count();
        let within = questions.iter().flatten().filter(|question| question.split).count();
        // One line in each language, and a cell beside it to write in: both lines are the label.
        let left_free = |at: usize| {
            let unit = &self.units[at];
            let row = near.row(unit.page, &unit.area);
            let left = row.into_iter().rev().find(|other| self.units[*other].area.x1 <= unit.area.x0 + 3.0);
            left.is_some_and(|other| near.roles[other] == Role::Free && self.units[other].boxed)
        };
        let in_both = |at: usize| {
            let unit = &self.units[at];
            questions[at].iter().any(|question| {
                let content = join(&unit.tokens[question.content.clone()]);
                let arabic = fold::is_arabic_only(&question.label);
                unit.boxed
                    && unit.tokens.last().is_some_and(|token| token.line > 0)
                    && content.chars().any(char::is_alphabetic)
                    && arabic != content.chars().any(fold::is_arabic)
                    && (arabic || fold::is_arabic_only(&content))
            })
        };
        let mended: Vec<usize> = (0..self.units.len())
            .filter(|at| {
                questions[*at].iter().any(|question| question.split) && (beside(*at) || apart > 2 * within)
                    || in_both(*at) && (beside(*at) || left_free(*at))
            })
            .collect();
        for at in mended {
            let unit = &self.units[at];
            let label = unit.text();
            let meaning = self.lexicon.meaning(&label);
            let likeness = self.lexicon.label_likeness(&meaning);
            let question = &mut questions[at][0];
            let content = unit.tokens.len()..unit.tokens.len();
            *question =
                Question { label, meaning, likeness, label_box: unit.ink, split: false, content, ..question.clone() };
        }
    }

    /// Does a text that sounds like a label answer the label before it? So it does when that label has no other answer, and
    /// the text has none of its own.
    fn answers_for(&self, left: usize, at: usize, questions: &[Vec<Question>], near: &Neighbours<'_>) -> bool {
        let waits = questions[left].last().is_some_and(|question| question.content.is_empty());
        let unit = &self.units[at];
        let mut row = near.row(unit.page, &unit.area).into_iter();
        let answered =
            row.any(|other| self.units[other].area.x0 >= unit.area.x1 - 3.0 && near.roles[other] == Role::Free);
        if !waits || answered {
            return false;
        }
        // In a form that prints labels above their answers, both stand in one row of labels.
        let free_under = |at: usize| {
            near.below(&self.units[at])
                .is_some_and(|below| near.roles[below] == Role::Free && !self.units[below].has_ticks())
        };
        let marked = self.units[left].tokens.last().is_some_and(|token| token.text.ends_with(':'));
        let weak = !free_under(left)
            && !free_under(at)
            && questions[at].iter().all(|question| {
                let best = self.lexicon.fields(self.number, &question.meaning, None).into_iter().next();
                best.is_none_or(|best| best.score < 0.9)
            });
        marked && !free_under(at) || weak || unit.boxed && self.is_in_a_column_of_answers(at, near)
    }

    /// Below and above it in its column stand answers, not labels.
    fn is_in_a_column_of_answers(&self, at: usize, near: &Neighbours<'_>) -> bool {
        let unit = &self.units[at];
        let (mut free, mut labels) = (0, 0);
        for (other, role) in self.units.iter().zip(&near.roles) {
            if other.page == unit.page && (other.area.x0 - unit.area.x0).abs() < 2.0 && !other.tokens.is_empty() {
                free += usize::from(*role == Role::Free);
                labels += usize::from(*role == Role::Label);
            }
        }
        free >= COLUMN && free > 3 * labels
    }
}

fn often_answers(hints: &Hints, text: &str) -> bool {
    let words = fold::words(text);
    !words.is_empty() && hints.answers.iter().any(|answer| fold::words(answer) == words)
}
