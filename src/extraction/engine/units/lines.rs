//! A line of print: its words in reading order, without leaders, typed boxes told from words.

use super::typed::typed_ticks;
use super::{Token, Unit, bounds};
use crate::domain::field::Rect;
use crate::extraction::engine::fold;
use crate::extraction::page::{Segment, Word};

pub(super) fn line_unit(segment: &Segment, page: usize) -> Option<Unit> {
    let tokens: Vec<Token> =
        segment.words.iter().filter(|word| !word.text.trim().is_empty()).flat_map(without_leader).collect();
    let tokens = typed_ticks(in_reading_order(tokens));
    if tokens.is_empty() {
        return None;
    }
    let ink = bounds(&tokens);
    Some(Unit {
        page,
        ink,
        area: ink,
        tokens,
        boxed: false,
        widget: None,
        cell: None,
        account: false,
        former: false,
        size: segment.size,
        bold: segment.bold,
        source: segment.source,
    })
}

/// `2034........Ville` is two words and a leader.
fn without_leader(word: &Word) -> Vec<Token> {
    let token = |text: &str, from: usize| {
        #[expect(clippy::cast_precision_loss, reason = "words are short")]
        let at =
            |chars: usize| word.bbox.x0 + word.bbox.width() * chars as f32 / word.text.chars().count().max(1) as f32;
        let bbox = Rect { x0: at(from), x1: at(from + text.chars().count()), ..word.bbox };
        Token { text: text.to_owned(), tick: None, bbox, certainty: word.certainty, line: 0, widget: None }
    };
    let leader = |c: char| matches!(c, '.' | '_' | '…');
    let mut tokens = Vec::new();
    let (mut start, mut from) = (0, 0);
    let mut rest = word.text.as_str();
    while let Some(at) = ["....", "____", "……"].iter().filter_map(|run| rest[start..].find(run)).min() {
        let end = start + at;
        let length = rest[end..].chars().take_while(|c| leader(*c)).map(char::len_utf8).sum::<usize>();
        if end > 0 && end + length < rest.len() {
            tokens.push(token(&rest[..end], from));
            from += rest[..end + length].chars().count();
            rest = &rest[end + length..];
            start = 0;
        } else {
            start = end + length;
        }
    }
    tokens.push(token(rest, from));
    tokens
}

/// Words of an Arabic run laid out from left to right are turned round; Latin words and numbers between keep their order.
fn in_reading_order(mut tokens: Vec<Token>) -> Vec<Token> {
    let arabic = |token: &Token| token.text.chars().any(fold::is_arabic);
    let mut start = 0;
    while start < tokens.len() {
        if !arabic(&tokens[start]) {
            start += 1;
            continue;
        }
        let neutral = |token: &Token| !token.text.chars().any(char::is_alphanumeric);
        let mut end = start + 1;
        let mut last = start + 1;
        while end < tokens.len() && (arabic(&tokens[end]) || neutral(&tokens[end])) {
            end += 1;
            if arabic(&tokens[end - 1]) {
                last = end;
            }
        }
        if tokens[start..last].windows(2).all(|pair| pair[0].bbox.x0 < pair[1].bbox.x0) {
            tokens[start..last].reverse();
        }
        start = end;
    }
    tokens
}
