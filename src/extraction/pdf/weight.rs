//! The weight of a type that does not name it: fonts that are not embedded, and Type 1 fonts, show it in their outlines only.
//!
//! Upright strokes tell: at several heights the outline is crossed from left to right, and a width a little below the middle
//! of those met is the weight, for slanting strokes are crossed askew. It hardly depends on the letters: of the plain types
//! that readers put in for the standard fonts none but a `Z` alone looks bold, and any word in their bold types does.

use std::collections::HashMap;

use hayro_interpret::font::{GlyphIdentifier, OutlineGlyph};
use hayro_interpret::kurbo::{BezPath, PathEl, Point, flatten};

/// Lowest and highest height above the baseline at which strokes are measured, and the step between, in thousandths of an em.
const HEIGHTS: (f64, f64, f64) = (75.0, 675.0, 50.0);
/// Wider than this is no stroke: a rule, a filled sign.
const WIDEST: f64 = 260.0;
/// Strokes of bold type are wider than this.
const BOLD: f64 = 108.0;
/// A typewriter's letters are as wide as one another, and their strokes thinner.
const BOLD_OF_TYPEWRITER: f64 = 80.0;
/// Advance of a typewriter's letters.
const TYPEWRITER: f32 = 600.0;
/// How far an outline may be off once its curves are lines.
const FLAT: f64 = 1.0;
/// So many letters of a run tell enough.
const ENOUGH: usize = 8;

/// Widths of the strokes of glyphs seen before.
#[derive(Debug, Default)]
pub(super) struct Strokes(HashMap<GlyphIdentifier, Vec<f64>>);

impl Strokes {
    /// Are these glyphs of one run set in bold?
    pub(super) fn are_bold<'g>(&mut self, glyphs: impl Iterator<Item = &'g OutlineGlyph>) -> bool {
        let mut widths: Vec<f64> = Vec::new();
        let mut typewriter = true;
        for glyph in glyphs.take(ENOUGH) {
            typewriter &= glyph.advance_width().is_some_and(|width| (width - TYPEWRITER).abs() < 1.0);
            let own = self.0.entry(glyph.identifier()).or_insert_with(|| strokes_of(&glyph.outline()));
            widths.extend_from_slice(own);
        }
        if widths.is_empty() {
            return false;
        }
        widths.sort_by(f64::total_cmp);
        let least = if typewriter { BOLD_OF_TYPEWRITER } else { BOLD };
        widths[widths.len() * 2 / 5] > least
    }
}

fn strokes_of(outline: &BezPath) -> Vec<f64> {
    let mut sides: Vec<(Point, Point)> = Vec::new();
    let (mut start, mut last) = (Point::ZERO, Point::ZERO);
    flatten(outline, FLAT, |element| match element {
        PathEl::MoveTo(point) => (start, last) = (point, point),
        PathEl::LineTo(point) => {
            sides.push((last, point));
            last = point;
        }
        PathEl::ClosePath => sides.push((last, start)),
        PathEl::QuadTo(..) | PathEl::CurveTo(..) => {}
    });
    let mut widths = Vec::new();
    let mut height = HEIGHTS.0;
    while height <= HEIGHTS.1 {
        // A corner that lies on the level belongs to one of its sides only.
        let crosses = |(a, b): &&(Point, Point)| (a.y <= height) != (b.y <= height);
        let at = |(a, b): &(Point, Point)| a.x + (b.x - a.x) * (height - a.y) / (b.y - a.y);
        let mut crossings: Vec<f64> = sides.iter().filter(crosses).map(at).collect();
        crossings.sort_by(f64::total_cmp);
        widths.extend(crossings.chunks_exact(2).map(|pair| pair[1] - pair[0]).filter(|width| *width < WIDEST));
        height += HEIGHTS.2;
    }
    widths
}

#[cfg(test)]
mod tests {
    use super::*;
    use hayro_interpret::kurbo::Shape as _;

    #[test]
    fn the_strokes_of_a_letter_are_its_weight() {
        // An H: two uprights of 90, and a bar that no height looked at crosses.
        let mut letter = BezPath::new();
        for (x0, y0, x1, y1) in [(80.0, 0.0, 170.0, 700.0), (500.0, 0.0, 590.0, 700.0), (170.0, 380.0, 500.0, 420.0)] {
            letter.extend(hayro_interpret::kurbo::Rect::new(x0, y0, x1, y1).path_elements(0.1));
        }
        let widths = strokes_of(&letter);
        assert_eq!(widths.len(), 26);
        assert!(widths.iter().all(|width| (width - 90.0).abs() < 0.5), "{widths:?}");
    }
}
