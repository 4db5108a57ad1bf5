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
/// A code has so many digits.
const CODED: usize = 4;
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
    /// Doubts what was taken from either of two such columns, or beside another value of its kind.
    pub(super) fn doubt_rivals(&self, near: &Neighbours<'_>, asked: &[Asked<'_>], chosen: &mut [Chosen]) {
        let pairs = self.pairs(near);
        let columns = rival_columns(&pairs);
        for one in chosen {
            let units = one.answer.map(|at| asked[one.asked].answers[at].units.as_slice()).unwrap_or_default();
            let rivalled = |at: &usize| {
                columns.contains(&column(&self.units[*at]))
                    || pairs.iter().any(|pair| pair.telling && pair.cells.contains(at))
            };
            one.of_another |= units.iter().any(rivalled);
        }
    }

    /// Labels with two different values of one kind beside them.
    fn pairs(&self, near: &Neighbours<'_>) -> Vec<Pair> {
        let mut found = Vec::new();
        for (at, label) in self.units.iter().enumerate() {
            if !matches!(near.roles[at], Role::Label | Role::Unasked) {
                continue;
            }
            let row = near.row(label.page, &label.area);
            let beside = row.iter().filter(|other| self.units[**other].area.x0 >= label.area.x1 - 3.0);
            let cells: Vec<usize> = beside
                .copied()
                .take_while(|other| matches!(near.roles[*other], Role::Free | Role::Echo))
                .filter(|other| near.roles[*other] == Role::Free)
                .filter(|other| self.units[*other].boxed && self.units[*other].widget.is_none())
                .collect();
            for pair in cells.windows(2) {
                let (a, b) = (self.units[pair[0]].text(), self.units[pair[1]].text());
                let alike = |kind: &ValueType| shapes::fit(*kind, &a).min(shapes::fit(*kind, &b)) >= SUITS;
                let telling = TELLING.iter().any(alike);
                if a != b && (telling || is_coded(&a) && pattern(&a) == pattern(&b)) {
                    let columns = [column(&self.units[pair[0]]), column(&self.units[pair[1]])];
                    found.push(Pair { cells: [pair[0], pair[1]], columns, telling });
                }
            }
        }
        found
    }
}

/// Two values beside one label.
struct Pair {
    cells: [usize; 2],
    columns: [(usize, i32); 2],
    /// Their kind is one that nothing else looks like.
    telling: bool,
}

fn rival_columns(pairs: &[Pair]) -> HashSet<(usize, i32)> {
    let mut seen: HashMap<[(usize, i32); 2], usize> = HashMap::new();
    for pair in pairs {
        *seen.entry(pair.columns).or_default() += 1;
    }
    seen.into_iter().filter(|(_, times)| *times >= ROWS).flat_map(|(columns, _)| columns).collect()
}

/// A number of one's own, not a count or an amount.
fn is_coded(text: &str) -> bool {
    text.chars().filter(char::is_ascii_digit).count() >= CODED && !text.contains([' ', '.', ','])
}

/// The text with all digits and all letters alike.
fn pattern(text: &str) -> String {
    text.chars()
        .map(|c| {
            if c.is_ascii_digit() {
                '0'
            } else if c.is_alphabetic() {
                'a'
            } else {
                c
            }
        })
        .collect()
}

fn column(unit: &Unit) -> (usize, i32) {
    #[expect(clippy::cast_possible_truncation, reason = "saturates, and pages are small")]
    let edge = unit.area.x0.round() as i32;
    (unit.page, edge)
}
