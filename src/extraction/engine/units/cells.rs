//! Lines that share a ruled cell.

use std::collections::HashMap;

use super::{Token, Unit, bounds};
use crate::domain::field::Rect;
use crate::extraction::engine::ruling::Ruling;
use crate::extraction::page::{Page, Source};

/// Cells of a picture whose walls lie this near one another are one, in points.
const ONE_CELL: f32 = 2.5;

/// A cell wider than this share of its page is a row whose inner walls are gone, if it holds a second text.
const WHOLE_ROW: f32 = 0.7;

/// Lines that share a ruled cell become one unit; the cell is its room.
pub(super) fn gather_cells(lines: Vec<Unit>, ruling: &Ruling, page: &Page) -> Vec<Unit> {
    let mut cells: Vec<(Rect, Vec<Unit>)> = Vec::new();
    let mut by_corner = HashMap::new();
    let mut units = Vec::new();
    for line in lines {
        // A box to tick may stand on the wall of its cell; its option stands right of it.
        let box_alone = line.tokens.len() == 1 && line.has_ticks() && line.source == Source::Ocr;
        let probe = if box_alone { Rect { x0: line.ink.centre().0, ..line.ink } } else { line.ink };
        let cell = ruling.cell_around(&probe).filter(|cell| is_cell(cell, page));
        match cell {
            Some(cell) => {
                #[expect(clippy::cast_possible_truncation, reason = "places on a page are far below 2^62")]
                let corner = [cell.x0, cell.y0, cell.x1, cell.y1].map(|edge| (edge * 2.0).round() as i64);
                // Rules of a picture come in pieces, and no two looks at a cell need find the same.
                let same = |known: &Rect| {
                    let off = [known.x0 - cell.x0, known.y0 - cell.y0, known.x1 - cell.x1, known.y1 - cell.y1];
                    off.iter().all(|off| off.abs() <= ONE_CELL)
                };
                let seen = (line.source == Source::Ocr).then(|| cells.iter().position(|(known, _)| same(known)));
                let at = *by_corner.entry(corner).or_insert_with(|| {
                    seen.flatten().unwrap_or_else(|| {
                        cells.push((cell, Vec::new()));
                        cells.len() - 1
                    })
                });
                cells[at].1.push(line);
            }
            None => units.push(line),
        }
    }
    let outside: Vec<(f32, f32)> = units.iter().map(|unit| unit.ink.centre()).collect();
    for (cell, lines) in cells {
        // In a picture walls may have faded: what seems one cell is a whole row, and holds another text, too.
        let faded = |line: &Unit| {
            line.source == Source::Ocr
                && cell.width() > WHOLE_ROW * page.width
                && outside.iter().any(|other| cell.contains(*other))
        };
        if lines.len() == 1 && !faded(&lines[0]) || lines.len() > 1 && is_one_content(&lines) {
            units.push(one_unit(cell, lines));
        } else {
            units.extend(lines);
        }
    }
    units
}

/// A cell holds one value; a frame round a whole section is no cell.
pub(super) fn is_cell(cell: &Rect, page: &Page) -> bool {
    cell.height() < 110.0 && (cell.height() < 0.2 * page.height || page.height < 200.0)
}

/// Several form fields, or more than one labelled line, in one frame are not one value.
fn is_one_content(lines: &[Unit]) -> bool {
    let fields = lines.iter().filter(|line| line.widget.is_some()).count();
    let labelled = lines
        .iter()
        .filter(|line| line.tokens.iter().any(|token| token.tick.is_none() && token.text.ends_with(':')))
        .count();
    let rows = {
        let mut tops: Vec<f32> = lines.iter().map(|line| line.ink.y0).collect();
        tops.sort_by(f32::total_cmp);
        1 + tops.windows(2).filter(|pair| pair[1] - pair[0] > 4.0).count()
    };
    let first = &lines[0];
    let one_type = lines.iter().all(|line| line.has_ticks() || same_type(line, first));
    // The first row alone is set otherwise: a label above its value, however many lines that has.
    let stacked = {
        let mut sorted: Vec<&Unit> = lines.iter().collect();
        sorted.sort_by(|a, b| a.ink.y0.total_cmp(&b.ink.y0));
        let rest = &sorted[1..];
        rest.first().is_some_and(|value| {
            value.ink.y0 > sorted[0].ink.centre().1
                && rest.iter().all(|line| line.has_ticks() || same_type(line, value))
        })
    };
    let ends = lines.iter().filter(|line| line.tokens.last().is_some_and(|token| token.text.ends_with(':'))).count();
    // A small label above its value is the one honest change of type within a cell.
    fields == 0 && rows <= 8 && ends <= 1 && (one_type || stacked && labelled == 0) && (labelled <= 1 || rows <= 2)
}

/// In a picture type is measured by its ink, which is rough.
fn same_type(a: &Unit, b: &Unit) -> bool {
    let off = if a.source == Source::Ocr { 0.3 } else { 0.12 };
    (a.size - b.size).abs() < off * b.size && a.bold == b.bold
}

fn one_unit(cell: Rect, mut lines: Vec<Unit>) -> Unit {
    lines.sort_by(|a, b| a.ink.y0.total_cmp(&b.ink.y0));
    // Pieces whose middles are within half a line stand on one line.
    let mut rows: Vec<Vec<Unit>> = Vec::new();
    for line in lines {
        let middle = line.ink.centre().1;
        match rows.last_mut() {
            Some(row) if row[0].ink.y0 <= middle && middle <= row[0].ink.y1 => row.push(line),
            _ => rows.push(vec![line]),
        }
    }
    let mut tokens = Vec::new();
    let mut head = rows[0][0].clone();
    for (number, mut row) in rows.into_iter().enumerate() {
        row.sort_by(|a, b| a.ink.x0.total_cmp(&b.ink.x0));
        for unit in row {
            head.bold &= unit.bold;
            tokens.extend(unit.tokens.into_iter().map(|token| Token { line: number, ..token }));
        }
    }
    if !tokens.is_empty() {
        head.ink = bounds(&tokens);
    }
    head.tokens = tokens;
    head.boxed = true;
    head.area = cell.union(&head.ink);
    head
}
