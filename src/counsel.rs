//! What the core asks of the rooms: the one place where validation and the data files answer the dossier's questions.

use jiff::civil::Date;

use crate::domain::dossier::Counsel;
use crate::domain::field::{Extraction, Field};
use crate::domain::finding::Finding;
use crate::rules::Rules;
use crate::schemas::Forms;
use crate::validation;

/// Forms and rules, as the dossier's adviser.
#[derive(Debug, Clone, Copy)]
pub struct Advice<'a> {
    pub forms: &'a Forms,
    pub rules: &'a Rules,
}

impl Counsel for Advice<'_> {
    fn examine(&self, extraction: &Extraction, today: Date) -> Vec<Finding> {
        let form = self.forms.of(extraction.kind);
        form.map(|form| validation::examine(extraction, form, self.rules, today)).unwrap_or_default()
    }

    fn compare(&self, adhesion: &Extraction, fiche: &Extraction) -> Vec<Finding> {
        validation::compare(adhesion, fiche, self.rules)
    }

    fn derive(&self, adhesion: &Extraction) -> Vec<Field> {
        validation::derive(adhesion, self.rules)
    }

    fn bank_named(&self, form: &Extraction) -> Option<String> {
        let known = |code: &str| self.rules.banks.contains_key(code).then(|| code.to_owned());
        let folded = |name: &str| name.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase();
        if let Some(code) = form.text("code_banque") {
            return known(code);
        }
        let printed = folded(form.text("banque")?);
        self.rules.banks.iter().find(|(_, name)| folded(name) == printed).map(|(code, _)| code.clone())
    }

    fn finding(&self, code: &str) -> Finding {
        self.rules.finding(code)
    }
}
