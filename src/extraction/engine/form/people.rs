//! People beside one another: a table whose columns are sections of the form and whose rows ask each of them the same.

use super::Reader;
use crate::extraction::engine::answers::{Answer, Stand};
use crate::extraction::engine::neighbours::{Neighbours, Role};
use crate::extraction::engine::questions::Question;
use crate::extraction::engine::sections::{self, Heading};

/// A column's head is this near a heading of the form.
const SURE_HEADING: f32 = 0.75;
/// So many columns, and so many rows, make a table.
const COLUMNS: usize = 2;
const ROWS: usize = 2;
/// Left edges of one column differ by less than this.
const FLUSH: f32 = 3.0;

/// A label once more for each of its columns.
pub(super) struct Asked {
    pub question: Question,
    pub heading: Heading,
    pub answer: Answer,
}

impl Reader<'_> {
    /// Takes such tables apart: each cell answers its row's label under its column's heading.
    pub(super) fn people(
        &self,
        questions: &[Vec<Question>],
        headings: &mut Vec<Heading>,
        near: &mut Neighbours<'_>,
    ) -> Vec<Asked> {
        let mut found = Vec::new();
        for heads in self.heads_of_people(near) {
            let rows = self.rows_under(&heads, questions, near);
            if rows.len() < ROWS {
                continue;
            }
            for (label, cells) in rows {
                let Some(question) = questions[label].last() else { continue };
                for (head, cell) in heads.iter().zip(cells) {
                    let Some(cell) = cell else { continue };
                    near.roles[cell] = Role::Taken;
                    found.push(Asked {
                        question: question.clone(),
                        heading: self.head(*head),
                        answer: self.cell_answer(cell),
                    });
                }
                near.roles[label] = Role::Taken;
            }
            // What stands below the table stands under none of its columns.
            let is_head = |heading: &Heading| {
                heads.iter().any(|at| self.units[*at].page == heading.page && self.units[*at].area == heading.area)
            };
            headings.retain(|heading| !is_head(heading));
            for head in heads {
                near.roles[head] = Role::Taken;
            }
        }
        found
    }

    /// Rows of cells of which one at least is a heading of the form and none asks or answers anything.
    fn heads_of_people(&self, near: &Neighbours<'_>) -> Vec<Vec<usize>> {
        let mut found: Vec<Vec<usize>> = Vec::new();
        for (at, unit) in self.units.iter().enumerate() {
            if found.iter().flatten().any(|known| *known == at) || !self.may_head(at, near) {
                continue;
            }
            let row: Vec<usize> =
                near.row(unit.page, &unit.area).into_iter().filter(|at| !self.units[*at].tokens.is_empty()).collect();
            let known = row.iter().any(|at| {
                let meaning = self.lexicon.meaning(&self.units[*at].text());
                self.lexicon.section(self.number, &meaning).is_some_and(|(_, score)| score >= SURE_HEADING)
            });
            if row.len() >= COLUMNS && known && row.iter().all(|at| self.may_head(*at, near)) {
                found.push(row);
            }
        }
        found
    }

    fn may_head(&self, at: usize, near: &Neighbours<'_>) -> bool {
        let unit = &self.units[at];
        unit.boxed
            && unit.widget.is_none()
            && !unit.has_ticks()
            && (1..=8).contains(&unit.tokens.len())
            && !matches!(near.roles[at], Role::Echo | Role::Prose | Role::Taken)
            && !unit.text().chars().any(|c| c.is_ascii_digit() || c == '@')
    }

    /// The labels left of the columns, downwards, with the cell of each column where it holds something.
    fn rows_under(
        &self,
        heads: &[usize],
        questions: &[Vec<Question>],
        near: &Neighbours<'_>,
    ) -> Vec<(usize, Vec<Option<usize>>)> {
        let first = &self.units[heads[0]];
        let mut rows = Vec::new();
        let mut bottom = first.area.y1;
        loop {
            let next = near.crossing(first.page, bottom + 1.0, bottom + 2.0);
            let label = next.iter().copied().find(|at| {
                let unit = &self.units[*at];
                unit.area.x1 <= first.area.x0 + FLUSH && near.roles[*at] == Role::Label && !questions[*at].is_empty()
            });
            let Some(label) = label else { return rows };
            let within = |head: &usize| {
                let column = &self.units[*head].area;
                next.iter().copied().find(|at| (self.units[*at].area.x0 - column.x0).abs() < FLUSH)
            };
            let cells: Vec<Option<usize>> = heads.iter().map(within).collect();
            let stray = |at: &usize| *at != label && !self.units[*at].tokens.is_empty() && !cells.contains(&Some(*at));
            if next.iter().any(stray) {
                return rows;
            }
            bottom = self.units[label].area.y1;
            rows.push((label, cells));
        }
    }

    fn head(&self, at: usize) -> Heading {
        let unit = &self.units[at];
        let text = unit.text();
        let known = self.lexicon.section(self.number, &self.lexicon.meaning(sections::without_number(&text).0));
        let section = known.filter(|(_, score)| *score >= SURE_HEADING);
        Heading {
            page: unit.page,
            area: unit.area,
            section: section.map(|(section, _)| self.form().sections[section].id.clone()),
            weak: false,
        }
    }

    fn cell_answer(&self, at: usize) -> Answer {
        let unit = &self.units[at];
        Answer {
            stand: Stand::Beside,
            units: vec![at],
            tokens: unit.tokens.clone(),
            first: unit.tokens.len(),
            area: unit.area,
            closed: true,
            joined: false,
            widget: unit.widget,
            cell: unit.cell,
        }
    }
}
