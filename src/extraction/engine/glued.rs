//! Labels that nothing parts from their answers but a colon: `Ville:Tunis`.
//!
//! A colon within a word ends a label where the words up to it are one. Where a paper sets several known labels so, it sets
//! all of them so. Addresses, times and the like have colons of their own.

use super::fold;
use super::lexicon::Lexicon;
use super::units::{Token, Unit, join};
use crate::domain::field::Rect;

/// Words up to the colon that read this much like a label are one.
const KNOWN: f32 = 0.85;
/// So many known ones make a habit of the paper.
const HABIT: usize = 3;
/// A label has no more words.
const LONGEST: usize = 8;

/// Parts the words in which a label and its answer are glued together.
pub(super) fn part(lexicon: &Lexicon, units: &mut [Unit]) {
    let mut known = vec![Vec::new(); units.len()];
    let mut likely = vec![Vec::new(); units.len()];
    for (at, unit) in units.iter().enumerate().filter(|(_, unit)| unit.widget.is_none()) {
        let mut from = 0;
        for (number, token) in unit.tokens.iter().enumerate().filter(|(_, token)| token.tick.is_none()) {
            if token.text.ends_with(':') {
                from = number + 1;
            }
            if seam(&token.text).is_some() {
                let starts = number.saturating_sub(LONGEST).max(from)..=number;
                let label = |start: usize| label_of(&unit.tokens[start..=number]);
                if starts.clone().any(|start| {
                    let meaning = lexicon.meaning(&label(start));
                    !meaning.near && lexicon.label_likeness(&meaning) >= KNOWN
                }) {
                    known[at].push(number);
                } else if from == 0 && number < LONGEST {
                    likely[at].push(number);
                }
                from = number + 1;
            }
        }
    }
    let habit = known.iter().map(Vec::len).sum::<usize>() >= HABIT;
    for (at, unit) in units.iter_mut().enumerate() {
        let mut cuts = known[at].clone();
        if habit {
            cuts.extend(&likely[at]);
            cuts.sort_unstable();
        }
        for cut in cuts.into_iter().rev() {
            let parts = cut_at_colon(&unit.tokens[cut]);
            unit.tokens.splice(cut..=cut, parts);
        }
    }
}

/// The words up to the seam of the last one.
fn label_of(tokens: &[Token]) -> String {
    let text = join(tokens);
    let answer = tokens.last().and_then(|last| seam(&last.text).map(|at| last.text.len() - at)).unwrap_or_default();
    text[..text.len() - answer].to_owned()
}

/// Where the colon of a word parts a label from an answer, in bytes.
fn seam(word: &str) -> Option<usize> {
    let at = word.find(':')?;
    let (label, answer) = (&word[..at], &word[at + 1..]);
    let last = label.chars().next_back()?;
    let scheme = answer.starts_with("//");
    let ends = last.is_alphabetic() || matches!(last, ')' | '*' | '.');
    (ends && !scheme && answer.chars().any(char::is_alphanumeric) && !label.contains(['@', '/', '='])).then_some(at + 1)
}

fn cut_at_colon(token: &Token) -> Vec<Token> {
    let Some(at) = seam(&token.text) else { return vec![token.clone()] };
    let (label, answer) = token.text.split_at(at);
    #[expect(clippy::cast_precision_loss, reason = "words are short")]
    let share = label.chars().count() as f32 / token.text.chars().count().max(1) as f32;
    let middle = token.bbox.x0 + share * token.bbox.width();
    // In a line from right to left the label is the right half.
    let (left, right) = (Rect { x1: middle, ..token.bbox }, Rect { x0: middle, ..token.bbox });
    let rightward = !label.chars().any(fold::is_arabic);
    let boxes = if rightward { (left, right) } else { (right, left) };
    vec![
        Token { text: label.to_owned(), bbox: boxes.0, ..token.clone() },
        Token { text: answer.to_owned(), bbox: boxes.1, ..token.clone() },
    ]
}

#[cfg(test)]
mod tests {
    use super::seam;

    #[test]
    fn only_a_colon_between_words_is_a_seam() {
        for (word, label) in [("Ville:Tunis", "Ville:"), ("(IP):41.2.3.4", "(IP):"), ("RIB:08", "RIB:")] {
            assert_eq!(seam(word).map(|at| &word[..at]), Some(label), "{word}");
        }
        for word in ["https://a.tn", "10:30", "Nom:", ":", "2001:db8::1", "a@b:c"] {
            assert_eq!(seam(word), None, "{word}");
        }
    }
}
