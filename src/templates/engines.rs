//! One engine per family, each with the filters and the escaping of its family.

use std::collections::BTreeMap;
use std::io::Write;

use tera::{Kwargs, State, Tera, Value};

use super::Family;
use super::faults;
use crate::domain::notification::Language;

/// Filters that the declaration room gives a meaning to, for each file anew.
pub(super) const ROOM_FILTERS: [&str; 7] = ["zone", "reserve", "code", "flags", "codes", "without", "milliemes"];

pub(super) fn build(texts: &BTreeMap<String, String>, faults: &mut Vec<String>) -> BTreeMap<Family, Tera> {
    let letters = [Language::Fr, Language::Ar, Language::En].map(Family::Letters);
    let families = [Family::Declarations, Family::Pages].into_iter().chain(letters);
    families.map(|family| (family, engine(family, texts, faults))).collect()
}

fn engine(family: Family, texts: &BTreeMap<String, String>, faults: &mut Vec<String>) -> Tera {
    let belongs = |name: &str| match family {
        Family::Declarations => name.starts_with("declarations/"),
        Family::Pages => super::has_ending(name, ".html"),
        Family::Letters(language) => name.starts_with(&format!("letters/{}/", language.as_str())),
    };
    let mut engine = Tera::default();
    equip(family, &mut engine);
    let own: Vec<(&String, &String)> = texts
        .iter()
        .filter(|(name, _)| belongs(name) && !super::has_ending(name, ".toml"))
        .filter(|(name, text)| match syntax_fault(&engine, name, text) {
            Some(fault) => {
                faults.push(fault);
                false
            }
            None => true,
        })
        .collect();
    if let Err(err) = engine.add_raw_templates(own.iter().map(|(name, text)| (name.as_str(), text.as_str()))) {
        faults.extend(faults::lines(&err));
    }
    engine
}

fn equip(family: Family, engine: &mut Tera) {
    match family {
        Family::Pages => engine.autoescape_on([".html"]),
        Family::Declarations => {
            engine.autoescape_on(Vec::<&str>::new());
            for name in ROOM_FILTERS {
                engine.register_filter(name, |value: Value, _: Kwargs, _: &State| value);
            }
        }
        Family::Letters(language) => {
            engine.autoescape_on([".tera"]);
            engine.set_escape_fn(if language == Language::Ar { isolated } else { plain });
        }
    }
}

/// Text for a letter: one line, whatever the value holds.
fn plain(value: &str, out: &mut dyn Write) -> std::io::Result<()> {
    out.write_all(super::folded(value).as_bytes())
}

/// Text for a letter in Arabic: what is inserted keeps its own direction and does not turn its surroundings.
fn isolated(value: &str, out: &mut dyn Write) -> std::io::Result<()> {
    let value = super::folded(value);
    if value.is_empty() || value.chars().all(is_arabic_or_space) {
        return out.write_all(value.as_bytes());
    }
    write!(out, "\u{2068}{value}\u{2069}")
}

fn is_arabic_or_space(c: char) -> bool {
    c.is_whitespace() || matches!(c, '\u{600}'..='\u{6ff}' | '\u{750}'..='\u{77f}' | '\u{2068}' | '\u{2069}')
}

/// A template's own fault, found before the templates are put together so that each is named.
fn syntax_fault(engine: &Tera, name: &str, text: &str) -> Option<String> {
    let mut alone = engine.clone();
    match alone.add_raw_template(name, text) {
        Err(err) if matches!(err.kind(), tera::ErrorKind::SyntaxError(_)) => faults::lines(&err).into_iter().next(),
        _ => None,
    }
}
