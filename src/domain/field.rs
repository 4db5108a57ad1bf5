//! A field: one value of a form, where it was read, and how far it may be believed.
//!
//! A value never travels without its place. Coordinates are points (1/72 inch) from the top left of the page as it is
//! shown; on a spreadsheet they are the sheet and the cell.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::personal::Personal;

/// Canonical French key, as the schemas spell it: `raison_sociale`, `rib`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct FieldKey(String);

impl FieldKey {
    /// Takes a key as a schema spells it.
    pub fn new(key: impl Into<String>) -> Self {
        Self(key.into())
    }

    /// The key as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for FieldKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<&str> for FieldKey {
    fn from(key: &str) -> Self {
        Self(key.to_owned())
    }
}

/// A canonical value. Amounts, dates and phones are text in their canonical form (`1250.500`, ISO 8601, E.164).
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Value {
    /// `certificat_ssl`, `signature_presente`, …
    Flag(bool),
    /// One text.
    Text(String),
    /// `devises`, `cartes`, `adresses_ip`: sorted, without repeats.
    List(Vec<String>),
    /// `utilisateurs`: rows in printed order; each cell is a field of its own with its own place and trust.
    Rows(Vec<Vec<Field>>),
}

impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flag(flag) => f.debug_tuple("Flag").field(&Personal(flag)).finish(),
            Self::Text(text) => f.debug_tuple("Text").field(&Personal(text)).finish(),
            Self::List(items) => f.debug_tuple("List").field(&Personal(items)).finish(),
            Self::Rows(rows) => f.debug_tuple("Rows").field(rows).finish(),
        }
    }
}

impl Value {
    /// The text of a one-text value.
    #[must_use]
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// For people: lists joined by commas, flags as `oui`/`non`.
    #[must_use]
    pub fn shown(&self) -> String {
        match self {
            Self::Flag(flag) => if *flag { "oui" } else { "non" }.to_owned(),
            Self::Text(text) => text.clone(),
            Self::List(items) => items.join(", "),
            Self::Rows(rows) => rows
                .iter()
                .map(|row| row.iter().map(|cell| cell.value.shown()).collect::<Vec<_>>().join(" "))
                .collect::<Vec<_>>()
                .join(" ; "),
        }
    }
}

/// Left, top, right, bottom.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(into = "[f32; 4]", from = "[f32; 4]")]
pub struct Rect {
    pub x0: f32,
    pub y0: f32,
    pub x1: f32,
    pub y1: f32,
}

impl From<Rect> for [f32; 4] {
    fn from(r: Rect) -> Self {
        [r.x0, r.y0, r.x1, r.y1]
    }
}

impl From<[f32; 4]> for Rect {
    fn from([x0, y0, x1, y1]: [f32; 4]) -> Self {
        Self { x0, y0, x1, y1 }
    }
}

impl Rect {
    #[must_use]
    pub fn width(&self) -> f32 {
        self.x1 - self.x0
    }

    #[must_use]
    pub fn height(&self) -> f32 {
        self.y1 - self.y0
    }

    #[must_use]
    pub fn centre(&self) -> (f32, f32) {
        (f32::midpoint(self.x0, self.x1), f32::midpoint(self.y0, self.y1))
    }

    /// The smallest rectangle that holds both.
    #[must_use]
    pub fn union(&self, other: &Self) -> Self {
        Self {
            x0: self.x0.min(other.x0),
            y0: self.y0.min(other.y0),
            x1: self.x1.max(other.x1),
            y1: self.y1.max(other.y1),
        }
    }

    #[must_use]
    pub fn contains(&self, (x, y): (f32, f32)) -> bool {
        (self.x0..=self.x1).contains(&x) && (self.y0..=self.y1).contains(&y)
    }
}

/// Where a value stands on the paper.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "in", deny_unknown_fields)]
pub enum Place {
    /// Page number from 1.
    Page {
        page: u32,
        bbox: Rect,
    },
    Cell {
        sheet: String,
        cell: String,
    },
}

/// How a value came to us.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Method {
    /// A PDF form field's stored value.
    Widget,
    /// Text printed in a digital PDF.
    Text,
    /// A spreadsheet cell.
    Cell,
    /// Ticked boxes.
    Mark,
    /// Optical character recognition.
    Ocr,
    /// Ink found in a zone (signature, stamp).
    Ink,
    /// Worked out from other values or a default; never printed on the paper.
    Derived,
    /// Settled by a person.
    Person,
}

/// Why a value is not trusted. Each has its sentence in `templates/`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Doubt {
    /// The label is a guess: fuzzy, far, or contested by another field.
    LabelUnsure,
    /// Two witnesses (form field against drawn text, two OCR readings, two cells) differ.
    WitnessesDisagree,
    /// The value does not have the form its type asks for, or its check fails.
    CheckFails,
    /// Only one weak witness speaks for it.
    WeakReading,
    /// A character was lost (no Unicode value in the font, U+FFFD, private use).
    LostGlyph,
    /// A numeric cell has rounded an identifier.
    PrecisionLost,
    /// Repaired toward a value whose check holds.
    Repaired,
    /// Several values stand under one label, or several options of one choice are ticked.
    Ambiguous,
    /// Written by hand.
    Handwritten,
    /// The value looks cut or runs into its neighbour.
    BoundsUnsure,
}

/// What the evidence amounts to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Trust {
    /// Proven right by its evidence: nobody needs to look.
    Trusted,
    /// A person must look, for these reasons (never empty).
    Doubtful(Vec<Doubt>),
    /// A person has looked.
    Settled { by: String },
}

impl Trust {
    /// Trusted or settled: a declaration or a letter may carry it.
    #[must_use]
    pub fn is_firm(&self) -> bool {
        !matches!(self, Self::Doubtful(_))
    }
}

/// One value of a form with all that is known about it.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Field {
    pub key: FieldKey,
    pub value: Value,
    /// As printed, before normalisation.
    pub raw: String,
    /// `None` for derived values.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<Place>,
    /// The label as it stands on this paper.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    pub method: Method,
    /// 0 to 1.
    pub confidence: f32,
    pub trust: Trust,
    /// What a person changed, oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub changes: Vec<Change>,
}

impl fmt::Debug for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { key, value, raw, place, label, method, confidence, trust, changes } = self;
        f.debug_struct("Field")
            .field("key", key)
            .field("value", value)
            .field("raw", &Personal(raw))
            .field("place", place)
            .field("label", label)
            .field("method", method)
            .field("confidence", confidence)
            .field("trust", trust)
            .field("changes", changes)
            .finish()
    }
}

/// A value changed by a person: who, when (RFC 3339), from what.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Change {
    pub by: String,
    pub at: String,
    pub before: Option<Value>,
}

/// Why a field of the schema has no value; the five outcomes of reading besides a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Absence {
    /// The label is there, its place is blank.
    Blank,
    /// The label was not found on the form.
    LabelNotFound,
    /// Something stands there that cannot be read.
    Unreadable,
    /// Several candidates, none better.
    Ambiguous,
}

/// A field without a value.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Gap {
    pub key: FieldKey,
    pub absence: Absence,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<Place>,
}

/// The fields of one form: of a whole document, or of one part of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Extraction {
    pub kind: super::document::Kind,
    /// Member of a ZIP, when the document is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub member: Option<String>,
    /// Pages (from 1) or sheet positions (from 1) this form covers.
    #[serde(default)]
    pub pages: Vec<u32>,
    pub fields: BTreeMap<FieldKey, Field>,
    pub gaps: Vec<Gap>,
}

impl Extraction {
    /// The value of one field.
    #[must_use]
    pub fn value(&self, key: &str) -> Option<&Value> {
        self.fields.get(&FieldKey::from(key)).map(|field| &field.value)
    }

    /// The text of one field.
    #[must_use]
    pub fn text(&self, key: &str) -> Option<&str> {
        self.value(key).and_then(Value::as_text)
    }
}
