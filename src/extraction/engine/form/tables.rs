//! Tables of people become rows of fields, each cell with its own evidence.

use std::collections::{BTreeMap, HashMap};

use super::Reader;
use super::outcomes::name_parts;
use crate::domain::field::{Absence, Doubt, Field, FieldKey, Gap, Rect, Trust, Value};
use crate::domain::values::ValueType;
use crate::extraction::engine::answers::{Answer, Stand};
use crate::extraction::engine::assign::Chosen;
use crate::extraction::engine::lexicon::Meaning;
use crate::extraction::engine::neighbours::{Neighbours, Role};
use crate::extraction::engine::normalise::{self, Outcome, Reading};
use crate::extraction::engine::questions::Question;
use crate::extraction::engine::rows;
use crate::extraction::engine::sections::Heading;
use crate::extraction::engine::trust::{self, Evidence};
use crate::extraction::engine::units::join;
use crate::schemas::{Column, FieldSpec};

impl Reader<'_> {
    pub(super) fn tables(
        &self,
        questions: &[Vec<Question>],
        headings: &[Heading],
        near: &mut Neighbours<'_>,
        fields: &mut BTreeMap<FieldKey, Field>,
        gaps: &mut HashMap<usize, Gap>,
    ) {
        for (at, spec) in
            self.form().fields.iter().enumerate().filter(|(_, spec)| spec.hints.value_type == ValueType::Rows)
        {
            let own = spec.hints.section.as_deref();
            let allowed = |unit: usize| {
                let unit = &self.units[unit];
                let heading = self.heading_of(headings, unit.page, &unit.area);
                !heading.is_some_and(|heading| heading.section.is_some() && heading.section.as_deref() != own)
                    && questions.len() == self.units.len()
            };
            let its_own = |unit: usize| {
                let unit = &self.units[unit];
                let heading = self.heading_of(headings, unit.page, &unit.area);
                own.is_some() && heading.is_some_and(|heading| heading.section.as_deref() == own)
            };
            let Some(table) = rows::find(self.lexicon, &spec.hints.columns, self.units, near, allowed, its_own) else {
                continue;
            };
            for unit in &table.units {
                near.roles[*unit] = Role::Taken;
            }
            let mut printed = Vec::new();
            let mut filled = Vec::new();
            for row in &table.rows {
                let cells = self.row(&spec.hints.columns, row);
                if !cells.is_empty() {
                    printed.push(row.iter().map(|cell| join(&cell.tokens)).collect::<Vec<_>>().join(" | "));
                    filled.push(cells);
                }
            }
            if filled.is_empty() {
                let place = table.head.map(|(page, area)| self.place(page, area, None));
                let absence = table.head.map_or(Absence::Blank, |(page, head)| self.rows_absence(page, &head));
                gaps.insert(at, Gap { key: spec.key.clone(), absence, label: Some(table.label), place });
                continue;
            }
            if table.unsure || self.has_lost_a_row(&table) {
                for cell in filled.iter_mut().flatten() {
                    cell.trust = Trust::Doubtful(vec![Doubt::BoundsUnsure]);
                }
            }
            let doubts: Vec<Doubt> = filled
                .iter()
                .flatten()
                .filter_map(|cell| if let Trust::Doubtful(doubts) = &cell.trust { Some(doubts.clone()) } else { None })
                .flatten()
                .collect();
            let area = table.rows.iter().flatten().map(|cell| cell.area).reduce(|a, b| a.union(&b)).unwrap_or_default();
            let page = table.rows.iter().flatten().next().map_or(0, |cell| cell.page);
            let confidence = filled.iter().flatten().map(|cell| cell.confidence).fold(1.0, f32::min);
            let method = filled[0][0].method;
            fields.insert(
                spec.key.clone(),
                Field {
                    key: spec.key.clone(),
                    value: Value::Rows(filled),
                    raw: printed.join(" ; "),
                    place: Some(self.place(page, area, None)),
                    label: Some(table.label),
                    method,
                    confidence,
                    trust: trusted_unless(doubts),
                    changes: Vec::new(),
                },
            );
        }
    }

    /// Words stand between the headings and the last row that are in none of the rows: one may have been passed over.
    fn has_lost_a_row(&self, table: &rows::Table) -> bool {
        let Some((page, head)) = table.head else { return false };
        let Some(body) = table
            .rows
            .iter()
            .flatten()
            .filter(|cell| cell.page == page)
            .map(|cell| cell.area)
            .reduce(|a, b| a.union(&b))
        else {
            return false;
        };
        self.units.iter().enumerate().any(|(at, unit)| {
            let (x, y) = unit.ink.centre();
            let within = x > body.x0 && x < body.x1 && y > head.y1 && y < body.y1;
            unit.page == page && within && !unit.tokens.is_empty() && !table.units.contains(&at)
        })
    }

    fn row(&self, columns: &[Column], row: &[rows::CellText]) -> Vec<Field> {
        let mut cells: Vec<(usize, Field)> = Vec::new();
        for cell in row {
            let page = &self.pages[cell.page];
            let unit = &self.units[cell.unit];
            let answer = Answer {
                stand: Stand::Under,
                units: vec![cell.unit],
                first: cell.tokens.len(),
                tokens: cell.tokens.clone(),
                area: cell.area,
                closed: cell.boxed,
                joined: false,
                widget: unit.widget,
                cell: unit.cell,
            };
            let place = self.place(cell.page, cell.area, unit.cell);
            let mut push = |column: usize, reading: Reading, doubts: Vec<Doubt>| {
                let key = columns[column].key.clone();
                let confidence = cell.tokens.iter().map(|token| token.certainty).fold(1.0, f32::min);
                let field = Field {
                    key,
                    value: reading.value,
                    raw: reading.raw,
                    place: Some(place.clone()),
                    label: Some(cell.label.clone()),
                    method: reading.method,
                    confidence,
                    trust: trusted_unless(doubts),
                    changes: Vec::new(),
                };
                cells.push((column, field));
            };
            match cell.columns.as_slice() {
                [column] => {
                    let spec = FieldSpec::of_column(&columns[*column]);
                    if let Outcome::Value(reading) = normalise::read(&spec, &answer, page) {
                        let doubts = self.cell_doubts(columns[*column].value_type, cell, &answer, &reading);
                        push(*column, reading, doubts);
                    }
                }
                [name, first] => {
                    let spec = FieldSpec::of_column(&columns[*name]);
                    if let Outcome::Value(reading) = normalise::read(&spec, &answer, page) {
                        let doubts = self.cell_doubts(ValueType::PersonName, cell, &answer, &reading);
                        for (column, part, sure) in name_parts(*name, *first, &reading) {
                            let mut doubts = doubts.clone();
                            if !sure {
                                doubts.push(Doubt::BoundsUnsure);
                            }
                            push(column, part, doubts);
                        }
                    }
                }
                _ => {}
            }
        }
        cells.sort_by_key(|(column, _)| *column);
        cells.dedup_by_key(|(column, _)| *column);
        cells.into_iter().map(|(_, field)| field).collect()
    }

    fn cell_doubts(
        &self,
        value_type: ValueType,
        cell: &rows::CellText,
        answer: &Answer,
        reading: &Reading,
    ) -> Vec<Doubt> {
        let chosen = Chosen {
            asked: 0,
            answer: None,
            fields: Vec::new(),
            label: 1.0,
            exact: true,
            in_section: Some(true),
            contested: false,
            runs_on: false,
            unexplained: false,
            of_another: false,
            off_habit: false,
            on_habit: false,
            score: 1.0,
        };
        let question = Question {
            unit: 0,
            page: 0,
            label: cell.label.clone(),
            meaning: Meaning::default(),
            label_box: Rect::default(),
            marked: false,
            split: false,
            likeness: 1.0,
            content: 0..0,
        };
        let answer = Answer { closed: true, ..answer.clone() };
        let evidence = Evidence {
            value_type,
            chosen: &chosen,
            question: &question,
            answer: &answer,
            reading,
            page: &self.pages[cell.page],
            sounds_like_label: false,
            former: false,
        };
        match trust::weigh(&evidence, &self.forms.thresholds).0 {
            Trust::Doubtful(doubts) => doubts,
            Trust::Trusted | Trust::Settled { .. } => Vec::new(),
        }
    }
}

fn trusted_unless(mut doubts: Vec<Doubt>) -> Trust {
    doubts.sort_unstable();
    doubts.dedup();
    if doubts.is_empty() { Trust::Trusted } else { Trust::Doubtful(doubts) }
}
