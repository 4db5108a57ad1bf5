//! What the core asks of the rooms: checks within a form, between two forms, and values that follow from others.

use jiff::civil::Date;

use crate::domain::dossier::Counsel;
use crate::domain::field::{Extraction, Field, FieldKey, Method, Trust, Value};
use crate::domain::finding::Finding;
use crate::rules::Rules;
use crate::schemas::Forms;
use crate::validation;

/// The forms and rules of the installation.
pub(super) struct House<'a> {
    pub(super) forms: &'a Forms,
    pub(super) rules: &'a Rules,
}

impl Counsel for House<'_> {
    fn examine(&self, extraction: &Extraction, today: Date) -> Vec<Finding> {
        self.forms
            .of(extraction.kind)
            .map(|form| validation::examine(extraction, form, self.rules, today))
            .unwrap_or_default()
    }

    fn compare(&self, adhesion: &Extraction, fiche: &Extraction) -> Vec<Finding> {
        validation::compare(adhesion, fiche, self.rules)
    }

    /// The bank from the account, the governorate from the postal code, and the defaults of the procedure: dinars, Tunisia.
    fn derive(&self, adhesion: &Extraction) -> Vec<Field> {
        let rib = adhesion.text("rib").filter(|rib| rib.len() == 20 && rib.bytes().all(|b| b.is_ascii_digit()));
        let bank = rib.map(|rib| &rib[..2]);
        let governorate = adhesion.text("code_postal").and_then(|code| self.governorate(code));
        let mut fields = Vec::new();
        let mut add = |key: &str, value: Option<Value>| {
            if let Some(value) = value.filter(|_| adhesion.value(key).is_none()) {
                fields.push(derived(key, value));
            }
        };
        add("devises", Some(Value::List(vec!["TND".to_owned()])));
        add("pays", Some(Value::Text("TN".to_owned())));
        add("code_banque", bank.map(|code| Value::Text(code.to_owned())));
        add("banque", bank.and_then(|code| self.rules.banks.get(code)).map(|name| Value::Text(name.clone())));
        add("code_agence", rib.map(|rib| Value::Text(rib[2..5].to_owned())));
        add("gouvernorat", governorate.map(|name| Value::Text(name.to_owned())));
        fields
    }

    fn finding(&self, code: &str) -> Finding {
        self.rules.finding(code)
    }
}

impl House<'_> {
    /// The governorate of a postal code, when its first two digits belong to one only.
    fn governorate(&self, postal_code: &str) -> Option<&str> {
        let prefix = postal_code.get(..2)?;
        let mut of_prefix =
            self.rules.governorates.iter().filter(|found| found.prefixes_postaux.iter().any(|known| known == prefix));
        let found = of_prefix.next()?;
        of_prefix.next().is_none().then_some(found.nom.as_str())
    }
}

fn derived(key: &str, value: Value) -> Field {
    Field {
        key: FieldKey::from(key),
        raw: value.shown(),
        value,
        place: None,
        label: None,
        method: Method::Derived,
        confidence: 1.0,
        trust: Trust::Trusted,
        changes: Vec::new(),
    }
}
