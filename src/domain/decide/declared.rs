//! Steps 5 and 8 to 10: what is declared, what is answered, and what follows.

use std::collections::BTreeMap;

use super::{Deciding, Refusal};
use crate::domain::declaration::{Declaration, FileType, Operation};
use crate::domain::document::Sha256;
use crate::domain::dossier::{Declared, DeclaredState, Dossier};
use crate::domain::effect::Effect;
use crate::domain::event::Acknowledged;
use crate::domain::field::{Extraction, Field, FieldKey, Value};
use crate::domain::notification::{Recipient, Subject};
use crate::domain::outcome::{Outcome, is_firm};
use crate::domain::release::{self, NotYours, User};
use crate::domain::step::Step;

/// What the bank gives before production: without these there is no production declaration.
pub(in crate::domain) const NUMBERED: [&str; 3] = ["numero_affiliation", "numero_terminal", "code_mcc"];
/// Allocated by the other side in the course of the procedure.
const GIVEN_BY_OTHERS: [&str; 3] = ["numero_affiliation", "numero_terminal", "identifiant_sps"];
/// Printed on the form, and given anew by the bank when it must.
const CORRECTED_BY_THE_BANK: [&str; 2] = ["code_mcc", "utilisateurs"];

impl Dossier {
    /// A number given after the deposit, else as printed on a form where the reading is firm.
    #[must_use]
    pub fn number(&self, key: &str) -> Option<&Value> {
        let key = FieldKey::from(key);
        let forms = [&self.adhesion, &self.fiche].into_iter().flatten();
        let printed = forms.filter_map(|form| form.fields.get(&key)).find(|field| is_firm(field));
        self.allocated.get(key.as_str()).or(printed.map(|field| &field.value))
    }

    /// The consultation users: as the bank gave them since, else as printed on the form.
    #[must_use]
    pub fn users(&self) -> &[Vec<Field>] {
        match self.number("utilisateurs") {
            Some(Value::Rows(rows)) => rows,
            _ => &[],
        }
    }

    /// The last declaration of each type, with what became of it, in the order of the steps.
    pub(super) fn last_declared(&self) -> Vec<(FileType, Operation, DeclaredState)> {
        [FileType::Dts, FileType::Dpr, FileType::Sps, FileType::Uti]
            .into_iter()
            .filter_map(|file_type| self.declared.iter().rev().find(|declared| declared.file_type == file_type))
            .map(|declared| (declared.file_type, declared.operation, declared.state.clone()))
            .collect()
    }

    fn last_of(&mut self, file_type: FileType) -> Option<&mut Declared> {
        self.declared.iter_mut().rev().find(|declared| declared.file_type == file_type)
    }
}

impl Deciding<'_> {
    /// Decides on a declaration. Creations wait for release where the configuration says so; changes always do.
    pub(super) fn declare(&mut self, file_type: FileType, operation: Operation) {
        let declaration = self.declaration(file_type, operation);
        let test = file_type == FileType::Dts;
        let held = self.terms.held.contains(&file_type) || (operation != Operation::Creation && !test);
        self.dossier.declared.push(Declared {
            file_type,
            operation,
            file: None,
            content: self.content(&declaration),
            state: if held { DeclaredState::Held } else { DeclaredState::Ready },
            at: self.now,
        });
        self.effects.push(Effect::Publish { declaration: Box::new(declaration), held });
    }

    pub(super) fn recall(&mut self, file_type: FileType) {
        if let Some(last) = self.dossier.last_of(file_type)
            && last.state == DeclaredState::Held
        {
            last.state = DeclaredState::Recalled;
            self.effects.push(Effect::Recall { file_type });
        }
    }

    /// The forms now say something else than the last declaration of this type.
    pub(super) fn content_differs(&self, file_type: FileType) -> bool {
        let now = self.content(&self.declaration(file_type, Operation::Creation));
        self.dossier
            .declared
            .iter()
            .rev()
            .find(|last| last.file_type == file_type)
            .is_none_or(|last| last.content != now)
    }

    /// Hash of what a declaration says about the merchant, whatever its operation: the carried values that its records show. What the
    /// other side allocates in the course of the procedure is no change of the merchant.
    fn content(&self, declaration: &Declaration) -> Sha256 {
        let shows = |key: &String| {
            let users = key == "utilisateurs";
            let users_file = declaration.file_type == FileType::Uti;
            self.terms.carried.iter().any(|carried| carried.as_str() == key)
                && users == users_file
                && !GIVEN_BY_OTHERS.contains(&key.as_str())
        };
        let said = |values: &BTreeMap<String, serde_json::Value>| -> Vec<(String, serde_json::Value)> {
            values.iter().filter(|(key, _)| shows(key)).map(|(key, value)| (key.clone(), value.clone())).collect()
        };
        let sheet = if declaration.file_type == FileType::Dpr { Vec::new() } else { said(&declaration.fiche) };
        // Production and the payment server know the merchant by its numbers.
        let numbers: Vec<_> = ["numero_affiliation", "numero_terminal"]
            .iter()
            .filter(|_| matches!(declaration.file_type, FileType::Dpr | FileType::Sps))
            .filter_map(|key| declaration.allocated.get(*key))
            .collect();
        let all = serde_json::json!([said(&declaration.adhesion), sheet, numbers]);
        Sha256::of(all.to_string().as_bytes())
    }

    fn declaration(&self, file_type: FileType, operation: Operation) -> Declaration {
        let dossier = &self.dossier;
        let mut adhesion = values(dossier.adhesion.as_ref());
        if let Some(form) = &dossier.adhesion {
            for field in self.terms.counsel.derive(form) {
                adhesion.entry(field.key.to_string()).or_insert_with(|| json(&field.value));
            }
        }
        let mut allocated: BTreeMap<String, serde_json::Value> =
            dossier.allocated.iter().map(|(key, value)| (key.clone(), json(value))).collect();
        // What the bank has given since stands above the form.
        for key in CORRECTED_BY_THE_BANK {
            if let Some(value) = allocated.remove(key) {
                adhesion.insert(key.to_owned(), value.clone());
                allocated.insert(key.to_owned(), value);
            }
        }
        if let Some(bank) = self.terms.bank {
            let conditions = &bank.conditions;
            for (key, amount) in [
                ("plafond_transaction", conditions.plafond_transaction),
                ("plafond_jour", conditions.plafond_jour),
                ("commission_nationale", conditions.commission_nationale.into()),
                ("commission_internationale", conditions.commission_internationale.into()),
            ] {
                allocated.entry(key.to_owned()).or_insert_with(|| amount.into());
            }
        }
        let rib_bank = dossier.adhesion.as_ref().and_then(|form| form.text("rib")).and_then(|rib| rib.get(..2));
        let bank_code = self.terms.bank.map(|bank| bank.code.as_str()).or(rib_bank).unwrap_or("00").to_owned();
        Declaration {
            file_type,
            operation,
            dossier: dossier.reference.clone(),
            bank_code,
            adhesion,
            fiche: values(dossier.fiche.as_ref()),
            allocated,
        }
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
        match outcome {
            Acknowledged::Pending { .. } => {
                if declared.state == DeclaredState::Ready {
                    declared.state = DeclaredState::Published;
                }
                return Ok(());
            }
            Acknowledged::Accepted { numero_affiliation, numero_terminal, identifiant_sps } => {
                match &declared.state {
                    DeclaredState::Accepted => return Ok(()),
                    DeclaredState::Rejected { .. } => return Err("contradiction"),
                    _ => declared.state = DeclaredState::Accepted,
                }
                for (key, value) in [
                    ("numero_affiliation", numero_affiliation),
                    ("numero_terminal", numero_terminal),
                    ("identifiant_sps", identifiant_sps),
                ] {
                    if let Some(value) = value {
                        self.dossier.allocated.insert(key.to_owned(), Value::Text(value.clone()));
                    }
                }
                self.accepted(file_type, operation, file);
            }
            Acknowledged::Rejected { reasons } => {
                match &declared.state {
                    DeclaredState::Rejected { .. } => return Ok(()),
                    DeclaredState::Accepted => return Err("contradiction"),
                    _ => declared.state = DeclaredState::Rejected { reasons: reasons.clone() },
                }
                self.letter(Subject::TestRejected, Recipient::Bank, file);
                self.letter(Subject::TestRejected, Recipient::Operations, file);
            }
        }
        Ok(())
    }

    /// The ordinary way on after an acceptance; a change accepted moves nothing.
    fn accepted(&mut self, file_type: FileType, operation: Operation, file: &str) {
        // Numbers may have come with it.
        self.go_to_production();
        if operation != Operation::Creation {
            if !self.dossier.step.is_closed() {
                self.letter(Subject::ChangeOfState, Recipient::Bank, file);
            }
            return;
        }
        match (file_type, self.dossier.step) {
            (FileType::Dts, Step::TestDeclaration) => {
                self.reach(Step::Tests);
                self.letter(Subject::TestDeclared, Recipient::Merchant, file);
                self.letter(Subject::TestDeclared, Recipient::Bank, file);
                self.letter(Subject::TestsStart, Recipient::Webmaster, file);
            }
            (FileType::Dpr, Step::Production) => {
                self.reach(Step::PaymentServer);
                self.letter(Subject::ProductionDone, Recipient::Merchant, file);
                self.declare_step();
            }
            (FileType::Sps, Step::PaymentServer) => {
                self.reach(Step::Users);
                self.letter(Subject::ServerDone, Recipient::Merchant, file);
                self.letter(Subject::ServerDone, Recipient::Bank, file);
                self.declare_step();
            }
            (FileType::Uti, Step::Users) => {
                self.reach(Step::Live);
                self.letter(Subject::UserAccess, Recipient::User, file);
                self.letter(Subject::Live, Recipient::Merchant, file);
                self.letter(Subject::Live, Recipient::Bank, file);
            }
            _ => {}
        }
    }

    /// Steps 9 and 10: registration, then at least one consultation user. Nothing leaves while the forms are being corrected.
    pub(super) fn declare_step(&mut self) {
        let file_type = match self.dossier.step {
            Step::PaymentServer => FileType::Sps,
            Step::Users if !self.dossier.users().is_empty() => FileType::Uti,
            _ => return,
        };
        let declared = self.dossier.declared.iter().any(|declared| declared.file_type == file_type);
        if !declared && self.dossier.outcome(self.terms) == Outcome::Complete {
            self.declare(file_type, Operation::Creation);
        }
    }

    /// Step 8: after a favourable report, once the bank has given its numbers and nothing is being corrected.
    pub(super) fn go_to_production(&mut self) {
        self.declare_step();
        if self.dossier.step == Step::TestsPassed
            && self.dossier.outcome(self.terms) == Outcome::Complete
            && NUMBERED.iter().all(|key| self.dossier.number(key).is_some())
        {
            self.reach(Step::Production);
            self.declare(FileType::Dpr, Operation::Creation);
        }
    }

    pub(super) fn reissued(&mut self, file_type: FileType, by: &str) -> Result<(), Refusal> {
        let last = self.dossier.last_of(file_type).ok_or("unknown_declaration")?;
        let operation = last.operation;
        match last.state {
            DeclaredState::Rejected { .. } | DeclaredState::Recalled => {}
            _ => return Err("still_pending"),
        }
        let ends = matches!(operation, Operation::Suspension | Operation::Radiation);
        if !ends && self.dossier.outcome(self.terms) != Outcome::Complete {
            return Err("incomplete");
        }
        self.touched_by(by);
        self.declare(file_type, operation);
        Ok(())
    }

    pub(super) fn released(&mut self, file: &str, by: &User) -> Result<(), Refusal> {
        let file_type = type_of(file).ok_or("unknown_declaration")?;
        let last = self.dossier.last_of(file_type).ok_or("unknown_declaration")?;
        // Released already: the same order again changes nothing.
        if matches!(last.state, DeclaredState::Ready | DeclaredState::Published | DeclaredState::Accepted) {
            return Ok(());
        }
        release::decide(by, &self.dossier, file_type).map_err(NotYours::gate)?;
        if let Some(last) = self.dossier.last_of(file_type) {
            // The store sees it turn from held to ready, and lays it out anew with the date of today.
            last.state = DeclaredState::Ready;
        }
        Ok(())
    }

    pub(super) fn release_refused(&mut self, file: &str, reason: &str, by: &User) -> Result<(), Refusal> {
        let file_type = type_of(file).ok_or("unknown_declaration")?;
        if reason.trim().is_empty() {
            return Err("reason_needed");
        }
        let last = self.dossier.last_of(file_type).ok_or("unknown_declaration")?;
        if last.state == DeclaredState::Recalled {
            return Ok(());
        }
        release::decide(by, &self.dossier, file_type).map_err(NotYours::gate)?;
        self.recall(file_type);
        Ok(())
    }
}

/// The type that a declaration's name begins with.
fn type_of(file: &str) -> Option<FileType> {
    [FileType::Dts, FileType::Dpr, FileType::Sps, FileType::Uti]
        .into_iter()
        .find(|known| file.starts_with(known.as_str()))
}

/// Only firm values: what nobody has looked at never reaches a declaration.
fn values(form: Option<&Extraction>) -> BTreeMap<String, serde_json::Value> {
    let fields = form.into_iter().flat_map(|form| &form.fields).filter(|(_, field)| is_firm(field));
    fields.map(|(key, field)| (key.to_string(), json(&field.value))).collect()
}

/// A value as declarations carry it: rows as objects by column.
fn json(value: &Value) -> serde_json::Value {
    match value {
        Value::Rows(rows) => rows
            .iter()
            .map(|row| {
                row.iter().map(|cell| (cell.key.to_string(), json(&cell.value))).collect::<serde_json::Map<_, _>>()
            })
            .map(serde_json::Value::Object)
            .collect(),
        Value::Flag(flag) => (*flag).into(),
        Value::Text(text) => text.as_str().into(),
        Value::List(items) => items.iter().map(String::as_str).collect(),
    }
}
