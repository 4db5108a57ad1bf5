//! Rivals: a choice is contested where another label, or another field, was nearly as good and nothing tells which of them counts.

use std::collections::HashSet;

use super::answers::Answer;
use super::assign::{Asked, Chosen, LEAST_NAMESAKE, Taken};
use super::fold;
use super::lexicon::Lexicon;
use super::shapes;
use super::units::join;
use crate::schemas::{Form, Thresholds};

/// A wording that several sections' fields share asks for one of them only where its section is known, or where all the others
/// have been asked for by labels of their own.
pub(super) fn contest_namesakes(
    lexicon: &Lexicon,
    number: usize,
    form: &Form,
    asked: &[Asked<'_>],
    chosen: &mut [Chosen],
    thresholds: &Thresholds,
) {
    let rivals: Vec<Vec<usize>> = chosen
        .iter()
        .map(|one| {
            let own = &form.fields[one.fields[0]].hints.section;
            let weak = asked[one.asked].heading.is_some_and(|heading| heading.weak);
            if one.in_section == Some(true) && !weak || own.is_none() {
                return Vec::new();
            }
            let namesakes = lexicon.namesakes(number, &asked[one.asked].question.meaning);
            let least = (one.label - thresholds.namesake).max(LEAST_NAMESAKE);
            let near = namesakes.into_iter().filter(|(_, score)| *score >= least).map(|(field, _)| field);
            let mut rivals: Vec<usize> = near
                .chain(lexicon.siblings(number, one.fields[0]).iter().copied().filter(|_| !one.exact))
                .filter(|field| !one.fields.contains(field) && form.fields[*field].hints.section != *own)
                .collect();
            rivals.sort_unstable();
            rivals.dedup();
            rivals
        })
        .collect();
    let mut sure: Vec<bool> = rivals.iter().map(Vec::is_empty).collect();
    // Under another section's heading, in words of its own, a label may ask for something the form does not know; and under a
    // heading that is none of the form's it may ask it of somebody the form does not know: the bookkeeper, the designer.
    let strange = |one: &Chosen| asked[one.asked].heading.is_some_and(|heading| heading.section.is_none());
    let misplaced = |one: &Chosen| one.in_section == Some(false) && !one.exact || strange(one);
    loop {
        let settled: HashSet<usize> =
            chosen.iter().zip(&sure).filter(|(_, sure)| **sure).flat_map(|(one, _)| one.fields.clone()).collect();
        let more: Vec<usize> = (0..chosen.len())
            .filter(|at| {
                !sure[*at] && !misplaced(&chosen[*at]) && rivals[*at].iter().all(|rival| settled.contains(rival))
            })
            .collect();
        if more.is_empty() {
            break;
        }
        for at in more {
            sure[at] = true;
        }
    }
    // Nor does it help, under any heading but its own, that the form asks it of one person only.
    let of_anybody = |one: &Chosen| {
        let kind = form.fields[one.fields[0]].hints.value_type;
        !one.exact && shapes::is_of_anybody(kind)
    };
    for (one, sure) in chosen.iter_mut().zip(sure) {
        let elsewhere = asked[one.asked].heading.is_some() && one.in_section != Some(true);
        one.contested |= !sure || elsewhere && of_anybody(one);
    }
}

/// All that was weighed, and what of it was taken.
#[derive(Clone, Copy)]
pub(super) struct Contest<'a> {
    pub candidates: &'a [Chosen],
    pub taken: &'a Taken,
    /// What the sure ones among them use up.
    pub firm: &'a Taken,
    pub asked: &'a [Asked<'a>],
    pub thresholds: &'a Thresholds,
}

impl Contest<'_> {
    /// A rival that nothing else explains: the same words for a field still free, or another label for the same field, nearly as good.
    pub fn is_contested(&self, one: &Chosen) -> bool {
        let Self { candidates, taken, firm, asked, thresholds } = *self;
        let units = |candidate: &Chosen| candidate.answer.map(|at| asked[candidate.asked].answers[at].units.as_slice());
        // A wording of which words are not understood says less about which field it means.
        let margin = if asked[one.asked].question.meaning.has_unknown() {
            thresholds.unsure_call
        } else {
            thresholds.close_call
        };
        // Elsewhere than in the field's own section, any label of that section asks for it first.
        let at_home = |other: &Chosen| {
            let answered = other.answer.is_some_and(|at| !asked[other.asked].answers[at].tokens.is_empty());
            one.in_section != Some(true) && other.in_section == Some(true) && answered && other.fields == one.fields
        };
        candidates.iter().filter(|other| other.score > one.score - margin || at_home(other)).any(|other| {
            if other.asked == one.asked {
                let apart =
                    other.fields.iter().all(|field| !one.fields.contains(field) && !taken.fields.contains(field));
                apart && other.answer == one.answer && !one.exact
            } else {
                // A form field's own tooltip speaks of the same words: no rival.
                let free = !firm.asked.contains(&other.asked);
                let elsewhere = units(other)
                    .is_some_and(|units| units.is_empty() || !units.iter().any(|unit| firm.units.contains(unit)));
                other.fields == one.fields && free && elsewhere
            }
        })
    }

    /// Another label, nearly as near, has another value for the field, or the same label stands blank on another page: which of the
    /// two counts no check tells.
    pub fn is_asked_twice(&self, one: &Chosen) -> bool {
        let Self { candidates, firm, asked, thresholds, .. } = *self;
        let Some(own) = one.answer.map(|at| &asked[one.asked].answers[at]) else { return false };
        let text = |answer: &Answer| fold::words(&join(&answer.tokens)).concat();
        let question = asked[one.asked].question;
        candidates.iter().any(|other| {
            if other.fields != one.fields || firm.asked.contains(&other.asked) || own.tokens.is_empty() {
                return false;
            }
            let asked_there = &asked[other.asked];
            let same = asked_there.question.page != question.page && asked_there.question.meaning == question.meaning;
            match other.answer.map(|at| &asked_there.answers[at]) {
                Some(answer) if !answer.tokens.is_empty() => {
                    other.score > one.score - thresholds.close_call
                        && answer.tokens.iter().all(|token| token.tick.is_none())
                        && text(answer) != text(own)
                        && !answer.units.iter().any(|unit| firm.units.contains(unit))
                }
                _ => same,
            }
        })
    }
}
