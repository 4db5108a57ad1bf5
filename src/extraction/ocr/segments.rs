//! Rows of words as an engine saw them become segments of the page model.
//!
//! An engine gives boxes as wide as it likes: a label and its value in the next cell may share one row, a value may come in
//! two. Rows are cut at rules, boxes to tick and wide gaps, and joined where only a word's space parts them. Words are
//! drawn in to their ink, because an engine knows where letters are only roughly.

use super::super::page::{Segment, Source, Word};
use super::bitmap::{Bitmap, Sums};
use super::rules::{Box, Rules};
use super::words::{Row, Seen, around};
use super::{blanks, spelling, twice, type_size, typed};
use crate::domain::field::Rect;
use crate::schemas::fold;

/// A gap wider than this share of the height of type parts segments.
const WIDE_GAP: f32 = 1.1;
/// Arabic letters are low for their size: their blanks are wider in heights of what is inked.
const WIDE_ARABIC_GAP: f32 = 1.8;
/// Rows whose middles differ by less than this share of their height stand on one line.
const ONE_LINE: f32 = 0.35;
/// Cells for one character each are at most this wide, in heights of type.
const WIDEST_COMB: f32 = 2.6;

/// Paper between the rows of one word, in shares of the height of the engine's box.
const SPECK: f32 = 0.12;
/// Letters and digits fill at least this share of it; what is lower is what was left of them once a rule that runs through
/// them had been taken away.
const LOWEST: f32 = 0.3;

/// What the engine's words are placed among.
pub(super) struct Place<'a> {
    pub(super) ink: &'a Bitmap,
    pub(super) rules: &'a Rules,
    /// Dots of the leaders one writes on.
    pub(super) leaders: &'a [Box],
    pub(super) scale: f32,
}

/// Words drawn in to their ink and parted where blanks and typed boxes part them.
pub(super) fn tidy(mut rows: Vec<Row>, place: &Place<'_>) -> Vec<Row> {
    let sums = place.ink.sums();
    for row in &mut rows {
        row.words.sort_by(|a, b| a.bounds[0].total_cmp(&b.bounds[0]));
        row.words = std::mem::take(&mut row.words).into_iter().flat_map(typed::at_brackets).collect();
        tighten(row, place.ink, &sums);
    }
    twice::once(&mut rows);
    blanks::mind(&mut rows, &sums);
    rows.iter_mut().flat_map(|row| &mut row.words).for_each(|word| spelling::without_leader_dot(word, place.leaders));
    rows
}

/// Segments of tidy words in points, from top to bottom.
pub(super) fn segments(rows: Vec<Row>, source: Source, place: &Place<'_>) -> Vec<Segment> {
    let mut pieces: Vec<Row> = Vec::new();
    for mut row in rows {
        row.words.iter_mut().for_each(spelling::mend);
        row.words.retain(|word| !word.text.is_empty());
        pieces.extend(cut(row, place.rules));
    }
    pieces.sort_by(|a, b| a.bounds()[1].total_cmp(&b.bounds()[1]));
    let mut segments: Vec<Segment> =
        join(pieces, place.rules).into_iter().map(|row| segment(row, source, place.scale)).collect();
    type_size::settle(&mut segments);
    segments
}

/// Draws each word in to its ink: between two words lies the widest gap near the space the engine saw.
fn tighten(row: &mut Row, ink: &Bitmap, sums: &Sums) {
    let Some(first) = row.words.first() else { return };
    let height = first.height();
    let (top, bottom) = within(first.bounds[1], first.bounds[3], ink.height);
    if bottom <= top {
        return;
    }
    for at in 1..row.words.len() {
        let (left, right) = (&row.words[at - 1], &row.words[at]);
        // The engine may be off by half a letter; the letters themselves hold ink and stop the search.
        let reach = 0.3 * height;
        let (from, to) = within(left.bounds[2] - reach, right.bounds[0] + reach, ink.width);
        if let Some((start, end)) = widest_gap(sums, from, to, top, bottom) {
            row.words[at - 1].bounds[2] = start as f32;
            row.words[at].bounds[0] = end as f32;
        }
    }
    for word in &mut row.words {
        let (left, right) = within(word.bounds[0], word.bounds[2], ink.width);
        if right <= left {
            continue;
        }
        // A letter cut by the engine's box is taken whole.
        let most = (0.4 * height) as usize;
        let inked = |x: usize| sums.within(x, top, x + 1, bottom) > 0;
        let left = (0..most).map(|n| left.saturating_sub(n)).take_while(|x| inked(*x)).last().unwrap_or(left);
        let right = (right..(right + most).min(ink.width)).take_while(|x| inked(*x)).last().map_or(right, |x| x + 1);
        let (first, last) = ((left..right).find(|x| inked(*x)), (left..right).rev().find(|x| inked(*x)));
        if let (Some(first), Some(last)) = (first, last) {
            word.bounds[0] = first as f32;
            word.bounds[2] = (last + 1) as f32;
        }
        // Rules above and below the type are not the word's: rows inked from side to side are skipped.
        let width = (right - left) as u32;
        let lines: Vec<usize> = (top..bottom)
            .filter(|y| {
                let count = sums.within(left, *y, right, y + 1);
                count > 0 && (count * 10 < width * 9 || width < 8)
            })
            .collect();
        let body = body(&lines, ((SPECK * height) as usize).max(2), |y| sums.within(left, y, right, y + 1));
        let letters = word.text.chars().any(char::is_alphanumeric);
        if let Some((first, last)) = body
            && (!letters || (last + 1 - first) as f32 >= LOWEST * height)
        {
            word.bounds[1] = first as f32;
            word.bounds[3] = (last + 1) as f32;
        }
    }
}

/// The rows of the word itself: those that hold most ink, and what hangs together with them but for a gap as below the dot of
/// an `i`. Noise and torn rules lie further away.
fn body(rows: &[usize], gap: usize, ink: impl Fn(usize) -> u32) -> Option<(usize, usize)> {
    let mut parts: Vec<(usize, usize, u32)> = Vec::new();
    for row in rows {
        match parts.last_mut() {
            Some(part) if row - part.1 <= gap + 1 => *part = (part.0, *row, part.2 + ink(*row)),
            _ => parts.push((*row, *row, ink(*row))),
        }
    }
    parts.into_iter().max_by_key(|part| part.2).map(|(first, last, _)| (first, last))
}

pub(super) fn within(low: f32, high: f32, limit: usize) -> (usize, usize) {
    let held = |value: f32| (value.max(0.0) as usize).min(limit);
    (held(low.floor()), held(high.ceil()))
}

/// The widest run of columns without ink.
pub(super) fn widest_gap(sums: &Sums, from: usize, to: usize, top: usize, bottom: usize) -> Option<(usize, usize)> {
    let (mut widest, mut start): (Option<(usize, usize)>, _) = (None, from);
    for x in from..=to {
        if x < to && sums.within(x, top, x + 1, bottom) == 0 {
            continue;
        }
        if x > start && widest.is_none_or(|(a, b)| x - start > b - a) {
            widest = Some((start, x));
        }
        start = x + 1;
    }
    widest
}

/// Cuts a row where what stands left and right of a gap does not belong together.
fn cut(row: Row, rules: &Rules) -> Vec<Row> {
    let mut pieces = Vec::new();
    let mut open = Row::default();
    for word in row.words {
        if open.words.last().is_some_and(|last| parts(last, &word, rules)) {
            pieces.push(std::mem::take(&mut open));
        }
        open.words.push(word);
    }
    pieces.push(open);
    pieces.retain(|piece| !piece.words.is_empty());
    pieces
}

fn parts(last: &Seen, next: &Seen, rules: &Rules) -> bool {
    let height = last.height().max(next.height());
    let gap = next.bounds[0] - last.bounds[2];
    let single = |word: &Seen| word.text.chars().count() == 1;
    if single(last) && single(next) && next.centre().0 - last.centre().0 <= WIDEST_COMB * height {
        return false;
    }
    let arabic = [last, next].into_iter().all(|word| fold::is_arabic_only(&word.text));
    let wide = if arabic { WIDE_ARABIC_GAP } else { WIDE_GAP };
    gap > wide * height || rules.between(last.bounds[2] - 1.0, next.bounds[0] + 1.0, last.centre().1)
}

/// Joins pieces of one line that only a word's space parts.
fn join(pieces: Vec<Row>, rules: &Rules) -> Vec<Row> {
    let mut rows: Vec<Row> = Vec::new();
    for piece in pieces {
        let bounds = piece.bounds();
        // Pieces come from top to bottom: only the last few can stand on the same line.
        let beside = rows.iter().rev().take(24).position(|row| stand_together(row, bounds, rules));
        match beside {
            Some(back) => {
                let at = rows.len() - 1 - back;
                let before = rows[at].bounds()[0] <= bounds[0];
                let at = &mut rows[at].words;
                if before {
                    at.extend(piece.words);
                } else {
                    at.splice(0..0, piece.words);
                }
            }
            None => rows.push(piece),
        }
    }
    rows
}

fn stand_together(row: &Row, next: [f32; 4], rules: &Rules) -> bool {
    let last = row.bounds();
    let (left, right) = if last[0] <= next[0] { (last, next) } else { (next, last) };
    let height = (last[3] - last[1]).min(next[3] - next[1]);
    let middle = |b: [f32; 4]| f32::midpoint(b[1], b[3]);
    let gap = right[0] - left[2];
    (middle(last) - middle(next)).abs() < ONE_LINE * height
        && (0.7..=1.4).contains(&((last[3] - last[1]) / (next[3] - next[1]).max(1.0)))
        && (-0.3 * height..0.7 * height).contains(&gap)
        && !rules.between(left[2] - 1.0, right[0] + 1.0, middle(last))
}

fn segment(row: Row, source: Source, scale: f32) -> Segment {
    let bounds = row.words.iter().map(|word| word.bounds).reduce(around).unwrap_or_default();
    let words = row.words.into_iter().map(|word| Word {
        text: word.text,
        bbox: points(word.bounds, scale),
        certainty: word.certainty,
    });
    let bbox = points(bounds, scale);
    let mut segment = Segment { words: words.collect(), bbox, source, size: 0.0, bold: false };
    segment.size = type_size::estimate(&segment.text(), bbox.height());
    segment
}

/// Pixels of the picture as points of the page.
pub(super) fn points([x0, y0, x1, y1]: [f32; 4], scale: f32) -> Rect {
    Rect { x0: x0 / scale, y0: y0 / scale, x1: x1 / scale, y1: y1 / scale }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Words as blots of ink 10 pixels high; the engine's boxes are 4 pixels off.
    fn read(words: &[(&str, usize, usize)], rows: &[&[usize]], rules: &Rules) -> Vec<String> {
        let mut ink = Bitmap { width: 400, height: 40, ink: vec![0; 16_000] };
        for (_, x0, x1) in words {
            for y in 15..25 {
                ink.ink[y * 400 + x0..y * 400 + x1].fill(1);
            }
        }
        let seen = |at: &usize| {
            let (text, x0, x1) = words[*at];
            Seen {
                text: text.to_owned(),
                bounds: [x0 as f32 - 4.0, 11.0, x1 as f32 + 4.0, 29.0],
                certainty: 1.0,
                ..Seen::default()
            }
        };
        let rows = rows.iter().map(|row| Row { words: row.iter().map(seen).collect() }).collect();
        let place = Place { ink: &ink, rules, leaders: &[], scale: 1.0 };
        let mut found = segments(tidy(rows, &place), Source::Ocr, &place);
        found.sort_by(|a, b| a.bbox.x0.total_cmp(&b.bbox.x0));
        found.iter().map(|s| format!("{} {}..{}", s.text(), s.bbox.x0, s.bbox.x1)).collect()
    }

    #[test]
    fn a_wide_gap_and_a_rule_part_a_small_gap_does_not() {
        let words = [("Nom", 10, 40), ("et", 46, 60), ("Ben", 100, 130), ("Ali", 136, 160)];
        let no_rules = Rules::default();
        assert_eq!(read(&words, &[&[0, 1, 2, 3]], &no_rules), ["Nom et 10..60", "Ben Ali 100..160"]);
        let wall = Rules { across: vec![], down: vec![(42, 0, 44, 40)] };
        assert_eq!(read(&words[..2], &[&[0, 1]], &wall), ["Nom 10..40", "et 46..60"]);
    }

    #[test]
    fn the_rows_of_a_word_are_those_with_most_ink() {
        let ink = |y: usize| if (6..=30).contains(&y) { 20 } else { 3 };
        // A dot over the letters, a rule far below.
        assert_eq!(body(&[4, 5, 8, 9, 10, 11, 12, 40, 41], 2, ink), Some((4, 12)));
        assert_eq!(body(&[], 2, ink), None);
    }

    #[test]
    fn a_value_seen_in_two_is_one() {
        let words = [("0825", 10, 40), ("7612", 45, 75)];
        assert_eq!(read(&words, &[&[0], &[1]], &Rules::default()), ["0825 7612 10..75"]);
    }
}
