//! Blanks an engine did not see, or saw where none is: paper between two characters tells.
//!
//! In type of even pitch every character has the same room, and a blank is a room left empty. In other type a blank is as wide
//! as the other blanks of its line and much wider than what parts the letters of a word. Where a gap is neither clearly the
//! one nor the other, nobody is sure of the words beside it.

use super::bitmap::Sums;
use super::segments::widest_gap;
use super::type_size;
use super::words::{Row, Seen, Sign, around};

/// A gap is a blank from this share of the other blanks on, and in multiples of what parts the letters.
const OF_A_BLANK: f32 = 0.85;
const OF_A_GAP: f32 = 2.0;
/// No blank is narrower than this share of the size of type.
const NARROWEST: f32 = 0.14;
/// A blank where a page has too few to tell, in shares of the size of type.
const USUAL: f32 = 0.28;
const ENOUGH_BLANKS: usize = 12;
/// Up to this many times the limit it is not sure what a gap is.
const UNSURE: f32 = 1.2;
/// Beside a blank, characters stand this much further apart than others do.
const FURTHER: f32 = 1.3;
/// Where more than one gap in so many seems a blank, letters are merely set wide.
const SET_WIDE: usize = 6;
/// Certainty of words whose ends are not sure, at most: only a second engine that parts them alike can settle it.
const GUESSED: f32 = 0.55;
/// Where a character stands is known this exactly, in shares of the height of its word.
const REACH: f32 = 0.18;
/// Paper beside an apostrophe is no blank up to this share of the height of the words.
const BESIDE_APOSTROPHE: f32 = 0.6;
/// Characters stand evenly when the room of each differs by less than this share from that of the middle one.
const EVEN: f32 = 0.10;
/// Fewer rooms than this, and fewer of them beside a narrow or a wide letter, prove no even pitch.
const ENOUGH_ROOMS: usize = 4;
const ENOUGH_ODD: usize = 2;

/// What a gap is.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Gap {
    Blank,
    None,
    /// May be either.
    Unsure,
}

/// Parts words at blanks that went unseen and joins those no blank parts. The words must have been drawn in to their ink.
pub(super) fn mind(rows: &mut [Row], sums: &Sums) {
    let usual = usual_blank(rows);
    for row in rows.iter_mut().filter(|row| row.words.iter().any(Seen::knows_signs)) {
        let words = std::mem::take(&mut row.words);
        // A label and what is typed behind it may be of two types.
        for run in words.chunk_by(|left, _| !left.text.ends_with(':')) {
            let within: Vec<Vec<Option<(f32, f32)>>> = run.iter().map(|word| gaps(word, sums)).collect();
            let (limit, pitch) = (limit(run, &within, usual), pitch(run, &within));
            let first = row.words.len();
            for (word, gaps) in run.iter().zip(&within) {
                for part in parted(word, gaps, pitch, limit) {
                    let before = row.words[first..].last().map(|last| (between(last, &part, pitch, limit), last));
                    match before {
                        Some((Gap::None, last)) => {
                            let whole = joined(last, part);
                            row.words.pop();
                            row.words.push(whole);
                        }
                        Some((Gap::Unsure, last)) => {
                            let guessed = Seen { certainty: last.certainty.min(GUESSED), ..last.clone() };
                            row.words.pop();
                            row.words.push(guessed);
                            row.words.push(Seen { certainty: part.certainty.min(GUESSED), ..part });
                        }
                        _ => row.words.push(part),
                    }
                }
            }
        }
    }
}

/// Size of the type a run of words is set in.
fn size(run: &[Seen]) -> f32 {
    let text: String = run.iter().map(|word| word.text.as_str()).collect();
    let top = run.iter().map(|word| word.bounds[1]).fold(f32::MAX, f32::min);
    let bottom = run.iter().map(|word| word.bounds[3]).fold(0.0, f32::max);
    type_size::estimate(&text, (bottom - top).max(1.0))
}

/// The blanks engines saw between the words of a run, none as wide as what parts columns.
fn blanks(run: &[Seen]) -> Vec<f32> {
    let size = size(run);
    let between = run.windows(2).map(|pair| pair[1].bounds[0] - pair[0].bounds[2]);
    between.filter(|gap| (NARROWEST * size..size).contains(gap)).collect()
}

/// How wide blanks are on the page, in shares of the size of the type.
fn usual_blank(rows: &[Row]) -> f32 {
    let all = rows.iter().filter(|row| row.words.len() > 1);
    let shares = all.flat_map(|row| blanks(&row.words).into_iter().map(|blank| blank / size(&row.words)));
    let shares: Vec<f32> = shares.collect();
    if shares.len() < ENOUGH_BLANKS { USUAL } else { middle(shares).unwrap_or(USUAL).clamp(0.2, 0.45) }
}

/// From which width on a gap is a blank, pitch aside.
fn limit(run: &[Seen], within: &[Vec<Option<(f32, f32)>>], usual_blank: f32) -> f32 {
    let width = |gap: &Option<(f32, f32)>| gap.map_or(0.0, |(from, to)| to - from);
    let usual = middle(within.iter().flatten().map(width).collect()).unwrap_or(0.0);
    let own = blanks(run);
    let all = within.iter().flatten().count();
    // A few gaps alone may be what the engine was wrong about.
    let blank = match middle(own.clone()).filter(|_| own.len() > 2) {
        Some(blank) => blank,
        None => usual_blank * size(run),
    };
    let limit = (OF_A_BLANK * blank).max(OF_A_GAP * usual + 1.0);
    let wide = within.iter().flatten().filter(|gap| width(gap) >= limit).count();
    if wide * SET_WIDE > all.max(SET_WIDE) { f32::MAX } else { limit }
}

/// The widest gap between each character and the next.
fn gaps(word: &Seen, sums: &Sums) -> Vec<Option<(f32, f32)>> {
    if !word.knows_signs() {
        return Vec::new();
    }
    let (top, bottom) = (word.bounds[1].max(0.0) as usize, word.bounds[3].max(0.0) as usize);
    let reach = REACH * word.height();
    let gap = |pair: &[Sign]| {
        let (from, to) = ((pair[0].x - reach).max(word.bounds[0]), (pair[1].x + reach).min(word.bounds[2]));
        let (from, to) = (from.max(0.0) as usize, to.max(from).max(0.0) as usize);
        widest_gap(sums, from, to, top, bottom).map(|(start, end)| (start as f32, end as f32))
    };
    let mut gaps: Vec<Option<(f32, f32)>> = word.signs.windows(2).map(gap).collect();
    // A gap lies between one pair alone: the nearest.
    let off = |at: usize, (start, end): (f32, f32)| {
        (f32::midpoint(word.signs[at].x, word.signs[at + 1].x) - f32::midpoint(start, end)).abs()
    };
    for at in 1..gaps.len() {
        if let (Some(left), Some(right)) = (gaps[at - 1], gaps[at])
            && left == right
        {
            let farther = if off(at - 1, left) > off(at, right) { at - 1 } else { at };
            gaps[farther] = None;
        }
    }
    gaps
}

/// The room each character has where all have the same. Characters that touch tell nothing, nor do those that are equally
/// wide in any type: it takes narrow and wide letters to tell.
fn pitch(run: &[Seen], within: &[Vec<Option<(f32, f32)>>]) -> Option<f32> {
    let mut rooms = Vec::new();
    let mut odd = 0;
    for (word, gaps) in run.iter().zip(within).filter(|(word, _)| word.knows_signs()) {
        let signs: Vec<char> = word.text.chars().collect();
        let centre = |at: usize| {
            let left = if at == 0 { Some(word.bounds[0]) } else { gaps[at - 1].map(|gap| gap.1) };
            let right = if at == gaps.len() { Some(word.bounds[2]) } else { gaps[at].map(|gap| gap.0) };
            Some(f32::midpoint(left?, right?))
        };
        for at in 1..signs.len() {
            if let (Some(left), Some(right)) = (centre(at - 1), centre(at))
                && signs[at - 1..=at].iter().all(|sign| sign.is_alphabetic())
            {
                rooms.push(right - left);
                odd += usize::from(signs[at - 1..=at].iter().any(|sign| "iljtfrmwIMWJ".contains(*sign)));
            }
        }
    }
    let usual = middle(rooms.clone()).filter(|usual| *usual > 0.0)?;
    let even = rooms.iter().filter(|room| (*room / usual - 1.0).abs() < EVEN).count();
    (rooms.len() >= ENOUGH_ROOMS && odd >= ENOUGH_ODD && even * 10 >= rooms.len() * 9).then_some(usual)
}

fn middle(mut values: Vec<f32>) -> Option<f32> {
    values.sort_by(f32::total_cmp);
    values.get(values.len() / 2).copied()
}

fn parted(word: &Seen, gaps: &[Option<(f32, f32)>], pitch: Option<f32>, limit: f32) -> Vec<Seen> {
    let signs: Vec<char> = word.text.chars().collect();
    let mut parts = Vec::new();
    let (mut from, mut left) = (0, word.bounds[0]);
    let mut unsure = false;
    let steps = word.signs.windows(2).map(|pair| pair[1].x - pair[0].x).collect();
    let further = FURTHER * middle(steps).unwrap_or(0.0);
    for (at, gap) in gaps.iter().enumerate() {
        let Some((start, end)) = *gap else { continue };
        // Paper stands round points and strokes however the words run.
        if !may_part(signs[at], signs[at + 1]) {
            continue;
        }
        let seen = match pitch {
            // Two characters of full width fill their rooms; a blank leaves one empty.
            Some(pitch) if end - start > 0.9 * pitch => Gap::Blank,
            Some(_) => Gap::None,
            // Narrow letters have paper round them in type of even pitch that was not known for it.
            None if word.signs[at + 1].x - word.signs[at].x < further => Gap::None,
            None => by_width(end - start, limit),
        };
        unsure |= seen == Gap::Unsure;
        if seen != Gap::None {
            let mut part = word.piece(from..at + 1);
            (part.bounds[0], part.bounds[2]) = (left, start);
            parts.push(part);
            (from, left) = (at + 1, end);
        }
    }
    let mut last = word.piece(from..signs.len());
    (last.bounds[0], last.bounds[2]) = (left, word.bounds[2]);
    parts.push(last);
    if unsure {
        for part in &mut parts {
            part.certainty = part.certainty.min(GUESSED);
        }
    }
    parts
}

fn by_width(width: f32, limit: f32) -> Gap {
    match width {
        width if width >= limit * UNSURE => Gap::Blank,
        width if width >= limit => Gap::Unsure,
        _ => Gap::None,
    }
}

/// The engine saw a blank here; is it one? Only what is clearly none is taken from it.
fn between(left: &Seen, right: &Seen, pitch: Option<f32>, limit: f32) -> Gap {
    if !left.knows_signs() || !right.knows_signs() {
        return Gap::Blank;
    }
    let width = right.bounds[0] - left.bounds[2];
    let ends = (left.text.chars().last(), right.text.chars().next());
    if ends.0.is_some_and(|c| matches!(c, ':' | '[' | ']')) || ends.1.is_some_and(|c| matches!(c, '[' | ']')) {
        return Gap::Blank;
    }
    let apostrophe = |c: Option<char>| c.is_some_and(|c| matches!(c, '\'' | '\u{2019}'));
    match pitch {
        // Narrow signs leave paper in their rooms, never a whole room.
        Some(pitch) if width < 0.85 * pitch => Gap::None,
        Some(pitch) if apostrophe(ends.0) || apostrophe(ends.1) => {
            if width < 1.1 * pitch {
                Gap::None
            } else {
                Gap::Blank
            }
        }
        Some(_) => Gap::Blank,
        // French sets no blank beside an apostrophe; type of even pitch leaves paper there.
        None if apostrophe(ends.0) != apostrophe(ends.1)
            && width < BESIDE_APOSTROPHE * left.height().max(right.height()) =>
        {
            Gap::None
        }
        None if limit < f32::MAX && width < 0.3 * limit => Gap::Unsure,
        None => Gap::Blank,
    }
}

fn joined(left: &Seen, right: Seen) -> Seen {
    let mut signs = left.signs.clone();
    signs.extend(right.signs);
    Seen {
        text: format!("{}{}", left.text, right.text),
        bounds: around(left.bounds, right.bounds),
        certainty: left.certainty.min(right.certainty),
        signs,
    }
}

/// Digits stand in rooms of equal width in any type: paper round a `1` is no blank, and no number needs one.
fn may_part(left: char, right: char) -> bool {
    if left.is_ascii_digit() && right.is_ascii_digit() {
        return false;
    }
    (left.is_alphanumeric() || left == ')') && (right.is_alphanumeric() || right == '(')
}

#[cfg(test)]
mod tests {
    use super::super::bitmap::Bitmap;
    use super::*;

    /// Letters 20 high after gaps, `(gap, width)` each; `read` is what the engine made of them, blanks and all.
    fn minded(read: &str, letters: &[(usize, usize)]) -> Vec<(String, f32)> {
        let mut ink = Bitmap { width: 600, height: 40, ink: vec![0; 24_000] };
        let mut x = 5;
        let mut words: Vec<Seen> = Vec::new();
        let mut letters = letters.iter();
        for text in read.split(' ') {
            let mut word = Seen { text: text.to_owned(), certainty: 0.99, ..Seen::default() };
            for _ in text.chars() {
                let (gap, width) = letters.next().expect("one for each letter");
                let (from, to) = (x + gap, x + gap + width);
                (10..30).for_each(|y| ink.ink[y * 600 + from..y * 600 + to].fill(1));
                word.signs.push(Sign { x: (from + to) as f32 / 2.0, certainty: 0.99 });
                if word.signs.len() == 1 {
                    word.bounds = [from as f32, 10.0, to as f32, 30.0];
                }
                word.bounds[2] = to as f32;
                x = to;
            }
            words.push(word);
        }
        let mut rows = [Row { words }];
        mind(&mut rows, &ink.sums());
        std::mem::take(&mut rows[0].words).into_iter().map(|word| (word.text, word.certainty)).collect()
    }

    fn texts(words: &[(String, f32)]) -> Vec<&str> {
        words.iter().map(|(text, _)| text.as_str()).collect()
    }

    /// Letters of all widths, as most type has them.
    fn letters(gaps: &[usize]) -> Vec<(usize, usize)> {
        gaps.iter()
            .zip([12, 8, 14, 9, 4, 11, 8, 10, 13, 5, 9, 8, 12, 7].iter().cycle())
            .map(|(g, w)| (*g, *w))
            .collect()
    }

    #[test]
    fn a_gap_as_wide_as_the_other_blanks_is_one() {
        let words = minded("La vie MaisondAtlas", &letters(&[2, 2, 9, 2, 2, 9, 2, 2, 2, 2, 2, 9, 2, 2, 2, 2, 2]));
        assert_eq!(texts(&words), ["La", "vie", "Maison", "dAtlas"]);
        assert!(words.iter().all(|word| word.1 > 0.9));
    }

    #[test]
    fn a_word_set_wide_stays_whole() {
        assert_eq!(texts(&minded("ATLAS", &letters(&[4, 4, 5, 4, 4]))), ["ATLAS"]);
        // Paper stands on both sides of a point.
        assert_eq!(texts(&minded("www.be.tn", &letters(&[2, 2, 2, 8, 8, 2, 8, 8, 2]))), ["www.be.tn"]);
    }

    #[test]
    fn a_gap_that_may_be_either_makes_nobody_sure() {
        let words = minded("La vie Maisondor", &letters(&[2, 2, 7, 2, 2, 7, 2, 2, 2, 2, 2, 7, 2, 2]));
        assert!(words.last().is_some_and(|last| last.1 < 0.6), "{words:?}");
    }

    /// Rooms 14 wide; a letter stands in the middle of its room.
    fn even(rooms: &str) -> Vec<(usize, usize)> {
        let mut letters = Vec::new();
        let mut paper = 0;
        for sign in rooms.chars() {
            let width = match sign {
                ' ' => {
                    paper += 14;
                    continue;
                }
                '\'' | '.' | 'i' | 'r' => 4,
                _ => 10,
            };
            letters.push((paper + (14 - width) / 2, width));
            paper = (14 - width) / 2;
        }
        letters
    }

    #[test]
    fn type_of_even_pitch_leaves_a_room_empty_for_a_blank() {
        let same = ["Megrine", "Sahel'Kids", "Net Time"];
        for (read, printed) in ["Megr ine", "Sahel ' Kids", "Net Time"].iter().zip(same) {
            assert_eq!(texts(&minded(read, &even(printed))).join(" "), printed);
        }
        assert_eq!(texts(&minded("Megrinedu", &even("Megrine du"))), ["Megrine", "du"]);
    }
}
