//! What was before: a form that asks for changes prints two columns, the value so far and the new one.
//!
//! Where the new one is filled in it alone counts, and the former one is taken off the page. Where it is left blank the former
//! one may still hold or have been dropped: it is read, and a person looks. So is what stands on a sheet named after the past.

use super::lexicon::Lexicon;
use super::units::Unit;
use crate::domain::field::Rect;
use crate::extraction::page::Page;

/// Longer than this is no heading of a column.
const LONGEST: usize = 4;
/// A text this near a known wording is a label.
const SURE_LABEL: f32 = 0.9;
/// What begins this near a heading's left edge, in points, stands in its column.
const ALIGNED: f32 = 6.0;

/// `Ancienne valeur | Nouvelle valeur`.
#[derive(Debug, Clone, Copy)]
struct Columns {
    page: usize,
    former: Rect,
    changed: Rect,
}

/// Takes off what a new value replaces, and marks what only may hold still.
pub(super) fn put_aside(lexicon: &Lexicon, pages: &[Page], units: &mut Vec<Unit>) {
    for unit in units.iter_mut() {
        let sheet = pages[unit.page].sheet.as_deref().unwrap_or_default();
        unit.former = lexicon.says(&lexicon.meaning(sheet), "ancien");
    }
    let heads = columns(lexicon, units);
    if heads.is_empty() {
        return;
    }
    let mut replaced = vec![false; units.len()];
    let mut reigning: Option<Columns> = None;
    for row in rows(units) {
        let is_head = |head: &&Columns| row.iter().any(|at| is_at(&units[*at], head.page, &head.former));
        if let Some(head) = heads.iter().find(is_head) {
            reigning = Some(*head);
            // The head of the table asks nothing and answers nothing.
            for at in row.iter().copied().filter(|at| units[*at].tokens.len() <= LONGEST) {
                replaced[at] = true;
            }
            continue;
        }
        let Some(columns) = reigning else { continue };
        let within = |column: &Rect| -> Vec<usize> {
            row.iter().copied().filter(|at| stands_under(&units[*at], column)).collect()
        };
        let (former, changed) = (within(&columns.former), within(&columns.changed));
        let asks = |at: &usize| lexicon.label_likeness(&lexicon.meaning(&units[*at].text())) >= SURE_LABEL;
        if former.iter().any(asks) && changed.iter().any(asks) {
            // The headings of another table.
            reigning = None;
            continue;
        }
        let filled = changed.iter().any(|at| units[*at].has_ticks() || is_said(&units[*at]));
        for at in former {
            replaced[at] = filled;
            units[at].former = true;
        }
    }
    let mut replaced = replaced.into_iter();
    units.retain(|_| !replaced.next().unwrap_or_default());
}

/// Pairs of headings side by side, one of what was and one of what is to be.
fn columns(lexicon: &Lexicon, units: &[Unit]) -> Vec<Columns> {
    let mut found = Vec::new();
    for row in rows(units) {
        let heads = |names: &[&str]| {
            row.iter().copied().find(|at| {
                let unit = &units[*at];
                unit.widget.is_none()
                    && !unit.has_ticks()
                    && unit.tokens.len() <= LONGEST
                    && lexicon.says_nothing_but(&lexicon.meaning(&unit.text()), names)
            })
        };
        if let (Some(former), Some(changed)) = (heads(&["ancien", "avant"]), heads(&["nouveau", "apres"])) {
            let area = |at: usize| if units[at].boxed { units[at].area } else { units[at].ink };
            found.push(Columns { page: units[former].page, former: area(former), changed: area(changed) });
        }
    }
    found
}

/// Units of each row, from top to bottom.
fn rows(units: &[Unit]) -> Vec<Vec<usize>> {
    let mut rows: Vec<Vec<usize>> = Vec::new();
    for (at, unit) in units.iter().enumerate() {
        let same = rows.last_mut().filter(|row| {
            let first = &units[row[0]];
            let (top, bottom) = (unit.area.y0.max(first.area.y0), unit.area.y1.min(first.area.y1));
            first.page == unit.page && bottom - top > 0.5 * unit.area.height().min(first.area.height())
        });
        match same {
            Some(row) => row.push(at),
            None => rows.push(vec![at]),
        }
    }
    rows
}

fn is_at(unit: &Unit, page: usize, area: &Rect) -> bool {
    unit.page == page && (unit.area == *area || unit.ink == *area)
}

fn stands_under(unit: &Unit, head: &Rect) -> bool {
    let area = if unit.boxed { &unit.area } else { &unit.ink };
    (area.x0 - head.x0).abs() < ALIGNED || !unit.boxed && (area.centre().0 - head.centre().0).abs() < ALIGNED
}

/// Words, not the dots or the stroke of a blank.
fn is_said(unit: &Unit) -> bool {
    unit.text().chars().any(char::is_alphanumeric)
}
