//! Ruled cells in which nothing is printed: an answer that was left out, not a place without answer.
//!
//! Without them a label whose cell beside it is blank would take its answer from the row below.

use std::collections::{HashMap, HashSet};

use super::Unit;
use super::cells::is_cell;
use crate::domain::field::Rect;
use crate::extraction::engine::ruling::Ruling;
use crate::extraction::page::Page;

/// More empty cells than this are a pattern, not a form.
const MOST: usize = 400;
/// Smaller frames are boxes to tick, or hold one character.
const LEAST_WIDTH: f32 = 22.0;
const LEAST_HEIGHT: f32 = 7.0;
/// How far behind an edge the next cell is looked for.
const STEP: f32 = 4.0;
/// Height of the strips in which print is looked up.
const STRIP: f32 = 24.0;

/// The empty cells that lie beside and under cells that hold something, and on from there.
pub(super) fn cells(units: &[Unit], ruling: &Ruling, page: &Page) -> Vec<Unit> {
    let mut strips: HashMap<i32, Vec<Rect>> = HashMap::new();
    for unit in units {
        let ink = if unit.tokens.is_empty() { unit.area } else { unit.ink };
        for number in strip(ink.y0)..=strip(ink.y1).min(strip(ink.y0) + 40) {
            strips.entry(number).or_default().push(ink);
        }
    }
    let holds_print = |cell: &Rect| {
        (strip(cell.y0)..=strip(cell.y1)).filter_map(|number| strips.get(&number)).flatten().any(|ink| {
            ink.x0 < cell.x1 - 1.0 && ink.x1 > cell.x0 + 1.0 && ink.y0 < cell.y1 - 1.0 && ink.y1 > cell.y0 + 1.0
        })
    };
    let mut known: HashSet<[i32; 4]> = HashSet::new();
    let mut waiting: Vec<(Rect, usize)> = Vec::new();
    for (at, unit) in units.iter().enumerate().filter(|(_, unit)| unit.boxed && unit.widget.is_none()) {
        known.insert(corner(&unit.area));
        waiting.push((unit.area, at));
    }
    let mut found = Vec::new();
    while let Some((area, like)) = waiting.pop() {
        let (x, y) = area.centre();
        for (x, y) in [(area.x1 + STEP, y), (area.x0 - STEP, y), (x, area.y1 + STEP)] {
            let probe = Rect { x0: x, y0: y, x1: x + 0.5, y1: y + 0.5 };
            let Some(cell) = ruling.cell_around(&probe).filter(|cell| is_cell(cell, page)) else { continue };
            let roomy = cell.width() >= LEAST_WIDTH && cell.height() >= LEAST_HEIGHT;
            if !roomy || !known.insert(corner(&cell)) || holds_print(&cell) {
                continue;
            }
            if found.len() >= MOST {
                return found;
            }
            let like_it = &units[like];
            found.push(Unit { tokens: Vec::new(), area: cell, ink: cell, boxed: true, ..like_it.clone() });
            waiting.push((cell, like));
        }
    }
    found
}

fn strip(y: f32) -> i32 {
    #[expect(clippy::cast_possible_truncation, reason = "saturates, and pages are small")]
    let number = (y / STRIP).floor() as i32;
    number.clamp(-10_000, 1_000_000)
}

fn corner(area: &Rect) -> [i32; 4] {
    #[expect(clippy::cast_possible_truncation, reason = "saturates, and pages are small")]
    [area.x0, area.y0, area.x1, area.y1].map(|edge| (edge / 2.0).round() as i32)
}
