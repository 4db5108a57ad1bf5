//! Steps 5 and 8 to 10: what is declared, what is answered, and what follows.

use std::collections::BTreeMap;

use super::{Deciding, Refusal};
use crate::domain::declaration::{Declaration, FileType, Operation};
use crate::domain::document::Sha256;
use crate::domain::dossier::{Declared, DeclaredState, Dossier};
use crate::domain::effect::Effect;
use crate::domain::event::Acknowledged;
use crate::domain::field::{Extraction, Value};
use crate::domain::notification::{Recipient, Subject};
use crate::domain::step::Step;

/// What the bank gives before production: without these there is no production declaration.
pub(in crate::domain) const NUMBERED: [&str; 3] = ["numero_affiliation", "numero_terminal", "code_mcc"];

impl Dossier {
    /// A number given after the deposit, else as printed on a form.
    #[must_use]
    pub fn number(&self, key: &str) -> Option<&Value> {
        let forms = [&self.adhesion, &self.fiche].into_iter().flatten();
        self.allocated.get(key).or_else(|| forms.filter_map(|form| form.value(key)).next())
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
            content: content(&declaration),
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
        let now = content(&self.declaration(file_type, Operation::Creation));
        self.dossier
            .declared
            .iter()
            .rev()
            .find(|last| last.file_type == file_type)
            .is_none_or(|last| last.content != now)
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
        let named = self.dossier.declared.iter_mut().rev().find(|declared| declared.file.as_deref() == Some(file));
        let declared = named.filter(|declared| declared.file_type == file_type).ok_or("unknown_declaration")?;
        let operation = declared.operation;
        match outcome {
            Acknowledged::Pending { .. } => return Ok(()),
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
                self.declare(FileType::Sps, Operation::Creation);
            }
            (FileType::Sps, Step::PaymentServer) => {
                self.reach(Step::Users);
                self.letter(Subject::ServerDone, Recipient::Merchant, file);
                self.letter(Subject::ServerDone, Recipient::Bank, file);
                self.declare_users();
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

    /// Step 10 needs at least one consultation user.
    pub(super) fn declare_users(&mut self) {
        let has_users = matches!(self.dossier.adhesion.as_ref().and_then(|form| form.value("utilisateurs")), Some(Value::Rows(rows)) if !rows.is_empty());
        let declared = self.dossier.declared.iter().any(|declared| declared.file_type == FileType::Uti);
        if self.dossier.step == Step::Users && has_users && !declared {
            self.declare(FileType::Uti, Operation::Creation);
        }
    }

    /// Step 8: after a favourable report, once the bank has given its numbers.
    pub(super) fn go_to_production(&mut self) {
        self.declare_users();
        if self.dossier.step == Step::TestsPassed && NUMBERED.iter().all(|key| self.dossier.number(key).is_some()) {
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
        self.touched_by(by);
        self.declare(file_type, operation);
        Ok(())
    }

    pub(super) fn released(&mut self, file: &str, by: &str) -> Result<(), Refusal> {
        let file_type = type_of(file).ok_or("unknown_declaration")?;
        if self.dossier.hands.iter().any(|hand| hand == by) {
            return Err("second_person");
        }
        let last = self.dossier.last_of(file_type).ok_or("unknown_declaration")?;
        match last.state {
            // The store sees it turn from held to ready, and lays it out anew with the date of today.
            DeclaredState::Held => last.state = DeclaredState::Ready,
            DeclaredState::Ready | DeclaredState::Published | DeclaredState::Accepted => {}
            _ => return Err("not_waiting"),
        }
        Ok(())
    }

    pub(super) fn release_refused(&mut self, file: &str, by: &str) -> Result<(), Refusal> {
        let file_type = type_of(file).ok_or("unknown_declaration")?;
        if self.dossier.hands.iter().any(|hand| hand == by) {
            return Err("second_person");
        }
        let last = self.dossier.last_of(file_type).ok_or("unknown_declaration")?;
        match last.state {
            DeclaredState::Held => self.recall(file_type),
            DeclaredState::Recalled => {}
            _ => return Err("not_waiting"),
        }
        Ok(())
    }
}

/// The type that a declaration's name begins with.
fn type_of(file: &str) -> Option<FileType> {
    [FileType::Dts, FileType::Dpr, FileType::Sps, FileType::Uti]
        .into_iter()
        .find(|known| file.starts_with(known.as_str()))
}

fn values(form: Option<&Extraction>) -> BTreeMap<String, serde_json::Value> {
    form.into_iter().flat_map(|form| &form.fields).map(|(key, field)| (key.to_string(), json(&field.value))).collect()
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

/// Hash of what a declaration says, whatever its operation.
fn content(declaration: &Declaration) -> Sha256 {
    let said = (&declaration.adhesion, &declaration.fiche, &declaration.allocated);
    Sha256::of(serde_json::to_string(&said).unwrap_or_default().as_bytes())
}
