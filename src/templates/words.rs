//! Words for what the program knows as codes: steps, parties, kinds of document, places. `templates/words/<language>.toml`.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::domain::field::Place;
use crate::domain::notification::Language;

/// Words by group and code.
type Groups = BTreeMap<String, BTreeMap<String, String>>;

/// Words of one language, by group and code.
#[derive(Debug, Clone, Default, Serialize)]
#[serde(transparent)]
pub struct Words(Groups);

impl Words {
    pub(super) fn read(texts: &BTreeMap<String, String>, language: Language, faults: &mut Vec<String>) -> Self {
        let name = format!("words/{}.toml", language.as_str());
        let Some(text) = texts.get(&name) else { return Self::default() };
        match toml::from_str(text) {
            Ok(own) => Self(over_shipped(&name, own)),
            Err(err) => {
                faults.push(super::say::toml_fault(&name, text, &err));
                Self::default()
            }
        }
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

fn shipped(name: &str) -> Groups {
    super::shipped_text(name).and_then(|text| toml::from_str(text).ok()).unwrap_or_default()
}

/// What an installation of before lacks is as shipped: a word that is new must not stop it.
pub fn over_shipped(name: &str, own: Groups) -> Groups {
    let mut all = shipped(name);
    for (group, words) in own {
        all.entry(group).or_default().extend(words);
    }
    all
}

/// How a file of words differs from the one shipped in what it names.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Difference {
    /// As shipped until the file says otherwise.
    pub missing: Vec<String>,
    /// Read by nobody: misspelt, most often.
    pub unknown: Vec<String>,
}

/// Compares a file of words with the one shipped, each line with its file. What cannot be read is told by who loads it.
#[must_use]
pub fn difference(name: &str, text: &str) -> Difference {
    let mut found = Difference::default();
    let Ok(own) = toml::from_str::<Groups>(text) else { return found };
    let shipped = shipped(name);
    for (group, code) in codes(&shipped).filter(|of| !has(&own, *of)) {
        found.missing.push(format!("{name}: [{group}] {code} is missing: as shipped"));
    }
    for (group, code) in codes(&own).filter(|of| !has(&shipped, *of)) {
        found.unknown.push(format!("{name}:{}: [{group}] {code} is read by nobody", line_of(text, group, code)));
    }
    found
}

fn codes(groups: &Groups) -> impl Iterator<Item = (&str, &str)> {
    groups.iter().flat_map(|(group, words)| words.keys().map(move |code| (group.as_str(), code.as_str())))
}

fn has(groups: &Groups, (group, code): (&str, &str)) -> bool {
    groups.get(group).is_some_and(|words| words.contains_key(code))
}

fn line_of(text: &str, group: &str, code: &str) -> usize {
    let mut within = "";
    let found = text.lines().position(|line| {
        let line = line.trim();
        if let Some((table, _)) = line.strip_prefix('[').and_then(|line| line.split_once(']')) {
            within = table.trim().trim_matches('"');
        }
        let key = line.split_once('=').map(|(key, _)| key.trim().trim_matches('"'));
        within == group && key == Some(code)
    });
    found.map_or(1, |before| before + 1)
}
