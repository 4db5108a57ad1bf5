//! What the schema asks of each field: presence, form, check digit.

use jsonschema::error::ValidationErrorKind;
use serde_json::{Map, Value as Json};

use super::{TO_BE_READ, about, field};
use crate::domain::document::Kind;
use crate::domain::field::{Absence, Doubt, Extraction, Field, FieldKey, Gap, Method, Trust, Value};
use crate::domain::finding::{Finding, Severity};
use crate::domain::values::{Check, ValueType, canonical};
use crate::rules::Rules;
use crate::schemas::{FieldSpec, Form, Need};

/// The section that the bank fills in.
const BANKS_OWN: &str = "banque";

/// The key whose absence stands for the absence of every identifier of the company.
const COMPANY_IDENTIFIER: &str = "matricule_fiscal";

pub(super) fn check(extraction: &Extraction, form: &Form, rules: &Rules) -> Vec<Finding> {
    let mut findings = Vec::new();
    if let Some(validator) = rules.validators.get(&form.kind) {
        let instance = instance(extraction);
        for error in validator.iter_errors(&instance) {
            let path = error.instance_path().to_string();
            findings.extend(told(extraction, form, rules, error.kind(), &path));
        }
    }
    findings.dedup_by(|later, earlier| is_of_the_same_list(later, earlier));
    for spec in &form.fields {
        if let Some(field) = extraction.fields.get(&spec.key) {
            findings.extend(in_rows(spec, field, rules));
            if is_rounded(field) {
                // What a float has eaten cannot be judged: the lost digits are the only finding about this field.
                findings.retain(|finding| finding.field.as_ref() != Some(&field.key));
                let lost = rules.finding("precision_lost").about(&field.key, field.label.clone(), field.place.clone());
                findings.push(lost.with("value", field.value.shown()));
            }
        }
    }
    let half = half_of_it(extraction, form, rules, &mut findings);
    findings.extend(half);
    findings.extend(unread(extraction, form, rules, &findings));
    findings
}

/// This many of the mandatory labels are nowhere to be found, and this share of them: pages are missing, not answers.
const LEAST_UNFOUND: usize = 5;
const UNFOUND_SHARE: (usize, usize) = (2, 5);

/// One finding about a form of which a part is missing, instead of one for each field of that part.
fn half_of_it(extraction: &Extraction, form: &Form, rules: &Rules, findings: &mut Vec<Finding>) -> Option<Finding> {
    let mandatory = form.fields.iter().filter(|spec| spec.hints.need == Need::Deposit).count();
    let unfound = |finding: &Finding| {
        finding
            .details
            .get("absence")
            .is_some_and(|absence| matches!(absence.as_str(), "label_not_found" | "label_not_read"))
    };
    let count = findings.iter().filter(|finding| unfound(finding)).count();
    if extraction.kind == Kind::Blank || count < LEAST_UNFOUND || count * UNFOUND_SHARE.1 < mandatory * UNFOUND_SHARE.0
    {
        return None;
    }
    let fields: Vec<String> = findings
        .iter()
        .filter(|finding| unfound(finding))
        .filter_map(|finding| finding.field.as_ref())
        .map(ToString::to_string)
        .collect();
    findings.retain(|finding| !unfound(finding));
    // The labels may be there in words that are not understood.
    Some(rules.finding("half_form").with("fields", fields.join(", ")).with("unsure", "true"))
}

/// The extraction as the schema sees it.
fn instance(extraction: &Extraction) -> Json {
    let mut object = Map::new();
    for (key, field) in &extraction.fields {
        let value = match &field.value {
            // A signature that is not there is missing, not false.
            Value::Flag(false) if field.method == Method::Ink || key.as_str() == "signature_presente" => continue,
            // Cells are checked one by one, each with its own place.
            Value::Rows(rows) => Json::Array(rows.iter().map(|_| Json::Object(Map::new())).collect()),
            other => serde_json::to_value(other).unwrap_or(Json::Null),
        };
        object.insert(key.to_string(), value);
    }
    Json::Object(object)
}

/// One error of the schema as a finding of ours; its own words are for programmers.
fn told(
    extraction: &Extraction,
    form: &Form,
    rules: &Rules,
    error: &ValidationErrorKind,
    path: &str,
) -> Option<Finding> {
    let mut steps = path.trim_start_matches('/').split('/');
    let property = steps.next().unwrap_or_default();
    let missing = |key: &str| form.field(key).map(|spec| absent(extraction, spec, rules));
    match error {
        ValidationErrorKind::Required { property } => missing(property.as_str()?),
        ValidationErrorKind::AnyOf { .. } if property.is_empty() => missing(COMPANY_IDENTIFIER),
        ValidationErrorKind::MinItems { .. } => missing(property),
        _ => {
            let field = field(extraction, property)?;
            let spec = form.field(property)?;
            let is_enum = matches!(error, ValidationErrorKind::Enum { .. });
            let code = if is_enum { "unknown_choice" } else { code_of(spec.hints.value_type, &texts(&field.value)) };
            let mut finding = about(rules, code, field);
            // What the bank says of itself is no fault of the merchant's.
            if spec.hints.section.as_deref() == Some(BANKS_OWN) {
                finding.severity = finding.severity.min(Severity::Warning);
            }
            // Of a list, the item at fault.
            Some(match (&field.value, steps.next().and_then(|index| index.parse::<usize>().ok())) {
                (Value::List(items), Some(index)) => match items.get(index) {
                    Some(item) => finding.with("value", item),
                    None => finding,
                },
                _ => finding,
            })
        }
    }
}

/// Two private addresses in one list are one finding, which names both.
fn is_of_the_same_list(later: &Finding, earlier: &mut Finding) -> bool {
    if later.field.is_none() || later.field != earlier.field || later.code != earlier.code {
        return false;
    }
    if let (Some(value), Some(more)) = (earlier.details.get_mut("value"), later.details.get("value"))
        && value != more
    {
        value.push_str(", ");
        value.push_str(more);
    }
    true
}

fn texts(value: &Value) -> Vec<&str> {
    match value {
        Value::Text(text) => vec![text],
        Value::List(items) => items.iter().map(String::as_str).collect(),
        Value::Flag(_) | Value::Rows(_) => Vec::new(),
    }
}

/// The code of the check that fails.
fn code_of(value_type: ValueType, texts: &[&str]) -> &'static str {
    let value_type = if value_type == ValueType::IpList { ValueType::Ip } else { value_type };
    let failing = texts.iter().find_map(|text| match canonical(value_type, text).check {
        Check::Fails(code) => Some(code),
        _ => None,
    });
    failing.unwrap_or(match value_type {
        ValueType::Amount => "bad_amount",
        ValueType::Date => "bad_date",
        ValueType::Integer => "bad_number",
        _ => "unknown_choice",
    })
}

/// Cells of a table whose own check fails.
fn in_rows(spec: &FieldSpec, field: &Field, rules: &Rules) -> Vec<Finding> {
    let Value::Rows(rows) = &field.value else { return Vec::new() };
    let mut findings = Vec::new();
    for (number, row) in (1..).zip(rows) {
        for cell in row {
            let column = spec.hints.columns.iter().find(|column| column.key == cell.key);
            let (Some(column), Value::Text(text)) = (column, &cell.value) else { continue };
            if let Check::Fails(code) = canonical(column.value_type, text).check {
                let heading =
                    cell.label.as_deref().or(column.labels.fr.first().map(String::as_str)).unwrap_or_default();
                let mut finding = about(rules, code, cell).with("row", number.to_string());
                finding.field = Some(field.key.clone());
                finding.label = Some(format!("{} {number} – {heading}", spec.title));
                findings.push(finding);
            }
        }
    }
    findings
}

fn is_rounded(field: &Field) -> bool {
    matches!(&field.trust, Trust::Doubtful(doubts) if doubts.contains(&Doubt::PrecisionLost))
}

/// A mandatory field without a value, with why.
///
/// It is missing where nothing stands; where the paper may hold a value that was not made out, a person reads it.
fn absent(extraction: &Extraction, spec: &FieldSpec, rules: &Rules) -> Finding {
    let code = if spec.hints.value_type == ValueType::Ink { "unsigned" } else { "missing" };
    if let Some(field) = extraction.fields.get(&spec.key) {
        // A zone that was looked at, and is empty.
        return about(rules, code, field).with("absence", "blank");
    }
    let gap = gap(extraction, &spec.key);
    let absence = gap.map_or(Absence::LabelNotFound, |gap| gap.absence);
    let (label, place) = gap.map_or((None, None), |gap| (gap.label.clone(), gap.place.clone()));
    let seen = extraction.fields.values().any(|field| field.method == Method::Ocr);
    let (code, absence) = match absence {
        Absence::Blank => (code, "blank"),
        // On a picture a label may be there and not made out.
        Absence::LabelNotFound if seen => (TO_BE_READ, "label_not_read"),
        Absence::LabelNotFound => (code, "label_not_found"),
        Absence::Unreadable => (TO_BE_READ, "unreadable"),
        Absence::Ambiguous => (TO_BE_READ, "ambiguous"),
    };
    let finding = rules.finding(code).about(&spec.key, label, place).with("absence", absence);
    // The label may be there in words that are not understood.
    if absence == "label_not_found" { finding.with("unsure", "true") } else { finding }
}

/// Fields nobody asks for, where something stands that could not be read: shown, so that nothing is dropped in silence.
fn unread(extraction: &Extraction, form: &Form, rules: &Rules, told: &[Finding]) -> Vec<Finding> {
    let unread = |gap: &&Gap| matches!(gap.absence, Absence::Unreadable | Absence::Ambiguous);
    extraction
        .gaps
        .iter()
        .filter(unread)
        .filter(|gap| !extraction.fields.contains_key(&gap.key) && form.field(gap.key.as_str()).is_some())
        .filter(|gap| !told.iter().any(|finding| finding.field.as_ref() == Some(&gap.key)))
        .map(|gap| rules.finding("unread_value").about(&gap.key, gap.label.clone(), gap.place.clone()))
        .collect()
}

fn gap<'a>(extraction: &'a Extraction, key: &FieldKey) -> Option<&'a Gap> {
    extraction.gaps.iter().find(|gap| gap.key == *key)
}
