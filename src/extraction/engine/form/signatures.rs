//! Signature and stamp: the labels that ask for ink, and what their zones show.

use std::collections::{BTreeMap, HashMap};

use super::Reader;
use crate::domain::field::{Doubt, Field, FieldKey, Gap, Method, Rect, Trust, Value};
use crate::domain::values::ValueType;
use crate::extraction::engine::neighbours::{Neighbours, Role};
use crate::extraction::engine::questions::Question;
use crate::extraction::engine::sections::Heading;
use crate::extraction::engine::signature;
use crate::extraction::engine::units::Unit;
use crate::extraction::page::Source;

/// A label of a signature is at least this near a known wording, and a caption under the heading `Signature` this near.
const LEAST_LABEL: f32 = 0.7;
const LEAST_CAPTION: f32 = 0.5;

/// A stamp's words stand this near its ring, in points.
const STAMPED: f32 = 12.0;

/// Share of its box, and width in points, from which ink may be a signature.
const SOME_INK: (f32, f32) = (0.002, 40.0);

impl Reader<'_> {
    pub(super) fn signatures(
        &self,
        questions: &[Vec<Question>],
        near: &Neighbours<'_>,
        headings: &[Heading],
        fields: &mut BTreeMap<FieldKey, Field>,
        gaps: &mut HashMap<usize, Gap>,
    ) {
        let unasked = self.signature_words(questions, near);
        for question in questions.iter().flatten().chain(&unasked) {
            let unit = &self.units[question.unit];
            if near.roles[question.unit] == Role::Taken || self.is_in_ink(unit) || self.is_stamped(unit, question) {
                continue;
            }
            let section = self
                .heading_of(headings, question.page, &question.label_box)
                .and_then(|heading| heading.section.as_deref());
            let Some(best) = self.lexicon.fields(self.number, &question.meaning, section).into_iter().next() else {
                continue;
            };
            let spec = &self.form().fields[best.field];
            let says_so = ["signature", "cachet"].iter().any(|word| self.lexicon.says(&question.meaning, word));
            // A heading `Signature` stands above the zone's own label: without ink it speaks only when nothing else does.
            let heading = near.roles[question.unit] == Role::Heading;
            // Below it, a caption may call the signer by a name nobody has listed.
            let caption = !heading && !question.marked && section == spec.hints.section.as_deref();
            let least = if caption { LEAST_CAPTION } else { LEAST_LABEL };
            if spec.hints.value_type != ValueType::Ink || best.score < least || !(best.exact || says_so) {
                continue;
            }
            let page = &self.pages[question.page];
            let presence = signature::look(question, page, self.pages.get(question.page + 1), self.units);
            let known = fields.get(&spec.key).map(|field| field.value == Value::Flag(true));
            if known == Some(true) || heading && !presence.present && known.is_some() {
                continue;
            }
            gaps.remove(&best.field);
            // Ink elsewhere on the page may be the signature, under words that were not understood.
            let elsewhere = !presence.present
                && page.inks.iter().any(|ink| ink.share > SOME_INK.0 && ink.bbox.width() > SOME_INK.1);
            let trust = match presence.clear && !elsewhere {
                // Words to its left may make the label another: `Signature et` before `cachet`.
                true if self.goes_on_left(unit) => Trust::Doubtful(vec![Doubt::LabelUnsure]),
                true => Trust::Trusted,
                false => Trust::Doubtful(vec![Doubt::WeakReading]),
            };
            let method = if page.sheet.is_some() { Method::Cell } else { Method::Ink };
            fields.insert(
                spec.key.clone(),
                Field {
                    key: spec.key.clone(),
                    value: Value::Flag(presence.present),
                    raw: String::new(),
                    place: Some(self.place(question.page, presence.zone, None)),
                    label: Some(question.label.clone()),
                    method,
                    confidence: if presence.clear { 0.98 } else { 0.6 },
                    trust,
                    changes: Vec::new(),
                },
            );
        }
    }

    /// Words of a stamp are no label.
    fn is_in_ink(&self, unit: &Unit) -> bool {
        self.pages[unit.page].inks.iter().any(|ink| ink.bbox.contains(unit.ink.centre()))
    }

    /// On a picture a line may come in pieces: does another stand right before this one, no further than a blank or two?
    fn goes_on_left(&self, unit: &Unit) -> bool {
        let before = |other: &Unit| {
            let (_, y) = other.ink.centre();
            let gap = unit.ink.x0 - other.ink.x1;
            let level = y > unit.ink.y0 - 2.0 && y < unit.ink.y1 + 2.0;
            other.page == unit.page && level && (-1.0..1.5 * unit.size.max(6.0)).contains(&gap) && !other.has_ticks()
        };
        unit.source == Source::Ocr && self.units.iter().any(|other| !other.tokens.is_empty() && before(other))
    }

    /// A stamp may say so itself: `CACHET`, alone and beside its ring, asks for nothing.
    fn is_stamped(&self, unit: &Unit, question: &Question) -> bool {
        let beside = |ink: &Rect| {
            let (x, y) = (STAMPED, STAMPED);
            unit.ink.x0 < ink.x1 + x && unit.ink.x1 > ink.x0 - x && unit.ink.y0 < ink.y1 + y && unit.ink.y1 > ink.y0 - y
        };
        unit.source == Source::Ocr
            && unit.tokens.len() == 1
            && !question.marked
            && (question.meaning.near || self.pages[unit.page].inks.iter().any(|ink| beside(&ink.bbox)))
    }

    pub(super) fn asks_for_ink(&self, question: &Question) -> bool {
        let best = self.lexicon.fields(self.number, &question.meaning, None).into_iter().next();
        best.is_some_and(|best| best.score > 0.8 && self.form().fields[best.field].hints.value_type == ValueType::Ink)
    }

    /// Short lines that speak of a signature though no wording of ours says so.
    fn signature_words(&self, questions: &[Vec<Question>], near: &Neighbours<'_>) -> Vec<Question> {
        let mut found = Vec::new();
        for (at, unit) in self.units.iter().enumerate() {
            if unit.widget.is_some()
                || unit.tokens.len() > 9
                || !questions[at].is_empty()
                || near.roles[at] == Role::Prose
            {
                continue;
            }
            let label = unit.text();
            let meaning = self.lexicon.meaning(&label);
            if self.lexicon.says(&meaning, "signature") {
                let likeness = self.lexicon.label_likeness(&meaning);
                let label_box = unit.area;
                found.push(Question {
                    unit: at,
                    page: unit.page,
                    label,
                    meaning,
                    label_box,
                    marked: false,
                    split: false,
                    likeness,
                    content: 0..0,
                });
            }
        }
        found
    }
}
