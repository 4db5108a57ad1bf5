//! Signature and stamp: the labels that ask for ink, and what their zones show.

use std::collections::{BTreeMap, HashMap};

use super::Reader;
use crate::domain::field::{Doubt, Field, FieldKey, Gap, Method, Trust, Value};
use crate::domain::values::ValueType;
use crate::extraction::engine::neighbours::{Neighbours, Role};
use crate::extraction::engine::questions::Question;
use crate::extraction::engine::sections::Heading;
use crate::extraction::engine::signature;
use crate::extraction::engine::units::Unit;

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
            if near.roles[question.unit] == Role::Taken || self.is_in_ink(&self.units[question.unit]) {
                continue;
            }
            let section = self
                .heading_of(headings, question.page, &question.label_box)
                .and_then(|heading| heading.section.as_deref());
            let Some(best) = self.lexicon.fields(self.number, &question.meaning, section).into_iter().next() else {
                continue;
            };
            let spec = &self.form().fields[best.field];
            if spec.hints.value_type != ValueType::Ink || best.score < 0.7 {
                continue;
            }
            // A heading `Signature` stands above the zone's own label: without ink it speaks only when nothing else does.
            let heading = near.roles[question.unit] == Role::Heading;
            let page = &self.pages[question.page];
            let presence = signature::look(question, page, self.pages.get(question.page + 1), self.units);
            let known = fields.get(&spec.key).map(|field| field.value == Value::Flag(true));
            if known == Some(true) || heading && !presence.present && known.is_some() {
                continue;
            }
            gaps.remove(&best.field);
            let trust = if presence.clear { Trust::Trusted } else { Trust::Doubtful(vec![Doubt::WeakReading]) };
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
