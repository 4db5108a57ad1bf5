//! The index is built once, with the forms.

use std::collections::{HashMap, HashSet};

use super::{Book, Concept, Lexicon, SectionWording, UNKNOWN, Wording, is_ordinal, singular};
use crate::schemas::{Form, Forms, fold};

impl Lexicon {
    /// Indexes the wordings of the forms.
    pub(crate) fn new(forms: &Forms) -> Self {
        let vocabulary = &forms.vocabulary;
        let mut lexicon =
            Self { stop: vocabulary.stop.iter().flat_map(|word| fold::words(word)).collect(), ..Self::default() };
        for (name, phrases) in &vocabulary.concepts {
            let concept = lexicon.intern(name);
            for phrase in phrases {
                let words = lexicon.content_words(&fold::words(phrase));
                if let Some(first) = words.first() {
                    lexicon.phrases.entry(singular(first).to_owned()).or_default().push((words, concept));
                }
            }
        }
        for phrases in lexicon.phrases.values_mut() {
            phrases.sort_by_key(|(words, _)| std::cmp::Reverse(words.len()));
        }
        for form in &forms.forms {
            let book = lexicon.book(form, forms);
            lexicon.books.push(book);
        }
        for (narrow, broad) in &vocabulary.broader {
            if let (Some(narrow), Some(broad)) = (lexicon.concepts.get(narrow), lexicon.concepts.get(broad)) {
                lexicon.broader.insert(*narrow, *broad);
            }
        }
        for at in 0..lexicon.books.len() {
            lexicon.books[at].siblings = lexicon.siblings_in(&lexicon.books[at]);
        }
        // Ordinals tell apart only what is otherwise the same.
        let light = |name: &str| vocabulary.light.iter().any(|light| light == name) || is_ordinal(name);
        lexicon.light = lexicon.concepts.iter().filter(|(name, _)| light(name)).map(|(_, concept)| *concept).collect();
        lexicon.weigh();
        lexicon.index_words();
        lexicon
    }

    fn siblings_in(&self, book: &Book) -> HashMap<usize, Vec<usize>> {
        let mut same: HashMap<Vec<Concept>, Vec<usize>> = HashMap::new();
        for wording in &book.wordings {
            let mut bare = self.broadened(&wording.bare);
            bare.sort_unstable();
            bare.dedup();
            let fields = same.entry(bare).or_default();
            if !fields.contains(&wording.field) {
                fields.push(wording.field);
            }
        }
        let mut siblings: HashMap<usize, Vec<usize>> = HashMap::new();
        for (_, fields) in same.into_iter().filter(|(bare, _)| !bare.is_empty()) {
            for field in &fields {
                let known = siblings.entry(*field).or_default();
                known.extend(fields.iter().filter(|other| *other != field));
            }
        }
        for known in siblings.values_mut() {
            known.sort_unstable();
            known.dedup();
        }
        siblings
    }

    fn intern(&mut self, name: &str) -> Concept {
        let next = Concept::try_from(self.concepts.len()).unwrap_or(UNKNOWN - 1);
        *self.concepts.entry(name.to_owned()).or_insert(next)
    }

    fn book(&mut self, form: &Form, forms: &Forms) -> Book {
        let mut said: HashMap<String, HashSet<Concept>> = HashMap::new();
        let mut times: HashMap<(String, Concept), usize> = HashMap::new();
        let mut sections = Vec::new();
        for (index, section) in form.sections.iter().enumerate() {
            for label in &section.labels {
                let (concepts, words) = self.learn(label);
                for concept in &concepts {
                    *times.entry((section.id.clone(), *concept)).or_default() += 1;
                }
                sections.push(SectionWording { section: index, concepts, words });
            }
        }
        // What one heading in passing names is not what the section is about.
        for ((id, concept), times) in times {
            if times > 1 {
                said.entry(id).or_default().insert(concept);
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
            siblings: HashMap::new(),
        };
        for (index, field) in form.fields.iter().enumerate() {
            let labels = &field.hints.labels;
            let variants = forms.variants_of(&field.key);
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
                self.known_by_length.entry(length).or_default().push((super::letters(word), word.clone()));
            }
        }
        self.known = words;
        for words in self.known_by_length.values_mut() {
            words.sort_by(|(_, a), (_, b)| a.cmp(b));
        }
    }
}
