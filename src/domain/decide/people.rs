//! Steps 6 and 7, and changes of mind: what people report, stop, suspend and take up again.

use jiff::civil::Date;

use super::{Deciding, Refusal};
use crate::domain::declaration::{FileType, Operation};
use crate::domain::dossier::DeclaredState;
use crate::domain::event::{TestResult, Verdict};
use crate::domain::field::Value;
use crate::domain::notification::{Recipient, Subject};
use crate::domain::outcome::Outcome;
use crate::domain::step::Step;

impl Deciding<'_> {
    pub(super) fn tests_reported(
        &mut self,
        favourable: bool,
        reference: &str,
        date: Date,
        failing: &[String],
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
        if favourable && self.dossier.tests.values().any(|result| result.verdict == Verdict::NonConforme) {
            return Err("tests_failing");
        }
        self.touched_by(by);
        self.dossier.allocated.insert("recette_favorable".to_owned(), conclusion);
        self.dossier.allocated.insert("reference_pv_recette".to_owned(), reported);
        self.dossier.allocated.insert("date_pv_recette".to_owned(), Value::Text(date.to_string()));
        self.dossier.allocated.insert("tests_a_reprendre".to_owned(), Value::List(failing.to_vec()));
        if favourable {
            self.reach(Step::TestsPassed);
            self.letter(Subject::TestsPassed, Recipient::Bank, reference);
            self.go_to_production();
        } else {
            self.letter(Subject::TestsFailed, Recipient::Merchant, reference);
        }
        Ok(())
    }

    /// Results of scenarios, from a filled grid or by hand; the last one recorded stands.
    pub(super) fn tests_recorded(&mut self, results: &[TestResult], by: &str) -> Result<(), Refusal> {
        let applying = self.terms.grid.applying(self.dossier.adhesion.as_ref(), self.dossier.fiche.as_ref());
        if results.iter().any(|result| !applying.iter().any(|scenario| scenario.code == result.code)) {
            return Err("unknown_scenario");
        }
        let waived_for_nothing = |result: &TestResult| matches!(&result.verdict, Verdict::Derogation { reason, by } if reason.trim().is_empty() || by.trim().is_empty());
        if results.iter().any(waived_for_nothing) {
            return Err("reason_needed");
        }
        if results.iter().all(|result| self.dossier.tests.get(&result.code) == Some(result)) {
            return Ok(());
        }
        self.touched_by(by);
        self.dossier.tests.extend(results.iter().map(|result| (result.code.clone(), result.clone())));
        Ok(())
    }

    /// Given up or refused before the end: what waits is recalled, what is known at Monétique-Tunisie is struck off.
    pub(super) fn closed(&mut self, step: Step, by: &str) {
        self.touched_by(by);
        self.reach(step);
        self.undeclare(Operation::Radiation);
        let occasion = format!("{step}-{}", self.now.as_millisecond());
        self.letter(Subject::ChangeOfState, Recipient::Bank, &occasion);
        self.letter(Subject::ChangeOfState, Recipient::Merchant, &occasion);
    }

    pub(super) fn suspended(&mut self, by: &str) {
        self.change(Step::Suspended, Operation::Suspension, by);
    }

    pub(super) fn resumed(&mut self, by: &str) {
        self.change(Step::Live, Operation::Modification, by);
    }

    pub(super) fn struck_off(&mut self, by: &str) {
        self.change(Step::StruckOff, Operation::Radiation, by);
    }

    fn change(&mut self, step: Step, operation: Operation, by: &str) {
        self.touched_by(by);
        self.reach(step);
        self.undeclare(operation);
        let occasion = format!("{step}-{}", self.now.as_millisecond());
        self.letter(Subject::ChangeOfState, Recipient::Bank, &occasion);
        self.letter(Subject::ChangeOfState, Recipient::Merchant, &occasion);
    }

    /// Tells the production system and the payment server, as far as they know the merchant.
    fn undeclare(&mut self, operation: Operation) {
        for (file_type, _, state) in self.dossier.last_declared() {
            if state == DeclaredState::Held {
                self.recall(file_type);
            }
        }
        let mut told = false;
        for file_type in [FileType::Dpr, FileType::Sps, FileType::Dts] {
            // The test environment matters only to a merchant that is nowhere else, and who leaves.
            if file_type == FileType::Dts && (told || operation != Operation::Radiation) {
                continue;
            }
            let known = self.dossier.declared.iter().any(|declared| {
                declared.file_type == file_type
                    && matches!(
                        declared.state,
                        DeclaredState::Published | DeclaredState::Accepted | DeclaredState::Ready
                    )
            });
            if known {
                told = true;
                self.declare(file_type, operation);
            }
        }
    }

    pub(super) fn reopened(&mut self, by: &str) {
        self.touched_by(by);
        self.reach(Step::Forms);
        self.weigh();
        let occasion = format!("reopened-{}", self.now.as_millisecond());
        self.letter(Subject::ChangeOfState, Recipient::Bank, &occasion);
        if self.dossier.outcome(self.terms) == Outcome::Complete {
            self.send(&occasion);
        }
    }
}
