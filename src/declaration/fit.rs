//! The filters that templates lay zones out with, and the notebook in which they write what does not fit.

use std::sync::{Arc, Mutex, PoisonError};

use tera::{Kwargs, State, Tera, TeraResult, Value};

use super::zones::{self, Why};
use crate::layouts::{Layouts, Zone};
use crate::templates::Words;

/// A value that does not fit its zone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Misfit {
    why: Why,
    record: String,
    zone: String,
    length: usize,
}

impl Misfit {
    /// In words, without the value: the sentence goes into the journal.
    pub(super) fn said(&self, words: &Words) -> String {
        let sentence = words.of("misfit", self.why.code());
        sentence
            .replace("{zone}", &self.zone)
            .replace("{record}", &self.record)
            .replace("{length}", &self.length.to_string())
    }
}

/// A name that was too long for its zone.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub(super) struct Cut {
    #[serde(rename = "enregistrement")]
    pub record: String,
    pub zone: String,
    #[serde(rename = "valeur_entiere")]
    pub whole: String,
}

/// The filters of one file: what they refuse or cut is written down, so that all of it is told at once.
pub(super) struct Fitting {
    layouts: Arc<Layouts>,
    found: Arc<Mutex<Found>>,
}

#[derive(Debug, Default)]
struct Found {
    misfits: Vec<Misfit>,
    cuts: Vec<Cut>,
}

impl Fitting {
    pub(super) fn new(layouts: Arc<Layouts>) -> Self {
        Self { layouts, found: Arc::default() }
    }

    pub(super) fn into_found(self) -> (Vec<Misfit>, Vec<Cut>) {
        let found = std::mem::take(&mut *self.found.lock().unwrap_or_else(PoisonError::into_inner));
        (found.misfits, found.cuts)
    }

    /// Registers the filters: `zone(of="10.rib")`, `reserve`, `code(table=…)`, `codes(…)`, `flags(order=…)`, `without(chars=…)`,
    /// `milliemes`.
    pub(super) fn equip(&self, engine: &mut Tera) {
        let (layouts, found) = (Arc::clone(&self.layouts), Arc::clone(&self.found));
        engine.register_filter("zone", move |value: &Value, kwargs: Kwargs, _: &State| -> TeraResult<String> {
            let of = kwargs.must_get::<&str>("of")?;
            Ok(found.lock().unwrap_or_else(PoisonError::into_inner).zone(&layouts, of, value))
        });
        let layouts = Arc::clone(&self.layouts);
        engine.register_filter("reserve", move |record: &str, _: Kwargs, _: &State| reserve(&layouts, record));
        let layouts = Arc::clone(&self.layouts);
        engine.register_filter("code", move |value: &Value, kwargs: Kwargs, _: &State| -> TeraResult<Value> {
            let table = kwargs.must_get::<&str>("table")?;
            Ok(text(value).map_or_else(|| value.clone(), |text| code(&layouts, table, &text).into()))
        });
        let layouts = Arc::clone(&self.layouts);
        engine.register_filter("codes", move |value: &Value, kwargs: Kwargs, _: &State| -> TeraResult<Value> {
            let (width, most) = (kwargs.must_get::<usize>("width")?, kwargs.must_get::<usize>("most")?);
            let blank = kwargs.must_get::<&str>("blank")?;
            let table = kwargs.get::<&str>("table")?;
            let Some(items) = items(value) else { return Ok(value.clone()) };
            if items.len() > most {
                return Ok(marked(Why::TooMany, most));
            }
            let mut out = String::new();
            for item in items {
                let item = table.map_or_else(|| item.clone(), |table| code(&layouts, table, &item));
                if item.starts_with(MARK) {
                    return Ok(item.into());
                }
                if item.len() > width {
                    return Ok(marked(Why::TooLong, width));
                }
                out.push_str(&item);
                (item.len()..width).for_each(|_| out.push_str(blank));
            }
            (out.len()..width * most).for_each(|_| out.push_str(blank));
            Ok(out.into())
        });
        engine.register_filter("flags", |value: &Value, kwargs: Kwargs, _: &State| -> TeraResult<Value> {
            let order = kwargs.must_get::<Vec<String>>("order")?;
            let Some(items) = items(value) else { return Ok(value.clone()) };
            if items.iter().any(|item| !order.contains(item)) {
                return Ok(marked(Why::UnknownCode, 0));
            }
            let flags: String = order.iter().map(|one| if items.contains(one) { 'O' } else { 'N' }).collect();
            Ok(flags.into())
        });
        engine.register_filter("without", |value: &Value, kwargs: Kwargs, _: &State| -> TeraResult<Value> {
            let chars = kwargs.must_get::<&str>("chars")?;
            let Some(text) = text(value) else { return Ok(value.clone()) };
            Ok(text.chars().filter(|c| !chars.contains(*c)).collect::<String>().into())
        });
        engine.register_filter("milliemes", |value: &Value, _: Kwargs, _: &State| -> Value {
            text(value).map_or_else(|| value.clone(), |text| thousandths(&text).into())
        });
    }
}

/// Marks a value that a filter before `zone` could not turn into a code; no form's value can start with it.
const MARK: char = '\u{0}';

fn marked(why: Why, number: usize) -> Value {
    format!("{MARK}{}:{number}", why.code()).into()
}

impl Found {
    fn zone(&mut self, layouts: &Layouts, of: &str, value: &Value) -> String {
        let (record, name) = of.split_once('.').unwrap_or(("01", of));
        let Some(zone) = layouts.zone(record, name) else {
            self.misfits.push(Misfit { why: Why::UnknownZone, record: record.into(), zone: of.into(), length: 0 });
            return String::new();
        };
        let filled = match self::text(value) {
            _ if value.is_undefined() => Err((Why::UnknownKey, 0)),
            _ if value.is_none() => zones::fill(zone, "").map_err(|why| (why, zone.length)),
            Some(text) => match text.strip_prefix(MARK) {
                Some(mark) => Err(unmarked(mark)),
                None => zones::fill(zone, &text).map_err(|why| (why, zone.length)),
            },
            None => Err((Why::NotAText, 0)),
        };
        match filled {
            Ok(filled) => {
                if filled.cut {
                    let whole = self::text(value).unwrap_or_default();
                    self.cuts.push(Cut { record: record.into(), zone: name.into(), whole });
                }
                filled.text
            }
            Err((why, length)) => {
                self.misfits.push(misfit(why, record, zone, length));
                zones::blank(zone)
            }
        }
    }
}

fn misfit(why: Why, record: &str, zone: &Zone, length: usize) -> Misfit {
    let zone = zone.label.clone().unwrap_or_else(|| zone.name.clone());
    Misfit { why, record: record.to_owned(), zone, length }
}

fn unmarked(mark: &str) -> (Why, usize) {
    let (code, number) = mark.split_once(':').unwrap_or((mark, "0"));
    let known = [Why::TooMany, Why::TooLong, Why::UnknownCode];
    let why = known.into_iter().find(|why| why.code() == code).unwrap_or(Why::UnknownCode);
    (why, number.parse().unwrap_or(0))
}

/// Spaces from the last zone to the end mark.
fn reserve(layouts: &Layouts, record: &str) -> String {
    let end = layouts.zones(record).last().map_or(0, |zone| zone.at + zone.length - 1);
    format!("{}{}", " ".repeat((layouts.length - 1).saturating_sub(end)), layouts.end)
}

/// A value's code, the table's `*` for what it does not know, else a mark.
fn code(layouts: &Layouts, table: &str, value: &str) -> String {
    let table = layouts.codes.get(table);
    let found = table.and_then(|table| table.get(value).or_else(|| table.get("*")));
    found.cloned().unwrap_or_else(|| format!("{MARK}{}:0", Why::UnknownCode.code()))
}

/// A percentage with up to three decimals as a whole number of thousandths: `1.5` gives `1500`.
fn thousandths(text: &str) -> String {
    let (whole, decimals) = text.split_once('.').unwrap_or((text, ""));
    let joined = format!("{whole}{decimals:0<3}");
    if decimals.len() > 3 { text.to_owned() } else { joined }
}

/// One text of a value; `None` for what is absent or is not one text.
fn text(value: &Value) -> Option<String> {
    if let Some(text) = value.as_str() {
        return Some(text.to_owned());
    }
    (value.is_number() || value.is_bool()).then(|| value.to_string())
}

/// The texts of a list; one text is a list of one.
fn items(value: &Value) -> Option<Vec<String>> {
    if let Some(list) = value.as_array() {
        return list.iter().map(text).collect();
    }
    text(value).map(|text| vec![text])
}
