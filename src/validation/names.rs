//! Are two names the same merchant?

use std::collections::BTreeSet;

use unicode_normalization::UnicodeNormalization;

/// Words that say what a company is, not which.
const GENERIC: [&str; 21] = [
    "societe",
    "ste",
    "sarl",
    "suarl",
    "sa",
    "sas",
    "snc",
    "ets",
    "etablissement",
    "etablissements",
    "compagnie",
    "cie",
    "et",
    "de",
    "du",
    "des",
    "la",
    "le",
    "les",
    "شركة",
    "موسسة",
];

/// At least half of the telling words of the shorter name stand in the other. Names in different scripts cannot be told apart.
pub(super) fn close(a: &str, b: &str) -> bool {
    let (a, b) = (words(a), words(b));
    let shorter = a.len().min(b.len());
    other_script(&a, &b) || shorter > 0 && a.intersection(&b).count() * 2 >= shorter
}

/// The same telling words; or the same letters, cut into words in another way.
pub(super) fn same(a: &str, b: &str) -> bool {
    let (a_words, b_words) = (words(a), words(b));
    let letters = |name: &str| fold(name).chars().filter(|c| c.is_alphanumeric()).collect::<String>();
    a_words == b_words || letters(a) == letters(b) || other_script(&a_words, &b_words)
}

fn words(name: &str) -> BTreeSet<String> {
    fold(name)
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty() && !GENERIC.contains(word))
        .map(ToOwned::to_owned)
        .collect()
}

/// Lower case, no accents nor vowel signs, alef and ya in one form, and no points: `S.A.R.L.` is one word.
fn fold(name: &str) -> String {
    name.nfd()
        .filter(|c| !matches!(c, '\u{300}'..='\u{36f}' | '\u{64b}'..='\u{65f}' | '\u{670}' | '\u{640}' | '.'))
        .map(|c| if c == 'ى' { 'ي' } else { c })
        .flat_map(char::to_lowercase)
        .collect()
}

fn other_script(a: &BTreeSet<String>, b: &BTreeSet<String>) -> bool {
    let latin = |words: &BTreeSet<String>| words.iter().any(|word| word.bytes().any(|b| b.is_ascii_lowercase()));
    !a.is_empty() && !b.is_empty() && latin(a) != latin(b)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn legal_forms_and_accents_do_not_tell_merchants_apart() {
        assert!(same("Société Médina Café S.A.R.L.", "MEDINA CAFE"));
        assert!(same("Ribat'Sport", "RIBAT SPORT"));
        assert!(!same("Ribat Sport", "Ribat Sports"));
        assert!(close("Ben Salah Leïla", "Leila BEN SALAH épouse Trabelsi"));
        assert!(!close("Oasis Voyages", "Carthage Parfums"));
        assert!(!close("Oasis Voyages", ""));
    }

    #[test]
    fn an_arabic_name_compares_with_arabic_names() {
        assert!(same("شركة الأمل", "الامل"));
        assert!(!same("شركة الأمل", "شركة النور"));
        assert!(close("شركة الأمل", "El Amal"));
    }
}
