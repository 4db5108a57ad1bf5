//! Assignment: which label serves which field, with which answer. All at once, the surest first.
//!
//! No words serve two fields and no label two questions; what the label says, the heading it stands under, what the
//! value looks like and how the page is laid out weigh together.

use std::collections::HashSet;

use super::answers::Answer;
use super::contests::{Contest, contest_namesakes};
use super::fold;
use super::habit::Habit;
use super::lexicon::Lexicon;
use super::offering::offering;
use super::questions::Question;
use super::sections::Heading;
use super::shapes;
use super::units::join;
use crate::domain::values::ValueType;
use crate::extraction::page::Page;
use crate::schemas::{Form, Thresholds};

/// Weaker wordings are not looked at.
const LEAST_LABEL: f32 = 0.5;
/// What is left after weighing must be at least this.
const LEAST_SCORE: f32 = 0.55;
/// What a label that asks for another (`Ancien RIB`) loses to one that does not.
const OF_ANOTHER: f32 = 0.2;
/// What the very words of a field have before others that only mean the same.
const EXACT: f32 = 0.01;
/// Half a label says what it asks when it is this near a wording.
const SURE_HALF: f32 = 0.75;
/// And so does every wording this little less near.
const CLOSE_HALF: f32 = 0.1;
/// Weaker wordings make no namesake.
pub(super) const LEAST_NAMESAKE: f32 = 0.75;

/// A label of the part with all it may be answered by.
pub(super) struct Asked<'a> {
    pub question: &'a Question,
    pub heading: Option<&'a Heading>,
    pub answers: Vec<Answer>,
}

/// One field, one label, one answer.
#[expect(clippy::struct_excessive_bools, reason = "each is one fact of its own; they come in any combination")]
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
    /// The label says more than any wording of the field does.
    pub unexplained: bool,
    /// The label asks for another than the present and only one (the former, a second), or two stand beside it and nothing
    /// tells which counts.
    pub of_another: bool,
    /// The answer stands where this paper's answers do not stand.
    pub off_habit: bool,
    /// It stands where nearly all of them stand.
    pub on_habit: bool,
    pub score: f32,
}

impl Chosen {
    /// Sure enough of its field to explain what it says away: what was only found a place for may still be another's.
    fn is_firm(&self) -> bool {
        !self.contested && (self.exact || self.in_section != Some(false))
    }
}

/// Chooses for every field.
pub(super) fn choose(
    lexicon: &Lexicon,
    number: usize,
    form: &Form,
    asked: &[Asked<'_>],
    pages: &[Page],
    thresholds: &Thresholds,
) -> Vec<Chosen> {
    let habit = Habit::of(asked);
    let mut candidates = Vec::new();
    for (at, one) in asked.iter().enumerate() {
        candidates.extend(candidates_of(lexicon, number, form, at, one, habit));
        candidates.extend(offering(form, at, one, pages));
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
    let usual = Habit::of_chosen(asked, &chosen);
    let mut firm = Taken::default();
    chosen.iter().filter(|one| one.is_firm()).for_each(|one| firm.note(one, asked));
    let contest = Contest { candidates: &candidates, taken: &taken, firm: &firm, asked, thresholds };
    for one in &mut chosen {
        one.contested |= contest.is_contested(one);
        one.of_another |= contest.is_asked_twice(one);
        one.on_habit = one.answer.is_some_and(|at| usual.backs(&asked[one.asked].answers[at]));
        one.off_habit = one.answer.is_some_and(|at| usual.excludes(&asked[one.asked].answers[at]));
    }
    contest_namesakes(lexicon, number, form, asked, &mut chosen, thresholds);
    chosen
}

/// What the chosen use up.
#[derive(Default)]
pub(super) struct Taken {
    pub asked: HashSet<usize>,
    pub fields: HashSet<usize>,
    pub units: HashSet<usize>,
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
    let arabic = pieces.iter().filter(|piece| piece.chars().any(fold::is_arabic)).count();
    let joined =
        label.split_whitespace().any(|word| matches!(word.to_lowercase().as_str(), "et" | "and" | "ou" | "or"));
    latin > 1 || latin == 0 && arabic > 1 || joined || label.contains(" و")
}

fn without_ordinal(label: &str) -> String {
    fold::words(label)
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
        // Whether somebody signed is seen, not read.
        .filter(|found| found.score >= LEAST_LABEL && form.fields[found.field].hints.value_type != ValueType::Ink)
        .take(8)
        .map(|found| (vec![found.field], found.score, found.exact))
        .collect();
    let best = matches.first().map_or(0.0, |(_, score, _)| *score);
    let mut several = Vec::new();
    // `Responsable technique (nom et prénom)` names one person, whatever else its words may name.
    if names_several(&one.question.label) && !lexicon.says(meaning, "nom_prenom") {
        several = lexicon.several(number, meaning, section);
    }
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
    let here = one.heading.and_then(|heading| heading.section.as_deref());
    let borrowed = here.map(|here| borrowed(lexicon, number, form, here, &matches)).unwrap_or_default();
    let known = matches.len();
    matches.extend(borrowed.into_iter().map(|(field, label)| (vec![field], label, false)));
    let torn = halves_disagree(lexicon, number, form, &one.question.label, section);
    let of_another = ["ancien", "autre"].iter().any(|name| lexicon.says(meaning, name));
    let mut candidates = Vec::new();
    for (position, (fields, label, exact)) in matches.into_iter().enumerate() {
        let spec = &form.fields[fields[0]];
        let is_borrowed = position >= known;
        let in_section = match (one.heading, &spec.hints.section) {
            (Some(Heading { section: Some(here), .. }), Some(own)) => Some(here == own),
            _ => None,
        };
        // The section it stands in has a field of its own for what the label asks.
        let outdone =
            in_section == Some(false) && here.is_some_and(|here| asks_too(lexicon, number, form, here, fields[0]));
        let place = match in_section {
            Some(true) => 0.12,
            Some(false) if exact && !outdone => -0.08,
            Some(false) => -0.25,
            None => 0.0,
        };
        // `Téléphone de l'agence` is not that of whoever the agency's section names: only the field's own words say whose it is.
        let explained_by = if shapes::is_of_anybody(spec.hints.value_type) { None } else { section };
        let base = Chosen {
            asked: at,
            answer: None,
            fields: fields.clone(),
            label,
            exact,
            in_section,
            contested: outdone || is_borrowed || torn,
            runs_on: false,
            unexplained: fields.len() == 1
                && !exact
                && (!lexicon.explains(number, fields[0], meaning, explained_by)
                    || lexicon.asks_a_number_unlike(number, fields[0], meaning)
                    || lexicon.says(meaning, "nom_prenom") && spec.hints.value_type != ValueType::PersonName),
            of_another,
            off_habit: false,
            on_habit: false,
            score: label + place + if exact { EXACT } else { 0.0 } - if of_another { OF_ANOTHER } else { 0.0 },
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

/// Does the Arabic half of a label clearly ask for another kind of value than the other half does?
fn halves_disagree(lexicon: &Lexicon, number: usize, form: &Form, label: &str, section: Option<&str>) -> bool {
    // An abbreviation in Latin letters (`IP`) may belong to either half.
    let short = |word: &str| word.len() <= 4 && word.chars().all(|c| c.is_ascii_uppercase());
    let is_arabic = |word: &&str| word.chars().any(fold::is_arabic) || short(word);
    let arabic: Vec<&str> = label.split_whitespace().filter(is_arabic).collect();
    let latin: Vec<&str> = label.split_whitespace().filter(|word| !word.chars().any(fold::is_arabic)).collect();
    // One word says too little.
    if arabic.iter().filter(|word| !short(word)).count() < 2
        || !latin.iter().any(|word| word.chars().any(|c| c.is_ascii_alphabetic()))
    {
        return false;
    }
    let kinds = |words: &[&str]| -> Vec<ValueType> {
        let found = lexicon.fields(number, &lexicon.meaning(&words.join(" ")), section);
        let best = found.first().map_or(0.0, |found| found.score);
        let near = found.into_iter().filter(|found| found.score >= SURE_HALF.max(best - CLOSE_HALF));
        near.map(|found| form.fields[found.field].hints.value_type).collect()
    };
    let (arabic, latin) = (kinds(&arabic), kinds(&latin));
    let addresses = [ValueType::Ip, ValueType::IpList];
    let alike = |a: &ValueType, b: &ValueType| a == b || addresses.contains(a) && addresses.contains(b);
    !arabic.is_empty() && !latin.is_empty() && !arabic.iter().any(|a| latin.iter().any(|b| alike(a, b)))
}

/// Has a section a field of the same kind as another section's?
fn asks_too(lexicon: &Lexicon, number: usize, form: &Form, here: &str, field: usize) -> bool {
    same_kind(form, here, field).next().is_some()
        || lexicon
            .siblings(number, field)
            .iter()
            .any(|other| form.fields[*other].hints.section.as_deref() == Some(here))
}

/// Fields of a section that hold what only one or two fields of a section hold: a telephone, an address of the net, a name.
fn same_kind<'f>(form: &'f Form, here: &'f str, field: usize) -> impl Iterator<Item = usize> + 'f {
    let kind = form.fields[field].hints.value_type;
    let telling = shapes::is_of_anybody(kind);
    (0..form.fields.len()).filter(move |other| {
        let hints = &form.fields[*other].hints;
        telling && *other != field && hints.value_type == kind && hints.section.as_deref() == Some(here)
    })
}

/// Fields of the section a label stands in that it may ask for though its wording is known from another section: `GSM` under
/// the representative's heading asks for his telephone.
fn borrowed(
    lexicon: &Lexicon,
    number: usize,
    form: &Form,
    here: &str,
    matches: &[(Vec<usize>, f32, bool)],
) -> Vec<(usize, f32)> {
    let in_here = |field: usize| form.fields[field].hints.section.as_deref() == Some(here);
    if matches.iter().any(|(fields, score, _)| in_here(fields[0]) && *score >= LEAST_NAMESAKE) {
        return Vec::new();
    }
    let mut found = Vec::new();
    for (fields, score, _) in matches.iter().filter(|(fields, score, _)| fields.len() == 1 && *score >= LEAST_NAMESAKE)
    {
        let field = fields[0];
        let siblings = lexicon.siblings(number, field).iter().copied().filter(|other| in_here(*other));
        let mut kin: Vec<usize> = same_kind(form, here, field).collect();
        if kin.len() > 1 {
            kin.clear();
        }
        found.extend(siblings.map(|other| (other, 0.95 * score)));
        found.extend(kin.into_iter().map(|other| (other, 0.88 * score)));
    }
    found.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    found.dedup_by_key(|(field, _)| *field);
    found
}

/// What the answer looks like against what the field holds.
pub(super) fn fit_of(form: &Form, fields: &[usize], answer: &Answer) -> f32 {
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
