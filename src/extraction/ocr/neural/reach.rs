//! Lines as long as their ink: the detector's paint may end before the last letter, and what is cut off is never read.

use super::super::bitmap::Bitmap;
use super::detect::Line;

/// Ink that follows within this share of the line's height belongs to it.
const FOLLOWS: f32 = 0.4;
/// A line grows by this much at most, in heights.
const MOST: f32 = 2.5;
/// Paper left behind the last letter, in heights.
const MARGIN: f32 = 0.25;
/// Share of a line from which on another line holds it.
const TWICE: f32 = 0.5;
/// Rows looked at, from the upper edge on, as shares of the height: accents and tails of neighbours stay out.
const CORE: (f32, f32) = (0.25, 0.75);

/// Draws lines out to where their ink ends; none reaches into another.
pub(super) fn to_their_ends(lines: &mut [Line], ink: &Bitmap) {
    let sums = ink.sums();
    for at in 0..lines.len() {
        let line = lines[at];
        let height = line[3] - line[1];
        let row = |share: f32| ((line[1] + share * height).max(0.0) as usize).min(ink.height);
        let (top, bottom) = (row(CORE.0), row(CORE.1));
        if bottom <= top {
            continue;
        }
        let beside = |other: &&Line| other[1] < line[3] && line[1] < other[3];
        let others = lines.iter().enumerate().filter(|(other, _)| *other != at).map(|(_, other)| other).filter(beside);
        let (mut low, mut high) = ((line[0] - MOST * height).max(0.0), line[2] + MOST * height);
        for other in others {
            if other[0] >= line[2] - 0.5 * height {
                high = high.min(other[0]);
            }
            if other[2] <= line[0] + 0.5 * height {
                low = low.max(other[2]);
            }
        }
        let inked = |x: usize| sums.within(x, top, x + 1, bottom) > 0;
        let gap = (FOLLOWS * height).max(2.0) as usize;
        let inside = (0.5 * height) as usize;
        let (left, right) = (line[0].max(0.0) as usize, (line[2].max(0.0) as usize).min(ink.width));
        let (low, high) = (low as usize, (high as usize).min(ink.width));
        let last = end((right.saturating_sub(inside)..high.max(right)).filter(|x| inked(*x)), right, gap);
        let first = end(
            (low.min(left)..(left + inside).min(ink.width)).rev().filter(|x| inked(*x)).map(|x| ink.width - x),
            ink.width - left,
            gap,
        )
        .map(|x| ink.width - x);
        if let Some(last) = last {
            lines[at][2] = line[2].max((last as f32 + MARGIN * height).min(high as f32));
        }
        if let Some(first) = first {
            lines[at][0] = line[0].min((first as f32 - MARGIN * height).max(low as f32));
        }
    }
}

/// Drops pieces of lines that another line holds already: where a part of the page ends, a line may be seen in both.
pub(super) fn once_each(lines: &mut Vec<Line>) {
    let area = |line: &Line| (line[2] - line[0]).max(0.0) * (line[3] - line[1]).max(0.0);
    let shared = |a: &Line, b: &Line| area(&[a[0].max(b[0]), a[1].max(b[1]), a[2].min(b[2]), a[3].min(b[3])]);
    let all = lines.clone();
    let mut at = 0;
    lines.retain(|line| {
        at += 1;
        let held = |(other, whole): (usize, &Line)| {
            let larger = area(whole) > area(line) || area(whole) >= area(line) && other < at - 1;
            other != at - 1 && larger && shared(line, whole) >= TWICE * area(line)
        };
        !all.iter().enumerate().any(held)
    });
}

/// The last of some inked columns that follow one another without a wide gap; `None` when a wide gap lies before `edge`.
fn end(columns: impl Iterator<Item = usize>, edge: usize, gap: usize) -> Option<usize> {
    let mut last = None;
    for x in columns {
        match last {
            Some(before) if x - before > gap => break,
            None if x > edge + gap => break,
            _ => last = Some(x),
        }
    }
    last.filter(|last| last + gap >= edge)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_piece_of_a_line_is_not_read_again() {
        let mut lines = vec![[10.0, 10.0, 40.0, 24.0], [10.0, 14.0, 200.0, 30.0], [10.0, 32.0, 200.0, 48.0]];
        once_each(&mut lines);
        assert_eq!(lines.len(), 2, "{lines:?}");
        lines.push(lines[0]);
        once_each(&mut lines);
        assert_eq!(lines.len(), 2, "{lines:?}");
    }

    #[test]
    fn a_line_takes_in_the_letter_behind_it_and_not_its_neighbour() {
        let mut ink = Bitmap { width: 400, height: 60, ink: vec![0; 24_000] };
        let mut letter = |x: usize| (15..35).for_each(|y| ink.ink[y * 400 + x..y * 400 + x + 8].fill(1));
        (0..10).for_each(|n| letter(50 + 12 * n));
        letter(300);
        let mut lines = vec![[64.0, 10.0, 150.0, 40.0], [290.0, 10.0, 320.0, 40.0]];
        to_their_ends(&mut lines, &ink);
        assert!(lines[0][0] < 50.0 && lines[0][2] > 166.0 && lines[0][2] < 200.0, "{lines:?}");
        assert_eq!(lines[1], [290.0, 10.0, 320.0, 40.0]);
    }
}
