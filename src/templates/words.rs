//! Words for what the program knows as codes: steps, parties, kinds of document, places. `templates/words/<language>.toml`.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::domain::field::Place;
use crate::domain::notification::Language;

/// Words of one language, by group and code.
#[derive(Debug, Clone, Default, Serialize)]
#[serde(transparent)]
pub struct Words(BTreeMap<String, BTreeMap<String, String>>);

impl Words {
    pub(super) fn read(texts: &BTreeMap<String, String>, language: Language, faults: &mut Vec<String>) -> Self {
        let name = format!("words/{}.toml", language.as_str());
        let Some(text) = texts.get(&name) else { return Self::default() };
        let words = match toml::from_str(text) {
            Ok(words) => Self(words),
            Err(err) => {
                faults.push(super::say::toml_fault(&name, text, &err));
                return Self::default();
            }
        };
        let shipped: BTreeMap<String, BTreeMap<String, String>> = super::SHIPPED
            .get_file(&name)
            .and_then(include_dir::File::contents_utf8)
            .and_then(|text| toml::from_str(text).ok())
            .unwrap_or_default();
        faults.extend(super::say::unknown_words(&name, text, &words.0, &shipped));
        for (group, codes) in &shipped {
            for code in codes.keys().filter(|code| words.get(group, code).is_none()) {
                faults.push(format!("{name}: [{group}] {code} is missing"));
            }
        }
        words
    }

    /// The words for a code of a group.
    #[must_use]
    pub fn get(&self, group: &str, code: &str) -> Option<&str> {
        self.0.get(group)?.get(code).map(String::as_str)
    }

    /// The words for a code, else the code itself.
    #[must_use]
    pub fn of(&self, group: &str, code: &str) -> String {
        self.get(group, code).unwrap_or(code).to_owned()
    }

    /// All codes of a group with their words, in the order of the codes.
    pub fn group(&self, group: &str) -> impl Iterator<Item = (&str, &str)> {
        self.0.get(group).into_iter().flatten().map(|(code, words)| (code.as_str(), words.as_str()))
    }

    /// Where something stands on the paper.
    #[must_use]
    pub fn place(&self, place: &Place) -> String {
        match place {
            Place::Page { page, .. } => self.of("place", "page").replace("{page}", &page.to_string()),
            Place::Cell { sheet, cell } => self
                .of("place", "cell")
                .replace("{cell}", &super::folded(cell))
                .replace("{sheet}", &super::folded(sheet)),
        }
    }
}
