//! EDGE. Loads `templates/`: declarations, answers, letters, and the words for codes, steps and places.
//!
//! Everything that is read by people or by Monétique-Tunisie is written here and not in code. The folder is read once, at
//! start; every template that is misspelt or faulty is named at once, with its line. A variable that a template
//! names and its context does not have is an error, never an empty place.
//!
//! Each family has an engine of its own, because each escapes in its own way: answers as HTML, letters not at all (the room
//! makes their HTML from their text), letters in Arabic by isolating what is not Arabic, declarations by their zones.

mod engines;
mod faults;
mod say;
mod words;

use std::collections::BTreeMap;
use std::path::Path;

use serde::Serialize;

use crate::domain::notification::Language;
use crate::shipped::InForce;

pub use faults::TemplateFaults;
pub use say::{Said, folded, toml_fault};
pub use words::{Words, difference, over_shipped};

/// The templates as shipped, for commands that need no installation and for `init` to lay out.
pub static SHIPPED: include_dir::Dir<'_> = include_dir::include_dir!("$CARGO_MANIFEST_DIR/templates");

/// Kinds of templates, each with its way of escaping.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Family {
    Declarations,
    /// HTML: answers, and what surrounds a letter.
    Pages,
    Letters(Language),
}

/// All templates, compiled.
pub struct Templates {
    engines: BTreeMap<Family, tera::Tera>,
    words: BTreeMap<Language, Words>,
    findings: BTreeMap<Language, say::Findings>,
}

/// A template that cannot be rendered with what it was given.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("{0}")]
pub struct Unrenderable(pub String);

impl Templates {
    /// The templates as shipped.
    #[must_use]
    #[expect(clippy::missing_panics_doc, reason = "what is shipped is checked by the tests")]
    pub fn built_in() -> Self {
        Self::read(&shipped()).expect("the shipped templates are checked by the tests")
    }

    /// Reads the templates of an installation. What it lacks, and what nobody changed there, is as shipped: a new version must not stop
    /// at letters of its own, nor write those of before.
    pub fn load(folder: &Path) -> Result<Self, TemplateFaults> {
        let mut faults = Vec::new();
        let mut texts = shipped();
        let in_force = InForce::of(&SHIPPED, folder);
        for entry in walkdir::WalkDir::new(folder).sort_by_file_name() {
            match entry {
                Ok(entry) if entry.file_type().is_file() => {
                    let name = entry.path().strip_prefix(folder).unwrap_or(entry.path());
                    let name = name.to_string_lossy().replace('\\', "/");
                    // What an editor leaves beside a file is no template.
                    if !is_template(&name) {
                        continue;
                    }
                    match in_force.text(&name) {
                        Ok(text) => texts.extend(text.map(|text| (name, text))),
                        Err(err) => faults.push(format!("{name}: {err}")),
                    }
                }
                Ok(_) => {}
                Err(err) => faults.push(format!("{}: {err}", folder.display())),
            }
        }
        match Self::read(&texts) {
            Ok(templates) if faults.is_empty() => Ok(templates),
            Ok(_) => Err(TemplateFaults(faults)),
            Err(TemplateFaults(found)) => {
                faults.extend(found);
                Err(TemplateFaults(faults))
            }
        }
    }

    fn read(texts: &BTreeMap<String, String>) -> Result<Self, TemplateFaults> {
        let mut faults = Vec::new();
        let engines = engines::build(texts, &mut faults);
        let mut words = BTreeMap::new();
        let mut findings = BTreeMap::new();
        for language in [Language::Fr, Language::Ar, Language::En] {
            words.insert(language, Words::read(texts, language, &mut faults));
            findings.insert(language, say::Findings::read(texts, language, &mut faults));
        }
        if faults.is_empty() { Ok(Self { engines, words, findings }) } else { Err(TemplateFaults(faults)) }
    }

    /// Fills a template in.
    pub fn render(&self, family: Family, name: &str, context: &impl Serialize) -> Result<String, Unrenderable> {
        let context = context_of(context)?;
        self.engine(family).render(name, &context).map_err(|err| faults::unrenderable(&err))
    }

    /// Fills one block of a template in.
    pub fn render_block(
        &self,
        family: Family,
        name: &str,
        block: &str,
        context: &impl Serialize,
    ) -> Result<String, Unrenderable> {
        let context = context_of(context)?;
        self.engine(family).render_block(name, block, &context).map_err(|err| faults::unrenderable(&err))
    }

    /// Fills a template in with filters of the caller's own: `equip` registers them on a copy of the engine.
    pub fn render_with(
        &self,
        family: Family,
        name: &str,
        context: &impl Serialize,
        equip: impl FnOnce(&mut tera::Tera),
    ) -> Result<String, Unrenderable> {
        let context = context_of(context)?;
        let mut engine = self.engine(family).clone();
        equip(&mut engine);
        engine.render(name, &context).map_err(|err| faults::unrenderable(&err))
    }

    /// Words for codes, steps, places and parties.
    #[must_use]
    pub fn words(&self, language: Language) -> &Words {
        &self.words[&language]
    }

    /// What a finding says and what is to be done about it; in French where a language has no words for it.
    #[must_use]
    pub fn say(&self, finding: &crate::domain::finding::Finding, language: Language) -> Said {
        let words = self.words(language);
        let told = self.findings[&language].say(finding, words, language);
        let french = || {
            let said = self.findings[&Language::Fr].say(finding, self.words(Language::Fr), Language::Fr)?;
            Some(if language == Language::Ar { said.isolated() } else { said })
        };
        told.or_else(french).unwrap_or_else(|| Said { text: finding.code.to_string(), remedy: String::new() })
    }

    fn engine(&self, family: Family) -> &tera::Tera {
        &self.engines[&family]
    }
}

fn context_of(context: &impl Serialize) -> Result<tera::Context, Unrenderable> {
    tera::Context::from_serialize(context).map_err(|err| faults::unrenderable(&err))
}

/// The shipped templates by name.
fn shipped() -> BTreeMap<String, String> {
    let files = crate::shipped::carried(&SHIPPED).into_iter().filter(|(name, _)| is_template(name));
    files.filter_map(|(name, bytes)| Some((name, String::from_utf8(bytes.to_vec()).ok()?))).collect()
}

/// One of the shipped templates.
fn shipped_text(name: &str) -> Option<&'static str> {
    SHIPPED.get_file(name).and_then(include_dir::File::contents_utf8)
}

/// Names of templates are ours: their endings are in small letters.
fn has_ending(name: &str, ending: &str) -> bool {
    name.ends_with(ending)
}

fn is_template(name: &str) -> bool {
    let file = name.rsplit('/').next().unwrap_or(name);
    !file.starts_with('.') && [".tera", ".html", ".toml"].iter().any(|ending| has_ending(file, ending))
}

#[cfg(test)]
mod tests;
