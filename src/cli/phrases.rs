//! Short French phrases for codes, from the installation's `templates/`, else as shipped.

use std::collections::BTreeMap;

use anyhow::{Context, anyhow};

use super::NO;
use crate::config::Config;
use crate::procedure::Refused;
use crate::templates::{SHIPPED, toml_fault};

/// Sections of one file: section, then code, then phrase.
#[derive(Debug)]
pub(super) struct Phrases(BTreeMap<String, BTreeMap<String, String>>);

impl Phrases {
    /// Reads a file such as `gates/fr.toml`; an installation without one uses the shipped one. What an older installation lacks
    /// is as shipped.
    pub(super) fn load(config: Option<&Config>, name: &str) -> anyhow::Result<Self> {
        let shipped = SHIPPED.get_file(name).and_then(include_dir::File::contents_utf8).unwrap_or_default();
        let mut phrases = read(name, shipped)?;
        let own = config.map(|config| config.templates().join(name)).filter(|path| path.is_file());
        if let Some(path) = own {
            let text = std::fs::read_to_string(&path).with_context(|| format!("{}", path.display()))?;
            for (section, own) in read(name, &text)? {
                phrases.entry(section).or_default().extend(own);
            }
        }
        Ok(Self(phrases))
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
    eprintln!("{}", Phrases::load(Some(config), "gates/fr.toml")?.say("gate", gate));
    Ok(NO)
}
