//! Sentences to complete: `Je soussigné **BEN ALI Sami**, agissant en qualité de **gérant** de la société …`.
//!
//! Where running text goes on from line to line, what is set in bold, or between points to write on, answers the words
//! before it. Each such pair becomes a unit of its own, whatever line it stands on.

use super::fold::is_leader;
use super::units::{Token, Unit, bounds};
use crate::extraction::page::Source;

/// From line to line of one text it is no more than this, in heights of type.
const NEXT_LINE: f32 = 2.0;
/// Pieces of one line stand no further apart, in heights of type; a comma may follow the points behind an answer.
const BESIDE: f32 = 1.2;
const BEHIND_POINTS: f32 = 4.0;
/// Left edges of one text differ by less than this.
const FLUSH: f32 = 2.0;

/// Joins what goes on in the next line, and pairs the words of running text with what completes them.
pub(super) fn complete(units: &mut Vec<Unit>) {
    let lines = lines(units);
    let answers = answers(units, &lines);
    let mut texts: Vec<Vec<&Vec<usize>>> = Vec::new();
    for line in &lines {
        match texts.last_mut() {
            Some(text) if goes_on(units, &answers, text[text.len() - 1], line, &lines) => text.push(line),
            _ => texts.push(vec![line]),
        }
    }
    let mut pairs = Vec::new();
    let mut gone = vec![false; units.len()];
    for text in texts.iter().filter(|text| text.len() > 1) {
        let pieces: Vec<usize> = text.iter().flat_map(|line| line.iter().copied()).collect();
        let runs: Vec<&[usize]> = pieces.chunk_by(|a, b| answers[*a] == answers[*b]).collect();
        for pair in runs.windows(2).filter(|pair| !answers[pair[0][0]]) {
            pairs.push(pair_of(units, pair[0], pair[1]));
            for at in pair[0].iter().chain(pair[1]) {
                gone[*at] = true;
            }
        }
    }
    if pairs.is_empty() {
        return;
    }
    let mut at = 0;
    units.retain(|_| {
        at += 1;
        !gone[at - 1]
    });
    units.extend(pairs);
    units.sort_by(|a, b| {
        a.page.cmp(&b.page).then(a.area.y0.total_cmp(&b.area.y0)).then(a.area.x0.total_cmp(&b.area.x0))
    });
}

/// Pieces of print that stand one behind the other on a line, from left to right; the lines from top to bottom.
fn lines(units: &[Unit]) -> Vec<Vec<usize>> {
    let mut pieces: Vec<usize> = (0..units.len()).filter(|at| may_be_text(&units[*at])).collect();
    let level = |a: &Unit, b: &Unit| a.page == b.page && (a.ink.y1 - b.ink.y1).abs() < 0.2 * a.size.max(4.0);
    pieces.sort_by(|a, b| units[*a].page.cmp(&units[*b].page).then(units[*a].ink.y1.total_cmp(&units[*b].ink.y1)));
    let mut lines = Vec::new();
    for row in pieces.chunk_by(|a, b| level(&units[*a], &units[*b])) {
        let mut row = row.to_vec();
        row.sort_by(|a, b| units[*a].ink.x0.total_cmp(&units[*b].ink.x0));
        let follows = |a: &usize, b: &usize| {
            let comma = units[*b].tokens[0].text.starts_with([',', ';']);
            let reach = if comma { BEHIND_POINTS } else { BESIDE };
            units[*b].ink.x0 - units[*a].ink.x1 < reach * units[*a].size
        };
        lines.extend(row.chunk_by(follows).map(<[usize]>::to_vec));
    }
    lines
}

fn may_be_text(unit: &Unit) -> bool {
    unit.source == Source::Text && unit.widget.is_none() && !unit.boxed && !unit.has_ticks() && !unit.tokens.is_empty()
}

/// Which pieces complete a sentence: those in bold; else those written right behind points, up to the next points.
fn answers(units: &[Unit], lines: &[Vec<usize>]) -> Vec<bool> {
    let mut found: Vec<bool> = units.iter().map(|unit| unit.bold).collect();
    let place = |text: &str| text.ends_with("....") || text.ends_with("____") || text.ends_with('…');
    let mut open = false;
    for line in lines {
        for (number, at) in line.iter().enumerate() {
            let Some(last) = units[*at].tokens.last() else { continue };
            let before = number.checked_sub(1).map(|before| &units[line[before]]);
            let behind = |unit: &Unit| {
                let led = unit.tokens.last().is_some_and(|token| is_leader(&token.text));
                led && (units[*at].ink.x0 - unit.ink.x1).abs() < 0.1 * unit.size
            };
            found[*at] |= before.map_or(open, behind);
            open = found[*at] && !units[*at].bold && !place(&last.text);
        }
    }
    found
}

/// The line above had no room for the first word of this one, and one of them holds both weights.
fn goes_on(units: &[Unit], answers: &[bool], above: &[usize], line: &[usize], all: &[Vec<usize>]) -> bool {
    let (first, last, next) = (&units[above[0]], &units[above[above.len() - 1]], &units[line[0]]);
    let step = next.ink.y1 - last.ink.y1;
    let mixed = |line: &[usize]| line.iter().any(|at| answers[*at] != answers[line[0]]);
    let flush = (first.ink.x0 - next.ink.x0).abs() < FLUSH && (first.size - next.size).abs() < 0.5;
    if first.page != next.page || !(0.5..=NEXT_LINE).contains(&(step / next.size.max(4.0))) || !flush {
        return false;
    }
    // The page's own margin: a line that ends before it ended by itself.
    let ends =
        all.iter().filter(|line| units[line[0]].page == first.page).map(|line| units[line[line.len() - 1]].ink.x1);
    let margin = ends.fold(0.0, f32::max);
    let room = margin - last.ink.x1;
    (mixed(above) || mixed(line)) && room < next.tokens[0].bbox.width() + 0.2 * next.size
}

/// The words of a sentence and what completes them, as a label and its answer.
fn pair_of(units: &[Unit], words: &[usize], answer: &[usize]) -> Unit {
    let mut line = 0;
    let mut last_foot = f32::MAX;
    let mut read = |pieces: &[usize]| -> Vec<Token> {
        let mut tokens = Vec::new();
        for piece in pieces.iter().map(|at| &units[*at]) {
            line += usize::from(piece.ink.y1 > last_foot + 0.5 * piece.size);
            last_foot = piece.ink.y1;
            tokens.extend(piece.tokens.iter().map(|token| Token { line, ..token.clone() }));
        }
        tokens
    };
    let mut tokens = since_comma(read(words));
    while tokens.last().is_some_and(|last| is_leader(&last.text)) {
        tokens.pop();
    }
    if let Some(last) = tokens.last_mut().filter(|last| !last.text.ends_with(':')) {
        last.text.push(':');
    }
    tokens.extend(read(answer));
    if let Some(last) = tokens.last_mut() {
        last.text.truncate(last.text.trim_end_matches([',', ';']).len());
    }
    let ink = bounds(&tokens);
    Unit { tokens, ink, area: ink, bold: false, ..units[words[0]].clone() }
}

/// `, au capital de 5 000 dinars, inscrite au registre sous le n°`: only the last words ask.
fn since_comma(tokens: Vec<Token>) -> Vec<Token> {
    let mut open = 0_usize;
    let mut from = 0;
    // `M.` and `n.` end no sentence.
    let short = |text: &str| text.chars().count() == 2;
    for (at, token) in tokens.iter().enumerate() {
        open = (open + token.text.matches('(').count()).saturating_sub(token.text.matches(')').count());
        if open == 0 && token.text.ends_with([',', ';', '.']) && !short(&token.text) && at + 1 < tokens.len() {
            from = at + 1;
        }
    }
    tokens.into_iter().skip(from).collect()
}
