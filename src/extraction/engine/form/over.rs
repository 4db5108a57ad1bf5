//! Papers that print each label below the line to fill in: known by what stands above and below the labels of values that
//! have a look of their own.

use std::collections::{HashMap, HashSet};

use super::Reader;
use crate::domain::values::ValueType;
use crate::extraction::engine::neighbours::{Neighbours, Role};
use crate::extraction::engine::questions::Question;
use crate::extraction::engine::shapes;

/// A label counts when it is this near a wording.
const SURE_LABEL: f32 = 0.9;
/// A neighbour counts when it looks this much like what the label asks for.
const SUITS: f32 = 0.9;
/// So many labels must have their answer above, and this many times more than have it anywhere else.
const ENOUGH: usize = 3;
const TIMES: usize = 2;

impl Reader<'_> {
    /// The pages whose answers stand above their labels.
    pub(super) fn answers_above(&self, questions: &[Vec<Question>], near: &Neighbours<'_>) -> HashSet<usize> {
        let mut votes: HashMap<usize, (usize, usize)> = HashMap::new();
        for question in questions.iter().flatten().filter(|question| question.likeness >= SURE_LABEL) {
            let unit = &self.units[question.unit];
            if near.roles[question.unit] != Role::Label || !question.content.is_empty() || unit.cell.is_some() {
                continue;
            }
            let best = self.lexicon.fields(self.number, &question.meaning, None).into_iter().next();
            let Some(kind) = best.map(|best| self.form().fields[best.field].hints.value_type) else { continue };
            if matches!(kind, ValueType::Text | ValueType::PersonName | ValueType::Bank | ValueType::Governorate) {
                continue;
            }
            let suits = |at: usize| {
                near.roles[at] == Role::Free && shapes::fit(kind, &shapes::printed(&self.units[at].text())) >= SUITS
            };
            let above = near.above(unit).is_some_and(suits);
            let right = near
                .row(unit.page, &unit.area)
                .into_iter()
                .find(|other| self.units[*other].area.x0 >= unit.area.x1 - 3.0)
                .is_some_and(suits);
            let elsewhere = right || near.below(unit).is_some_and(suits);
            let votes = votes.entry(unit.page).or_default();
            votes.0 += usize::from(above && !elsewhere);
            votes.1 += usize::from(elsewhere && !above);
        }
        let mostly = |above: usize, elsewhere: usize| above >= ENOUGH && above > TIMES * elsewhere;
        let (above, elsewhere) = votes.values().fold((0, 0), |sum, votes| (sum.0 + votes.0, sum.1 + votes.1));
        let pages: HashSet<usize> = self.units.iter().map(|unit| unit.page).collect();
        // A last page with a few labels is as the others are.
        let over = |page: &usize| {
            let own = votes.get(page).copied().unwrap_or_default();
            mostly(own.0, own.1) || own.1 <= own.0 && mostly(above, elsewhere)
        };
        pages.into_iter().filter(over).collect()
    }
}
