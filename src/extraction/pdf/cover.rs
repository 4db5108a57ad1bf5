//! Which places of a page lie under form fields: what an annotation draws there is a field's appearance, what it draws
//! elsewhere (typed notes, stamps, signatures by pen) belongs to the page.

use super::super::page::Widget;

/// Side of a cell of the raster, in points.
const CELL: f32 = 2.0;

/// A raster of the page.
pub(super) struct Cover {
    columns: usize,
    cells: Vec<bool>,
}

impl Cover {
    pub(super) fn of(widgets: &[Widget], (width, height): (f32, f32)) -> Self {
        if widgets.is_empty() || !(width <= 20_000.0 && height <= 20_000.0) {
            return Self { columns: 0, cells: Vec::new() };
        }
        let (columns, rows) = (index(width) + 1, index(height) + 1);
        let mut cells = vec![false; columns * rows];
        for rect in widgets.iter().filter(|widget| !widget.hidden).map(|widget| widget.rect) {
            let (x0, x1) = (index(rect.x0), index(rect.x1).min(columns - 1));
            for y in index(rect.y0)..=index(rect.y1).min(rows - 1) {
                if x0 <= x1 {
                    cells[y * columns + x0..=y * columns + x1].fill(true);
                }
            }
        }
        Self { columns, cells }
    }

    pub(super) fn holds(&self, (x, y): (f32, f32)) -> bool {
        let column = index(x);
        column < self.columns && self.cells.get(index(y) * self.columns + column).copied().unwrap_or(false)
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a float beyond the page saturates")]
fn index(value: f32) -> usize {
    (value.max(0.0) / CELL) as usize
}
