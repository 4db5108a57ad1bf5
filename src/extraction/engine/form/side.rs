//! Headings at the side: a column of tall cells, each beside the rows of its section.

use super::Reader;
use crate::extraction::engine::neighbours::{Neighbours, Role};
use crate::extraction::engine::units::Unit;

/// A side heading stands beside so many labels, one above the other.
const ROWS: usize = 2;
/// Left edges of one column differ by less than this.
const FLUSH: f32 = 2.0;

impl Reader<'_> {
    /// Which units head a section from its side. A tall cell among cells with answers of their own is none: it groups labels.
    pub(super) fn side_headings(&self, near: &Neighbours<'_>) -> Vec<bool> {
        let spans: Vec<bool> = (0..self.units.len()).map(|at| self.spans_rows(at, near)).collect();
        let column = |a: &Unit, b: &Unit| a.page == b.page && (a.area.x0 - b.area.x0).abs() < FLUSH;
        spans
            .iter()
            .enumerate()
            .map(|(at, spans_rows)| {
                let unit = &self.units[at];
                let cells = || self.units.iter().zip(&spans).filter(|(other, _)| other.boxed && column(unit, other));
                let tall = || cells().filter(|(_, spans)| **spans).count();
                // Cells of the same column and width that head a single row are headings too.
                let alike = || {
                    let wide = |other: &Unit| (other.area.x1 - unit.area.x1).abs() < FLUSH;
                    unit.boxed && !unit.tokens.is_empty() && cells().any(|(other, spans)| *spans && wide(other))
                };
                (*spans_rows || tall() >= ROWS && alike()) && 2 * tall() > cells().count()
            })
            .collect()
    }

    fn spans_rows(&self, at: usize, near: &Neighbours<'_>) -> bool {
        let unit = &self.units[at];
        let area = unit.area;
        if !unit.boxed || unit.widget.is_some() || unit.has_ticks() || !(1..=12).contains(&unit.tokens.len()) {
            return false;
        }
        let mut heights: Vec<f32> = near
            .crossing(unit.page, area.y0 + 1.0, area.y1 - 1.0)
            .into_iter()
            .map(|other| (&self.units[other], near.roles[other]))
            .filter(|(other, role)| matches!(role, Role::Label | Role::Unasked) && other.area.x0 >= area.x1 - 3.0)
            .map(|(other, _)| other.area.centre().1)
            .filter(|y| (area.y0..=area.y1).contains(y))
            .collect();
        heights.sort_by(f32::total_cmp);
        heights.dedup_by(|a, b| (*a - *b).abs() < 3.0);
        heights.len() >= ROWS
    }
}
