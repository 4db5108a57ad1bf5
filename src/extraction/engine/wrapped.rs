//! Labels wrapped over two lines without ruling: `Type de paiement` above `souhaité :`.

use super::lexicon::Lexicon;
use super::units::{Token, Unit};

/// Joins a line to the line above it when together they read as one label.
pub(super) fn join_labels(lexicon: &Lexicon, units: &mut Vec<Unit>) {
    let mut gone = vec![false; units.len()];
    for below in 0..units.len() {
        if !is_label_end(&units[below]) {
            continue;
        }
        // Reading order keeps the line above close by.
        let above = (below.saturating_sub(24)..below)
            .rev()
            .find(|above| !gone[*above] && stands_over(&units[*above], &units[below]));
        let Some(above) = above else { continue };
        let (first, second) = (units[above].text(), units[below].text());
        let alone = lexicon.label_likeness(&lexicon.meaning(&second));
        let together = lexicon.label_likeness(&lexicon.meaning(&format!("{first} {second}")));
        if second.trim().len() > 1 && (together < 0.6 || together < alone) {
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

fn is_label_end(unit: &Unit) -> bool {
    !unit.boxed
        && !unit.has_ticks()
        && unit.tokens.len() <= 6
        && unit.tokens.last().is_some_and(|token| token.text.ends_with([':', '*']))
}

fn stands_over(above: &Unit, below: &Unit) -> bool {
    let gap = below.ink.y0 - above.ink.y1;
    above.page == below.page
        && !above.boxed
        && !above.has_ticks()
        && above.tokens.len() <= 8
        && (above.ink.x0 - below.ink.x0).abs() < 3.0
        && gap < 0.7 * below.size.max(5.0)
        && gap > -0.5 * below.size.max(5.0)
        && (above.size - below.size).abs() < 1.0
        && above.bold == below.bold
        && !above.tokens.iter().any(|token| token.text.ends_with([':', '*']))
}
