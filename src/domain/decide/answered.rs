//! What becomes of a declaration once it is out: gathered into a file, published, acknowledged, sent again.

use std::collections::BTreeMap;

use super::declared::ends;
use super::{Deciding, Refusal};
use crate::domain::declaration::{FileType, Operation};
use crate::domain::dossier::{Declared, DeclaredState};
use crate::domain::event::Acknowledged;
use crate::domain::field::Value;
use crate::domain::notification::{Recipient, Subject};
use crate::domain::outcome::Outcome;
use crate::domain::step::Step;

impl Deciding<'_> {
    /// The batch of the day was closed with this dossier in it. Nothing to gather: it was recalled meanwhile, and is left out.
    pub(super) fn gathered(&mut self, file_type: FileType) -> Result<(), Refusal> {
        let last = self.dossier.last_of(file_type).filter(|last| last.state == DeclaredState::Batched);
        last.ok_or("nothing_in_batch")?.state = DeclaredState::Ready;
        Ok(())
    }

    pub(super) fn published(&mut self, file_type: FileType, file: &str) {
        if self.dossier.declared.iter().any(|declared| declared.file.as_deref() == Some(file)) {
            return;
        }
        // Files of a type leave in their order: this is the oldest that has no name yet.
        let unnamed = self.dossier.declared.iter_mut().find(|declared| {
            declared.file_type == file_type && declared.file.is_none() && declared.state == DeclaredState::Ready
        });
        let Some(declared) = unnamed else { return };
        declared.file = Some(file.to_owned());
        declared.state = DeclaredState::Published;
        // From now on an answer is awaited.
        declared.at = self.now;
        let operation = declared.operation;
        match (file_type, operation) {
            (FileType::Dts | FileType::Sps, Operation::Creation) => {
                self.letter(Subject::DossierSent, Recipient::Monetique, file);
            }
            (FileType::Dpr, Operation::Creation) => self.letter(Subject::ProductionToDeclare, Recipient::Bank, file),
            (FileType::Uti, Operation::Creation) => self.letter(Subject::UsersToCreate, Recipient::Bank, file),
            (FileType::Dts | FileType::Sps, _) => self.letter(Subject::ChangeOfState, Recipient::Monetique, file),
            _ => self.letter(Subject::ChangeOfState, Recipient::Bank, file),
        }
    }

    pub(super) fn acknowledged(
        &mut self,
        file_type: FileType,
        file: &str,
        outcome: &Acknowledged,
    ) -> Result<(), Refusal> {
        let named = self.dossier.declared.iter().rposition(|declared| declared.file.as_deref() == Some(file));
        // An answer may be faster than the news that its file has left.
        let leaving = || {
            self.dossier.declared.iter().position(|declared| {
                declared.file_type == file_type && declared.file.is_none() && declared.state == DeclaredState::Ready
            })
        };
        let position = named.or_else(leaving).ok_or("unknown_declaration")?;
        let declared = &mut self.dossier.declared[position];
        if declared.file_type != file_type {
            return Err("unknown_declaration");
        }
        declared.file = Some(file.to_owned());
        let operation = declared.operation;
        let moves = position >= self.dossier.past && matches!(operation, Operation::Creation | Operation::Modification);
        match outcome {
            Acknowledged::Pending { .. } => {
                if declared.state == DeclaredState::Ready {
                    declared.state = DeclaredState::Published;
                }
                return Ok(());
            }
            Acknowledged::Accepted { numero_affiliation, numero_terminal, identifiant_sps } => {
                let numbers = [
                    ("numero_affiliation", numero_affiliation),
                    ("numero_terminal", numero_terminal),
                    ("identifiant_sps", identifiant_sps),
                ];
                let told: BTreeMap<&str, &String> =
                    numbers.into_iter().filter_map(|(key, number)| Some((key, number.as_ref()?))).collect();
                let contradicts =
                    |(key, number): (&&str, &&String)| declared.given.get(*key).is_some_and(|before| before != *number);
                if matches!(declared.state, DeclaredState::Rejected { .. }) || told.iter().any(contradicts) {
                    return Err("contradiction");
                }
                let repeated = declared.state == DeclaredState::Accepted;
                declared.state = DeclaredState::Accepted;
                for (key, number) in told {
                    // A repeat may say more than the first answer, never something else.
                    if declared.given.insert(key.to_owned(), number.clone()).is_none() {
                        self.dossier.allocated.insert(key.to_owned(), Value::Text(number.clone()));
                    }
                }
                if repeated {
                    self.go_to_production();
                    return Ok(());
                }
                self.accepted(file_type, moves, file);
            }
            Acknowledged::Rejected { reasons } => {
                match &declared.state {
                    DeclaredState::Rejected { .. } => return Ok(()),
                    DeclaredState::Accepted => return Err("contradiction"),
                    _ => declared.state = DeclaredState::Rejected { reasons: reasons.clone() },
                }
                self.letter(Subject::TestRejected, Recipient::Bank, file);
                self.letter(Subject::TestRejected, Recipient::Operations, file);
                self.mend_what_waits(file_type);
            }
        }
        Ok(())
    }

    /// The ordinary way on after an acceptance. A suspension, a radiation, what is answered after a reopening and what is answered at
    /// another step than its own moves nothing.
    fn accepted(&mut self, file_type: FileType, moves: bool, file: &str) {
        // Numbers may have come with it.
        self.go_to_production();
        match (file_type, self.dossier.step) {
            _ if !moves => self.tell_of_a_change(file),
            (FileType::Dts, Step::TestDeclaration) => {
                self.reach(Step::Tests);
                self.letter(Subject::TestDeclared, Recipient::Merchant, file);
                self.letter(Subject::TestDeclared, Recipient::Bank, file);
                self.letter(Subject::TestsStart, Recipient::Webmaster, file);
            }
            (FileType::Dpr, Step::Production) => {
                self.reach(Step::PaymentServer);
                self.letter(Subject::ProductionDone, Recipient::Merchant, file);
                self.go_to_production();
            }
            (FileType::Sps, Step::PaymentServer) => {
                self.reach(Step::Users);
                self.letter(Subject::ServerDone, Recipient::Merchant, file);
                self.letter(Subject::ServerDone, Recipient::Bank, file);
                self.go_to_production();
            }
            (FileType::Uti, Step::Users) => {
                self.reach(Step::Live);
                self.letter(Subject::UserAccess, Recipient::User, file);
                self.letter(Subject::Live, Recipient::Merchant, file);
                self.letter(Subject::Live, Recipient::Bank, file);
            }
            _ => self.tell_of_a_change(file),
        }
    }

    /// What waits to modify a creation that has just been refused must create; what waits to end it has nothing to end.
    fn mend_what_waits(&mut self, file_type: FileType) {
        let waits = self.dossier.last_of(file_type).filter(|last| last.state.waits()).map(|last| last.operation);
        let Some(operation) = waits.filter(|operation| *operation != Operation::Creation) else { return };
        if !self.dossier.is_known_by(file_type) {
            self.recall(file_type);
            if !ends(operation) {
                self.declare(file_type, Operation::Creation);
            }
        }
    }

    /// Someone's change is known where it was declared; a creation answered late is no change.
    fn tell_of_a_change(&mut self, file: &str) {
        let of_file = |declared: &&Declared| declared.file.as_deref() == Some(file);
        let change = self.dossier.declared.iter().find(of_file).is_some_and(|it| it.operation != Operation::Creation);
        if change && !self.dossier.step.is_closed() && self.dossier.step != Step::Suspended {
            self.letter(Subject::ChangeOfState, Recipient::Bank, &format!("accepted-{file}"));
            // The merchant once, when everyone who was told has taken it.
            let pending = |declared: &Declared| declared.state.waits() || declared.state == DeclaredState::Published;
            if !self.dossier.declared.iter().any(pending) {
                self.letter(Subject::ChangeOfState, Recipient::Merchant, &format!("accepted-{file}"));
            }
        }
    }

    pub(super) fn reissued(&mut self, file_type: FileType, by: &str) -> Result<(), Refusal> {
        let last = self.dossier.last_of(file_type).ok_or("unknown_declaration")?;
        let operation = last.operation;
        match last.state {
            DeclaredState::Rejected { .. } | DeclaredState::Recalled => {}
            _ => return Err("still_pending"),
        }
        let step = self.dossier.step;
        let fits = match operation {
            Operation::Suspension => step == Step::Suspended && self.dossier.is_known_by(file_type),
            Operation::Radiation => step.is_closed() && self.dossier.is_known_by(file_type),
            _ => !step.is_closed() && file_type.step() <= step.number(),
        };
        if !fits {
            return Err("not_at_this_step");
        }
        if !ends(operation) && self.dossier.outcome(self.terms) != Outcome::Complete {
            return Err("incomplete");
        }
        self.touched_by(by);
        self.declare_again(file_type, operation);
        Ok(())
    }
}
