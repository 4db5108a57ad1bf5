//! Two columns of values beside the same labels, under headings nobody has listed: which of the two counts is not told.

use std::collections::{HashMap, HashSet};

use super::Reader;
use crate::domain::values::ValueType;
use crate::extraction::engine::assign::{Asked, Chosen};
use crate::extraction::engine::neighbours::{Neighbours, Role};
use crate::extraction::engine::shapes;
use crate::extraction::engine::units::Unit;

/// In so many rows the two columns hold the same kind of value.
const ROWS: usize = 2;
/// A text has the look of a kind when it suits it this much.
const SUITS: f32 = 0.9;
/// Kinds that nothing else looks like.
const TELLING: [ValueType; 7] = [
    ValueType::Email,
    ValueType::Url,
    ValueType::Telephone,
    ValueType::Rib,
    ValueType::MatriculeFiscal,
    ValueType::Date,
    ValueType::Ip,
];

impl Reader<'_> {
    /// Doubts what was taken from either of two such columns.
    pub(super) fn doubt_rivals(&self, near: &Neighbours<'_>, asked: &[Asked<'_>], chosen: &mut [Chosen]) {
        let columns = self.rival_columns(near);
        if columns.is_empty() {
            return;
        }
        for one in chosen {
            let units = one.answer.map(|at| asked[one.asked].answers[at].units.as_slice()).unwrap_or_default();
            one.of_another |= units.iter().any(|at| columns.contains(&column(&self.units[*at])));
        }
    }

    fn rival_columns(&self, near: &Neighbours<'_>) -> HashSet<(usize, i32)> {
        let mut seen: HashMap<(usize, i32, i32), usize> = HashMap::new();
        for (at, label) in self.units.iter().enumerate() {
            if !matches!(near.roles[at], Role::Label | Role::Unasked) {
                continue;
            }
            let row = near.row(label.page, &label.area);
            let beside = row.iter().filter(|other| self.units[**other].area.x0 >= label.area.x1 - 3.0);
            let cells: Vec<&Unit> = beside
                .take_while(|other| matches!(near.roles[**other], Role::Free | Role::Echo))
                .filter(|other| near.roles[**other] == Role::Free)
                .map(|other| &self.units[*other])
                .filter(|unit| unit.boxed && unit.widget.is_none())
                .collect();
            for pair in cells.windows(2) {
                let (a, b) = (pair[0].text(), pair[1].text());
                let alike = |kind: &ValueType| shapes::fit(*kind, &a).min(shapes::fit(*kind, &b)) >= SUITS;
                if a != b && TELLING.iter().any(alike) {
                    *seen.entry((label.page, column(pair[0]).1, column(pair[1]).1)).or_default() += 1;
                }
            }
        }
        seen.retain(|_, times| *times >= ROWS);
        seen.into_keys().flat_map(|(page, left, right)| [(page, left), (page, right)]).collect()
    }
}

fn column(unit: &Unit) -> (usize, i32) {
    #[expect(clippy::cast_possible_truncation, reason = "saturates, and pages are small")]
    let edge = unit.area.x0.round() as i32;
    (unit.page, edge)
}
