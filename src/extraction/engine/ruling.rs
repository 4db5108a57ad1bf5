//! The ruling of a page: which ruled cell surrounds a piece of text.
//!
//! Lines are sorted once; a look goes outward from the text to the first line that crosses its height or width, and
//! gives up after a bounded number of lines, so that a page full of lines costs no more than its words.

use crate::domain::field::Rect;
use crate::extraction::page::Line;

/// Lines looked at in one direction before giving up.
const REACH: usize = 600;
const SLACK: f32 = 2.0;
/// Corners may miss one another by this much.
const MEETING: f32 = 3.0;

pub(super) struct Ruling {
    /// By x.
    vertical: Vec<Rect>,
    /// By y.
    horizontal: Vec<Rect>,
}

impl Ruling {
    pub fn new(rules: &[Line]) -> Self {
        let mut vertical = Vec::new();
        let mut horizontal = Vec::new();
        for rule in rules {
            let (width, height) = (rule.bbox.width(), rule.bbox.height());
            if height > 4.0 && height > 2.0 * width && width < 6.0 {
                vertical.push(rule.bbox);
            } else if width > 4.0 && height < 6.0 {
                horizontal.push(rule.bbox);
            }
        }
        vertical.sort_by(|a, b| a.x0.total_cmp(&b.x0));
        horizontal.sort_by(|a, b| a.y0.total_cmp(&b.y0));
        Self { vertical, horizontal }
    }

    /// The cell closed on its four sides around a piece of text.
    pub fn cell_around(&self, ink: &Rect) -> Option<Rect> {
        let (x, y) = ink.centre();
        let crosses_height = |rule: &&Rect| rule.y0 - SLACK <= y && y <= rule.y1 + SLACK;
        let crosses_width = |rule: &&Rect| rule.x0 - SLACK <= x && x <= rule.x1 + SLACK;
        let from = self.vertical.partition_point(|rule| rule.x0 <= ink.x0 + SLACK);
        let left = self.vertical[..from].iter().rev().take(REACH).find(crosses_height)?;
        let from = self.vertical.partition_point(|rule| rule.x0 < ink.x1 - SLACK);
        let right = self.vertical[from..].iter().take(REACH).find(crosses_height)?;
        let from = self.horizontal.partition_point(|rule| rule.y0 < y);
        let top = self.horizontal[..from].iter().rev().take(REACH).find(crosses_width)?;
        let bottom = self.horizontal[from..].iter().take(REACH).find(crosses_width)?;
        let cell = Rect { x0: left.x0, y0: top.y0, x1: right.x1, y1: bottom.y1 };
        // The four must meet: a tick box to the left and a frame below make no cell.
        let stands = |rule: &Rect| {
            rule.y0 <= cell.y0.max(ink.y0) + MEETING
                && rule.y1 >= cell.y1.min(ink.y1) - MEETING
                && rule.height() >= 0.6 * cell.height()
        };
        let lies = |rule: &Rect| {
            rule.x0 <= ink.x0.max(cell.x0) + MEETING
                && rule.x1 >= ink.x1.min(cell.x1) - MEETING
                && rule.width() >= 0.6 * cell.width()
        };
        (stands(left) && stands(right) && lies(top) && lies(bottom)).then_some(cell)
    }
}
