//! Glyphs become words: by baseline, from left to right, cut at spaces, at gaps and at rules; right-to-left words are put
//! back into the order in which they are read.
//!
//! The work is a sort: nothing compares every glyph with every other.

use super::super::page::{Source, Word};
use super::canvas::{Glyph, Letters};
use super::direction;
use super::rulings::Rulings;
use crate::domain::field::Rect;

/// A gap wider than this share of the type size ends a word.
const WORD_GAP: f32 = 0.2;
/// Glyphs whose baselines differ by less than this share of the type size stand on one line.
const SAME_LINE: f32 = 0.12;
/// Box of a glyph above and below its baseline, as shares of the type size.
const ASCENT: f32 = 0.78;
const DESCENT: f32 = 0.22;

/// A word with what its line needs to know of it.
#[derive(Debug, Clone)]
pub(super) struct Printed {
    pub(super) word: Word,
    pub(super) em: f32,
    pub(super) bold: bool,
    pub(super) glyphs: usize,
    /// Arabic-Indic digits, by now written 0 to 9.
    pub(super) indic: bool,
}

/// The lines of one source from top to bottom, each with its words from left to right.
pub(super) fn lines(glyphs: &[&Glyph], rulings: &Rulings) -> Vec<Vec<Printed>> {
    let (level, turned): (Vec<&Glyph>, Vec<&Glyph>) = glyphs.iter().partition(|glyph| is_level(glyph));
    let mut lines: Vec<Vec<Printed>> = by_baseline(level)
        .into_iter()
        .flat_map(|line| off_leaders(&line))
        .flat_map(by_weight)
        .map(|line| words(&line, rulings))
        .collect();
    lines.retain(|line| !line.is_empty());
    lines.extend(turned_words(&turned).into_iter().map(|word| vec![word]));
    lines
}

fn is_level(glyph: &Glyph) -> bool {
    let (dx, dy) = (glyph.end.0 - glyph.start.0, glyph.end.1 - glyph.start.1);
    glyph.em > 0.0 && dx >= -0.01 && dy.abs() <= 0.05 * glyph.em.max(dx.abs())
}

fn by_baseline(mut glyphs: Vec<&Glyph>) -> Vec<Vec<&Glyph>> {
    glyphs.sort_by(|a, b| a.start.1.total_cmp(&b.start.1));
    let mut lines: Vec<Vec<&Glyph>> = Vec::new();
    for glyph in glyphs {
        match lines.last_mut() {
            Some(line)
                if line.last().is_some_and(|last| glyph.start.1 - last.start.1 < SAME_LINE * glyph.em.max(1.0)) =>
            {
                line.push(glyph);
            }
            _ => lines.push(vec![glyph]),
        }
    }
    lines
}

/// What is written over a row of points is a line of its own, or the points would stand between its letters.
fn off_leaders<'a>(line: &[&'a Glyph]) -> Vec<Vec<&'a Glyph>> {
    /// So many in a row, one drawn after the other, make a place to write on.
    const ROW: usize = 6;
    let is_point = |glyph: &Glyph| [Letters::One('.'), Letters::One('_'), Letters::One('…')].contains(&glyph.text);
    let follows = |a: &Glyph, b: &Glyph| is_point(b) && b.text == a.text && (b.start.0 - a.end.0).abs() < 0.6 * b.em;
    let mut points = Vec::new();
    let mut letters = Vec::new();
    // So far the line is in the order of drawing.
    for row in line.chunk_by(|a, b| is_point(a) && follows(a, b)) {
        if row.len() < ROW { letters.extend(row) } else { points.push(row) }
    }
    let middle = |glyph: &Glyph| f32::midpoint(glyph.start.0, glyph.end.0);
    let (under, free): (Vec<_>, Vec<_>) = points.into_iter().partition(|row| {
        let place = row[0].start.0..row[row.len() - 1].end.0;
        letters.iter().any(|glyph: &&Glyph| !glyph.text.is_blank() && place.contains(&middle(glyph)))
    });
    letters.extend(free.concat());
    let mut lines = vec![letters, under.concat()];
    lines.retain(|line| !line.is_empty());
    // Equal places keep the order of drawing: combining marks follow their letter.
    for line in &mut lines {
        line.sort_by(|a, b| a.start.0.total_cmp(&b.start.0));
    }
    lines
}

/// A label in bold that is too long for its place runs into the answer printed over it: each weight is a line of its own.
fn by_weight(line: Vec<&Glyph>) -> Vec<Vec<&Glyph>> {
    let seen = || line.iter().filter(|glyph| !glyph.text.is_blank());
    let run_over = seen().zip(seen().skip(1)).any(|(left, right)| {
        left.bold != right.bold && right.start.0 < left.end.0 - 0.15 * right.em && right.start.0 > left.start.0
    });
    if !run_over {
        return vec![line];
    }
    let (bold, plain): (Vec<&Glyph>, Vec<&Glyph>) = line.into_iter().partition(|glyph| glyph.bold);
    vec![bold, plain]
}

/// Cuts one line, sorted by x, into words.
fn words(line: &[&Glyph], rulings: &Rulings) -> Vec<Printed> {
    let mut words = Vec::new();
    let mut word: Vec<&Glyph> = Vec::new();
    let mut recent: Vec<&Glyph> = Vec::new();
    let mut end = f32::MIN;
    for glyph in line {
        if glyph.text.is_blank() {
            // A blank without width joins nothing and parts nothing.
            if glyph.end.0 - glyph.start.0 > 0.05 * glyph.em {
                words.extend(finish(&mut word));
            }
            continue;
        }
        if is_overprint(glyph, &recent) {
            continue;
        }
        recent.truncate(3);
        recent.insert(0, glyph);
        if let Some(last) = word.last() {
            let gap = glyph.start.0 - end;
            let size = glyph.em / last.em;
            let apart = gap > WORD_GAP * glyph.em.min(last.em) || gap < -0.9 * glyph.em;
            let walled = gap > -0.1 * glyph.em && rulings.between(end, glyph.start.0, glyph.start.1 - 0.3 * glyph.em);
            // `Nom:` in bold ends where the answer begins, though no blank parts them.
            let answered = last.bold && !glyph.bold && last.text == Letters::One(':');
            if apart || walled || answered || !(0.6..=1.6).contains(&size) {
                words.extend(finish(&mut word));
            }
        }
        end = if word.is_empty() { glyph.end.0 } else { end.max(glyph.end.0) };
        word.push(glyph);
    }
    words.extend(finish(&mut word));
    numbers_joined(words)
}

/// Groups of Arabic-Indic digits make one number, which is read from its right-most group on; apart, they would be put
/// together in the wrong order.
fn numbers_joined(words: Vec<Printed>) -> Vec<Printed> {
    if !words.windows(2).any(|pair| pair[0].indic && pair[1].indic) {
        return words;
    }
    let mut joined: Vec<Printed> = Vec::with_capacity(words.len());
    for next in words {
        match joined.last_mut() {
            // Single digits are cells of one character each, and keep their places.
            Some(last)
                if last.indic
                    && next.indic
                    && last.glyphs + next.glyphs > 2
                    && next.word.bbox.x0 - last.word.bbox.x1 < last.em =>
            {
                last.word.text = format!("{} {}", next.word.text, last.word.text);
                last.word.bbox = last.word.bbox.union(&next.word.bbox);
                last.word.certainty = last.word.certainty.min(next.word.certainty);
                last.glyphs += next.glyphs;
            }
            _ => joined.push(next),
        }
    }
    joined
}

/// Set in bold for the most part. The line to write on has no say: it is the form's, the letters on it are the answer's; nor
/// has a comma, which is the sentence's.
fn is_bold(word: &[&Glyph], clusters: &[String]) -> bool {
    let leader = |cluster: &String| cluster.chars().all(|c| matches!(c, '_' | '.' | '…' | ',' | ';'));
    let letters = || word.iter().zip(clusters).filter(|(_, cluster)| !leader(cluster));
    let all = letters().count();
    let bold = |glyphs: usize, of: usize| glyphs * 2 > of;
    if all == 0 {
        return bold(word.iter().filter(|glyph| glyph.bold).count(), word.len());
    }
    bold(letters().filter(|(glyph, _)| glyph.bold).count(), all)
}

/// The same sign nearly in the same place a second time: fake bold, a shadow.
fn is_overprint(glyph: &Glyph, recent: &[&Glyph]) -> bool {
    recent.iter().any(|other| {
        other.text == glyph.text
            && (other.start.0 - glyph.start.0).abs() < 0.12 * glyph.em
            && (other.end.0 - glyph.end.0).abs() < 0.15 * glyph.em
            && (other.em / glyph.em - 1.0).abs() < 0.1
    })
}

fn finish(word: &mut Vec<&Glyph>) -> Option<Printed> {
    if word.is_empty() {
        return None;
    }
    let clusters: Vec<String> = word
        .iter()
        .map(|glyph| {
            let mut text = String::new();
            glyph.text.push_to(&mut text);
            text
        })
        .collect();
    let bbox = word.iter().map(|glyph| level_box(glyph)).reduce(|a, b| a.union(&b))?;
    let em = word.iter().map(|glyph| glyph.em).fold(0.0, f32::max);
    let printed = Printed {
        word: Word { text: direction::logical(&clusters), bbox, certainty: certainty(word) },
        em,
        bold: is_bold(word, &clusters),
        glyphs: word.len(),
        indic: direction::is_indic_number(&clusters),
    };
    word.clear();
    (!printed.word.text.is_empty()).then_some(printed)
}

/// What a font does not explain is a guess, what nobody sees proves nothing.
fn certainty(word: &[&Glyph]) -> f32 {
    const GUESSED: f32 = 0.5;
    let certain = |glyph: &&Glyph| glyph.sure && glyph.source != Source::HiddenLayer;
    if word.iter().all(certain) { 1.0 } else { GUESSED }
}

fn level_box(glyph: &Glyph) -> Rect {
    Rect {
        x0: glyph.start.0.min(glyph.end.0),
        y0: glyph.start.1 - ASCENT * glyph.em,
        x1: glyph.end.0.max(glyph.start.0),
        y1: glyph.start.1 + DESCENT * glyph.em,
    }
}

/// Words that do not run from left to right (margin notes, turned stamps) are kept in the order of drawing.
fn turned_words(glyphs: &[&Glyph]) -> Vec<Printed> {
    let mut words: Vec<Printed> = Vec::new();
    let mut last: Option<&Glyph> = None;
    for glyph in glyphs.iter().filter(|glyph| glyph.em > 0.0) {
        if glyph.text.is_blank() {
            last = None;
            continue;
        }
        let bbox = turned_box(glyph);
        if let (Some(_), Some(word)) = (last.filter(|last| follows(last, glyph)), words.last_mut()) {
            glyph.text.push_to(&mut word.word.text);
            word.word.bbox = word.word.bbox.union(&bbox);
            word.word.certainty = word.word.certainty.min(certainty(&[glyph]));
            word.glyphs += 1;
        } else {
            let mut text = String::new();
            glyph.text.push_to(&mut text);
            let word = Word { text, bbox, certainty: certainty(&[glyph]) };
            words.push(Printed { word, em: glyph.em, bold: glyph.bold, glyphs: 1, indic: false });
        }
        last = Some(glyph);
    }
    words
}

fn unit(glyph: &Glyph) -> (f32, f32) {
    let (dx, dy) = (glyph.end.0 - glyph.start.0, glyph.end.1 - glyph.start.1);
    let length = dx.hypot(dy).max(1e-6);
    (dx / length, dy / length)
}

fn follows(last: &Glyph, glyph: &Glyph) -> bool {
    let ((ax, ay), (bx, by)) = (unit(last), unit(glyph));
    let gap = (glyph.start.0 - last.end.0, glyph.start.1 - last.end.1);
    let (along, aside) = (gap.0 * ax + gap.1 * ay, gap.0 * ay - gap.1 * ax);
    ax * bx + ay * by > 0.95 && aside.abs() < 0.25 * glyph.em && (-0.6 * glyph.em..WORD_GAP * glyph.em).contains(&along)
}

fn turned_box(glyph: &Glyph) -> Rect {
    let (dx, dy) = unit(glyph);
    let up = (dy * glyph.em, -dx * glyph.em);
    let corners = [glyph.start, glyph.end].map(|(x, y)| {
        let (above, below) = ((x + up.0 * ASCENT, y + up.1 * ASCENT), (x - up.0 * DESCENT, y - up.1 * DESCENT));
        Rect { x0: above.0.min(below.0), y0: above.1.min(below.1), x1: above.0.max(below.0), y1: above.1.max(below.1) }
    });
    corners[0].union(&corners[1])
}
