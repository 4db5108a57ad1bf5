//! Steps 6 and 7, and changes of mind: what people report, stop, suspend and take up again.

use jiff::civil::Date;

use super::{Deciding, Refusal};
use crate::domain::declaration::{FileType, Operation};
use crate::domain::event::{TestResult, Verdict};
use crate::domain::field::Value;
use crate::domain::notification::{Recipient, Subject};
use crate::domain::outcome::Outcome;
use crate::domain::step::Step;

/// What a report on the tests leaves in the dossier.
const REPORTED: [&str; 4] = ["recette_favorable", "reference_pv_recette", "date_pv_recette", "tests_a_reprendre"];

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
        // Once the bank has the production declaration, the merchant is stopped by other orders.
        let out = self.dossier.last_declared().iter().any(|(of, _, state)| *of == FileType::Dpr && state.is_out());
        if self.dossier.step == Step::Production && out {
            return Err("already_declared");
        }
        self.touched_by(by);
        self.dossier.allocated.insert("recette_favorable".to_owned(), conclusion);
        self.dossier.allocated.insert("reference_pv_recette".to_owned(), reported);
        self.dossier.allocated.insert("date_pv_recette".to_owned(), Value::Text(date.to_string()));
        self.dossier.allocated.insert("tests_a_reprendre".to_owned(), Value::List(failing.to_vec()));
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

    /// Given up, refused, suspended, resumed, struck off: what has not left is taken back, and whoever knows the merchant is told.
    pub(super) fn change(&mut self, step: Step, operation: Operation, by: &str) {
        self.touched_by(by);
        self.reach(step);
        self.undeclare(operation);
        let occasion = format!("{step}-{}", self.now.as_millisecond());
        self.letter(Subject::ChangeOfState, Recipient::Bank, &occasion);
        self.letter(Subject::ChangeOfState, Recipient::Merchant, &occasion);
    }

    /// Tells the production system and the payment server, as far as they know the merchant.
    fn undeclare(&mut self, operation: Operation) {
        for file_type in FileType::ALL {
            self.recall(file_type);
        }
        let mut told = false;
        for file_type in [FileType::Dpr, FileType::Sps, FileType::Dts] {
            // The test environment matters only to a merchant that is nowhere else, and who leaves.
            if file_type == FileType::Dts && (told || operation != Operation::Radiation) {
                continue;
            }
            // A suspension that never left needs no end.
            let resumes = operation == Operation::Modification;
            if self.dossier.is_known_by(file_type)
                && (!resumes || self.dossier.is_suspended_by(file_type) || self.content_differs(file_type))
            {
                told = true;
                self.declare(file_type, operation);
            }
        }
    }

    /// Taken up again: the steps begin anew, and the tests with them. A radiation that has not left is taken back.
    pub(super) fn reopened(&mut self, by: &str) {
        self.touched_by(by);
        for file_type in FileType::ALL {
            self.recall(file_type);
        }
        self.dossier.past = self.dossier.declared.len();
        for key in REPORTED {
            self.dossier.allocated.remove(key);
        }
        self.reach(Step::Forms);
        self.weigh();
        let occasion = format!("reopened-{}", self.now.as_millisecond());
        self.letter(Subject::ChangeOfState, Recipient::Bank, &occasion);
        if self.dossier.outcome(self.terms) == Outcome::Complete {
            self.send(&occasion);
        }
    }
}
