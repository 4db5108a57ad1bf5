//! The ruling of a page: which ruled cell surrounds a piece of text.
//!
//! Lines are sorted once; a look goes outward from the text to the first line that crosses its height or width, and
//! gives up after a bounded number of lines, so that a page full of lines costs no more than its words.

use std::collections::HashMap;

use crate::domain::field::Rect;
use crate::extraction::page::{Line, Mark};

/// Lines looked at in one direction before giving up.
const REACH: usize = 600;
const SLACK: f32 = 2.0;
/// Shorter rules are not put together.
const PIECE: f32 = 22.0;
/// Corners may miss one another by this much.
const MEETING: f32 = 3.0;

pub(super) struct Ruling {
    /// By x.
    vertical: Vec<Rect>,
    /// By y.
    horizontal: Vec<Rect>,
}

impl Ruling {
    /// The lines of a page but for those that draw its boxes to tick: these part no text.
    pub fn new(rules: &[Line], marks: &[Mark]) -> Self {
        let mut vertical = Vec::new();
        let mut horizontal = Vec::new();
        let boxes = Boxes::new(marks);
        for rule in rules.iter().filter(|rule| !boxes.draw(&rule.bbox)) {
            let (width, height) = (rule.bbox.width(), rule.bbox.height());
            if height > 4.0 && height > 2.0 * width && width < 6.0 {
                vertical.push(rule.bbox);
            } else if width > 4.0 && height < 6.0 {
                horizontal.push(rule.bbox);
            }
        }
        join_level(&mut horizontal);
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
        // A text that runs over a wall into the next cell is in neither.
        let inside = self.vertical.partition_point(|rule| rule.x0 <= ink.x0 + SLACK);
        if self.vertical[inside.min(from)..from].iter().take(REACH).any(|rule| crosses_height(&rule)) {
            return None;
        }
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

/// Makes one rule of level ones that go on with one another: each cell may draw its own piece of a common border. Shorter
/// pieces draw boxes for one character each.
fn join_level(rules: &mut Vec<Rect>) {
    rules.sort_by(|a, b| a.y0.round().total_cmp(&b.y0.round()).then(a.x0.total_cmp(&b.x0)));
    rules.dedup_by(|next, last| {
        let goes_on = (last.y0 - next.y0).abs() < SLACK / 2.0
            && next.x0 <= last.x1 + SLACK
            && last.width().min(next.width()) >= PIECE;
        if goes_on {
            *last = last.union(next);
        }
        goes_on
    });
}

/// The boxes to tick, looked up by height.
struct Boxes(HashMap<i32, Vec<Rect>>);

impl Boxes {
    const STRIP: f32 = 24.0;
    /// A frame reaches over the box it draws by this much.
    const FRAME: f32 = 1.5;

    fn new(marks: &[Mark]) -> Self {
        let mut strips: HashMap<i32, Vec<Rect>> = HashMap::new();
        for mark in marks {
            for number in [Self::strip(mark.bbox.y0), Self::strip(mark.bbox.y1)] {
                strips.entry(number).or_default().push(mark.bbox);
            }
        }
        Self(strips)
    }

    fn draw(&self, rule: &Rect) -> bool {
        let inside = |mark: &Rect| {
            rule.x0 >= mark.x0 - Self::FRAME
                && rule.x1 <= mark.x1 + Self::FRAME
                && rule.y0 >= mark.y0 - Self::FRAME
                && rule.y1 <= mark.y1 + Self::FRAME
        };
        self.0.get(&Self::strip(rule.centre().1)).into_iter().flatten().any(inside)
    }

    #[expect(clippy::cast_possible_truncation, reason = "saturates, and pages are small")]
    fn strip(y: f32) -> i32 {
        (y / Self::STRIP).floor() as i32
    }
}
