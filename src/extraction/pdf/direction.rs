//! Arabic on paper runs from right to left, and a PDF draws it in the order of the paper. Words come out in logical order,
//! NFC, with presentation forms folded to plain letters, tatweel dropped and Arabic-Indic digits written 0 to 9.

use unicode_normalization::UnicodeNormalization;

/// Letters and marks that run from right to left. Arabic-Indic digits run from left to right.
pub(super) fn is_rtl(c: char) -> bool {
    matches!(u32::from(c), 0x590..=0x8FF | 0xFB1D..=0xFDFF | 0xFE70..=0xFEFC) && !c.is_numeric() && !is_of_number(c)
}

/// Signs that stand inside Arabic numbers: percent, decimal point, mark of thousands.
fn is_of_number(c: char) -> bool {
    matches!(c, '\u{66A}'..='\u{66C}')
}

/// An Arabic-Indic digit. Groups of them follow one another from right to left, though each runs from left to right.
pub(super) fn is_indic(c: char) -> bool {
    matches!(c, '\u{660}'..='\u{669}' | '\u{6F0}'..='\u{6F9}')
}

/// Nothing but Arabic-Indic digits and what may stand between them.
pub(super) fn is_indic_number(clusters: &[String]) -> bool {
    let mut chars = clusters.iter().flat_map(|cluster| cluster.chars());
    chars.clone().any(is_indic)
        && chars.all(|c| is_indic(c) || is_of_number(c) || matches!(c, '+' | '-' | '/' | '.' | ','))
}

/// Groups of digits that hyphens part, drawn from left to right, as they are read.
fn groups_turned(clusters: &[String]) -> Vec<String> {
    let mut read: Vec<String> = Vec::with_capacity(clusters.len());
    for group in clusters.split(|cluster| cluster == "-").rev() {
        if !read.is_empty() {
            read.push("-".to_owned());
        }
        read.extend(group.iter().cloned());
    }
    read
}

/// A word drawn from left to right as `clusters` (one per glyph), as it is read.
pub(super) fn logical(clusters: &[String]) -> String {
    let drawn = || clusters.iter().map(String::as_str);
    if is_indic_number(clusters) && clusters.iter().any(|cluster| cluster == "-") {
        return plain(groups_turned(clusters).iter().map(String::as_str));
    }
    if !drawn().any(|cluster| cluster.chars().any(is_rtl)) {
        return plain(drawn());
    }
    // Turn the whole round, then put runs of left-to-right clusters (numbers, Latin) back as they were.
    let is_ltr = |cluster: &str| cluster.chars().any(|c| c.is_alphanumeric() && !is_rtl(c));
    let turned: Vec<&str> = drawn().rev().collect();
    let mut read: Vec<String> = Vec::with_capacity(turned.len());
    let mut i = 0;
    while i < turned.len() {
        if !is_ltr(turned[i]) {
            read.push(turned[i].chars().map(mirrored).collect());
            i += 1;
            continue;
        }
        let run = turned[i..].iter().take_while(|cluster| !cluster.chars().any(is_rtl)).count();
        let last = (i..i + run).rev().find(|k| is_ltr(turned[*k])).unwrap_or(i);
        read.extend(turned[i..=last].iter().rev().map(|cluster| (*cluster).to_owned()));
        i = last + 1;
    }
    plain(marks_after_letters(read).iter().map(String::as_str))
}

/// A combining mark drawn apart is met before its letter once a word is turned round; it belongs behind it.
fn marks_after_letters(mut clusters: Vec<String>) -> Vec<String> {
    let is_mark = |cluster: &String| !cluster.is_empty() && cluster.chars().all(is_combining);
    let mut i = 0;
    while i + 1 < clusters.len() {
        if is_mark(&clusters[i]) {
            let run = clusters[i..].iter().take_while(|c| is_mark(c)).count();
            if i + run < clusters.len() {
                clusters[i..=i + run].rotate_right(1);
            }
            i += run + 1;
        } else {
            i += 1;
        }
    }
    clusters
}

fn is_combining(c: char) -> bool {
    unicode_normalization::char::canonical_combining_class(c) != 0
}

/// Folded and composed; used for every text, whatever it was read from.
pub(crate) fn plain<'a>(parts: impl Iterator<Item = &'a str>) -> String {
    let text: String = parts.flat_map(str::chars).collect();
    if text.is_ascii() {
        return text;
    }
    let mut folded = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            // Presentation forms of Arabic, ligatures of Latin: their plain letters.
            '\u{FB50}'..='\u{FDFF}' | '\u{FE70}'..='\u{FEFC}' | '\u{FB00}'..='\u{FB06}' => {
                // An isolated mark is shown on a space or a tatweel, which is no letter of the word.
                folded.extend(std::iter::once(c).nfkc().filter(|part| !matches!(part, ' ' | '\u{640}')));
            }
            '\u{660}'..='\u{669}' => folded.push(digit(c, 0x660)),
            '\u{6F0}'..='\u{6F9}' => folded.push(digit(c, 0x6F0)),
            '\u{66A}' => folded.push('%'),
            '\u{66B}' => folded.push(','),
            '\u{66C}' => folded.push(' '),
            '\u{640}'
            | '\u{200b}'..='\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2066}'..='\u{2069}'
            | '\u{feff}'
            | '\u{ad}' => {}
            '\u{a0}' | '\u{202f}' | '\u{2007}' => folded.push(' '),
            _ => folded.push(c),
        }
    }
    folded.nfc().collect()
}

fn digit(c: char, zero: u32) -> char {
    char::from_digit(u32::from(c) - zero, 10).unwrap_or(c)
}

/// Words of a line from left to right, joined as they are read: where most letters are Arabic the line runs from the right,
/// and what is Latin or a number in it from the left.
pub(crate) fn line(words: &[&str]) -> String {
    let letters = |right: bool| {
        words.iter().flat_map(|word| word.chars()).filter(|c| c.is_alphabetic() && is_rtl(*c) == right).count()
    };
    if letters(true) <= letters(false) {
        return words.join(" ");
    }
    let from_left = |word: &str| !word.chars().any(is_rtl) && word.chars().any(char::is_alphanumeric);
    let mut read: Vec<&str> = Vec::with_capacity(words.len());
    let mut i = words.len();
    while i > 0 {
        let run = words[..i].iter().rev().take_while(|word| from_left(word)).count().max(1);
        read.extend(&words[i - run..i]);
        i -= run;
    }
    read.join(" ")
}

fn mirrored(c: char) -> char {
    match c {
        '(' => ')',
        ')' => '(',
        '[' => ']',
        ']' => '[',
        '{' => '}',
        '}' => '{',
        '<' => '>',
        '>' => '<',
        '«' => '»',
        '»' => '«',
        _ => c,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(text: &str) -> String {
        let clusters: Vec<String> = text.chars().map(String::from).collect();
        logical(&clusters)
    }

    #[test]
    fn visual_order_is_undone() {
        assert_eq!(drawn("ةكرش"), "شركة");
        assert_eq!(drawn("(ةكرش)"), "(شركة)");
        assert_eq!(drawn("ClicToPay"), "ClicToPay");
    }

    #[test]
    fn numbers_and_latin_inside_arabic_keep_their_order() {
        assert_eq!(drawn("2026ماع"), "عام2026");
        assert_eq!(drawn("A-12:مقر"), "رقم:A-12");
    }

    #[test]
    fn arabic_numbers_run_from_left_to_right_in_groups_from_the_right() {
        assert_eq!(drawn("١٢٣٤٫٥"), "1234,5");
        assert_eq!(drawn("١٢٣٤٫٥غلبم"), "مبلغ1234,5");
        assert_eq!(drawn("٢٦/١١/٢٠٢٦"), "26/11/2026", "a slash between digits belongs to the number");
        assert_eq!(drawn("٥٦٧-٢٣٤-٧١"), "71-234-567");
    }

    #[test]
    fn presentation_forms_become_letters() {
        // U+FEB7 U+FEAE U+FEDB U+FE94: initial sheen, final reh, initial kaf, final teh marbuta, drawn from the left.
        assert_eq!(drawn("\u{FE94}\u{FEDB}\u{FEAE}\u{FEB7}"), "شركة");
        assert_eq!(logical(&["\u{FEFB}".to_owned()]), "لا");
        assert_eq!(plain(["١٢٣"].into_iter()), "123");
        assert_eq!(plain(["\u{fb01}n e\u{301}"].into_iter()), "fin é");
    }

    #[test]
    fn a_line_of_arabic_is_read_from_the_right() {
        assert_eq!(line(&["النور", "شركة", ":", "الاسم"]), "الاسم : شركة النور");
        assert_eq!(line(&["Sfax", "2026", "الرئيسي", "المقر"]), "المقر الرئيسي Sfax 2026");
        assert_eq!(line(&["Raison", "sociale", "شركة"]), "Raison sociale شركة");
    }

    #[test]
    fn a_mark_drawn_apart_follows_its_letter() {
        // Drawn from the left: dal, meem, shadda over the meem, hah, meem.
        let clusters = ["د", "م", "\u{651}", "ح", "م"].map(str::to_owned);
        assert_eq!(logical(&clusters), "محم\u{651}د");
    }
}
