//! Rules on a page picture: long thin runs of ink, across and down.

use super::bitmap::{Bitmap, Sums};

/// Shortest rule across, and down, in points. Underlines and cells are longer, strokes of letters shorter.
const SHORTEST: (f32, f32) = (18.0, 11.0);
/// Thickest rule, in points; thicker is a bar, whose edges are rules.
const THICKEST: f32 = 3.0;
/// A gap in a rule that noise may have torn, in points.
const TORN: f32 = 1.5;

/// Ink in every hundred pixels of a rule, however noise tore it; and of one no longer than a word.
const TORN_APART: usize = 85;
const SOLID: usize = 96;
/// A word is shorter than so many times the shortest rule.
const LONG: usize = 4;

/// Pieces of one rule lie at most this far beside one another, and end to end, in points.
const BESIDE: f32 = 0.7;
const APART: f32 = 5.0;
/// Rules looked back at for one that goes on.
const NEAR: usize = 60;

/// Left, top, right, bottom, in pixels; right and bottom are outside.
pub(super) type Box = (usize, usize, usize, usize);

/// The rules of a page.
#[derive(Debug, Default)]
pub(super) struct Rules {
    pub(super) across: Vec<Box>,
    /// Sorted by their left edge.
    pub(super) down: Vec<Box>,
}

impl Rules {
    /// `scale` is pixels per point.
    pub(super) fn of(bitmap: &Bitmap, scale: f32) -> Self {
        let across = whole(runs(bitmap, SHORTEST.0 * scale, SOLID, scale), scale);
        let turned = |b: Box| (b.1, b.0, b.3, b.2);
        let down = whole(runs(&bitmap.transposed(), SHORTEST.1 * scale, TORN_APART, scale), scale);
        let mut down: Vec<Box> = down.into_iter().map(turned).collect();
        down.sort_unstable();
        Self { across, down }
    }

    /// The same with more walls: what parts left from right as a rule does.
    pub(super) fn and_walls(&self, walls: impl Iterator<Item = Box>) -> Self {
        let mut down: Vec<Box> = self.down.iter().copied().chain(walls).collect();
        down.sort_unstable();
        Self { across: self.across.clone(), down }
    }

    /// Does a rule stand upright between `left` and `right` at height `y`? All in pixels.
    pub(super) fn between(&self, left: f32, right: f32, y: f32) -> bool {
        let first = self.down.partition_point(|rule| (rule.0 as f32) < left);
        self.down[first..]
            .iter()
            .take_while(|rule| rule.0 as f32 <= right)
            .any(|rule| rule.1 as f32 <= y && y <= rule.3 as f32)
    }
}

/// A rule being followed down the rows.
struct Open {
    bounds: Box,
    /// Span in the last row it was seen in.
    last: (usize, usize),
}

/// Rules across: long runs of neighbouring rows that touch. `solid` is the share of ink in the shortest.
fn runs(bitmap: &Bitmap, shortest: f32, solid: usize, scale: f32) -> Vec<Box> {
    let (shortest, torn) = (shortest.max(8.0) as usize, (TORN * scale).max(2.0) as usize);
    let thickest = (THICKEST * scale).ceil() as usize + 1;
    let mut open: Vec<Open> = Vec::new();
    let mut done = Vec::new();
    for y in 0..bitmap.height {
        let found = long_runs(bitmap.row(y), shortest, torn, solid);
        let (ended, mut still): (Vec<Open>, Vec<Open>) = open.into_iter().partition(|rule| y - rule.bounds.3 > 1);
        done.extend(ended.into_iter().map(|rule| rule.bounds));
        for (start, end) in found {
            match still.iter_mut().find(|rule| rule.last.0 <= end && start <= rule.last.1) {
                Some(rule) => {
                    let b = &mut rule.bounds;
                    *b = (b.0.min(start), b.1, b.2.max(end), y + 1);
                    rule.last = (rule.last.0.min(start), rule.last.1.max(end));
                }
                None => still.push(Open { bounds: (start, y, end, y + 1), last: (start, end) }),
            }
        }
        open = still;
    }
    done.extend(open.into_iter().map(|rule| rule.bounds));
    let mut rules = Vec::new();
    let sums = bitmap.sums();
    for (x0, y0, x1, y1) in done {
        if y1 - y0 <= thickest {
            if stands_free(&sums, (x0, y0, x1, y1), bitmap.height, solid == TORN_APART || x1 - x0 >= LONG * shortest) {
                rules.push((x0, y0, x1, y1));
            }
        } else {
            rules.extend([(x0, y0, x1, y0 + 1), (x0, y1 - 1, x1, y1)]);
        }
    }
    rules
}

/// Puts together what is one rule: a sloping one comes in pieces that lie side by side, a torn one in pieces end to end.
fn whole(mut pieces: Vec<Box>, scale: f32) -> Vec<Box> {
    let (beside, apart) = ((BESIDE * scale).ceil() as usize, (APART * scale) as usize);
    // Until nothing more comes together; each turn makes a chain of pieces half as long.
    loop {
        let before = pieces.len();
        pieces.sort_unstable_by_key(|b| (b.1, b.0));
        let mut rules: Vec<Box> = Vec::with_capacity(before);
        for piece in pieces {
            let one = |rule: &&mut Box| {
                let level = piece.1 <= rule.3 + beside && rule.1 <= piece.3 + beside;
                let meets = piece.0 <= rule.2 + apart && rule.0 <= piece.2 + apart;
                // What stands upon another rule is no piece of it.
                level && meets && rule.3.max(piece.3) - rule.1.min(piece.1) <= (2.0 * THICKEST * scale) as usize
            };
            match rules.iter_mut().rev().take(NEAR).find(one) {
                Some(rule) => {
                    *rule = (rule.0.min(piece.0), rule.1.min(piece.1), rule.2.max(piece.2), rule.3.max(piece.3));
                }
                None => rules.push(piece),
            }
        }
        pieces = rules;
        if pieces.len() == before {
            return pieces;
        }
    }
}

/// Paper above and below tells a rule from the feet and heads of letters set close. Only one no word is as `long` as may touch
/// something else with one side.
fn stands_free(ink: &Sums, (x0, y0, x1, y1): Box, height: usize, long: bool) -> bool {
    let share = |y: usize| ink.within(x0, y, x1, y + 1) as f32 / (x1 - x0).max(1) as f32;
    let above = y0.checked_sub(3).map_or(0.0, share);
    let below = if y1 + 2 < height { share(y1 + 2) } else { 0.0 };
    // Letters crowd round both ends of their strokes.
    above + below < 0.45 || long && above.min(below) < 0.08
}

/// Runs of ink in one row, bridging gaps that noise tore.
fn long_runs(row: &[u8], shortest: usize, torn: usize, solid: usize) -> Vec<(usize, usize)> {
    let mut runs = Vec::new();
    let mut run: Option<(usize, usize, usize)> = None;
    for (x, ink) in row.iter().enumerate() {
        if *ink == 0 {
            continue;
        }
        run = match run {
            Some((start, end, inked)) if x - end <= torn => Some((start, x + 1, inked + 1)),
            other => {
                keep(other, shortest, solid, &mut runs);
                Some((x, x + 1, 1))
            }
        };
    }
    keep(run, shortest, solid, &mut runs);
    runs
}

/// A dotted leader bridges its gaps too, but is half paper. So do the letters of a word where few dots make them run together.
fn keep(run: Option<(usize, usize, usize)>, shortest: usize, solid: usize, runs: &mut Vec<(usize, usize)>) {
    if let Some((start, end, inked)) = run
        && end - start >= shortest
        && inked * 100 >= (end - start) * if end - start < LONG * shortest { solid } else { TORN_APART }
    {
        runs.push((start, end));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(width: usize, height: usize, boxes: &[Box]) -> Bitmap {
        let mut bitmap = Bitmap { width, height, ink: vec![0; width * height] };
        for (x0, y0, x1, y1) in boxes {
            for y in *y0..*y1 {
                bitmap.ink[y * width + x0..y * width + x1].fill(1);
            }
        }
        bitmap
    }

    #[test]
    fn a_torn_and_slightly_sloping_rule_is_one() {
        let bitmap = drawn(300, 60, &[(10, 20, 90, 22), (92, 20, 150, 22), (140, 21, 290, 23), (50, 30, 60, 40)]);
        let rules = Rules::of(&bitmap, 2.0);
        assert_eq!(rules.across, vec![(10, 20, 290, 23)]);
        assert!(rules.down.is_empty());
    }

    #[test]
    fn pieces_of_one_rule_are_one() {
        let pieces =
            vec![(10, 20, 290, 22), (60, 22, 120, 23), (300, 21, 400, 23), (10, 60, 290, 62), (500, 20, 600, 22)];
        assert_eq!(whole(pieces, 2.0), vec![(10, 20, 400, 23), (500, 20, 600, 22), (10, 60, 290, 62)]);
    }

    #[test]
    fn a_wall_parts_left_from_right_only_where_it_stands() {
        let rules = Rules::of(&drawn(100, 100, &[(50, 10, 52, 60)]), 2.0);
        assert!(rules.between(30.0, 70.0, 40.0));
        assert!(!rules.between(30.0, 70.0, 80.0));
        assert!(!rules.between(60.0, 70.0, 40.0));
    }

    #[test]
    fn a_dotted_leader_is_no_rule() {
        let dots: Vec<Box> = (0..60).map(|n| (20 + 4 * n, 30, 22 + 4 * n, 32)).collect();
        assert!(Rules::of(&drawn(300, 60, &dots), 2.0).across.is_empty());
    }
}
