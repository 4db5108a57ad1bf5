//! Choices: ticked boxes and lists in words become the schema's own values.

use super::fold;
use super::shapes;
use super::units::{Tick, Token, join};
use crate::extraction::page::Page;
use crate::schemas::Hints;

/// What an answer says about a choice.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Chosen {
    /// Canonical values in printed order, each once.
    pub values: Vec<String>,
    /// The chosen options as printed.
    pub raw: String,
    /// Every chosen option is one the schema knows.
    pub known: bool,
    /// A box that cannot be told ticked from empty.
    pub unclear: bool,
    /// Read from boxes, not from words.
    pub boxes: bool,
    /// Certainty of the words of what was chosen, where the schema words each of them so; what was left alone may be misread.
    pub certainty: Option<f32>,
}

/// An option beside its box.
struct Choice {
    text: String,
    tick: Tick,
    /// Its box may have been moved or lost by a font gone wrong.
    odd: bool,
    /// Of its least certain word.
    certainty: f32,
}

/// Reads boxes where there are any, else words.
pub(super) fn read(hints: &Hints, tokens: &[Token], page: &Page) -> Chosen {
    let marked = typed_crosses(tokens);
    let options = options(&marked, page);
    if options.is_empty() {
        return from_words(hints, &join(tokens));
    }
    let mut chosen = Chosen { known: true, boxes: true, ..Chosen::default() };
    let mut printed = Vec::new();
    chosen.unclear = options.iter().any(|option| option.odd);
    // In a picture a box may go unseen; its option still stands there.
    chosen.unclear |= page.is_seen()
        && (has_lost_box(hints, &marked) || options.iter().any(|option| names_several(hints, &option.text)));
    chosen.unclear |= options.iter().any(|option| option.tick == Tick::Unclear);
    // What may be ticked counts only where nothing is.
    let wanted = if options.iter().any(|option| option.tick == Tick::On) { Tick::On } else { Tick::Unclear };
    let chosen_ones = || options.iter().filter(|option| option.tick == wanted);
    if chosen_ones().all(|option| exact(hints, &shapes::printed(&option.text)).is_some()) {
        chosen.certainty = chosen_ones().map(|option| option.certainty).reduce(f32::min);
    }
    for option in chosen_ones() {
        printed.push(shapes::printed(&option.text));
        match canonical(hints, &option.text) {
            Some(value) => keep(&mut chosen.values, value),
            None => chosen.known = false,
        }
    }
    chosen.raw = printed.join(" ; ");
    chosen
}

/// Yes or no: `☒ Oui ☐ Non`, one box alone, or a word.
pub(super) fn flag(tokens: &[Token], page: &Page) -> Option<(bool, String, Option<f32>)> {
    let marked = typed_crosses(tokens);
    let options = options(&marked, page);
    if options.is_empty() {
        let text = shapes::printed(&join(tokens));
        return shapes::flag(&text).map(|flag| (flag, text, None));
    }
    let answers: Vec<(bool, String, Option<f32>)> = options
        .iter()
        .filter(|option| option.tick == Tick::On)
        .filter_map(|option| {
            let flag = shapes::flag(&option.text)?;
            Some((flag, shapes::printed(&option.text), Some(option.certainty)))
        })
        .collect();
    match answers.as_slice() {
        [one] => Some(one.clone()),
        [] if options.len() == 1 && shapes::flag(&options[0].text).is_none() => match options[0].tick {
            Tick::On => Some((true, shapes::printed(&options[0].text), None)),
            _ => None,
        },
        _ => None,
    }
}

/// `X Oui   _ Non`: letters that stand for boxes, when the answer begins with one.
fn typed_crosses(tokens: &[Token]) -> Vec<Token> {
    let cross = |token: &Token| matches!(token.text.as_str(), "X" | "x" | "_" | "__" | "___" | "V");
    if tokens.len() < 2 || tokens.iter().any(|token| token.tick.is_some()) || !tokens.first().is_some_and(cross) {
        return tokens.to_vec();
    }
    let convert = |token: &Token| match token.text.as_str() {
        _ if !cross(token) => token.clone(),
        "X" | "x" | "V" => Token { text: String::new(), tick: Some(Tick::On), ..token.clone() },
        _ => Token { text: String::new(), tick: Some(Tick::Off), ..token.clone() },
    };
    tokens.iter().map(convert).collect()
}

/// Does an option stand before the first box, or apart from the box before it? Its own box was not seen.
fn has_lost_box(hints: &Hints, tokens: &[Token]) -> bool {
    if is_trailing(tokens) {
        return false;
    }
    let boxes: Vec<usize> = (0..tokens.len()).filter(|at| tokens[*at].tick.is_some()).collect();
    let head = &tokens[..boxes.first().copied().unwrap_or(0)];
    let left_behind = boxes.iter().enumerate().map(|(number, at)| {
        let words = &tokens[at + 1..boxes.get(number + 1).copied().unwrap_or(tokens.len())];
        &words[behind_box(&tokens[*at], words)..]
    });
    std::iter::once(head).chain(left_behind).any(|words| !words.is_empty() && canonical(hints, &join(words)).is_some())
}

/// Does a text name several values? Then boxes between them were not seen.
fn names_several(hints: &Hints, text: &str) -> bool {
    let mut words = fold::words(text);
    let mut known: Vec<(Vec<String>, &String)> = variants(hints)
        .map(|(value, variant)| (fold::words(variant), value))
        .filter(|(words, _)| !words.is_empty())
        .collect();
    known.sort_by_key(|(words, _)| std::cmp::Reverse(words.iter().map(String::len).sum::<usize>()));
    let mut named: Vec<&String> = Vec::new();
    for (variant, value) in known {
        let found = words.windows(variant.len()).position(|window| window == variant.as_slice());
        if let Some(at) = found {
            // Each word speaks once, for the longest wording it is part of.
            words.splice(at..at + variant.len(), [String::new()]);
            if !named.contains(&value) {
                named.push(value);
            }
        }
    }
    named.len() > 1
}

/// Boxes close their options instead of opening them: the first line that has boxes tells. Where it breaks off behind an option,
/// the list as a whole does: it begins with an option and ends with a box.
fn is_trailing(tokens: &[Token]) -> bool {
    let has_boxes = |line: &&[Token]| line.iter().any(|token| token.tick.is_some());
    let is_box = |token: Option<&Token>| token.is_some_and(|token| token.tick.is_some());
    let opens = tokens.chunk_by(|a, b| a.line == b.line).next().is_some_and(|line| has_boxes(&line));
    if opens && !is_box(tokens.first()) && is_box(tokens.last()) {
        return true;
    }
    tokens.chunk_by(|a, b| a.line == b.line).find(has_boxes).is_some_and(|line| {
        line.first().is_some_and(|token| token.tick.is_none()) && line.last().is_some_and(|token| token.tick.is_some())
    })
}

/// Binds each box to its option: the words behind it, or before it where boxes close their options.
fn options(tokens: &[Token], page: &Page) -> Vec<Choice> {
    if !tokens.iter().any(|token| token.tick.is_some()) {
        return Vec::new();
    }
    let sorted = page.is_seen().then(|| from_left(tokens));
    let tokens = sorted.as_deref().unwrap_or(tokens);
    let trailing = is_trailing(tokens);
    let choice = |token: &Token, words: &[Token]| {
        let export = || token.widget.and_then(|at| page.widgets.get(at)).and_then(|widget| widget.export.clone());
        let text = Some(join(words)).filter(|text| !text.is_empty()).or_else(export).unwrap_or_default();
        let certainty = words.iter().map(|word| word.certainty).fold(1.0, f32::min);
        Choice { text, tick: token.tick.unwrap_or(Tick::Unclear), odd: false, certainty }
    };
    let mut options = Vec::new();
    if trailing {
        let mut from = 0;
        for (at, token) in tokens.iter().enumerate().filter(|(_, token)| token.tick.is_some()) {
            options.push(choice(token, &tokens[from..at]));
            from = at + 1;
        }
        return options;
    }
    let boxes: Vec<usize> = (0..tokens.len()).filter(|at| tokens[*at].tick.is_some()).collect();
    // Boxes of one font are of one width: a narrow one has been squeezed under its neighbour.
    let widest = boxes.iter().map(|at| tokens[*at].bbox.width()).fold(0.0, f32::max);
    for (number, at) in boxes.iter().enumerate() {
        let until = boxes.get(number + 1).copied().unwrap_or(tokens.len());
        let words = &tokens[at + 1..until];
        let mut option = choice(&tokens[*at], &words[..behind_box(&tokens[*at], words)]);
        // A box at either end: nobody can tell whether the boxes open their options or close them.
        let both_ends = boxes.len() > 1 && boxes[0] == 0 && boxes.last() == Some(&(tokens.len() - 1));
        option.odd = both_ends
            || tokens.get(at + 1).is_some_and(|next| collide(&tokens[*at], next))
            || tokens[*at].bbox.width() < 0.6 * widest;
        options.push(option);
    }
    options
}

/// One line of a picture as the eye meets it: a box that stands against the wall of its cell comes last otherwise, and would close
/// the option that it does not open. Lines below one another, and Arabic, stay as they are.
fn from_left(tokens: &[Token]) -> Vec<Token> {
    let mut sorted = tokens.to_vec();
    let middle = |token: &Token| token.bbox.centre().1;
    let level = sorted.iter().all(|token| {
        (middle(token) - middle(&sorted[0])).abs() < 0.6 * token.bbox.height().max(sorted[0].bbox.height())
    });
    if level && !sorted.iter().any(|token| token.text.chars().any(fold::is_arabic)) {
        sorted.sort_by(|a, b| a.bbox.x0.total_cmp(&b.bbox.x0));
    }
    sorted
}

/// A box printed over its neighbour: a font gone wrong has moved it, and its option is anyone's guess.
fn collide(tick: &Token, next: &Token) -> bool {
    let shared = tick.bbox.x1.min(next.bbox.x1) - tick.bbox.x0.max(next.bbox.x0);
    let level = tick.line == next.line && (tick.bbox.centre().1 - next.bbox.centre().1).abs() < tick.bbox.height();
    level && tick.bbox != next.bbox && shared > 0.4 * tick.bbox.width()
}

/// How many words belong to the box before them: up to a wide gap, for a box that was lost leaves its option behind.
fn behind_box(tick: &Token, words: &[Token]) -> usize {
    let mut end = tick;
    for (count, word) in words.iter().enumerate() {
        let gap = word.bbox.x0 - end.bbox.x1;
        if word.line == end.line && gap > 1.7 * word.bbox.height().max(6.0) && count > 0 {
            return count;
        }
        end = word;
    }
    words.len()
}

/// Is a text nothing but options of a choice, as the schema words them?
pub(super) fn all_offered(hints: &Hints, text: &str) -> bool {
    let mut pieces = text.split([',', ';', '|']).map(str::trim).filter(|piece| !piece.is_empty()).peekable();
    pieces.peek().is_some() && pieces.all(|piece| exact(hints, piece).is_some())
}

/// How many boxes an answer has, and the share of those whose option the schema knows.
pub(super) fn offered(hints: &Hints, tokens: &[Token], page: &Page) -> (usize, f32) {
    let options = options(&typed_crosses(tokens), page);
    let known = options.iter().filter(|option| exact(hints, &shapes::printed(&option.text)).is_some()).count();
    let share = |part: usize| f32::from(u16::try_from(part).unwrap_or(u16::MAX));
    (options.len(), share(known) / share(options.len().max(1)))
}

/// Holds an answer boxes of which `others` know the option and its own choice does not? They are another question's.
pub(super) fn holds_foreign<'h>(
    hints: &Hints,
    others: &(impl Iterator<Item = &'h Hints> + Clone),
    tokens: &[Token],
    page: &Page,
) -> bool {
    options(&typed_crosses(tokens), page).iter().any(|option| {
        let text = shapes::printed(&option.text);
        canonical(hints, &text).is_none() && others.clone().any(|other| exact(other, &text).is_some())
    })
}

/// A list in words: `CIB, VISA, Mastercard`.
fn from_words(hints: &Hints, text: &str) -> Chosen {
    let text = shapes::printed(text);
    let mut chosen = Chosen { raw: text.clone(), known: !text.is_empty(), ..Chosen::default() };
    if let Some(value) = exact(hints, &text) {
        chosen.values.push(value);
        return chosen;
    }
    for piece in text.split([',', ';', '|', '+', '•']).map(str::trim).filter(|piece| !piece.is_empty()) {
        if let Some(value) = canonical(hints, piece) {
            let parts: Vec<&str> = parts_of(piece);
            // Options in a row whose boxes went unseen: which of them are chosen nobody knows.
            chosen.unclear |= parts.iter().any(|part| exact(hints, part).is_none() && names_several(hints, part));
            let words: Vec<String> = parts.iter().filter_map(|part| exact(hints, part)).collect();
            let several: Vec<String> = parts.iter().filter_map(|part| canonical(hints, part)).collect();
            let differ = several.iter().any(|value| *value != several[0]);
            if words.len() > 1 || differ {
                // What stands among known values and is none must not be lost in silence.
                chosen.known &= words.len() == parts.len();
                for value in several {
                    keep(&mut chosen.values, value);
                }
            } else {
                keep(&mut chosen.values, value);
            }
            continue;
        }
        let parts: Vec<&str> = parts_of(piece);
        let values: Vec<Option<String>> = parts.iter().map(|part| canonical(hints, part)).collect();
        chosen.known &= values.iter().all(Option::is_some);
        for value in values.into_iter().flatten() {
            keep(&mut chosen.values, value);
        }
    }
    chosen
}

/// Parted by a stroke or an `et`; a hyphen parts only between blanks, for values have hyphens of their own.
fn parts_of(piece: &str) -> Vec<&str> {
    piece
        .split(['/', '&'])
        .flat_map(|part| part.split(" et "))
        .flat_map(|part| part.split(" - "))
        .flat_map(|part| part.split(" – "))
        .map(str::trim)
        .filter(|part| !part.is_empty())
        .collect()
}

fn keep(values: &mut Vec<String>, value: String) {
    if !values.contains(&value) {
        values.push(value);
    }
}

fn compact(text: &str) -> String {
    fold::words(text).concat()
}

fn variants(hints: &Hints) -> impl Iterator<Item = (&String, &String)> {
    hints
        .choices
        .iter()
        .flat_map(|(value, variants)| variants.iter().chain(std::iter::once(value)).map(move |text| (value, text)))
}

fn exact(hints: &Hints, text: &str) -> Option<String> {
    let asked = compact(text);
    variants(hints).find(|(_, variant)| !asked.is_empty() && compact(variant) == asked).map(|(value, _)| value.clone())
}

/// The schema's value for an option as printed; the longest known wording inside it wins.
pub(super) fn canonical(hints: &Hints, text: &str) -> Option<String> {
    if let Some(value) = exact(hints, text) {
        return Some(value);
    }
    let words = fold::words(text);
    let mut best: Option<(usize, &String)> = None;
    for (value, variant) in variants(hints) {
        let known = fold::words(variant);
        let inside = !known.is_empty() && words.windows(known.len()).any(|window| window == known.as_slice());
        let length: usize = known.iter().map(String::len).sum();
        if inside && best.is_none_or(|(longest, _)| length > longest) {
            best = Some((length, value));
        }
    }
    best.map(|(_, value)| value.clone()).or_else(|| currency(hints, text))
}

/// `Autre : LYD`: currencies are a closed world of their own.
fn currency(hints: &Hints, text: &str) -> Option<String> {
    const CODES: &str = "AED AUD BHD CAD CHF CNY DKK DZD EGP EUR GBP INR JOD JPY KWD LBP LYD MAD MRU NOK OMR QAR RUB SAR SEK TND TRY USD XAF XOF";
    if !hints.choices.contains_key("TND") {
        return None;
    }
    let is_code = |word: &&str| word.len() == 3 && CODES.split(' ').any(|code| code == *word);
    text.split(|c: char| !c.is_ascii_alphabetic()).find(is_code).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::field::Rect;
    use crate::extraction::page::{Segment, Source};
    use crate::schemas::Forms;

    /// `☒ TND ☐ EUR` set ten points to a sign; `~` leaves a wide gap, `⏎` begins another line.
    fn chosen(key: &str, text: &str) -> Chosen {
        let forms = Forms::built_in();
        let fields = forms.forms.iter().flat_map(|form| &form.fields);
        let spec = fields.into_iter().find(|spec| spec.key.as_str() == key).expect("a field");
        let (mut x, mut line) = (0.0, 0);
        let mut tokens = Vec::new();
        for word in text.split(' ') {
            if word == "~" {
                x += 60.0;
                continue;
            }
            if word == "⏎" {
                (x, line) = (0.0, line + 1);
                continue;
            }
            let tick = match word {
                "☒" => Some(Tick::On),
                "☐" => Some(Tick::Off),
                _ => None,
            };
            let width = 5.0 * f32::from(u8::try_from(word.chars().count()).unwrap());
            let top = 20.0 * f32::from(u8::try_from(line).unwrap());
            let bbox = Rect { x0: x, y0: top, x1: x + width, y1: top + 8.0 };
            x += width + 3.0;
            let text = if tick.is_some() { String::new() } else { word.to_owned() };
            tokens.push(Token { text, tick, bbox, certainty: 1.0, line, widget: None });
        }
        let seen = Segment { words: Vec::new(), bbox: Rect::default(), source: Source::Ocr, size: 8.0, bold: false };
        read(&spec.hints, &tokens, &Page { segments: vec![seen], ..Page::default() })
    }

    #[test]
    fn boxes_bind_to_what_follows_them() {
        let read = chosen("devises", "☒ TND ☐ EUR ☒ Dollar US (USD)");
        assert_eq!(read.values, ["TND", "USD"]);
        assert!(!read.unclear);
        assert!(!chosen("devises", "TND, EUR").unclear);
        assert!(!chosen("devises", "Dollar US (USD)").unclear);
        assert!(!chosen("types_paiement", "☒ Paiement en plusieurs fois (multi-échéances) ☐ Récurrent").unclear);
    }

    #[test]
    fn boxes_that_close_their_options_do_so_over_the_end_of_a_line() {
        let read = chosen("devises", "TND ☒ EUR ☐ USD ⏎ ☐ GBP ☒");
        assert_eq!(read.values, ["TND", "GBP"]);
    }

    #[test]
    fn what_is_lost_among_options_in_words_is_missed() {
        let read = chosen("cartes", "CIB / Visa conforme");
        assert_eq!((read.values, read.known), (vec!["CIB".to_owned(), "Visa".to_owned()], false));
    }

    /// It was met as a piece of its own, behind the words of the line.
    #[test]
    fn a_box_against_the_wall_opens_the_option_on_its_right() {
        let token = |text: &str, tick, x: f32| {
            let bbox = Rect { x0: x, y0: 0.0, x1: x + 12.0, y1: 8.0 };
            Token { text: text.to_owned(), tick, bbox, certainty: 1.0, line: 0, widget: None }
        };
        let line = [
            token("Oui", None, 15.0),
            token("", Some(Tick::Off), 50.0),
            token("Non", None, 65.0),
            token("", Some(Tick::On), 0.0),
        ];
        let seen = Segment { words: Vec::new(), bbox: Rect::default(), source: Source::Ocr, size: 8.0, bold: false };
        let picture = Page { segments: vec![seen], ..Page::default() };
        assert_eq!(flag(&line, &picture).map(|(flag, ..)| flag), Some(true));
    }

    #[test]
    fn an_option_whose_box_went_unseen_makes_the_choice_unclear() {
        for text in ["☒ TND ☐ EUR GBP", "☒ TND ☐ EUR ~ GBP", "TND ☐ EUR ☒ USD", "TND EUR USD"] {
            assert!(chosen("devises", text).unclear, "{text}");
        }
    }
}
