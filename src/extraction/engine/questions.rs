//! Labels: which words of a unit ask something, and which already answer.
//!
//! A unit may be a label, a value, `label : value`, or several of these on one line
//! (`Code banque : 10  Code agence : 038`). Bilingual labels count once: the Arabic half is part of the question.

use std::ops::Range;

use super::fold;
use super::lexicon::{Lexicon, Meaning};
use super::units::{Token, Unit, bounds, join};
use crate::domain::field::Rect;
use crate::extraction::page::Source;

/// Without a colon, a text must be this near a known wording to be a label.
const SURE_LABEL: f32 = 0.9;
/// A text of several lines, all of whose words are known, must be this near.
const LIKELY_LABEL: f32 = 0.75;
/// A label inside a line must be this near, for where it begins is not printed.
const INNER_LABEL: f32 = 0.85;
/// A text with commas must be this near a wording to be one label.
const LEAST_LIST: f32 = 0.6;
/// Longer than this is prose.
const LONGEST_LABEL: usize = 14;
/// A whole sentence that asks may be longer.
const LONGEST_SENTENCE: usize = 24;

/// A label and what follows it in its own unit.
#[derive(Debug, Clone)]
pub(super) struct Question {
    pub unit: usize,
    pub page: usize,
    /// As printed, without leaders and colon.
    pub label: String,
    pub meaning: Meaning,
    pub label_box: Rect,
    /// A colon, an asterisk: printed as a label, known or not.
    pub marked: bool,
    pub likeness: f32,
    /// Parted from its answer by a line's end alone: nothing printed says that the label ends there.
    pub split: bool,
    /// Tokens after the label within the unit.
    pub content: Range<usize>,
}

impl Question {
    /// Only Arabic, but for an abbreviation in Latin capitals: its value stands on its left.
    pub fn is_arabic(&self) -> bool {
        let latin = |word: &str| word.chars().any(|c| c.is_ascii_alphabetic());
        let abbreviated = |word: &str| word.len() <= 4 && !word.chars().any(|c| c.is_ascii_lowercase());
        let words = || self.label.split_whitespace();
        let arabic = words().filter(|word| word.chars().any(fold::is_arabic)).count();
        let latin_words = words().filter(|word| latin(word)).count();
        arabic > latin_words && !self.label.contains('/') && words().all(|word| !latin(word) || abbreviated(word))
    }
}

/// The questions of one unit, in order.
pub(super) fn of_unit(lexicon: &Lexicon, at: usize, unit: &Unit) -> Vec<Question> {
    if unit.widget.is_some() || super::account::is_spelled_out(unit) {
        return Vec::new();
    }
    let tokens = &unit.tokens;
    let first_tick = tokens.iter().position(|token| token.tick.is_some()).unwrap_or(tokens.len());
    let mut starts: Vec<(usize, usize)> = Vec::new();
    for end in 0..first_tick {
        let from = starts.last().map_or(0, |(_, end)| end + 1);
        if !ends_label(tokens, end) && !is_a_colon_misread(lexicon, unit, from, end) {
            continue;
        }
        if starts.is_empty() {
            let longest = if tokens[end].text.ends_with(['?', '؟']) { LONGEST_SENTENCE } else { LONGEST_LABEL };
            if end < longest
                && !is_a_list(lexicon, &tokens[..=end])
                && tokens[..=end].iter().any(|token| token.text.chars().any(char::is_alphabetic))
            {
                starts.push((0, end));
            }
        } else if let Some(start) = inner_start(lexicon, tokens, from, end) {
            starts.push((start, end));
        }
    }
    if starts.is_empty() {
        return unmarked(lexicon, at, unit, first_tick).into_iter().collect();
    }
    let mut questions = Vec::new();
    for (number, (start, end)) in starts.iter().enumerate() {
        let until = starts.get(number + 1).map_or(tokens.len(), |(next, _)| *next);
        let mut question = ask(lexicon, at, unit, *start..end + 1, end + 1..until);
        question.marked = true;
        questions.push(question);
    }
    questions
}

/// `TND, USD, autre :` is an answer, whatever follows its colon.
fn is_a_list(lexicon: &Lexicon, tokens: &[Token]) -> bool {
    let commas = tokens.iter().filter(|token| token.text.ends_with([',', ';'])).count();
    commas > 1 && lexicon.label_likeness(&lexicon.meaning(&label_text(tokens))) < LEAST_LIST
}

/// `Nom :`, `Nom*`, `Nom :*`, `Où se trouve le siège ?`; not `https:`.
fn ends_label(tokens: &[Token], at: usize) -> bool {
    let text = tokens[at].text.trim_end_matches(['*', '.']);
    let starred = (tokens[at].text.ends_with('*') || tokens[at].text.ends_with("(*)")) && tokens[at].text.len() < 40;
    (text.ends_with([':', '：', '?', '؟']) && !text.contains("://") || starred)
        && !tokens.get(at + 1).is_some_and(|next| next.text.starts_with([':', '*']) && next.text.len() <= 2)
}

/// `Adresse électronique ; contact@…`: engines take the lower dot of a small colon for a comma.
fn is_a_colon_misread(lexicon: &Lexicon, unit: &Unit, from: usize, end: usize) -> bool {
    unit.source == Source::Ocr
        && unit.tokens[end].text == ";"
        && lexicon.label_likeness(&lexicon.meaning(&label_text(&unit.tokens[from..end]))) >= INNER_LABEL
}

/// Where a label inside a line begins: the longest known wording that ends at its colon.
fn inner_start(lexicon: &Lexicon, tokens: &[Token], from: usize, end: usize) -> Option<usize> {
    let earliest = from.max(end.saturating_sub(7));
    let mut best: Option<(usize, f32)> = None;
    for start in (earliest..=end).rev() {
        let likeness = lexicon.label_likeness(&lexicon.meaning(&label_text(&tokens[start..=end])));
        if likeness >= INNER_LABEL && best.is_none_or(|(_, most)| likeness >= most) {
            best = Some((start, likeness));
        }
    }
    best.map(|(start, _)| start)
}

/// A label without colon: the whole unit, its first lines, or what stands before the boxes.
fn unmarked(lexicon: &Lexicon, at: usize, unit: &Unit, first_tick: usize) -> Option<Question> {
    let tokens = &unit.tokens;
    if first_tick == 0 {
        return None;
    }
    let whole = content_end(&tokens[..first_tick]);
    if whole == 0 || whole > LONGEST_LABEL {
        return None;
    }
    // Only a reading from a picture misspells a label; in print, and where it is the only word, a near miss is another word
    // (`Gérante`).
    let sure = |question: &Question| {
        question.likeness >= SURE_LABEL
            && (!question.meaning.near || whole > 1 && matches!(unit.source, Source::Ocr | Source::HiddenLayer))
    };
    // Boxes that close their options: the words before the first box end with its option.
    if first_tick < tokens.len() && tokens.last().is_some_and(|token| token.tick.is_some()) {
        let questions = (1..whole).map(|until| ask(lexicon, at, unit, 0..until, until..tokens.len()));
        return questions
            .filter(|question| question.likeness >= LIKELY_LABEL)
            .max_by(|a, b| a.likeness.total_cmp(&b.likeness));
    }
    let question = ask(lexicon, at, unit, 0..whole, first_tick..tokens.len());
    // All its words say something: a wording nobody has listed, not a label above its value.
    let whole_label = question.likeness >= LIKELY_LABEL
        && !question.meaning.has_unknown()
        && tokens[..first_tick].last().is_some_and(|token| token.line > 0);
    if sure(&question) || whole_label && !question.meaning.near {
        return Some(question);
    }
    // A label printed small above its value, in one cell: known or not, the change of type says where it ends.
    // In a picture the ink of each word has its own height.
    if unit.source != Source::Ocr
        && let Some(until) = change_of_type(tokens)
    {
        let question = ask(lexicon, at, unit, 0..until, until..tokens.len());
        let named = question.label.chars().any(char::is_alphabetic) && until <= LONGEST_LABEL;
        return (named && unit.boxed).then_some(question);
    }
    let last_line = tokens[..first_tick].last()?.line;
    (0..last_line)
        .map(|line| tokens.iter().position(|token| token.line > line).unwrap_or(tokens.len()))
        .map(|until| ask(lexicon, at, unit, 0..until, until..tokens.len()))
        .find(sure)
        .map(|question| Question { split: true, ..question })
}

/// Where the lines of a cell change to another height of type, once and for all.
fn change_of_type(tokens: &[Token]) -> Option<usize> {
    let height = |token: &&Token| token.bbox.height();
    let first = tokens.first().filter(|token| token.tick.is_none())?;
    let until = tokens.iter().position(|token| token.line > 0)?;
    let (label, value) = tokens.split_at(until);
    let value: Vec<f32> = value.iter().filter(|token| token.tick.is_none()).map(|token| token.bbox.height()).collect();
    let same = |a: f32, b: f32| (a - b).abs() < 0.07 * a.max(b);
    let even = label.iter().map(|token| height(&token)).all(|other| same(other, first.bbox.height()));
    let next = *value.first()?;
    (first.widget.is_none() && even && !same(next, first.bbox.height()) && value.iter().all(|other| same(*other, next)))
        .then_some(until)
}

/// Up to the dotted leader.
fn content_end(tokens: &[Token]) -> usize {
    tokens.iter().rposition(|token| !fold::is_leader(&token.text)).map_or(0, |at| at + 1)
}

fn ask(lexicon: &Lexicon, at: usize, unit: &Unit, mut label: Range<usize>, content: Range<usize>) -> Question {
    let content = without_echo(lexicon, &unit.tokens, content, &mut label);
    let text = label_text(&unit.tokens[label.clone()]);
    let meaning = lexicon.meaning(&text);
    Question {
        unit: at,
        page: unit.page,
        likeness: lexicon.label_likeness(&meaning),
        label: text,
        meaning,
        label_box: if unit.cell.is_some() { unit.area } else { bounds(&unit.tokens[label]) },
        marked: false,
        split: false,
        content,
    }
}

/// Leaves the Arabic half of a bilingual label out of the value: `Date : / التاريخ 12/03/2026`, or at the far side.
fn without_echo(lexicon: &Lexicon, tokens: &[Token], content: Range<usize>, label: &mut Range<usize>) -> Range<usize> {
    let Range { mut start, mut end } = content;
    let separator = |token: &Token| {
        matches!(token.text.as_str(), "/" | "-" | "–" | ":" | "|" | "*") || fold::is_leader(&token.text)
    };
    let arabic = |token: &Token| token.tick.is_none() && token.text.chars().any(fold::is_arabic);
    let glued = |token: &Token| arabic(token) || separator(token);
    let head = tokens[start..end].iter().take_while(|token| glued(token)).count();
    // A stroke behind the colon opens the other language of the label, in whatever words.
    let stroke = tokens[start..end].first().is_some_and(|token| matches!(token.text.as_str(), "/" | "|"));
    let parted = stroke && tokens[start..start + head].iter().any(arabic);
    if head > 0 && (parted || lexicon.is_arabic_label(&join(&tokens[start..start + head]))) {
        label.end = start + head;
        start += head;
    }
    let tail = tokens[start..end].iter().rev().take_while(|token| glued(token)).count();
    if tail > 0 && tail < end - start && lexicon.is_arabic_label(&join(&tokens[end - tail..end])) {
        end -= tail;
    }
    while start < end && tokens[start].tick.is_none() && separator(&tokens[start]) {
        start += 1;
    }
    while start < end && tokens[end - 1].tick.is_none() && fold::is_leader(&tokens[end - 1].text) {
        end -= 1;
    }
    start..end
}

/// A label as people would repeat it.
fn label_text(tokens: &[Token]) -> String {
    let words: Vec<&str> = tokens
        .iter()
        .filter(|token| token.tick.is_none() && !fold::is_leader(&token.text))
        .map(|token| token.text.trim_end_matches("(*)").trim_end_matches(['_', '…']))
        .filter(|text| !text.is_empty() && !matches!(*text, ":" | "*"))
        .collect();
    words.join(" ").trim_end_matches([':', ';', '*', ' ', '.', '：', '?', '؟']).to_owned()
}
