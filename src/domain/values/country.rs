//! Countries by ISO 3166-1 alpha-2 code, read from their code or their name in French, English or Arabic.

use std::collections::HashMap;
use std::fmt;
use std::sync::LazyLock;

/// Code and names, one country a line: `TN|Tunisie|Tunisia|تونس|…`.
const NAMES: &str = include_str!("countries.txt");

static BY_NAME: LazyLock<HashMap<String, &'static str>> = LazyLock::new(|| {
    NAMES
        .lines()
        .filter_map(|line| line.split_once('|'))
        .flat_map(|(code, names)| names.split('|').chain([code]).map(move |name| (fold(name), code)))
        .collect()
});

/// An alpha-2 code of the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Country(&'static str);

impl Country {
    /// ```
    /// use guichet::domain::values::Country;
    /// assert_eq!(Country::parse("États-Unis").unwrap().to_string(), "US");
    /// ```
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        BY_NAME.get(&fold(text)).map(|code| Self(code))
    }
}

impl fmt::Display for Country {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

/// Letters only, lower case, without accents, Arabic alef and ta forms unified.
pub(super) fn fold(text: &str) -> String {
    use unicode_normalization::UnicodeNormalization;
    text.nfd()
        .filter(|c| c.is_alphabetic())
        .map(|c| match c {
            'أ' | 'إ' | 'آ' => 'ا',
            'ة' => 'ه',
            'ى' => 'ي',
            c => c,
        })
        .flat_map(char::to_lowercase)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::Country;

    #[test]
    fn by_code_and_by_name() {
        for (text, code) in [("tn", "TN"), ("Allemagne", "DE"), ("Pays Bas", "NL"), ("Ireland", "IE"), ("تونس", "TN")]
        {
            assert_eq!(Country::parse(text).map(|c| c.to_string()).as_deref(), Some(code), "{text}");
        }
        assert_eq!(Country::parse("Atlantide"), None);
    }
}
