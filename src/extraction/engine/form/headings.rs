//! Headings found: by what they say, by their number, by the type they are set in.

use std::collections::HashMap;

use super::{LEAST_ROW_HEAD, Reader};
use crate::extraction::engine::answers::Stand;
use crate::extraction::engine::fold;
use crate::extraction::engine::neighbours::{Neighbours, Role};
use crate::extraction::engine::questions::Question;
use crate::extraction::engine::sections::{self, Heading};
use crate::extraction::engine::units::Unit;
use crate::extraction::page::Source;

/// A heading is this near a known one.
const SURE_HEADING: f32 = 0.8;
/// What is this near a known label is one, however it is set.
const SURE_LABEL: f32 = 0.9;

/// So many known headings that look alike show how headings look.
const ALIKE: usize = 2;

/// What the eye tells a heading by.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct Look {
    /// In quarters of a point.
    size: i32,
    bold: bool,
    capitals: bool,
}

impl Look {
    fn of(unit: &Unit) -> Self {
        let letters: Vec<char> =
            unit.tokens.iter().flat_map(|token| token.text.chars()).filter(|c| c.is_alphabetic()).collect();
        #[expect(clippy::cast_possible_truncation, reason = "saturates, and type is small")]
        let size = (unit.size * 4.0).round() as i32;
        Self { size, bold: unit.bold, capitals: letters.len() > 3 && letters.iter().all(|c| c.is_uppercase()) }
    }
}

/// Wider or taller headings are no lines of a narrow cell, in points.
const NARROW: f32 = 130.0;
const LINE: f32 = 16.0;

/// Is a heading the next line of the one above?
fn goes_on(above: &Heading, below: &Heading) -> bool {
    let (a, b) = (above.area, below.area);
    let close = (-2.0..0.6 * b.height()).contains(&(b.y0 - a.y1)) && (a.height() - b.height()).abs() < 1.0;
    let aligned = (a.centre().0 - b.centre().0).abs() < 4.0 || (a.x0 - b.x0).abs() < 2.0;
    above.page == below.page
        && close
        && aligned
        && a.width().max(b.width()) < NARROW
        && a.height().max(b.height()) < LINE
}

impl Reader<'_> {
    pub(super) fn headings(
        &self,
        questions: &[Vec<Question>],
        options: &[bool],
        near: &mut Neighbours<'_>,
    ) -> Vec<Heading> {
        let (size, bold) = self.label_type(questions);
        let mut headings: Vec<Heading> = Vec::new();
        let mut styles: Vec<(f32, bool)> = Vec::new();
        let mut maybe = Vec::new();
        let plain: Vec<bool> = (0..self.units.len()).map(|at| self.is_unanswered(at, questions, near)).collect();
        // Where labels stand below their answers, none waits for what comes next.
        let waits = |at: usize| plain[at] && !near.over.contains(&self.units[at].page);
        let side = self.side_headings(near);
        let in_frames = self.answers_in_frames(&plain, near);
        let set_apart = self.heading_looks(&plain, near);
        for (at, unit) in self.units.iter().enumerate() {
            let words = unit.tokens.len();
            if unit.widget.is_some()
                || options[at]
                || words > 12
                || words == 0
                || matches!(near.roles[at], Role::Prose | Role::Echo)
            {
                continue;
            }
            // `Volet 1 : qui êtes-vous ?` set as headings are: its colon parts no label from an answer.
            let titled = || {
                sections::stands_out(unit, size, bold)
                    && questions[at].iter().all(|question| question.likeness < LEAST_ROW_HEAD)
            };
            if questions[at].iter().any(|question| !question.content.is_empty()) && !titled() {
                continue;
            }
            if near.answers_left(at) || near.asks_a_field(at) {
                continue;
            }
            let text = unit.text();
            let (bare, numbered) = sections::without_number(&text);
            let meaning = self.lexicon.meaning(bare.trim_end_matches([':', ' ']));
            // A picture misspells headings; but a single word a letter off is another word (`Gérante`).
            let known = self
                .lexicon
                .section(self.number, &meaning)
                .filter(|_| !meaning.near || unit.source != Source::Text && words > 1);
            let colon = text.trim_end().ends_with(':');
            let out = sections::stands_out(unit, size, bold) && !colon;
            let score = known.map_or(0.0, |(_, score)| score);
            let section = known.map(|(section, _)| self.form().sections[section].id.clone());
            // Set as headings are set and labels are not, with nothing to answer beside it.
            let looks = set_apart.contains(&Look::of(unit)) && plain[at] && near.stands_alone(at, |_| false);
            // Where headings have a look of their own, a label without it is a label, though sections bear its name.
            let labelled = !set_apart.is_empty() && !looks && !out && self.lexicon.label_likeness(&meaning) >= score;
            // Right under a label that has nothing else: its answer, though sections bear that name (`Gérant`).
            let asks = |above: usize| matches!(near.roles[above], Role::Label | Role::Unasked) && plain[above];
            let awaited = || near.above(unit).is_some_and(asks);
            // In a frame of its own under such a label: its answer, in whatever type.
            let framed = || in_frames && unit.boxed && near.above(unit).is_some_and(asks);
            let looks = looks && !framed() && !text.contains('@') && !text.contains("://");
            let alone = || {
                let own = questions[at].first();
                own.is_none_or(|question| near.answers(question, self.lexicon).is_empty())
            };
            // In a cell of its own, its answer in the next: a label, whatever size a picture makes of its type.
            let celled = || {
                let beside = |question: &Question| {
                    let mut answers = near.answers(question, self.lexicon).into_iter();
                    question.likeness >= score && answers.any(|answer| answer.stand == Stand::Beside)
                };
                unit.boxed && unit.source == Source::Ocr && questions[at].iter().any(beside)
            };
            if numbered && (score > 0.55 || out)
                || score >= SURE_HEADING && out && !text.ends_with('*') && !celled()
                || score >= SURE_HEADING && !text.ends_with('*') && !labelled && !awaited() && alone()
                || looks && !colon && !text.ends_with('*')
                || side[at]
            {
                headings.push(Heading {
                    page: unit.page,
                    area: unit.area,
                    section: section.filter(|_| score > 0.55),
                    // `Réalisateur du site` is not the site.
                    weak: meaning.has_unknown() && score < SURE_LABEL,
                });
                if out {
                    styles.push((unit.size, unit.bold));
                }
                near.roles[at] = Role::Heading;
            } else if (out || numbered)
                && (questions[at].is_empty() || titled())
                && self.lexicon.label_likeness(&meaning) < self.least_label(at, out, near)
            {
                maybe.push(at);
            }
        }
        // No value, and no next line of one.
        let speaks = |at: &usize| {
            let unit = &self.units[*at];
            let text = unit.text();
            let alike = |above: &Unit| {
                above.widget.is_none() && (above.size - unit.size).abs() < 0.07 * unit.size && above.bold == unit.bold
            };
            let runs_on =
                near.above(unit).is_some_and(|above| near.roles[above] == Role::Free && alike(&self.units[above]));
            // Above a label, where answers stand above their labels, it is one.
            let asks = |below: usize| matches!(near.roles[below], Role::Label | Role::Unasked);
            let answers = near.over.contains(&unit.page) && near.below(unit).is_some_and(asks);
            let words = !text.contains('@') && !text.contains("://");
            !runs_on && !answers && words && text.chars().filter(char::is_ascii_digit).count() <= 2
        };
        let styled = |at: usize| {
            let unit = &self.units[at];
            styles.iter().any(|(size, bold)| (size - unit.size).abs() < 0.3 && *bold == unit.bold)
        };
        // Headings of blocks side by side may both be unknown.
        let heads = |other: usize| styled(other) && maybe.contains(&other);
        let alone = |at: usize| near.stands_alone_but_for(at, waits, |other| styled(at) && heads(other));
        let speaking: Vec<usize> = maybe.iter().copied().filter(|at| speaks(at) && alone(*at)).collect();
        // Set like the known headings, or three alike that stand out: headings the form does not know.
        let alike = |at: usize| {
            let unit = &self.units[at];
            let same = |other: &&usize| {
                let other = &self.units[**other];
                (other.size - unit.size).abs() < 0.3 && other.bold == unit.bold
            };
            speaking.contains(&at)
                && sections::stands_out(unit, size, bold)
                && speaking.iter().filter(same).count() >= 3
        };
        for at in speaking.iter().copied() {
            let unit = &self.units[at];
            if styled(at) || alike(at) {
                let meaning = self.lexicon.meaning(sections::without_number(&unit.text()).0);
                let known = self.lexicon.section(self.number, &meaning).filter(|(_, score)| *score > 0.6);
                let weak = meaning.has_unknown() && known.is_some_and(|(_, score)| score < SURE_LABEL);
                let section = known.map(|(section, _)| self.form().sections[section].id.clone());
                headings.push(Heading { page: unit.page, area: unit.area, section, weak });
                near.roles[at] = Role::Heading;
            }
        }
        sections::in_order(&mut headings);
        // Lines of one heading in a narrow cell: the first speaks for them.
        headings.dedup_by(|below, above| self.pages[above.page].sheet.is_none() && goes_on(above, below));
        self.fill_in(&mut headings, questions, options, near);
        headings
    }

    /// How near a known label a heading that nobody has listed may be: nearer, where nothing under it answers it.
    fn least_label(&self, at: usize, out: bool, near: &Neighbours<'_>) -> f32 {
        let unit = &self.units[at];
        let answered = near.below(unit).is_some_and(|below| near.roles[below] == Role::Free);
        let half = fold::is_arabic_only(&unit.text());
        if out && !half && (!answered || near.over.contains(&unit.page)) { SURE_LABEL } else { LEAST_ROW_HEAD }
    }

    /// Does this paper keep most of its answers in frames under their labels?
    fn answers_in_frames(&self, plain: &[bool], near: &Neighbours<'_>) -> bool {
        let labels = (0..self.units.len()).filter(|at| near.roles[*at] == Role::Label);
        let (mut under, mut others) = (0, 0);
        for at in labels {
            let below = near.below(&self.units[at]).map(|below| &self.units[below]);
            if plain[at] && !self.units[at].boxed && below.is_some_and(|below| below.boxed) {
                under += 1;
            } else {
                others += 1;
            }
        }
        under > others
    }

    /// How headings look, where known ones look alike and no label that is answered looks like them.
    fn heading_looks(&self, plain: &[bool], near: &Neighbours<'_>) -> Vec<Look> {
        let mut looks: HashMap<Look, (usize, usize)> = HashMap::new();
        for (at, unit) in self.units.iter().enumerate() {
            let words = unit.tokens.len();
            if unit.widget.is_some() || unit.has_ticks() || words == 0 || words > 12 || unit.source == Source::Ocr {
                continue;
            }
            let text = unit.text();
            let (bare, _) = sections::without_number(&text);
            let known = self.lexicon.section(self.number, &self.lexicon.meaning(bare));
            let seen = looks.entry(Look::of(unit)).or_default();
            if plain[at] && known.is_some_and(|(_, score)| score >= SURE_HEADING) && near.stands_alone(at, |_| false) {
                seen.0 += 1;
            } else if near.roles[at] == Role::Label && !self.heads_a_table(at, near) {
                seen.1 += 1;
            }
        }
        looks.retain(|_, (headings, labels)| *headings >= ALIKE && *labels <= *headings / ALIKE);
        looks.into_keys().collect()
    }

    /// In a row of several labels: the headings of columns.
    fn heads_a_table(&self, at: usize, near: &Neighbours<'_>) -> bool {
        let unit = &self.units[at];
        let row = near.row(unit.page, &unit.area);
        let labels = row.iter().filter(|other| matches!(near.roles[**other], Role::Label | Role::Unasked)).count();
        labels >= 3
    }

    /// A label with nothing behind it and nothing beside it: its answer may stand below.
    fn is_unanswered(&self, at: usize, questions: &[Vec<Question>], near: &Neighbours<'_>) -> bool {
        let unit = &self.units[at];
        let beside = |other: usize| {
            let area = &self.units[other].area;
            let apart = area.x0 >= unit.area.x1 - 3.0 || area.x1 <= unit.area.x0 + 3.0;
            other != at && apart && near.roles[other] == Role::Free && !near.is_number(other)
        };
        questions[at].iter().all(|question| question.content.is_empty())
            && (near.roles[at] != Role::Label || !near.row(unit.page, &unit.area).into_iter().any(beside))
    }

    /// Size and weight in which most labels are set.
    pub(super) fn label_type(&self, questions: &[Vec<Question>]) -> (f32, bool) {
        let mut sizes = Vec::new();
        let mut bold = 0;
        for (unit, questions) in self.units.iter().zip(questions) {
            if questions.first().is_some_and(|question| question.likeness > 0.6) {
                sizes.push(unit.size);
                bold += usize::from(unit.bold);
            }
        }
        sizes.sort_by(f32::total_cmp);
        let median = sizes.get(sizes.len() / 2).copied().unwrap_or(10.0);
        (median, 2 * bold > sizes.len())
    }
}
