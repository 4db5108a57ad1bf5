//! A filled grid of tests: what of it may be recorded, and what must be said about the rest.
//!
//! Nothing doubtful is recorded: a row whose code or verdict is not plainly read, contradicts another, or waives a test for
//! no reason is told to the bank instead. Pure.

use std::collections::{BTreeMap, BTreeSet};

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

use super::document::Kind;
use super::dossier::{Dossier, DossierRef, Terms};
use super::event::{TestResult, Verdict};
use super::field::{Extraction, Field, Value};
use super::finding::Finding;
use super::grid::{Scenario, VerdictWords};
use super::pairing::folded_name;

/// Longest remark that is kept.
const LONGEST: usize = 300;

/// What a filled grid gives.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Filled {
    pub results: Vec<TestResult>,
    pub findings: Vec<Finding>,
}

/// The dossier a grid says it belongs to; `None` when it does not say, or not plainly.
#[must_use]
pub fn reference(grid: &Extraction) -> Option<DossierRef> {
    let field = grid.fields.get(&"reference_dossier".into())?;
    let text = field.value.as_text().filter(|_| field.trust.is_firm())?;
    DossierRef::parse(text).ok()
}

/// What stands on a grid that names this dossier.
#[must_use]
pub fn filled(grid: &Extraction, dossier: &Dossier, terms: &Terms<'_>) -> Filled {
    let finding = |code: &str| terms.counsel.finding(code).in_kind(Kind::GrilleTests);
    if let Some(named) = other_merchant(grid, dossier) {
        let told = finding("grid_other_merchant").with("value", named);
        return Filled { results: Vec::new(), findings: vec![told] };
    }
    let scenarios = terms.grid.applying(dossier.adhesion.as_ref(), dossier.fiche.as_ref());
    let Some(Value::Rows(rows)) = grid.value("resultats") else {
        return Filled { results: Vec::new(), findings: vec![finding("grid_empty")] };
    };
    let by = grid.fields.get(&"signataire".into()).filter(|field| field.trust.is_firm());
    let by = by.and_then(|field| field.value.as_text()).or_else(|| grid.text("raison_sociale")).unwrap_or("?");
    let mut filled = Filled::default();
    let mut seen: BTreeMap<String, TestResult> = BTreeMap::new();
    let mut contradicted = BTreeSet::new();
    for row in rows {
        let row = Row { cells: row, by };
        match row.result(&scenarios, &terms.grid.verdicts) {
            Ok(None) => {}
            Ok(Some(result)) => match seen.get(&result.code) {
                Some(before) if before.verdict != result.verdict => {
                    contradicted.insert(result.code);
                }
                _ => {
                    seen.insert(result.code.clone(), result);
                }
            },
            Err(problem) => filled.findings.push(problem.told(finding(problem.code))),
        }
    }
    for code in &contradicted {
        seen.remove(code);
        filled.findings.push(finding("grid_contradicts").with("test", code.clone()));
    }
    // In the order in which they are run.
    for scenario in scenarios {
        let Some(result) = seen.remove(&scenario.code) else { continue };
        if scenario.authorised && result.verdict == Verdict::Conforme && result.authorisation.is_none() {
            filled.findings.push(finding("grid_no_authorisation").with("test", result.code.clone()));
        }
        filled.results.push(result);
    }
    if filled.results.is_empty() && filled.findings.is_empty() {
        filled.findings.push(finding("grid_empty"));
    }
    filled
}

/// The name on the grid, when it is another merchant's than the dossier's: the reference is then a slip.
fn other_merchant(grid: &Extraction, dossier: &Dossier) -> Option<String> {
    let named = grid.text("raison_sociale")?;
    let forms = [&dossier.adhesion, &dossier.fiche].into_iter().flatten();
    let known: Vec<String> = forms
        .flat_map(|form| [form.text("raison_sociale"), form.text("nom_commercial")])
        .flatten()
        .map(folded_name)
        .collect();
    let same = known.is_empty() || known.contains(&folded_name(named));
    (!same).then(|| named.to_owned())
}

/// Why a row cannot be recorded.
struct Problem {
    code: &'static str,
    test: String,
    value: String,
}

impl Problem {
    fn told(&self, finding: Finding) -> Finding {
        let finding = if self.test.is_empty() { finding } else { finding.with("test", self.test.clone()) };
        if self.value.is_empty() { finding } else { finding.with("value", self.value.clone()) }
    }
}

/// One printed row.
struct Row<'a> {
    cells: &'a [Field],
    by: &'a str,
}

impl Row<'_> {
    fn cell(&self, key: &str) -> Option<&Field> {
        self.cells.iter().find(|cell| cell.key.as_str() == key && !cell.value.shown().trim().is_empty())
    }

    fn text(&self, key: &str) -> Option<String> {
        let text = tidy(&self.cell(key)?.value.shown());
        (!text.is_empty()).then_some(text)
    }

    /// `None` for a test that has not been run.
    fn result(&self, scenarios: &[&Scenario], words: &VerdictWords) -> Result<Option<TestResult>, Problem> {
        let Some(verdict) = self.cell("verdict") else { return Ok(None) };
        let said = tidy(&verdict.value.shown());
        let problem = |code, test: &str| Problem { code, test: test.to_owned(), value: said.clone() };
        let Some(code) = self.cell("code") else { return Err(problem("grid_row_without_test", "")) };
        let test = code_of(&code.value.shown());
        if !code.trust.is_firm() || !verdict.trust.is_firm() {
            return Err(problem("grid_doubtful", &test));
        }
        let Some(scenario) = scenarios.iter().find(|scenario| code_of(&scenario.code) == test) else {
            return Err(problem("grid_unknown_test", &test));
        };
        let code = scenario.code.clone();
        let remark = self.text("remarque");
        let verdict = match verdict_of(&said, words) {
            Some(Said::Conforme) => Verdict::Conforme,
            Some(Said::NonConforme) => Verdict::NonConforme,
            Some(Said::Derogation) => {
                let reason = remark.clone().ok_or_else(|| problem("grid_waiver_without_reason", &code))?;
                Verdict::Derogation { reason, by: tidy(self.by) }
            }
            None => return Err(problem("grid_unknown_verdict", &code)),
        };
        Ok(Some(TestResult {
            code,
            verdict,
            network: self.text("reseau"),
            observed: self.text("constate"),
            authorisation: self.text("autorisation"),
            order: self.text("commande"),
            time: self.text("heure"),
            remark,
        }))
    }
}

enum Said {
    Conforme,
    NonConforme,
    Derogation,
}

fn verdict_of(text: &str, words: &VerdictWords) -> Option<Said> {
    let text = folded(text);
    let among = |words: &BTreeMap<String, Vec<String>>| words.values().flatten().any(|word| folded(word) == text);
    // What denies comes first: it may contain what affirms.
    if among(&words.non_conforme) {
        Some(Said::NonConforme)
    } else if among(&words.conforme) {
        Some(Said::Conforme)
    } else if among(&words.derogation) {
        Some(Said::Derogation)
    } else {
        None
    }
}

/// A code as the grid spells it: a workbook may have made the number 1 of `0001`.
fn code_of(text: &str) -> String {
    let code: String = text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_uppercase).collect();
    if !code.is_empty() && code.len() < 4 && code.bytes().all(|b| b.is_ascii_digit()) {
        format!("{code:0>4}")
    } else {
        code
    }
}

/// Letters only, without case and accents.
fn folded(text: &str) -> String {
    let letters = text.nfd().filter(|c| c.is_alphanumeric() && !is_combining_mark(*c));
    letters.flat_map(char::to_lowercase).collect()
}

/// One line without control characters, of bounded length.
fn tidy(text: &str) -> String {
    let line: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(LONGEST).collect();
    line.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests;
