//! The wordings of all forms, indexed by what they mean.
//!
//! A wording is folded into words, and words into *concepts* (`schemas/vocabulary.json`): `Tél. portable`, `GSM` and
//! `الجوال` are one concept. Two wordings are as near as the concepts they share, weighted by how telling each is, so a
//! bank's own wording is understood though nobody has listed it. Every search goes through an inverted index: its
//! cost grows with the words looked up, not with the number of wordings known.

mod build;
mod search;

use std::collections::{HashMap, HashSet};

use super::fold;

/// A folded word or phrase of the vocabulary.
pub(crate) type Concept = u16;

/// Marks a word that no wording uses.
const UNKNOWN: Concept = Concept::MAX;

/// The field of a form a wording may stand for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Match {
    /// Position in `Form::fields`.
    pub(crate) field: usize,
    /// 0 to 1; 1 is the same wording, or the same concepts.
    pub(crate) score: f32,
    /// The same words, not only the same meaning.
    pub(crate) exact: bool,
}

impl Match {
    /// The nearest first, and of two equally near the one in the very words.
    fn best_first(a: &Self, b: &Self) -> std::cmp::Ordering {
        b.score.total_cmp(&a.score).then(b.exact.cmp(&a.exact)).then(a.field.cmp(&b.field))
    }
}

/// A wording looked up: its concepts in order of appearance, each once.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Meaning {
    concepts: Vec<Concept>,
    unknown: usize,
    words: String,
    /// A word was only nearly a known one.
    pub(crate) near: bool,
}

impl Meaning {
    /// Holds words that no wording uses.
    pub(crate) fn has_unknown(&self) -> bool {
        self.unknown > 0
    }

    /// Says nothing but a number.
    pub(crate) fn is_empty(&self) -> bool {
        self.words.split(' ').all(is_ordinal)
    }
}

#[derive(Debug)]
struct Wording {
    field: usize,
    concepts: Vec<Concept>,
    /// What is left once the heading of its section has been said.
    bare: Vec<Concept>,
    ambiguous: bool,
}

#[derive(Debug)]
struct SectionWording {
    section: usize,
    concepts: Vec<Concept>,
    words: String,
}

/// The wordings of one form.
#[derive(Debug)]
struct Book {
    wordings: Vec<Wording>,
    by_concept: HashMap<Concept, Vec<usize>>,
    by_words: HashMap<String, Vec<usize>>,
    sections: Vec<SectionWording>,
    titles: Vec<SectionWording>,
    /// Concepts each section's headings say, by section id.
    said: HashMap<String, HashSet<Concept>>,
    arabic: HashSet<String>,
    /// Fields of which a wording means the same once the headings of their sections have been said, by field.
    siblings: HashMap<usize, Vec<usize>>,
}

/// All wordings of all forms.
#[derive(Debug, Default)]
pub(crate) struct Lexicon {
    stop: HashSet<String>,
    concepts: HashMap<String, Concept>,
    /// By the singular of the first word.
    phrases: HashMap<String, Vec<(Vec<String>, Concept)>>,
    weights: Vec<f32>,
    light: HashSet<Concept>,
    broader: HashMap<Concept, Concept>,
    books: Vec<Book>,
    known: HashSet<String>,
    /// Known words and their letters (see [`letters`]), by their length.
    known_by_length: HashMap<usize, Vec<(u64, String)>>,
}

/// The letters of a word as a set of 64: one slip changes at most two of them, so that words whose sets differ in more need not
/// be compared letter by letter.
fn letters(word: &str) -> u64 {
    word.chars().fold(0, |set, letter| set | 1 << (u32::from(letter) % 64))
}

impl Lexicon {
    /// What a text says, in concepts. A unit or a norm in brackets (`MCC (ISO 18245)`) takes nothing from it.
    pub(crate) fn meaning(&self, text: &str) -> Meaning {
        let whole = self.meaning_of(text);
        if whole.unknown == 0 {
            return whole;
        }
        let bare = without_units(text).map(|bare| self.meaning_of(&bare));
        bare.filter(|bare| bare.unknown < whole.unknown && !bare.concepts.is_empty()).unwrap_or(whole)
    }

    fn meaning_of(&self, text: &str) -> Meaning {
        let all = fold::words(text);
        let mut near = false;
        let mut words = self.content_words(&all);
        for word in &mut words {
            if let Some(known) = self.other_number(word) {
                *word = known;
            } else if !self.known.contains(word)
                && may_be_misread(word)
                && let Some(known) = self.nearest(word)
            {
                near = true;
                *word = known;
            }
        }
        let mut meaning = Meaning { words: all.join(" "), near, ..Meaning::default() };
        let mut at = 0;
        while at < words.len() {
            let (concept, length) = self
                .phrase_at(&words, at)
                .unwrap_or_else(|| (self.concepts.get(&words[at]).copied().unwrap_or(UNKNOWN), 1));
            if concept == UNKNOWN {
                meaning.unknown += usize::from(!is_ordinal(&words[at]));
            } else if !meaning.concepts.contains(&concept) {
                meaning.concepts.push(concept);
            }
            at += length;
        }
        if meaning.unknown > 0 {
            meaning.unknown = meaning.unknown.min(self.strangers_beside(&words, &meaning));
        }
        meaning
    }

    /// Words of a label that say nothing we know, not counting the other language of a label whose French or English says all:
    /// an Arabic half in words of its own takes nothing from it.
    fn strangers_beside(&self, words: &[String], meaning: &Meaning) -> usize {
        let is_arabic = |word: &&String| word.chars().any(fold::is_arabic);
        let strange = |word: &&String| !is_ordinal(word) && !self.known.contains(*word);
        let latin = words.iter().filter(|word| !is_arabic(word));
        let spoken = latin.clone().any(|word| self.known.contains(word));
        if spoken && words.iter().any(|word| is_arabic(&word)) {
            latin.filter(strange).count()
        } else {
            meaning.unknown
        }
    }

    /// An unknown word in the singular or in the plural that is known: `monnaies` is `monnaie`.
    fn other_number(&self, word: &str) -> Option<String> {
        if self.known.contains(word) || self.stop.contains(word) || word.chars().count() < 4 || !word.is_ascii() {
            return None;
        }
        let singular = word.strip_suffix(['s', 'x']).map(str::to_owned);
        [singular, Some(format!("{word}s"))].into_iter().flatten().find(|other| self.known.contains(other))
    }

    /// The one known word within one slip (two in long words).
    fn nearest(&self, word: &str) -> Option<String> {
        let length = word.chars().count();
        let allowed = if length >= 9 { 2 } else { 1 };
        let own = letters(word);
        let mut best: Option<(usize, &String)> = None;
        for size in length.saturating_sub(allowed)..=length + allowed {
            for (set, known) in self.known_by_length.get(&size).into_iter().flatten() {
                if (set ^ own).count_ones() as usize > 2 * allowed {
                    continue;
                }
                let distance = strsim::levenshtein(known, word);
                if distance <= allowed && best.is_none_or(|(least, _)| distance < least) {
                    best = Some((distance, known));
                }
            }
        }
        best.map(|(_, known)| known.clone())
    }

    fn phrase_at(&self, words: &[String], at: usize) -> Option<(Concept, usize)> {
        let here = &words[at..];
        let says = |phrase: &[String]| {
            phrase.len() <= here.len() && phrase.iter().zip(here).all(|(a, b)| singular(a) == singular(b))
        };
        // `Recettes` are not a `recette`: the very words go before the same ones in another number.
        let alike = |phrase: &[String]| phrase.iter().zip(here).filter(|(a, b)| a == b).count();
        let mut best: Option<(usize, usize, Concept)> = None;
        for (phrase, concept) in self.phrases.get(singular(&words[at]))?.iter().filter(|(phrase, _)| says(phrase)) {
            let found = (phrase.len(), alike(phrase), *concept);
            if best.is_none_or(|best| (found.0, found.1) > (best.0, best.1)) {
                best = Some(found);
            }
        }
        best.map(|(length, _, concept)| (concept, length))
    }

    /// Words without the small ones, unless nothing else is said (`Le`).
    fn content_words(&self, words: &[String]) -> Vec<String> {
        let content: Vec<String> = words.iter().filter(|word| !self.stop.contains(*word)).cloned().collect();
        if content.is_empty() { words.to_vec() } else { content }
    }

    /// Holds a text no words but such as `chiffres`, `en`, `dinars`, which say nothing of what is asked?
    pub(crate) fn says_only_small_words(&self, text: &str) -> bool {
        fold::words(text).iter().all(|word| self.stop.contains(word) || is_ordinal(word))
    }

    /// Does a text hold only words of Arabic labels: the second language of a label, not a value?
    pub(crate) fn is_arabic_label(&self, text: &str) -> bool {
        let words = fold::words(text);
        !words.is_empty()
            && words.iter().any(|word| word.chars().any(fold::is_arabic))
            && words.iter().filter(|word| word.chars().count() > 1).all(|word| {
                self.books.iter().any(|book| book.arabic.contains(word))
                    || self.phrases.contains_key(word) && word.chars().any(fold::is_arabic)
            })
    }

    /// Does a wording say one of these and, words that add little apart, nothing else we know of?
    pub(crate) fn says_nothing_but(&self, meaning: &Meaning, names: &[&str]) -> bool {
        let named = |concept: &Concept| names.iter().any(|name| self.concepts.get(*name) == Some(concept));
        let known = |concept: &Concept| named(concept) || self.light.contains(concept);
        meaning.concepts.iter().any(named) && meaning.concepts.iter().all(known) && meaning.unknown <= 1
    }

    /// Does the wording name both parts of a person's name?
    pub(crate) fn says(&self, meaning: &Meaning, concept: &str) -> bool {
        self.concepts.get(concept).is_some_and(|concept| meaning.concepts.contains(concept))
    }
}

/// Long enough for a slip to be told from another word.
fn may_be_misread(word: &str) -> bool {
    word.chars().count() >= 5 && !word.chars().any(|c| c.is_ascii_digit())
}

/// The text without a bracket that holds only figures and abbreviations.
fn without_units(text: &str) -> Option<String> {
    let (head, rest) = text.split_once('(')?;
    let (inside, tail) = rest.split_once(')')?;
    let unit = |word: &str| word.chars().any(|c| c.is_ascii_digit()) || !word.chars().any(char::is_lowercase);
    let units = inside.split_whitespace().all(unit);
    units.then(|| format!("{head} {tail}"))
}

/// A French word without the sign of the plural; short words have none that can be told.
fn singular(word: &str) -> &str {
    const SHORTEST: usize = 5;
    if word.len() >= SHORTEST && word.is_ascii() { word.strip_suffix(['s', 'x']).unwrap_or(word) } else { word }
}

/// `1`, `02`.
fn is_ordinal(word: &str) -> bool {
    word.len() <= 2 && word.bytes().all(|b| b.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    proptest::proptest! {
        #[test]
        fn letters_pass_over_no_word_that_is_near(a in "[a-eéس]{0,7}", b in "[a-eéس]{0,7}") {
            let apart = (letters(&a) ^ letters(&b)).count_ones() as usize;
            proptest::prop_assert!(apart <= 2 * strsim::levenshtein(&a, &b));
        }
    }
}
