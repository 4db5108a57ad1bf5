//! Labels wrapped in a column that nothing rules: the lines of one label stand closer than the labels do.
//!
//! Where words tell nothing, leading does: in a column of labels with their answers beside them, a line that follows
//! the one above more closely than labels follow one another goes on with it.

use std::collections::HashMap;

use super::lexicon::Lexicon;
use super::neighbours::{Neighbours, Role};
use super::units::{Token, Unit, bounds, join};
use crate::extraction::page::Page;

/// Without a colon, a text this near a known wording is a label.
const SURE_LABEL: f32 = 0.9;
/// So many known labels make a column one of labels.
const ENOUGH: usize = 2;
/// From line to line of one text it is no more than this, in heights of type.
const TIGHT: f32 = 1.35;
/// Lines of one text are as far apart as one another, but for this.
const SAME: f32 = 0.08;
/// From label to label it is more by this.
const LOOSER: f32 = 0.2;
/// Left edges of one column differ by less than this.
const FLUSH: f32 = 1.5;
/// Longer lines are no labels.
const LONGEST: usize = 8;

/// Joins the lines of labels wrapped within their column.
pub(super) fn join_wrapped(lexicon: &Lexicon, pages: &[Page], units: &mut Vec<Unit>) {
    let sure: Vec<bool> = units
        .iter()
        .map(|unit| may_be_line(unit) && lexicon.label_likeness(&lexicon.meaning(&unit.text())) >= SURE_LABEL)
        .collect();
    let near = Neighbours::new(units, pages, vec![Role::Free; units.len()]);
    let edges = label_edges(units, &sure);
    let mut joins: Vec<(usize, usize)> = Vec::new();
    for column in columns(units) {
        joins.extend(in_column(lexicon, units, &near, &sure, &edges, &column));
    }
    let mut head: Vec<usize> = (0..units.len()).collect();
    let mut gone = vec![false; units.len()];
    for (above, below) in joins {
        let first = head[above];
        head[below] = first;
        gone[below] = true;
        let lower = units[below].clone();
        let upper = &mut units[first];
        let line = upper.tokens.last().map_or(0, |token| token.line) + 1;
        upper.tokens.extend(lower.tokens.into_iter().map(|token| Token { line: line + token.line, ..token }));
        upper.area = upper.area.union(&lower.area);
        upper.ink = upper.ink.union(&lower.ink);
    }
    let mut at = 0;
    units.retain(|_| {
        at += 1;
        !gone[at - 1]
    });
}

/// So many lines beginning at one place make a column.
const CROWDED: usize = 4;

/// Parts a label from the answer that runs into it, where the answer begins at the edge of a column.
pub(super) fn part_answers(lexicon: &Lexicon, units: &mut Vec<Unit>) {
    let mut edges: HashMap<(usize, i32), usize> = HashMap::new();
    for unit in units.iter().filter(|unit| may_be_cut(unit)) {
        *edges.entry((unit.page, edge(unit.ink.x0))).or_default() += 1;
    }
    let crowded = |page: usize, x: f32| {
        let at = edge(x);
        (at - 1..=at + 1).filter_map(|near| edges.get(&(page, near))).sum::<usize>() >= CROWDED
    };
    let mut parted = Vec::new();
    for unit in units.iter_mut().filter(|unit| may_be_cut(unit)) {
        let mut starts = (1..unit.tokens.len().min(LONGEST))
            .filter(|at| begins_words(lexicon, &unit.tokens[*at]) && crowded(unit.page, unit.tokens[*at].bbox.x0));
        let label = |at: &usize| {
            let meaning = lexicon.meaning(&join(&unit.tokens[..*at]));
            !meaning.near && lexicon.label_likeness(&meaning) >= SURE_LABEL || only_answers(&unit.tokens[*at].text)
        };
        let Some(cut) = starts.rfind(label) else { continue };
        // One long label is no label and its answer.
        let likeness = |tokens: &[Token]| lexicon.label_likeness(&lexicon.meaning(&join(tokens)));
        if likeness(&unit.tokens) > likeness(&unit.tokens[..cut]) {
            continue;
        }
        let mut answer = unit.clone();
        answer.tokens = unit.tokens.split_off(cut);
        for part in [&mut *unit, &mut answer] {
            part.ink = bounds(&part.tokens);
            part.area = part.ink;
        }
        parted.push(answer);
    }
    if !parted.is_empty() {
        units.extend(parted);
        units.sort_by(|a, b| {
            a.page.cmp(&b.page).then(a.area.y0.total_cmp(&b.area.y0)).then(a.area.x0.total_cmp(&b.area.x0))
        });
    }
}

/// No answer begins with `du` or `pour`: the label goes on.
fn begins_words(lexicon: &Lexicon, token: &Token) -> bool {
    let leads_on = token.text.starts_with(char::is_lowercase) && lexicon.says_only_small_words(&token.text);
    token.tick.is_none() && token.text.chars().any(char::is_alphanumeric) && !leads_on
}

/// An address or a number: no label goes on with it.
fn only_answers(word: &str) -> bool {
    let digits = word.chars().filter(char::is_ascii_digit).count();
    word.contains('@') || word.contains("://") || digits > 3 && 2 * digits > word.chars().count()
}

/// A colon says by itself where the label ends.
fn may_be_cut(unit: &Unit) -> bool {
    !unit.tokens.iter().any(|token| token.text.ends_with(':'))
        && !unit.boxed
        && unit.widget.is_none()
        && unit.cell.is_none()
        && !unit.tokens.is_empty()
}

fn edge(x: f32) -> i32 {
    #[expect(clippy::cast_possible_truncation, reason = "saturates, and pages are small")]
    let number = x.round() as i32;
    number
}

/// Lines of one left edge and one type, from the top down.
fn columns(units: &[Unit]) -> Vec<Vec<usize>> {
    let mut lines: Vec<usize> = (0..units.len()).filter(|at| may_be_line(&units[*at])).collect();
    let alike = |a: &Unit, b: &Unit| {
        a.page == b.page && a.bold == b.bold && (a.size - b.size).abs() < 0.5 && b.ink.x0 - a.ink.x0 < FLUSH
    };
    let half_points = |size: f32| (size * 2.0).round();
    lines.sort_by(|a, b| {
        let (a, b) = (&units[*a], &units[*b]);
        a.page
            .cmp(&b.page)
            .then(a.bold.cmp(&b.bold))
            .then(half_points(a.size).total_cmp(&half_points(b.size)))
            .then(a.ink.x0.total_cmp(&b.ink.x0))
    });
    let mut columns: Vec<Vec<usize>> =
        lines.chunk_by(|a, b| alike(&units[*a], &units[*b])).map(<[usize]>::to_vec).collect();
    for column in &mut columns {
        column.sort_by(|a, b| units[*a].ink.y0.total_cmp(&units[*b].ink.y0));
    }
    columns
}

fn in_column(
    lexicon: &Lexicon,
    units: &[Unit],
    near: &Neighbours<'_>,
    sure: &[bool],
    edges: &HashMap<(usize, i32), usize>,
    column: &[usize],
) -> Vec<(usize, usize)> {
    let labels: Vec<usize> = column.iter().copied().filter(|at| sure[*at]).collect();
    let beside = labels.iter().filter(|at| right_of(near, **at).is_some_and(|right| !sure[right])).count();
    if labels.len() < ENOUGH || 2 * beside <= labels.len() {
        return Vec::new();
    }
    let size = units[column[0]].size.max(4.0);
    let pitch = |above: usize, below: usize| units[below].ink.y0 - units[above].ink.y0;
    let pitches: Vec<f32> =
        column.windows(2).map(|pair| pitch(pair[0], pair[1])).filter(|pitch| *pitch > 0.5 * size).collect();
    let closest = pitches.iter().copied().fold(f32::MAX, f32::min);
    let is_tight = |pitch: f32| pitch > 0.5 * size && pitch <= closest + SAME * size && pitch <= TIGHT * size;
    let tight = pitches.iter().filter(|pitch| is_tight(**pitch)).count();
    let loose = pitches.iter().filter(|pitch| **pitch >= closest + LOOSER * size).count();
    // Lines that all stand as close are as many labels.
    if tight == 0 || loose < ENOUGH || 10 * tight > 7 * pitches.len() {
        return Vec::new();
    }
    let mut joins: Vec<(usize, usize)> = Vec::new();
    let mut text = String::new();
    for pair in column.windows(2) {
        let (above, below) = (pair[0], pair[1]);
        if joins.last().is_none_or(|(_, last)| *last != above) {
            text = units[above].text();
        }
        let tight = is_tight(pitch(above, below));
        let next = units[below].text();
        // A bracket or a small letter goes on with what stands above.
        let open = next.starts_with(|first: char| !first.is_alphabetic() || first.is_lowercase());
        if !tight
            || text.trim_end().ends_with([':', '*'])
            || !may_go_on(&next)
            || answered_apart(units, near, edges, pair, open)
        {
            continue;
        }
        let likeness = |text: &str| lexicon.label_likeness(&lexicon.meaning(text));
        let together = format!("{text} {next}");
        // A whole label goes on only where the line says so.
        if open || likeness(&text) < SURE_LABEL || likeness(&together) >= likeness(&text) {
            joins.push((above, below));
            text = together;
        }
    }
    joins
}

/// Does the lower line have an answer of its own? An answer wrapped like its label does not count, nor does the next column of
/// labels.
fn answered_apart(
    units: &[Unit],
    near: &Neighbours<'_>,
    edges: &HashMap<(usize, i32), usize>,
    pair: &[usize],
    open: bool,
) -> bool {
    let is_label = |at: &usize| {
        let unit = &units[*at];
        let x = edge(unit.ink.x0);
        (x - 1..=x + 1).filter_map(|near| edges.get(&(unit.page, near))).sum::<usize>() >= ENOUGH
    };
    let answer = |at: usize| right_of(near, at).filter(|right| !is_label(right));
    match (answer(pair[0]), answer(pair[1])) {
        (_, None) => false,
        (None, Some(_)) => !open,
        (Some(first), Some(second)) => {
            let (first, second) = (&units[first], &units[second]);
            let same_column = (first.ink.x0 - second.ink.x0).abs() < FLUSH;
            same_column && second.ink.y0 - first.ink.y0 > TIGHT * second.size.max(4.0)
        }
    }
}

/// Where known labels begin, and how many.
fn label_edges(units: &[Unit], sure: &[bool]) -> HashMap<(usize, i32), usize> {
    let mut edges = HashMap::new();
    for (unit, _) in units.iter().zip(sure).filter(|(_, sure)| **sure) {
        *edges.entry((unit.page, edge(unit.ink.x0))).or_default() += 1;
    }
    edges
}

fn right_of(near: &Neighbours<'_>, at: usize) -> Option<usize> {
    let unit = &near.units[at];
    let right = |other: &usize| near.units[*other].area.x0 >= unit.ink.x1 - 1.0;
    near.row(unit.page, &unit.ink).into_iter().find(right)
}

fn may_be_line(unit: &Unit) -> bool {
    !unit.boxed
        && unit.widget.is_none()
        && unit.cell.is_none()
        && !unit.has_ticks()
        && (1..=LONGEST).contains(&unit.tokens.len())
}

/// Words, and nothing that only an answer holds.
fn may_go_on(text: &str) -> bool {
    text.chars().any(char::is_alphabetic)
        && !text.contains(['@', '='])
        && !text.contains("://")
        && text.chars().filter(char::is_ascii_digit).count() <= 2
}
