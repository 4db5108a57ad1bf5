//! Options that name their field: boxes that offer what one choice of the form offers.

use super::assign::{Asked, Chosen};
use super::choices;
use crate::domain::values::ValueType;
use crate::extraction::page::Page;
use crate::schemas::Form;

/// Fewer boxes name no choice.
const LEAST_OFFERED: usize = 3;
/// Of the options this share is known to the choice they name; the rest is `Autre`.
const MOSTLY_OFFERED: f32 = 0.74;
/// What the options say of the field, as a label would.
const OFFERED: f32 = 0.9;

/// Boxes that offer what one choice of the form offers, and nothing else, ask for that choice whatever their label says.
pub(super) fn offering(form: &Form, at: usize, one: &Asked<'_>, pages: &[Page]) -> Vec<Chosen> {
    let page = &pages[one.question.page];
    let mut found = Vec::new();
    for (position, answer) in one.answers.iter().enumerate() {
        if !answer.tokens.iter().any(|token| token.tick.is_some()) {
            continue;
        }
        let mut offers = form.fields.iter().enumerate().filter(|(_, spec)| {
            let choice = matches!(spec.hints.value_type, ValueType::Choice | ValueType::Choices);
            let (boxes, share) = if choice { choices::offered(&spec.hints, &answer.tokens, page) } else { (0, 0.0) };
            boxes >= LEAST_OFFERED && share >= MOSTLY_OFFERED
        });
        if let (Some((field, spec)), None) = (offers.next(), offers.next()) {
            let in_section = match (one.heading.and_then(|heading| heading.section.as_ref()), &spec.hints.section) {
                (Some(here), Some(own)) => Some(here == own),
                _ => None,
            };
            found.push(Chosen {
                asked: at,
                answer: Some(position),
                fields: vec![field],
                label: OFFERED,
                exact: false,
                in_section: in_section.filter(|own| *own),
                contested: false,
                runs_on: false,
                unexplained: false,
                of_another: false,
                off_habit: false,
                on_habit: false,
                score: OFFERED + 0.2,
            });
        }
    }
    found
}
