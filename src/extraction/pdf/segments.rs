//! The words of a line become segments: what a reader takes in at one glance.
//!
//! A segment ends at a wide gap, at an upright rule, where the type changes, and at a box to tick. Letters written one to a
//! cell stay together.

use super::super::page::{Segment, Source, Word};
use super::direction::is_rtl;
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
    let mut words: Vec<Word> = open.drain(..).map(|printed| printed.word).collect();
    doubt_groups(&mut words);
    Some(Segment { words, bbox, source, size, bold })
}

/// Groups of digits within an Arabic line stand from left to right or from right to left, as its program has taken them:
/// their order is not to be relied on.
fn doubt_groups(words: &mut [Word]) {
    const EITHER_WAY: f32 = 0.5;
    let has = |words: &[Word], test: fn(char) -> bool| words.iter().any(|word| word.text.chars().any(test));
    if !has(words, is_rtl) || has(words, |c| c.is_alphabetic() && !is_rtl(c)) {
        return;
    }
    let is_group = |word: &Word| word.text.len() > 1 && word.text.bytes().all(|b| b.is_ascii_digit());
    for at in 1..words.len() {
        if is_group(&words[at - 1]) && is_group(&words[at]) {
            words[at - 1].certainty = words[at - 1].certainty.min(EITHER_WAY);
            words[at].certainty = words[at].certainty.min(EITHER_WAY);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::field::Rect;

    #[test]
    fn groups_of_digits_in_an_arabic_line_may_run_either_way() {
        let certainties = |texts: &[&str]| -> Vec<bool> {
            let word = |text: &&str| Word { text: (*text).to_owned(), bbox: Rect::default(), certainty: 1.0 };
            let mut words: Vec<Word> = texts.iter().map(word).collect();
            doubt_groups(&mut words);
            words.iter().map(|word| word.certainty >= 1.0).collect()
        };
        assert_eq!(certainties(&["567", "234", "71", ":", "الهاتف"]), [false, false, false, true, true]);
        assert_eq!(certainties(&["71234567", ":", "الهاتف"]), [true, true, true]);
        assert_eq!(certainties(&["Tél", "71", "234", "الهاتف"]), [true; 4], "such a line runs from the left");
        assert_eq!(certainties(&["71", "234", "567"]), [true; 3]);
    }
}
