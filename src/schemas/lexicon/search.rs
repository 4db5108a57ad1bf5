//! What a wording may stand for: fields, sections, titles, and how near two wordings are.

use std::collections::{HashMap, HashSet};

use super::{Concept, Lexicon, Match, Meaning, SectionWording};

impl Lexicon {
    /// The fields of a form a wording may stand for under a section's heading, best first.
    pub(crate) fn fields(&self, form: usize, meaning: &Meaning, section: Option<&str>) -> Vec<Match> {
        let mut matches = self.fields_said(form, meaning, section);
        if meaning.concepts.iter().any(|concept| self.broader.contains_key(concept)) {
            // `Mobile` under a heading may ask for what the form calls a telephone there.
            let concepts = self.broadened(&meaning.concepts);
            let broad = Meaning { concepts, words: String::new(), ..meaning.clone() };
            for found in self.fields_said(form, &broad, section) {
                let score = found.score * 0.9;
                match matches.iter_mut().find(|known| known.field == found.field) {
                    Some(known) => known.score = known.score.max(score),
                    None => matches.push(Match { score, exact: false, ..found }),
                }
            }
            matches.sort_by(Match::best_first);
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
        matches.sort_by(Match::best_first);
        matches
    }

    /// The fields that a wording names one after the other: `Code postal et ville`. Several names of one field count once.
    pub(crate) fn several(&self, form: usize, meaning: &Meaning, section: Option<&str>) -> Vec<usize> {
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

    /// How much a text looks like a label of any form, under whatever heading: 0 to 1.
    pub(crate) fn label_likeness(&self, meaning: &Meaning) -> f32 {
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

    /// How near two wordings are, whatever the form.
    pub(crate) fn same(&self, a: &Meaning, b: &Meaning) -> f32 {
        if !a.words.is_empty() && a.words == b.words {
            return 1.0;
        }
        let near = self.likeness(&a.concepts, a.unknown, &b.concepts);
        let (broad_a, broad_b) = (self.broadened(&a.concepts), self.broadened(&b.concepts));
        near.max(0.95 * self.likeness(&broad_a, a.unknown, &broad_b))
    }

    /// Each concept as the broader one it is a kind of; said twice, it weighs once.
    pub(super) fn broadened(&self, concepts: &[Concept]) -> Vec<Concept> {
        let mut broad: Vec<Concept> = Vec::with_capacity(concepts.len());
        for concept in concepts.iter().map(|concept| *self.broader.get(concept).unwrap_or(concept)) {
            if !broad.contains(&concept) {
                broad.push(concept);
            }
        }
        broad
    }

    /// The fields a wording may ask for when each is thought of under its own heading: `E-mail` is asked of the merchant, of
    /// the representative, of the contact. Best first.
    pub(crate) fn namesakes(&self, form: usize, meaning: &Meaning) -> Vec<(usize, f32)> {
        let Some(book) = self.books.get(form).filter(|_| !meaning.is_empty()) else { return Vec::new() };
        let broad = self.broadened(&meaning.concepts);
        let mut best: HashMap<usize, f32> = HashMap::new();
        for (concepts, weight) in [(&meaning.concepts, 1.0), (&broad, 0.97)] {
            if weight < 1.0 && *concepts == meaning.concepts {
                continue;
            }
            let seen: HashSet<usize> =
                concepts.iter().filter_map(|concept| book.by_concept.get(concept)).flatten().copied().collect();
            for at in seen {
                let wording = &book.wordings[at];
                let full = self.likeness(concepts, meaning.unknown, &wording.concepts);
                let bare = self.likeness(concepts, meaning.unknown, &wording.bare);
                let score = best.entry(wording.field).or_default();
                *score = score.max(weight * full.max(bare));
            }
        }
        let mut best: Vec<(usize, f32)> = best.into_iter().collect();
        best.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        best
    }

    /// Fields that other sections ask for in the same words.
    pub(crate) fn siblings(&self, form: usize, field: usize) -> &[usize] {
        self.books.get(form).and_then(|book| book.siblings.get(&field)).map_or(&[], Vec::as_slice)
    }

    /// Do the wordings of a field know all that a label says, or has the heading above said the rest? `Adresse du site de test`
    /// says more than `Adresse du site`.
    pub(crate) fn explains(&self, form: usize, field: usize, meaning: &Meaning, section: Option<&str>) -> bool {
        let Some(book) = self.books.get(form) else { return false };
        let said = section.and_then(|id| book.said.get(id));
        let telling: Vec<Concept> = meaning
            .concepts
            .iter()
            .copied()
            .filter(|concept| !self.light.contains(concept) && said.is_none_or(|said| !said.contains(concept)))
            .collect();
        let said_by_field: HashSet<Concept> = book
            .wordings
            .iter()
            .filter(|wording| wording.field == field)
            .flat_map(|wording| wording.concepts.iter().copied().chain(self.broadened(&wording.concepts)))
            .collect();
        let said = |concept: &Concept| said_by_field.contains(concept);
        telling.iter().all(|concept| said(concept) || self.broader.get(concept).is_some_and(said))
    }

    /// Does a label ask for the number of something where no wording of the field does? `N° du titre` is not `Titre`.
    pub(crate) fn asks_a_number_unlike(&self, form: usize, field: usize, meaning: &Meaning) -> bool {
        self.says(meaning, "numero") && !self.is_asked_by_number(form, field)
    }

    /// Does a wording of the field ask for a number?
    pub(crate) fn is_asked_by_number(&self, form: usize, field: usize) -> bool {
        let Some(book) = self.books.get(form) else { return false };
        let number = self.concepts.get("numero");
        let mut own = book.wordings.iter().filter(|wording| wording.field == field);
        own.any(|wording| number.is_some_and(|number| wording.concepts.contains(number)))
    }

    /// The section of a form whose heading this is.
    pub(crate) fn section(&self, form: usize, meaning: &Meaning) -> Option<(usize, f32)> {
        let book = self.books.get(form)?;
        best_wording(self, &book.sections, meaning)
    }

    /// How much a text is a title of a form.
    pub(crate) fn title(&self, form: usize, meaning: &Meaning) -> f32 {
        let Some(book) = self.books.get(form) else { return 0.0 };
        best_wording(self, &book.titles, meaning).map_or(0.0, |(_, score)| score)
    }

    /// Does a text begin with a title of the form, word for word, and go on?
    pub(crate) fn opens_with_title(&self, form: usize, meaning: &Meaning) -> bool {
        let opens = |title: &SectionWording| {
            title.words.contains(' ')
                && meaning.words.strip_prefix(&title.words).is_some_and(|rest| rest.starts_with(' '))
        };
        self.books.get(form).is_some_and(|book| book.titles.iter().any(opens))
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

    fn weight(&self, concept: Concept) -> f32 {
        self.weights.get(usize::from(concept)).copied().unwrap_or(0.4)
    }
}

fn best_wording(lexicon: &Lexicon, wordings: &[SectionWording], meaning: &Meaning) -> Option<(usize, f32)> {
    // The very words go before others that mean the same.
    let found = wordings.iter().map(|wording| {
        let same = !meaning.words.is_empty() && wording.words == meaning.words;
        let score = if same { 1.0 } else { lexicon.likeness(&meaning.concepts, meaning.unknown, &wording.concepts) };
        (wording.section, score, same)
    });
    found
        .max_by(|a, b| a.1.total_cmp(&b.1).then(a.2.cmp(&b.2)))
        .filter(|(_, score, _)| *score > 0.5)
        .map(|(section, score, _)| (section, score))
}
