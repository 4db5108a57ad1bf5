//! Are two names the same merchant?

use std::collections::BTreeSet;

use unicode_normalization::UnicodeNormalization;

/// Words that say what a company is, not which.
const GENERIC: [&str; 16] = [
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
    "la",
    "le",
];

/// At least half of the telling words of the shorter name stand in the other.
pub(super) fn close(a: &str, b: &str) -> bool {
    let (a, b) = (words(a), words(b));
    let shorter = a.len().min(b.len());
    shorter == 0 || a.intersection(&b).count() * 2 >= shorter
}

/// The same telling words.
pub(super) fn same(a: &str, b: &str) -> bool {
    words(a) == words(b)
}

fn words(name: &str) -> BTreeSet<String> {
    let folded: String =
        name.nfd().filter(|c| !('\u{300}'..='\u{36f}').contains(c)).flat_map(char::to_lowercase).collect();
    // `S.A.R.L.` is one word.
    let folded = folded.replace('.', "");
    folded
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty() && !GENERIC.contains(word))
        .map(ToOwned::to_owned)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn legal_forms_and_accents_do_not_tell_merchants_apart() {
        assert!(same("Société Médina Café S.A.R.L.", "MEDINA CAFE"));
        assert!(close("Ben Salah Leïla", "Leila BEN SALAH épouse Trabelsi"));
        assert!(!close("Oasis Voyages", "Carthage Parfums"));
    }
}
