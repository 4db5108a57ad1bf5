//! Pages whose text runs up, down or upside down are turned until it runs from left to right.

use super::super::page::{Placement, Projection, Widget};
use super::canvas::{Glyph, Picture};
use super::shapes::{Form, Shape};
use crate::domain::field::Rect;

/// Fewer glyphs prove nothing: a note in the margin.
const ENOUGH: usize = 20;

/// A quarter turn, clockwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Turn {
    None,
    Right,
    Half,
    Left,
}

impl Turn {
    /// The turn that makes most of the text upright.
    pub(super) fn needed(glyphs: &[Glyph]) -> Self {
        let mut counts = [0usize; 4];
        for glyph in glyphs.iter().filter(|glyph| !glyph.text.is_blank()) {
            let (dx, dy) = (glyph.end.0 - glyph.start.0, glyph.end.1 - glyph.start.1);
            let way = if dx.abs() >= dy.abs() {
                if dx >= 0.0 { 0 } else { 2 }
            } else if dy < 0.0 {
                1
            } else {
                3
            };
            counts[way] += 1;
        }
        let all: usize = counts.iter().sum();
        let most = (0..4).max_by_key(|way| (counts[*way], 4 - way)).unwrap_or(0);
        if all < ENOUGH || counts[most] * 10 < all * 8 {
            return Self::None;
        }
        [Self::None, Self::Right, Self::Half, Self::Left][most]
    }

    pub(super) fn degrees(self) -> u16 {
        match self {
            Self::None => 0,
            Self::Right => 90,
            Self::Half => 180,
            Self::Left => 270,
        }
    }

    /// Size of the page once turned.
    pub(super) fn size(self, (width, height): (f32, f32)) -> (f32, f32) {
        match self {
            Self::None | Self::Half => (width, height),
            Self::Right | Self::Left => (height, width),
        }
    }

    /// Where the turned page lies on a page shown in this size; nothing for a page that stands as shown.
    pub(super) fn placement(self, (width, height): (f32, f32)) -> Option<Placement> {
        let map = match self {
            Self::None => return None,
            Self::Right => [0.0, 1.0, 0.0, -1.0, 0.0, height, 0.0, 0.0],
            Self::Half => [-1.0, 0.0, width, 0.0, -1.0, height, 0.0, 0.0],
            Self::Left => [0.0, -1.0, width, 1.0, 0.0, 0.0, 0.0, 0.0],
        };
        Some(Placement { bottom: self.size((width, height)).1, map: Projection(map) })
    }

    /// Turns all that stands on a page of this size.
    pub(super) fn apply(
        self,
        size: (f32, f32),
        glyphs: &mut [Glyph],
        shapes: &mut [Shape],
        pictures: &mut [Picture],
        widgets: &mut [Widget],
    ) {
        if self == Self::None {
            return;
        }
        for glyph in glyphs {
            (glyph.start, glyph.end) = (self.point(glyph.start, size), self.point(glyph.end, size));
        }
        for shape in shapes {
            shape.bbox = self.rect(shape.bbox, size);
            if matches!(self, Self::Right | Self::Left) {
                shape.form = match shape.form {
                    Form::Across => Form::Down,
                    Form::Down => Form::Across,
                    form => form,
                };
            }
        }
        for picture in pictures {
            picture.bbox = self.rect(picture.bbox, size);
        }
        for widget in widgets {
            widget.rect = self.rect(widget.rect, size);
        }
    }

    fn point(self, (x, y): (f32, f32), (width, height): (f32, f32)) -> (f32, f32) {
        match self {
            Self::None => (x, y),
            Self::Right => (height - y, x),
            Self::Half => (width - x, height - y),
            Self::Left => (y, width - x),
        }
    }

    fn rect(self, rect: Rect, size: (f32, f32)) -> Rect {
        let (a, b) = (self.point((rect.x0, rect.y0), size), self.point((rect.x1, rect.y1), size));
        Rect { x0: a.0.min(b.0), y0: a.1.min(b.1), x1: a.0.max(b.0), y1: a.1.max(b.1) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extraction::page::Page;

    #[test]
    fn a_turned_page_leads_back_to_the_page_as_shown() {
        let shown = Rect { x0: 10.0, y0: 20.0, x1: 60.0, y1: 30.0 };
        for turn in [Turn::None, Turn::Right, Turn::Half, Turn::Left] {
            let page = Page { placements: turn.placement((400.0, 200.0)).into_iter().collect(), ..Page::default() };
            let turned = turn.rect(shown, (400.0, 200.0));
            assert_eq!(page.as_shown(turned), shown, "{turn:?}");
            assert_eq!(page.from_shown(shown), turned, "{turn:?}");
        }
    }
}
