//! A finding: something about a form or a file that a person should know, pointing at the paper.
//!
//! Findings are data, not errors: a bad form is an ordinary day. The core knows codes; what a code does (its effect)
//! is data in `schemas/findings.json`, what it says is in `templates/findings/`.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::document::Kind;
use super::field::{FieldKey, Place};
use super::personal::discreet;

/// Stable name of a kind of finding, such as `rib_key`; listed with its effect in `schemas/findings.json`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Code(String);

impl Code {
    pub fn new(code: impl Into<String>) -> Self {
        Self(code.into())
    }

    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<&str> for Code {
    fn from(code: &str) -> Self {
        Self(code.to_owned())
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What a finding does to its dossier, mildest first; reject wins over incomplete.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    Info,
    Warning,
    /// Nothing is known to be wrong, but a person must look before the dossier can be complete.
    Doubt,
    Incomplete,
    Reject,
}

/// One thing to tell, with its place and what the sentence needs.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Finding {
    pub code: Code,
    pub severity: Severity,
    /// The form it concerns, when it concerns one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<Kind>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<FieldKey>,
    /// The label as printed on this paper, else the schema's title.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<Place>,
    /// Values for the sentence (`value`, `expected`, `member`, …). Shown masked where the field is an identifier.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub details: BTreeMap<String, String>,
}

discreet!(Finding { code, severity, kind, field, label, place; details });

impl Finding {
    /// A finding about a file or a dossier as a whole.
    pub fn new(code: impl Into<Code>, severity: Severity) -> Self {
        Self {
            code: code.into(),
            severity,
            kind: None,
            field: None,
            label: None,
            place: None,
            details: BTreeMap::new(),
        }
    }

    #[must_use]
    pub fn in_kind(mut self, kind: Kind) -> Self {
        self.kind = Some(kind);
        self
    }

    #[must_use]
    pub fn about(mut self, field: &FieldKey, label: Option<String>, place: Option<Place>) -> Self {
        self.field = Some(field.clone());
        self.label = label;
        self.place = place;
        self
    }

    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.details.insert(name.to_owned(), value.into());
        self
    }

    /// While it stands the dossier is not complete: it rejects, asks for something, or waits for a person.
    #[must_use]
    pub fn blocks(&self) -> bool {
        self.severity >= Severity::Doubt
    }

    /// A person looks before anyone is told: what it says rests on a reading that is not sure.
    #[must_use]
    pub fn is_unsure(&self) -> bool {
        self.severity == Severity::Doubt || self.details.contains_key("unsure")
    }
}
