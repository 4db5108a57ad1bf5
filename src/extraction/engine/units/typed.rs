//! Boxes typed as characters.

use super::{Tick, Token};
use crate::domain::field::Rect;

/// Typed boxes: `☐ ☒ ☑ ■ □`, `[x]`, `[ ]`, also glued to their option (`☒SARL`).
pub(super) fn typed_ticks(tokens: Vec<Token>) -> Vec<Token> {
    let mut out: Vec<Token> = Vec::with_capacity(tokens.len());
    let mut open: Option<Token> = None;
    for token in tokens {
        // `[` `]` and `[` `x]` come apart where the blank between them is wide.
        if let Some(bracket) = open.take() {
            let inside = token.text.trim_end_matches([']', ')']);
            if token.text.len() > inside.len() && inside.chars().count() <= 1 {
                let tick = if inside.is_empty() { Tick::Off } else { Tick::On };
                let bbox = bracket.bbox.union(&token.bbox);
                out.push(Token { tick: Some(tick), text: String::new(), bbox, ..bracket });
                continue;
            }
            out.push(bracket);
        }
        if token.text == "[" {
            open = Some(token);
            continue;
        }
        match split_tick(&token.text) {
            Some((tick, rest)) => {
                let rest = rest.to_owned();
                let box_part = Rect {
                    x1: token.bbox.x0.max(token.bbox.x1.min(token.bbox.x0 + token.bbox.height())),
                    ..token.bbox
                };
                out.push(Token { tick: Some(tick), text: String::new(), bbox: box_part, ..token.clone() });
                if !rest.is_empty() {
                    out.push(Token { text: rest, ..token });
                }
            }
            None => out.push(token),
        }
    }
    out.extend(open);
    out
}

/// The box at the head of a word, and what follows it.
fn split_tick(text: &str) -> Option<(Tick, &str)> {
    let mut chars = text.chars();
    let first = chars.next()?;
    let rest = chars.as_str();
    match first {
        '☒' | '☑' | '■' | '▣' | '🗹' | '🗷' | '✓' | '✔' | '✗' | '✘' | '⊠' | '◉' | '●' | '⬛' | '\u{f0fe}'
        | '\u{f0fd}' | '\u{f078}' => Some((Tick::On, rest)),
        '☐' | '□' | '▢' | '○' | '◯' | '❏' | '❑' | '⬜' | '\u{f0a8}' | '\u{f06f}' | '\u{f071}' | '\u{f072}' => {
            Some((Tick::Off, rest))
        }
        '[' | '(' => {
            let close = if first == '[' { ']' } else { ')' };
            let inner = rest.split_once(close)?;
            match inner.0.trim() {
                "" | "_" => Some((Tick::Off, inner.1)),
                "x" | "X" | "✓" | "✔" | "✗" => Some((Tick::On, inner.1)),
                // `(*)` marks what must be filled in.
                "*" if first == '[' => Some((Tick::On, inner.1)),
                _ => None,
            }
        }
        _ => None,
    }
}
