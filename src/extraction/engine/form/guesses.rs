//! What no wording tells: a label nobody has listed asks for the field its answer looks like, in the section it stands in.
//!
//! A guess is never trusted: it spares the person who looks at it the typing, not the looking.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::Reader;
use crate::domain::field::{Absence, Doubt, Field, FieldKey, Gap, Trust};
use crate::domain::values::ValueType;
use crate::extraction::engine::answers::Answer;
use crate::extraction::engine::assign::{self, Asked, Chosen};
use crate::extraction::engine::normalise::Outcome;
use crate::extraction::engine::units::bounds;
use crate::schemas::Form;

/// A page with fewer values read by their labels is no filled form; nothing is guessed on it.
const LEAST_READ: usize = 5;
/// An answer suits a kind of value when it looks like it this much.
const SUITS: f32 = 0.9;
/// The same for free words, which look like nothing.
const MAY_SUIT: f32 = 0.5;
/// A guess must weigh this much.
const LEAST: f32 = 0.6;

/// What it weighs that nothing else is left to ask for, and nothing else left to ask.
const ONLY_ONE: f32 = 0.2;

/// Above and below these shares of a page stand its running head and foot.
const RUNNING: (f32, f32) = (0.05, 0.94);
/// A label that asks for free words has more letters.
const LEAST_LETTERS: usize = 4;

struct Guess {
    asked: usize,
    answer: usize,
    field: usize,
    weight: f32,
    chosen: Chosen,
}

impl Reader<'_> {
    /// Gives labels and fields that are left over to one another.
    pub(super) fn guess(
        &self,
        asked: &[Asked<'_>],
        chosen: &[Chosen],
        fields: &mut BTreeMap<FieldKey, Field>,
        gaps: &mut HashMap<usize, Gap>,
    ) {
        if fields.len() < LEAST_READ {
            return;
        }
        let form = self.form();
        let mut taken: HashSet<usize> = HashSet::new();
        let mut used: HashSet<usize> = HashSet::new();
        for one in chosen {
            used.insert(one.asked);
            if let Some(answer) = one.answer.map(|at| &asked[one.asked].answers[at]) {
                taken.extend(&answer.units);
            }
        }
        let free: Vec<usize> = (0..form.fields.len())
            .filter(|at| !fields.contains_key(&form.fields[*at].key))
            .filter(|at| !matches!(form.fields[*at].hints.value_type, ValueType::Ink | ValueType::Rows))
            .filter(|at| gaps.get(at).is_none_or(|gap| gap.absence != Absence::Blank))
            .collect();
        let mut guesses = Vec::new();
        for (at, one) in asked.iter().enumerate().filter(|(at, one)| !used.contains(at) && self.may_ask(one)) {
            guesses.extend(self.guesses_of(at, one, &free, &taken));
        }
        self.favour_the_only_ones(asked, &used, &free, &mut guesses);
        guesses.retain(|guess| guess.weight >= LEAST);
        guesses.sort_by(|a, b| b.weight.total_cmp(&a.weight).then(a.asked.cmp(&b.asked)).then(a.field.cmp(&b.field)));
        for guess in guesses {
            let answer = &asked[guess.asked].answers[guess.answer];
            let spec = &form.fields[guess.field];
            if used.contains(&guess.asked)
                || fields.contains_key(&spec.key)
                || answer.units.iter().any(|unit| taken.contains(unit))
            {
                continue;
            }
            let question = asked[guess.asked].question;
            let answer = self.narrowed(&guess.chosen, answer);
            for (field, outcome) in self.outcomes(&guess.chosen, &answer, &self.pages[question.page]) {
                let Outcome::Value(reading) = outcome else { continue };
                if reading.doubts.contains(&Doubt::CheckFails) {
                    continue;
                }
                let mut doubts = reading.doubts;
                doubts.push(Doubt::LabelUnsure);
                doubts.sort_unstable();
                doubts.dedup();
                let area = if answer.widget.is_some() { answer.area } else { bounds(&answer.tokens) };
                let key = form.fields[field].key.clone();
                gaps.remove(&field);
                let found = Field {
                    key: key.clone(),
                    value: reading.value,
                    raw: reading.raw,
                    place: Some(self.place(question.page, area, answer.cell)),
                    label: Some(question.label.clone()),
                    method: reading.method,
                    confidence: (0.5 * guess.weight).clamp(0.0, 0.5),
                    trust: Trust::Doubtful(doubts),
                    changes: Vec::new(),
                };
                fields.entry(key).or_insert(found);
            }
            used.insert(guess.asked);
            taken.extend(&answer.units);
        }
    }

    /// Words, and not those of a running head or foot.
    fn may_ask(&self, one: &Asked<'_>) -> bool {
        let page = &self.pages[one.question.page];
        let area = &one.question.label_box;
        let running = page.sheet.is_none() && (area.y0 < RUNNING.0 * page.height || area.y1 > RUNNING.1 * page.height);
        !running
    }

    /// The one label left in a section asks for the one field of free words left there.
    fn favour_the_only_ones(&self, asked: &[Asked<'_>], used: &HashSet<usize>, free: &[usize], guesses: &mut [Guess]) {
        let form = self.form();
        let section = |field: usize| form.fields[field].hints.section.as_deref();
        let answered = |at: usize| asked[at].answers.iter().any(|answer| !answer.tokens.is_empty());
        for guess in guesses {
            let own = section(guess.field);
            let fields = free.iter().filter(|field| section(**field) == own && is_free_words(form, **field)).count();
            let labels = (0..asked.len())
                .filter(|at| !used.contains(at) && answered(*at))
                .filter(|at| asked[*at].heading.and_then(|heading| heading.section.as_deref()) == own)
                .count();
            if is_free_words(form, guess.field) && fields == 1 && labels == 1 {
                guess.weight += ONLY_ONE;
            }
        }
    }

    fn guesses_of(&self, at: usize, one: &Asked<'_>, free: &[usize], taken: &HashSet<usize>) -> Vec<Guess> {
        let form = self.form();
        let here = one.heading.and_then(|heading| heading.section.as_deref());
        let said: HashMap<usize, f32> =
            self.lexicon.namesakes(self.number, &one.question.meaning).into_iter().collect();
        let mut found = Vec::new();
        for (position, answer) in one.answers.iter().enumerate() {
            if answer.tokens.is_empty() || answer.units.iter().any(|unit| taken.contains(unit)) {
                continue;
            }
            for field in free.iter().copied() {
                let spec = &form.fields[field];
                let words = said.get(&field).copied().unwrap_or(0.0);
                let fit = assign::fit_of(form, &[field], answer);
                let own_form = !is_free_words(form, field);
                let in_section = match (here, spec.hints.section.as_deref()) {
                    (Some(here), Some(own)) => Some(here == own),
                    _ => None,
                };
                let suits = if own_form { fit >= SUITS } else { fit >= MAY_SUIT && is_short(answer) };
                let letters = one.question.label.chars().filter(|c| c.is_alphabetic()).count();
                if !own_form && letters < LEAST_LETTERS {
                    continue;
                }
                let told = words >= 0.3 || in_section == Some(true) || one.heading.is_none() && own_form;
                if !suits || !told {
                    continue;
                }
                let place = match in_section {
                    Some(true) => 0.3,
                    Some(false) => -0.3,
                    None => 0.0,
                };
                let look = if own_form { 0.4 } else { 0.15 };
                let weight = 0.5 * words + look + place;
                let chosen = Chosen {
                    asked: at,
                    answer: Some(position),
                    fields: vec![field],
                    label: words,
                    exact: false,
                    in_section,
                    contested: true,
                    runs_on: false,
                    unexplained: true,
                    of_another: false,
                    off_habit: false,
                    on_habit: false,
                    score: weight,
                };
                found.push(Guess { asked: at, answer: position, field, weight, chosen });
            }
        }
        found
    }
}

/// Words that look like nothing in particular.
fn is_free_words(form: &Form, field: usize) -> bool {
    matches!(form.fields[field].hints.value_type, ValueType::Text | ValueType::PersonName | ValueType::Bank)
}

/// One line of a few words, as an answer is.
fn is_short(answer: &Answer) -> bool {
    answer.tokens.len() <= 10
}
