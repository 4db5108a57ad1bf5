//! Trust: what the evidence for a value amounts to.
//!
//! A value is trusted when its label is clearly matched, its bounds are sure, its form and check hold and no witness
//! contradicts it. Whatever is missing is a named doubt, and a person looks.

use super::answers::{Answer, Stand};
use super::assign::Chosen;
use super::normalise::{Reading, is_particle};
use super::questions::Question;
use super::second::{self, Opinion};
use super::shapes;
use super::units::Token;
use crate::domain::field::{Doubt, Method, Rect, Trust};
use crate::domain::values::ValueType;
use crate::extraction::page::{Page, Source};
use crate::schemas::Thresholds;

/// All that speaks for or against one value.
pub(super) struct Evidence<'a> {
    pub value_type: ValueType,
    pub chosen: &'a Chosen,
    pub question: &'a Question,
    pub answer: &'a Answer,
    pub reading: &'a Reading,
    pub page: &'a Page,
    /// The value is made of label words: it may be the label of something else.
    pub sounds_like_label: bool,
    /// It is what was so far, and a new value may have been meant to replace it.
    pub former: bool,
}

/// Trusted, or the doubts; and a confidence from 0 to 1.
pub(super) fn weigh(evidence: &Evidence<'_>, thresholds: &Thresholds) -> (Trust, f32) {
    let Evidence { value_type, chosen, question, answer, reading, page, sounds_like_label, former } = evidence;
    let mut doubts = reading.doubts.clone();
    if *value_type == ValueType::PersonName && is_broken(answer) {
        doubts.push(Doubt::BoundsUnsure);
    }
    let typed = is_typed(*value_type);
    // A proven value needs less of its label: hardly anything else looks like it.
    let least = match (reading.proven, typed) {
        (true, _) => thresholds.label_of_proven,
        // A label of which words are not understood must be as near as one of free words.
        (false, true) if !question.meaning.has_unknown() => thresholds.label_of_typed,
        (false, true) => thresholds.label_of_free,
        (false, false) => thresholds.label_of_free,
    };
    let misplaced = chosen.in_section == Some(false) && !chosen.exact && chosen.label < thresholds.same_words;
    if chosen.label < least
        || misplaced
        || question.meaning.near && !reading.proven
        || (chosen.contested || chosen.unexplained || chosen.off_habit) && !reading.proven
    {
        doubts.push(Doubt::LabelUnsure);
    }
    // A check proves a number, not whose it is.
    if chosen.of_another {
        doubts.push(Doubt::LabelUnsure);
    }
    if *former {
        doubts.push(Doubt::Ambiguous);
    }
    if (*sounds_like_label || question.split) && !reading.proven {
        doubts.push(Doubt::LabelUnsure);
    }
    if order_unsure(question, answer, reading) {
        doubts.push(Doubt::BoundsUnsure);
    }
    if chosen.runs_on && !reading.proven || bounds_unsure(*value_type, chosen, answer, reading) {
        doubts.push(Doubt::BoundsUnsure);
    }
    if let Some(doubt) = witness(*value_type, answer, reading, page) {
        doubts.push(doubt);
    }
    if is_cut(answer, page) {
        doubts.push(Doubt::BoundsUnsure);
    }
    let all_words = || answer.tokens.iter().map(|token| token.certainty).fold(1.0, f32::min);
    let certainty = reading.certainty.unwrap_or_else(all_words);
    if reading.method == Method::Ocr || page.is_seen() {
        let opinion = second::opinion(answer, page);
        let enough = match (opinion, reading.proven) {
            // Two engines make the same slip where the letters themselves are bad, and no form tells it in free words.
            (Opinion::Agrees | Opinion::AgreesButForBlanks, false) if !typed => thresholds.ocr_agreed_free,
            (Opinion::Agrees | Opinion::AgreesButForBlanks, _) => thresholds.ocr_agreed,
            // What the schema words just so is nearly proven, and the boxes beside it tell another engine nothing.
            _ if reading.certainty.is_some() => thresholds.ocr_of_proven,
            (Opinion::None, true) => thresholds.ocr_of_proven,
            (Opinion::None, false) | (Opinion::Differs, true) => thresholds.ocr,
            (Opinion::Differs, false) => thresholds.ocr_contradicted,
        };
        // A slip in a name or an address makes another one, and no form tells: two engines must read it alike.
        let alone = reading.method == Method::Ocr && !typed && !reading.proven && opinion != Opinion::Agrees;
        if certainty < enough || alone || misspells_company(&reading.raw) {
            doubts.push(Doubt::WeakReading);
        }
        if holds_more(answer, page) {
            doubts.push(Doubt::BoundsUnsure);
        }
        if by_hand(answer, page) {
            doubts.push(Doubt::Handwritten);
        }
        if is_half_a_matricule(*value_type, reading) {
            doubts.push(Doubt::BoundsUnsure);
        }
    } else if certainty < thresholds.printed {
        doubts.push(Doubt::WeakReading);
    }
    doubts.sort_unstable();
    doubts.dedup();
    let confidence = (chosen.label.min(1.0) * certainty).clamp(0.0, 1.0);
    if doubts.is_empty() { (Trust::Trusted, confidence) } else { (Trust::Doubtful(doubts), confidence) }
}

/// `Ghorbe` over `l`: a name that its narrow cell has broken in the middle of a word, or a line that is none of it.
fn is_broken(answer: &Answer) -> bool {
    answer.tokens.windows(2).any(|pair| {
        let small = pair[1].text.starts_with(char::is_lowercase);
        pair[0].line != pair[1].line && small && !is_particle(&pair[1].text)
    })
}

/// Does the answer end at the edge of the paper, or in the middle of a word that a wall or another reading cut in two?
fn is_cut(answer: &Answer, page: &Page) -> bool {
    /// Points from the edge, and share of the type's height, within which nothing parts two signs.
    const EDGE: f32 = 2.0;
    const PARTED: f32 = 0.1;
    let Some(last) = answer.tokens.last().filter(|token| token.widget.is_none() && token.tick.is_none()) else {
        return false;
    };
    let level = |bbox: &Rect| (bbox.y0..bbox.y1).contains(&last.bbox.centre().1);
    let goes_on = |bbox: &Rect| {
        let gap = bbox.x0 - last.bbox.x1;
        level(bbox) && gap.abs() < PARTED * last.bbox.height() && bbox.x1 > last.bbox.x1 + 1.0
    };
    let printed = || page.segments.iter().filter(|segment| segment.source == Source::Text);
    page.sheet.is_none()
        && (last.bbox.x1 > page.width - EDGE
            || printed().any(|segment| level(&segment.bbox) && segment.words.iter().any(|word| goes_on(&word.bbox))))
}

/// On a line read from right to left, pieces in Latin letters or digits may stand in either order.
fn order_unsure(question: &Question, answer: &Answer, reading: &Reading) -> bool {
    let level = |pair: &[Token]| pair[0].line == pair[1].line && pair[0].widget.is_none();
    let latin = |token: &Token| token.text.chars().any(|c| c.is_ascii_alphanumeric());
    let digits = |token: &Token| token.text.chars().any(char::is_numeric);
    question.is_arabic()
        && !reading.proven
        && answer.cell.is_none()
        && answer
            .tokens
            .windows(2)
            .any(|pair| level(pair) && (digits(&pair[0]) || digits(&pair[1])) && (latin(&pair[0]) || latin(&pair[1])))
}

/// `SUARI`, `SAR1`: the form of a company once strokes are read as the letter that engines take for one.
fn misspells_company(text: &str) -> bool {
    let strokes = ['I', '1', '|', ']', '!', 'J'];
    text.split_whitespace()
        .any(|word| !shapes::names_company(word) && shapes::names_company(&word.replace(strokes, "L")))
}

/// The letter proves the digits before it and nothing behind it: on a picture the rest may lie in cells that were not joined.
fn is_half_a_matricule(value_type: ValueType, reading: &Reading) -> bool {
    let whole = || reading.value.as_text().is_some_and(|text| text.contains('/'));
    value_type == ValueType::MatriculeFiscal && reading.proven && !whole()
}

/// Does the answer's own cell hold ink beside it that nobody could read?
fn holds_more(answer: &Answer, page: &Page) -> bool {
    let read = super::units::bounds(&answer.tokens);
    let unread = |ink: Rect| answer.area.contains(ink.centre()) && !read.contains(ink.centre());
    answer.closed && page.inks.iter().any(|ink| unread(ink.bbox))
}

/// A page with more hand than this among its words, and no fewer than the second, is filled in by hand: its short words,
/// which tell nothing by themselves, are then doubted with the others.
const FILLED_BY_HAND: (f32, usize) = (0.12, 6);

/// Does a word of the answer look written, or is the whole page filled in by hand? Boxes are ticked by hand on any page.
fn by_hand(answer: &Answer, page: &Page) -> bool {
    let words = |token: &&Token| token.tick.is_none();
    // Beside boxes stand the form's own words; their brackets are uneven enough.
    if page.hands.is_empty() || !answer.tokens.iter().all(|token| words(&token)) {
        return false;
    }
    #[expect(clippy::cast_precision_loss, reason = "words of a page")]
    let share = || {
        let read = page.segments.iter().filter(|segment| segment.source == Source::Ocr);
        page.hands.len() as f32 / read.map(|segment| segment.words.len()).sum::<usize>().max(1) as f32
    };
    let written = |token: &Token| page.hands.iter().any(|hand| hand.contains(token.bbox.centre()));
    answer.tokens.iter().filter(words).any(written)
        || page.hands.len() >= FILLED_BY_HAND.1 && share() >= FILLED_BY_HAND.0
}

/// Free words need bounds: lines that nothing holds together, or pieces far apart, may be two values.
fn bounds_unsure(value_type: ValueType, chosen: &Chosen, answer: &Answer, reading: &Reading) -> bool {
    if reading.proven || matches!(value_type, ValueType::Choice | ValueType::Choices | ValueType::Flag) {
        return false;
    }
    // Under its label alone, as all answers of the page are, a line has its bounds.
    let set_apart = matches!(answer.stand, Stand::Under | Stand::Over)
        && !answer.closed
        && !(chosen.on_habit && answer.units.len() == 1);
    let apart = answer.tokens.windows(2).any(|pair| is_far(&pair[0], &pair[1]))
        || answer.tokens.last().is_some_and(|last| last.text.ends_with(','));
    match value_type {
        ValueType::Text
        | ValueType::PersonName
        | ValueType::Bank
        | ValueType::Governorate
        | ValueType::RegistreCommerce => answer.joined || apart || set_apart,
        _ => false,
    }
}

fn is_far(left: &Token, right: &Token) -> bool {
    let level = left.line == right.line && left.widget.is_none();
    level && right.bbox.x0 - left.bbox.x1 > 2.5 * left.bbox.height().max(6.0)
}

/// A form field's drawn text, or a second reading, must say the same.
fn witness(value_type: ValueType, answer: &Answer, reading: &Reading, page: &Page) -> Option<Doubt> {
    let widget = page.widgets.get(answer.widget?)?;
    if widget.disputed {
        return Some(Doubt::WitnessesDisagree);
    }
    if matches!(value_type, ValueType::Choice | ValueType::Choices | ValueType::Flag) {
        return None;
    }
    let mut drawn: Vec<_> = page
        .segments
        .iter()
        .filter(|segment| segment.source == Source::Appearance)
        .flat_map(|segment| &segment.words)
        .filter(|word| widget.rect.contains(word.bbox.centre()))
        .collect();
    drawn.sort_by(|a, b| {
        (a.bbox.y0 / 4.0).round().total_cmp(&(b.bbox.y0 / 4.0).round()).then(a.bbox.x0.total_cmp(&b.bbox.x0))
    });
    let drawn: Vec<String> = drawn.iter().flat_map(|word| super::fold::words(&word.text)).collect();
    // One field for two values draws both.
    let whole = super::fold::words(widget.value.as_deref().unwrap_or_default());
    let stored = super::fold::words(&reading.raw);
    let same =
        says_the_same(&drawn, &stored) || whole.concat().contains(&stored.concat()) && says_the_same(&drawn, &whole);
    (!same).then_some(Doubt::WitnessesDisagree)
}

/// The drawn words against the stored ones. A narrow box may show only the head of its value, and lines may be drawn in
/// another order; letters in another order are another value. Arabic may be drawn from left to right.
fn says_the_same(drawn: &[String], stored: &[String]) -> bool {
    let sorted = |words: &[String]| {
        let mut words = words.to_vec();
        words.sort_unstable();
        words
    };
    let letters = |words: &[String]| {
        let mut letters: Vec<char> = words.concat().chars().collect();
        letters.sort_unstable();
        letters
    };
    let arabic = stored.iter().any(|word| word.chars().any(super::fold::is_arabic));
    let (shown, kept) = (drawn.concat(), stored.concat());
    shown.is_empty()
        || kept.contains(&shown)
        || sorted(drawn) == sorted(stored)
        || arabic && letters(drawn) == letters(stored)
}

/// Types whose values have a form of their own, so that a value speaks for or against its label.
fn is_typed(value_type: ValueType) -> bool {
    !matches!(value_type, ValueType::Text | ValueType::PersonName)
}

#[cfg(test)]
mod tests {
    use super::misspells_company;

    #[test]
    fn the_form_of_a_company_ends_in_its_letter() {
        for text in ["La Maison d'Erriadh SUARI", "SAR1 Oasis"] {
            assert!(misspells_company(text), "{text}");
        }
        for text in ["Oasis SARL", "SUARL", "Sari", "SA", "Ben Ali"] {
            assert!(!misspells_company(text), "{text}");
        }
    }
}
