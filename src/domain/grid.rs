//! The grid of tests, as data (`schemas/grille_tests.json`): which scenarios there are and to whom each applies.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::field::{Extraction, Value};

/// All scenarios, in the order in which they are run.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Grid {
    #[serde(default, rename = "$comment", skip_serializing)]
    pub comment: String,
    /// The words a result is noted with.
    #[serde(default)]
    pub verdicts: VerdictWords,
    pub scenarios: Vec<Scenario>,
}

/// Words by language (`fr`, `ar`, `en`); the first of each is the one that is printed.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VerdictWords {
    pub conforme: BTreeMap<String, Vec<String>>,
    pub non_conforme: BTreeMap<String, Vec<String>>,
    pub derogation: BTreeMap<String, Vec<String>>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    /// `0001`, `C05`: unique in the grid.
    pub code: String,
    /// What to do, by language (`fr`, `ar`, `en`).
    pub title: BTreeMap<String, String>,
    /// What must be seen, by language.
    pub expected: BTreeMap<String, String>,
    /// A payment is accepted: its authorisation number is noted.
    #[serde(default)]
    pub authorised: bool,
    /// Applies when the merchant asks for all of these; to everyone when empty.
    #[serde(default)]
    pub when: Vec<Trait>,
}

/// What a merchant asks for, as its forms say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Trait {
    /// 3-D Secure, national or international.
    Secure3d,
    /// A control and notification address.
    Notification,
    /// Integration by redirection to the payment page.
    Redirection,
    /// Integration by programming interface.
    Api,
    Preauthorisation,
    SeveralCurrencies,
}

impl Grid {
    /// A code that two scenarios share: results could not be told apart.
    #[must_use]
    pub fn repeated_code(&self) -> Option<&str> {
        let code = |at: usize| self.scenarios[at].code.as_str();
        (1..self.scenarios.len())
            .map(code)
            .enumerate()
            .find(|(before, c)| (0..=*before).any(|at| code(at) == *c))
            .map(|(_, c)| c)
    }

    /// The scenarios that a merchant must run.
    #[must_use]
    pub fn applying<'a>(&'a self, adhesion: Option<&Extraction>, fiche: Option<&Extraction>) -> Vec<&'a Scenario> {
        let forms: Vec<&Extraction> = adhesion.into_iter().chain(fiche).collect();
        self.scenarios.iter().filter(|scenario| scenario.when.iter().all(|asked| asked.holds(&forms))).collect()
    }
}

impl VerdictWords {
    /// The words of one language for conforme, non conforme and dérogation, as printed.
    #[must_use]
    pub fn printed(&self, language: &str) -> [String; 3] {
        [&self.conforme, &self.non_conforme, &self.derogation].map(|words| {
            let of = |language: &str| words.get(language).and_then(|words| words.first()).cloned();
            of(language).or_else(|| of("fr")).unwrap_or_default()
        })
    }
}

impl Scenario {
    /// What to do, in a language, else in French.
    #[must_use]
    pub fn title_in(&self, language: &str) -> &str {
        said(&self.title, language)
    }

    /// What must be seen, in a language, else in French.
    #[must_use]
    pub fn expected_in(&self, language: &str) -> &str {
        said(&self.expected, language)
    }
}

fn said<'a>(words: &'a BTreeMap<String, String>, language: &str) -> &'a str {
    words.get(language).or_else(|| words.get("fr")).map_or("", String::as_str)
}

impl Trait {
    fn holds(self, forms: &[&Extraction]) -> bool {
        let text = |key: &str, wanted: &str| {
            forms.iter().filter_map(|form| form.text(key)).any(|text| text.eq_ignore_ascii_case(wanted))
        };
        let flag = |key: &str| forms.iter().any(|form| form.value(key) == Some(&Value::Flag(true)));
        let list = |key: &'static str| {
            forms
                .iter()
                .filter_map(move |form| if let Some(Value::List(items)) = form.value(key) { Some(items) } else { None })
        };
        match self {
            Self::Secure3d => flag("secure3d_national") || flag("secure3d_international"),
            Self::Notification => forms.iter().any(|form| form.text("url_notification").is_some()),
            Self::Redirection => text("mode_integration", "redirection"),
            Self::Api => text("mode_integration", "api"),
            Self::Preauthorisation => list("types_paiement").flatten().any(|kind| kind == "pré-autorisation"),
            Self::SeveralCurrencies => list("devises").any(|currencies| currencies.len() > 1),
        }
    }
}
