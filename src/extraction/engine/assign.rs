//! Assignment: which label serves which field, with which answer. All at once, the surest first.
//!
//! No words serve two fields and no label two questions; what the label says, the heading it stands under, what the
//! value looks like and how the page is laid out weigh together.

use std::collections::HashSet;

use super::answers::{Answer, Stand};
use super::lexicon::Lexicon;
use super::questions::Question;
use super::sections::Heading;
use super::shapes;
use super::units::join;
use crate::domain::values::ValueType;
use crate::schemas::Form;

/// Weaker wordings are not looked at.
const LEAST_LABEL: f32 = 0.5;
/// What is left after weighing must be at least this.
const LEAST_SCORE: f32 = 0.55;
/// Two readings nearer than this are not told apart.
const CLOSE_CALL: f32 = 0.06;
/// The same where the label holds words that no wording uses.
const UNSURE_CALL: f32 = 0.15;
/// A field of another section is a namesake when its wording is as near as this below the chosen one's.
const NAMESAKE: f32 = 0.12;
/// Weaker wordings make no namesake.
const LEAST_NAMESAKE: f32 = 0.75;

/// A label of the part with all it may be answered by.
pub(super) struct Asked<'a> {
    pub question: &'a Question,
    pub heading: Option<&'a Heading>,
    pub answers: Vec<Answer>,
}

/// One field, one label, one answer.
#[derive(Debug, Clone)]
pub(super) struct Chosen {
    pub asked: usize,
    /// `None`: the label is there, its place is blank.
    pub answer: Option<usize>,
    /// One field, or several that share the answer in this order.
    pub fields: Vec<usize>,
    /// How near the wording is, 0 to 1.
    pub label: f32,
    pub exact: bool,
    /// The heading above is the field's own section (or the field needs none).
    pub in_section: Option<bool>,
    /// Another field or label was nearly as good.
    pub contested: bool,
    /// Words that nothing explains stand where the answer would run on.
    pub runs_on: bool,
    pub score: f32,
}

/// Where this page's answers mostly stand.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Habit {
    pub beside: usize,
    pub under: usize,
}

impl Habit {
    pub fn of(asked: &[Asked<'_>]) -> Self {
        let mut habit = Self::default();
        for one in asked {
            let stands: Vec<Stand> = one.answers.iter().map(|answer| answer.stand).collect();
            match stands.as_slice() {
                [Stand::Beside | Stand::Inline] => habit.beside += 1,
                [Stand::Under] => habit.under += 1,
                _ => {}
            }
        }
        habit
    }

    fn weigh(self, stand: Stand) -> f32 {
        let (beside, under) = (self.beside.max(1), self.under.max(1));
        match stand {
            Stand::Inline => 0.08,
            Stand::Beside if beside >= under => 0.06,
            Stand::Under if under > beside => 0.06,
            Stand::Beside => -0.04,
            Stand::Under if self.beside > 4 * self.under => -0.1,
            Stand::Under => -0.04,
        }
    }
}

/// Chooses for every field.
pub(super) fn choose(lexicon: &Lexicon, number: usize, form: &Form, asked: &[Asked<'_>]) -> Vec<Chosen> {
    let habit = Habit::of(asked);
    let mut candidates = Vec::new();
    for (at, one) in asked.iter().enumerate() {
        candidates.extend(candidates_of(lexicon, number, form, at, one, habit));
    }
    candidates.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.asked.cmp(&b.asked)));
    let mut taken = Taken::default();
    let mut chosen: Vec<Chosen> = Vec::new();
    for candidate in &candidates {
        if taken.allows(candidate, form, asked, &chosen) {
            taken.note(candidate, asked);
            chosen.push(candidate.clone());
        }
    }
    for one in &mut chosen {
        one.contested = is_contested(one, &candidates, &taken, asked);
    }
    contest_namesakes(lexicon, number, form, asked, &mut chosen);
    chosen
}

/// A wording that several sections' fields share asks for one of them only where its section is known, or where all the others
/// have been asked for by labels of their own.
fn contest_namesakes(lexicon: &Lexicon, number: usize, form: &Form, asked: &[Asked<'_>], chosen: &mut [Chosen]) {
    let rivals: Vec<Vec<usize>> = chosen
        .iter()
        .map(|one| {
            let own = &form.fields[one.fields[0]].hints.section;
            if one.in_section == Some(true) || own.is_none() {
                return Vec::new();
            }
            let namesakes = lexicon.namesakes(number, &asked[one.asked].question.meaning);
            let least = (one.label - NAMESAKE).max(LEAST_NAMESAKE);
            namesakes
                .into_iter()
                .filter(|(field, score)| {
                    *score >= least && !one.fields.contains(field) && form.fields[*field].hints.section != *own
                })
                .map(|(field, _)| field)
                .collect()
        })
        .collect();
    let mut sure: Vec<bool> = rivals.iter().map(Vec::is_empty).collect();
    loop {
        let settled: HashSet<usize> =
            chosen.iter().zip(&sure).filter(|(_, sure)| **sure).flat_map(|(one, _)| one.fields.clone()).collect();
        let more: Vec<usize> = (0..chosen.len())
            .filter(|at| !sure[*at] && rivals[*at].iter().all(|rival| settled.contains(rival)))
            .collect();
        if more.is_empty() {
            break;
        }
        for at in more {
            sure[at] = true;
        }
    }
    for (one, sure) in chosen.iter_mut().zip(sure) {
        one.contested |= !sure;
    }
}

/// A rival that nothing else explains: the same words for a field still free, or another label for the same field, nearly as good.
fn is_contested(one: &Chosen, candidates: &[Chosen], taken: &Taken, asked: &[Asked<'_>]) -> bool {
    let units = |candidate: &Chosen| candidate.answer.map(|at| asked[candidate.asked].answers[at].units.as_slice());
    // A wording of which words are not understood says less about which field it means.
    let margin = if asked[one.asked].question.meaning.has_unknown() { UNSURE_CALL } else { CLOSE_CALL };
    candidates.iter().filter(|other| other.score > one.score - margin).any(|other| {
        if other.asked == one.asked {
            let apart = other.fields.iter().all(|field| !one.fields.contains(field) && !taken.fields.contains(field));
            apart && other.answer == one.answer && !one.exact
        } else {
            // A form field's own tooltip speaks of the same words: no rival.
            let free = !taken.asked.contains(&other.asked);
            let elsewhere = units(other)
                .is_some_and(|units| units.is_empty() || !units.iter().any(|unit| taken.units.contains(unit)));
            other.fields == one.fields && free && elsewhere
        }
    })
}

#[derive(Default)]
struct Taken {
    asked: HashSet<usize>,
    fields: HashSet<usize>,
    units: HashSet<usize>,
}

impl Taken {
    fn allows(&self, candidate: &Chosen, form: &Form, asked: &[Asked<'_>], chosen: &[Chosen]) -> bool {
        if self.asked.contains(&candidate.asked) {
            return false;
        }
        let answer = candidate.answer.map(|answer| &asked[candidate.asked].answers[answer]);
        if answer.is_some_and(|answer| answer.units.iter().any(|unit| self.units.contains(unit))) {
            return false;
        }
        candidate.fields.iter().all(|field| {
            if !self.fields.contains(field) {
                return true;
            }
            // A list may be asked piecemeal: `Adresse IP 1`, `Adresse IP 2`.
            let list = form.fields[*field].hints.value_type == ValueType::IpList;
            list && candidate.score > 0.8
                && chosen.iter().filter(|one| one.fields == candidate.fields).all(|one| {
                    let (a, b) = (asked[one.asked].question, asked[candidate.asked].question);
                    without_ordinal(&a.label) == without_ordinal(&b.label)
                })
        })
    }

    fn note(&mut self, candidate: &Chosen, asked: &[Asked<'_>]) {
        self.asked.insert(candidate.asked);
        self.fields.extend(&candidate.fields);
        if let Some(answer) = candidate.answer {
            self.units.extend(&asked[candidate.asked].answers[answer].units);
        }
    }
}

/// `Code postal et ville`, `CP / Ville`: something joins the names. The stroke before a second language joins nothing.
fn names_several(label: &str) -> bool {
    let pieces: Vec<&str> = label.split(['/', ',', '&', '+', '-', '–']).collect();
    let latin = pieces.iter().filter(|piece| piece.chars().any(|c| c.is_ascii_alphabetic())).count();
    let arabic = pieces.iter().filter(|piece| piece.chars().any(super::fold::is_arabic)).count();
    let joined =
        label.split_whitespace().any(|word| matches!(word.to_lowercase().as_str(), "et" | "and" | "ou" | "or"));
    latin > 1 || latin == 0 && arabic > 1 || joined || label.contains(" و")
}

fn without_ordinal(label: &str) -> String {
    super::fold::words(label)
        .into_iter()
        .filter(|word| !word.bytes().all(|b| b.is_ascii_digit()))
        .collect::<Vec<_>>()
        .join(" ")
}

fn candidates_of(
    lexicon: &Lexicon,
    number: usize,
    form: &Form,
    at: usize,
    one: &Asked<'_>,
    habit: Habit,
) -> Vec<Chosen> {
    let section = one.heading.and_then(|heading| heading.section.as_deref());
    let meaning = &one.question.meaning;
    let mut matches: Vec<(Vec<usize>, f32, bool)> = lexicon
        .fields(number, meaning, section)
        .into_iter()
        .filter(|found| found.score >= LEAST_LABEL)
        .take(8)
        .map(|found| (vec![found.field], found.score, found.exact))
        .collect();
    let best = matches.first().map_or(0.0, |(_, score, _)| *score);
    let several =
        if names_several(&one.question.label) { lexicon.several(number, meaning, section) } else { Vec::new() };
    if several.len() >= 2 && best < 0.97 {
        matches.push((several, 0.95, false));
    } else if several.len() == 1 && best < 0.9 {
        matches.push((several, 0.93, false));
    }
    if lexicon.says(meaning, "nom_prenom") {
        for (fields, ..) in &mut matches {
            if let [field] = fields.as_slice() {
                fields.extend(first_name_of(form, *field));
            }
        }
    }
    let mut candidates = Vec::new();
    for (fields, label, exact) in matches {
        let spec = &form.fields[fields[0]];
        let in_section = match (one.heading, &spec.hints.section) {
            (Some(Heading { section: Some(here), .. }), Some(own)) => Some(here == own),
            _ => None,
        };
        let place = match in_section {
            Some(true) => 0.12,
            Some(false) if exact => -0.08,
            Some(false) => -0.25,
            None => 0.0,
        };
        let base = Chosen {
            asked: at,
            answer: None,
            fields: fields.clone(),
            label,
            exact,
            in_section,
            contested: false,
            runs_on: false,
            score: label + place,
        };
        if one.answers.is_empty() {
            candidates.push(base.clone());
        }
        for (position, answer) in one.answers.iter().enumerate() {
            let fit = fit_of(form, &fields, answer);
            let closed = if answer.closed { 0.04 } else { 0.0 };
            let score = base.score + (fit - 0.5) * 0.44 + habit.weigh(answer.stand) + closed;
            candidates.push(Chosen { answer: Some(position), score, ..base.clone() });
        }
    }
    candidates.retain(|candidate| candidate.score >= LEAST_SCORE);
    candidates
}

/// What the answer looks like against what the field holds.
fn fit_of(form: &Form, fields: &[usize], answer: &Answer) -> f32 {
    let ticks = answer.tokens.iter().any(|token| token.tick.is_some());
    let text = shapes::printed(&join(&answer.tokens));
    if text.is_empty() && !ticks {
        return 0.5;
    }
    if fields.len() > 1 {
        return 0.6;
    }
    let hints = &form.fields[fields[0]].hints;
    match hints.value_type {
        ValueType::Choice | ValueType::Choices => {
            let known = super::choices::canonical(hints, &text).is_some();
            if known {
                1.0
            } else if ticks {
                0.6
            } else {
                0.25
            }
        }
        ValueType::Flag if ticks => 1.0,
        _ if ticks => 0.1,
        value_type => {
            let first = shapes::printed(&join(&answer.tokens[..answer.first.min(answer.tokens.len())]));
            shapes::fit(value_type, &text).max(shapes::fit(value_type, &first))
        }
    }
}

/// `representant_nom` has a sister `representant_prenom`.
pub(super) fn first_name_of(form: &Form, field: usize) -> Option<usize> {
    let key = form.fields[field].key.as_str();
    let stem = key.strip_suffix("nom").filter(|_| !key.ends_with("prenom"))?;
    form.fields.iter().position(|other| other.key.as_str() == format!("{stem}prenom"))
}

#[cfg(test)]
mod tests {
    use super::names_several;

    #[test]
    fn a_label_names_several_only_where_something_joins_the_names() {
        for label in ["Code postal et ville", "CP / Ville", "Nom, prénom"] {
            assert!(names_several(label), "{label}");
        }
        for label in ["Agence gestionnaire", "Agence gestionnaire / الفرع", "Plateforme du site"] {
            assert!(!names_several(label), "{label}");
        }
    }
}
