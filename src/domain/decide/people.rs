//! Changes of mind: what people stop, suspend and take up again.

use super::Deciding;
use super::tested::OF_THE_GRID;
use crate::domain::declaration::{FileType, Operation};
use crate::domain::notification::{Recipient, Subject};
use crate::domain::outcome::Outcome;
use crate::domain::step::Step;

/// What a report on the tests leaves in the dossier.
const REPORTED: [&str; 4] = ["recette_favorable", "reference_pv_recette", "date_pv_recette", "tests_a_reprendre"];

impl Deciding<'_> {
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
        for key in REPORTED.into_iter().chain(OF_THE_GRID) {
            self.dossier.allocated.remove(key);
        }
        self.dossier.tests.clear();
        self.dossier.tested = None;
        self.reach(Step::Forms);
        self.weigh();
        let occasion = format!("reopened-{}", self.now.as_millisecond());
        self.letter(Subject::ChangeOfState, Recipient::Bank, &occasion);
        if self.dossier.outcome(self.terms) == Outcome::Complete {
            self.send(&occasion);
        }
    }
}
