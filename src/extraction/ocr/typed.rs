//! Boxes typed as brackets, `[x]` and `[ ]`: what stands between them is seen by its ink, not by what an engine spells.

use super::bitmap::{Bitmap, Sums};
use super::rules::Box;
use super::segments::within;
use super::words::{Row, Seen, around};

/// What is left out on each side, above and below: the brackets and their ends, in shares of the whole.
const ASIDE: f32 = 0.30;
const ABOVE: f32 = 0.20;
const BELOW: f32 = 0.22;
/// Share of ink between the brackets: below the first there is nothing, from the second on a cross.
const EMPTY_BELOW: f32 = 0.05;
const CROSSED_FROM: f32 = 0.14;
/// Brackets stand no further apart than this, in shares of their height.
const WIDEST: f32 = 2.0;

/// Boxes begin and end a word, though no blank stands there: `2[]Opencart` is `2`, `[]` and `Opencart`.
pub(super) fn at_brackets(word: Seen) -> Vec<Seen> {
    if !word.text.contains(['[', ']']) {
        return vec![word];
    }
    let signs: Vec<char> = word.text.chars().collect();
    let mut cuts = vec![0];
    for at in 1..signs.len() {
        if signs[at] == '[' || signs[at - 1] == ']' {
            cuts.push(at);
        }
    }
    cuts.push(signs.len());
    cuts.windows(2).map(|pair| word.piece(pair[0]..pair[1])).collect()
}

/// The boxes among tidy words with their state; `None` where it cannot be told or the engine read something else. Each is
/// made one word that says box.
pub(super) fn find(rows: &mut [Row], ink: &Bitmap) -> Vec<(Box, Option<bool>)> {
    let sums = ink.sums();
    let mut found = Vec::new();
    for row in rows {
        let mut at = 0;
        while at < row.words.len() {
            if let Some((count, spelled, bounds)) = closed(&row.words[at..]) {
                let (left, right) = within(bounds[0], bounds[2], ink.width);
                let (top, bottom) = within(bounds[1], bounds[3], ink.height);
                let inked = if right > left && bottom > top { state(&sums, (left, top, right, bottom)) } else { None };
                let agreed = inked.filter(|ticked| spelled.is_none_or(|read| read == *ticked));
                let text = if inked.or(spelled) == Some(false) { "[]" } else { "[x]" };
                let certainty = row.words[at..at + count].iter().map(|word| word.certainty).fold(1.0, f32::min);
                let whole = Seen { text: text.to_owned(), bounds, certainty, signs: Vec::new() };
                row.words.splice(at..at + count, [whole]);
                found.push(((left, top, right, bottom), agreed));
            }
            at += 1;
        }
    }
    found
}

/// The box that begins with these words: how many they are, what the engine spells between the brackets, and where it stands.
fn closed(words: &[Seen]) -> Option<(usize, Option<bool>, [f32; 4])> {
    let first = words.first().filter(|word| word.text.starts_with('['))?;
    let mut text = String::new();
    let mut bounds = first.bounds;
    for (at, word) in words.iter().take(3).enumerate() {
        text.push_str(&word.text);
        bounds = around(bounds, word.bounds);
        if bounds[2] - bounds[0] > WIDEST * (bounds[3] - bounds[1]) {
            return None;
        }
        if let Some(inside) = text.strip_prefix('[').and_then(|text| text.strip_suffix(']')) {
            let ticked = match inside {
                "" => Some(false),
                "x" | "X" | "×" => Some(true),
                inside if inside.chars().count() == 1 => None,
                _ => return None,
            };
            return Some((at + 1, ticked, bounds));
        }
    }
    None
}

/// Ink in the middle, where neither bracket reaches, nor noise at its edge.
fn state(sums: &Sums, (left, top, right, bottom): Box) -> Option<bool> {
    let (across, down) = ((right - left) as f32, (bottom - top) as f32);
    let inset = |share: f32, of: f32| (share * of).round() as usize;
    let (x0, x1) = (left + inset(ASIDE, across), right - inset(ASIDE, across));
    let (y0, y1) = (top + inset(ABOVE, down), bottom - inset(BELOW, down));
    if x1 <= x0 || y1 <= y0 {
        return None;
    }
    match sums.within(x0, y0, x1, y1) as f32 / ((x1 - x0) * (y1 - y0)) as f32 {
        share if share >= CROSSED_FROM => Some(true),
        share if share < EMPTY_BELOW => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn typed_boxes_part_words() {
        let word = Seen { text: "2[]Opencart[x]".to_owned(), bounds: [0.0, 0.0, 140.0, 10.0], ..Seen::default() };
        let parts = at_brackets(word);
        let texts: Vec<&str> = parts.iter().map(|part| part.text.as_str()).collect();
        assert_eq!(texts, ["2", "[]", "Opencart", "[x]"]);
        assert!((parts[2].bounds[0] - 30.0).abs() < 0.1 && (parts[3].bounds[2] - 140.0).abs() < 0.1);
    }

    /// Two brackets 20 pixels high, perhaps with a cross between, and what the engine made of them.
    fn found(spelled: &[&str], cross: bool) -> Vec<Option<bool>> {
        let mut ink = Bitmap { width: 100, height: 40, ink: vec![0; 4000] };
        for y in 10..30 {
            ink.ink[y * 100 + 10..y * 100 + 12].fill(1);
            ink.ink[y * 100 + 30..y * 100 + 32].fill(1);
        }
        for n in 0..8 {
            if cross {
                ink.ink[(16 + n) * 100 + 17 + n] = 1;
                ink.ink[(23 - n) * 100 + 17 + n] = 1;
            }
        }
        let step = 22.0 / spelled.len() as f32;
        let word = |(at, text): (usize, &&str)| Seen {
            text: (*text).to_owned(),
            bounds: [10.0 + step * at as f32, 10.0, 10.0 + step * (at + 1) as f32, 30.0],
            certainty: 0.9,
            ..Seen::default()
        };
        let row = Row { words: spelled.iter().enumerate().map(word).collect() };
        find(&mut [row], &ink).into_iter().map(|(_, state)| state).collect()
    }

    #[test]
    fn ink_tells_a_cross_from_nothing() {
        assert_eq!(found(&["[x]"], true), [Some(true)]);
        assert_eq!(found(&["[]"], false), [Some(false)]);
        assert_eq!(found(&["[", "]"], false), [Some(false)]);
        assert_eq!(found(&["[*]"], true), [Some(true)], "whatever the engine makes of the cross");
    }

    #[test]
    fn where_ink_and_engine_differ_nobody_knows() {
        assert_eq!(found(&["[]"], true), [None]);
        assert_eq!(found(&["[x]"], false), [None]);
        assert!(found(&["[x", "Opencart"], true).is_empty());
    }
}
