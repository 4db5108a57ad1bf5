//! Steps 5 and 8 to 10: what is declared, when it leaves, and what of it can still be taken back.

use std::collections::BTreeMap;

use super::Deciding;
use crate::domain::declaration::{Declaration, Departure, FileType, Operation};
use crate::domain::document::Sha256;
use crate::domain::dossier::{Declared, DeclaredState, Dossier};
use crate::domain::effect::Effect;
use crate::domain::field::{Extraction, Field, FieldKey, Value};
use crate::domain::outcome::{Outcome, is_firm};
use crate::domain::pieces::Piece;
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

    /// Declarations since the dossier was opened or last reopened.
    fn living(&self) -> &[Declared] {
        &self.declared[self.past.min(self.declared.len())..]
    }

    /// The last declaration of each type, with what became of it, in the order of the steps.
    pub(super) fn last_declared(&self) -> Vec<(FileType, Operation, DeclaredState)> {
        FileType::ALL
            .into_iter()
            .filter_map(|file_type| self.living().iter().rev().find(|declared| declared.file_type == file_type))
            .map(|declared| (declared.file_type, declared.operation, declared.state.clone()))
            .collect()
    }

    /// The last declaration of a type, of whatever time.
    pub(super) fn last_of(&mut self, file_type: FileType) -> Option<&mut Declared> {
        self.declared.iter_mut().rev().find(|declared| declared.file_type == file_type)
    }

    /// The receiver of this type's files knows the merchant: something went out, and no radiation after it.
    pub(super) fn is_known_by(&self, file_type: FileType) -> bool {
        self.last_out(file_type).is_some_and(|operation| operation != Operation::Radiation)
    }

    /// The receiver of this type's files has the merchant suspended.
    pub(super) fn is_suspended_by(&self, file_type: FileType) -> bool {
        self.last_out(file_type) == Some(Operation::Suspension)
    }

    fn last_out(&self, file_type: FileType) -> Option<Operation> {
        let mut out =
            self.declared.iter().rev().filter(|declared| declared.file_type == file_type && declared.state.is_out());
        out.next().map(|declared| declared.operation)
    }
}

impl Deciding<'_> {
    /// Declares a merchant at its step: a creation, or a modification where an earlier declaration stands.
    pub(super) fn declare_new(&mut self, file_type: FileType) {
        let known = self.dossier.is_known_by(file_type);
        self.declare(file_type, if known { Operation::Modification } else { Operation::Creation });
    }

    /// What was refused or taken back goes again, with its operation; a change of what nobody has accepted is a creation.
    pub(super) fn declare_again(&mut self, file_type: FileType, operation: Operation) {
        let nothing_to_change = operation == Operation::Modification && !self.dossier.is_known_by(file_type);
        self.declare(file_type, if nothing_to_change { Operation::Creation } else { operation });
    }

    /// Decides on a declaration: it leaves at once, waits for a second person, or for the batch of the day.
    pub(super) fn declare(&mut self, file_type: FileType, operation: Operation) {
        let declaration = self.declaration(file_type, operation);
        let leaves = self.terms.departures.of(file_type, operation);
        self.dossier.declared.push(Declared {
            file_type,
            operation,
            file: None,
            content: self.content(&declaration),
            state: waiting(leaves),
            pieces: declaration.pieces.iter().map(|piece| piece.sha256).collect(),
            given: BTreeMap::new(),
            at: self.now,
        });
        self.effects.push(Effect::Publish { declaration: Box::new(declaration), leaves });
    }

    /// Takes back what has not left.
    pub(super) fn recall(&mut self, file_type: FileType) {
        if let Some(last) = self.dossier.last_of(file_type)
            && last.state.waits()
        {
            last.state = DeclaredState::Recalled;
            self.effects.push(Effect::Recall { file_type });
        }
    }

    /// What is declared already becomes a modification; what has not left is taken back and made anew.
    pub(super) fn declare_changes(&mut self) {
        // A suspended merchant is declared as it then is when it resumes.
        if self.dossier.step == Step::Suspended {
            return;
        }
        let complete = self.dossier.outcome(self.terms) == Outcome::Complete;
        for (file_type, operation, state) in self.dossier.last_declared() {
            // Its report was taken back: the next one declares it anew.
            if file_type == FileType::Dpr && matches!(self.dossier.step, Step::Tests | Step::TestsPassed) {
                continue;
            }
            if state.waits() {
                let stands = complete && !self.content_differs(file_type) && !self.pieces_differ(file_type);
                if !stands {
                    self.recall(file_type);
                }
                // Nothing leaves while it is being corrected.
                if !stands && complete {
                    self.declare_again(file_type, operation);
                }
            } else if !complete {
                // What is out stands until the form is whole again.
            } else if self.dossier.is_known_by(file_type) {
                // It is out and cannot be caught: the change follows it.
                if self.content_differs(file_type) {
                    self.declare(file_type, Operation::Modification);
                }
            } else if !ends(operation) {
                // Refused, or taken back before anyone outside knew of it.
                self.declare(file_type, Operation::Creation);
            }
        }
        self.go_to_production();
    }

    /// Steps 9 and 10: registration, then at least one consultation user. Nothing leaves while the forms are being corrected.
    fn declare_step(&mut self) {
        let file_type = match self.dossier.step {
            Step::PaymentServer => FileType::Sps,
            Step::Users if !self.dossier.users().is_empty() => FileType::Uti,
            _ => return,
        };
        let declared = self.dossier.living().iter().any(|declared| declared.file_type == file_type);
        if !declared && self.dossier.outcome(self.terms) == Outcome::Complete {
            self.declare_new(file_type);
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
            self.declare_new(FileType::Dpr);
        }
    }

    /// The forms now say something else than the last declaration of this type that waits or is out.
    pub(super) fn content_differs(&self, file_type: FileType) -> bool {
        let now = self.content(&self.declaration(file_type, Operation::Creation));
        let stands = |last: &&Declared| last.file_type == file_type && (last.state.waits() || last.state.is_out());
        self.dossier.declared.iter().rev().find(stands).is_none_or(|last| last.content != now)
    }

    /// Other documents than those that wait with the last declaration of this type are now in force.
    pub(super) fn pieces_differ(&self, file_type: FileType) -> bool {
        let now = self.pieces(file_type);
        let last = self.dossier.declared.iter().rev().find(|last| last.file_type == file_type);
        last.is_some_and(|last| !last.pieces.iter().eq(now.iter().map(|piece| &piece.sha256)))
    }

    fn pieces(&self, file_type: FileType) -> Vec<Piece> {
        if self.terms.pieces && file_type.takes_documents() { self.dossier.pieces() } else { Vec::new() }
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
        let mut adhesion = values(dossier, dossier.adhesion.as_ref());
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
            fiche: values(dossier, dossier.fiche.as_ref()),
            allocated,
            pieces: self.pieces(file_type),
        }
    }
}

/// Ends or interrupts a merchant's being declared.
pub(super) fn ends(operation: Operation) -> bool {
    matches!(operation, Operation::Suspension | Operation::Radiation)
}

/// How a declaration that leaves so stands until it has left.
pub(super) fn waiting(leaves: Departure) -> DeclaredState {
    match leaves {
        Departure::Now => DeclaredState::Ready,
        Departure::Held => DeclaredState::Held,
        Departure::Batch => DeclaredState::Batched,
    }
}

/// Only firm values: what nobody has looked at never reaches a declaration.
fn values(dossier: &Dossier, form: Option<&Extraction>) -> BTreeMap<String, serde_json::Value> {
    let fields = form.into_iter().flat_map(|form| form.fields.iter().map(move |(key, field)| (form.kind, key, field)));
    let firm = fields.filter(|(kind, _, field)| dossier.is_firm(*kind, field));
    firm.map(|(_, key, field)| (key.to_string(), json(&field.value))).collect()
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
