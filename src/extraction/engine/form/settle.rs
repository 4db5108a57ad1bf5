//! Choices become fields and gaps.

use std::collections::{BTreeMap, HashMap};

use super::Reader;
use crate::domain::field::{Absence, Doubt, Field, FieldKey, Gap, Method, Place, Rect, Value};
use crate::domain::values::ValueType;
use crate::extraction::engine::answers::{Answer, Stand};
use crate::extraction::engine::assign::{Asked, Chosen};
use crate::extraction::engine::choices;
use crate::extraction::engine::fold;
use crate::extraction::engine::normalise::{self, Outcome, Reading};
use crate::extraction::engine::shapes;
use crate::extraction::engine::trust::{self, Evidence};
use crate::extraction::engine::units::bounds;
use crate::extraction::page::{Cell, Page, SHEET_CELL, cell_name};
use crate::schemas::FieldSpec;

impl Reader<'_> {
    /// Turns the choices into fields and gaps.
    pub(super) fn settle(
        &self,
        asked: &[Asked<'_>],
        chosen: &[Chosen],
        fields: &mut BTreeMap<FieldKey, Field>,
        gaps: &mut HashMap<usize, Gap>,
    ) {
        for one in chosen {
            let question = asked[one.asked].question;
            let page = &self.pages[question.page];
            let answer = one.answer.map(|at| self.narrowed(one, &asked[one.asked].answers[at]));
            let mut gap = |field: usize, absence: Absence, place: Option<Rect>| {
                let place = Some(self.place(
                    question.page,
                    place.unwrap_or(question.label_box),
                    answer.as_ref().and_then(|answer| answer.cell),
                ));
                let key = self.form().fields[field].key.clone();
                gaps.entry(field).or_insert(Gap { key, absence, label: Some(question.label.clone()), place });
            };
            let Some(answer) = &answer else {
                for field in &one.fields {
                    gap(*field, self.absence(&self.form().fields[*field], one, None, asked, chosen), None);
                }
                continue;
            };
            for (field, outcome) in self.outcomes(one, answer, page) {
                let spec = &self.form().fields[field];
                match outcome {
                    // The other half of the label stands where an answer with a form of its own was left out.
                    Outcome::Value(reading)
                        if reading.doubts.contains(&Doubt::CheckFails)
                            && !question.is_arabic()
                            && fold::is_arabic_only(&reading.raw) =>
                    {
                        gap(field, Absence::Blank, Some(answer.area));
                    }
                    Outcome::Value(reading) => {
                        let evidence = Evidence {
                            value_type: spec.hints.value_type,
                            chosen: one,
                            question,
                            answer,
                            reading: &reading,
                            page,
                            sounds_like_label: self.sounds_like_label(spec, &reading, is_beside_its_label(one, answer))
                                || self.answers_another(spec, &reading, is_beside_its_label(one, answer))
                                || self.holds_anothers_boxes(spec, answer, page)
                                || self.options_go_on_below(spec, answer),
                            former: answer.units.iter().any(|at| self.units[*at].former),
                        };
                        let (trust, confidence) = trust::weigh(&evidence, &self.forms.thresholds);
                        let tokens = if answer.tokens.is_empty() { answer.area } else { bounds(&answer.tokens) };
                        let area = if answer.widget.is_some() { answer.area } else { tokens };
                        let found = Field {
                            key: spec.key.clone(),
                            value: reading.value,
                            raw: reading.raw,
                            place: Some(self.place(question.page, area, answer.cell)),
                            label: Some(question.label.clone()),
                            method: reading.method,
                            confidence,
                            trust,
                            changes: Vec::new(),
                        };
                        merge(fields, found);
                    }
                    Outcome::Blank => {
                        gap(field, self.absence(spec, one, Some(answer), asked, chosen), Some(answer.area));
                    }
                    Outcome::Ambiguous => gap(field, Absence::Ambiguous, Some(answer.area)),
                    Outcome::Unreadable => gap(field, Absence::Unreadable, Some(answer.area)),
                }
            }
        }
    }

    /// Free words that are all words of labels may be a label nobody has listed. What a choice offers is never in doubt.
    fn sounds_like_label(&self, spec: &FieldSpec, reading: &Reading, beside: bool) -> bool {
        if !matches!(spec.hints.value_type, ValueType::Text | ValueType::PersonName) || reading.method == Method::Widget
        {
            return false;
        }
        if self.is_often_answered(&reading.raw) {
            return false;
        }
        let meaning = self.lexicon.meaning(&reading.raw);
        // In print a near miss is another word (`Gérante`).
        let misread = meaning.near && reading.method != Method::Ocr;
        let thresholds = &self.forms.thresholds;
        let least = if beside { thresholds.answer_like_label_beside } else { thresholds.answer_like_label };
        !misread && !meaning.has_unknown() && self.lexicon.label_likeness(&meaning) >= least
    }

    /// Free words that have the look of another kind of value, or are what another choice offers, answer another label.
    fn answers_another(&self, spec: &FieldSpec, reading: &Reading, beside: bool) -> bool {
        let free = matches!(spec.hints.value_type, ValueType::Text | ValueType::PersonName | ValueType::Bank);
        let text = reading.raw.trim();
        if !free || text.is_empty() {
            return false;
        }
        let looks =
            [ValueType::Email, ValueType::Url, ValueType::Rib].iter().any(|kind| shapes::fit(*kind, text) >= 1.0)
                || text.contains('/') && crate::domain::values::parse_date(text).is_ok()
                || shapes::is_grouped_telephone(text)
                || spec.hints.value_type == ValueType::Text && self.is_number_of_another(spec, text)
                || self.is_name_of_a_numbered(spec, text)
                || spec.hints.value_type == ValueType::PersonName && shapes::names_company(text);
        // A person's name begins with a capital, a label that goes on does not.
        let goes_on = text
            .split_whitespace()
            .next()
            .is_some_and(|word| word.starts_with(char::is_lowercase) && !normalise::is_particle(word));
        let other_look = text.contains('@') || text.chars().filter(char::is_ascii_digit).count() > 5;
        let named = (!beside || other_look) && self.begins_with_a_label(text)
            || ends_open(text)
            || is_fragment(text)
            || spec.hints.value_type == ValueType::PersonName && goes_on
            || spec.hints.value_type == ValueType::PersonName && text.chars().any(|c| c.is_ascii_digit());
        let offered = self.form().fields.iter().any(|other| {
            other.key != spec.key
                && matches!(other.hints.value_type, ValueType::Choices | ValueType::Choice)
                && choices::all_offered(&other.hints, text)
        });
        looks || named || offered
    }

    /// Nothing but figures, many of them, where no wording of the field asks for a number.
    fn is_number_of_another(&self, spec: &FieldSpec, text: &str) -> bool {
        const MANY: usize = 6;
        let figures = text.chars().filter(char::is_ascii_digit).count() >= MANY;
        let field = self.form().fields.iter().position(|field| field.key == spec.key);
        figures
            && !text.chars().any(char::is_alphabetic)
            && field.is_some_and(|field| !self.lexicon.is_asked_by_number(self.number, field))
    }

    /// Words without a figure where the field's own title asks for a number: who it is that has the number.
    fn is_name_of_a_numbered(&self, spec: &FieldSpec, text: &str) -> bool {
        spec.hints.value_type == ValueType::Text
            && self.lexicon.says(&self.lexicon.meaning(&spec.title), "numero")
            && !text.chars().any(char::is_numeric)
    }

    /// Boxes that another question offers have run into this one's place; its own may have run out of it.
    fn holds_anothers_boxes(&self, spec: &FieldSpec, answer: &Answer, page: &Page) -> bool {
        let is_choice = |kind: ValueType| matches!(kind, ValueType::Choices | ValueType::Choice);
        let others =
            self.form().fields.iter().filter(|other| other.key != spec.key && is_choice(other.hints.value_type));
        is_choice(spec.hints.value_type)
            && choices::holds_foreign(&spec.hints, &others.map(|other| &other.hints), &answer.tokens, page)
    }

    /// An option of the same choice stands right under the answer, in a row that was not taken: it may be ticked too.
    fn options_go_on_below(&self, spec: &FieldSpec, answer: &Answer) -> bool {
        let choice = matches!(spec.hints.value_type, ValueType::Choices | ValueType::Choice);
        let Some(first) = answer.units.first().map(|at| &self.units[*at]).filter(|_| choice) else { return false };
        self.units.iter().enumerate().any(|(at, unit)| {
            unit.page == first.page
                && !answer.units.contains(&at)
                && (unit.area.x0 - first.area.x0).abs() < 3.0
                && (0.0..first.area.height().max(8.0)).contains(&(unit.area.y0 - first.area.y1 + 1.0))
                && choices::all_offered(&spec.hints, &unit.text())
        })
    }

    /// `Prénom Amira`: the next label and its answer, not an answer. Names of companies may begin as labels of free words do.
    fn begins_with_a_label(&self, text: &str) -> bool {
        let words: Vec<&str> = text.split_whitespace().collect();
        (1..words.len().min(5)).filter(|until| *until > 1 || words[0].chars().count() > 2).any(|until| {
            let meaning = self.lexicon.meaning(&words[..until].join(" "));
            let best = self.lexicon.namesakes(self.number, &meaning).into_iter().next();
            !meaning.near
                && !meaning.has_unknown()
                && best.is_some_and(|(field, score)| {
                    let kind = self.form().fields[field].hints.value_type;
                    score >= self.forms.thresholds.label_within_answer
                        && !matches!(kind, ValueType::Text | ValueType::Bank | ValueType::Governorate)
                })
        })
    }

    /// A value in a box of its own ends with the box; lists, accounts and options may run over several.
    pub(super) fn narrowed(&self, one: &Chosen, answer: &Answer) -> Answer {
        let value_type = self.form().fields[one.fields[0]].hints.value_type;
        let runs = matches!(
            value_type,
            ValueType::Choice | ValueType::Choices | ValueType::Flag | ValueType::IpList | ValueType::Rib
        );
        let first_boxed = answer.units.first().is_some_and(|at| self.units[*at].boxed);
        if runs || answer.stand == Stand::Inline || !first_boxed || answer.units.len() < 2 {
            return answer.clone();
        }
        let unit = &self.units[answer.units[0]];
        Answer {
            units: answer.units[..1].to_vec(),
            tokens: answer.tokens[..answer.first].to_vec(),
            area: unit.area,
            ..answer.clone()
        }
    }

    pub(super) fn place(&self, page: usize, bbox: Rect, cell: Option<usize>) -> Place {
        let page = &self.pages[page];
        match &page.sheet {
            None => Place::Page { page: page.number, bbox: page.as_shown(bbox) },
            Some(sheet) => {
                let named = cell.and_then(|at| page.cells.get(at)).map(Cell::name);
                Place::Cell { sheet: sheet.clone(), cell: named.unwrap_or_else(|| name_at(&bbox)) }
            }
        }
    }
}

/// `Société Tunisienne de`: more was to come.
fn ends_open(text: &str) -> bool {
    text.contains(' ') && text.split_whitespace().next_back().is_some_and(leads_on)
}

/// `de`, `ben`: nothing but words that open or join names.
fn is_fragment(text: &str) -> bool {
    text.split_whitespace().all(|word| leads_on(word) || normalise::is_particle(word))
}

fn leads_on(word: &str) -> bool {
    matches!(word.to_lowercase().as_str(), "de" | "du" | "des" | "la" | "le" | "les" | "et" | "d'" | "&" | "au" | "aux")
}

fn is_beside_its_label(one: &Chosen, answer: &Answer) -> bool {
    one.exact && !one.off_habit && matches!(answer.stand, Stand::Beside | Stand::Inline)
}

fn name_at(bbox: &Rect) -> String {
    let (width, height) = SHEET_CELL;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "coordinates of a sheet are small and not negative"
    )]
    let (column, row) = ((bbox.x0.max(0.0) / width) as u32, (bbox.y0.max(0.0) / height) as u32);
    cell_name(row, column)
}

/// Lists asked piecemeal grow; anything else keeps what was surest.
fn merge(fields: &mut BTreeMap<FieldKey, Field>, found: Field) {
    let Some(known) = fields.get_mut(&found.key) else {
        fields.insert(found.key.clone(), found);
        return;
    };
    if let (Value::List(all), Value::List(more)) = (&mut known.value, found.value) {
        all.extend(more);
        all.sort();
        all.dedup();
        known.raw = format!("{} | {}", known.raw, found.raw);
        if known.trust.is_firm() {
            known.trust = found.trust;
        }
    }
}
