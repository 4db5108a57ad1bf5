//! Short French phrases for codes, from the installation's `templates/`, else as shipped.

use std::collections::BTreeMap;

use anyhow::Context;

use crate::config::Config;
use crate::templates::SHIPPED;

/// Sections of one file: section, then code, then phrase.
#[derive(Debug)]
pub(super) struct Phrases(BTreeMap<String, BTreeMap<String, String>>);

impl Phrases {
    /// Reads a file such as `gates/fr.toml`; an installation without one uses the shipped one.
    pub(super) fn load(config: Option<&Config>, name: &str) -> anyhow::Result<Self> {
        let own = config.map(|config| config.templates().join(name)).filter(|path| path.is_file());
        let text = match &own {
            Some(path) => std::fs::read_to_string(path).with_context(|| format!("{}", path.display()))?,
            None => SHIPPED.get_file(name).and_then(include_dir::File::contents_utf8).unwrap_or_default().to_owned(),
        };
        Ok(Self(toml::from_str(&text).with_context(|| name.to_owned())?))
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
