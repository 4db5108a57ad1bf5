//! The words of a line become segments: what a reader takes in at one glance.
//!
//! A segment ends at a wide gap, at an upright rule, where the type changes, and at a box to tick. Letters written one to a
//! cell stay together.

use super::super::page::{Segment, Source};
use super::rulings::Rulings;
use super::words::Printed;

/// A gap wider than this share of the type size ends a segment.
const WIDE_GAP: f32 = 1.0;
/// Cells for one character each are at most this wide, in type sizes.
const WIDEST_COMB: f32 = 2.4;

/// Cuts one line into segments.
pub(super) fn segments(line: Vec<Printed>, source: Source, rulings: &Rulings) -> Vec<Segment> {
    let mut segments = Vec::new();
    let mut open: Vec<Printed> = Vec::new();
    for word in line {
        if open.last().is_some_and(|last| parts(last, &word, rulings)) {
            segments.extend(close(&mut open, source));
        }
        open.push(word);
    }
    segments.extend(close(&mut open, source));
    segments
}

fn parts(last: &Printed, next: &Printed, rulings: &Rulings) -> bool {
    let (a, b) = (last.word.bbox, next.word.bbox);
    let em = last.em.min(next.em);
    if last.glyphs == 1 && next.glyphs == 1 && b.centre().0 - a.centre().0 <= WIDEST_COMB * em {
        return last.bold != next.bold;
    }
    let size = next.em / last.em;
    b.x0 - a.x1 > WIDE_GAP * em
        || !(0.8..=1.25).contains(&size)
        || last.bold != next.bold
        || rulings.between(a.x1, b.x0, f32::midpoint(a.y0, a.y1))
}

fn close(open: &mut Vec<Printed>, source: Source) -> Option<Segment> {
    let bbox = open.iter().map(|printed| printed.word.bbox).reduce(|a, b| a.union(&b))?;
    let size = open.iter().map(|printed| printed.em).fold(0.0, f32::max);
    let bold = open.iter().all(|printed| printed.bold);
    Some(Segment { words: open.drain(..).map(|printed| printed.word).collect(), bbox, source, size, bold })
}
