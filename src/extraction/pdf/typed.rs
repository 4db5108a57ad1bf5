//! Boxes to tick that are typed (☐ ☒ `[x]`): they leave the line, and part it.

use super::super::page::{Mark, Source, Word};
use super::super::ticks::{self, Part, Piece, Signs};
use super::words::Printed;

/// More blank than one space between words, as a share of the type size.
const APART: f32 = 0.45;

/// Parts one line at its typed boxes. The runs between them become segments of their own.
pub(super) fn part(line: Vec<Printed>, source: Source, signs: Signs, marks: &mut Vec<Mark>) -> Vec<Vec<Printed>> {
    let words: Vec<Printed> = line.into_iter().flat_map(|printed| cut(printed, signs)).collect();
    let pieces: Vec<Piece<'_>> = words
        .iter()
        .enumerate()
        .map(|(i, printed)| {
            let gap = i.checked_sub(1).map(|before| printed.word.bbox.x0 - words[before].word.bbox.x1);
            Piece { text: &printed.word.text, apart: gap.is_none_or(|gap| gap > APART * printed.em) }
        })
        .collect();
    let parts = ticks::read(&pieces, signs);
    let mut runs = Vec::new();
    let mut run = Vec::new();
    let mut words = words.into_iter();
    for part in parts {
        match part {
            Part::Word => run.extend(words.next()),
            Part::Tick { ticked, pieces } => {
                let sign = words.by_ref().take(pieces).map(|printed| printed.word.bbox).reduce(|a, b| a.union(&b));
                marks.extend(sign.map(|bbox| Mark { bbox, ticked: Some(ticked), source }));
                runs.push(std::mem::take(&mut run));
            }
        }
    }
    runs.push(run);
    runs.retain(|run| !run.is_empty());
    runs
}

/// Cuts a word where a box touches it; the pieces share its width by their letters.
fn cut(printed: Printed, signs: Signs) -> Vec<Printed> {
    let text = &printed.word.text;
    let ranges = ticks::cuts(text, signs);
    if ranges.len() < 2 {
        return vec![printed];
    }
    #[expect(clippy::cast_precision_loss, reason = "letters of a word are few")]
    let share = |bytes: usize| text[..bytes].chars().count() as f32 / text.chars().count() as f32;
    let bbox = printed.word.bbox;
    ranges
        .iter()
        .map(|range| {
            let (x0, x1) = (bbox.x0 + bbox.width() * share(range.start), bbox.x0 + bbox.width() * share(range.end));
            let word = Word {
                text: text[range.clone()].to_owned(),
                bbox: crate::domain::field::Rect { x0, x1, ..bbox },
                certainty: printed.word.certainty,
            };
            let glyphs = word.text.chars().count();
            Printed { word, glyphs, ..printed.clone() }
        })
        .collect()
}
