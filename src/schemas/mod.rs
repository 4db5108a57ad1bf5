//! The forms as data: `schemas/*.schema.json` (JSON Schema 2020-12 plus an `x-guichet` object per property).
//!
//! Read once at start, together with the index of their wordings (`lexicon`); every fault is reported at once. Rooms are
//! given `&Forms` and know no file.

pub(crate) mod fold;
pub(crate) mod lexicon;
mod thresholds;

use std::collections::BTreeMap;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::domain::document::Kind;
use crate::domain::field::FieldKey;
pub use crate::domain::values::ValueType;
use crate::lines;
use crate::shipped::InForce;
use lexicon::Lexicon;
use thresholds::FILE as THRESHOLDS;
pub use thresholds::Thresholds;

/// All form kinds known, in file-name order.
#[derive(Debug)]
pub struct Forms {
    pub forms: Vec<Form>,
    /// What words mean on these forms, whatever the wording.
    pub vocabulary: Vocabulary,
    /// Wordings met on real forms, besides those the schemas give.
    pub variants: Vec<Variant>,
    /// How much evidence makes a value trusted.
    pub thresholds: Thresholds,
    /// File names and texts all this was read from, for the child process a document is read in.
    pub texts: Vec<(String, String)>,
    /// What the wordings of all forms mean.
    pub(crate) lexicon: Lexicon,
}

impl Forms {
    /// Learnt wordings of a field.
    pub fn variants_of<'a>(&'a self, key: &'a FieldKey) -> impl Iterator<Item = &'a str> {
        self.variants.iter().filter(move |variant| variant.field == *key).map(|variant| variant.text.as_str())
    }

    /// The forms as they would be had one layout never been seen: without the wordings known from it alone.
    #[must_use]
    pub fn leaving_out(mut self, layout: &str) -> Self {
        let from_elsewhere =
            |variant: &Variant| variant.seen_in.is_empty() || variant.seen_in.iter().any(|seen| seen != layout);
        self.variants.retain(from_elsewhere);
        // The process a document is read in is told the same.
        for (_, text) in self.texts.iter_mut().filter(|(name, _)| name == VARIANTS) {
            *text = serde_json::to_string(&self.variants).expect("wordings are plain text");
        }
        self.lexicon = Lexicon::new(&self);
        self
    }

    /// The form of one kind.
    #[must_use]
    pub fn of(&self, kind: Kind) -> Option<&Form> {
        self.forms.iter().find(|form| form.kind == kind)
    }
}

/// `vocabulary.json`: words that say nothing, and phrases that mean the same.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Vocabulary {
    pub stop: Vec<String>,
    /// Concept to its phrases, any language.
    pub concepts: BTreeMap<String, Vec<String>>,
    /// Concepts that add little to a wording: `numéro`, `type`.
    pub light: Vec<String>,
    /// Concepts that are a kind of another: a mobile is a telephone.
    pub broader: BTreeMap<String, String>,
}

/// `variants.json`: a wording of a field met on a real form.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Variant {
    pub field: FieldKey,
    pub text: String,
    /// Layouts in which it was met; empty when it is general knowledge.
    #[serde(default)]
    pub seen_in: Vec<String>,
}

/// One form kind.
#[derive(Debug)]
pub struct Form {
    /// Name of the file it was read from.
    pub file: String,
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

impl Form {
    /// The field of one key.
    #[must_use]
    pub fn field(&self, key: &str) -> Option<&FieldSpec> {
        self.fields.iter().find(|spec| spec.key.as_str() == key)
    }
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

impl FieldSpec {
    /// A column of a table, as a field of its own.
    #[must_use]
    pub fn of_column(column: &Column) -> Self {
        let hints = Hints {
            value_type: column.value_type,
            section: None,
            need: Need::Optional,
            labels: column.labels.clone(),
            choices: BTreeMap::new(),
            answers: Vec::new(),
            columns: Vec::new(),
            masked: false,
        };
        Self { key: column.key.clone(), title: column.key.to_string(), hints }
    }
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
    /// Free words often answered: `Gérant` is a capacity where one is asked for, though sections bear that name.
    #[serde(default)]
    pub answers: Vec<String>,
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

const VOCABULARY: &str = "vocabulary.json";
const VARIANTS: &str = "variants.json";

/// Schemas, vocabulary and variants; other lists lie beside them.
fn is_ours(name: &str) -> bool {
    name.ends_with(".schema.json") || name == VOCABULARY || name == VARIANTS || name == THRESHOLDS
}

fn one(fault: String) -> Vec<String> {
    vec![fault]
}

/// Everything wrong with the schemas, each line with its file.
#[derive(Debug, thiserror::Error)]
#[error("{}", .0.join("\n"))]
pub struct SchemaFaults(pub Vec<String>);

/// The schemas as shipped, for commands that need no installation and for `init` to lay out.
pub static SHIPPED: include_dir::Dir<'_> = include_dir::include_dir!("$CARGO_MANIFEST_DIR/schemas");

/// A file of data beside the schemas; as shipped where an installation of before lacks it, or nobody changed it there.
pub(crate) fn data(folder: &Path, name: &str) -> Result<String, String> {
    let text = InForce::of(&SHIPPED, folder).text(name).map_err(|err| err.to_string())?;
    text.ok_or_else(|| "missing".to_owned())
}

/// A file of data as shipped.
pub(crate) fn shipped(name: &str) -> Result<String, String> {
    let text = SHIPPED.get_file(name).and_then(include_dir::File::contents_utf8);
    text.map(ToOwned::to_owned).ok_or_else(|| "missing".to_owned())
}

impl Forms {
    /// The forms as shipped.
    #[must_use]
    pub fn built_in() -> Self {
        let texts = SHIPPED.files().filter_map(|file| Some((file.path().to_str()?, file.contents_utf8()?)));
        let mut faults = Vec::new();
        let forms = Self::parse(texts.filter(|(name, _)| is_ours(name)), &mut faults);
        assert!(faults.is_empty(), "the shipped schemas are checked by the tests: {faults:?}");
        forms
    }

    /// Reads every `*.schema.json` of a folder, and the vocabulary and variants beside them.
    pub fn load(folder: &Path) -> Result<Self, SchemaFaults> {
        let mut faults = Vec::new();
        let mut names: Vec<_> = match std::fs::read_dir(folder) {
            Ok(entries) => entries
                .flatten()
                .map(|entry| entry.path())
                .filter(|path| is_ours(&path.file_name().unwrap_or_default().to_string_lossy()))
                .collect(),
            Err(err) => return Err(SchemaFaults(vec![format!("{}: {err}", folder.display())])),
        };
        names.sort();
        let in_force = InForce::of(&SHIPPED, folder);
        let mut texts = Vec::new();
        for path in names {
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            match in_force.text(&name) {
                Ok(text) => texts.extend(text.map(|text| (name, text))),
                Err(err) => faults.push(format!("{name}: {err}")),
            }
        }
        let forms = Self::parse(texts.iter().map(|(name, text)| (name.as_str(), text.as_str())), &mut faults);
        if faults.is_empty() { Ok(forms) } else { Err(SchemaFaults(faults)) }
    }

    /// Reads schemas from their texts, adding what is wrong to `faults`.
    pub fn parse<'a>(texts: impl IntoIterator<Item = (&'a str, &'a str)>, faults: &mut Vec<String>) -> Self {
        let mut forms = Self {
            forms: Vec::new(),
            vocabulary: Vocabulary::default(),
            variants: Vec::new(),
            thresholds: Thresholds::default(),
            texts: Vec::new(),
            lexicon: Lexicon::default(),
        };
        for (name, text) in texts {
            forms.texts.push((name.to_owned(), text.to_owned()));
            let found = match name {
                VOCABULARY => lines::json(text).map(|vocabulary| forms.vocabulary = vocabulary).map_err(one),
                VARIANTS => lines::json(text).map(|variants| forms.variants = variants).map_err(one),
                THRESHOLDS => lines::json(text).map(|thresholds| forms.thresholds = thresholds).map_err(one),
                _ => Form::parse(name, text).map(|form| forms.forms.push(form)),
            };
            faults.extend(found.err().into_iter().flatten().map(|fault| format!("{name}:{fault}")));
        }
        forms.check_variants(faults);
        forms.thresholds.check(faults);
        forms.lexicon = Lexicon::new(&forms);
        forms
    }

    fn check_variants(&self, faults: &mut Vec<String>) {
        for variant in &self.variants {
            let known = self.forms.iter().any(|form| form.fields.iter().any(|field| field.key == variant.field));
            if !known && !self.forms.is_empty() {
                faults.push(format!("{VARIANTS}: no form has a field \"{}\"", variant.field));
            }
        }
    }
}

/// A part of a schema; its line is looked for only when it is at fault, because every child process reads the schemas.
fn part<T: serde::de::DeserializeOwned>(text: &str, schema: &serde_json::Value, path: &[&str]) -> Result<T, String> {
    let found = path.iter().try_fold(schema, |within, key| within.get(key));
    let read = found.and_then(|found| T::deserialize(found).ok());
    read.map_or_else(|| lines::json_at(text, path), Ok)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FormHints {
    kind: Kind,
    titles: Vec<String>,
    sections: Vec<Section>,
}

impl Form {
    /// Reads a schema; each fault begins with its line.
    fn parse(file: &str, text: &str) -> Result<Self, Vec<String>> {
        let schema: serde_json::Value = lines::json(text).map_err(one)?;
        let mut faults = Vec::new();
        let hints: Option<FormHints> = part(text, &schema, &["x-guichet"]).map_err(|fault| faults.push(fault)).ok();
        let mut fields = Vec::new();
        for (key, property) in schema["properties"].as_object().into_iter().flatten() {
            match part::<Hints>(text, &schema, &["properties", key, "x-guichet"]) {
                Ok(hints) => fields.push(FieldSpec {
                    key: FieldKey::new(key.clone()),
                    title: property["title"].as_str().unwrap_or(key).to_owned(),
                    hints,
                }),
                Err(fault) => faults.push(fault),
            }
        }
        if fields.is_empty() && faults.is_empty() {
            faults.push(format!("{}: properties: no field", lines::line_of(text, &["properties"])));
        }
        match hints {
            Some(hints) if faults.is_empty() => Ok(Self {
                file: file.to_owned(),
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
