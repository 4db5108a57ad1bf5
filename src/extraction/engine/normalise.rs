//! An answer becomes a value: its words joined as its type asks, brought to canonical form, with what the form proves.

use super::answers::Answer;
use super::chain;
use super::choices;
use super::fold;
use super::repair;
use super::second;
use super::shapes;
use super::units::{Token, join};
use crate::domain::field::{Doubt, Method, Value};
use crate::domain::values::{self, Check, ValueType};
use crate::extraction::page::{CellValue, Page};
use crate::schemas::FieldSpec;

/// A value with what was found about it on the way.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Reading {
    pub value: Value,
    pub raw: String,
    pub method: Method,
    pub doubts: Vec<Doubt>,
    /// A check digit or letter holds.
    pub proven: bool,
    /// Certainty of what was chosen beside its box, in words the schema knows; `None` where all words of the answer count.
    pub certainty: Option<f32>,
}

/// What an answer gives for one field.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Outcome {
    Value(Reading),
    Blank,
    /// Something stands there that cannot be one value.
    Ambiguous,
    Unreadable,
}

/// Reads an answer as a field's type asks.
pub(super) fn read(spec: &FieldSpec, answer: &Answer, page: &Page) -> Outcome {
    let value_type = spec.hints.value_type;
    if answer.tokens.iter().all(|token| token.tick.is_none()) && shapes::says_nothing(&join(&answer.tokens)) {
        return Outcome::Blank;
    }
    match value_type {
        ValueType::Choice | ValueType::Choices => choice(spec, answer, page),
        ValueType::Flag => flag(answer, page),
        ValueType::IpList => list(answer, page),
        _ => one_text(value_type, answer, page),
    }
}

/// How the answer was written down.
pub(super) fn method(answer: &Answer, page: &Page) -> Method {
    if answer.tokens.iter().any(|token| token.tick.is_some()) {
        Method::Mark
    } else if answer.widget.is_some() {
        Method::Widget
    } else if page.sheet.is_some() {
        Method::Cell
    } else if page.is_seen() {
        Method::Ocr
    } else {
        Method::Text
    }
}

fn choice(spec: &FieldSpec, answer: &Answer, page: &Page) -> Outcome {
    let chosen = choices::read(&spec.hints, &answer.tokens, page);
    if chosen.values.is_empty() && (chosen.raw.is_empty() || chosen.boxes && chosen.known) {
        return Outcome::Blank;
    }
    let mut doubts = Vec::new();
    if chosen.unclear {
        doubts.push(Doubt::WeakReading);
    }
    if !chosen.known {
        doubts.push(Doubt::CheckFails);
    }
    let value = if spec.hints.value_type == ValueType::Choices {
        let mut values = chosen.values;
        if values.is_empty() {
            values.push(values::tidy(&chosen.raw));
        }
        values.sort();
        Value::List(values)
    } else {
        match chosen.values.as_slice() {
            [one] => Value::Text(one.clone()),
            [] => Value::Text(values::tidy(&chosen.raw)),
            _ => return Outcome::Ambiguous,
        }
    };
    let method = if chosen.boxes { Method::Mark } else { method(answer, page) };
    Outcome::Value(Reading { value, raw: chosen.raw, method, doubts, proven: false, certainty: chosen.certainty })
}

fn flag(answer: &Answer, page: &Page) -> Outcome {
    let text = cell_text(answer, page, ValueType::Flag).unwrap_or_default();
    let read =
        choices::flag(&answer.tokens, page).or_else(|| shapes::flag(&text).map(|flag| (flag, text.clone(), None)));
    match read {
        Some((flag, raw, certainty)) => Outcome::Value(Reading {
            value: Value::Flag(flag),
            raw,
            method: method(answer, page),
            doubts: Vec::new(),
            proven: false,
            certainty,
        }),
        None if answer.tokens.iter().any(|token| token.tick == Some(super::units::Tick::On)) => Outcome::Ambiguous,
        None if answer.tokens.iter().any(|token| token.tick.is_some())
            || shapes::printed(&join(&answer.tokens)).is_empty() =>
        {
            Outcome::Blank
        }
        None => Outcome::Unreadable,
    }
}

fn list(answer: &Answer, page: &Page) -> Outcome {
    let mut raw = String::new();
    let mut line = 0;
    for token in answer.tokens.iter().filter(|token| token.tick.is_none()) {
        // An address may be broken at a narrow cell's edge, after a point or a colon.
        let broken = token.line != line && raw.ends_with(['.', ':']);
        if !raw.is_empty() && !broken {
            raw.push(' ');
        }
        raw.push_str(&token.text);
        line = token.line;
    }
    let raw = shapes::printed(&raw);
    if raw.is_empty() {
        return Outcome::Blank;
    }
    let mut items: Vec<String> = Vec::new();
    let mut doubts = Vec::new();
    for part in raw.split(|c: char| c.is_whitespace() || matches!(c, ',' | ';' | '/' | '|')) {
        let part = part.trim_matches(|c: char| matches!(c, '-' | '–' | '•' | '(' | ')' | '.'));
        if part.is_empty() || part == "et" {
            continue;
        }
        if values::parse_ip(part).is_none() {
            doubts.push(Doubt::CheckFails);
        }
        if !items.iter().any(|item| item == part) {
            items.push(part.to_owned());
        }
    }
    doubts.dedup();
    items.sort();
    let method = method(answer, page);
    Outcome::Value(Reading { value: Value::List(items), raw, method, doubts, proven: false, certainty: None })
}

fn one_text(value_type: ValueType, answer: &Answer, page: &Page) -> Outcome {
    let mut doubts = Vec::new();
    let trimmed = without_noise(answer, page);
    if trimmed.is_some() {
        doubts.push(Doubt::BoundsUnsure);
    }
    let answer = trimmed.as_ref().unwrap_or(answer);
    // A box among the words of a text: what it belongs to, or what it hides, nobody can tell.
    if answer.tokens.iter().any(|token| token.tick.is_some()) && page.is_seen() {
        doubts.push(Doubt::BoundsUnsure);
    }
    let raw = cell_text(answer, page, value_type).unwrap_or_else(|| match value_type {
        ValueType::Email | ValueType::Url => {
            let (text, sure) = chain::join(value_type, &answer.tokens, &answer.area);
            if !sure || self::method(answer, page) == Method::Ocr && may_run_on(answer) {
                doubts.push(Doubt::BoundsUnsure);
            }
            text
        }
        _ => written(&answer.tokens),
    });
    let seen = self::method(answer, page) == Method::Ocr;
    // A label's colon that stood apart.
    let parted = if seen { raw.trim_start_matches([':', ' ']) } else { &raw };
    let mut raw = shapes::printed(parted);
    if seen {
        // A rule written on shows under the end of a value as a point. None ends in one of its own but free words, and the
        // initial of a name.
        let bare = raw.trim_end_matches(['.', ',', '_']);
        let initial = bare.chars().rev().nth(1).is_none_or(|before| !before.is_alphanumeric());
        if value_type != ValueType::Text && !(value_type == ValueType::PersonName && initial) {
            raw.truncate(bare.len());
        }
        // Two strokes set close are seen as one; no address has one alone there.
        if value_type == ValueType::Url
            && let Some((scheme, rest)) = raw.split_once(":/")
            && !rest.starts_with('/')
        {
            raw = format!("{scheme}://{rest}");
        }
    }
    // Strokes and points alone are what is left of a rule or of noise.
    let noise = seen && !raw.chars().any(char::is_alphanumeric);
    if raw.is_empty() || noise {
        let ticks = answer.tokens.iter().any(|token| token.tick.is_some());
        return if ticks { Outcome::Unreadable } else { Outcome::Blank };
    }
    if is_imprecise(answer, page) {
        doubts.push(Doubt::PrecisionLost);
    }
    if has_lost_glyph(&raw) {
        doubts.push(Doubt::LostGlyph);
    }
    let mut canonical = values::canonical(value_type, &spelled(value_type, &raw));
    let method = method(answer, page);
    if matches!(canonical.check, Check::Fails(_)) && method == Method::Ocr {
        let seen = second::seen(answer, page);
        if let Some(repaired) = repair::repaired(value_type, &raw, seen.as_deref()) {
            canonical = repaired;
            doubts.push(Doubt::Repaired);
        }
    }
    match canonical.check {
        Check::Fails(_) => doubts.push(Doubt::CheckFails),
        _ if method == Method::Ocr && ends_oddly(value_type, &canonical.text) => doubts.push(Doubt::CheckFails),
        Check::Ambiguous => doubts.push(Doubt::Ambiguous),
        Check::Proven | Check::Formed | Check::Free => {}
    }
    let text = if canonical.text.is_empty() { raw.clone() } else { canonical.text };
    let proven = canonical.check == Check::Proven;
    Outcome::Value(Reading { value: Value::Text(text), raw, method, doubts, proven, certainty: None })
}

/// An address whose host ends as none does, for want of a point or a letter.
fn ends_oddly(value_type: ValueType, text: &str) -> bool {
    let host = match value_type {
        ValueType::Email => text.rsplit_once('@').map(|(_, host)| host.to_owned()),
        ValueType::Url => values::Url::parse(text).ok().map(|url| url.host().to_owned()),
        _ => None,
    };
    host.is_some_and(|host| !host.ends_with(|c: char| c.is_ascii_digit()) && !values::has_known_ending(&host))
}

/// Ends the last line where no two more letters had room, with more room below? A picture may hide a line that goes on.
fn may_run_on(answer: &Answer) -> bool {
    let Some(last) = answer.tokens.last() else { return false };
    let length = u16::try_from(last.text.chars().count().max(1)).unwrap_or(u16::MAX);
    let letter = last.bbox.width() / f32::from(length);
    let more_lines = answer.area.y1 - last.bbox.y1 > last.bbox.height();
    answer.closed && more_lines && answer.area.x1 - last.bbox.x1 < 3.0 * letter
}

/// A word read with less certainty than this may be a label in letters the engine does not know.
const NOISE: f32 = 0.55;
/// A word of the value is at least this certain beside such noise.
const CLEAR: f32 = 0.85;

/// The answer without what stands apart behind it on its line and is hardly legible: a label in another script.
fn without_noise(answer: &Answer, page: &Page) -> Option<Answer> {
    if method(answer, page) != Method::Ocr {
        return None;
    }
    let apart = |left: &Token, right: &Token| {
        left.line == right.line && right.bbox.x0 - left.bbox.x1 > 1.2 * left.bbox.height().max(6.0)
    };
    let at = answer
        .tokens
        .windows(2)
        .position(|pair| pair[0].certainty >= CLEAR && pair[1].certainty < NOISE && apart(&pair[0], &pair[1]))?
        + 1;
    let illegible = |token: &Token| token.tick.is_none() && token.certainty < NOISE;
    let only_noise = answer.tokens[at..].iter().all(illegible);
    only_noise.then(|| Answer { tokens: answer.tokens[..at].to_vec(), ..answer.clone() })
}

/// An account printed with the names of its parts is its digits.
fn spelled(value_type: ValueType, raw: &str) -> String {
    // In a line from right to left the sign may be drawn behind the number.
    if let (ValueType::Telephone, Some(number)) = (value_type, raw.strip_suffix('+')) {
        return format!("+{number}");
    }
    let named = value_type == ValueType::Rib && raw.chars().filter(|c| c.is_alphabetic()).count() > 4;
    if named { raw.chars().filter(char::is_ascii_digit).collect() } else { raw.to_owned() }
}

/// The words as one text; a word broken at a line's end is whole again.
fn written(tokens: &[Token]) -> String {
    let mut text = String::new();
    let mut line = tokens.first().map_or(0, |token| token.line);
    for token in tokens.iter().filter(|token| token.tick.is_none()) {
        let new_line = token.line != line;
        let hyphenated =
            || new_line && text.ends_with('-') && text.chars().rev().nth(1).is_some_and(char::is_lowercase);
        if !(text.is_empty() || hyphenated()) {
            text.push(' ');
        }
        text.push_str(&token.text);
        line = token.line;
    }
    text
}

/// A cell's own value where the shown text says less: dates, numbers, booleans.
fn cell_text(answer: &Answer, page: &Page, value_type: ValueType) -> Option<String> {
    let cell = page.cells.get(answer.cell.filter(|_| answer.units.len() == 1)?)?;
    match (&cell.value, value_type) {
        (CellValue::Date(iso), ValueType::Date) => Some(iso.split(['T', ' ']).next().unwrap_or_default().to_owned()),
        (CellValue::Number { digits, .. }, ValueType::Amount) => {
            let number: f64 = digits.parse().ok()?;
            (number.abs() < 1e12).then(|| format!("{number:.3}").replace('.', ","))
        }
        (CellValue::Number { digits, .. }, value_type)
            if value_type != ValueType::Text && value_type != ValueType::Date =>
        {
            Some(digits.strip_suffix(".0").unwrap_or(digits).to_owned())
        }
        (CellValue::Flag(flag), _) => Some(if *flag { "oui" } else { "non" }.to_owned()),
        _ => None,
    }
}

fn is_imprecise(answer: &Answer, page: &Page) -> bool {
    answer
        .cell
        .and_then(|at| page.cells.get(at))
        .is_some_and(|cell| matches!(cell.value, CellValue::Number { precise: false, .. }))
}

/// A character without Unicode value.
pub(super) fn has_lost_glyph(text: &str) -> bool {
    text.chars().any(|c| c == '\u{fffd}' || matches!(c, '\u{e000}'..='\u{f8ff}') || c.is_control())
}

/// Splits `NOM Prénom`: the words in capitals are the name. The second part is whether the split is sure.
pub(super) fn split_name(text: &str) -> (String, String, bool) {
    let words: Vec<&str> = text.split_whitespace().collect();
    let capital = |word: &&str| {
        word.chars().any(char::is_alphabetic)
            && !word.chars().any(char::is_lowercase)
            && !word.chars().any(fold::is_arabic)
    };
    let upper: Vec<&str> = words.iter().copied().filter(|word| capital(word)).collect();
    if !upper.is_empty() && upper.len() < words.len() {
        let rest: Vec<&str> = words.iter().copied().filter(|word| !capital(word)).collect();
        let together = words.iter().take(upper.len()).all(capital) || words.iter().rev().take(upper.len()).all(capital);
        return (upper.join(" "), rest.join(" "), together);
    }
    match words.as_slice() {
        [] => (String::new(), String::new(), false),
        [one] => ((*one).to_owned(), String::new(), false),
        // Particles stay with the name they open.
        [first, second] if is_particle(first) => (format!("{first} {second}"), String::new(), false),
        [first, second, rest @ ..] if !rest.is_empty() && is_particle(first) => {
            (format!("{first} {second}"), rest.join(" "), false)
        }
        [first, rest @ ..] => ((*first).to_owned(), rest.join(" "), false),
    }
}

pub(super) fn is_particle(word: &str) -> bool {
    matches!(
        word.to_lowercase().as_str(),
        "ben" | "el" | "al" | "bel" | "bou" | "abd" | "ould" | "de" | "du" | "la" | "le"
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::field::Rect;
    use crate::extraction::engine::answers::Stand;
    use crate::extraction::page::{Segment, Source};

    /// Words of a line read from a picture: text, left, right, certainty.
    fn seen(words: &[(&str, f32, f32, f32)]) -> Outcome {
        let bbox = |x0, x1| Rect { x0, y0: 20.0, x1, y1: 30.0 };
        let tokens: Vec<Token> = words
            .iter()
            .map(|(text, x0, x1, certainty)| Token {
                text: (*text).to_owned(),
                tick: None,
                bbox: bbox(*x0, *x1),
                certainty: *certainty,
                line: 0,
                widget: None,
            })
            .collect();
        let segment = Segment { words: Vec::new(), bbox: bbox(0.0, 1.0), source: Source::Ocr, size: 10.0, bold: false };
        let page = Page { segments: vec![segment], ..Page::default() };
        let answer = Answer {
            stand: Stand::Beside,
            units: vec![0],
            area: bbox(0.0, 400.0),
            first: tokens.len(),
            tokens,
            closed: true,
            joined: false,
            widget: None,
            cell: None,
        };
        one_text(ValueType::Text, &answer, &page)
    }

    #[test]
    fn a_label_in_another_script_is_no_part_of_a_value() {
        let Outcome::Value(read) = seen(&[("Ennasr", 50.0, 90.0, 0.99), ("Eiell", 300.0, 330.0, 0.3)]) else {
            panic!()
        };
        assert_eq!((read.raw.as_str(), read.doubts.as_slice()), ("Ennasr", &[Doubt::BoundsUnsure][..]));
        // Clear words far away, and faint ones close by, stay.
        let Outcome::Value(read) = seen(&[("Ennasr", 50.0, 90.0, 0.99), ("Tunis", 300.0, 330.0, 0.9)]) else {
            panic!()
        };
        assert_eq!(read.raw, "Ennasr Tunis");
        let Outcome::Value(read) = seen(&[("Ennasr", 50.0, 90.0, 0.99), ("Nord", 94.0, 120.0, 0.3)]) else { panic!() };
        assert_eq!(read.raw, "Ennasr Nord");
    }

    #[test]
    fn the_words_in_capitals_are_the_name() {
        assert_eq!(split_name("EL EUCH Karim"), ("EL EUCH".into(), "Karim".into(), true));
        assert_eq!(split_name("Karim BEN ALI"), ("BEN ALI".into(), "Karim".into(), true));
        assert_eq!(split_name("Ben Ali Karim"), ("Ben Ali".into(), "Karim".into(), false));
        assert_eq!(split_name("M'HIRI Nour El Houda"), ("M'HIRI".into(), "Nour El Houda".into(), true));
    }
}
