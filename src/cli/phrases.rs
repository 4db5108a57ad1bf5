//! Short French phrases for codes, from the installation's `templates/`, else as shipped.

use std::collections::BTreeMap;

use anyhow::{Context, anyhow};

use super::NO;
use crate::config::Config;
use crate::procedure::Refused;
use crate::shipped::InForce;
use crate::templates::{SHIPPED, over_shipped, toml_fault};

/// Sections of one file: section, then code, then phrase.
#[derive(Debug)]
pub(super) struct Phrases(BTreeMap<String, BTreeMap<String, String>>);

impl Phrases {
    /// Reads a file such as `gates/fr.toml`; an installation without one uses the shipped one. What an older installation lacks
    /// is as shipped.
    pub(super) fn load(config: Option<&Config>, name: &str) -> anyhow::Result<Self> {
        let Some(folder) = config.map(Config::templates) else { return Ok(Self(over_shipped(name, BTreeMap::new()))) };
        let text = InForce::of(&SHIPPED, &folder).text(name);
        let text = text.with_context(|| format!("{}", folder.join(name).display()))?.unwrap_or_default();
        let own = toml::from_str(&text).map_err(|err| anyhow!(toml_fault(name, &text, &err)))?;
        Ok(Self(over_shipped(name, own)))
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
