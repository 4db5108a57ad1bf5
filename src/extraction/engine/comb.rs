//! Comb boxes: one character per box, joined again into one word.

use super::units::{Token, Unit, bounds};

/// Joins runs of single characters that stand on one line at an even pitch: `0 7 3 9` in four boxes is `0739`.
pub(super) fn join(lines: &mut Vec<Unit>) {
    for line in lines.iter_mut() {
        join_words(line);
    }
    let mut order: Vec<usize> = (0..lines.len()).filter(|at| is_tooth(&lines[*at])).collect();
    order.sort_by(|a, b| {
        let (a, b) = (&lines[*a].ink, &lines[*b].ink);
        (a.centre().1 / 3.0).round().total_cmp(&(b.centre().1 / 3.0).round()).then(a.x0.total_cmp(&b.x0))
    });
    let mut gone = vec![false; lines.len()];
    let mut start = 0;
    while start < order.len() {
        let mut end = start + 1;
        while end < order.len() && is_next(&lines[order[end - 1]], &lines[order[end]]) {
            end += 1;
        }
        if end - start >= 3 {
            let tokens: Vec<Token> = order[start..end].iter().flat_map(|at| lines[*at].tokens.clone()).collect();
            let head = &mut lines[order[start]];
            head.ink = bounds(&tokens);
            head.area = head.ink;
            head.tokens = vec![one_word(&tokens)];
            for at in &order[start + 1..end] {
                gone[*at] = true;
            }
        }
        start = end;
    }
    let mut at = 0;
    lines.retain(|_| {
        at += 1;
        !gone[at - 1]
    });
}

/// `0 7 3 9 6` within one line.
fn join_words(line: &mut Unit) {
    let single = |token: &Token| token.tick.is_none() && is_character(&token.text);
    let digits = || line.tokens.iter().all(|token| token.text.bytes().all(|b| b.is_ascii_digit()));
    let enough = line.tokens.len() >= 4 || line.tokens.len() == 3 && digits();
    if enough && line.tokens.iter().all(single) {
        line.tokens = vec![one_word(&line.tokens)];
    }
}

fn one_word(tokens: &[Token]) -> Token {
    Token {
        text: tokens.iter().map(|token| token.text.as_str()).collect(),
        bbox: bounds(tokens),
        certainty: tokens.iter().map(|token| token.certainty).fold(1.0, f32::min),
        ..tokens[0].clone()
    }
}

fn is_tooth(unit: &Unit) -> bool {
    unit.tokens.len() == 1 && unit.tokens[0].tick.is_none() && is_character(&unit.tokens[0].text)
}

fn is_character(text: &str) -> bool {
    let mut chars = text.chars();
    matches!((chars.next(), chars.next()), (Some(c), None) if c.is_alphanumeric() || c == '/')
}

fn is_next(left: &Unit, right: &Unit) -> bool {
    let gap = right.ink.x0 - left.ink.x1;
    let level = (left.ink.centre().1 - right.ink.centre().1).abs() < 0.4 * left.ink.height().max(4.0);
    level && gap > -1.0 && gap < 2.6 * left.size.max(right.size).max(6.0)
}
