//! Steps 6 and 7, and changes of mind: what people report, stop, suspend and take up again.

use jiff::civil::Date;

use super::Deciding;
use crate::domain::declaration::{FileType, Operation};
use crate::domain::dossier::DeclaredState;
use crate::domain::field::Value;
use crate::domain::notification::{Recipient, Subject};
use crate::domain::step::Step;

impl Deciding<'_> {
    pub(super) fn tests_reported(&mut self, favourable: bool, reference: &str, date: Date, failing: &[String]) {
        let reported = Value::Text(reference.to_owned());
        if self.dossier.allocated.get("reference_pv_recette") == Some(&reported) {
            return;
        }
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
        for file_type in [FileType::Dpr, FileType::Sps] {
            let known = self.dossier.declared.iter().any(|declared| {
                declared.file_type == file_type
                    && matches!(
                        declared.state,
                        DeclaredState::Published | DeclaredState::Accepted | DeclaredState::Ready
                    )
            });
            if known {
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
    }
}
