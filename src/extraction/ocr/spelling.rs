//! What every engine spells wrong in French print, put right where nothing else can be meant.
//!
//! Only misreadings that make no word are touched; digits are left alone, since no check stands behind them here. A word put
//! right is no longer certain: another witness must say the same.

use super::words::Seen;

/// Consonants of elided words: what stands before an apostrophe.
const ELIDED: [(&str, &str); 4] = [("I'", "l'"), ("|'", "l'"), ("1'", "l'"), ("]'", "l'")];

/// Certainty of a word put right, at most.
const PUT_RIGHT: f32 = 0.9;

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

/// Dotted leaders and underscores round a word are the form's, not the writer's.
fn without_leaders(text: &str) -> &str {
    let leader = |c: char| matches!(c, '.' | '…' | '_' | '·' | '•');
    let run = |text: &str| {
        let dots: Vec<char> = text.chars().take_while(|c| leader(*c)).collect();
        if dots.len() >= 3 || dots.contains(&'…') || dots.contains(&'_') {
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
        let mut word = Seen { text: text.to_owned(), bounds: [0.0; 4], certainty: 1.0 };
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
    fn leaders_are_no_words_and_single_points_stay() {
        assert_eq!(mended("......Tunis....."), "Tunis");
        assert_eq!(mended("............"), "");
        assert_eq!(mended("S.A.R.L."), "S.A.R.L.");
        assert_eq!(mended("____"), "");
    }
}
