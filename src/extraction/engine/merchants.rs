//! Forms of several merchants in one file: nobody can tell which sheet belongs to which form, so a person is told.

use std::collections::BTreeSet;

use crate::domain::document::Kind;
use crate::domain::field::{Extraction, FieldKey};
use crate::domain::finding::{Finding, Severity};

/// What of a matricule fiscal names the company: the rest says which of its branches, and forms may leave it out.
const COMPANY: usize = 8;

/// Two forms of one kind that name different companies beyond doubt.
pub(super) fn several(extractions: &[Extraction]) -> Option<Finding> {
    let named = |kind: Kind| -> BTreeSet<&str> {
        let forms = extractions.iter().filter(|extraction| extraction.kind == kind);
        let firm = forms
            .filter_map(|form| form.fields.get(&FieldKey::from("matricule_fiscal")))
            .filter(|field| field.trust.is_firm());
        firm.filter_map(|field| field.value.as_text()?.get(..COMPANY)).collect()
    };
    [Kind::Adhesion, Kind::FicheTechnique]
        .into_iter()
        .any(|kind| named(kind).len() > 1)
        .then(|| Finding::new("two_merchants", Severity::Incomplete))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::domain::field::{Doubt, Field, Method, Trust, Value};

    fn form(kind: Kind, matricule: &str, trust: Trust) -> Extraction {
        let key = FieldKey::from("matricule_fiscal");
        let field = Field {
            key: key.clone(),
            value: Value::Text(matricule.to_owned()),
            raw: matricule.to_owned(),
            place: None,
            label: None,
            method: Method::Text,
            confidence: 1.0,
            trust,
            changes: Vec::new(),
        };
        Extraction { kind, member: None, pages: vec![1], fields: BTreeMap::from([(key, field)]), gaps: Vec::new() }
    }

    #[test]
    fn two_companies_in_forms_of_one_kind_are_told() {
        let one = form(Kind::Adhesion, "1595458T/D/M/000", Trust::Trusted);
        let other = form(Kind::Adhesion, "1462656M/A/C/000", Trust::Trusted);
        assert!(several(&[one.clone(), other.clone()]).is_some());
        // A branch of the same company, the other form, and a reading in doubt are none.
        assert!(several(&[one.clone(), form(Kind::Adhesion, "1595458T", Trust::Trusted)]).is_none());
        assert!(several(&[one.clone(), form(Kind::FicheTechnique, "1462656M/A/C/000", Trust::Trusted)]).is_none());
        let doubtful = Trust::Doubtful(vec![Doubt::LabelUnsure]);
        assert!(several(&[one, form(Kind::Adhesion, "1462656M/A/C/000", doubtful)]).is_none());
    }
}
