//! What the bank prints of itself at the head and the foot of its form: its own telephone, its own account. Labels there ask
//! nothing of the merchant.

use super::Reader;
use crate::domain::values::ValueType;
use crate::extraction::engine::lexicon::Meaning;
use crate::extraction::engine::neighbours::Role;
use crate::extraction::engine::questions::Question;
use crate::extraction::engine::units::Unit;

/// A title, or a heading, is this near a known one.
const KNOWN: f32 = 0.8;
/// Labels weaker than this say nothing of where the form begins.
const SURE_LABEL: f32 = 0.8;
/// The letterhead takes no more of the first page than this.
const HEAD: f32 = 0.25;
/// Small print is smaller than the labels by this.
const SMALL: f32 = 0.9;

impl Reader<'_> {
    /// Marks the lines above the form and the small print below it as no questions.
    pub(super) fn mark_letterhead(&self, questions: &[Vec<Question>], roles: &mut [Role]) {
        let Some(page) = self.units.first().map(|unit| unit.page) else { return };
        let begins = self.units.iter().zip(questions).filter(|(unit, _)| unit.page == page);
        let top = begins
            .filter(|(unit, questions)| self.is_body(unit, questions))
            .map(|(unit, _)| unit.area.y0)
            .fold(f32::MAX, f32::min);
        let limit = if self.pages[page].sheet.is_some() { f32::MAX } else { HEAD * self.pages[page].height };
        let all = self.size_of_labels(questions, |_| true);
        // Each page of a scan has a scale of its own.
        let own = |page: usize| {
            if self.pages[page].is_seen() { self.size_of_labels(questions, |of| of == page) } else { all }
        };
        let sizes: Vec<f32> = (0..self.pages.len()).map(own).collect();
        let mut bottoms = vec![0.0_f32; self.pages.len()];
        let tells = |questions: &[Question]| {
            let told = |question: &Question| !question.content.is_empty() && self.reaches_someone_at_last(question);
            questions.len() >= 2 && questions.iter().all(told)
        };
        let mut ends = vec![0.0_f32; self.pages.len()];
        for (unit, questions) in self.units.iter().zip(questions) {
            if !questions.is_empty() && !tells(questions) || unit.has_ticks() || unit.widget.is_some() {
                ends[unit.page] = ends[unit.page].max(unit.area.y1);
            }
            let asks = !questions.is_empty() || unit.has_ticks() || unit.widget.is_some();
            if asks && unit.size >= SMALL * sizes[unit.page] {
                bottoms[unit.page] = bottoms[unit.page].max(unit.area.y1);
            }
        }
        let heads: Vec<bool> = self
            .units
            .iter()
            .map(|unit| {
                unit.page == page && unit.area.y1 <= top + 1.0 && unit.area.y0 <= limit && !unit.tokens.is_empty()
            })
            .collect();
        for (at, unit) in self.units.iter().enumerate() {
            if roles[at] != Role::Label {
                continue;
            }
            let foot = self.pages[unit.page].sheet.is_none()
                && unit.size < SMALL * sizes[unit.page]
                && !unit.boxed
                && questions[at].iter().any(|question| !question.content.is_empty())
                && unit.area.y0 >= bottoms[unit.page] - 1.0;
            // On the pages after the first the same line again.
            let again = |other: &Unit| {
                other.page != unit.page && other.tokens.len() == unit.tokens.len() && other.text() == unit.text()
            };
            let head = heads[at] || self.units.iter().zip(&heads).any(|(other, head)| *head && again(other));
            // One line that tells several ways to reach somebody, below all that is asked.
            let last = tells(&questions[at]) && unit.area.y0 >= ends[unit.page] - 1.0 && ends[unit.page] > 0.0;
            let foot = foot || last;
            if (head || foot) && questions[at].iter().all(|question| self.reaches_someone(question) || foot) {
                roles[at] = Role::Prose;
            }
        }
    }

    /// A title of the form, a heading of one of its sections, or a label that asks for more than how to reach somebody.
    fn is_body(&self, unit: &Unit, questions: &[Question]) -> bool {
        let meaning = self.lexicon.meaning(&unit.text());
        let known = self.lexicon.title(self.number, &meaning) >= KNOWN
            || questions.iter().all(|question| question.content.is_empty())
                && self.lexicon.section(self.number, &meaning).is_some_and(|(_, score)| score >= KNOWN);
        known
            || unit.has_ticks()
            || unit.widget.is_some()
            || questions.iter().any(|question| question.likeness >= SURE_LABEL && !self.reaches_someone(question))
    }

    /// `Banque X - MF : …`: what stands right before the colon tells, when the whole is no label.
    fn reaches_someone_at_last(&self, question: &Question) -> bool {
        let last = question.label.split([' ', '\u{a0}']).next_back().unwrap_or_default();
        question.likeness < SURE_LABEL && self.reaches(&self.lexicon.meaning(last)) || self.reaches_someone(question)
    }

    fn reaches_someone(&self, question: &Question) -> bool {
        self.reaches(&question.meaning)
    }

    fn reaches(&self, meaning: &Meaning) -> bool {
        let best = self.lexicon.fields(self.number, meaning, None).into_iter().next();
        best.is_none_or(|best| {
            matches!(
                self.form().fields[best.field].hints.value_type,
                ValueType::Telephone | ValueType::Email | ValueType::Url | ValueType::Rib | ValueType::MatriculeFiscal
            )
        })
    }

    /// Middle height of the type in which labels are set on some of the pages.
    fn size_of_labels(&self, questions: &[Vec<Question>], of: impl Fn(usize) -> bool) -> f32 {
        let sure = |(unit, questions): &(&Unit, &Vec<Question>)| {
            of(unit.page) && questions.iter().any(|question| question.likeness >= SURE_LABEL)
        };
        let mut sizes: Vec<f32> = self.units.iter().zip(questions).filter(sure).map(|(unit, _)| unit.size).collect();
        sizes.sort_by(f32::total_cmp);
        sizes.get(sizes.len() / 2).copied().unwrap_or(0.0)
    }
}
