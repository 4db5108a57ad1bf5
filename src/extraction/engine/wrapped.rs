//! Labels wrapped over two lines that no ruling holds together: `Type de paiement` above `souhaité :`.

use super::lexicon::Lexicon;
use super::units::{Token, Unit, bounds, join};

/// Joined lines must read this much like a label.
const SURE_TOGETHER: f32 = 0.9;

/// Joins a line to the line above it when together they read as one label.
pub(super) fn join_labels(lexicon: &Lexicon, units: &mut Vec<Unit>) {
    let mut gone = vec![false; units.len()];
    // From the foot up, so that the last line brings its colon along.
    for below in (0..units.len()).rev() {
        if gone[below] || !may_end_label(&units[below]) {
            continue;
        }
        // Reading order keeps the line above close by.
        let near = below.saturating_sub(24)..below;
        let Some(above) = near.rev().find(|above| !gone[*above] && stands_over(&units[*above], &units[below])) else {
            continue;
        };
        if !belong(lexicon, &units[above], &units[below]) || are_two(lexicon, units, above, below) {
            continue;
        }
        let lower = units[below].clone();
        let upper = &mut units[above];
        let line = upper.tokens.last().map_or(0, |token| token.line) + 1;
        upper.tokens.extend(lower.tokens.into_iter().map(|token| Token { line, ..token }));
        upper.area = upper.area.union(&lower.area);
        upper.ink = upper.ink.union(&lower.ink);
        gone[below] = true;
    }
    let mut at = 0;
    units.retain(|_| {
        at += 1;
        !gone[at - 1]
    });
}

/// Parts a heading from the label under it, where missing ruling has put both in one cell.
pub(super) fn part_headings(lexicon: &Lexicon, forms: usize, units: &mut Vec<Unit>) {
    let mut parted = Vec::new();
    for unit in units.iter_mut().filter(|unit| unit.boxed && !unit.has_ticks() && unit.tokens.len() <= 14) {
        let Some(cut) = unit.tokens.iter().position(|token| token.line > 0) else { continue };
        let colon = unit.tokens.last().is_some_and(|token| token.text.ends_with([':', '*']));
        let heading = lexicon.meaning(&join(&unit.tokens[..cut]));
        let known =
            (0..forms).filter_map(|form| lexicon.section(form, &heading)).any(|(_, score)| score >= SURE_TOGETHER);
        let label = lexicon.label_likeness(&lexicon.meaning(&join(&unit.tokens[cut..])));
        if !colon || !known || label < SURE_TOGETHER {
            continue;
        }
        let mut below = unit.clone();
        below.tokens =
            unit.tokens.split_off(cut).into_iter().map(|token| Token { line: token.line - 1, ..token }).collect();
        for part in [unit, &mut below] {
            part.ink = bounds(&part.tokens);
            part.area = part.ink;
            part.boxed = false;
        }
        parted.push(below);
    }
    if !parted.is_empty() {
        units.extend(parted);
        units.sort_by(|a, b| {
            a.page.cmp(&b.page).then(a.area.y0.total_cmp(&b.area.y0)).then(a.area.x0.total_cmp(&b.area.x0))
        });
    }
}

fn belong(lexicon: &Lexicon, above: &Unit, below: &Unit) -> bool {
    let (first, second) = (above.text(), below.text());
    let colon = second.trim_end().ends_with([':', '*']);
    if colon && second.trim().len() <= 1 {
        return true;
    }
    let likeness = |text: &str| lexicon.label_likeness(&lexicon.meaning(text));
    let together = likeness(&format!("{first} {second}"));
    if colon {
        together >= 0.6 && together >= likeness(&second)
    } else {
        together >= SURE_TOGETHER && together > likeness(&first) + 0.03 && together > likeness(&second) + 0.03
    }
}

/// Each line is a known label, and each has an answer of its own beside it.
fn are_two(lexicon: &Lexicon, units: &[Unit], above: usize, below: usize) -> bool {
    let known = |at: usize| lexicon.label_likeness(&lexicon.meaning(&units[at].text())) >= SURE_TOGETHER;
    let answer = |at: usize| {
        let own = &units[at].ink;
        let beside = |other: &&Unit| {
            let level = (other.ink.y0..=other.ink.y1).contains(&own.centre().1);
            other.page == units[at].page && level && other.ink.x0 >= own.x1 && !other.tokens.is_empty()
        };
        let near = units[at.saturating_sub(24)..units.len().min(at + 24)].iter().filter(beside);
        near.min_by(|a, b| a.ink.x0.total_cmp(&b.ink.x0)).map(|unit| (unit.ink.x0, unit.ink.y0, unit.tokens.len()))
    };
    let one_line =
        |at: usize| answer(at).filter(|(_, y0, _)| (*y0 - units[at].ink.y0).abs() < 0.5 * units[at].size.max(4.0));
    known(above) && known(below) && matches!((one_line(above), one_line(below)), (Some(a), Some(b)) if a != b)
}

fn may_end_label(unit: &Unit) -> bool {
    unit.cell.is_none() && unit.widget.is_none() && !unit.has_ticks() && unit.tokens.len() <= 6
}

fn stands_over(above: &Unit, below: &Unit) -> bool {
    let gap = below.ink.y0 - above.ink.y1;
    above.page == below.page
        && above.cell.is_none()
        && above.widget.is_none()
        && !above.has_ticks()
        && above.tokens.len() <= 8
        && (above.ink.x0 - below.ink.x0).abs() < 3.0
        && gap < 0.7 * below.size.max(5.0)
        && gap > -0.5 * below.size.max(5.0)
        && (above.size - below.size).abs() < 1.0
        && above.bold == below.bold
        && !above.tokens.iter().any(|token| token.text.ends_with([':', '*']))
}
