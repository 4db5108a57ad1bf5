//! Pages whose text runs up, down or upside down are turned until it runs from left to right.

use super::super::page::Widget;
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
