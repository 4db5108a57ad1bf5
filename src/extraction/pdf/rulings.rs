//! The ruling of a page: lines drawn, and the sides of boxes. Answers whether a wall stands between two places.

use super::super::page::Line;
use super::shapes::{Form, Shape};
use crate::domain::field::Rect;

/// Shorter lines part nothing: letters and ticks are made of them.
const SHORTEST: f32 = 6.0;

/// Rules of one page, the upright ones sorted by x.
#[derive(Debug, Default)]
pub(super) struct Rulings {
    down: Vec<Rect>,
    across: Vec<Rect>,
}

impl Rulings {
    pub(super) fn of(shapes: &[Shape]) -> Self {
        let mut rulings = Self::default();
        for shape in shapes {
            let b = shape.bbox;
            match shape.form {
                Form::Down if b.height() >= SHORTEST => rulings.down.push(b),
                Form::Across if b.width() >= SHORTEST => rulings.across.push(b),
                Form::Box if b.width() >= SHORTEST && b.height() >= SHORTEST => {
                    rulings.down.extend([Rect { x1: b.x0, ..b }, Rect { x0: b.x1, ..b }]);
                    rulings.across.extend([Rect { y1: b.y0, ..b }, Rect { y0: b.y1, ..b }]);
                }
                _ => {}
            }
        }
        rulings.down.sort_by(|a, b| a.x0.total_cmp(&b.x0).then(a.y0.total_cmp(&b.y0)));
        rulings.down.dedup();
        rulings.across.sort_by(|a, b| a.y0.total_cmp(&b.y0).then(a.x0.total_cmp(&b.x0)));
        rulings.across.dedup();
        rulings
    }

    /// Does an upright rule stand between `left` and `right` at height `y`?
    pub(super) fn between(&self, left: f32, right: f32, y: f32) -> bool {
        // A border may touch the letters it parts.
        let (left, right) = (left - 0.75, right + 0.75);
        let first = self.down.partition_point(|rule| rule.x0 < left);
        self.down[first..].iter().take_while(|rule| rule.x0 <= right).any(|rule| rule.y0 <= y && y <= rule.y1)
    }

    /// Keeps the level rules of which `keep` says so.
    pub(super) fn retain_across(&mut self, keep: impl FnMut(&Rect) -> bool) {
        self.across.retain(keep);
    }

    pub(super) fn into_lines(self) -> Vec<Line> {
        self.down.into_iter().chain(self.across).map(|bbox| Line { bbox }).collect()
    }
}
