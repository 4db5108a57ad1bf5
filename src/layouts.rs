//! The declaration format as data: `schemas/declarations.json` says where each zone of each record stands.
//!
//! Read once at start; every fault is named at once: a zone that overlaps its neighbour, runs past the record's end or has
//! no known type is found here and not in a file at Monétique-Tunisie.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;

use crate::domain::field::FieldKey;
use crate::lines;
use crate::schemas::SchemaFaults;

const FILE: &str = "declarations.json";

/// The whole format.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Layouts {
    #[serde(rename = "$comment", default)]
    _comment: String,
    /// Characters of every record, the end mark included.
    pub length: usize,
    /// The last character of every record.
    pub end: char,
    pub version: String,
    /// Records by file type, in their order; those between the first and the last stand once per merchant.
    pub files: BTreeMap<String, Vec<String>>,
    /// Records that may stand several times in a row.
    pub repeated: Vec<String>,
    /// Zones that every record starts with.
    prefix: Vec<Zone>,
    records: BTreeMap<String, Record>,
    /// Keys that are given after the deposit.
    pub allocated: Vec<String>,
    /// Keys of the forms that a declaration or a letter carries: they must be firm before a dossier is complete.
    pub carried: Vec<FieldKey>,
    /// Code tables: printed or canonical value to the format's code; `*` stands for every other value.
    pub codes: BTreeMap<String, BTreeMap<String, String>>,
    /// Reason codes of acknowledgements with their French words.
    pub reasons: BTreeMap<String, String>,
}

/// One kind of record.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Record {
    title: String,
    zones: Vec<Zone>,
}

/// One zone of a record.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Zone {
    #[serde(rename = "zone")]
    pub name: String,
    /// First character, counted from 1.
    pub at: usize,
    pub length: usize,
    #[serde(rename = "type")]
    pub kind: ZoneKind,
    #[serde(default)]
    pub text: TextRule,
    /// May not be left blank.
    #[serde(default)]
    pub must: bool,
    /// What a value looks like, character by character: `9` a digit, `A` a capital letter. Nothing else is taken, nor filled up.
    #[serde(default)]
    pub shape: Option<String>,
    /// Words for people, on the printable sheet.
    #[serde(default)]
    pub label: Option<String>,
    #[serde(default)]
    pub shown: Shown,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub enum ZoneKind {
    /// Left, filled with spaces.
    A,
    /// Digits, right, filled with zeros.
    N,
    /// `JJMMAAAA`, zeros when there is none.
    D,
}

impl Zone {
    /// What stands in the zone, as a person reads it: dates with slashes, a RIB in its four parts, amounts in dinars; nothing where
    /// the zone is blank.
    #[must_use]
    pub fn shown(&self, text: &str) -> String {
        let text = text.trim();
        let number = || text.trim_start_matches('0');
        match (self.kind, self.shown) {
            (ZoneKind::D, _) if text.bytes().all(|b| b == b'0') => String::new(),
            (ZoneKind::D, _) if text.len() == 8 => format!("{}/{}/{}", &text[..2], &text[2..4], &text[4..]),
            (_, Shown::Rib) if text.len() == 20 => {
                format!("{} {} {} {}", &text[..2], &text[2..5], &text[5..18], &text[18..])
            }
            (_, Shown::Millimes) if !number().is_empty() => format!("{} TND", thousandths(text)),
            (_, Shown::Percent) if !number().is_empty() => format!("{} %", thousandths(text)),
            (ZoneKind::N, _) if number().is_empty() => String::new(),
            _ => text.to_owned(),
        }
    }

    /// Does a value have the shape of the zone, where it has one?
    #[must_use]
    pub fn is_shaped(&self, value: &str) -> bool {
        self.shape.as_ref().is_none_or(|shape| {
            shape.len() == value.len()
                && shape.bytes().zip(value.bytes()).all(|(shape, b)| match shape {
                    b'9' => b.is_ascii_digit(),
                    b'A' => b.is_ascii_uppercase(),
                    other => b == other,
                })
        })
    }
}

/// What may be done to a text so that it fits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TextRule {
    /// Upper case without accents; what is too long is refused.
    #[default]
    Exact,
    /// Upper case without accents; what is too long is cut, and the cut is written down.
    Name,
    /// As it is; what is too long or not ASCII is refused.
    Kept,
}

/// How the printable sheet shows a zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Shown {
    #[default]
    Plain,
    Rib,
    Millimes,
    Percent,
}

/// `00001500` as `1,500`.
fn thousandths(digits: &str) -> String {
    let (whole, decimals) = digits.split_at(digits.len().saturating_sub(3));
    let whole = whole.trim_start_matches('0');
    format!("{},{decimals}", if whole.is_empty() { "0" } else { whole })
}

impl Layouts {
    /// The format as shipped.
    #[must_use]
    #[expect(clippy::missing_panics_doc, reason = "what is shipped is checked by the tests")]
    pub fn built_in() -> Self {
        Self::read(crate::schemas::shipped).expect("the shipped format is checked by the tests")
    }

    /// Reads the format of an installation.
    pub fn load(folder: &Path) -> Result<Self, SchemaFaults> {
        Self::read(|name| crate::schemas::data(folder, name))
    }

    fn read(text_of: impl Fn(&str) -> Result<String, String>) -> Result<Self, SchemaFaults> {
        let text = text_of(FILE).map_err(|fault| SchemaFaults(vec![format!("{FILE}: {fault}")]))?;
        let mut layouts: Self = lines::json(&text).map_err(|fault| SchemaFaults(vec![format!("{FILE}:{fault}")]))?;
        let mut faults = layouts.faults(&text);
        match governorates(&text_of) {
            Ok(table) => {
                layouts.codes.insert("gouvernorat".to_owned(), table);
            }
            Err(fault) => faults.push(fault),
        }
        if faults.is_empty() { Ok(layouts) } else { Err(SchemaFaults(faults)) }
    }

    /// Every zone of a record in its order, those all records start with included; empty for an unknown record.
    pub fn zones(&self, record: &str) -> impl Iterator<Item = &Zone> {
        let own = self.records.get(record);
        own.into_iter().flat_map(|own| self.prefix.iter().chain(&own.zones))
    }

    /// One zone of a record.
    #[must_use]
    pub fn zone(&self, record: &str, name: &str) -> Option<&Zone> {
        self.zones(record).find(|zone| zone.name == name)
    }

    /// Zones of a record after those that all records start with.
    #[must_use]
    pub fn own_zones(&self, record: &str) -> &[Zone] {
        self.records.get(record).map_or(&[], |record| &record.zones)
    }

    /// What a record is about.
    #[must_use]
    pub fn title(&self, record: &str) -> &str {
        self.records.get(record).map_or("", |record| &record.title)
    }

    fn faults(&self, text: &str) -> Vec<String> {
        let mut faults = Vec::new();
        for (code, record) in &self.records {
            let mut next = 1;
            let line = lines::line_of(text, &["records", code]);
            for zone in self.prefix.iter().chain(&record.zones) {
                let Zone { name, at, length, .. } = zone;
                if *at > next {
                    faults.push(format!(
                        "{FILE}:{line}: records.{code}.{name}: starts at {at}, and nothing fills the place before it"
                    ));
                }
                if *at < next {
                    faults.push(format!(
                        "{FILE}:{line}: records.{code}.{name}: starts at {at}, within the zone before it"
                    ));
                }
                next = at + length;
                if *length == 0 || next > self.length {
                    faults.push(format!("{FILE}:{line}: records.{code}.{name}: runs past the end of the record"));
                }
                if zone.shape.as_ref().is_some_and(|shape| shape.len() != *length) {
                    faults.push(format!("{FILE}:{line}: records.{code}.{name}: its shape is not as long as the zone"));
                }
                if zone.kind == ZoneKind::D && *length != 8 {
                    faults.push(format!("{FILE}:{line}: records.{code}.{name}: a date has 8 characters"));
                }
            }
        }
        for (file, records) in &self.files {
            for record in records.iter().filter(|record| !self.records.contains_key(*record)) {
                let line = lines::line_of(text, &["files", file]);
                faults.push(format!("{FILE}:{line}: files.{file}: record {record} is not described"));
            }
        }
        faults
    }
}

/// Name of a governorate, in any of its spellings, to its number.
fn governorates(text_of: &impl Fn(&str) -> Result<String, String>) -> Result<BTreeMap<String, String>, String> {
    #[derive(Deserialize)]
    struct File {
        gouvernorats: Vec<Entry>,
    }
    #[derive(Deserialize)]
    struct Entry {
        code: String,
        nom_fr: String,
        #[serde(default)]
        variantes: Vec<String>,
    }
    const NAME: &str = "gouvernorats.json";
    let text = text_of(NAME).map_err(|fault| format!("{NAME}: {fault}"))?;
    let file: File = lines::json(&text).map_err(|fault| format!("{NAME}:{fault}"))?;
    let spellings = |entry: Entry| {
        let Entry { code, nom_fr, variantes } = entry;
        variantes.into_iter().chain([nom_fr]).map(move |name| (name, code.clone()))
    };
    Ok(file.gouvernorats.into_iter().flat_map(spellings).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shipped_format_is_whole() {
        let layouts = Layouts::built_in();
        assert_eq!(layouts.length, 500);
        assert_eq!(layouts.zones("10").count(), 26);
        assert_eq!(layouts.zone("10", "rib").map(|zone| (zone.at, zone.length)), Some((366, 20)));
        assert_eq!(layouts.codes["gouvernorat"]["Sfax"], "61");
    }

    #[test]
    fn every_fault_is_named_at_once() {
        let shipped = crate::schemas::shipped(FILE).unwrap();
        let broken = shipped
            .replace(r#""zone": "rib", "at": 366"#, r#""zone": "rib", "at": 360"#)
            .replace(r#""zone": "url", "at": 48, "length": 255"#, r#""zone": "url", "at": 48, "length": 460"#);
        let faults = Layouts::read(|name| if name == FILE { Ok(broken.clone()) } else { Err("missing".into()) });
        insta::assert_snapshot!(faults.unwrap_err().to_string(), @"
        declarations.json:37: records.10.rib: starts at 360, within the zone before it
        declarations.json:37: records.10.titulaire_compte: starts at 386, and nothing fills the place before it
        declarations.json:79: records.21.url: runs past the end of the record
        gouvernorats.json: missing
        ");
    }
}
