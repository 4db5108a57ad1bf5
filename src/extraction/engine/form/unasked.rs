//! Labels nobody has listed: set like the labels, standing where labels stand. They ask nothing we know of, but they are no
//! answers, and an answer ends before them.

use std::collections::HashMap;

use super::Reader;
use crate::extraction::engine::fold;
use crate::extraction::engine::neighbours::{Neighbours, Role};
use crate::extraction::engine::questions::Question;
use crate::extraction::engine::units::Unit;
use crate::extraction::page::Source;

/// So many known labels show how labels are set, or where they stand.
const ENOUGH: usize = 3;
/// Longer than this is no label.
const LONGEST: usize = 8;
/// Parts the numbers of right edges from those of left ones.
const RIGHT_EDGES: i32 = 10_000;

/// Where this paper's answers stand to their labels, as far as it is plain.
#[derive(PartialEq)]
enum Habit {
    Beside,
    Under,
    Unknown,
}

impl Reader<'_> {
    /// Marks free units that are labels by their type, their column or their row.
    pub(super) fn mark_unasked(&self, questions: &[Vec<Question>], options: &[bool], roles: &mut [Role]) {
        let near = Neighbours::new(self.units, self.pages, roles.to_vec());
        let plain: Vec<usize> = (0..self.units.len())
            .filter(|at| roles[*at] == Role::Label && questions[*at].iter().all(|question| question.content.is_empty()))
            .collect();
        if plain.len() < ENOUGH {
            return;
        }
        let free: Vec<usize> =
            (0..self.units.len()).filter(|at| roles[*at] == Role::Free && self.units[*at].widget.is_none()).collect();
        // Beside boxes to tick stand options; before all of them, and well apart, their label.
        let among_boxes = |at: usize| {
            let unit = &self.units[at];
            let row = near.row(unit.page, &unit.area);
            let boxes = row.iter().any(|other| self.units[*other].has_ticks());
            let before = row.iter().any(|other| self.units[*other].area.x1 <= unit.area.x0 + 1.0);
            let next = row.iter().find(|other| self.units[**other].area.x0 >= unit.area.x1 - 1.0);
            let apart = next.is_some_and(|next| self.units[*next].area.x0 - unit.ink.x1 > 1.2 * unit.size.max(6.0));
            options[at] || boxes && (before || !apart && !unit.boxed)
        };
        // The numbers of rows are set as they like.
        let free: Vec<usize> = free
            .into_iter()
            .filter(|at| !among_boxes(*at) && !near.is_number(*at) && !self.units[*at].has_ticks())
            .collect();
        let candidates: Vec<usize> = free.iter().copied().filter(|at| may_be_label(&self.units[*at])).collect();
        let own_type = self.label_style(&plain, &free);
        let habit = self.habit(&plain, &near);
        let mut columns: HashMap<(usize, i32), (usize, usize)> = HashMap::new();
        for at in &plain {
            columns.entry(column(&self.units[*at])).or_default().0 += 1;
        }
        for at in &candidates {
            columns.entry(column(&self.units[*at])).or_default().1 += 1;
        }
        let mut found = Vec::new();
        for at in candidates {
            let unit = &self.units[at];
            let awaited = || habit == Habit::Beside && self.is_awaited(at, questions, &near);
            let by_type = own_type.is_some_and(|style| style == style_of(unit)) && !awaited();
            let (labels, others) = [-1, 0, 1]
                .iter()
                .filter_map(|step| columns.get(&(unit.page, column(unit).1 + step)))
                .fold((0, 0), |sum, more| (sum.0 + more.0, sum.1 + more.1));
            let by_column = habit == Habit::Beside
                && labels >= ENOUGH
                && labels >= others
                && !self.is_awaited(at, questions, &near);
            let by_row = habit == Habit::Under && self.heads_a_column(at, &near);
            if by_type || by_column || by_row {
                found.push(at);
            }
        }
        for at in found {
            roles[at] = Role::Unasked;
        }
    }

    /// The label before it has no other answer, and it has none of its own: wherever it stands, it is that answer.
    fn is_awaited(&self, at: usize, questions: &[Vec<Question>], near: &Neighbours<'_>) -> bool {
        let unit = &self.units[at];
        let row = near.row(unit.page, &unit.area);
        let left = row.iter().rev().find(|other| self.units[**other].area.x1 <= unit.area.x0 + 3.0);
        let right = row.iter().find(|other| self.units[**other].area.x0 >= unit.area.x1 - 3.0);
        let waits = |other: &usize| {
            near.roles[*other] == Role::Label && questions[*other].iter().all(|question| question.content.is_empty())
        };
        left.is_some_and(waits) && right.is_none_or(|right| near.roles[*right] != Role::Free)
    }

    /// The labels nobody has listed as questions: their options, the look of their answer or their place may tell the field.
    pub(super) fn unlisted(&self, near: &Neighbours<'_>) -> Vec<Question> {
        let ask = |at: usize| {
            let unit = &self.units[at];
            let label = unit.text();
            let meaning = self.lexicon.meaning(&label);
            Question {
                unit: at,
                page: unit.page,
                likeness: self.lexicon.label_likeness(&meaning),
                label,
                meaning,
                label_box: unit.ink,
                marked: false,
                split: false,
                content: unit.tokens.len()..unit.tokens.len(),
            }
        };
        (0..self.units.len()).filter(|at| near.roles[*at] == Role::Unasked).map(ask).collect()
    }

    /// The type of the labels, where answers are set otherwise. In a picture type is measured too roughly to tell.
    fn label_style(&self, plain: &[usize], free: &[usize]) -> Option<(i32, bool)> {
        let mut styles: HashMap<(i32, bool), usize> = HashMap::new();
        let printed = |at: &&usize| self.units[**at].cell.is_none() && self.units[**at].source != Source::Ocr;
        for at in plain.iter().filter(printed) {
            *styles.entry(style_of(&self.units[*at])).or_default() += 1;
        }
        let (style, count) = styles.into_iter().max_by_key(|(style, count)| (*count, *style))?;
        let alike = free.iter().filter(|at| style_of(&self.units[**at]) == style).count();
        (count > 2 * ENOUGH && 10 * count >= 8 * plain.len() && free.len() > 2 * ENOUGH && 2 * alike < free.len())
            .then_some(style)
    }

    fn habit(&self, plain: &[usize], near: &Neighbours<'_>) -> Habit {
        let (mut beside, mut under) = (0, 0);
        for at in plain {
            let unit = &self.units[*at];
            let mut row = near.row(unit.page, &unit.area);
            row.retain(|other| other != at);
            // An Arabic label has its answer on the left.
            let next = if is_arabic(unit) && unit.cell.is_none() {
                row.into_iter().rev().find(|other| self.units[*other].area.x1 <= unit.area.x0 + 3.0)
            } else {
                row.into_iter().find(|other| self.units[*other].area.x0 >= unit.area.x1 - 3.0)
            };
            let right = next.is_some_and(|other| near.roles[other] == Role::Free);
            let below = near.below(unit).is_some_and(|other| near.roles[other] == Role::Free);
            beside += usize::from(right && !below);
            under += usize::from(below && !right);
        }
        if beside >= ENOUGH && beside > 2 * under {
            Habit::Beside
        } else if under >= ENOUGH && under > 2 * beside {
            Habit::Under
        } else {
            Habit::Unknown
        }
    }

    /// In a row with labels, none of which has its answer on that row, and something free stands under it.
    fn heads_a_column(&self, at: usize, near: &Neighbours<'_>) -> bool {
        let unit = &self.units[at];
        let row = near.row(unit.page, &unit.area);
        let labels = row.iter().filter(|other| near.roles[**other] == Role::Label).count();
        let free_under = near.below(unit).is_some_and(|below| near.roles[below] == Role::Free);
        let above = near.above(unit).is_some_and(|above| near.roles[above] == Role::Label);
        labels >= 1 && !above && (free_under || labels + 1 >= row.len())
    }
}

/// Words, and nothing that only a value holds.
fn may_be_label(unit: &Unit) -> bool {
    let text = unit.text();
    let text = text.split('(').next().unwrap_or_default();
    !unit.has_ticks()
        && (1..=LONGEST).contains(&unit.tokens.len())
        && text.chars().filter(|c| c.is_alphabetic()).count() >= 3
        && !text.chars().any(|c| c == '@' || c.is_ascii_digit())
        && !text.contains("://")
}

/// Lines begin at the left edge, Arabic lines at the right one.
fn column(unit: &Unit) -> (usize, i32) {
    #[expect(clippy::cast_possible_truncation, reason = "saturates, and pages are small")]
    let number = |edge: f32| (edge / 2.0).round() as i32;
    (unit.page, if is_arabic(unit) { RIGHT_EDGES + number(unit.area.x1) } else { number(unit.area.x0) })
}

fn is_arabic(unit: &Unit) -> bool {
    fold::is_arabic_only(&unit.text())
}

/// Height in half points, and weight.
fn style_of(unit: &Unit) -> (i32, bool) {
    #[expect(clippy::cast_possible_truncation, reason = "saturates, and type is small")]
    let size = (unit.size * 2.0).round() as i32;
    (size, unit.bold)
}
