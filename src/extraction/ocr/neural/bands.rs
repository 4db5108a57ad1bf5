//! Parts of a page that hold ink: the detector need not look at empty paper, nor at the whole page at once.
//!
//! Looking costs time and memory by the pixel, and half of the pages of a form are half empty. A page is parted only where
//! paper runs from edge to edge, so that no line of type is cut.

use super::super::bitmap::Bitmap;
use super::super::rules::Box;

/// Side of the coarse cells ink is looked for in, in points.
const CELL: f32 = 2.0;
/// Paper left round the ink, in points.
const MARGIN: f32 = 10.0;
/// An empty stretch higher than this is left out, in points.
const EMPTY: f32 = 40.0;
/// From this height on a part ends at the next empty row, in points.
const TALL: f32 = 220.0;

/// The parts, from top to bottom. `scale` is pixels per point.
pub(super) fn of(ink: &Bitmap, scale: f32) -> Vec<Box> {
    let cell = ((CELL * scale) as usize).max(2);
    let (columns, rows) = (ink.width / cell, ink.height / cell);
    let sums = ink.sums();
    // A speck of noise does not fill an eighth of a cell.
    let filled = |row: usize, column: usize| {
        let (x, y) = (column * cell, row * cell);
        sums.within(x, y, x + cell, y + cell) as usize * 8 > cell * cell
    };
    let ends: Vec<Option<(usize, usize)>> = (0..rows)
        .map(|row| {
            let first = (0..columns).find(|column| filled(row, *column))?;
            let last = (first..columns).rev().find(|column| filled(row, *column))?;
            Some((first, last + 1))
        })
        .collect();
    let pixels = |points: f32| (points * scale) as usize;
    let parts = parts(&ends.iter().map(Option::is_some).collect::<Vec<_>>(), pixels(EMPTY) / cell, pixels(TALL) / cell);
    let boxed = |at: usize| {
        let (from, to) = parts[at];
        let inked = ends[from..to].iter().flatten();
        let (left, right) = inked.fold((columns, 0), |(left, right), ends| (left.min(ends.0), right.max(ends.1)));
        let margin = pixels(MARGIN);
        // No line is to be seen twice: between two parts the paper is shared out.
        let above = at.checked_sub(1).map_or(0, |above| usize::midpoint(parts[above].1 * cell, from * cell));
        let below = parts.get(at + 1).map_or(ink.height, |below| usize::midpoint(to * cell, below.0 * cell));
        (
            (left * cell).saturating_sub(margin),
            (from * cell).saturating_sub(margin).max(above),
            (right * cell + margin).min(ink.width),
            (to * cell + margin).min(below),
        )
    };
    (0..parts.len()).map(boxed).collect()
}

/// First row and row after the last of each part.
fn parts(inked: &[bool], empty: usize, tall: usize) -> Vec<(usize, usize)> {
    let mut parts: Vec<(usize, usize)> = Vec::new();
    for row in (0..inked.len()).filter(|row| inked[*row]) {
        match parts.last_mut() {
            Some((from, to)) if row == *to || row - *to <= empty && *to - *from < tall => *to = row + 1,
            _ => parts.push((row, row + 1)),
        }
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn empty_paper_is_left_out_and_a_tall_page_is_parted_between_its_lines() {
        let (width, height) = (600, 1200);
        let mut page = Bitmap { width, height, ink: vec![0; width * height] };
        let mut line = |y: usize, from: usize, to: usize| {
            (y..y + 10).for_each(|y| page.ink[y * width + from..y * width + to].fill(1));
        };
        (0..40).for_each(|n| line(100 + 20 * n, 50, 400));
        line(1100, 200, 300);
        let bands = of(&page, 1.0);
        assert_eq!(bands.len(), 5, "{bands:?}");
        let cuts = |y: usize| (100..890).contains(&y) && (1..10).contains(&((y - 100) % 20));
        for (x0, y0, x1, y1) in &bands {
            assert!(!cuts(*y0) && !cuts(*y1), "{bands:?}");
            assert!(*x0 >= 40 && *x1 <= 410);
        }
        assert!(bands.windows(2).all(|pair| pair[0].3 <= pair[1].1), "no line is seen twice: {bands:?}");
        assert!(bands[4].0 >= 190 && bands[4].2 <= 310 && bands[4].1 >= 1089);
    }

    #[test]
    fn a_page_without_an_empty_row_stays_whole_and_empty_paper_gives_nothing() {
        assert_eq!(parts(&[true; 500], 20, 100), [(0, 500)]);
        assert_eq!(of(&Bitmap { width: 100, height: 100, ink: vec![0; 10_000] }, 1.0), []);
    }
}
