//! Words a label repeats from the heading above it: under `Responsable légal`, `Nom du responsable` asks for a name.

use super::Reader;
use crate::extraction::engine::fold;
use crate::extraction::engine::questions::Question;
use crate::extraction::engine::sections::Heading;

impl Reader<'_> {
    /// Takes words that no wording knows and the heading of a known section has said already for small words.
    pub(super) fn drop_said(&self, questions: &mut [Vec<Question>], headings: &[Heading]) {
        for question in questions.iter_mut().flatten().filter(|question| question.meaning.has_unknown()) {
            let heading = self.heading_of(headings, question.page, &question.label_box);
            let Some(said) = heading.filter(|heading| heading.section.is_some()).map(|heading| self.words_of(heading))
            else {
                continue;
            };
            let repeats = |word: &&str| {
                let words = fold::words(word);
                !words.is_empty() && words.iter().all(|word| said.contains(word))
            };
            let strange = |word: &&str| self.lexicon.meaning(word).has_unknown();
            let words = || question.label.split_whitespace();
            let bare: Vec<&str> = words().filter(|word| !(repeats(word) && strange(word))).collect();
            let meaning = self.lexicon.meaning(&bare.join(" "));
            if bare.len() < words().count() && !meaning.is_empty() {
                question.meaning = meaning;
            }
        }
    }

    fn words_of(&self, heading: &Heading) -> Vec<String> {
        let units = self.units.iter().filter(|unit| unit.page == heading.page && unit.area == heading.area);
        units.flat_map(|unit| fold::words(&unit.text())).collect()
    }
}
