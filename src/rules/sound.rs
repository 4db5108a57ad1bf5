//! Is a form schema sound in itself? What JSON Schema passes over in silence is named here, with its line: a format it does not
//! know is no check at all.

use std::collections::BTreeSet;

use serde_json::Value as Json;

use super::formats;
use crate::domain::values::ValueType;
use crate::lines;
use crate::schemas::{FieldSpec, Form, Forms};

pub(super) fn faults(forms: &Forms) -> Vec<String> {
    let mut faults = Vec::new();
    let mut kinds = BTreeSet::new();
    for form in &forms.forms {
        let text = forms.texts.iter().find(|(name, _)| *name == form.file).map_or("", |(_, text)| text);
        let mut fault = |path: &[&str], what: String| {
            faults.push(format!("{}:{}: {}: {what}", form.file, lines::line_of(text, path), path.join(".")));
        };
        if !kinds.insert(form.kind) {
            fault(&["x-guichet", "kind"], format!("another schema is of the kind {} already", form.kind));
        }
        for unknown in unknown_keywords(&form.schema) {
            fault(&[&unknown], "no keyword of JSON Schema: nothing would be checked".to_owned());
        }
        for required in required(&form.schema).filter(|name| form.field(name).is_none()) {
            fault(&["required"], format!("no property is named {required:?}"));
        }
        for spec in &form.fields {
            field(form, spec, &mut fault);
        }
    }
    faults
}

fn field(form: &Form, spec: &FieldSpec, fault: &mut impl FnMut(&[&str], String)) {
    let (key, hints) = (spec.key.as_str(), &spec.hints);
    if let Some(section) = hints.section.as_ref().filter(|id| !form.sections.iter().any(|section| section.id == **id)) {
        fault(&["properties", key, "x-guichet", "section"], format!("x-guichet.sections has no {section:?}"));
    }
    let property = &form.schema["properties"][key];
    for unknown in unknown_keywords(property) {
        fault(&["properties", key, &unknown], "no keyword of JSON Schema: nothing would be checked".to_owned());
    }
    let format = property["format"].as_str();
    if let Some(unknown) = format.filter(|name| !formats::known(name)) {
        fault(
            &["properties", key, "format"],
            format!("{unknown:?} is no format of guichet's: nothing would be checked"),
        );
    } else if let Some(expected) = formats::of(hints.value_type).filter(|expected| format != Some(*expected)) {
        fault(&["properties", key], format!("its type takes \"format\": {expected:?}"));
    }
    let choices = &property["enum"];
    let choices = if choices.is_array() { choices } else { &property["items"]["enum"] };
    if matches!(hints.value_type, ValueType::Choice | ValueType::Choices) {
        if hints.choices.is_empty() {
            fault(&["properties", key, "x-guichet"], "a choice needs its choices".to_owned());
        }
        for missing in hints.choices.keys().filter(|choice| !lists(choices, choice)) {
            fault(&["properties", key], format!("\"enum\" does not list the choice {missing:?}"));
        }
    }
    if hints.value_type == ValueType::Rows && hints.columns.is_empty() {
        fault(&["properties", key, "x-guichet"], "a table needs its columns".to_owned());
    }
}

/// Every keyword of JSON Schema 2020-12, and ours. A misspelt one is passed over in silence by the standard.
const KEYWORDS: &str = "$schema $id $ref $anchor $dynamicRef $dynamicAnchor $vocabulary $comment $defs \
    allOf anyOf oneOf not if then else dependentSchemas dependentRequired prefixItems items contains properties patternProperties \
    additionalProperties propertyNames unevaluatedItems unevaluatedProperties type enum const multipleOf maximum exclusiveMaximum \
    minimum exclusiveMinimum maxLength minLength pattern maxItems minItems uniqueItems maxContains minContains maxProperties \
    minProperties required title description default deprecated readOnly writeOnly examples format contentEncoding \
    contentMediaType contentSchema x-guichet";

fn unknown_keywords(schema: &Json) -> Vec<String> {
    let keys = schema.as_object().into_iter().flatten().map(|(key, _)| key);
    keys.filter(|key| !KEYWORDS.split_whitespace().any(|known| known == *key)).cloned().collect()
}

fn required(schema: &Json) -> impl Iterator<Item = &str> {
    schema["required"].as_array().into_iter().flatten().filter_map(Json::as_str)
}

/// An `enum` that is not there forbids nothing.
fn lists(choices: &Json, choice: &str) -> bool {
    choices.as_array().is_none_or(|choices| choices.iter().any(|listed| listed == choice))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_schema_says_against_itself_is_named_with_its_line() {
        let text = r#"{
 "title": "Essai", "required": ["rib", "ribb"],
 "x-guichet": { "kind": "adhesion", "titles": ["Essai"], "sections": [{ "id": "compte", "labels": ["Compte"] }] },
 "properties": {
  "rib": { "title": "RIB", "format": "ribb",
   "x-guichet": { "type": "rib", "section": "comptes" } },
  "email": { "x-guichet": { "type": "email" } },
  "carte": { "enum": ["CIB"], "x-guichet": { "type": "choice", "choices": { "CIB": [], "Visa": [] } } },
  "lignes": { "x-guichet": { "type": "rows" } },
  "nom": { "maxLenght": 40, "x-guichet": { "type": "text" } }
 }
}"#;
        let mut found = Vec::new();
        let forms = Forms::parse([("essai.schema.json", text)], &mut found);
        assert_eq!(found, Vec::<String>::new());
        insta::assert_snapshot!(faults(&forms).join("\n"), @r#"
        essai.schema.json:2: required: no property is named "ribb"
        essai.schema.json:6: properties.rib.x-guichet.section: x-guichet.sections has no "comptes"
        essai.schema.json:5: properties.rib.format: "ribb" is no format of guichet's: nothing would be checked
        essai.schema.json:7: properties.email: its type takes "format": "email-guichet"
        essai.schema.json:8: properties.carte: "enum" does not list the choice "Visa"
        essai.schema.json:9: properties.lignes.x-guichet: a table needs its columns
        essai.schema.json:10: properties.nom.maxLenght: no keyword of JSON Schema: nothing would be checked
        "#);
    }

    #[test]
    fn the_shipped_schemas_are_sound() {
        assert_eq!(faults(&Forms::built_in()), Vec::<String>::new());
    }
}
