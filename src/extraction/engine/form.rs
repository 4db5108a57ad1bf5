//! One form read: headings, tables, labels, answers, values, gaps.

use std::collections::{BTreeMap, HashMap};

use super::answers::{self, Answer, Neighbours, Role, Stand};
use super::assign::{self, Asked, Chosen};
use super::lexicon::Lexicon;
use super::normalise::{self, Outcome, Reading};
use super::questions::Question;
use super::rows;
use super::sections::{self, Heading};
use super::signature;
use super::trust::{self, Evidence};
use super::units::{Unit, bounds, join};
use crate::domain::document::Kind;
use crate::domain::field::{Absence, Doubt, Extraction, Field, FieldKey, Gap, Method, Place, Rect, Trust, Value};
use crate::domain::values::ValueType;
use crate::extraction::page::{Page, Source, WidgetKind};
use crate::schemas::{Form, Forms};

/// A heading is this near a known one.
const SURE_HEADING: f32 = 0.8;
/// A text at the head of a row is a label when it is this near a known wording.
const LEAST_ROW_HEAD: f32 = 0.6;

/// What reading one form needs.
pub(super) struct Reader<'a> {
    pub lexicon: &'a Lexicon,
    pub forms: &'a Forms,
    pub number: usize,
    pub pages: &'a [Page],
    pub units: &'a [Unit],
}

impl Reader<'_> {
    fn form(&self) -> &Form {
        &self.forms.forms[self.number]
    }

    /// Reads the form out of its units.
    pub fn read(&self, mut questions: Vec<Vec<Question>>) -> Extraction {
        let options = self.drop_options(&mut questions);
        self.drop_chosen(&mut questions);
        self.add_row_heads(&mut questions, &options);
        let mut roles = self.roles(&questions);
        self.mark_echoes(&questions, &mut roles);
        self.mark_account_parts(&questions, &mut roles);
        let mut near = Neighbours::new(self.units, self.pages, roles);
        let headings = self.headings(&questions, &options, &mut near);
        let mut fields = BTreeMap::new();
        let mut gaps: HashMap<usize, Gap> = HashMap::new();
        self.tables(&questions, &headings, &mut near, &mut fields, &mut gaps);
        self.signatures(&questions, &near, &headings, &mut fields, &mut gaps);
        let tips = self.tips();
        let mut asked: Vec<Asked<'_>> = Vec::new();
        for question in questions.iter().flatten() {
            if near.roles[question.unit] != Role::Label {
                continue;
            }
            let heading = self.heading_of(&headings, question.page, &question.label_box);
            asked.push(Asked { question, heading, answers: near.answers(question, self.lexicon) });
        }
        for (question, unit) in &tips {
            let heading = self.heading_of(&headings, question.page, &question.label_box);
            asked.push(Asked { question, heading, answers: vec![self.widget_answer(*unit)] });
        }
        asked.retain(|one| !self.asks_for_ink(one.question));
        let chosen = assign::choose(self.lexicon, self.number, self.form(), &asked);
        self.settle(&asked, &chosen, &mut fields, &mut gaps);
        self.finish(fields, gaps)
    }

    fn heading_of<'h>(&self, headings: &'h [Heading], page: usize, area: &Rect) -> Option<&'h Heading> {
        sections::of(headings, page, area, self.pages[page].width)
    }

    /// An option that sounds like a label (`☒ C.I.N.`) is an option.
    fn drop_options(&self, questions: &mut [Vec<Question>]) -> Vec<bool> {
        let near = Neighbours::new(self.units, self.pages, self.roles(questions));
        let mut options: Vec<bool> = self.units.iter().map(Unit::has_ticks).collect();
        for (at, unit) in self.units.iter().enumerate() {
            if options[at] || questions[at].iter().any(|question| question.marked && question.likeness >= 0.5) {
                continue;
            }
            let row = near.row(unit.page, &unit.ink);
            let before =
                row.into_iter().map(|other| &self.units[other]).filter(|other| other.ink.x1 <= unit.ink.x0 + 2.0);
            let Some(before) = before.max_by(|a, b| a.ink.x1.total_cmp(&b.ink.x1)) else { continue };
            let ends_in_box = before.tokens.last().is_some_and(|token| token.tick.is_some());
            if ends_in_box && unit.ink.x0 - before.ink.x1 < 2.4 * unit.size.max(8.0) {
                questions[at].clear();
                options[at] = true;
            }
        }
        options
    }

    /// A value that sounds like a label (`Type de pièce : C.I.N.`) is one of the options of the label before or above it.
    fn drop_chosen(&self, questions: &mut [Vec<Question>]) {
        let near = Neighbours::new(self.units, self.pages, self.roles(questions));
        let mut chosen = Vec::new();
        for at in 0..self.units.len() {
            let unit = &self.units[at];
            if questions[at].is_empty()
                || questions[at].iter().any(|question| question.marked || !question.content.is_empty())
            {
                continue;
            }
            let text = unit.text();
            let row = near.row(unit.page, &unit.area);
            let left = row.into_iter().rev().find(|other| self.units[*other].area.x1 <= unit.area.x0 + 3.0);
            let asks = |other: usize| {
                let Some(question) = questions[other].last().filter(|question| question.content.is_empty()) else {
                    return false;
                };
                let best = self.lexicon.fields(self.number, &question.meaning, None).into_iter().next();
                best.is_some_and(|best| {
                    super::choices::canonical(&self.form().fields[best.field].hints, &text).is_some()
                })
            };
            if left.is_some_and(|left| self.answers_for(left, at, questions, &near)) {
                chosen.push(at);
                continue;
            }
            if left.or_else(|| near.above(unit)).is_some_and(asks) {
                chosen.push(at);
            }
        }
        for at in chosen {
            questions[at].clear();
        }
    }

    /// Does a text that sounds like a label answer the label before it? So it does when that label has no other answer, and
    /// the text has none of its own.
    fn answers_for(&self, left: usize, at: usize, questions: &[Vec<Question>], near: &Neighbours<'_>) -> bool {
        let waits = questions[left].last().is_some_and(|question| question.content.is_empty());
        let unit = &self.units[at];
        let mut row = near.row(unit.page, &unit.area).into_iter();
        let answered =
            row.any(|other| self.units[other].area.x0 >= unit.area.x1 - 3.0 && near.roles[other] == Role::Free);
        if !waits || answered {
            return false;
        }
        // In a form that prints labels above their answers, both stand in one row of labels.
        let free_under = |at: usize| {
            near.below(&self.units[at])
                .is_some_and(|below| near.roles[below] == Role::Free && !self.units[below].has_ticks())
        };
        let marked = self.units[left].tokens.last().is_some_and(|token| token.text.ends_with(':'));
        let weak = !free_under(left)
            && !free_under(at)
            && questions[at].iter().all(|question| {
                let best = self.lexicon.fields(self.number, &question.meaning, None).into_iter().next();
                best.is_none_or(|best| best.score < 0.9)
            });
        marked && !free_under(at) || weak
    }

    /// Wordings nobody has listed, where a label stands: at the head of a row, before something that asks for one.
    fn add_row_heads(&self, questions: &mut [Vec<Question>], options: &[bool]) {
        let roles = self.roles(questions);
        let near = Neighbours::new(self.units, self.pages, roles);
        let mut found = Vec::new();
        for (at, unit) in self.units.iter().enumerate() {
            if near.roles[at] != Role::Free || unit.widget.is_some() || options[at] || unit.tokens.len() > 10 {
                continue;
            }
            let row = near.row(unit.page, &unit.area);
            let left = row.iter().rev().find(|other| self.units[**other].area.x1 <= unit.area.x0 + 3.0);
            let right = row.iter().find(|other| self.units[**other].area.x0 >= unit.area.x1 - 3.0);
            let heads = left.is_none_or(|left| {
                near.roles[*left] != Role::Label || questions[*left].iter().any(|question| !question.content.is_empty())
            });
            let asks_under = right.is_none() && near.below(unit).is_some_and(|below| near.roles[below] == Role::Free);
            if !heads || !asks_under && right.is_none_or(|right| near.roles[*right] != Role::Free) {
                continue;
            }
            let text = unit.text();
            let meaning = self.lexicon.meaning(&text);
            let likeness = self.lexicon.label_likeness(&meaning);
            // Under a label that waits for its answer only words that all say something are a label of their own.
            let answers_above = near.above(unit).is_some_and(|above| {
                near.roles[above] == Role::Label && questions[above].iter().all(|question| question.content.is_empty())
            });
            if likeness >= LEAST_ROW_HEAD && !meaning.near && !((answers_above || asks_under) && meaning.has_unknown())
            {
                found.push(Question {
                    unit: at,
                    page: unit.page,
                    label: text,
                    meaning,
                    label_box: unit.ink,
                    marked: false,
                    likeness,
                    content: unit.tokens.len()..unit.tokens.len(),
                });
            }
        }
        for question in found {
            let at = question.unit;
            questions[at].push(question);
        }
    }

    fn roles(&self, questions: &[Vec<Question>]) -> Vec<Role> {
        self.units
            .iter()
            .zip(questions)
            .map(|(unit, questions)| {
                let asks = questions.iter().any(|question| question.marked && question.likeness >= 0.6);
                if answers::is_prose(unit) && !asks {
                    Role::Prose
                } else if questions.is_empty() {
                    Role::Free
                } else {
                    Role::Label
                }
            })
            .collect()
    }

    /// The Arabic half of a bilingual form: beside or under a label in Latin letters.
    fn mark_echoes(&self, questions: &[Vec<Question>], roles: &mut [Role]) {
        let arabic: Vec<usize> = (0..self.units.len())
            .filter(|at| {
                let unit = &self.units[*at];
                unit.widget.is_none() && !unit.has_ticks() && self.lexicon.is_arabic_label(&unit.text())
            })
            .collect();
        if arabic.is_empty() {
            return;
        }
        let near = Neighbours::new(self.units, self.pages, roles.to_vec());
        let latin =
            |at: usize| questions[at].iter().any(|question| question.label.chars().any(|c| c.is_ascii_alphabetic()));
        for at in arabic {
            let unit = &self.units[at];
            // One line of slack: the Arabic half may be wrapped under the row it belongs to.
            let reach = Rect { y0: unit.area.y0 - unit.size.max(6.0), ..unit.area };
            let beside = near.row(unit.page, &unit.area).into_iter().chain(near.row(unit.page, &reach));
            if beside.into_iter().any(|other| other != at && latin(other)) {
                roles[at] = Role::Echo;
            }
        }
    }

    /// `Code banque`, `Clé` above or between the boxes of one account name its parts; the account has its own label.
    fn mark_account_parts(&self, questions: &[Vec<Question>], roles: &mut [Role]) {
        for account in self.units.iter().filter(|unit| unit.account) {
            let reach = Rect { y0: account.area.y0 - 2.0 * account.area.height().clamp(8.0, 16.0), ..account.area };
            for (at, unit) in self.units.iter().enumerate() {
                let (x, y) = unit.ink.centre();
                if unit.account
                    || unit.page != account.page
                    || !reach.contains((x, y))
                    || roles[at] != Role::Label && roles[at] != Role::Free
                {
                    continue;
                }
                let names_part = questions[at].iter().any(|question| {
                    let best = self.lexicon.fields(self.number, &question.meaning, None).into_iter().next();
                    let kind = best.map(|best| self.form().fields[best.field].hints.value_type);
                    matches!(kind, Some(ValueType::CodeBanque | ValueType::CodeAgence))
                });
                if names_part || account.area.contains((x, y)) {
                    roles[at] = Role::Echo;
                }
            }
        }
    }

    fn headings(&self, questions: &[Vec<Question>], options: &[bool], near: &mut Neighbours<'_>) -> Vec<Heading> {
        let (size, bold) = self.label_type(questions);
        let mut headings: Vec<Heading> = Vec::new();
        let mut styles: Vec<(f32, bool)> = Vec::new();
        let mut maybe = Vec::new();
        for (at, unit) in self.units.iter().enumerate() {
            let words = unit.tokens.len();
            if unit.widget.is_some()
                || options[at]
                || words > 12
                || words == 0
                || matches!(near.roles[at], Role::Prose | Role::Echo)
            {
                continue;
            }
            if questions[at].iter().any(|question| !question.content.is_empty()) {
                continue;
            }
            if near.answers_left(at) {
                continue;
            }
            let text = unit.text();
            let (bare, numbered) = sections::without_number(&text);
            let meaning = self.lexicon.meaning(bare.trim_end_matches([':', ' ']));
            let known =
                self.lexicon.section(self.number, &meaning).filter(|_| !meaning.near || unit.source != Source::Text);
            let colon = text.trim_end().ends_with(':');
            let out = sections::stands_out(unit, size, bold) && !colon;
            let score = known.map_or(0.0, |(_, score)| score);
            let section = known.map(|(section, _)| self.form().sections[section].id.clone());
            let alone = || {
                let own = questions[at].first();
                own.is_none_or(|question| near.answers(question, self.lexicon).is_empty())
            };
            if numbered && (score > 0.55 || out)
                || score >= SURE_HEADING && out
                || score >= SURE_HEADING && !text.ends_with('*') && alone()
            {
                headings.push(Heading { page: unit.page, area: unit.area, section: section.filter(|_| score > 0.55) });
                if out {
                    styles.push((unit.size, unit.bold));
                }
                near.roles[at] = Role::Heading;
            } else if (out || numbered)
                && questions[at].is_empty()
                && near.stands_alone(at)
                && self.lexicon.label_likeness(&meaning) < LEAST_ROW_HEAD
            {
                maybe.push(at);
            }
        }
        // Set like the known headings: a heading the form does not know.
        for at in maybe {
            let unit = &self.units[at];
            if styles.iter().any(|(size, bold)| (size - unit.size).abs() < 0.3 && *bold == unit.bold) {
                let known =
                    self.lexicon.section(self.number, &self.lexicon.meaning(sections::without_number(&unit.text()).0));
                let section = known
                    .filter(|(_, score)| *score > 0.6)
                    .map(|(section, _)| self.form().sections[section].id.clone());
                headings.push(Heading { page: unit.page, area: unit.area, section });
                near.roles[at] = Role::Heading;
            }
        }
        headings.sort_by(|a, b| {
            a.page.cmp(&b.page).then(a.area.y0.total_cmp(&b.area.y0)).then(a.area.x0.total_cmp(&b.area.x0))
        });
        headings
    }

    /// Size and weight in which most labels are set.
    fn label_type(&self, questions: &[Vec<Question>]) -> (f32, bool) {
        let mut sizes = Vec::new();
        let mut bold = 0;
        for (unit, questions) in self.units.iter().zip(questions) {
            if questions.first().is_some_and(|question| question.likeness > 0.6) {
                sizes.push(unit.size);
                bold += usize::from(unit.bold);
            }
        }
        sizes.sort_by(f32::total_cmp);
        let median = sizes.get(sizes.len() / 2).copied().unwrap_or(10.0);
        (median, 2 * bold > sizes.len())
    }

    fn tables(
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
            let Some(table) = rows::find(self.lexicon, &spec.hints.columns, self.units, near, allowed) else {
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
                gaps.insert(
                    at,
                    Gap { key: spec.key.clone(), absence: Absence::Blank, label: Some(table.label), place },
                );
                continue;
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

    fn row(&self, columns: &[crate::schemas::Column], row: &[rows::CellText]) -> Vec<Field> {
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
                    let spec = crate::schemas::FieldSpec::of_column(&columns[*column]);
                    if let Outcome::Value(reading) = normalise::read(&spec, &answer, page) {
                        let doubts = self.cell_doubts(columns[*column].value_type, &answer, &reading, page);
                        push(*column, reading, doubts);
                    }
                }
                [name, first] => {
                    let spec = crate::schemas::FieldSpec::of_column(&columns[*name]);
                    if let Outcome::Value(reading) = normalise::read(&spec, &answer, page) {
                        let doubts = self.cell_doubts(ValueType::PersonName, &answer, &reading, page);
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

    fn cell_doubts(&self, value_type: ValueType, answer: &Answer, reading: &Reading, page: &Page) -> Vec<Doubt> {
        let chosen = Chosen {
            asked: 0,
            answer: None,
            fields: Vec::new(),
            label: 1.0,
            exact: true,
            in_section: Some(true),
            contested: false,
            score: 1.0,
        };
        let question = Question {
            unit: 0,
            page: 0,
            label: String::new(),
            meaning: super::lexicon::Meaning::default(),
            label_box: Rect::default(),
            marked: false,
            likeness: 1.0,
            content: 0..0,
        };
        let answer = Answer { closed: true, ..answer.clone() };
        let evidence = Evidence { value_type, chosen: &chosen, question: &question, answer: &answer, reading, page };
        match trust::weigh(&evidence, &self.forms.thresholds).0 {
            Trust::Doubtful(doubts) => doubts,
            Trust::Trusted | Trust::Settled { .. } => Vec::new(),
        }
    }

    fn signatures(
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

    fn asks_for_ink(&self, question: &Question) -> bool {
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
                    likeness,
                    content: 0..0,
                });
            }
        }
        found
    }

    /// Form fields that say themselves what they ask: by tooltip, else by a name that means something.
    fn tips(&self) -> Vec<(Question, usize)> {
        let mut tips = Vec::new();
        for (at, unit) in self.units.iter().enumerate() {
            let Some(widget) = unit.widget.and_then(|widget| self.pages[unit.page].widgets.get(widget)) else {
                continue;
            };
            if !matches!(widget.kind, WidgetKind::Text | WidgetKind::Choice) {
                continue;
            }
            let name = widget.name.rsplit('.').next().unwrap_or_default();
            let text = widget.tooltip.as_deref().filter(|tip| !tip.trim().is_empty()).unwrap_or(name);
            let meaning = self.lexicon.meaning(text);
            let likeness = self.lexicon.label_likeness(&meaning);
            if likeness < 0.85 {
                continue;
            }
            let label_box = Rect { x1: unit.area.x0, ..unit.area };
            tips.push((
                Question {
                    unit: at,
                    page: unit.page,
                    label: text.to_owned(),
                    meaning,
                    label_box,
                    marked: false,
                    likeness,
                    content: 0..0,
                },
                at,
            ));
        }
        tips
    }

    fn widget_answer(&self, at: usize) -> Answer {
        let unit = &self.units[at];
        Answer {
            stand: Stand::Beside,
            units: vec![at],
            tokens: unit.tokens.clone(),
            first: unit.tokens.len(),
            area: unit.area,
            closed: true,
            joined: false,
            widget: unit.widget,
            cell: unit.cell,
        }
    }

    /// Turns the choices into fields and gaps.
    fn settle(
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
                one.fields.iter().for_each(|field| gap(*field, Absence::Blank, None));
                continue;
            };
            for (field, outcome) in self.outcomes(one, answer, page) {
                let spec = &self.form().fields[field];
                match outcome {
                    Outcome::Value(reading) => {
                        let evidence = Evidence {
                            value_type: spec.hints.value_type,
                            chosen: one,
                            question,
                            answer,
                            reading: &reading,
                            page,
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
                    Outcome::Blank => gap(field, Absence::Blank, Some(answer.area)),
                    Outcome::Ambiguous => gap(field, Absence::Ambiguous, Some(answer.area)),
                    Outcome::Unreadable => gap(field, Absence::Unreadable, Some(answer.area)),
                }
            }
        }
    }

    /// A value in a box of its own ends with the box; lists, accounts and options may run over several.
    fn narrowed(&self, one: &Chosen, answer: &Answer) -> Answer {
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

    fn outcomes(&self, one: &Chosen, answer: &Answer, page: &Page) -> Vec<(usize, Outcome)> {
        let form = self.form();
        match one.fields.as_slice() {
            [field] => {
                let spec = &form.fields[*field];
                let outcome = normalise::read(spec, answer, page);
                vec![(*field, outcome)]
            }
            [name, first] if assign::first_name_of(form, *name) == Some(*first) => {
                match normalise::read(&form.fields[*name], answer, page) {
                    Outcome::Value(reading) => name_parts(*name, *first, &reading)
                        .into_iter()
                        .map(|(field, mut part, sure)| {
                            if !sure {
                                part.doubts.push(Doubt::BoundsUnsure);
                            }
                            (field, Outcome::Value(part))
                        })
                        .collect(),
                    other => vec![(*name, other.clone()), (*first, other)],
                }
            }
            fields => self.shared(fields, answer, page),
        }
    }

    /// One blank for several fields: cut where each part looks most like its own field.
    fn shared(&self, fields: &[usize], answer: &Answer, page: &Page) -> Vec<(usize, Outcome)> {
        let tokens: Vec<_> = answer.tokens.iter().filter(|token| token.tick.is_none()).cloned().collect();
        let types: Vec<ValueType> = fields.iter().map(|field| self.form().fields[*field].hints.value_type).collect();
        if tokens.is_empty() {
            return fields.iter().map(|field| (*field, Outcome::Blank)).collect();
        }
        let [first, second] = types[..] else {
            return fields.iter().map(|field| (*field, Outcome::Ambiguous)).collect();
        };
        let fit = |value_type: ValueType, from: usize, to: usize| {
            let text = join(&tokens[from..to]);
            super::shapes::fit(value_type, text.trim_matches(|c: char| matches!(c, '/' | '-' | '–' | ',' | ' ')))
        };
        let count = tokens.len().min(24);
        let best = (0..=count)
            .flat_map(|cut| [(cut, false), (cut, true)])
            .map(|(cut, swapped)| {
                let (head, tail) = if swapped { (second, first) } else { (first, second) };
                let score = fit(head, 0, cut) * f32::from(u8::from(cut > 0))
                    + fit(tail, cut, tokens.len()) * f32::from(u8::from(cut < tokens.len()));
                (score - f32::from(u8::from(swapped)) * 0.05, cut, swapped)
            })
            .max_by(|a, b| a.0.total_cmp(&b.0));
        let Some((_, cut, swapped)) = best else { return Vec::new() };
        let (head, tail) = if swapped { (fields[1], fields[0]) } else { (fields[0], fields[1]) };
        let part = |tokens: &[super::units::Token]| {
            let trim = |token: &super::units::Token| matches!(token.text.as_str(), "/" | "-" | "–" | "," | "|");
            let from = tokens.iter().take_while(|token| trim(token)).count();
            let to = tokens.len() - tokens[from..].iter().rev().take_while(|token| trim(token)).count();
            let mut tokens = tokens[from..to].to_vec();
            if let Some(last) = tokens.last_mut() {
                last.text = last.text.trim_end_matches([',', '/', '-']).to_owned();
            }
            Answer { area: bounds(&tokens), first: tokens.len(), tokens, cell: None, ..answer.clone() }
        };
        [(head, part(&tokens[..cut])), (tail, part(&tokens[cut..]))]
            .into_iter()
            .map(|(field, mut answer)| {
                answer.widget = None;
                let outcome = normalise::read(&self.form().fields[field], &answer, page);
                (field, outcome)
            })
            .collect()
    }

    fn place(&self, page: usize, bbox: Rect, cell: Option<usize>) -> Place {
        let page = &self.pages[page];
        match &page.sheet {
            None => Place::Page { page: page.number, bbox: page.as_shown(bbox) },
            Some(sheet) => {
                let named = cell.and_then(|at| page.cells.get(at)).map(crate::extraction::page::Cell::name);
                Place::Cell { sheet: sheet.clone(), cell: named.unwrap_or_else(|| name_at(&bbox)) }
            }
        }
    }

    fn finish(&self, mut fields: BTreeMap<FieldKey, Field>, gaps: HashMap<usize, Gap>) -> Extraction {
        let form = self.form();
        let mut all = Vec::new();
        let mut gaps = gaps;
        for (at, spec) in form.fields.iter().enumerate() {
            if fields.contains_key(&spec.key) {
                continue;
            }
            let unfound = Gap { key: spec.key.clone(), absence: Absence::LabelNotFound, label: None, place: None };
            all.push(gaps.remove(&at).unwrap_or(unfound));
        }
        let blank = is_blank(form, &fields);
        if blank {
            // What stands on an unfilled form is the bank's own print, not an answer.
            fields.retain(|key, _| form.fields.iter().any(|spec| spec.key == *key && is_printed_by_bank(spec)));
        }
        let mut pages: Vec<u32> = self.units.iter().map(|unit| self.pages[unit.page].number).collect();
        pages.dedup();
        let kind = if blank { Kind::Blank } else { form.kind };
        Extraction { kind, member: None, pages, fields, gaps: all }
    }
}

fn name_at(bbox: &Rect) -> String {
    let (width, height) = crate::extraction::page::SHEET_CELL;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "coordinates of a sheet are small and not negative"
    )]
    let (column, row) = ((bbox.x0.max(0.0) / width) as u32, (bbox.y0.max(0.0) / height) as u32);
    crate::extraction::page::cell_name(row, column)
}

/// Name and first name out of one blank.
fn name_parts(name: usize, first: usize, reading: &Reading) -> Vec<(usize, Reading, bool)> {
    let Value::Text(text) = &reading.value else { return Vec::new() };
    let (last_name, first_name, sure) = normalise::split_name(text);
    [(name, last_name), (first, first_name)]
        .into_iter()
        .filter(|(_, text)| !text.is_empty())
        .map(|(field, text)| (field, Reading { value: Value::Text(text), ..reading.clone() }, sure))
        .collect()
}

fn trusted_unless(mut doubts: Vec<Doubt>) -> Trust {
    doubts.sort_unstable();
    doubts.dedup();
    if doubts.is_empty() { Trust::Trusted } else { Trust::Doubtful(doubts) }
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

/// Nobody filled it in: what a bank prints on its own forms does not count.
fn is_blank(form: &Form, fields: &BTreeMap<FieldKey, Field>) -> bool {
    let printed_by_bank = |key: &FieldKey| {
        let spec = form.fields.iter().find(|spec| spec.key == *key);
        spec.is_some_and(|spec| is_printed_by_bank(spec) || spec.hints.value_type == ValueType::Ink)
    };
    fields.iter().filter(|(key, field)| !printed_by_bank(key) && field.value != Value::Flag(false)).count() <= 1
}

fn is_printed_by_bank(spec: &crate::schemas::FieldSpec) -> bool {
    matches!(spec.hints.value_type, ValueType::Bank | ValueType::CodeBanque)
}
