//! Short French phrases for codes, from the installation's `templates/`, else as shipped.

use std::collections::BTreeMap;

use anyhow::{Context, anyhow};

use super::NO;
use crate::config::Config;
use crate::procedure::Refused;
use crate::templates::{SHIPPED, toml_fault, unknown_words};

/// Sections of one file: section, then code, then phrase.
#[derive(Debug)]
pub(super) struct Phrases(BTreeMap<String, BTreeMap<String, String>>);

impl Phrases {
    /// Reads a file such as `gates/fr.toml`; an installation without one uses the shipped one. What an older installation lacks
    /// is as shipped.
    pub(super) fn load(config: Option<&Config>, name: &str) -> anyhow::Result<Self> {
        let mut phrases = shipped(name)?;
        let own = config.map(|config| config.templates().join(name)).filter(|path| path.is_file());
        if let Some(path) = own {
            let text = std::fs::read_to_string(&path).with_context(|| format!("{}", path.display()))?;
            for (section, own) in read(name, &text)? {
                phrases.entry(section).or_default().extend(own);
            }
        }
        Ok(Self(phrases))
    }

    /// What is wrong with a file of an installation: it cannot be read, or holds phrases that nothing says.
    pub(super) fn faults(config: &Config, name: &str) -> Vec<String> {
        let Ok(text) = std::fs::read_to_string(config.templates().join(name)) else { return Vec::new() };
        match (read(name, &text), shipped(name)) {
            (Ok(own), Ok(known)) => unknown_words(name, &text, &own, &known),
            (Err(err), _) | (_, Err(err)) => vec![format!("{err:#}")],
        }
    }

    /// The phrase, else the code itself.
    pub(super) fn say<'a>(&'a self, section: &str, code: &'a str) -> &'a str {
        self.0.get(section).and_then(|phrases| phrases.get(code)).map_or(code, String::as_str)
    }

    #[cfg(test)]
    pub(super) fn knows(&self, section: &str, code: &str) -> bool {
        self.0.get(section).is_some_and(|phrases| phrases.contains_key(code))
    }
}

fn shipped(name: &str) -> anyhow::Result<BTreeMap<String, BTreeMap<String, String>>> {
    read(name, SHIPPED.get_file(name).and_then(include_dir::File::contents_utf8).unwrap_or_default())
}

fn read(name: &str, text: &str) -> anyhow::Result<BTreeMap<String, BTreeMap<String, String>>> {
    toml::from_str(text).map_err(|err| anyhow!(toml_fault(name, text, &err)))
}

/// Says why a dossier refuses an order, and gives the exit code that goes with it; other failures go on.
pub(super) fn refused(config: &Config, refused: Refused) -> anyhow::Result<u8> {
    match refused {
        Refused::OutOfOrder(why) => said_no(config, why.gate),
        other => Err(other.into()),
    }
}

/// Says why something is refused, by the code of the gate.
pub(super) fn said_no(config: &Config, gate: &str) -> anyhow::Result<u8> {
    eprintln!("{}", self::gate(config, gate)?);
    Ok(NO)
}

/// Why something is refused, in words.
pub(super) fn gate(config: &Config, gate: &str) -> anyhow::Result<String> {
    Ok(Phrases::load(Some(config), "gates/fr.toml")?.say("gate", gate).to_owned())
}
