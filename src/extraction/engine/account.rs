//! A bank account printed in its parts: bank, branch, account and key in four boxes, or in one line with their names.

use super::shapes;
use super::units::{Token, Unit, bounds};
use crate::domain::values::ValueType;

/// Digits of the parts of a RIB.
const PARTS: [usize; 4] = [2, 3, 13, 2];

/// Joins four boxes on one row into one unit.
pub(super) fn join(units: &mut Vec<Unit>) {
    let mut gone = vec![false; units.len()];
    for first in 0..units.len() {
        if gone[first] || digits(&units[first]) != PARTS[0] {
            continue;
        }
        let Some(parts) = parts_from(units, first) else { continue };
        let tokens: Vec<Token> = parts
            .iter()
            .flat_map(|at| units[*at].tokens.iter().cloned())
            .map(|token| Token { line: 0, ..token })
            .collect();
        let area = parts.iter().map(|at| units[*at].area).reduce(|a, b| a.union(&b)).unwrap_or_default();
        for at in &parts[1..] {
            gone[*at] = true;
        }
        let head = &mut units[first];
        head.ink = bounds(&tokens);
        head.tokens = tokens;
        head.area = area;
        head.boxed = true;
        // No single field or cell holds it.
        head.widget = None;
        head.cell = None;
        head.account = true;
    }
    let mut at = 0;
    units.retain(|_| {
        at += 1;
        !gone[at - 1]
    });
}

/// The units that hold the other parts, in reading order: on the row of the first, perhaps running on under it.
fn parts_from(units: &[Unit], first: usize) -> Option<Vec<usize>> {
    let head = &units[first];
    let height = head.area.height().clamp(6.0, 24.0);
    let line = |unit: &Unit| ((unit.area.centre().1 - head.area.centre().1) / height).round();
    let near = first.saturating_sub(12)..(first + 20).min(units.len());
    let mut numbers: Vec<usize> = near
        .filter(|at| {
            let unit = &units[*at];
            let numeric = unit.tokens.iter().any(|token| token.text.bytes().any(|b| b.is_ascii_digit()));
            unit.page == head.page
                && numeric
                && *at != first
                && match line(unit) {
                    0.0 => unit.area.x0 > head.area.x1 - 2.0,
                    step => (1.0..=2.0).contains(&step) && unit.area.x0 > head.area.x0 - 90.0,
                }
        })
        .collect();
    numbers.sort_by(|a, b| {
        line(&units[*a]).total_cmp(&line(&units[*b])).then(units[*a].area.x0.total_cmp(&units[*b].area.x0))
    });
    let mut parts = vec![first];
    // The parts' own names may stand between them.
    for (at, wanted) in numbers.into_iter().zip(&PARTS[1..]) {
        if digits(&units[at]) != *wanted {
            return None;
        }
        parts.push(at);
    }
    (parts.len() == PARTS.len()).then_some(parts)
}

/// How many digits a unit of digits alone has; 0 for any other.
fn digits(unit: &Unit) -> usize {
    let text: String = unit.tokens.iter().map(|token| token.text.as_str()).collect();
    if unit.has_ticks() || !text.bytes().all(|b| b.is_ascii_digit()) { 0 } else { text.len() }
}

/// `Code banque : 10 Code agence : 038 N° de compte : … Clé RIB : 03` in one unit is an account, not four questions.
pub(super) fn is_spelled_out(unit: &Unit) -> bool {
    let colons = unit.tokens.iter().filter(|token| token.text.ends_with(':')).count();
    colons >= 3 && shapes::fit(ValueType::Rib, &unit.text()) >= 1.0
}
