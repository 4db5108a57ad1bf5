//! A place without a value: is it blank?
//!
//! Print says so itself. On a picture a value may stand there that was not made out, and no merchant may be told that it is
//! missing: only paper that was looked at is blank.

use super::Reader;
use crate::domain::field::{Absence, Rect};
use crate::domain::values::ValueType;
use crate::extraction::engine::answers::Answer;
use crate::extraction::engine::assign::{Asked, Chosen};
use crate::extraction::engine::questions::Question;
use crate::extraction::page::Page;
use crate::schemas::FieldSpec;

/// An answer under its label begins within so many heights of the label's line.
const UNDER: f32 = 1.6;
/// An answer under a short label may reach so far, in points.
const REACH: f32 = 120.0;
/// The first rows of a table lie within so many heights of its heading.
const ROWS: f32 = 4.0;
/// Less than this of an ink in a place is a letter of a neighbour that overshoots, in points.
const OVERSHOOT: f32 = 3.0;

impl Reader<'_> {
    /// Why a field has no value whose label was found and whose place gave none.
    pub(super) fn absence(
        &self,
        spec: &FieldSpec,
        one: &Chosen,
        answer: Option<&Answer>,
        asked: &[Asked<'_>],
        chosen: &[Chosen],
    ) -> Absence {
        let question = asked[one.asked].question;
        let page = &self.pages[question.page];
        let here = |place: &Rect| holds_ink(place, page);
        if !page.is_seen() {
            let drawn = answer.is_some_and(|answer| here(&answer.area));
            return if drawn { Absence::Unreadable } else { Absence::Blank };
        }
        let something = match answer {
            Some(answer) => here(&with_way(question, answer)) || lacks_a_box(spec, answer),
            None => places(question, asked, chosen, page)
                .iter()
                .any(|place| here(place) || holds_unused(place, one.asked, page, asked, chosen)),
        };
        if something { Absence::Unreadable } else { Absence::Blank }
    }

    /// Why a table under this heading has no rows.
    pub(super) fn rows_absence(&self, page: usize, head: &Rect) -> Absence {
        let rows = Rect { y0: head.y1, y1: head.y1 + ROWS * head.height().max(6.0), ..*head };
        if holds_ink(&rows, &self.pages[page]) { Absence::Unreadable } else { Absence::Blank }
    }
}

/// The answer's area, and what lies between it and its label on the same line.
fn with_way(question: &Question, answer: &Answer) -> Rect {
    let (label, area) = (question.label_box, answer.area);
    let level = (area.y0..area.y1).contains(&label.centre().1);
    match level {
        true if area.x0 > label.x1 => Rect { x0: label.x1, ..area },
        true if area.x1 < label.x0 => Rect { x1: label.x0, ..area },
        _ => area,
    }
}

/// Where an answer of this label may stand: up to the next label on its line, and under it.
fn places(question: &Question, asked: &[Asked<'_>], chosen: &[Chosen], page: &Page) -> [Rect; 2] {
    let label = question.label_box;
    let level = chosen
        .iter()
        .map(|other| asked[other.asked].question)
        .filter(|other| other.page == question.page)
        .map(|other| other.label_box)
        .filter(|other| (other.y0..other.y1).contains(&label.centre().1));
    let beside = if question.is_arabic() {
        let end = level.map(|other| other.x1).filter(|x1| *x1 <= label.x0).fold(0.0, f32::max);
        Rect { x0: end, x1: label.x0, ..label }
    } else {
        let end = level.map(|other| other.x0).filter(|x0| *x0 >= label.x1).fold(page.width, f32::min);
        Rect { x0: label.x1, x1: end, ..label }
    };
    let height = label.height().max(6.0);
    let under = Rect { y0: label.y1, y1: label.y1 + UNDER * height, x1: label.x1.max(label.x0 + REACH), ..label };
    [beside, under]
}

fn holds_ink(place: &Rect, page: &Page) -> bool {
    page.inks.iter().any(|ink| {
        let across = ink.bbox.x1.min(place.x1) - ink.bbox.x0.max(place.x0);
        let down = ink.bbox.y1.min(place.y1) - ink.bbox.y0.max(place.y0);
        across > OVERSHOOT && down > OVERSHOOT
    })
}

/// Words or boxes that are neither a label nor another label's answer.
fn holds_unused(place: &Rect, own: usize, page: &Page, asked: &[Asked<'_>], chosen: &[Chosen]) -> bool {
    let number = asked[own].question.page;
    let here = |at: usize| asked[at].question.page == number;
    let used = |spot: &Rect| {
        let labels = chosen.iter().map(|other| asked[other.asked].question).filter(|other| other.page == number);
        let answers = chosen.iter().filter(|one| here(one.asked));
        let answers = answers.filter_map(|one| one.answer.map(|at| asked[one.asked].answers[at].area));
        let centre = spot.centre();
        labels.map(|other| other.label_box).chain(answers).any(|area| area.contains(centre))
    };
    let words = page.segments.iter().flat_map(|segment| &segment.words).map(|word| word.bbox);
    let marks = page.marks.iter().map(|mark| mark.bbox);
    words.chain(marks).any(|spot| place.contains(spot.centre()) && !used(&spot))
}

/// Options of which one stands without a box: its box may be the one that is ticked.
fn lacks_a_box(spec: &FieldSpec, answer: &Answer) -> bool {
    let choice = matches!(spec.hints.value_type, ValueType::Choice | ValueType::Choices | ValueType::Flag);
    let boxes = answer.tokens.iter().filter(|token| token.tick.is_some()).count();
    let groups = answer.tokens.split(|token| token.tick.is_some()).filter(|words| !words.is_empty()).count();
    choice && groups > boxes
}
