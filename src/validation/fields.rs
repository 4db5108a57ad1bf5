//! What the schema asks of each field: presence, form, check digit.

use serde_json::{Map, Value as Json};

use super::about;
use crate::domain::field::{Absence, Doubt, Extraction, FieldKey, Trust, Value};
use crate::domain::finding::Finding;
use crate::domain::values::{Check, ValueType, canonical};
use crate::rules::Rules;
use crate::schemas::{FieldSpec, Form};

pub(super) fn check(extraction: &Extraction, form: &Form, rules: &Rules) -> Vec<Finding> {
    let mut findings = Vec::new();
    let instance = instance(extraction);
    if let Some(validator) = rules.validators.get(&form.kind) {
        for error in validator.iter_errors(&instance) {
            let path = error.instance_path().to_string();
            let schema_path = error.schema_path().to_string();
            let keyword = schema_path.rsplit('/').find(|part| part.parse::<usize>().is_err()).unwrap_or_default();
            findings.extend(told(extraction, form, rules, keyword, &path, &error.to_string()));
        }
    }
    for field in extraction.fields.values() {
        if matches!(&field.trust, Trust::Doubtful(doubts) if doubts.contains(&Doubt::PrecisionLost)) {
            // What a float has eaten cannot be judged: the lost digits are the only finding about this field.
            findings.retain(|finding| finding.field.as_ref() != Some(&field.key));
            findings.push(rules.finding("precision_lost").about(&field.key, field.label.clone(), field.place.clone()));
        }
    }
    findings
}

/// The extraction as the schema sees it.
fn instance(extraction: &Extraction) -> Json {
    let mut object = Map::new();
    for (key, field) in &extraction.fields {
        let value = match &field.value {
            // A signature that is not there is missing, not false.
            Value::Flag(false) if key.as_str() == "signature_presente" => continue,
            Value::Rows(rows) => Json::Array(rows.iter().map(|_| Json::Object(Map::new())).collect()),
            other => serde_json::to_value(other).unwrap_or(Json::Null),
        };
        object.insert(key.to_string(), value);
    }
    Json::Object(object)
}

/// One error of the schema as findings of ours.
fn told(extraction: &Extraction, form: &Form, rules: &Rules, keyword: &str, path: &str, message: &str) -> Vec<Finding> {
    let property = path.trim_start_matches('/').split('/').next().unwrap_or_default();
    match keyword {
        "required" => {
            let missing = form.fields.iter().find(|spec| message.contains(&format!("\"{}\"", spec.key)));
            missing.map(|spec| absent(extraction, spec, rules)).into_iter().collect()
        }
        // One identifier of the company is enough.
        "anyOf" if property.is_empty() => {
            let spec = form.fields.iter().find(|spec| spec.key.as_str() == "matricule_fiscal");
            spec.map(|spec| absent(extraction, spec, rules)).into_iter().collect()
        }
        "minItems" => {
            let spec = form.fields.iter().find(|spec| spec.key.as_str() == property);
            spec.map(|spec| absent(extraction, spec, rules)).into_iter().collect()
        }
        _ => {
            let Some(field) = extraction.fields.get(&FieldKey::from(property)) else { return Vec::new() };
            let Some(spec) = form.fields.iter().find(|spec| spec.key == field.key) else { return Vec::new() };
            vec![about(rules, code_of(keyword, spec, &field.value), field)]
        }
    }
}

/// The code of the check that fails.
fn code_of(keyword: &str, spec: &FieldSpec, value: &Value) -> &'static str {
    if keyword == "enum" {
        return "unknown_choice";
    }
    let value_type = match spec.hints.value_type {
        ValueType::IpList => ValueType::Ip,
        other => other,
    };
    let texts: Vec<&str> = match value {
        Value::Text(text) => vec![text],
        Value::List(items) => items.iter().map(String::as_str).collect(),
        _ => Vec::new(),
    };
    let failing = texts.iter().find_map(|text| match canonical(value_type, text).check {
        Check::Fails(code) => Some(code),
        _ => None,
    });
    failing.unwrap_or(match value_type {
        ValueType::Amount => "bad_amount",
        ValueType::Date => "bad_date",
        _ => "unknown_choice",
    })
}

/// A mandatory field without a value, with why.
fn absent(extraction: &Extraction, spec: &FieldSpec, rules: &Rules) -> Finding {
    let code = if spec.hints.value_type == ValueType::Ink { "unsigned" } else { "missing" };
    let gap = extraction.gaps.iter().find(|gap| gap.key == spec.key);
    let (label, place) = gap.map_or((None, None), |gap| (gap.label.clone(), gap.place.clone()));
    let absence = match gap.map_or(Absence::LabelNotFound, |gap| gap.absence) {
        Absence::Blank => "blank",
        Absence::LabelNotFound => "label_not_found",
        Absence::Unreadable => "unreadable",
        Absence::Ambiguous => "ambiguous",
    };
    let finding = rules.finding(code).about(&spec.key, label, place).with("absence", absence);
    // Something stands there that we could not make out: a person looks before the bank is asked again.
    if matches!(absence, "unreadable" | "ambiguous") { finding.with("unsure", "true") } else { finding }
}
