//! Words struck through: an answer that was taken back is no answer.
//!
//! A rule strikes words out when it runs through the middle of their letters and is hardly longer than they are. The border
//! of a cell, which may touch letters set badly, is longer; a line to write on lies lower.

use super::rulings::Rulings;
use super::words::Printed;
use crate::domain::field::Rect;

/// Heights within a word's box, from its top, between which a rule runs through the letters.
const THROUGH: (f32, f32) = (0.38, 0.64);
/// The words struck make up so much of the rule.
const OF_RULE: f32 = 0.75;
/// So much of a word is crossed.
const OF_WORD: f32 = 0.6;

/// Takes the words struck through out of the lines, and their strokes out of the ruling: they part nothing. Gives the words,
/// line by line.
pub(super) fn take(lines: &mut [Vec<Printed>], rulings: &mut Rulings) -> Vec<Vec<Printed>> {
    let mut words: Vec<Rect> = lines.iter().flatten().map(|printed| printed.word.bbox).collect();
    words.sort_by(|a, b| a.y0.total_cmp(&b.y0));
    let tallest = words.iter().map(Rect::height).fold(0.0, f32::max);
    let mut strokes: Vec<Rect> = Vec::new();
    rulings.retain_across(|rule| {
        let y = rule.centre().1;
        let first = words.partition_point(|word| word.y0 < y - tallest);
        let crossed = words[first..].iter().take_while(|word| word.y0 <= y).filter(|word| runs_through(rule, word));
        let covered: f32 = crossed.map(|word| shared(rule, word)).sum();
        let strikes = covered > 0.0 && covered >= OF_RULE * rule.width();
        if strikes {
            strokes.push(*rule);
        }
        !strikes
    });
    if strokes.is_empty() {
        return Vec::new();
    }
    let is_struck = |printed: &mut Printed| {
        let word = &printed.word.bbox;
        let struck: f32 = strokes.iter().filter(|rule| runs_through(rule, word)).map(|rule| shared(rule, word)).sum();
        struck >= OF_WORD * word.width().max(0.1)
    };
    lines
        .iter_mut()
        .map(|line| line.extract_if(.., is_struck).collect())
        .filter(|line: &Vec<_>| !line.is_empty())
        .collect()
}

fn runs_through(rule: &Rect, word: &Rect) -> bool {
    let height = (rule.centre().1 - word.y0) / word.height().max(0.1);
    (THROUGH.0..=THROUGH.1).contains(&height) && shared(rule, word) > 0.0
}

/// Width that a rule and a word have in common.
fn shared(rule: &Rect, word: &Rect) -> f32 {
    (rule.x1.min(word.x1) - rule.x0.max(word.x0)).max(0.0)
}
