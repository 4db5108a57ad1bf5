//! The wordings of all forms, indexed by what they mean.
//!
//! A wording is folded into words, and words into *concepts* (`schemas/vocabulary.json`): `Tél. portable`, `GSM` and
//! `الجوال` are one concept. Two wordings are as near as the concepts they share, weighted by how telling each is, so a
//! bank's own wording is understood though nobody has listed it. Every search goes through an inverted index: its
//! cost grows with the words looked up, not with the number of wordings known.

use std::collections::{HashMap, HashSet};

use super::fold;
use crate::schemas::{Form, Forms, ValueType};

/// A folded word or phrase of the vocabulary.
pub(super) type Concept = u16;

/// Marks a word that no wording uses.
const UNKNOWN: Concept = Concept::MAX;

/// The field of a form a wording may stand for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Match {
    /// Position in `Form::fields`.
    pub field: usize,
    /// 0 to 1; 1 is the same wording, or the same concepts.
    pub score: f32,
    /// The same words, not only the same meaning.
    pub exact: bool,
}

/// A wording looked up: its concepts in order of appearance, each once.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Meaning {
    concepts: Vec<Concept>,
    unknown: usize,
    words: String,
    /// A word was only nearly a known one.
    pub near: bool,
}

impl Meaning {
    /// Holds words that no wording uses.
    pub fn has_unknown(&self) -> bool {
        self.unknown > 0
    }

    /// Says nothing but a number.
    pub fn is_empty(&self) -> bool {
        self.words.split(' ').all(is_ordinal)
    }
}

struct Wording {
    field: usize,
    concepts: Vec<Concept>,
    /// What is left once the heading of its section has been said.
    bare: Vec<Concept>,
    ambiguous: bool,
}

struct SectionWording {
    section: usize,
    concepts: Vec<Concept>,
    words: String,
}

/// The wordings of one form.
struct Book {
    wordings: Vec<Wording>,
    by_concept: HashMap<Concept, Vec<usize>>,
    by_words: HashMap<String, Vec<usize>>,
    sections: Vec<SectionWording>,
    titles: Vec<SectionWording>,
    /// Concepts each section's headings say, by section id.
    said: HashMap<String, HashSet<Concept>>,
    arabic: HashSet<String>,
}

/// All wordings of all forms.
pub(super) struct Lexicon {
    stop: HashSet<String>,
    concepts: HashMap<String, Concept>,
    phrases: HashMap<String, Vec<(Vec<String>, Concept)>>,
    weights: Vec<f32>,
    light: HashSet<Concept>,
    broader: HashMap<Concept, Concept>,
    books: Vec<Book>,
    known: HashSet<String>,
    known_by_length: HashMap<usize, Vec<String>>,
}

impl Lexicon {
    /// Indexes the forms' wordings; variants seen only in the layout `leave_out` are ignored.
    pub fn new(forms: &Forms, leave_out: Option<&str>) -> Self {
        let vocabulary = &forms.vocabulary;
        let mut lexicon = Self {
            stop: vocabulary.stop.iter().flat_map(|word| fold::words(word)).collect(),
            concepts: HashMap::new(),
            phrases: HashMap::new(),
            weights: Vec::new(),
            light: HashSet::new(),
            broader: HashMap::new(),
            books: Vec::new(),
            known: HashSet::new(),
            known_by_length: HashMap::new(),
        };
        for (name, phrases) in &vocabulary.concepts {
            let concept = lexicon.intern(name);
            for phrase in phrases {
                let words = lexicon.content_words(&fold::words(phrase));
                if let Some(first) = words.first() {
                    lexicon.phrases.entry(first.clone()).or_default().push((words, concept));
                }
            }
        }
        for phrases in lexicon.phrases.values_mut() {
            phrases.sort_by_key(|(words, _)| std::cmp::Reverse(words.len()));
        }
        for form in &forms.forms {
            let book = lexicon.book(form, forms, leave_out);
            lexicon.books.push(book);
        }
        for (narrow, broad) in &vocabulary.broader {
            if let (Some(narrow), Some(broad)) = (lexicon.concepts.get(narrow), lexicon.concepts.get(broad)) {
                lexicon.broader.insert(*narrow, *broad);
            }
        }
        // Ordinals tell apart only what is otherwise the same.
        let light = |name: &str| vocabulary.light.iter().any(|light| light == name) || is_ordinal(name);
        lexicon.light = lexicon.concepts.iter().filter(|(name, _)| light(name)).map(|(_, concept)| *concept).collect();
        lexicon.weigh();
        lexicon.index_words();
        lexicon
    }

    fn intern(&mut self, name: &str) -> Concept {
        let next = Concept::try_from(self.concepts.len()).unwrap_or(UNKNOWN - 1);
        *self.concepts.entry(name.to_owned()).or_insert(next)
    }

    /// Words without the small ones, unless nothing else is said (`Le`).
    fn content_words(&self, words: &[String]) -> Vec<String> {
        let content: Vec<String> = words.iter().filter(|word| !self.stop.contains(*word)).cloned().collect();
        if content.is_empty() { words.to_vec() } else { content }
    }

    fn book(&mut self, form: &Form, forms: &Forms, leave_out: Option<&str>) -> Book {
        let mut said: HashMap<String, HashSet<Concept>> = HashMap::new();
        let mut sections = Vec::new();
        for (index, section) in form.sections.iter().enumerate() {
            for label in &section.labels {
                let (concepts, words) = self.learn(label);
                said.entry(section.id.clone()).or_default().extend(&concepts);
                sections.push(SectionWording { section: index, concepts, words });
            }
        }
        let titles = form
            .titles
            .iter()
            .map(|title| {
                let (concepts, words) = self.learn(title);
                SectionWording { section: 0, concepts, words }
            })
            .collect();
        let mut book = Book {
            wordings: Vec::new(),
            by_concept: HashMap::new(),
            by_words: HashMap::new(),
            sections,
            titles,
            said,
            arabic: HashSet::new(),
        };
        for (index, field) in form.fields.iter().enumerate() {
            let labels = &field.hints.labels;
            let variants = forms.variants_of(&field.key, leave_out);
            let texts = labels.fr.iter().chain(&labels.ar).chain(&labels.en).map(String::as_str).chain(variants);
            let said = field.hints.section.as_ref().and_then(|id| book.said.get(id)).cloned().unwrap_or_default();
            for text in texts {
                let (concepts, words) = self.learn(text);
                book.arabic.extend(fold::words(text).into_iter().filter(|word| word.chars().any(fold::is_arabic)));
                let bare: Vec<Concept> = concepts.iter().copied().filter(|concept| !said.contains(concept)).collect();
                let position = book.wordings.len();
                for concept in &concepts {
                    book.by_concept.entry(*concept).or_default().push(position);
                }
                book.by_words.entry(words).or_default().push(position);
                book.wordings.push(Wording { field: index, concepts, bare, ambiguous: false });
            }
        }
        // A wording that two fields share says nothing by itself.
        for positions in book.by_words.values() {
            let fields: HashSet<usize> = positions.iter().map(|at| book.wordings[*at].field).collect();
            if fields.len() > 1 {
                for at in positions {
                    book.wordings[*at].ambiguous = true;
                }
            }
        }
        book
    }

    /// Interns every word of a wording of ours.
    fn learn(&mut self, text: &str) -> (Vec<Concept>, String) {
        let all = fold::words(text);
        let words = self.content_words(&all);
        let mut concepts = Vec::new();
        let mut at = 0;
        while at < words.len() {
            let (concept, length) = self.phrase_at(&words, at).unwrap_or_else(|| (self.intern(&words[at]), 1));
            if !concepts.contains(&concept) {
                concepts.push(concept);
            }
            at += length;
        }
        (concepts, all.join(" "))
    }

    fn phrase_at(&self, words: &[String], at: usize) -> Option<(Concept, usize)> {
        self.phrases
            .get(&words[at])?
            .iter()
            .find_map(|(phrase, concept)| words[at..].starts_with(phrase).then_some((*concept, phrase.len())))
    }

    /// A concept is telling when few fields use it.
    fn weigh(&mut self) {
        let mut fields: Vec<HashSet<(usize, usize)>> = vec![HashSet::new(); self.concepts.len()];
        for (form, book) in self.books.iter().enumerate() {
            for wording in &book.wordings {
                for concept in &wording.concepts {
                    if let Some(set) = fields.get_mut(usize::from(*concept)) {
                        set.insert((form, wording.field));
                    }
                }
            }
        }
        self.weights = fields
            .iter()
            .enumerate()
            .map(|(concept, fields)| {
                let concept = Concept::try_from(concept).unwrap_or(UNKNOWN);
                if self.light.contains(&concept) {
                    return 0.1;
                }
                let count = u16::try_from(fields.len().max(1)).unwrap_or(u16::MAX);
                0.5 + 0.5 / f32::from(count)
            })
            .collect();
    }

    /// Known words by length, for the near misses of a bad print.
    fn index_words(&mut self) {
        let mut words: HashSet<String> = self.phrases.values().flatten().flat_map(|(words, _)| words.clone()).collect();
        words.extend(self.concepts.keys().filter(|word| !word.contains('_')).cloned());
        for word in &words {
            let length = word.chars().count();
            if length >= 5 {
                self.known_by_length.entry(length).or_default().push(word.clone());
            }
        }
        self.known = words;
        for words in self.known_by_length.values_mut() {
            words.sort();
        }
    }

    fn weight(&self, concept: Concept) -> f32 {
        self.weights.get(usize::from(concept)).copied().unwrap_or(0.4)
    }

    /// What a text says, in concepts.
    pub fn meaning(&self, text: &str) -> Meaning {
        let all = fold::words(text);
        let mut near = false;
        let mut words = self.content_words(&all);
        for word in &mut words {
            if !self.known.contains(word) && may_be_misread(word) {
                if let Some(known) = self.nearest(word) {
                    near = true;
                    *word = known;
                }
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
        meaning
    }

    /// The one known word within one slip (two in long words).
    fn nearest(&self, word: &str) -> Option<String> {
        let length = word.chars().count();
        let allowed = if length >= 9 { 2 } else { 1 };
        let mut best: Option<(usize, &String)> = None;
        for size in length.saturating_sub(allowed)..=length + allowed {
            for known in self.known_by_length.get(&size).into_iter().flatten() {
                let distance = strsim::levenshtein(known, word);
                if distance <= allowed && best.is_none_or(|(least, _)| distance < least) {
                    best = Some((distance, known));
                }
            }
        }
        best.map(|(_, known)| known.clone())
    }

    /// The fields of a form a wording may stand for under a section's heading, best first.
    pub fn fields(&self, form: usize, meaning: &Meaning, section: Option<&str>) -> Vec<Match> {
        let mut matches = self.fields_said(form, meaning, section);
        if meaning.concepts.iter().any(|concept| self.broader.contains_key(concept)) {
            // `Mobile` under a heading may ask for what the form calls a telephone there.
            let concepts =
                meaning.concepts.iter().map(|concept| *self.broader.get(concept).unwrap_or(concept)).collect();
            let broad = Meaning { concepts, words: String::new(), ..meaning.clone() };
            for found in self.fields_said(form, &broad, section) {
                let score = found.score * 0.9;
                match matches.iter_mut().find(|known| known.field == found.field) {
                    Some(known) => known.score = known.score.max(score),
                    None => matches.push(Match { score, exact: false, ..found }),
                }
            }
            matches.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.field.cmp(&b.field)));
        }
        matches
    }

    fn fields_said(&self, form: usize, meaning: &Meaning, section: Option<&str>) -> Vec<Match> {
        let Some(book) = self
            .books
            .get(form)
            .filter(|_| !meaning.is_empty() || !meaning.concepts.is_empty() && meaning.words.is_empty())
        else {
            return Vec::new();
        };
        let mut best: HashMap<usize, Match> = HashMap::new();
        let mut keep = |field: usize, score: f32, exact: bool| {
            let entry = best.entry(field).or_insert(Match { field, score: 0.0, exact: false });
            if score > entry.score || exact && !entry.exact {
                entry.score = entry.score.max(score);
                entry.exact |= exact;
            }
        };
        for at in book.by_words.get(&meaning.words).into_iter().flatten() {
            keep(book.wordings[*at].field, 1.0, !book.wordings[*at].ambiguous);
        }
        let said = section.and_then(|id| book.said.get(id));
        let bare: Vec<Concept> = match said {
            Some(said) => meaning.concepts.iter().copied().filter(|concept| !said.contains(concept)).collect(),
            None => meaning.concepts.clone(),
        };
        let seen: HashSet<usize> =
            meaning.concepts.iter().filter_map(|concept| book.by_concept.get(concept)).flatten().copied().collect();
        for at in seen {
            let wording = &book.wordings[at];
            let full = self.likeness(&meaning.concepts, meaning.unknown, &wording.concepts);
            let under = if bare.is_empty() { 0.0 } else { 0.97 * self.likeness(&bare, meaning.unknown, &wording.bare) };
            let score = if said.is_some() { full.max(under) } else { full };
            if score > 0.3 {
                keep(wording.field, score, false);
            }
        }
        let mut matches: Vec<Match> = best.into_values().collect();
        matches.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.field.cmp(&b.field)));
        matches
    }

    /// How much a text looks like a label of any form, under whatever heading: 0 to 1.
    pub fn label_likeness(&self, meaning: &Meaning) -> f32 {
        let mut best: f32 = 0.0;
        if meaning.is_empty() {
            return best;
        }
        for book in &self.books {
            if book.by_words.contains_key(&meaning.words) {
                return 1.0;
            }
            let seen: HashSet<usize> =
                meaning.concepts.iter().filter_map(|concept| book.by_concept.get(concept)).flatten().copied().collect();
            for at in seen {
                let wording = &book.wordings[at];
                best = best.max(self.likeness(&meaning.concepts, meaning.unknown, &wording.concepts));
                best = best.max(0.95 * self.likeness(&meaning.concepts, meaning.unknown, &wording.bare));
            }
        }
        best
    }

    /// Shared weight over all weight, both ways (the harmonic mean).
    fn likeness(&self, asked: &[Concept], unknown: usize, known: &[Concept]) -> f32 {
        if asked.is_empty() || known.is_empty() {
            return 0.0;
        }
        let weight = |concepts: &[Concept]| concepts.iter().map(|concept| self.weight(*concept)).sum::<f32>();
        let shared: f32 =
            asked.iter().filter(|concept| known.contains(concept)).map(|concept| self.weight(*concept)).sum();
        let strangers = 0.4 * f32::from(u16::try_from(unknown).unwrap_or(u16::MAX));
        2.0 * shared / (weight(asked) + strangers + weight(known))
    }

    /// The section of a form whose heading this is.
    pub fn section(&self, form: usize, meaning: &Meaning) -> Option<(usize, f32)> {
        let book = self.books.get(form)?;
        best_wording(self, &book.sections, meaning)
    }

    /// How much a text is a title of a form.
    pub fn title(&self, form: usize, meaning: &Meaning) -> f32 {
        let Some(book) = self.books.get(form) else { return 0.0 };
        best_wording(self, &book.titles, meaning).map_or(0.0, |(_, score)| score)
    }

    /// Does a text hold only words of Arabic labels: the second language of a label, not a value?
    pub fn is_arabic_label(&self, text: &str) -> bool {
        let words = fold::words(text);
        !words.is_empty()
            && words.iter().any(|word| word.chars().any(fold::is_arabic))
            && words.iter().filter(|word| word.chars().count() > 1).all(|word| {
                self.books.iter().any(|book| book.arabic.contains(word))
                    || self.phrases.contains_key(word) && word.chars().any(fold::is_arabic)
            })
    }

    /// The fields that a wording names one after the other: `Code postal et ville`. Several names of one field count once.
    pub fn several(&self, form: usize, meaning: &Meaning, section: Option<&str>) -> Vec<usize> {
        let telling = meaning.concepts.iter().filter(|concept| !self.light.contains(concept));
        let mut fields = Vec::new();
        for concept in telling {
            let alone = Meaning { concepts: vec![*concept], ..Meaning::default() };
            match self.fields(form, &alone, section).first() {
                Some(best) if best.score >= 0.8 => {
                    if !fields.contains(&best.field) {
                        fields.push(best.field);
                    }
                }
                _ => return Vec::new(),
            }
        }
        if meaning.unknown > 0 { Vec::new() } else { fields }
    }

    /// How near two wordings are, whatever the form.
    pub fn same(&self, a: &Meaning, b: &Meaning) -> f32 {
        if !a.words.is_empty() && a.words == b.words { 1.0 } else { self.likeness(&a.concepts, a.unknown, &b.concepts) }
    }

    /// Does the wording name both parts of a person's name?
    pub fn says(&self, meaning: &Meaning, concept: &str) -> bool {
        self.concepts.get(concept).is_some_and(|concept| meaning.concepts.contains(concept))
    }
}

/// Long enough for a slip to be told from another word.
fn may_be_misread(word: &str) -> bool {
    word.chars().count() >= 5 && !word.chars().any(|c| c.is_ascii_digit())
}

/// `1`, `02`.
fn is_ordinal(word: &str) -> bool {
    word.len() <= 2 && word.bytes().all(|b| b.is_ascii_digit())
}

fn best_wording(lexicon: &Lexicon, wordings: &[SectionWording], meaning: &Meaning) -> Option<(usize, f32)> {
    wordings
        .iter()
        .map(|wording| {
            let same = !meaning.words.is_empty() && wording.words == meaning.words;
            let score =
                if same { 1.0 } else { lexicon.likeness(&meaning.concepts, meaning.unknown, &wording.concepts) };
            (wording.section, score)
        })
        .max_by(|a, b| a.1.total_cmp(&b.1))
        .filter(|(_, score)| *score > 0.5)
}

/// Types whose values have a form of their own, so that a value speaks for or against its label.
pub(super) fn is_typed(value_type: ValueType) -> bool {
    !matches!(value_type, ValueType::Text | ValueType::PersonName)
}
