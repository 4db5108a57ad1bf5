//! What a finding says: `templates/findings/<language>.toml`, one table per code with `text` and `remedy`.
//!
//! A table under a code, `[missing.absence.blank]`, replaces it when the finding's detail `absence` is `blank`. `{label}`,
//! `{value}` and other details in braces are filled in; the caller has masked them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Words;
use crate::domain::finding::Finding;
use crate::domain::notification::Language;
use crate::domain::values::tidy;

/// A finding in words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Said {
    /// What is wrong.
    pub text: String,
    /// What is to be done about it.
    pub remedy: String,
}

impl Said {
    /// Within a text of another direction.
    pub(super) fn isolated(self) -> Self {
        let isolate = |text: String| if text.is_empty() { text } else { format!("\u{2068}{text}\u{2069}") };
        Self { text: isolate(self.text), remedy: isolate(self.remedy) }
    }
}

/// The sentences of one language.
#[derive(Debug, Default)]
pub(super) struct Findings(BTreeMap<String, Sentence>);

#[derive(Debug, Clone, Deserialize)]
struct Sentence {
    text: String,
    #[serde(default)]
    remedy: String,
    /// Detail → its value → the sentence in that case.
    #[serde(flatten)]
    cases: BTreeMap<String, BTreeMap<String, Sentence>>,
}

impl Findings {
    pub(super) fn read(texts: &BTreeMap<String, String>, language: Language, faults: &mut Vec<String>) -> Self {
        let name = format!("findings/{}.toml", language.as_str());
        let Some(text) = texts.get(&name) else { return Self::default() };
        // What an installation of before lacks is as shipped.
        let shipped = super::shipped_text(&name).and_then(|text| toml::from_str(text).ok());
        let mut all: BTreeMap<String, Sentence> = shipped.unwrap_or_default();
        match toml::from_str::<BTreeMap<String, Sentence>>(text) {
            Ok(own) => {
                all.extend(own);
                Self(all)
            }
            Err(err) => {
                faults.push(toml_fault(&name, text, &err));
                Self::default()
            }
        }
    }

    pub(super) fn say(&self, finding: &Finding, words: &Words, language: Language) -> Option<Said> {
        let general = self.0.get(finding.code.as_str())?;
        let case = general.cases.iter().find_map(|(detail, values)| values.get(finding.details.get(detail)?));
        let Sentence { text, remedy, .. } = case.unwrap_or(general);
        Some(Said { text: filled(text, finding, words, language), remedy: filled(remedy, finding, words, language) })
    }
}

/// Fills in the names in braces, in one pass, so that a value that looks like a name in braces stays a value.
fn filled(sentence: &str, finding: &Finding, words: &Words, language: Language) -> String {
    let mut out = String::with_capacity(sentence.len());
    let mut rest = sentence;
    while let Some((before, after)) = rest.split_once('{') {
        let Some((name, tail)) = after.split_once('}') else { break };
        out.push_str(before);
        out.push_str(&detail(name, finding, words, language));
        rest = tail;
    }
    out.push_str(rest);
    out
}

fn detail(name: &str, finding: &Finding, words: &Words, language: Language) -> String {
    let value = match name {
        "label" => finding.label.clone().or_else(|| finding.field.as_ref().map(ToString::to_string)),
        "document" => finding.details.get(name).map(|kind| words.of("kind", kind)),
        "operation" => finding.details.get(name).map(|operation| words.of("operation", operation)),
        // `title.ar` stands for `title` in Arabic.
        _ => finding
            .details
            .get(&format!("{name}.{}", language.as_str()))
            .or_else(|| finding.details.get(&format!("{name}.fr")))
            .or_else(|| finding.details.get(name))
            .cloned(),
    };
    let value = folded(&value.unwrap_or_else(|| "…".to_owned()));
    if language == Language::Ar { format!("\u{2068}{value}\u{2069}") } else { value }
}

/// A value as it may stand within a sentence: one line, no characters that turn the text around or hide in it.
#[must_use]
pub fn folded(value: &str) -> String {
    tidy(value).chars().filter(|c| !c.is_control()).collect()
}

/// A TOML error in one line with its place.
pub fn toml_fault(name: &str, text: &str, err: &toml::de::Error) -> String {
    let at = err.span().map_or(0, |span| span.start);
    let line = text.get(..at).unwrap_or_default().matches('\n').count() + 1;
    format!("{name}:{line}: {}", err.message().lines().next().unwrap_or_default())
}
