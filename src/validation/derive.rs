//! What follows from the values that are printed: the bank and its branch from the account, the governorate from the postal
//! code, the defaults of the procedure.
//!
//! A value worked out from a doubtful one carries the same doubts; a value that fails its check gives nothing.

use super::field;
use crate::domain::field::{Extraction, Field, FieldKey, Method, Trust, Value};
use crate::domain::values::Rib;
use crate::rules::Rules;

/// Currencies, country and ways to pay where the form names none.
fn defaults() -> [(&'static str, Value); 3] {
    [
        ("devises", Value::List(vec!["TND".to_owned()])),
        ("pays", Value::Text("TN".to_owned())),
        ("types_paiement", Value::List(vec!["immédiat".to_owned()])),
    ]
}

pub(super) fn derive(adhesion: &Extraction, rules: &Rules) -> Vec<Field> {
    let mut derived: Vec<Field> =
        defaults().into_iter().map(|(key, value)| made(key, value, &Trust::Trusted)).collect();
    if let Some((source, rib)) = account(adhesion) {
        let text = |value: &str| Value::Text(value.to_owned());
        derived.push(made("code_banque", text(rib.bank()), &source.trust));
        derived.push(made("code_agence", text(rib.branch()), &source.trust));
        if let Some(bank) = rules.banks.get(rib.bank()) {
            derived.push(made("banque", text(bank), &source.trust));
        }
    }
    if let Some(source) = field(adhesion, "code_postal")
        && let Some(name) = source.value.as_text().and_then(|code| only_governorate(code, rules))
    {
        derived.push(made("gouvernorat", Value::Text(name.to_owned()), &source.trust));
    }
    if let Some(source) = field(adhesion, "forme_juridique") {
        let person = if source.value.as_text() == Some("personne physique") { "physique" } else { "morale" };
        derived.push(made("type_personne", Value::Text(person.to_owned()), &source.trust));
    }
    derived.retain(|field| !adhesion.fields.contains_key(&field.key));
    derived
}

fn account(adhesion: &Extraction) -> Option<(&Field, Rib)> {
    let source = field(adhesion, "rib")?;
    Some((source, Rib::parse(source.value.as_text()?).ok()?))
}

/// A prefix that several governorates share tells nothing.
fn only_governorate<'a>(postal_code: &str, rules: &'a Rules) -> Option<&'a str> {
    let prefix = postal_code.get(..2)?;
    let mut of_prefix =
        rules.governorates.iter().filter(|known| known.prefixes_postaux.iter().any(|known| known == prefix));
    let found = of_prefix.next()?;
    of_prefix.next().is_none().then_some(found.nom.as_str())
}

fn made(key: &str, value: Value, trust: &Trust) -> Field {
    Field {
        key: FieldKey::from(key),
        raw: String::new(),
        value,
        place: None,
        label: None,
        method: Method::Derived,
        confidence: 1.0,
        trust: match trust {
            Trust::Settled { .. } => Trust::Trusted,
            trust => trust.clone(),
        },
        changes: Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::domain::document::Kind;
    use crate::domain::field::Doubt;
    use crate::schemas::Forms;

    fn form(printed: &[(&str, &str, Trust)]) -> Extraction {
        let field = |(key, value, trust): &(&str, &str, Trust)| Field {
            raw: (*value).to_owned(),
            trust: trust.clone(),
            ..made(key, Value::Text((*value).to_owned()), trust)
        };
        let fields: BTreeMap<_, _> = printed.iter().map(field).map(|field| (field.key.clone(), field)).collect();
        Extraction { kind: Kind::Adhesion, member: None, pages: vec![], fields, gaps: vec![] }
    }

    fn shown(form: &Extraction) -> Vec<String> {
        let rules = Rules::built_in(&Forms::built_in());
        let trust = |field: &Field| if field.trust.is_firm() { "" } else { " ?" };
        derive(form, &rules)
            .iter()
            .map(|field| format!("{} = {}{}", field.key, field.value.shown(), trust(field)))
            .collect()
    }

    #[test]
    fn only_what_follows_and_is_not_printed_is_derived() {
        let printed = form(&[
            ("code_postal", "4000", Trust::Trusted),
            ("rib", "08006012345678901231", Trust::Trusted),
            ("pays", "FR", Trust::Trusted),
        ]);
        insta::assert_debug_snapshot!(shown(&printed), @r#"
        [
            "devises = TND",
            "types_paiement = immédiat",
            "code_banque = 08",
            "code_agence = 006",
            "banque = Banque Internationale Arabe de Tunisie",
            "gouvernorat = Sousse",
        ]
        "#);
    }

    #[test]
    fn doubt_is_handed_down() {
        let doubt = Trust::Doubtful(vec![Doubt::WeakReading]);
        let printed = form(&[("code_postal", "4000", doubt.clone()), ("forme_juridique", "SARL", doubt)]);
        let told = shown(&printed);
        assert!(told.contains(&"gouvernorat = Sousse ?".to_owned()), "{told:?}");
        assert!(told.contains(&"type_personne = morale ?".to_owned()), "{told:?}");
    }

    #[test]
    fn a_wrong_account_and_a_shared_postal_code_tell_nothing() {
        let printed = form(&[("code_postal", "2035", Trust::Trusted), ("rib", "08006012345678901232", Trust::Trusted)]);
        assert_eq!(shown(&printed), ["devises = TND", "pays = TN", "types_paiement = immédiat"]);
    }
}
