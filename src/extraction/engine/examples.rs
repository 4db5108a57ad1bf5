//! Examples and patterns that a form prints to show what is to be written: `ex. : 71 234 567`, `(jj/mm/aaaa)`. They answer
//! nothing and ask nothing.

use super::fold;
use super::lexicon::Lexicon;
use super::units::{Token, Unit, bounds, join};
use crate::domain::field::Rect;

/// Words before an example that read this much like a label are one, and stay.
const LABEL: f32 = 0.6;
/// So many headings in a row, this one among them, head a table.
const TABLE: usize = 3;

/// Takes examples and patterns out of the units.
pub(super) fn clear(lexicon: &Lexicon, units: &mut Vec<Unit>) {
    units.retain_mut(|unit| {
        if unit.widget.is_some() || unit.tokens.is_empty() {
            return true;
        }
        let before = unit.tokens.len();
        unit.tokens.retain(|token| token.tick.is_some() || !is_pattern(&token.text));
        if let Some((at, end)) = example(&unit.tokens) {
            let head = join(&unit.tokens[..at]);
            let meaning = lexicon.meaning(&head);
            let says_nothing = !meaning.has_unknown() && lexicon.says_only_small_words(&head);
            if at == 0 || says_nothing {
                unit.tokens.drain(..end);
            } else if is_bracketed(&unit.tokens[at..end]) || lexicon.label_likeness(&meaning) >= LABEL {
                unit.tokens.drain(at..end);
            }
        }
        if unit.tokens.len() != before && !unit.tokens.is_empty() && unit.cell.is_none() {
            unit.ink = bounds(&unit.tokens);
            unit.area = if unit.boxed { unit.area } else { unit.ink };
        }
        // A ruled cell that held nothing else is still the place of an answer.
        !unit.tokens.is_empty() || unit.boxed && unit.cell.is_none()
    });
}

/// Takes out what stands under the heading `Exemple` of a table.
pub(super) fn clear_columns(units: &mut Vec<Unit>) {
    let says = |unit: &Unit| {
        let words = fold::words(&unit.text());
        matches!(words.first().map(String::as_str), Some("exemple" | "exemples" | "example")) && words.len() <= 3
    };
    let level = |a: &Unit, b: &Unit| a.page == b.page && (a.area.y0 - b.area.y0).abs() < 2.0;
    let in_a_row = |head: &Unit| units.iter().filter(|unit| unit.boxed && level(unit, head)).count() >= TABLE;
    let heads: Vec<(usize, Rect)> = units
        .iter()
        .filter(|unit| unit.boxed && says(unit) && in_a_row(unit))
        .map(|unit| (unit.page, unit.area))
        .collect();
    units.retain(|unit| {
        let under = |head: &Rect| {
            (unit.area.x0 - head.x0).abs() < 2.0 && (unit.area.x1 - head.x1).abs() < 2.0 && unit.area.y0 >= head.y0
        };
        !(unit.boxed && heads.iter().any(|(page, head)| *page == unit.page && under(head)))
    });
}

/// Where an example begins and ends: at the bracket that opens it, up to the one that closes it.
fn example(tokens: &[Token]) -> Option<(usize, usize)> {
    let opens = |at: usize| {
        let token = &tokens[at];
        let word = token.text.trim_start_matches(['(', '[', '«']);
        let marked = word.ends_with(['.', ':']) || tokens.get(at + 1).is_some_and(|next| next.text.starts_with(':'));
        let folded = fold::words(word);
        token.tick.is_none()
            && marked
            && matches!(folded.first().map(String::as_str), Some("ex" | "exemple" | "exemples"))
    };
    let at = (0..tokens.len()).find(|at| opens(*at))?;
    // `p. ex.`, `par exemple`.
    let led = at > 0 && matches!(fold::words(&tokens[at - 1].text).join(" ").as_str(), "p" | "par");
    let from = if led { at - 1 } else { at };
    let bracket = tokens[from].text.starts_with(['(', '[']);
    let closed = bracket.then(|| tokens[from..].iter().position(|token| token.text.ends_with([')', ']']))).flatten();
    Some((from, closed.map_or(tokens.len(), |length| from + length + 1)))
}

/// Between brackets nothing but an example stands.
fn is_bracketed(tokens: &[Token]) -> bool {
    let opened = tokens.first().is_some_and(|token| token.text.starts_with(['(', '[']));
    opened && tokens.last().is_some_and(|token| token.text.ends_with([')', ']']))
}

/// `jj/mm/aaaa`, `(JJ-MM-AA)`, `dd/mm/yyyy`.
fn is_pattern(word: &str) -> bool {
    let bare = word.trim_matches(['(', ')', '[', ']', ':', ',']).to_lowercase();
    let parts: Vec<&str> = bare.split(['/', '-', '.']).collect();
    let made_of = |part: &str, letters: &str, length: std::ops::RangeInclusive<usize>| {
        length.contains(&part.len())
            && part.chars().all(|c| letters.contains(c))
            && part.chars().all(|c| part.starts_with(c))
    };
    matches!(parts.as_slice(), [day, month, year]
        if made_of(day, "jd", 1..=2) && made_of(month, "m", 1..=2) && made_of(year, "ay", 2..=4))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_of_dates_are_told_from_dates() {
        for word in ["jj/mm/aaaa", "(JJ/MM/AAAA)", "dd-mm-yyyy", "jj.mm.aa"] {
            assert!(is_pattern(word), "{word}");
        }
        for word in ["12/03/2026", "a/b/c", "mm", "jd/mm/aaaa"] {
            assert!(!is_pattern(word), "{word}");
        }
    }
}
