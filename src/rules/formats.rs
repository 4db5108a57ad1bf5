//! The formats that the form schemas name, each the check of one value type.

use serde_json::Value as Json;

use crate::domain::values::{ValueType, canonical, parse_date};

/// Formats of our schemas and the type each stands for.
const FORMATS: [(&str, ValueType); 9] = [
    ("rib", ValueType::Rib),
    ("matricule-fiscal", ValueType::MatriculeFiscal),
    ("identifiant-rne", ValueType::IdentifiantRne),
    ("telephone", ValueType::Telephone),
    ("email-guichet", ValueType::Email),
    ("url-guichet", ValueType::Url),
    ("ip-public", ValueType::Ip),
    ("mcc", ValueType::Mcc),
    ("code-postal", ValueType::CodePostal),
];

pub(super) fn compile(schema: &Json) -> Result<jsonschema::Validator, String> {
    let mut options = jsonschema::draft202012::options().should_validate_formats(true);
    for (name, value_type) in FORMATS {
        options = options.with_format(name, move |text: &str| canonical(value_type, text).check.holds());
    }
    options = options.with_format("date", |text: &str| parse_date(text).is_ok_and(|date| date.to_string() == text));
    options = options.with_format("amount", |text: &str| {
        let (dinars, millimes) = text.split_once('.').unwrap_or_default();
        let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        digits(dinars) && digits(millimes) && millimes.len() == 3
    });
    options.build(schema).map_err(|err| err.to_string())
}
