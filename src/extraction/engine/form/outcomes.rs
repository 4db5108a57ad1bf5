//! One answer for one field or for several: read whole, split into name and first name, or cut where each part fits best.

use super::Reader;
use crate::domain::field::{Doubt, Value};
use crate::domain::values::ValueType;
use crate::extraction::engine::answers::Answer;
use crate::extraction::engine::assign::{self, Chosen};
use crate::extraction::engine::normalise::{self, Outcome, Reading};
use crate::extraction::engine::shapes;
use crate::extraction::engine::units::{Token, bounds, join};
use crate::extraction::page::Page;

impl Reader<'_> {
    pub(super) fn outcomes(&self, one: &Chosen, answer: &Answer, page: &Page) -> Vec<(usize, Outcome)> {
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
            shapes::fit(value_type, text.trim_matches(|c: char| matches!(c, '/' | '-' | '–' | ',' | ' ')))
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
        let part = |tokens: &[Token]| {
            let trim = |token: &Token| matches!(token.text.as_str(), "/" | "-" | "–" | "," | "|");
            let from = tokens.iter().take_while(|token| trim(token)).count();
            let to = tokens.len() - tokens[from..].iter().rev().take_while(|token| trim(token)).count();
            let mut tokens = tokens[from..to].to_vec();
            if let Some(last) = tokens.last_mut() {
                last.text = last.text.trim_end_matches([',', '/', '-']).to_owned();
            }
            Answer { area: bounds(&tokens), first: tokens.len(), tokens, cell: None, ..answer.clone() }
        };
        let whole = cut > 0 && cut < tokens.len();
        [(head, part(&tokens[..cut])), (tail, part(&tokens[cut..]))]
            .into_iter()
            .map(|(field, mut answer)| {
                answer.widget = None;
                let mut outcome = normalise::read(&self.form().fields[field], &answer, page);
                // With nothing for the other field, all of it may be the other field's.
                if let Outcome::Value(reading) = &mut outcome
                    && !whole
                {
                    reading.doubts.push(Doubt::BoundsUnsure);
                }
                (field, outcome)
            })
            .collect()
    }
}

/// Name and first name out of one blank.
pub(super) fn name_parts(name: usize, first: usize, reading: &Reading) -> Vec<(usize, Reading, bool)> {
    let Value::Text(text) = &reading.value else { return Vec::new() };
    let (last_name, first_name, sure) = normalise::split_name(text);
    [(name, last_name), (first, first_name)]
        .into_iter()
        .filter(|(_, text)| !text.is_empty())
        .map(|(field, text)| (field, Reading { value: Value::Text(text), ..reading.clone() }, sure))
        .collect()
}
