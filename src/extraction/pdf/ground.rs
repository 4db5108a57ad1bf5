//! What was painted where, and when: whether a letter stands out against its ground, and whether it was painted over later.
//!
//! A raster of the page, painted in the order of the page. Only surfaces that surely hide what lies under them count:
//! opaque, upright rectangles and pictures. Why: a corrected form often keeps the old value under a white box, a hostile one
//! holds white letters, and a scan its letters under the picture; a person sees none of them.

use hayro_interpret::kurbo::{Point, Rect as KurboRect};

/// Side of a cell of the raster, in points, on a page of usual size.
const CELL: f64 = 2.0;
/// Cells of the raster of one page.
const MOST_CELLS: f64 = 1_000_000.0;
/// Colours nearer than this, in each channel, are one to the eye.
const ALIKE: u8 = 20;

/// A colour, or something that has none of its own: a picture, a pattern.
pub(super) type Tone = Option<[u8; 3]>;

/// Paper.
const PAPER: Tone = Some([255; 3]);

#[derive(Debug, Clone, Copy)]
struct Patch {
    /// The how-manieth surface of the page lies here; 0 for paper.
    coat: u32,
    tone: Tone,
}

/// The surfaces of one page.
#[derive(Debug)]
pub(super) struct Ground {
    width: f64,
    height: f64,
    cell: f64,
    columns: usize,
    /// Empty until something is painted.
    patches: Vec<Patch>,
    coats: u32,
}

impl Ground {
    pub(super) fn new(width: f32, height: f32) -> Self {
        let (width, height) = (f64::from(width.max(1.0)), f64::from(height.max(1.0)));
        let cell = CELL.max((width * height / MOST_CELLS).sqrt());
        Self { width, height, cell, columns: index(width / cell) + 1, patches: Vec::new(), coats: 0 }
    }

    /// How many surfaces have been painted so far.
    pub(super) fn coats(&self) -> u32 {
        self.coats
    }

    /// Paints a surface that hides what lies under it. `left` is how many cells may still be painted; false when they do not
    /// suffice.
    pub(super) fn paint(&mut self, surface: KurboRect, tone: Tone, left: &mut usize) -> bool {
        self.coats += 1;
        self.lay(surface, Patch { coat: self.coats, tone }, left)
    }

    /// Something was drawn about here that may have any colour and lets things through: signs drawn on it are seen, and so
    /// is what lies under it.
    pub(super) fn tint(&mut self, surface: KurboRect, left: &mut usize) -> bool {
        self.lay(surface, Patch { coat: 0, tone: None }, left)
    }

    fn lay(&mut self, surface: KurboRect, patch: Patch, left: &mut usize) -> bool {
        let on_page = surface.intersect(KurboRect::new(0.0, 0.0, self.width, self.height));
        // Cells whose middle is covered.
        let (x0, x1) = (index((on_page.x0 / self.cell - 0.5).ceil()), index((on_page.x1 / self.cell + 0.5).floor()));
        let (y0, y1) = (index((on_page.y0 / self.cell - 0.5).ceil()), index((on_page.y1 / self.cell + 0.5).floor()));
        if x0 >= x1 || y0 >= y1 {
            return true;
        }
        if self.patches.is_empty() {
            let rows = index(self.height / self.cell) + 1;
            self.patches = vec![Patch { coat: 0, tone: PAPER }; self.columns * rows];
        }
        for y in y0..y1 {
            let row = y * self.columns;
            let Some(cells) = self.patches.get_mut(row + x0..row + x1.min(self.columns)) else { break };
            let Some(rest) = left.checked_sub(cells.len()) else { return false };
            *left = rest;
            for cell in cells {
                // A tint keeps what was painted before.
                *cell = Patch { coat: cell.coat.max(patch.coat), tone: patch.tone };
            }
        }
        true
    }

    /// Would a sign of this colour, drawn here now, be told from what lies under it?
    pub(super) fn shows(&self, tone: Tone, at: Point) -> bool {
        match (tone, self.at(at).map_or(PAPER, |patch| patch.tone)) {
            (Some(ink), Some(ground)) => ink.iter().zip(ground).any(|(a, b)| a.abs_diff(b) >= ALIKE),
            _ => true,
        }
    }

    /// Was this place painted over after so many surfaces?
    pub(super) fn is_covered(&self, at: Point, after: u32) -> bool {
        self.at(at).is_some_and(|patch| patch.coat > after)
    }

    fn at(&self, at: Point) -> Option<Patch> {
        let column = index(at.x / self.cell);
        (column < self.columns).then(|| self.patches.get(index(at.y / self.cell) * self.columns + column).copied())?
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a number beyond the page saturates")]
fn index(value: f64) -> usize {
    value.max(0.0) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_painted_later_covers() {
        let mut ground = Ground::new(100.0, 100.0);
        let (inside, outside) = (Point::new(20.0, 20.0), Point::new(80.0, 20.0));
        let before = ground.coats();
        assert!(ground.paint(KurboRect::new(10.0, 10.0, 40.0, 40.0), Some([255; 3]), &mut 10_000));
        let after = ground.coats();
        assert!(ground.is_covered(inside, before) && !ground.is_covered(inside, after));
        assert!(!ground.is_covered(outside, before));
    }

    #[test]
    fn white_shows_on_dark_only() {
        let mut ground = Ground::new(100.0, 100.0);
        let (inside, outside) = (Point::new(20.0, 20.0), Point::new(80.0, 20.0));
        ground.paint(KurboRect::new(10.0, 10.0, 40.0, 40.0), Some([20, 30, 120]), &mut 10_000);
        assert!(ground.shows(Some([255; 3]), inside) && !ground.shows(Some([250; 3]), outside));
        assert!(ground.shows(Some([0; 3]), outside) && ground.shows(None, outside));
    }

    #[test]
    fn a_tint_lets_everything_be_seen() {
        let mut ground = Ground::new(100.0, 100.0);
        let inside = Point::new(20.0, 20.0);
        let before = ground.coats();
        assert!(ground.tint(KurboRect::new(10.0, 10.0, 40.0, 40.0), &mut 10_000));
        assert!(!ground.is_covered(inside, before) && ground.shows(Some([255; 3]), inside));
    }

    #[test]
    fn painting_is_bounded() {
        let mut ground = Ground::new(1000.0, 1000.0);
        assert!(!ground.paint(KurboRect::new(0.0, 0.0, 1000.0, 1000.0), None, &mut 100));
        assert!(Ground::new(1e9, 1e9).paint(KurboRect::new(0.0, 0.0, 1e9, 1e9), None, &mut 2_000_000));
    }
}
