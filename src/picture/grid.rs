//! A sheet of a workbook drawn as a grid: columns as wide as their texts, within reason.

use std::collections::BTreeMap;

use super::list::latin;
use crate::paper::{Paper, width};

/// Height of a row, and of its type, in points.
const ROW: f32 = 15.0;
const TYPE: f32 = 7.5;
/// Narrowest and widest column.
const COLUMN: (f32, f32) = (28.0, 190.0);
/// Room for the names of rows and columns.
const EDGE: (f32, f32) = (24.0, 14.0);
/// More rows or columns than this are not drawn.
const MOST: (usize, usize) = (250, 40);

/// A cell as shown; rows and columns from zero, the last ones included.
#[derive(Debug, Clone, PartialEq)]
pub struct Cell {
    pub name: String,
    pub rows: (u32, u32),
    pub columns: (u32, u32),
    pub text: String,
}

/// Where rows and columns stand. Only those that hold something are drawn.
pub(super) struct Grid {
    /// Upper edges by row, and the end of the last one.
    rows: BTreeMap<u32, (f32, f32)>,
    columns: BTreeMap<u32, (f32, f32)>,
    names: BTreeMap<String, [f32; 4]>,
}

impl Grid {
    pub(super) fn of(cells: &[Cell]) -> Self {
        let mut wide: BTreeMap<u32, f32> = BTreeMap::new();
        let mut rows: BTreeMap<u32, (f32, f32)> = BTreeMap::new();
        for cell in cells {
            rows.insert(cell.rows.0, (0.0, 0.0));
            let column = wide.entry(cell.columns.0).or_insert(COLUMN.0);
            if cell.columns.0 == cell.columns.1 {
                *column = column.max(width(&latin(&cell.text), TYPE, false) + 6.0).min(COLUMN.1);
            }
        }
        let mut top = EDGE.1;
        let mut rows: BTreeMap<u32, (f32, f32)> = rows.into_keys().take(MOST.0).map(|row| (row, (0.0, 0.0))).collect();
        for edges in rows.values_mut() {
            *edges = (top, top + ROW);
            top += ROW;
        }
        let mut left = EDGE.0;
        let mut columns = BTreeMap::new();
        for (column, wide) in wide.into_iter().take(MOST.1) {
            columns.insert(column, (left, left + wide));
            left += wide;
        }
        let mut grid = Self { rows, columns, names: BTreeMap::new() };
        grid.names = cells.iter().filter_map(|cell| Some((cell.name.clone(), grid.frame(cell)?))).collect();
        grid
    }

    pub(super) fn size(&self) -> (f32, f32) {
        let end = |edges: &BTreeMap<u32, (f32, f32)>| edges.values().map(|edge| edge.1).fold(0.0, f32::max);
        (end(&self.columns).max(200.0) + 8.0, end(&self.rows).max(60.0) + 8.0)
    }

    fn frame(&self, cell: &Cell) -> Option<[f32; 4]> {
        let across = self.columns.range(cell.columns.0..=cell.columns.1);
        let down = self.rows.range(cell.rows.0..=cell.rows.1);
        let ends = |edges: Vec<(f32, f32)>| Some((edges.first()?.0, edges.last()?.1));
        let (left, right) = ends(across.map(|(_, edge)| *edge).collect())?;
        let (top, bottom) = ends(down.map(|(_, edge)| *edge).collect())?;
        Some([left, top, right, bottom])
    }

    pub(super) fn frame_of(&self, name: &str) -> Option<[f32; 4]> {
        self.names.get(name).copied()
    }

    pub(super) fn draw(&self, cells: &[Cell], paper: &mut Paper) {
        let grey = [0.55; 3];
        for (row, (top, bottom)) in &self.rows {
            paper.text_in(grey, (3.0, f32::midpoint(*top, *bottom) + 2.5), 6.0, false, &(row + 1).to_string());
        }
        for (column, (left, right)) in &self.columns {
            let name: String = crate::extraction::page::cell_name(0, *column).trim_end_matches('1').to_owned();
            paper.text_in(grey, (f32::midpoint(*left, *right) - 2.0, EDGE.1 - 4.0), 6.0, false, &name);
        }
        for cell in cells {
            let Some(frame) = self.names.get(&cell.name) else { continue };
            paper.outline(*frame, [0.8; 3], 0.4);
            let text = cut(&latin(&cell.text), frame[2] - frame[0] - 5.0);
            paper.text_in([0.1; 3], (frame[0] + 3.0, frame[3] - 5.0), TYPE, false, &text);
        }
    }
}

/// As much of a text as fits.
fn cut(text: &str, room: f32) -> String {
    let text: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    if width(&text, TYPE, false) <= room {
        return text;
    }
    let mut short: String = text;
    while !short.is_empty() && width(&short, TYPE, false) + 7.5 > room {
        short.pop();
    }
    short + "…"
}
