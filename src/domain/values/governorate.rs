//! The 24 governorates, read from their French or Arabic name.

use std::collections::HashMap;
use std::fmt;
use std::sync::LazyLock;

use serde::Deserialize;

/// The list that installations are laid out with; here only its names count, which change by law and not by setting.
const LIST: &str = include_str!("../../../schemas/gouvernorats.json");

#[derive(Deserialize)]
struct List {
    gouvernorats: Vec<Entry>,
}

#[derive(Deserialize)]
struct Entry {
    nom_fr: String,
    nom_ar: String,
    variantes: Vec<String>,
}

static BY_NAME: LazyLock<HashMap<String, &'static str>> = LazyLock::new(|| {
    let list: List = serde_json::from_str(LIST).expect("the shipped list is checked by the tests");
    let mut names = HashMap::new();
    for entry in list.gouvernorats {
        let name: &'static str = entry.nom_fr.leak();
        for variant in entry.variantes.iter().chain([&entry.nom_ar]) {
            names.insert(fold(variant), name);
        }
        names.insert(fold(name), name);
    }
    names
});

/// One of the 24; shown by its French name.
///
/// ```
/// use guichet::domain::values::Governorate;
/// assert_eq!(Governorate::parse("Gouvernorat de MEDENINE").unwrap().to_string(), "Médenine");
/// assert_eq!(Governorate::parse("صفاقس").unwrap().to_string(), "Sfax");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Governorate(&'static str);

impl Governorate {
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let folded = fold(text);
        let bare = ["gouvernoratde", "gouvernorat", "ولايه"].iter().find_map(|word| folded.strip_prefix(word));
        BY_NAME.get(&folded).or_else(|| BY_NAME.get(bare?)).map(|name| Self(name))
    }
}

impl fmt::Display for Governorate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

/// As countries are folded.
fn fold(text: &str) -> String {
    super::country::fold(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_twenty_four_answer_to_their_names() {
        let all: std::collections::BTreeSet<_> = BY_NAME.values().collect();
        assert_eq!(all.len(), 24);
        for (text, name) in [
            ("TOZEUR", "Tozeur"),
            ("Béja", "Béja"),
            ("El Kef", "Le Kef"),
            ("L'Ariana", "Ariana"),
            ("MANOUBA", "La Manouba"),
        ] {
            assert_eq!(Governorate::parse(text).map(|g| g.to_string()).as_deref(), Some(name), "{text}");
        }
        assert_eq!(Governorate::parse("Grand Tunis"), None);
    }
}
