//! Units of a sheet: a cell with all its lines.

use std::collections::HashMap;

use super::lines::line_units;
use super::{Token, Unit, tick_unit};
use crate::extraction::page::{Cell, Page, SHEET_CELL, Source};

/// A sheet's cell is a unit with all its lines; boxes and captions that float over the cells stand for themselves.
pub(super) fn of_cells(page: &Page, index: usize) -> Vec<Unit> {
    let cells = CellMap::new(&page.cells);
    let mut inside: Vec<Vec<Token>> = vec![Vec::new(); page.cells.len()];
    let mut bold = vec![true; page.cells.len()];
    let mut units = Vec::new();
    for segment in &page.segments {
        match cells.at(segment.bbox.centre()) {
            Some(at) => {
                inside[at].extend(line_units(segment, index).into_iter().flat_map(|unit| unit.tokens));
                bold[at] &= segment.bold;
            }
            None => units.extend(line_units(segment, index)),
        }
    }
    for mark in &page.marks {
        let unit = tick_unit(index, mark.bbox, mark.ticked, None, Source::Cell);
        match cells.at(mark.bbox.centre()).filter(|at| !inside[*at].is_empty()) {
            Some(at) => inside[at].extend(unit.tokens),
            None => units.push(unit),
        }
    }
    for (at, mut tokens) in inside.into_iter().enumerate() {
        let cell = &page.cells[at];
        if tokens.is_empty() || cell.hidden {
            continue;
        }
        tokens.sort_by(|a, b| a.bbox.y0.total_cmp(&b.bbox.y0).then(a.bbox.x0.total_cmp(&b.bbox.x0)));
        let (mut line, mut top) = (0, tokens[0].bbox.y0);
        for token in &mut tokens {
            if token.bbox.y0 > top + 0.5 * token.bbox.height() {
                line += 1;
                top = token.bbox.y0;
            }
            token.line = line;
        }
        let area = cell.bbox();
        units.push(Unit {
            page: index,
            tokens,
            area,
            ink: area,
            boxed: true,
            widget: None,
            cell: Some(at),
            account: false,
            former: false,
            size: SHEET_CELL.1,
            bold: bold[at],
            source: Source::Cell,
        });
    }
    units
}

/// Which cell is where.
struct CellMap(HashMap<(u32, u32), usize>);

impl CellMap {
    /// Spans are walked only so far; a sheet of nothing but giant spans is no form.
    const WIDEST: u32 = 200;

    fn new(cells: &[Cell]) -> Self {
        let mut map = HashMap::new();
        for (at, cell) in cells.iter().enumerate() {
            for row in cell.row..=cell.last_row.min(cell.row + Self::WIDEST) {
                for column in cell.column..=cell.last_column.min(cell.column + Self::WIDEST) {
                    map.insert((row, column), at);
                }
            }
        }
        Self(map)
    }

    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "coordinates of a sheet are small and not negative"
    )]
    fn at(&self, (x, y): (f32, f32)) -> Option<usize> {
        let (column, row) = ((x.max(0.0) / SHEET_CELL.0) as u32, (y.max(0.0) / SHEET_CELL.1) as u32);
        self.0.get(&(row, column)).copied()
    }
}
