//! The forms as data: `schemas/*.schema.json` (JSON Schema 2020-12 plus an `x-guichet` object per property).
//!
//! Read once at start; every fault is reported at once. Rooms are given `&Forms` and know no file.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;

use crate::domain::document::Kind;
use crate::domain::field::FieldKey;
pub use crate::domain::values::ValueType;

/// All form kinds known, in file-name order.
#[derive(Debug)]
pub struct Forms {
    pub forms: Vec<Form>,
}

impl Forms {
    /// The form of one kind.
    #[must_use]
    pub fn of(&self, kind: Kind) -> Option<&Form> {
        self.forms.iter().find(|form| form.kind == kind)
    }
}

/// One form kind.
#[derive(Debug)]
pub struct Form {
    pub kind: Kind,
    pub title: String,
    /// Titles by which the form is recognised, any language.
    pub titles: Vec<String>,
    pub sections: Vec<Section>,
    /// In form order.
    pub fields: Vec<FieldSpec>,
    /// The schema itself, for validation.
    pub schema: serde_json::Value,
}

/// A part of a form under one heading; decides between homonyms.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Section {
    pub id: String,
    pub labels: Vec<String>,
}

/// One field of a form.
#[derive(Debug, Clone)]
pub struct FieldSpec {
    pub key: FieldKey,
    /// The printed label, for messages.
    pub title: String,
    pub hints: Hints,
}

/// The `x-guichet` object of a property.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Hints {
    #[serde(rename = "type")]
    pub value_type: ValueType,
    pub section: Option<String>,
    #[serde(default)]
    pub need: Need,
    #[serde(default)]
    pub labels: Labels,
    /// For choices: canonical value to printed variants.
    #[serde(default)]
    pub choices: BTreeMap<String, Vec<String>>,
    /// For rows: the columns, in usual order.
    #[serde(default)]
    pub columns: Vec<Column>,
    /// Shown masked everywhere but in the declaration.
    #[serde(default)]
    pub masked: bool,
}

/// Labels by language, longest wording first or not: the engine sorts.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Labels {
    #[serde(default)]
    pub fr: Vec<String>,
    #[serde(default)]
    pub ar: Vec<String>,
    #[serde(default)]
    pub en: Vec<String>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Column {
    pub key: FieldKey,
    #[serde(rename = "type")]
    pub value_type: ValueType,
    pub labels: Labels,
}

/// When a field must be there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Need {
    Deposit,
    Production,
    #[default]
    Optional,
}

/// Everything wrong with the schemas, each line with its file.
#[derive(Debug, thiserror::Error)]
#[error("{}", .0.join("\n"))]
pub struct SchemaFaults(pub Vec<String>);

/// The schemas as shipped, for commands that need no installation and for `init` to lay out.
pub static SHIPPED: include_dir::Dir<'_> = include_dir::include_dir!("$CARGO_MANIFEST_DIR/schemas");

impl Forms {
    /// The forms as shipped.
    #[must_use]
    pub fn built_in() -> Self {
        let texts = SHIPPED.files().filter_map(|file| Some((file.path().to_str()?, file.contents_utf8()?)));
        let mut faults = Vec::new();
        let forms = Self::parse(texts.filter(|(name, _)| name.ends_with(".schema.json")), &mut faults);
        assert!(faults.is_empty(), "the shipped schemas are checked by the tests: {faults:?}");
        forms
    }

    /// Reads every `*.schema.json` of a folder.
    pub fn load(folder: &Path) -> Result<Self, SchemaFaults> {
        let mut faults = Vec::new();
        let mut names: Vec<_> = match std::fs::read_dir(folder) {
            Ok(entries) => entries
                .flatten()
                .map(|entry| entry.path())
                .filter(|path| path.to_string_lossy().ends_with(".schema.json"))
                .collect(),
            Err(err) => return Err(SchemaFaults(vec![format!("{}: {err}", folder.display())])),
        };
        names.sort();
        let mut texts = Vec::new();
        for path in names {
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            match std::fs::read_to_string(&path) {
                Ok(text) => texts.push((name, text)),
                Err(err) => faults.push(format!("{name}: {err}")),
            }
        }
        let forms = Self::parse(texts.iter().map(|(name, text)| (name.as_str(), text.as_str())), &mut faults);
        if faults.is_empty() { Ok(forms) } else { Err(SchemaFaults(faults)) }
    }

    /// Reads schemas from their texts, adding what is wrong to `faults`.
    pub fn parse<'a>(texts: impl IntoIterator<Item = (&'a str, &'a str)>, faults: &mut Vec<String>) -> Self {
        let mut forms = Vec::new();
        for (name, text) in texts {
            match Form::parse(text) {
                Ok(form) => forms.push(form),
                Err(found) => faults.extend(found.into_iter().map(|fault| format!("{name}: {fault}"))),
            }
        }
        Self { forms }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FormHints {
    kind: Kind,
    titles: Vec<String>,
    sections: Vec<Section>,
}

impl Form {
    fn parse(text: &str) -> Result<Self, Vec<String>> {
        let schema: serde_json::Value = serde_json::from_str(text).map_err(|err| vec![err.to_string()])?;
        let mut faults = Vec::new();
        let hints: Option<FormHints> = match serde_json::from_value(schema["x-guichet"].clone()) {
            Ok(hints) => Some(hints),
            Err(err) => {
                faults.push(format!("x-guichet: {err}"));
                None
            }
        };
        let mut fields = Vec::new();
        for (key, property) in schema["properties"].as_object().into_iter().flatten() {
            match serde_json::from_value::<Hints>(property["x-guichet"].clone()) {
                Ok(hints) => fields.push(FieldSpec {
                    key: FieldKey::new(key.clone()),
                    title: property["title"].as_str().unwrap_or(key).to_owned(),
                    hints,
                }),
                Err(err) => faults.push(format!("properties.{key}.x-guichet: {err}")),
            }
        }
        if fields.is_empty() {
            faults.push("properties: no field".to_owned());
        }
        match hints {
            Some(hints) if faults.is_empty() => Ok(Self {
                kind: hints.kind,
                title: schema["title"].as_str().unwrap_or_default().to_owned(),
                titles: hints.titles,
                sections: hints.sections,
                fields,
                schema,
            }),
            _ => Err(faults),
        }
    }
}
