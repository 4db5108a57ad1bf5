//! Rules across the fields of one form. Each is a sentence that can be read; what it does is in `schemas/findings.json`,
//! where a severity of `off` switches it off.

mod account;
mod company;
mod service;
mod signing;
mod site;

use jiff::civil::Date;

use super::{about, field};
use crate::domain::field::{Extraction, Field, Value};
use crate::domain::finding::Finding;
use crate::domain::values::parse_date;
use crate::rules::Rules;

/// One form under examination.
struct Case<'a> {
    extraction: &'a Extraction,
    rules: &'a Rules,
    today: Date,
}

type Rule = fn(&Case<'_>) -> Vec<Finding>;

pub(super) fn check(extraction: &Extraction, rules: &Rules, today: Date) -> Vec<Finding> {
    let case = Case { extraction, rules, today };
    let all = [company::RULES, account::RULES, service::RULES, site::RULES, signing::RULES];
    all.into_iter().flatten().flat_map(|rule| rule(&case)).collect()
}

impl<'a> Case<'a> {
    fn field(&self, key: &str) -> Option<&'a Field> {
        field(self.extraction, key)
    }

    fn text(&self, key: &str) -> Option<(&'a Field, &'a str)> {
        let field = self.field(key)?;
        Some((field, field.value.as_text()?))
    }

    /// A field's text where it is there, else nothing.
    fn printed(&self, key: &str) -> &'a str {
        self.text(key).map_or("", |(_, text)| text)
    }

    fn list(&self, key: &str) -> &'a [String] {
        match self.extraction.value(key) {
            Some(Value::List(items)) => items,
            _ => &[],
        }
    }

    fn flag(&self, key: &str) -> Option<bool> {
        match self.extraction.value(key) {
            Some(Value::Flag(flag)) => Some(*flag),
            _ => None,
        }
    }

    fn date(&self, key: &str) -> Option<(&'a Field, Date)> {
        let (field, text) = self.text(key)?;
        Some((field, parse_date(text).ok()?))
    }

    fn about(&self, code: &str, field: &Field) -> Finding {
        about(self.rules, code, field)
    }
}

/// As people write it: day, month, year.
fn spoken(date: Date) -> String {
    date.strftime("%d/%m/%Y").to_string()
}

/// Days from the first date to the second; negative when it comes before.
fn days_between(from: Date, to: Date) -> i32 {
    (to - from).get_days()
}
