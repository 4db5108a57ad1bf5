//! What the core asks of the rooms: the one place where validation and the data files answer the dossier's questions.

use jiff::civil::Date;

use crate::domain::dossier::Counsel;
use crate::domain::field::{Extraction, Field, Method, Trust, Value};
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
        let mut derived = Vec::new();
        let mut add = |key: &str, value: Option<Value>| {
            if let Some(value) = value.filter(|_| adhesion.value(key).is_none()) {
                derived.push(Field {
                    key: key.into(),
                    raw: String::new(),
                    value,
                    place: None,
                    label: None,
                    method: Method::Derived,
                    confidence: 1.0,
                    trust: Trust::Trusted,
                    changes: Vec::new(),
                });
            }
        };
        let text = |value: &str| Some(Value::Text(value.to_owned()));
        add("devises", Some(Value::List(vec!["TND".to_owned()])));
        add("pays", text("TN"));
        add("types_paiement", Some(Value::List(vec!["immédiat".to_owned()])));
        // A prefix shared by several governorates tells nothing.
        let prefix = adhesion.text("code_postal").and_then(|code| code.get(..2)).unwrap_or_default();
        let mut fitting =
            self.rules.governorates.iter().filter(|g| g.prefixes_postaux.iter().any(|known| known == prefix));
        if let (Some(only), None) = (fitting.next(), fitting.next()) {
            add("gouvernorat", text(&only.nom));
        }
        let bank = adhesion.text("rib").and_then(|rib| rib.get(..2)).unwrap_or_default();
        if let Some(name) = self.rules.banks.get(bank) {
            add("code_banque", text(bank));
            add("banque", text(name));
        }
        let individual = adhesion.text("forme_juridique") == Some("personne physique");
        if adhesion.value("forme_juridique").is_some() {
            add("type_personne", text(if individual { "physique" } else { "morale" }));
        }
        derived
    }

    fn finding(&self, code: &str) -> Finding {
        self.rules.finding(code)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::domain::document::Kind;

    #[test]
    fn only_what_follows_and_is_not_printed_is_derived() {
        let forms = Forms::built_in();
        let rules = Rules::built_in(&forms);
        let field = |key: &str, value: &str| Field {
            key: key.into(),
            value: Value::Text(value.into()),
            raw: value.into(),
            place: None,
            label: None,
            method: Method::Text,
            confidence: 1.0,
            trust: Trust::Trusted,
            changes: Vec::new(),
        };
        let fields: BTreeMap<_, _> =
            [field("code_postal", "4000"), field("rib", "08006012345678901231"), field("pays", "FR")]
                .into_iter()
                .map(|field| (field.key.clone(), field))
                .collect();
        let form = Extraction { kind: Kind::Adhesion, member: None, pages: vec![], fields, gaps: vec![] };
        let derived: Vec<String> = Advice { forms: &forms, rules: &rules }
            .derive(&form)
            .iter()
            .map(|field| format!("{} = {}", field.key, field.value.shown()))
            .collect();
        insta::assert_debug_snapshot!(derived, @r#"
        [
            "devises = TND",
            "types_paiement = immédiat",
            "gouvernorat = Sousse",
            "code_banque = 08",
            "banque = Banque Internationale Arabe de Tunisie",
        ]
        "#);
    }
}
