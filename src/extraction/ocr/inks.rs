//! Ink that is neither type, rule nor box: signatures, stamps, drawings.
//!
//! What was read is erased, what is left and hangs together is ink. A word the engine is unsure of stays: a signature may
//! look like letters to it.

use super::bitmap::Bitmap;
use super::rules::{Box, Rules};

/// Strokes closer than this belong to one ink, in points.
const HANG_TOGETHER: f32 = 4.0;
/// The smallest ink worth telling, in points.
const SMALLEST: (f32, f32) = (14.0, 6.0);
/// Coarse cells in which strokes are gathered, in points.
const CELL: f32 = 2.0;
/// What is wider and higher than this share of the sheet is its edge on a photograph, or a frame round all of it.
const EDGE: (f32, f32) = (0.7, 0.5);
/// More inks than this are noise all over the page.
const MOST: usize = 200;

/// Boxes in pixels and the share of ink inside each. `erased` holds what was read: words and boxes.
pub(super) fn find(bitmap: &Bitmap, rules: &Rules, erased: &[Box], scale: f32) -> Vec<(Box, f32)> {
    let mut left = bitmap.clone();
    for (x0, y0, x1, y1) in rules.across.iter().chain(&rules.down).chain(erased).copied() {
        left.erase((x0.saturating_sub(2), y0.saturating_sub(2), x1 + 2, y1 + 2));
    }
    let cell = ((CELL * scale) as usize).max(2);
    let (columns, rows) = (left.width / cell, left.height / cell);
    let sums = left.sums();
    // A speck of noise does not fill a tenth of a cell.
    let filled: Vec<bool> = (0..rows * columns)
        .map(|at| {
            let (x, y) = (at % columns * cell, at / columns * cell);
            sums.within(x, y, x + cell, y + cell) as usize * 8 > cell * cell
        })
        .collect();
    let reach = (HANG_TOGETHER / CELL) as usize;
    let mut found: Vec<(Box, f32)> = patches(&filled, columns, reach)
        .into_iter()
        .map(|(x0, y0, x1, y1)| (x0 * cell, y0 * cell, x1 * cell, y1 * cell))
        .filter(|b| {
            let (w, h) = ((b.2 - b.0) as f32, (b.3 - b.1) as f32);
            let edge = w > EDGE.0 * left.width as f32 && h > EDGE.1 * left.height as f32;
            w >= SMALLEST.0 * scale && h >= SMALLEST.1 * scale && !edge
        })
        .map(|b| (b, sums.within(b.0, b.1, b.2, b.3) as f32 / ((b.2 - b.0) * (b.3 - b.1)) as f32))
        .collect();
    found.sort_by(|a, b| b.1.total_cmp(&a.1));
    found.truncate(MOST);
    found
}

/// Boxes of cells that hang together, allowing gaps of `reach` cells.
fn patches(filled: &[bool], columns: usize, reach: usize) -> Vec<Box> {
    let rows = filled.len() / columns.max(1);
    let mut seen = vec![false; filled.len()];
    let mut todo = Vec::new();
    let mut found = Vec::new();
    for first in 0..filled.len() {
        if seen[first] || !filled[first] {
            continue;
        }
        let mut bounds: Box = (columns, rows, 0, 0);
        seen[first] = true;
        todo.push(first);
        while let Some(at) = todo.pop() {
            let (x, y) = (at % columns, at / columns);
            bounds = (bounds.0.min(x), bounds.1.min(y), bounds.2.max(x + 1), bounds.3.max(y + 1));
            for ny in y.saturating_sub(reach)..(y + reach + 1).min(rows) {
                for nx in x.saturating_sub(reach)..(x + reach + 1).min(columns) {
                    let next = ny * columns + nx;
                    if filled[next] && !seen[next] {
                        seen[next] = true;
                        todo.push(next);
                    }
                }
            }
        }
        found.push(bounds);
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strokes_that_hang_together_are_one_ink_and_words_none() {
        let mut page = Bitmap { width: 400, height: 200, ink: vec![0; 80_000] };
        for n in 0..100 {
            for thick in 0..3 {
                page.ink[(50 + n / 3 + thick) * 400 + 200 + n] = 1;
                page.ink[(80 - n / 3 + thick) * 400 + 205 + n] = 1;
            }
        }
        for y in 100..112 {
            page.ink[y * 400 + 20..y * 400 + 90].fill(1);
        }
        // The edge of the paper, as a photograph shows it.
        for x in 2..398 {
            (page.ink[2 * 400 + x], page.ink[3 * 400 + x]) = (1, 1);
        }
        for y in 2..198 {
            (page.ink[y * 400 + 2], page.ink[y * 400 + 3]) = (1, 1);
        }
        let inks = find(&page, &Rules::default(), &[(20, 100, 90, 112)], 2.0);
        assert_eq!(inks.len(), 1, "{inks:?}");
        let (bounds, share) = inks[0];
        assert!(bounds.0.abs_diff(200) <= 4 && bounds.2.abs_diff(305) <= 4, "{bounds:?}");
        assert!((0.05..0.5).contains(&share), "{share}");
    }
}
