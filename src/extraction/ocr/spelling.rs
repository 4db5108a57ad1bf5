//! What every engine spells wrong in French print, put right where nothing else can be meant.
//!
//! Only misreadings that make no word are touched; digits are left alone, since no check stands behind them here. A word put
//! right is no longer certain: another witness must say the same.

use super::rules::Box;
use super::words::Seen;

/// Consonants of elided words: what stands before an apostrophe.
const ELIDED: [(&str, &str); 4] = [("I'", "l'"), ("|'", "l'"), ("1'", "l'"), ("]'", "l'")];

/// Certainty of a word put right, at most.
const PUT_RIGHT: f32 = 0.9;
/// Certainty of a word of which it is not known where it ends: less than any second engine could settle.
const AMBIGUOUS: f32 = 0.45;

/// The first dots of a leader may be torn: it begins this near behind a word, in heights of the word.
const BEHIND: f32 = 2.0;

/// Puts a word right; empties it when it is a leader, not a word.
pub(super) fn mend(word: &mut Seen) {
    let text = word.text.replace(['’', '‘', '´', '`'], "'");
    let text = without_leaders(&text);
    let put_right = ELIDED.iter().find_map(|(read, meant)| {
        let rest = text.strip_prefix(read)?;
        rest.chars().next().is_some_and(char::is_alphabetic).then(|| format!("{meant}{rest}"))
    });
    if put_right.is_some() {
        word.certainty = word.certainty.min(PUT_RIGHT);
    }
    word.text = put_right.unwrap_or_else(|| text.to_owned());
}

/// The leaders a word may run into are painted over before it is read. A point of its own may have gone with them: behind an
/// abbreviation nobody can tell. What is left of a leader is no point of the word.
pub(super) fn without_leader_dot(word: &mut Seen, leaders: &[Box]) {
    let (height, [_, y0, x1, y1]) = (word.height(), word.bounds);
    let at_its_end = |dot: &&Box| {
        let (x, y) = (dot.0 as f32, f32::midpoint(dot.1 as f32, dot.3 as f32));
        (x1 - 0.4 * height..x1 + BEHIND * height).contains(&x) && (y0..y1 + 0.2 * height).contains(&y)
    };
    let rest = word.text.strip_suffix("..").or_else(|| word.text.strip_suffix('.')).unwrap_or(&word.text);
    if rest.is_empty() || rest.ends_with('.') || !leaders.iter().any(|dot| at_its_end(&dot)) {
        return;
    }
    // `S.A.R.L.` ends in a point of its own.
    let letter = |last: &str| last.chars().count() <= 1 && last.chars().all(char::is_alphabetic);
    if rest.rsplit_once('.').is_some_and(|(_, last)| letter(last)) {
        word.certainty = word.certainty.min(AMBIGUOUS);
    } else if rest.len() < word.text.len() {
        *word = word.piece(0..rest.chars().count());
    }
}

/// Dotted leaders and underscores round a word are the form's, not the writer's.
fn without_leaders(text: &str) -> &str {
    let leader = |c: char| matches!(c, '.' | '…' | '_' | '·' | '•');
    let run = |text: &str| {
        let dots: Vec<char> = text.chars().take_while(|c| leader(*c)).collect();
        if dots.len() >= 2 || dots.contains(&'…') || dots.contains(&'_') {
            dots.iter().map(|c| c.len_utf8()).sum()
        } else {
            0
        }
    };
    let head = run(text);
    let text = &text[head..];
    let tail: usize = run(&text.chars().rev().collect::<String>());
    let text = &text[..text.len() - tail];
    if text.chars().all(leader) { "" } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mended(text: &str) -> String {
        let mut word = Seen { text: text.to_owned(), bounds: [0.0; 4], certainty: 1.0, ..Seen::default() };
        mend(&mut word);
        word.text
    }

    #[test]
    fn a_capital_i_before_an_apostrophe_is_an_l() {
        assert_eq!(mended("I’Artisan"), "l'Artisan");
        assert_eq!(mended("I'"), "I'");
        assert_eq!(mended("d'Isis"), "d'Isis");
        assert_eq!(mended("1'000"), "1'000");
    }

    #[test]
    fn a_point_that_begins_a_leader_is_none() {
        let ended = |text: &str, dots: &[Box]| {
            let mut word =
                Seen { text: text.to_owned(), bounds: [10.0, 10.0, 70.0, 26.0], certainty: 0.99, ..Seen::default() };
            without_leader_dot(&mut word, dots);
            (word.text, word.certainty > 0.9)
        };
        let leader: Vec<Box> = (0..10).map(|n| (67 + 6 * n, 22, 69 + 6 * n, 24)).collect();
        assert_eq!(ended("Beity.", &leader), ("Beity".to_owned(), true));
        assert_eq!(ended("Beity.", &[]), ("Beity.".to_owned(), true));
        assert_eq!(ended("info@be.tn.", &leader), ("info@be.tn".to_owned(), true));
        assert_eq!(ended("S.A.", &leader), ("S.A.".to_owned(), false), "it may be either's");
        assert_eq!(ended("S.A", &leader), ("S.A".to_owned(), false), "a point may have gone with the leader");
        assert_eq!(ended("S.A", &[]), ("S.A".to_owned(), true));
    }

    #[test]
    fn leaders_are_no_words_and_single_points_stay() {
        assert_eq!(mended("......Tunis....."), "Tunis");
        assert_eq!(mended("............"), "");
        assert_eq!(mended("S.A.R.L."), "S.A.R.L.");
        assert_eq!(mended("étage.."), "étage");
        assert_eq!(mended("____"), "");
    }
}
