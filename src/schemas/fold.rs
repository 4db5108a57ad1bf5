//! Folding: two spellings of one wording become the same words.
//!
//! Case, accents, apostrophes, `N°`/`Nº`, dotted abbreviations, dotted leaders, Arabic vowels, tatweel and the forms of
//! alef, ya and ta marbuta disappear; Arabic-Indic digits become Latin ones.

use unicode_normalization::UnicodeNormalization;

/// The folded words of a text: `N° d'identification (R.I.B.) :` gives `n d identification rib`.
pub(crate) fn words(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    let mut dotted = false;
    let folded: Vec<char> = text.nfkd().filter_map(fold_char).flat_map(char::to_lowercase).collect();
    for (i, &c) in folded.iter().enumerate() {
        if c.is_alphanumeric() {
            // `r.i.b.` is one word, `tél.fixe` two.
            if dotted && word.chars().count() > 1 && folded.get(i + 1).is_some_and(|next| *next != '.') {
                words.push(std::mem::take(&mut word));
            }
            dotted = false;
            match c {
                'œ' => word.push_str("oe"),
                'æ' => word.push_str("ae"),
                c => word.push(c),
            }
        } else if c == '.' && !word.is_empty() && is_abbreviation(&folded, i) {
            dotted = true;
        } else if !word.is_empty() {
            dotted = false;
            words.push(std::mem::take(&mut word));
        }
    }
    if !word.is_empty() {
        words.push(word);
    }
    words
}

/// A point after a letter that stands alone, or is itself between points: `c.i.n.`
fn is_abbreviation(folded: &[char], point: usize) -> bool {
    let letter = |i: Option<usize>| i.and_then(|i| folded.get(i)).is_some_and(|c| c.is_alphabetic());
    let alone = letter(point.checked_sub(1)) && !letter(point.checked_sub(2));
    let next_alone = letter(Some(point + 1)) && !letter(Some(point + 2));
    alone && (next_alone || !letter(Some(point + 1)))
}

fn fold_char(c: char) -> Option<char> {
    match c {
        // Combining marks, Arabic vowels, tatweel, direction marks.
        '\u{300}'..='\u{36f}'
        | '\u{640}'
        | '\u{64b}'..='\u{65f}'
        | '\u{670}'
        | '\u{200b}'..='\u{200f}'
        | '\u{202a}'..='\u{202e}'
        | '\u{2066}'..='\u{2069}' => None,
        'ٱ' => Some('ا'),
        'ى' | 'ی' => Some('ي'),
        'ة' | 'ہ' => Some('ه'),
        'ک' => Some('ك'),
        '٠'..='٩' => char::from_digit(c as u32 - '٠' as u32, 10),
        '۰'..='۹' => char::from_digit(c as u32 - '۰' as u32, 10),
        c => Some(c),
    }
}

/// Is this character of a script written from right to left?
pub(crate) fn is_arabic(c: char) -> bool {
    matches!(c, '\u{590}'..='\u{8ff}' | '\u{fb1d}'..='\u{fdff}' | '\u{fe70}'..='\u{fefc}') && c.is_alphabetic()
}

/// Does a text hold letters, and all of them Arabic?
pub(crate) fn is_arabic_only(text: &str) -> bool {
    let mut letters = text.chars().filter(|c| c.is_alphabetic()).peekable();
    letters.peek().is_some() && letters.all(is_arabic)
}

/// A word made only of leader characters: `......`, `____`, `–`.
pub(crate) fn is_leader(word: &str) -> bool {
    !word.is_empty() && word.chars().all(|c| matches!(c, '.' | '_' | '…' | '·' | '-' | '–' | '—' | '‐' | '|' | '¦'))
}

#[cfg(test)]
mod tests {
    use super::words;

    #[test]
    fn spellings_of_one_label_fold_to_the_same_words() {
        assert_eq!(words("N° d’identification (R.I.B.) :"), ["n", "d", "identification", "rib"]);
        assert_eq!(words("R.I.B"), words("RIB*"));
        assert_eq!(words("Tél. :"), ["tel"]);
        assert_eq!(words("Dénomination sociale ........"), words("DENOMINATION  SOCIALE"));
        assert_eq!(words("المُعَرِّف الجبائي"), words("المعرف الجبائى"));
        assert_eq!(words("C.I.N. n°"), ["cin", "n"]);
    }
}
