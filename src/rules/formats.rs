//! The formats that the form schemas name, each the check of one value type.

use serde_json::Value as Json;

use crate::domain::values::{ValueType, canonical, parse_date};

/// The format of each type that has one.
const FORMATS: [(&str, ValueType); 19] = [
    ("rib", ValueType::Rib),
    ("matricule-fiscal", ValueType::MatriculeFiscal),
    ("identifiant-rne", ValueType::IdentifiantRne),
    ("registre-commerce", ValueType::RegistreCommerce),
    ("piece", ValueType::PieceNumero),
    ("telephone", ValueType::Telephone),
    ("email-guichet", ValueType::Email),
    ("url-guichet", ValueType::Url),
    ("ip-public", ValueType::Ip),
    ("date", ValueType::Date),
    ("amount", ValueType::Amount),
    ("percent", ValueType::Percent),
    ("whole-number", ValueType::Integer),
    ("code-postal", ValueType::CodePostal),
    ("code-banque", ValueType::CodeBanque),
    ("code-agence", ValueType::CodeAgence),
    ("mcc", ValueType::Mcc),
    ("country", ValueType::Country),
    ("governorate", ValueType::Governorate),
];

/// The format that a schema must name for a value of this type; none for free text, choices, tables.
pub(super) fn of(value_type: ValueType) -> Option<&'static str> {
    FORMATS.iter().find(|(_, of)| *of == value_type).map(|(name, _)| *name)
}

/// Formats that a schema may name.
pub(super) fn known(name: &str) -> bool {
    FORMATS.iter().any(|(known, _)| *known == name)
}

/// A validator of the schema, else where in it the fault stands, and what it is.
pub(super) fn compile(schema: &Json) -> Result<jsonschema::Validator, (Vec<String>, String)> {
    let mut options = jsonschema::draft202012::options().should_validate_formats(true);
    for (name, value_type) in FORMATS {
        options = options.with_format(name, move |text: &str| holds(value_type, text));
    }
    options.build(schema).map_err(|err| {
        let path = err.instance_path().to_string();
        (path.split('/').skip(1).map(ToOwned::to_owned).collect(), err.to_string())
    })
}

/// Canonical values come in: what reads in two ways on paper reads in one here.
fn holds(value_type: ValueType, text: &str) -> bool {
    match value_type {
        ValueType::Date => parse_date(text).is_ok_and(|date| date.to_string() == text),
        ValueType::Amount | ValueType::Percent => is_canonical_amount(text),
        _ => canonical(value_type, text).check.holds(),
    }
}

/// Digits, a point, three digits.
fn is_canonical_amount(text: &str) -> bool {
    let (dinars, millimes) = text.split_once('.').unwrap_or_default();
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    digits(dinars) && digits(millimes) && millimes.len() == 3
}
