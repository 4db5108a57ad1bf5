//! Arabic on pictures: the first engine knows none of its letters. What it left unspelled on the lines it found is shown to
//! Tesseract, where that is installed with Arabic.
//!
//! One engine alone says what these words are, so they are labels, and values in doubt; a name in Arabic is proposed to
//! whoever looks, and never trusted.

use image::GrayImage;

use super::super::pdf::plain;
use super::bitmap::{Bitmap, Sums};
use super::neural::Line;
use super::rules::{Box, Rules};
use super::strips::Strips;
use super::tesseract::{Language, Tesseract};
use super::words::{Row, Seen};
use crate::schemas::fold;

/// A word at least this certain has been spelled.
const SPELLED: f32 = 0.5;
/// A stretch of a line shorter than this, in its heights, holds no word.
const SHORTEST: f32 = 0.8;
/// Inked columns further apart than this, in heights of the line, do not belong to one stretch.
const APART: f32 = 1.2;
/// Type covers between these shares of its rectangle: less is a rule or noise, more a blot.
const TYPE: std::ops::RangeInclusive<f32> = 0.04..=0.6;
/// More unspelled stretches than a form in two languages has labels are noise all over the page.
const MOST: usize = 150;
/// Paper shown round a stretch, in heights of the line.
const ROUND: f32 = 0.15;
/// What Tesseract is less certain of is no Arabic.
const READ: f32 = 0.5;
/// A stroke may reach beyond its word as the engine sees it by this share of the word's height.
const OVERSHOOT: f32 = 0.35;
/// How far one engine alone is believed.
const ALONE: f32 = 0.8;

/// Reads what `rows` left unspelled of `lines`, and takes out of `rows` the noise that stood in its place. `ink` is type
/// alone, `page` the level sheet without boxes to tick.
pub(super) fn read(
    tesseract: &Tesseract,
    page: &GrayImage,
    ink: &Bitmap,
    lines: &[Line],
    rows: &mut Vec<Row>,
    scale: f32,
) -> anyhow::Result<Vec<Row>> {
    if !tesseract.knows(Language::Arabic) {
        return Ok(Vec::new());
    }
    let stretches = unspelled(lines, rows, &ink.sums(), (ink.width, ink.height));
    if stretches.is_empty() || stretches.len() > MOST {
        return Ok(Vec::new());
    }
    let dpi = scale * 72.0;
    let seen = match Strips::of(page, &stretches) {
        Some(strips) => strips.back(tesseract.rows(&strips.picture, dpi, Language::Arabic)?),
        None => tesseract.rows(page, dpi, Language::Arabic)?,
    };
    let found = arabic_of(seen, &stretches);
    let words: Vec<[f32; 4]> = found.iter().flat_map(|row| &row.words).map(|word| word.bounds).collect();
    let noise = |word: &Seen| word.certainty < SPELLED && words.iter().any(|bounds| holds(*bounds, word.centre()));
    for row in rows.iter_mut() {
        row.words.retain(|word| !noise(word));
    }
    rows.retain(|row| !row.words.is_empty());
    Ok(found)
}

/// The Arabic words of what was seen, those of one stretch in one row: Tesseract parts words of unequal height. Of other
/// letters on these lines the first engine knows more.
fn arabic_of(rows: Vec<Row>, stretches: &[Box]) -> Vec<Row> {
    let word = |mut word: Seen| {
        word.text = plain(std::iter::once(word.text.as_str()));
        let letters = word.text.chars().filter(|c| fold::is_arabic(*c)).count();
        let arabic = letters >= 2 && letters * 2 > word.text.chars().count();
        (arabic && word.certainty >= READ).then_some(Seen { certainty: word.certainty * ALONE, ..word })
    };
    let mut found = vec![Row::default(); stretches.len()];
    for word in rows.into_iter().flat_map(|row| row.words).filter_map(word) {
        let home = stretches.iter().position(|b| holds([b.0, b.1, b.2, b.3].map(|side| side as f32), word.centre()));
        if let Some(home) = home {
            found[home].words.push(word);
        }
    }
    found.retain(|row| !row.words.is_empty());
    found
}

/// Stretches of lines that hold type nobody spelled, with a little paper round them.
fn unspelled(lines: &[Line], rows: &[Row], sums: &Sums, (width, height): (usize, usize)) -> Vec<Box> {
    let spelled = || rows.iter().flat_map(|row| &row.words).filter(|word| word.certainty >= SPELLED);
    let mut found = Vec::new();
    for [x0, y0, x1, y1] in lines.iter().copied() {
        let (top, bottom) = (y0.max(0.0) as usize, (y1.ceil() as usize).min(height));
        let (left, right) = (x0.max(0.0) as usize, (x1.ceil() as usize).min(width));
        if top >= bottom || left >= right {
            continue;
        }
        let here: Vec<(usize, usize)> = spelled()
            .filter(|word| (y0..y1).contains(&word.centre().1))
            .map(|word| (word.bounds[0].max(0.0) as usize, word.bounds[2].ceil().max(0.0) as usize))
            .collect();
        let is_free = |x: usize| !here.iter().any(|(from, to)| (*from..*to).contains(&x));
        let inked: Vec<usize> =
            (left..right).filter(|x| is_free(*x) && sums.within(*x, top, *x + 1, bottom) > 0).collect();
        let line = (bottom - top) as f32;
        for stretch in inked.chunk_by(|a, b| (b - a) as f32 <= APART * line && (*a..*b).all(is_free)) {
            let (from, to) = (stretch[0], stretch[stretch.len() - 1] + 1);
            let share = sums.within(from, top, to, bottom) as f32 / ((to - from) as f32 * line);
            if (to - from) as f32 >= SHORTEST * line && TYPE.contains(&share) {
                let more = (ROUND * line) as usize;
                let (from, top) = (from.saturating_sub(more), top.saturating_sub(more));
                found.push((from, top, (to + more).min(width), (bottom + more).min(height)));
            }
        }
    }
    of_one_line(found)
}

/// Stretches that stand side by side become one: the first engine finds each word of a line it cannot spell by itself.
fn of_one_line(mut stretches: Vec<Box>) -> Vec<Box> {
    stretches.sort_unstable();
    let mut found: Vec<Box> = Vec::with_capacity(stretches.len());
    for next in stretches {
        let beside = |last: &&mut Box| {
            let low = (last.3 - last.1).min(next.3 - next.1) as f32;
            let shared = last.3.min(next.3) as f32 - last.1.max(next.1) as f32;
            shared > 0.5 * low && next.0 as f32 - last.2 as f32 <= APART * low
        };
        match found.iter_mut().find(beside) {
            Some(last) => *last = (last.0, last.1.min(next.1), last.2.max(next.2), last.3.max(next.3)),
            None => found.push(next),
        }
    }
    found
}

/// Rules that are strokes of these words: an alif is as high as a low cell, and as straight as its wall.
pub(super) fn strokes(words: &[Row], rules: &Rules) -> Vec<Box> {
    let words: Vec<[f32; 4]> = words.iter().flat_map(|row| &row.words).map(|word| word.bounds).collect();
    let within = |wall: &&Box| {
        let [left, top, right, bottom] = [wall.0, wall.1, wall.2, wall.3].map(|side| side as f32);
        words.iter().any(|word| {
            let more = OVERSHOOT * (word[3] - word[1]);
            left >= word[0] - 1.0 && right <= word[2] + 1.0 && top >= word[1] - more && bottom <= word[3] + more
        })
    };
    rules.down.iter().filter(within).copied().collect()
}

fn holds([x0, y0, x1, y1]: [f32; 4], (x, y): (f32, f32)) -> bool {
    (x0..x1).contains(&x) && (y0..y1).contains(&y)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn word(text: &str, bounds: [f32; 4], certainty: f32) -> Seen {
        Seen { text: text.to_owned(), bounds, certainty, ..Seen::default() }
    }

    /// Ink as of letters: every third column of a stretch.
    fn sheet(stretches: &[(usize, usize)]) -> Bitmap {
        let mut ink = Bitmap { width: 400, height: 60, ink: vec![0; 24_000] };
        for (from, to) in stretches {
            for x in (*from..*to).step_by(3) {
                (22..38).for_each(|y| ink.ink[y * 400 + x] = 1);
            }
        }
        ink
    }

    #[test]
    fn what_nobody_spelled_on_a_line_is_left() {
        let ink = sheet(&[(20, 120), (200, 300), (330, 333)]);
        let rows = vec![Row { words: vec![word("Raison", [18.0, 20.0, 122.0, 40.0], 0.98)] }];
        let left = |rows: &[Row]| unspelled(&[[10.0, 20.0, 390.0, 40.0]], rows, &ink.sums(), (400, 60));
        assert_eq!(left(&rows), [(197, 17, 303, 43)], "neither the label nor the speck");
        let noise = vec![Row { words: vec![word("ulga", [18.0, 20.0, 122.0, 40.0], 0.3)] }];
        assert_eq!(left(&noise).len(), 2, "what is noise was not spelled");
        assert_eq!(unspelled(&[[10.0, 2.0, 390.0, 18.0]], &[], &ink.sums(), (400, 60)), [], "empty paper");
        let by_words = [[10.0, 20.0, 70.0, 40.0], [71.0, 18.0, 125.0, 39.0], [190.0, 20.0, 310.0, 40.0]];
        assert_eq!(unspelled(&by_words, &[], &ink.sums(), (400, 60)).len(), 2, "words of one line are one stretch");
    }

    #[test]
    fn only_arabic_is_taken_in_one_row_and_never_for_certain() {
        let at = |x: f32| [x, 10.0, x + 10.0, 20.0];
        let rows = vec![
            Row {
                words: vec![word("شركة\u{200f}", at(40.0), 0.96), word("RIB", at(20.0), 0.9), word("و", at(0.0), 0.9)],
            },
            Row { words: vec![word("قرطاج", at(25.0), 0.9), word("غغغ", at(5.0), 0.2)] },
        ];
        let read = arabic_of(rows, &[(0, 8, 60, 22), (0, 30, 60, 44)]);
        let texts: Vec<Vec<&str>> =
            read.iter().map(|row| row.words.iter().map(|word| word.text.as_str()).collect()).collect();
        assert_eq!(texts, [["شركة", "قرطاج"]]);
        assert!(read[0].words.iter().all(|word| word.certainty <= ALONE));
    }

    #[test]
    fn the_strokes_of_a_word_are_no_walls() {
        let rows = [Row { words: vec![word("المواد", [100.0, 20.0, 160.0, 44.0], 0.7)] }];
        let (alif, wall, next) = ((150, 17, 153, 44), (120, 0, 122, 90), (162, 17, 165, 44));
        let rules = Rules { across: Vec::new(), down: vec![alif, wall, next] };
        assert_eq!(strokes(&rows, &rules), [alif]);
    }
}
