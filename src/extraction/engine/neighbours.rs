//! Who stands beside, above and under whom on a page.

use std::collections::{HashMap, HashSet};

use super::units::Unit;
use crate::domain::field::Rect;
use crate::extraction::page::{Page, SHEET_CELL};

/// Height of the strips in which neighbours are looked up.
const STRIP: f32 = 24.0;

/// A strip holds at most this many units worth a look; more is no form.
const CROWD: usize = 400;

/// The units of one page by height.
pub(super) struct Neighbours<'a> {
    pub(super) units: &'a [Unit],
    pub(super) pages: &'a [Page],
    strips: HashMap<(usize, i32), Vec<usize>>,
    /// What each unit is.
    pub roles: Vec<Role>,
    /// Pages that print their labels below the lines to fill in.
    pub over: HashSet<usize>,
    /// Pages that print their labels in Arabic as well.
    pub bilingual: HashSet<usize>,
}

/// What the reading of labels found in a unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// Holds at least one label.
    Label,
    /// The second language of a label beside or above it.
    Echo,
    Heading,
    /// A label that asks nothing we know of.
    Unasked,
    Prose,
    /// A table has it.
    Taken,
    Free,
}

impl<'a> Neighbours<'a> {
    pub fn new(units: &'a [Unit], pages: &'a [Page], roles: Vec<Role>) -> Self {
        let mut strips: HashMap<(usize, i32), Vec<usize>> = HashMap::new();
        for (at, unit) in units.iter().enumerate() {
            let (first, last) = (strip(unit.area.y0), strip(unit.area.y1));
            for number in first..=last.min(first + 40) {
                let list = strips.entry((unit.page, number)).or_default();
                if list.len() < CROWD {
                    list.push(at);
                }
            }
        }
        for list in strips.values_mut() {
            list.sort_by(|a, b| units[*a].area.x0.total_cmp(&units[*b].area.x0));
        }
        Self { units, pages, strips, roles, over: HashSet::new(), bilingual: HashSet::new() }
    }

    /// Units of a page whose area crosses a height range, left to right.
    pub(super) fn crossing(&self, page: usize, y0: f32, y1: f32) -> Vec<usize> {
        let mut found = Vec::new();
        for number in strip(y0)..=strip(y1).min(strip(y0) + 40) {
            for at in self.strips.get(&(page, number)).into_iter().flatten() {
                let area = self.units[*at].area;
                if area.y1 > y0 && area.y0 < y1 {
                    found.push(*at);
                }
            }
        }
        found.sort_by(|a, b| self.units[*a].area.x0.total_cmp(&self.units[*b].area.x0).then(a.cmp(b)));
        found.dedup();
        found
    }

    pub(super) fn is_sheet(&self, page: usize) -> bool {
        self.pages[page].sheet.is_some()
    }

    /// Units on the row of a box, left to right.
    pub fn row(&self, page: usize, area: &Rect) -> Vec<usize> {
        let mut row = self.crossing(page, area.y0, area.y1);
        row.retain(|at| {
            let other = self.units[*at].area;
            let shared = area.y1.min(other.y1) - area.y0.max(other.y0);
            shared >= 0.5 * area.height().min(other.height())
        });
        row
    }

    /// The unit just above, beginning where this one begins.
    pub fn above(&self, unit: &Unit) -> Option<usize> {
        let reach = if self.is_sheet(unit.page) { SHEET_CELL.1 * 0.9 } else { 1.6 * unit.size.clamp(6.0, 24.0) };
        let beginning_here = |at: &usize| {
            let other = self.units[*at].area;
            other.y1 <= unit.area.y0 + 3.0 && (other.x0 - unit.area.x0).abs() < 8.0
        };
        let above = self.crossing(unit.page, unit.area.y0 - reach, unit.area.y0 + 1.0);
        let nearest = |a: &usize, b: &usize| self.units[*a].area.y1.total_cmp(&self.units[*b].area.y1);
        above.into_iter().filter(beginning_here).max_by(nearest)
    }

    /// The unit just below, beginning where this one begins.
    pub fn below(&self, unit: &Unit) -> Option<usize> {
        let reach = if self.is_sheet(unit.page) { SHEET_CELL.1 * 0.9 } else { 1.6 * unit.size.clamp(6.0, 24.0) };
        self.crossing(unit.page, unit.area.y1 - 1.0, unit.area.y1 + reach).into_iter().find(|at| {
            let other = self.units[*at].area;
            other.y0 >= unit.area.y1 - 3.0 && (other.x0 - unit.area.x0).abs() < 8.0
        })
    }

    /// Stands right of a label on its row: an answer, whatever it says.
    pub fn answers_left(&self, at: usize) -> bool {
        let unit = &self.units[at];
        let row = self.row(unit.page, &unit.area);
        let left = row.into_iter().rev().find(|other| *other != at && self.units[*other].area.x1 <= unit.area.x0 + 3.0);
        left.is_some_and(|left| self.roles[left] == Role::Label)
    }

    /// A form field to fill in or to tick stands right under it or next on its row: it asks for that.
    pub fn asks_a_field(&self, at: usize) -> bool {
        let unit = &self.units[at];
        let is_field = |other: usize| {
            self.units[other].tokens.iter().any(|token| token.widget.is_some()) || self.units[other].widget.is_some()
        };
        let row = self.row(unit.page, &unit.area);
        let next = row.into_iter().find(|other| self.units[*other].area.x0 >= unit.area.x1 - 3.0);
        unit.widget.is_none() && (self.below(unit).is_some_and(is_field) || next.is_some_and(is_field))
    }

    /// Nothing beside it, and no label above that waits for it.
    pub fn stands_alone(&self, at: usize, waits: impl Fn(usize) -> bool) -> bool {
        self.stands_alone_but_for(at, waits, |_| false)
    }

    /// The same, with what may stand beside it.
    pub fn stands_alone_but_for(
        &self,
        at: usize,
        waits: impl Fn(usize) -> bool,
        beside: impl Fn(usize) -> bool,
    ) -> bool {
        let unit = &self.units[at];
        // The number of a row in a column of its own is nothing beside it, nor is the heading of the next block.
        let nothing = |other: usize| {
            matches!(self.roles[other], Role::Echo | Role::Heading)
                || self.units[other].tokens.is_empty()
                || self.is_number(other)
        };
        let alone =
            self.row(unit.page, &unit.area).into_iter().all(|other| other == at || nothing(other) || beside(other));
        alone && self.above(unit).is_none_or(|above| self.roles[above] != Role::Label || !waits(above))
    }

    /// `3`, `2.1`, `B.` alone in a cell: the number of a row or of a section.
    pub(super) fn is_number(&self, at: usize) -> bool {
        let [token] = self.units[at].tokens.as_slice() else { return false };
        token.tick.is_none() && super::sections::is_number(&token.text)
    }

    /// A tall row holds several lines: reads them one after the other. A ruled cell is on the row as a whole.
    pub(super) fn line_by_line(&self, row: &mut [usize]) {
        let middle = |at: usize| {
            let unit = &self.units[at];
            if unit.boxed { unit.area.centre().1 } else { unit.ink.centre().1 }
        };
        let mut by_height = row.to_vec();
        by_height.sort_by(|a, b| middle(*a).total_cmp(&middle(*b)));
        let mut line = 0;
        let mut lines = HashMap::new();
        let mut previous: Option<usize> = None;
        for at in by_height {
            if let Some(above) = previous {
                let height = self.units[at].ink.height().min(self.units[above].ink.height()).max(4.0);
                line += i32::from(middle(at) - middle(above) > 0.55 * height);
            }
            lines.insert(at, line);
            previous = Some(at);
        }
        row.sort_by(|a, b| lines[a].cmp(&lines[b]).then(self.units[*a].area.x0.total_cmp(&self.units[*b].area.x0)));
    }

    pub(super) fn may_answer(&self, at: usize) -> bool {
        matches!(self.roles[at], Role::Free)
    }
}

fn strip(y: f32) -> i32 {
    #[expect(clippy::cast_possible_truncation, reason = "saturates, and pages are small")]
    let number = (y / STRIP).floor() as i32;
    number.clamp(-10_000, 1_000_000)
}
