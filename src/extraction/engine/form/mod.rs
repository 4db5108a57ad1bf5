//! One form read: headings, tables, labels, answers, values, gaps.

mod absence;
mod company;
mod counted;
mod guesses;
mod headings;
mod letterhead;
mod options;
mod outcomes;
mod over;
mod people;
mod rivals;
mod roles;
mod said;
mod settle;
mod side;
mod signatures;
mod tables;
mod tips;
mod unasked;

use std::collections::{BTreeMap, HashMap};

use super::assign::{self, Asked};
use super::fold;
use super::leftovers;
use super::lexicon::Lexicon;
use super::neighbours::{Neighbours, Role};
use super::questions::Question;
use super::sections::{self, Heading};
use super::units::Unit;
use crate::domain::document::Kind;
use crate::domain::field::{Absence, Doubt, Extraction, Field, FieldKey, Gap, Method, Rect, Trust, Value};
use crate::domain::values::ValueType;
use crate::extraction::page::Page;
use crate::schemas::{FieldSpec, Form, Forms};

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
        self.mend_splits(&mut questions);
        let mut options = self.drop_options(&mut questions);
        for chosen in self.drop_chosen(&mut questions) {
            options[chosen] = true;
        }
        self.add_row_heads(&mut questions, &options);
        let mut roles = self.roles(&questions);
        self.mark_letterhead(&questions, &mut roles);
        self.mark_echoes(&questions, &mut roles);
        self.mark_account_parts(&questions, &mut roles);
        self.mark_unasked(&questions, &options, &mut roles);
        let bilingual = self.bilingual(&questions, &roles);
        let mut near = Neighbours::new(self.units, self.pages, roles);
        near.bilingual = bilingual;
        near.over = self.answers_above(&questions, &near);
        let mut headings = self.headings(&questions, &options, &mut near);
        let mut fields = BTreeMap::new();
        let mut gaps: HashMap<usize, Gap> = HashMap::new();
        self.tables(&questions, &headings, &mut near, &mut fields, &mut gaps);
        let people = self.people(&questions, &mut headings, &mut near);
        self.vote(&mut headings, &questions, &near);
        self.drop_said(&mut questions, &headings);
        self.signatures(&questions, &near, &headings, &mut fields, &mut gaps);
        let tips = self.tips();
        let unlisted = self.unlisted(&near);
        let mut asked: Vec<Asked<'_>> = Vec::new();
        for question in questions.iter().flatten() {
            if near.roles[question.unit] != Role::Label {
                continue;
            }
            let heading = self.heading_of(&headings, question.page, &question.label_box);
            asked.push(Asked { question, heading, answers: near.answers(question, self.lexicon) });
        }
        for question in &unlisted {
            let heading = self.heading_of(&headings, question.page, &question.label_box);
            asked.push(Asked { question, heading, answers: near.answers(question, self.lexicon) });
        }
        for (question, unit) in &tips {
            let heading = self.heading_of(&headings, question.page, &question.label_box);
            asked.push(Asked { question, heading, answers: vec![self.widget_answer(*unit)] });
        }
        for one in &people {
            let (heading, answers) = (Some(&one.heading), vec![one.answer.clone()]);
            asked.push(Asked { question: &one.question, heading, answers });
        }
        asked.retain(|one| !self.asks_for_ink(one.question));
        let mut chosen =
            assign::choose(self.lexicon, self.number, self.form(), &asked, self.pages, &self.forms.thresholds);
        leftovers::mark(self.units, &near, &asked, &mut chosen);
        self.doubt_rivals(&near, &asked, &mut chosen);
        self.settle(&asked, &chosen, &mut fields, &mut gaps);
        self.guess(&asked, &chosen, &mut fields, &mut gaps);
        self.finish(fields, gaps)
    }

    fn heading_of<'h>(&self, headings: &'h [Heading], page: usize, area: &Rect) -> Option<&'h Heading> {
        sections::of(headings, page, area, self.pages[page].width)
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

/// Nobody filled it in: what a bank prints on its own forms does not count.
fn is_blank(form: &Form, fields: &BTreeMap<FieldKey, Field>) -> bool {
    let printed_by_bank = |key: &FieldKey| {
        let spec = form.fields.iter().find(|spec| spec.key == *key);
        spec.is_some_and(|spec| is_printed_by_bank(spec) || spec.hints.value_type == ValueType::Ink)
    };
    // Labels in Arabic that nothing told from answers are none.
    let label = |field: &Field| !field.trust.is_firm() && fold::is_arabic_only(&field.raw);
    // On a picture, what lacks the form its field wants is a heading, a stain or a part of the print.
    let print = |field: &Field| {
        field.method == Method::Ocr
            && matches!(&field.trust, Trust::Doubtful(doubts) if doubts.contains(&Doubt::CheckFails))
    };
    let answers = |(key, field): &(&FieldKey, &Field)| {
        !printed_by_bank(key) && field.value != Value::Flag(false) && !label(field) && !print(field)
    };
    fields.iter().filter(answers).count() <= 1
}

fn is_printed_by_bank(spec: &FieldSpec) -> bool {
    matches!(spec.hints.value_type, ValueType::Bank | ValueType::CodeBanque)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schemas::Forms;

    fn read(key: &str, method: Method, doubts: &[Doubt]) -> (FieldKey, Field) {
        let key = FieldKey::from(key);
        let trust = if doubts.is_empty() { Trust::Trusted } else { Trust::Doubtful(doubts.to_vec()) };
        let (value, raw) = (Value::Text("Adresses de retour".to_owned()), "Adresses de retour".to_owned());
        let field = Field {
            key: key.clone(),
            value,
            raw,
            place: None,
            label: None,
            method,
            confidence: 0.9,
            trust,
            changes: vec![],
        };
        (key, field)
    }

    #[test]
    fn print_taken_for_answers_does_not_fill_a_scanned_form() {
        let forms = Forms::built_in();
        let form = forms.of(Kind::FicheTechnique).expect("shipped");
        let keys = ["pays_hebergement", "contact_technique_email", "url_site_test"];
        let of = |method, doubts: &[Doubt]| is_blank(form, &keys.iter().map(|key| read(key, method, doubts)).collect());
        assert!(of(Method::Ocr, &[Doubt::CheckFails]));
        assert!(!of(Method::Ocr, &[Doubt::WeakReading]));
        assert!(!of(Method::Ocr, &[]));
        assert!(!of(Method::Text, &[Doubt::CheckFails]), "letters of a digital document are no stains");
    }
}
