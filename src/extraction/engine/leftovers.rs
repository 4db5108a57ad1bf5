//! Words that nothing explains, standing where an answer or its label would run on: the answer may be cut, the label may say more.

use std::collections::HashSet;

use super::answers::{Answer, Stand};
use super::assign::{Asked, Chosen};
use super::neighbours::{Neighbours, Role};
use super::questions::Question;
use super::units::Unit;
use crate::domain::field::Rect;

/// Lines further apart than this many heights of type are not one text.
const NEXT_LINE: f32 = 1.0;

/// Marks the answers that words left over by all others would continue.
pub(super) fn mark(units: &[Unit], near: &Neighbours<'_>, asked: &[Asked<'_>], chosen: &mut [Chosen]) {
    let taken: HashSet<usize> = chosen
        .iter()
        .filter_map(|one| one.answer.map(|at| &asked[one.asked].answers[at]))
        .flat_map(|answer| answer.units.iter().copied())
        .collect();
    let free = |at: usize| {
        let unit = &units[at];
        near.roles[at] == Role::Free && !taken.contains(&at) && unit.widget.is_none() && unit.cell.is_none()
    };
    for one in chosen.iter_mut() {
        let Some(answer) = one.answer.map(|at| &asked[one.asked].answers[at]) else { continue };
        let question = asked[one.asked].question;
        if answer.widget.is_some() || answer.cell.is_some() || units[question.unit].cell.is_some() {
            continue;
        }
        one.runs_on = holds_its_answer(&units[question.unit], question)
            || begins_above(units, near, question.unit, answer)
            || boxes_go_on_below(units, near, question.page, answer, free)
            || goes_on_below(units, near, question.unit, question.page, answer, free)
            || answer.stand == Stand::Beside && label_begins_above(units, near, question.unit)
            || answer.stand == Stand::Beside && label_goes_on_below(units, near, question.unit, free);
    }
}

/// `boutique` under `Nom de la`: a small letter goes on with the line above that is set alike.
fn label_begins_above(units: &[Unit], near: &Neighbours<'_>, asker: usize) -> bool {
    let label = &units[asker];
    let size = label.size.clamp(5.0, 24.0);
    let small = label.text().starts_with(|first: char| first.is_lowercase());
    let above = |at: usize| {
        let above = &units[at];
        at != asker
            && above.widget.is_none()
            && !above.boxed
            && above.ink.y1 <= label.ink.y0 + 0.3 * size
            && (above.ink.x0 - label.ink.x0).abs() < 3.0
            && (above.size - label.size).abs() < 0.07 * label.size
    };
    let near_by = || near.crossing(label.page, label.ink.y0 - NEXT_LINE * size, label.ink.y0 + 0.3 * size);
    small && !label.boxed && near_by().into_iter().any(above)
}

/// `Interlocuteur` over `commercial`: set alike, one right under the other.
fn label_goes_on_below(units: &[Unit], near: &Neighbours<'_>, asker: usize, free: impl Fn(usize) -> bool) -> bool {
    let label = &units[asker];
    let size = label.size.clamp(5.0, 24.0);
    !label.boxed
        && near.crossing(label.page, label.ink.y1 - 0.3 * size, label.ink.y1 + NEXT_LINE * size).into_iter().any(|at| {
            let below = &units[at];
            // A label of its own begins with a capital, a line that goes on does not.
            let goes_on = || {
                matches!(near.roles[at], Role::Label | Role::Unasked)
                    && below.text().starts_with(|first: char| first.is_lowercase() || first == '(')
            };
            (free(at) || goes_on())
                && !below.boxed
                && (below.ink.x0 - label.ink.x0).abs() < 3.0
                && below.ink.y0 >= label.ink.y1 - 0.3 * size
                && (below.size - label.size).abs() < 0.07 * label.size
        })
}

/// `Nom du gérant ELLOUZE_____`: what stands on the line to fill in is in the label's own words.
fn holds_its_answer(unit: &Unit, question: &Question) -> bool {
    let written_on = |text: &str| {
        let bare = text.trim_end_matches(['_', '.', '…']);
        text.chars().count() - bare.chars().count() > 2 && bare.chars().any(char::is_alphanumeric)
    };
    question.content.is_empty() && unit.tokens.last().is_some_and(|token| written_on(&token.text))
}

/// The line right above the answer ends where a word was broken: this is the rest of another answer.
fn begins_above(units: &[Unit], near: &Neighbours<'_>, asker: usize, answer: &Answer) -> bool {
    let Some(first) = answer.tokens.first() else { return false };
    let size = first.bbox.height().clamp(5.0, 24.0);
    let page = units[asker].page;
    near.crossing(page, first.bbox.y0 - NEXT_LINE * size, first.bbox.y0 + 0.3 * size).into_iter().any(|at| {
        let above = &units[at];
        let ends = |token: &super::units::Token| {
            token.text.chars().count() > 2 && token.text.ends_with(['-', '/', '&', '=', '@', ','])
        };
        at != asker
            && !answer.units.contains(&at)
            && !above.boxed
            && matches!(near.roles[at], Role::Free | Role::Label | Role::Unasked)
            && above.ink.y1 <= first.bbox.y0 + 0.3 * size
            && above.tokens.iter().any(|token| (token.bbox.x0 - first.bbox.x0).abs() < 3.0)
            && above.tokens.last().is_some_and(ends)
    })
}

/// Boxes that no question has, right under the answer's own: they ran out of its cell.
fn boxes_go_on_below(
    units: &[Unit],
    near: &Neighbours<'_>,
    page: usize,
    answer: &Answer,
    free: impl Fn(usize) -> bool,
) -> bool {
    let Some(last) = answer.tokens.iter().rfind(|token| token.tick.is_some()) else { return false };
    let size = last.bbox.height().clamp(5.0, 16.0);
    let bottom = answer.tokens.iter().map(|token| token.bbox.y1).fold(last.bbox.y1, f32::max);
    let sides = answer.tokens.iter().map(|token| token.bbox).reduce(|a, b| a.union(&b)).unwrap_or(last.bbox);
    near.crossing(page, bottom, bottom + 1.5 * size).into_iter().any(|at| {
        let unit = &units[at];
        free(at)
            && unit.has_ticks()
            && !unit.boxed
            && !answer.units.contains(&at)
            && unit.ink.y0 >= bottom - 1.0
            && unit.ink.x0 >= sides.x0 - 6.0
            && unit.ink.x0 <= sides.x1
    })
}

fn goes_on_below(
    units: &[Unit],
    near: &Neighbours<'_>,
    asker: usize,
    page: usize,
    answer: &Answer,
    free: impl Fn(usize) -> bool,
) -> bool {
    let Some(last) = answer.tokens.last() else { return false };
    // Within a ruled cell everything is one text already.
    let boxed = match answer.stand {
        Stand::Inline => units[asker].boxed,
        Stand::Beside | Stand::Under | Stand::Over => answer.units.last().is_some_and(|at| units[*at].boxed),
    };
    if boxed {
        return false;
    }
    let size = last.bbox.height().clamp(5.0, 24.0);
    let x0 = answer.tokens.iter().map(|token| token.bbox.x0).fold(f32::MAX, f32::min);
    let below = Rect { y0: last.bbox.y1 - 0.3 * size, y1: last.bbox.y1 + NEXT_LINE * size, ..last.bbox };
    let near_type = |a: f32, b: f32| (a - b).abs() < 0.07 * a.max(b);
    // In running text a line ends where the first word of the next had no room, and the next begins where lines begin.
    let first = near.row(page, &last.bbox).into_iter().map(|at| units[at].ink.x0).fold(f32::MAX, f32::min);
    let right = margin(units, page);
    let wraps = |next: &Unit| {
        let word = next.tokens.first().map_or(0.0, |token| token.bbox.width());
        (next.ink.x0 - first).abs() < 3.0 && right - last.bbox.x1 < word + 0.3 * size
    };
    near.crossing(page, below.y0, below.y1).into_iter().any(|at| {
        let ink = &units[at].ink;
        // Set as the answer and not as the labels: no label, whatever it says.
        let unit = &units[at];
        let differs = !near_type(units[asker].size, unit.size) || units[asker].bold != unit.bold;
        let same_weight = answer.units.last().is_none_or(|last| units[*last].bold == unit.bold);
        let answers = matches!(near.roles[at], Role::Label | Role::Unasked | Role::Heading)
            && differs
            && same_weight
            && unit.tokens.iter().all(|token| near_type(token.bbox.height(), last.bbox.height()))
            && !unit.text().ends_with(':');
        let at_margin = differs && same_weight && (ink.x0 - units[asker].ink.x0).abs() < 3.0;
        at != asker
            && !answer.units.contains(&at)
            && (free(at) || answers)
            && ink.y0 >= below.y0
            && (ink.x0 >= x0 - 6.0
                || at_margin
                || wraps(unit)
                || answer.stand == Stand::Beside && ink.x0 >= units[asker].ink.x1 - 1.0)
            && ink.x0 <= answer.area.x1
    })
}

/// The right margin of a page: where the words that reach furthest end.
fn margin(units: &[Unit], page: usize) -> f32 {
    units.iter().filter(|unit| unit.page == page).map(|unit| unit.ink.x1).fold(0.0, f32::max)
}
