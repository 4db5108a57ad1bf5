//! Steps 6 and 7: results of the tests as they come in, and the report that concludes on them.

use jiff::civil::Date;

use super::{Deciding, Refusal};
use crate::domain::card_number;
use crate::domain::declaration::FileType;
use crate::domain::dossier::{Dossier, Report};
use crate::domain::event::{Examined, TestResult, Verdict};
use crate::domain::field::Value;
use crate::domain::notification::{Recipient, Subject};
use crate::domain::step::Step;

/// Codes that the last report names as failing and that have not been run since.
const TO_RUN_AGAIN: &str = "tests_a_reprendre";

/// What the merchant writes on the grid beside the results, and the report repeats.
pub(super) const OF_THE_GRID: [&str; 5] =
    ["version_module", "debut_tests", "fin_tests", "signataire", "date_declaration"];

impl Dossier {
    /// The last report asks for this test again.
    #[must_use]
    pub fn to_run_again(&self, code: &str) -> bool {
        matches!(self.allocated.get(TO_RUN_AGAIN), Some(Value::List(again)) if again.iter().any(|asked| asked == code))
    }

    /// What is known of a test, unless it is to be run again: what was seen before says nothing then.
    #[must_use]
    pub fn test(&self, code: &str) -> Option<&TestResult> {
        self.tests.get(code).filter(|_| !self.to_run_again(code))
    }

    /// The last report as long as it is about the tests as they now stand: once one has been run since, or the dossier was taken
    /// up again, the next report is awaited.
    #[must_use]
    pub fn report_in_force(&self) -> Option<&Report> {
        let report = self.reports.last()?;
        let concluded = self.allocated.get("reference_pv_recette").and_then(Value::as_text) == Some(&report.reference);
        let as_tested = report.results == self.tests && report.failing.iter().all(|code| self.to_run_again(code));
        (concluded && as_tested).then_some(report)
    }

    /// Does a result say something new? The same result of a test that was to be run again does.
    fn is_news(&self, result: &TestResult) -> bool {
        self.test(&result.code) != Some(result)
    }
}

impl Deciding<'_> {
    /// Results of scenarios noted by a person; the last one recorded stands.
    pub(super) fn tests_recorded(&mut self, results: &[TestResult], by: &str) -> Result<(), Refusal> {
        let applying = self.terms.grid.applying(self.dossier.adhesion.as_ref(), self.dossier.fiche.as_ref());
        if results.iter().any(|result| !applying.iter().any(|scenario| scenario.code == result.code)) {
            return Err("unknown_scenario");
        }
        if results.iter().any(waived_for_nothing) {
            return Err("reason_needed");
        }
        if results.iter().any(holds_a_card_number) {
            return Err("card_number");
        }
        if !results.iter().any(|result| self.dossier.is_news(result)) {
            return Ok(());
        }
        self.touched_by(by);
        self.take_results(results, &format!("tests-{}", self.now.as_millisecond()));
        Ok(())
    }

    /// A filled grid: its document is held and answered, its sound results are recorded. The merchant has filled it in, so
    /// nobody who may release has had a hand in it.
    pub(super) fn grid_filed(&mut self, results: &[TestResult], grid: &Examined) -> Result<(), Refusal> {
        if results.iter().any(waived_for_nothing) {
            return Err("reason_needed");
        }
        if results.iter().any(holds_a_card_number) {
            return Err("card_number");
        }
        if !self.dossier.documents.iter().any(|held| held.document == grid.document) {
            self.hold(grid);
            self.weigh();
        }
        for key in OF_THE_GRID {
            let written = grid.extractions.iter().find_map(|form| form.fields.get(&key.into()));
            if let Some(field) = written.filter(|field| field.trust.is_firm()) {
                self.dossier.allocated.insert(key.to_owned(), field.value.clone());
            }
        }
        if results.iter().any(|result| self.dossier.is_news(result)) {
            self.take_results(results, &grid.document.to_string());
        }
        self.answer(grid.document);
        Ok(())
    }

    fn take_results(&mut self, results: &[TestResult], occasion: &str) {
        let before = self.all_tests_passed();
        self.dossier.tests.extend(results.iter().map(|result| (result.code.clone(), result.clone())));
        self.dossier.tested = Some(self.now);
        if let Some(Value::List(again)) = self.dossier.allocated.get_mut(TO_RUN_AGAIN) {
            again.retain(|code| !results.iter().any(|result| result.code == *code));
        }
        if !before && self.all_tests_passed() {
            self.letter(Subject::TestsComplete, Recipient::Monetique, occasion);
        }
    }

    /// Every test that applies has been passed or waived: the report is awaited.
    pub(super) fn all_tests_passed(&self) -> bool {
        let applying = self.terms.grid.applying(self.dossier.adhesion.as_ref(), self.dossier.fiche.as_ref());
        applying.iter().all(|scenario| {
            let result = self.dossier.tests.get(&scenario.code);
            result.is_some_and(|result| result.verdict != Verdict::NonConforme)
                && !self.dossier.to_run_again(&scenario.code)
        })
    }

    pub(super) fn tests_reported(
        &mut self,
        favourable: bool,
        reference: &str,
        date: Date,
        failing: &[String],
        signatory: Option<&str>,
        by: &str,
    ) -> Result<(), Refusal> {
        let reported = Value::Text(reference.to_owned());
        let conclusion = Value::Flag(favourable);
        if self.dossier.allocated.get("reference_pv_recette") == Some(&reported)
            && self.dossier.allocated.get("recette_favorable") == Some(&conclusion)
        {
            return Ok(());
        }
        if reference.trim().is_empty() {
            return Err("reference_needed");
        }
        let not_passed = |result: &&TestResult| result.verdict == Verdict::NonConforme;
        if favourable && self.dossier.tests.values().any(|result| not_passed(&result)) {
            return Err("tests_failing");
        }
        // A favourable report stands on results: each test that applies has one.
        if favourable && !self.all_tests_passed() {
            return Err("tests_missing");
        }
        // Once the bank has the production declaration, the merchant is stopped by other orders.
        let out = self.dossier.last_declared().iter().any(|(of, _, state)| *of == FileType::Dpr && state.is_out());
        if self.dossier.step == Step::Production && out {
            return Err("already_declared");
        }
        self.touched_by(by);
        let failing = if failing.is_empty() {
            self.dossier.tests.values().filter(not_passed).map(|result| result.code.clone()).collect()
        } else {
            failing.to_vec()
        };
        self.dossier.reports.push(Report {
            reference: reference.to_owned(),
            date,
            favourable,
            failing: failing.clone(),
            results: self.dossier.tests.clone(),
            signatory: signatory.map(str::to_owned),
            by: by.to_owned(),
            at: self.now,
        });
        self.dossier.allocated.insert("recette_favorable".to_owned(), conclusion);
        self.dossier.allocated.insert("reference_pv_recette".to_owned(), reported);
        self.dossier.allocated.insert("date_pv_recette".to_owned(), Value::Text(date.to_string()));
        self.dossier.allocated.insert(TO_RUN_AGAIN.to_owned(), Value::List(failing));
        // What waited to leave named the report before.
        self.recall(FileType::Dpr);
        // The same report may be drawn up again after a reopening, and is told again.
        let occasion = format!("{reference}-{}", self.now.as_millisecond());
        if favourable {
            self.reach(Step::TestsPassed);
            self.letter(Subject::TestsPassed, Recipient::Bank, &occasion);
            self.go_to_production();
        } else {
            self.reach(Step::Tests);
            self.letter(Subject::TestsFailed, Recipient::Merchant, &occasion);
        }
        Ok(())
    }
}

fn waived_for_nothing(result: &TestResult) -> bool {
    matches!(&result.verdict, Verdict::Derogation { reason, by } if reason.trim().is_empty() || by.trim().is_empty())
}

/// Looked for in each text by itself.
fn holds_a_card_number(result: &TestResult) -> bool {
    result.texts().any(|text| !card_number::find(text).is_empty())
}
