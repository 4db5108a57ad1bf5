//! Boxes to tick on a page picture: small squares with four inked sides. What they hold tells their state.
//!
//! The cells of a comb and of a fine table are squares too: squares that share a side with others are no boxes to tick.

use super::bitmap::{Bitmap, Sums};
use super::rules::Box;
use super::solid;

/// Sides of a box to tick, in points.
const SIDES: std::ops::RangeInclusive<f32> = 5.0..=15.0;
/// A box smaller than this is no larger than a letter: it must stand apart from what is left of it and right of it.
const LETTER: f32 = 6.6;
/// How far apart, in shares of its side.
const APART: (f32, f32) = (0.45, 0.10);
/// A box smaller than this is no larger than a capital: its corners are sharp, as those of a `D` are not, and a blank wider than
/// what parts letters stands between it and its option.
const CAPITAL: (f32, f32) = (5.8, 0.3);
/// Share of a side that must be inked.
const SIDE_INKED: f32 = 0.95;
/// Largest share of ink right inside the sides, unless the box is filled, and right outside them but for a wall that the box
/// stands against.
const CALM_INSIDE: f32 = 0.65;
const CALM_OUTSIDE: f32 = 0.22;
/// The same right outside a box as small as a letter: round letters bulge.
const CALM_OUTSIDE_SMALL: f32 = 0.06;
const FILLED: f32 = 0.93;
/// Least share of ink on the frame itself, where no pixel may wander.
const FRAME: f32 = 0.6;
/// Share of ink inside: below the first the box is empty, from the second on it is ticked, between it cannot be told.
const EMPTY_BELOW: f32 = 0.045;
const TICKED_FROM: f32 = 0.10;
/// How far in from the sides the inside begins, as a share of the side.
const INSET: f32 = 0.24;

/// A box and its state; `None` where it cannot be told.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Square {
    pub(super) bounds: Box,
    pub(super) ticked: Option<bool>,
}

/// Finds the boxes; `scale` is pixels per point.
pub(super) fn find(bitmap: &Bitmap, scale: f32) -> Vec<Square> {
    let smallest = (SIDES.start() * scale).round().max(8.0) as usize;
    let largest = (SIDES.end() * scale).round() as usize;
    // On a picture of very few dots the smallest box that can be told is larger than any box on its paper.
    let room = largest.max(smallest) + 4;
    if bitmap.width <= room || bitmap.height <= room {
        return Vec::new();
    }
    let page = Page::of(bitmap);
    let mut found: Vec<(f32, Box)> = Vec::new();
    for y in 2..bitmap.height - smallest - 3 {
        for x in 2..bitmap.width - smallest - 3 {
            let at = y * bitmap.width + x;
            let longest = usize::from(page.right[at].min(page.down[at]));
            if longest < smallest {
                continue;
            }
            let limit = largest.min(longest + 1).min(bitmap.width - x - 4).min(bitmap.height - y - 4);
            for side in smallest..=limit {
                let small = (side as f32) < LETTER * scale;
                let calm = if small { CALM_OUTSIDE_SMALL } else { CALM_OUTSIDE };
                let like_a_capital = (side as f32) < CAPITAL.0 * scale;
                let behind = if like_a_capital { CAPITAL.1 } else { APART.1 };
                if let Some(firm) = page.firmness(x, y, side, calm)
                    && (!small || page.stands_apart(x, y, side, behind))
                    && (!like_a_capital || page.has_corners(x, y, side))
                {
                    found.push((firm, (x, y, x + side, y + side)));
                }
            }
        }
    }
    let squares = firmest(found);
    let alone = without_neighbours(&squares);
    let mut squares: Vec<Square> =
        alone.into_iter().map(|bounds| Square { bounds, ticked: state(&page.ink, bounds) }).collect();
    squares.extend(solid::among(bitmap, &squares));
    let like_a_capital = |square: &Square| ((square.bounds.2 - square.bounds.0) as f32) < CAPITAL.0 * scale;
    squares.iter().filter(|one| !like_a_capital(one) || has_peer(one, &squares)).copied().collect()
}

/// Boxes stand in a row or in a column with others of their size; a letter that looks like one stands alone.
fn has_peer(square: &Square, squares: &[Square]) -> bool {
    let (x, y, side) = (square.bounds.0, square.bounds.1, square.bounds.2 - square.bounds.0);
    squares.iter().map(|other| other.bounds).filter(|other| *other != square.bounds).any(|other| {
        let (dx, dy) = (other.0.abs_diff(x), other.1.abs_diff(y));
        (other.2 - other.0).abs_diff(side) <= (side / 4).max(2)
            && (dy <= side / 2 || dx <= side / 3 && dy <= solid::COLUMN * side)
    })
}

/// A page prepared for questions about squares. A side may wander by one pixel across its direction, never along it: a gap
/// stays a gap, and the round corner of a letter no corner.
struct Page {
    width: usize,
    height: usize,
    ink: Sums,
    /// Ink that may have wandered up or down, for sides across.
    across: Sums,
    /// Ink that may have wandered left or right, for upright sides.
    upright: Sums,
    /// Length of the side that could begin at each pixel and go right, and down.
    right: Vec<u8>,
    down: Vec<u8>,
}

impl Page {
    fn of(bitmap: &Bitmap) -> Self {
        let (across, upright) = (wandered(bitmap, bitmap.width), wandered(bitmap, 1));
        let (mut right, mut down) = (vec![0_u8; bitmap.ink.len()], vec![0_u8; bitmap.ink.len()]);
        for at in (0..bitmap.ink.len()).rev() {
            let last = at % bitmap.width + 1 == bitmap.width;
            let next = |runs: &[u8], step: usize| runs.get(at + step).copied().unwrap_or(0).saturating_add(1);
            right[at] = if across.ink[at] == 0 {
                0
            } else if last {
                1
            } else {
                next(&right, 1)
            };
            down[at] = if upright.ink[at] == 0 { 0 } else { next(&down, bitmap.width) };
        }
        Self {
            width: bitmap.width,
            height: bitmap.height,
            ink: bitmap.sums(),
            across: across.sums(),
            upright: upright.sums(),
            right,
            down,
        }
    }

    /// How firmly a square stands there; `None` when it does not.
    fn firmness(&self, x: usize, y: usize, side: usize, calm: f32) -> Option<f32> {
        let length = (side + 1) as f32;
        let (right, bottom) = (x + side, y + side);
        let sides = [
            self.across.within(x, y, right + 1, y + 1),
            self.across.within(x, bottom, right + 1, bottom + 1),
            self.upright.within(x, y, x + 1, bottom + 1),
            self.upright.within(right, y, right + 1, bottom + 1),
        ];
        if sides.iter().any(|inked| (*inked as f32) < SIDE_INKED * length) {
            return None;
        }
        // Paper on both sides of the frame tells a box from the strokes of letters and from a blot.
        // The frame may be drawn with a thick pen.
        let inside =
            (2..=(side / 5).max(2)).map(|in_by| self.ring(x + in_by, y + in_by, right - in_by, bottom - in_by));
        let inside = inside.fold(1.0, f32::min);
        let outside = self.outside(x - 2, y - 2, right + 2, bottom + 2);
        let (width, core) = ((side - 3) as u32, self.ink.within(x + 2, y + 2, right - 1, bottom - 1));
        let filled = core as f32 >= FILLED * (width * width) as f32;
        if outside > calm || (inside > CALM_INSIDE && !filled) {
            return None;
        }
        let frame = self.ring(x, y, right, bottom);
        if frame < FRAME {
            return None;
        }
        Some(frame - outside - if filled { 0.0 } else { inside })
    }

    /// Share of ink on the outline of a rectangle, without an upright side that is part of a wall.
    fn outside(&self, x0: usize, y0: usize, x1: usize, y1: usize) -> f32 {
        let all = self.ring(x0, y0, x1, y1);
        let reach = (y1 - y0) / 2;
        let (top, bottom) = (y0.saturating_sub(reach), (y1 + 1 + reach).min(self.height));
        let is_wall = |x: usize| self.ink.within(x, top, x + 1, bottom) as usize * 100 >= (bottom - top) * 85;
        let side = (y1 + 1 - y0) as f32 / (2 * (x1 - x0 + y1 - y0)).max(1) as f32;
        let walls = usize::from(is_wall(x0)) + usize::from(is_wall(x1));
        // Between two walls lies a cell, not a box.
        if walls == 1 { (all - side).max(0.0) } else { all }
    }

    /// Is there paper left and right of the square, as there is not beside a letter? `behind` in shares of its side.
    fn stands_apart(&self, x: usize, y: usize, side: usize, behind: f32) -> bool {
        let reach = |share: f32| ((share * side as f32).round() as usize).max(2);
        let (top, bottom, right) = (y, y + side + 1, x + side);
        let before = x.saturating_sub(1 + reach(APART.0))..x.saturating_sub(1);
        let behind = (right + 2..right + 2 + reach(behind)).filter(|x| *x < self.width);
        let paper = |column: usize| self.ink.within(column, top, column + 1, bottom) == 0;
        before.into_iter().all(paper) && behind.into_iter().all(paper)
    }

    /// Are the four corners inked, each on both of its sides?
    fn has_corners(&self, x: usize, y: usize, side: usize) -> bool {
        let (right, bottom) = (x + side, y + side);
        let corner = |x: usize, y: usize| self.ink.within(x, y, x + 2, y + 2) >= 3;
        corner(x, y) && corner(right - 1, y) && corner(x, bottom - 1) && corner(right - 1, bottom - 1)
    }

    /// Share of ink on the outline of a rectangle, its ends included.
    fn ring(&self, x0: usize, y0: usize, x1: usize, y1: usize) -> f32 {
        let all = self.ink.within(x0, y0, x1 + 1, y1 + 1);
        let core = self.ink.within(x0 + 1, y0 + 1, x1, y1);
        (all - core) as f32 / (2 * (x1 - x0 + y1 - y0)).max(1) as f32
    }
}

/// Ink grown by one pixel to both sides along one direction; `step` is the distance of neighbours.
fn wandered(bitmap: &Bitmap, step: usize) -> Bitmap {
    let mut out = bitmap.clone();
    for at in step..bitmap.ink.len() - step {
        out.ink[at] |= bitmap.ink[at - step] | bitmap.ink[at + step];
    }
    out
}

/// Squares are filed by tiles of this many pixels, so that only near ones are compared.
const TILE: usize = 64;

/// Of squares that overlap, the firmest.
fn firmest(mut found: Vec<(f32, Box)>) -> Vec<Box> {
    found.sort_by(|a, b| b.0.total_cmp(&a.0));
    let mut kept: Vec<Box> = Vec::new();
    let mut by_place: std::collections::HashMap<(usize, usize), Vec<usize>> = std::collections::HashMap::new();
    for (_, b) in found {
        let tile = (b.0 / TILE, b.1 / TILE);
        let near = (tile.0.saturating_sub(1)..=tile.0 + 1)
            .flat_map(|x| (tile.1.saturating_sub(1)..=tile.1 + 1).map(move |y| (x, y)))
            .filter_map(|tile| by_place.get(&tile))
            .flatten();
        if near.into_iter().all(|other| overlap(kept[*other], b) < 0.3) {
            by_place.entry(tile).or_default().push(kept.len());
            kept.push(b);
        }
    }
    kept
}

/// Shared surface, as a share of the smaller.
fn overlap(a: Box, b: Box) -> f32 {
    let width = a.2.min(b.2).saturating_sub(a.0.max(b.0));
    let height = a.3.min(b.3).saturating_sub(a.1.max(b.1));
    let smaller = ((a.2 - a.0) * (a.3 - a.1)).min((b.2 - b.0) * (b.3 - b.1));
    (width * height) as f32 / smaller.max(1) as f32
}

/// Drops squares beside another with no room for an option between: cells of a comb or of a table, letters.
fn without_neighbours(squares: &[Box]) -> Vec<Box> {
    let mut sorted = squares.to_vec();
    sorted.sort_unstable();
    let touches = |a: &Box, b: &Box| {
        let side = a.2 - a.0;
        let aligned = |one: usize, other: usize| one.abs_diff(other) <= (side / 5).max(2);
        let near = |end: usize, start: usize| end.abs_diff(start) <= side / 2;
        let level = aligned(a.1, b.1) && (near(a.2, b.0) || near(b.2, a.0));
        let stacked = aligned(a.0, b.0) && (near(a.3, b.1) || near(b.3, a.1));
        level || stacked
    };
    let mut alone = Vec::new();
    for (at, square) in sorted.iter().enumerate() {
        let reach = square.0 + 2 * (square.2 - square.0) + 4;
        let from = sorted.partition_point(|other| other.0 + 2 * (square.2 - square.0) + 4 < square.0);
        let mut near = sorted[from..].iter().enumerate().take_while(|(_, other)| other.0 <= reach);
        if !near.any(|(n, other)| from + n != at && touches(square, other)) {
            alone.push(*square);
        }
    }
    alone
}

fn state(ink: &Sums, (x0, y0, x1, y1): Box) -> Option<bool> {
    let inset = (((x1 - x0) as f32 * INSET).round() as usize).max(2);
    let (left, top, right, bottom) = (x0 + inset, y0 + inset, x1 + 1 - inset, y1 + 1 - inset);
    if right <= left || bottom <= top {
        return None;
    }
    let share = ink.within(left, top, right, bottom) as f32 / ((right - left) * (bottom - top)) as f32;
    match share {
        share if share < EMPTY_BELOW => Some(false),
        share if share >= TICKED_FROM => Some(true),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outline(bitmap: &mut Bitmap, (x0, y0, x1, y1): Box) {
        for x in x0..=x1 {
            bitmap.ink[y0 * bitmap.width + x] = 1;
            bitmap.ink[y1 * bitmap.width + x] = 1;
        }
        for y in y0..=y1 {
            bitmap.ink[y * bitmap.width + x0] = 1;
            bitmap.ink[y * bitmap.width + x1] = 1;
        }
    }

    #[test]
    fn a_picture_of_a_few_dots_has_no_boxes() {
        for (side, scale) in [(5, 0.01), (9, 0.1), (12, 0.5), (13, 4.0)] {
            let dots = Bitmap { width: side, height: side, ink: vec![1; side * side] };
            assert_eq!(find(&dots, scale), [], "{side} dots, {scale} a point");
        }
    }

    /// Letters set close, as a line of type is: bars, bowls and stems of the size of a box, none alone.
    #[test]
    fn letters_are_no_boxes() {
        let mut page = Bitmap { width: 400, height: 60, ink: vec![0; 400 * 60] };
        for n in 0..15 {
            outline(&mut page, (20 + 18 * n, 20, 34 + 18 * n, 34));
        }
        // A bowl: its corners are cut.
        outline(&mut page, (340, 20, 356, 36));
        for (x, y) in [(340, 20), (356, 20), (340, 36), (356, 36)] {
            page.erase((x - 1, y - 1, x + 2, y + 2));
        }
        assert_eq!(find(&page, 2.0), []);
    }

    #[test]
    fn a_box_against_the_wall_of_its_cell_is_found() {
        let mut page = Bitmap { width: 400, height: 200, ink: vec![0; 400 * 200] };
        for x in 58..61 {
            (10..190).for_each(|y| page.ink[y * 400 + x] = 1);
        }
        outline(&mut page, (60, 50, 78, 68));
        (52..67).for_each(|y| page.ink[y * 400 + 62..y * 400 + 77].fill(1));
        outline(&mut page, (140, 50, 158, 68));
        let squares = find(&page, 2.0);
        let mut states: Vec<(usize, Option<bool>)> = squares.iter().map(|s| (s.bounds.0 / 10, s.ticked)).collect();
        states.sort_unstable();
        assert!(matches!(states[..], [(5 | 6, Some(true)), (13 | 14, Some(false))]), "{squares:?}");
    }

    #[test]
    fn a_box_as_small_as_a_letter_must_stand_apart() {
        let mut page = Bitmap { width: 300, height: 60, ink: vec![0; 300 * 60] };
        outline(&mut page, (40, 20, 52, 32));
        // A letter, its neighbours close by.
        for x in [150, 165, 180] {
            outline(&mut page, (x, 20, x + 12, 32));
        }
        let squares = find(&page, 2.0);
        assert_eq!(squares.len(), 1, "{squares:?}");
        assert!(squares[0].bounds.0.abs_diff(40) <= 1);

        // The first letter of a word, and a box with its option.
        let mut page = Bitmap { width: 300, height: 60, ink: vec![0; 300 * 60] };
        for (x, next) in [(40, 54), (100, 118), (150, 168), (220, 250)] {
            outline(&mut page, (x, 20, x + 11, 31));
            (20..32).for_each(|y| page.ink[y * 300 + next] = 1);
        }
        // A capital alone: the corners of its bow are round.
        for (x, y) in [(231, 20), (231, 21), (230, 20), (231, 31), (231, 30), (230, 31)] {
            page.ink[y * 300 + x] = 0;
        }
        (page.ink[21 * 300 + 230], page.ink[30 * 300 + 230]) = (1, 1);
        let found: Vec<usize> = find(&page, 2.1).iter().map(|square| square.bounds.0 / 10).collect();
        assert_eq!(found, [10, 15]);

        // Neither is a letter of straight strokes, alone on its line.
        let mut page = Bitmap { width: 300, height: 60, ink: vec![0; 300 * 60] };
        outline(&mut page, (150, 20, 161, 31));
        assert_eq!(find(&page, 2.1), []);
    }

    #[test]
    fn boxes_are_found_with_their_state_and_comb_cells_are_not() {
        let mut page = Bitmap { width: 400, height: 200, ink: vec![0; 400 * 200] };
        outline(&mut page, (20, 20, 38, 38));
        outline(&mut page, (80, 20, 98, 38));
        for n in 0..19 {
            page.ink[(20 + n) * 400 + 80 + n] = 1;
            page.ink[(38 - n) * 400 + 80 + n] = 1;
        }
        for n in 0..8 {
            outline(&mut page, (20 + 20 * n, 100, 40 + 20 * n, 120));
        }
        let mut squares = find(&page, 2.0);
        squares.sort_by_key(|square| square.bounds);
        assert_eq!(squares.iter().map(|square| square.ticked).collect::<Vec<_>>(), [Some(false), Some(true)]);
        assert!(squares[0].bounds.0.abs_diff(20) <= 1 && squares[1].bounds.2.abs_diff(98) <= 1, "{squares:?}");
    }
}
