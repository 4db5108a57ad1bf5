//! Boxes to tick that are filled to their edge: a solid square shows no sides, but it stands in a row or a column of boxes.

use super::bitmap::Bitmap;
use super::marks::Square;
use super::rules::Box;

/// Side of a filled box, in sides of the empty ones it stands among: print draws it smaller, a pen larger.
const SIDE: std::ops::RangeInclusive<f32> = 0.6..=1.2;
/// Share of its surface that is ink, its worn edge included; within the edge, where a round bullet lacks its corners; and of
/// its surroundings.
const FILLED: f32 = 0.72;
const CORE: f32 = 0.97;
const CALM: f32 = 0.1;
/// How far above and under a box others of its column are looked for, in sides.
pub(super) const COLUMN: usize = 12;

/// Solid squares in the rows and columns of `squares` that are none of them.
pub(super) fn among(bitmap: &Bitmap, squares: &[Square]) -> Vec<Square> {
    let mut found: Vec<Box> = Vec::new();
    for square in squares {
        let (x0, y0, x1, y1) = square.bounds;
        let side = x1 - x0;
        let more = side / 2;
        let held = |low: usize, high: usize, limit: usize| (low.min(limit), high.min(limit));
        let (top, bottom) = held(y0.saturating_sub(more), y1 + more, bitmap.height);
        let (left, right) = held(x0.saturating_sub(more), x1 + more, bitmap.width);
        let (above, below) = held(y0.saturating_sub(COLUMN * side), y1 + COLUMN * side, bitmap.height);
        for area in [(0, top, bitmap.width, bottom), (left, above, right, below)] {
            for patch in patches(bitmap, area, side as f32) {
                let known = squares.iter().map(|square| square.bounds).chain(found.iter().copied());
                if known.into_iter().all(|other| apart(other, patch)) {
                    found.push(patch);
                }
            }
        }
    }
    found.into_iter().map(|bounds| Square { bounds, ticked: Some(true) }).collect()
}

fn apart(a: Box, b: Box) -> bool {
    a.2 <= b.0 || b.2 <= a.0 || a.3 <= b.1 || b.3 <= a.1
}

/// Patches of ink in a part of the page that are solid squares of about that side, with paper round them.
fn patches(bitmap: &Bitmap, area: Box, side: f32) -> Vec<Box> {
    let (left, top, right, bottom) = area;
    let width = right - left;
    let inked = |at: usize| bitmap.ink[(top + at / width.max(1)) * bitmap.width + left + at % width.max(1)] == 1;
    let mut seen = vec![false; width * (bottom - top)];
    let mut todo = Vec::new();
    let mut found = Vec::new();
    for first in 0..seen.len() {
        if seen[first] || !inked(first) {
            continue;
        }
        let (mut x0, mut y0, mut x1, mut y1, mut pixels) = (width, bottom - top, 0, 0, 0_u32);
        seen[first] = true;
        todo.push(first);
        while let Some(at) = todo.pop() {
            let (x, y) = (at % width, at / width);
            (x0, y0, x1, y1) = (x0.min(x), y0.min(y), x1.max(x + 1), y1.max(y + 1));
            pixels += 1;
            for ny in y.saturating_sub(1)..(y + 2).min(bottom - top) {
                for nx in x.saturating_sub(1)..(x + 2).min(width) {
                    let next = ny * width + nx;
                    if !seen[next] && inked(next) {
                        seen[next] = true;
                        todo.push(next);
                    }
                }
            }
        }
        let (w, h) = ((x1 - x0) as f32, (y1 - y0) as f32);
        // What reaches the border of the part goes on beyond it.
        let whole = x0 > 1 && y0 > 1 && x1 + 1 < width && y1 + 1 < bottom - top;
        let square = (w - h).abs() <= (0.2 * side).max(1.0) && SIDE.contains(&(w / side)) && SIDE.contains(&(h / side));
        if whole && square && pixels as f32 >= FILLED * w * h {
            let bounds = (left + x0, top + y0, left + x1, top + y1);
            if calm_round(bitmap, bounds) && core(bitmap, bounds) >= CORE {
                found.push(bounds);
            }
        }
    }
    found
}

/// Share of ink one pixel within it.
fn core(bitmap: &Bitmap, (x0, y0, x1, y1): Box) -> f32 {
    let row = |y: usize| &bitmap.ink[y * bitmap.width + x0 + 1..y * bitmap.width + x1 - 1];
    let inked: u32 = (y0 + 1..y1 - 1).flat_map(row).map(|ink| u32::from(*ink)).sum();
    inked as f32 / ((x1 - x0 - 2) * (y1 - y0 - 2)).max(1) as f32
}

/// Is there paper two pixels away from it?
fn calm_round(bitmap: &Bitmap, (x0, y0, x1, y1): Box) -> bool {
    let (left, top) = (x0.saturating_sub(2), y0.saturating_sub(2));
    let (right, bottom) = ((x1 + 1).min(bitmap.width - 1), (y1 + 1).min(bitmap.height - 1));
    let across = (left..=right).flat_map(|x| [(x, top), (x, bottom)]);
    let down = (top..=bottom).flat_map(|y| [(left, y), (right, y)]);
    let (mut inked, mut all) = (0_u32, 0_u32);
    for (x, y) in across.chain(down) {
        inked += u32::from(bitmap.ink[y * bitmap.width + x]);
        all += 1;
    }
    (inked as f32) < CALM * all as f32
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fill(page: &mut Bitmap, (x0, y0, x1, y1): Box) {
        (y0..y1).for_each(|y| page.ink[y * 400 + x0..y * 400 + x1].fill(1));
    }

    fn page_dot(page: &mut Bitmap, x: usize, y: usize, inked: bool) {
        page.ink[y * 400 + x] = u8::from(inked);
    }

    #[test]
    fn a_solid_square_is_a_box_only_beside_boxes() {
        let mut page = Bitmap { width: 400, height: 300, ink: vec![0; 120_000] };
        // In the row of the box, under it, far from it; and a rule and a point in its row.
        fill(&mut page, (100, 51, 110, 61));
        fill(&mut page, (41, 81, 51, 91));
        fill(&mut page, (200, 200, 210, 210));
        fill(&mut page, (150, 55, 190, 58));
        fill(&mut page, (220, 57, 223, 60));
        // A round bullet, and a square whose edge is worn.
        for y in 0..12_usize {
            for x in 0..12_usize {
                let (dx, dy) = (x as f32 - 5.5, y as f32 - 5.5);
                page_dot(&mut page, 250 + x, 50 + y, dx * dx + dy * dy <= 36.0);
                let edge = x % 11 == 0 || y % 11 == 0;
                page_dot(&mut page, 300 + x, 50 + y, !edge || (x + y) % 3 > 0 && x != y && x + y != 11);
            }
        }
        let square = Square { bounds: (40, 50, 52, 62), ticked: Some(false) };
        let mut found: Vec<Box> = among(&page, &[square]).into_iter().map(|square| square.bounds).collect();
        found.sort_unstable();
        assert_eq!(found, [(41, 81, 51, 91), (100, 51, 110, 61), (300, 50, 312, 62)]);
        assert!(among(&page, &[]).is_empty());
    }
}
